import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paletteLines } from '../../../renderer/app/palette';
import { matches } from '../../../renderer/features/fleet/overview/fleet-query';
import { beginsWithMost, instanceRows } from '../../../renderer/features/fleet/overview/instance-rows';
import { asksForMenu } from '../../../renderer/ui/context-menu';
import { actsOf, clientCommand, isFoundBy, searchTexts } from '../../../renderer/ui/instance-acts';
import type { ActReading, InstanceAct } from '../../../renderer/ui/instance-acts';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { translator } from '../../../shared/i18n/translate';
import { sampleFleet } from '../../fixtures/renderer-fleet';

const now = 1_700_000_000_000;
const fleet = sampleFleet(now);
const t = translator('en');
const reading = (view: InstanceView, over: Partial<ActReading> = {}): ActReading => ({
  view, source: fleet.instances.find(({ instance }) => instance.id === view.sourceId), t, refusalOf: () => null, operations: true,
  dialogs: { 'switch': 1, 'fence': 1, 'add-standby': 1, 'set-password': 1, 'edit-instance': 1, 'remove-instance': 1 }, pages: { instance: 1, dependencies: 1 }, ...over,
});
const idsOf = (view: InstanceView, over: Partial<ActReading> = {}): InstanceAct[] => actsOf(reading(view, over)).map(({ id }) => id);

const clock = { now, staleAfterMs: 10_000 };

describe('the acts of an instance', () => {
  it('are those of its role: a standby can take over, a primary can be protected', () => {
    const standby = fleet.instances.find(({ role, facts }) => role === 'standby' && (facts?.channels.length ?? 0) > 0);
    const primary = fleet.instances.find(({ role }) => role === 'primary');
    if (standby === undefined || primary === undefined) throw new Error('The sample fleet lacks a pair.');
    expect(idsOf(standby)).toEqual(expect.arrayContaining(['open', 'dependencies', 'switch', 'emergency', 'edit', 'remove']));
    expect(idsOf(standby)).not.toContain('fence');
    expect(idsOf(primary)).toContain('add-standby');
    expect(idsOf(primary)).not.toContain('switch');
  });

  it('offer the fence, and no switch, where an old primary is back', () => {
    const primary = fleet.instances.find(({ role }) => role === 'primary');
    if (primary === undefined) throw new Error('The sample fleet has no primary.');
    const fenced = idsOf({ ...primary, role: 'fenced' });
    expect(fenced).toContain('fence');
    expect(fenced).not.toContain('add-standby');
  });

  it('stay in their place and say why where somebody else is at work; what is not built is not there', () => {
    const standby = fleet.instances.find(({ role, facts }) => role === 'standby' && (facts?.channels.length ?? 0) > 0);
    if (standby === undefined) throw new Error('The sample fleet has no standby.');
    const busy = actsOf(reading(standby, { refusalOf: () => 'Not now, it is taken.' }));
    expect(busy.find(({ id }) => id === 'switch')?.refusal).toBe('Not now, it is taken.');
    expect(busy.find(({ id }) => id === 'edit')?.refusal).toBeNull();
    expect(idsOf(standby, { dialogs: {}, pages: {} })).toEqual(['copy-address', 'copy-command']);
  });

  it('begin a backup of every role, where that is built', () => {
    const dialogs = { 'backup-now': 1 };
    for (const view of fleet.instances) expect(actsOf(reading(view, { dialogs })).find(({ id }) => id === 'back-up')).toMatchObject({ label: 'Back up now…', refusal: null });
    expect(idsOf(fleet.instances[0]!, { dialogs: {} })).not.toContain('back-up');
  });

  it('give the reason why no standby can be added, as the page does', () => {
    const primary = fleet.instances.find(({ role }) => role === 'primary');
    if (primary === undefined) throw new Error('The sample fleet has no primary.');
    const obstacle = { key: 'fleet.obstacle.gtid-online', params: { mode: 'OFF' } } as const;
    const act = actsOf(reading({ ...primary, standbyObstacle: obstacle })).find(({ id }) => id === 'add-standby');
    expect(act?.refusal).toBe(t.message(obstacle));
  });
});

describe('the command for a terminal', () => {
  it('asks for the password itself and connects as the instance does', () => {
    expect(clientCommand({ admin: { host: 'db1.example', port: 3307 }, user: 'admin', tls: { mode: 'verify', ca: null } }))
      .toBe('mysql --host=db1.example --port=3307 --user=admin --password --ssl-mode=VERIFY_CA');
  });

  it('never lets a name out of its quotes', () => {
    fc.assert(fc.property(fc.string({ minLength: 1, maxLength: 32 }), (user) => {
      const command = clientCommand({ admin: { host: 'h', port: 1 }, user, tls: { mode: 'off', ca: null } });
      const word = command.slice(command.indexOf('--user=') + '--user='.length, command.indexOf(' --password --ssl-mode'));
      const plain = /^[\w@%+=:,./-]+$/.test(word);
      // Within quotes a shell reads everything up to the next quote; each quote of the name is closed, escaped and opened again.
      const quoted = word.startsWith("'") && word.endsWith("'") && word.slice(1, -1).replaceAll(String.raw`'\''`, '') .indexOf("'") === -1;
      expect(plain || quoted).toBe(true);
    }));
  });
});

describe('search', () => {
  const shown = (search: string): string[] => fleet.instances.filter((view) => matches(view, { filter: 'all', regionId: null, search }, '', '', clock)).map(({ instance }) => instance.name);

  it('finds by host and port, in one word or in two', () => {
    const { instance } = fleet.instances[0] as InstanceView;
    expect(shown(`${instance.admin.host}:${instance.admin.port}`)).toContain(instance.name);
    expect(shown(`${instance.admin.port} ${instance.admin.host.toUpperCase()}`)).toContain(instance.name);
    expect(shown('no-such-host 3306')).toEqual([]);
  });

  it('finds an IPv6 address as it is written, and the replication endpoint', () => {
    const texts = searchTexts({ name: 'x', admin: { host: 'fd00::1', port: 3306 }, replication: { host: 'inner', port: 3310 } });
    expect(isFoundBy('[fd00::1]:3306', texts)).toBe(true);
    expect(isFoundBy('inner:3310', texts)).toBe(true);
    expect(isFoundBy('inner:3306', texts)).toBe(false);
  });

  it('takes every word: what is found by more words is found by fewer', () => {
    fc.assert(fc.property(fc.array(fc.string(), { maxLength: 3 }), fc.string(), fc.string(), (texts, one, other) => {
      if (isFoundBy(`${one} ${other}`, texts)) expect(isFoundBy(one, texts)).toBe(true);
    }));
  });
});

describe('the palette', () => {
  const lines = (query: string, refused = false): ReturnType<typeof paletteLines> =>
    paletteLines(query, fleet.instances, () => 'Shanghai', (view) => actsOf(reading(view, refused ? { refusalOf: () => 'taken' } : {})));

  it('offers acts by the words of the act and of the instance', () => {
    const standby = fleet.instances.find(({ role, facts }) => role === 'standby' && (facts?.channels.length ?? 0) > 0);
    if (standby === undefined) throw new Error('The sample fleet has no standby.');
    const found = lines(`planned ${standby.instance.name}`);
    expect(found.acts.map(({ act, view }) => [act?.id, view.instance.id])).toContainEqual(['switch', standby.instance.id]);
    expect(lines(`planned ${standby.instance.admin.host}:${standby.instance.admin.port}`).acts.length).toBeGreaterThan(0);
  });

  it('offers no act that would be refused, and none before something is asked for', () => {
    expect(lines('planned', true).acts.filter(({ act }) => act?.id === 'switch')).toEqual([]);
    expect(lines('').acts).toEqual([]);
    expect(lines('no such words anywhere')).toEqual({ instances: [], acts: [] });
  });

  it('stays short in a fleet of a thousand', () => {
    const [first] = fleet.instances;
    if (first === undefined) throw new Error('The sample fleet is empty.');
    const many = Array.from({ length: 1000 }, (_, index) => ({ ...first, instance: { ...first.instance, id: `i${index}`, name: `db-${index}` } }));
    const found = paletteLines('db', many, () => '', (view) => actsOf(reading(view)));
    expect(found.instances.length).toBeLessThanOrEqual(8);
    expect(found.acts.length).toBeLessThanOrEqual(12);
  });
});

describe('sorted by lag', () => {
  const of = (name: string, over: Partial<InstanceView>): InstanceView => {
    const base = fleet.instances.find(({ lag }) => lag !== null);
    if (base === undefined) throw new Error('The sample fleet has no lag.');
    return { ...base, health: { ...base.health, state: 'reachable' }, ...over, instance: { ...base.instance, id: name, name } };
  };
  const lag = (over: Partial<NonNullable<InstanceView['lag']>>): InstanceView['lag'] => ({
    state: 'behind', seconds: 1, measure: 'applier-timestamps', toReceive: 0, toApply: 0, bytes: null, standbyAt: now, sourceAt: now, ...over,
  });
  const views = [
    of('equal', { lag: lag({ state: 'caught-up', seconds: 0 }) }), of('none', { lag: null, role: 'primary' }), of('slow', { lag: lag({ seconds: 7200 }) }),
    of('broken', { lag: lag({ state: 'not-replicating', seconds: null }) }), of('timeless', { lag: lag({ seconds: null, toReceive: 3 }) }),
    of('away', { lag: lag({ seconds: 0.01 }), health: { ...of('x', {}).health, state: 'unreachable' } }),
  ];
  const sorted = (down: boolean): string[] =>
    instanceRows({ instances: views, regions: [], projects: [] }, { filter: 'all', regionId: null, search: '' }, { column: 'lag', down }, clock).map(({ view }) => view.instance.name);

  it('the worst is first: broken, then unknown, then by time; what has none is last', () => {
    expect(beginsWithMost('lag')).toBe(true);
    expect(beginsWithMost('name')).toBe(false);
    expect(sorted(false)).toEqual(['broken', 'away', 'timeless', 'slow', 'equal', 'none']);
    expect(sorted(true)).toEqual(['none', 'equal', 'slow', 'timeless', 'away', 'broken']);
  });

  it('what was not read yet is not among the problems', () => {
    const unread = of('unread', { lag: null, problems: [], health: { ...of('x', {}).health, state: 'unknown' } });
    expect(matches(unread, { filter: 'problems', regionId: null, search: '' }, '', '', clock)).toBe(false);
    expect(matches(of('away', { health: { ...of('x', {}).health, state: 'unreachable' } }), { filter: 'problems', regionId: null, search: '' }, '', '', clock)).toBe(true);
  });
});

it.each([[{ key: 'ContextMenu', shiftKey: false }, true], [{ key: 'F10', shiftKey: true }, true], [{ key: 'F10', shiftKey: false }, false], [{ key: 'Enter', shiftKey: true }, false]])(
  'the key %j asks for the menu: %s', (event, expected) => {
    expect(asksForMenu(event)).toBe(expected);
  },
);
