import { describe, expect, it } from 'vitest';
import { incidentsOf } from '../../../shared/domain/analysis/incident';
import { groupIncidents, type ToldIncident } from '../../../shared/domain/analysis/incident-groups';
import { MadeUpFleet } from '../../fixtures/made-up-fleet';
import { sampleFleet } from '../../fixtures/renderer-fleet';

const now = 1_800_000_000_000;
const clock = { now, staleAfterMs: 60_000 };
const idsOf = (told: readonly ToldIncident[]): string[] => told.flatMap((one) => (one.kind === 'one' ? [one.incident.id] : one.incidents.map(({ id }) => id)));

describe('incidents by cause and region', () => {
  it('tell of a region that is gone once, with how many of how many, and since when', () => {
    const { instances } = new MadeUpFleet(500, 'r0').snapshot(now);
    const incidents = incidentsOf(instances, clock);
    const told = groupIncidents(incidents, instances);
    const size = instances.filter(({ instance }) => instance.regionId === 'r0').length;
    expect(incidents.length).toBeGreaterThanOrEqual(size);
    const [primaries, servers] = told;
    expect(servers).toMatchObject({ kind: 'group', of: 'servers', code: 'unreachable', regionId: 'r0', severity: 'critical', affected: size, size, since: now - 590_000 });
    // Primaries are told apart, with what can be done about them.
    const down = incidents.filter(({ kind }) => kind === 'primary-down');
    expect(primaries).toMatchObject({
      kind: 'group', of: 'primaries', incidents: down, promotable: down.filter(({ act }) => act?.kind === 'promote').length, heard: down.filter((one) => one.down?.verdict === 'only-from-here').length,
    });
    expect(down.length).toBeGreaterThan(4);
    expect(told.length).toBeLessThan(20);
    expect(idsOf(told).sort()).toEqual(incidents.map(({ id }) => id).sort());
  });

  it('leave a few as they are, in their order', () => {
    const { instances } = sampleFleet(now);
    const incidents = incidentsOf(instances, clock);
    expect(groupIncidents(incidents, instances)).toEqual(incidents.map((incident) => ({ kind: 'one', id: incident.id, incident })));
  });

  it('never fold a primary away among other servers', () => {
    const { instances } = new MadeUpFleet(500, 'r0').snapshot(now);
    const incidents = incidentsOf(instances, clock);
    const four = [...incidents.filter(({ kind }) => kind === 'server-down').slice(0, 9), ...incidents.filter(({ kind }) => kind === 'primary-down').slice(0, 4)];
    const told = groupIncidents(four, instances);
    expect(told.map((one) => (one.kind === 'group' ? one.of : one.incident.kind))).toEqual(['servers', 'primary-down', 'primary-down', 'primary-down', 'primary-down']);
  });

  it('never fold two writable servers away among others', () => {
    const { instances } = new MadeUpFleet(40).snapshot(now);
    const split = instances.slice(0, 20).map((view) => ({ ...view, problems: [{ code: 'fenced-writable' as const, severity: 'critical' as const, instanceId: view.instance.id, params: {} }] }));
    const told = groupIncidents(incidentsOf(split, clock), split);
    expect(told.length).toBe(20);
    expect(told.every(({ kind }) => kind === 'one')).toBe(true);
  });
});
