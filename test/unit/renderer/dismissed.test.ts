import { expect, it } from 'vitest';
import { keysOf, stillThere } from '../../../renderer/app/dismissed';
import { incidentsOf, type Incident } from '../../../shared/domain/analysis/incident';
import { instanceView } from '../../fixtures/renderer-fleet';

const now = 1_800_000_000_000;
const clock = { now, staleAfterMs: 60_000 };
const split = (others: readonly number[]): readonly Incident[] => incidentsOf([1, ...others].map((number) => {
  const view = instanceView(number, { id: `i${number}`, region: 'gz', role: 'primary', source: 's' });
  const names = [1, ...others].filter((other) => other !== number).map((other) => instanceView(other, { id: `i${other}`, region: 'gz', role: 'primary', source: 's' }).instance.name);
  return { ...view, problems: [{ code: 'two-writable-members' as const, severity: 'critical' as const, instanceId: view.instance.id, params: { others: names.join(', ') } }] };
}), clock);
const keys = (incidents: readonly Incident[]): ReadonlySet<string> => new Set(incidents.flatMap((incident) => keysOf({ kind: 'one', id: incident.id, incident })));

it('a split brain that was dismissed comes back when it comes again, and is another one with other servers', () => {
  const first = split([2]);
  expect(first).toMatchObject([{ kind: 'split-brain' }]);
  const dismissed = keys(first);
  expect(stillThere(dismissed, first)).toBe(dismissed);
  expect([...stillThere(dismissed, [])]).toEqual([]);
  expect([...stillThere(dismissed, split([3]))]).toEqual([]);
});
