import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { absentSeries } from '../../../shared/domain/monitoring/absent';
import { factValues } from '../../../shared/domain/monitoring/fact-values';
import { escapeLabel, prometheusText, type Exported } from '../../../shared/domain/monitoring/prometheus';
import type { RawSample } from '../../../shared/domain/monitoring/rates';
import { rawNames } from '../../../shared/domain/monitoring/series';
import { analyseFleet, noMemory } from '../../../shared/domain/analysis/analysis';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { facts, member, standby, T0, uuidOfNumber } from '../../fixtures/facts';

const viewsOf = (members: Parameters<typeof analyseFleet>[0]): readonly InstanceView[] => analyseFleet(members, noMemory, T0 + 1_000, 30, 'r').views;
const only = (view: InstanceView | undefined): InstanceView => {
  if (view === undefined) throw new Error('no view');
  return view;
};
const raws = Object.fromEntries(rawNames.map((name, at) => [name, at + 1]));
const sample: RawSample = { at: T0, steadyMs: 0, uptimeSeconds: 60, raw: raws, own: { questions: 0, selects: 0 } };
const text = (...instances: Exported[]): string => prometheusText(instances, (id) => `what ${id} means\nin "words"`);

describe('the text for Prometheus', () => {
  const view = only(viewsOf([member(1)])[0]);

  it('has a line of help and of type before the values of each family, once', () => {
    const lines = text({ view, region: 'North', project: 'shop', sample }, { view: only(viewsOf([member(2)])[0]), region: 'South', project: '', sample }).split('\n');
    expect(lines.at(-1)).toBe('');
    const names = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
    expect(new Set(names).size).toBe(names.length);
    const at = lines.indexOf('# TYPE antipode_mysql_slow_statements_total counter');
    expect(lines.slice(at - 1, at + 3)).toEqual([
      '# HELP antipode_mysql_slow_statements_total what slow_statements means\\nin "words"',
      '# TYPE antipode_mysql_slow_statements_total counter',
      expect.stringMatching(/^antipode_mysql_slow_statements_total\{instance="orders-1",region="North",project="shop"\} \d+$/),
      expect.stringMatching(/^antipode_mysql_slow_statements_total\{instance="orders-2",region="South"\} \d+$/),
    ]);
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z][a-z_]*\{[a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*\} -?[0-9.e+-]+)$/);
  });

  it('says that an instance is not there, and nothing of its values', () => {
    const away = only(viewsOf([member(1, { health: 'unreachable' })])[0]);
    const lines = text({ view: away, region: 'North', project: '', sample: null }).split('\n').filter((line) => !line.startsWith('#'));
    expect(lines).toContain('antipode_up{instance="orders-1",region="North"} 0');
    expect(lines.filter((line) => line.startsWith('antipode_mysql') || line.startsWith('antipode_lag'))).toEqual([]);
  });

  it('says of what is not watched that it is not, and neither that it is there nor that it is not', () => {
    const of = member(1, { health: 'unreachable' });
    const paused = { by: 'ann', since: 1, until: null, note: '' };
    const told = text({ view: only(viewsOf([{ ...of, instance: { ...of.instance, attention: { paused } } }])[0]), region: 'North', project: '', sample: null });
    expect(told).not.toMatch(/^antipode_(up|problems)/m);
    expect(told).toMatch(/^antipode_watched\{[^}]*\} 0$/m);
  });

  it('leaves the lag out where nothing replicates: a stopped replica is not one without lag', () => {
    const stopped = only(viewsOf([member(1), member(2, { region: 'r2', facts: standby(1, { applier: 'stopped' }) })])[1]);
    const told = text({ view: stopped, region: 'S', project: '', sample: null });
    expect(told).not.toMatch(/^antipode_lag_seconds/m);
    expect(told).toMatch(/^antipode_replicating\{[^}]*\} 0$/m);
  });

  it('keeps every name within its quotes, and every line a line', () => {
    expect(escapeLabel('a"b\\c\nd')).toBe('a\\"b\\\\c\\nd');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (name) => {
      const escaped = escapeLabel(name);
      expect(escaped).not.toMatch(/\n/);
      expect(escaped.replace(/\\(["\\n])/g, (_all, one: string) => (one === 'n' ? '\n' : one))).toBe(name);
      expect(/^([^"\\]|\\["\\n])*$/s.test(escaped)).toBe(true);
    }));
  });
});

describe('values from the readings of the fleet', () => {
  const A = uuidOfNumber(1);
  const replica = (change: Parameters<typeof standby>[1], executed: string, at: number) => standby(1, change, { executed, at });
  const seen = (change: Parameters<typeof standby>[1] = {}, executed = `${A}:1-100`, at = T0): InstanceView =>
    only(viewsOf([member(1, { facts: facts(1, { executed: `${A}:1-110`, at }) }), member(2, { region: 'r2', facts: replica(change, executed, at) })])[1]);

  it('are the lag as the fleet concludes it, and no 0 while it does not replicate', () => {
    expect(factValues(seen({ received: `${A}:101-106` }), null, T0 + 500, 5_000)).toMatchObject({ toReceive: 4, toApply: 6, lagTransactions: 10, relayLogBytes: 500 });
    expect(factValues(seen({ applier: 'stopped' }), null, T0 + 500, 5_000)).toMatchObject({ lagSeconds: null, toReceive: 10 });
  });

  it('are rates over two readings, and a gap over one, over a long time, and after a reset', () => {
    const before = replica({}, `${A}:1-60`, T0 - 2_000);
    expect(factValues(seen(), before, T0, 5_000)).toMatchObject({ applyRate: 20 });
    expect(factValues(seen(), null, T0, 5_000)).toMatchObject({ applyRate: null, binlogRate: null });
    expect(factValues(seen(), replica({}, `${A}:1-60`, T0 - 9_000), T0, 5_000)).toMatchObject({ applyRate: null });
    expect(factValues(seen(), replica({}, `${A}:1-200`, T0 - 2_000), T0, 5_000)).toMatchObject({ applyRate: null });
  });

  it('tell no rate of a log that was rotated', () => {
    const grown = only(viewsOf([member(1, { facts: facts(1, { binlog: { file: 'b.2', position: 9_000 } }) })])[0]);
    const then = (file: string) => facts(1, { binlog: { file, position: 5_000 }, at: T0 - 2_000 });
    expect(factValues(grown, then('b.2'), T0, 5_000)).toMatchObject({ binlogRate: 2_000, applyRate: null });
    expect(factValues(grown, then('b.1'), T0, 5_000)).toMatchObject({ binlogRate: null });
  });

  it('are none of a reading that is old, or of a server that is away', () => {
    expect(Object.values(factValues(seen(), null, T0 + 6_000, 5_000)).every((value) => value === null)).toBe(true);
    expect(Object.values(factValues({ ...seen(), health: { ...seen().health, state: 'unreachable' } }, null, T0, 5_000)).every((value) => value === null)).toBe(true);
  });
});

describe('series that an instance does not have', () => {
  const raw = sample.raw;
  const absent = (change: Partial<Parameters<typeof absentSeries>[0]>): Record<string, unknown> =>
    Object.fromEntries(absentSeries({ sample: { raw }, facts: facts(1), refusedGrant: null, account: "'root'", ...change }).map(({ id, reason }) => [id, reason]));

  it('are those of a replica where it is none', () => {
    expect(Object.values(absent({})).every((reason) => (reason as { kind: string }).kind === 'not-replica')).toBe(true);
    expect(absent({ facts: standby() })).toEqual({});
  });

  it('name the right that is missing, or that the server does not tell it', () => {
    const { ['metric.lock_deadlocks']: _left, checkpoint_age: _out, ...without } = raw;
    expect(absent({ sample: { raw: without }, refusedGrant: 'GRANT X' })).toMatchObject({ deadlocks: { kind: 'privilege', grant: 'GRANT X' }, checkpoint_age: { kind: 'privilege' } });
    expect(absent({ sample: { raw: without } })).toMatchObject({ deadlocks: { kind: 'not-told' } });
    const unread = facts(1, { unread: [{ fact: 'channels', reason: 'denied' }, { fact: 'binlog', reason: 'denied' }] });
    expect(absent({ facts: unread })).toMatchObject({
      lag_seconds: { kind: 'privilege', grant: "GRANT REPLICATION CLIENT ON *.* TO 'root'" }, binlog_rate: { kind: 'privilege' },
    });
  });

  it('are told as not read before the first sample, and as not logged without a binary log', () => {
    expect(absent({ sample: null, facts: null })).toMatchObject({ qps: { kind: 'not-read' }, lag_seconds: { kind: 'not-read' } });
    expect(absent({ facts: { ...facts(1, { server: { logBin: false } }), binlog: null } })).toMatchObject({ write_transactions: { kind: 'not-logging' }, binlog_rate: { kind: 'not-logging' } });
  });
});
