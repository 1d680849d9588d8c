import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { needPassword, passwordGroups } from '../../../renderer/features/fleet/inventory/missing-passwords';
import { eachOf } from '../../../renderer/ui/many';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { sampleFleet } from '../../fixtures/renderer-fleet';

const [first] = sampleFleet(1_700_000_000_000).instances;
const server = (name: string, user: string, regionId: string, passwordKnown = false): InstanceView => {
  if (first === undefined) throw new Error('The sample fleet is empty.');
  return { ...first, passwordKnown, instance: { ...first.instance, id: name, name, user, regionId } };
};
const regionOf = (view: InstanceView): string => view.instance.regionId;
const views = [server('b', 'admin', 'sh'), server('a', 'admin', 'sh'), server('c', 'admin', 'gz'), server('d', 'dba', 'gz'), server('known', 'dba', 'gz', true)];

describe('passwords for many servers', () => {
  it('are asked for where they are not known', () => {
    expect(needPassword(views).map(({ instance }) => instance.name)).toEqual(['b', 'a', 'c', 'd']);
  });

  it.each([
    ['user-region', [['c'], ['a', 'b'], ['d']]],
    ['user', [['c', 'a', 'b'], ['d']]],
    ['region', [['c', 'd'], ['a', 'b']]],
    ['server', [['c'], ['a'], ['b'], ['d']]],
  ] as const)('are one entry by %s', (grouping, expected) => {
    const groups = passwordGroups(needPassword(views), regionOf, grouping);
    expect(groups.map(({ instances }) => instances.map(({ instance }) => instance.name))).toEqual(expected);
  });

  it('leave no server out and take none twice, however they are put together', () => {
    const any = fc.array(fc.record({ name: fc.uuid(), user: fc.constantFrom('a', 'b', 'a"]'), region: fc.constantFrom('x', 'y') }), { maxLength: 30 });
    fc.assert(fc.property(any, fc.constantFrom('user-region', 'user', 'region', 'server'), (list, grouping) => {
      const servers = list.map(({ name, user, region }) => server(name, user, region));
      const names = passwordGroups(servers, regionOf, grouping as 'user').flatMap(({ instances }) => instances.map(({ instance }) => instance.name));
      expect([...names].sort()).toEqual(list.map(({ name }) => name).sort());
    }));
  });

  it('are given to few servers at the same time, and to all', async () => {
    let at = 0;
    let most = 0;
    const seen: number[] = [];
    await eachOf(Array.from({ length: 40 }, (_, index) => index), 6, async (item) => {
      at += 1;
      most = Math.max(most, at);
      await Promise.resolve();
      seen.push(item);
      at -= 1;
    });
    expect(most).toBe(6);
    expect(seen).toHaveLength(40);
  });
});
