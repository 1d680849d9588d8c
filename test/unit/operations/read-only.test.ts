import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delayBefore, endsAt, lagBeyondDelay, leftUntilDue, nothingNoted, readOnlyView, transactionWords, type RunTarget } from '../../../shared/domain/operations/read-only/read-only';
import { restartWarning, taskInTheWay } from '../../../shared/domain/operations/read-only/restart';
import type { TaskState, TaskView } from '../../../shared/domain/tasks/task';
import { translator } from '../../../shared/i18n/translate';
import { channel, facts, member } from '../../fixtures/facts';

const gtid = (n: number): string => `3e11fa47-71ca-11e1-9e33-c80aa9429562:${String(n)}`;

describe('lag beyond a wanted delay', () => {
  it.each([
    ['caught-up', 3600, 3600, 0], ['behind', 3590, 3600, 0], ['behind', 3660, 3600, 60], ['behind', 4, 0, 4],
    ['not-replicating', 10, 0, null], ['unknown', 10, 0, null], ['behind', null, 0, null],
  ] as const)('%s, %s s behind with a delay of %s s, is %s', (state, seconds, delay, beyond) => {
    expect(lagBeyondDelay({ state, seconds }, delay)).toBe(beyond);
  });

  it('is not known of what was never read', () => {
    expect(lagBeyondDelay(null, 0)).toBeNull();
  });
});

describe('the end of a run', () => {
  /** What is applied of a log, by asking at each transaction in its order. */
  const applied = (log: readonly { gtid: string; at: number }[], target: RunTarget): readonly string[] => {
    const out: string[] = [];
    for (const one of log) {
      const ends = endsAt(target, one);
      if (ends === 'before') return out;
      out.push(one.gtid);
      if (ends === 'after') return out;
    }
    return out;
  };
  const log = [10, 20, 15, 30].map((at, i) => ({ gtid: gtid(i + 1), at }));

  it('is just before a transaction, or after it', () => {
    expect(applied(log, { kind: 'before', gtid: gtid(3) })).toEqual([gtid(1), gtid(2)]);
    expect(applied(log, { kind: 'after', gtid: gtid(3) })).toEqual([gtid(1), gtid(2), gtid(3)]);
    expect(applied(log, { kind: 'before', gtid: gtid(1) })).toEqual([]);
  });

  it('is before the first one that was committed later than a moment, whatever times come after it', () => {
    expect(applied(log, { kind: 'time', at: 15 })).toEqual([gtid(1)]);
    expect(applied(log, { kind: 'time', at: 25 })).toEqual([gtid(1), gtid(2), gtid(3)]);
    expect(applied(log, { kind: 'time', at: 5 })).toEqual([]);
    expect(applied(log, { kind: 'time', at: 99 })).toHaveLength(4);
  });

  it('never lets one past the moment, and leaves out none before the first that is later: 5,000 logs', () => {
    fc.assert(fc.property(fc.array(fc.nat(50), { maxLength: 30 }), fc.nat(50), (times, at) => {
      const all = times.map((time, i) => ({ gtid: gtid(i + 1), at: time }));
      const got = applied(all, { kind: 'time', at });
      expect(all.slice(0, got.length).every((one) => one.at <= at)).toBe(true);
      expect(got.length === all.length || (all[got.length]?.at ?? 0) > at).toBe(true);
    }), { numRuns: 5000 });
  });
});

it('a transaction is told by its statement, else by what it does to which tables', () => {
  expect(transactionWords({ statement: 'DROP TABLE\n  shop.orders', tables: [] })).toBe('DROP TABLE shop.orders');
  expect(transactionWords({ statement: null, tables: [{ database: 'shop', table: 'orders', kinds: ['insert', 'delete'] }] })).toBe('insert+delete shop.orders');
});

it.each([
  [60, [{ at: 2, from: 3600, to: 60 }, { at: 1, from: 0, to: 3600 }], 3600], [60, [{ at: 2, from: 3600, to: 90 }], null],
  [60, [{ at: 2, from: 60, to: 60 }], null], [60, [], null],
] as const)('a delay of %s after %j: taken back it is %s', (delaySeconds, delayChanges, before) => {
  expect(delayBefore({ delaySeconds, delayChanges })).toBe(before);
});

it.each([[0, 40_000], [90_000, 0], [-30_000, 70_000], [25_000, 15_000]])('counts down by the clock of the primary, which is %s ms ahead: %s ms are left', (clockAheadMs, left) => {
  expect(leftUntilDue({ dueAt: 1_000_000 }, { clockAheadMs }, 960_000)).toBe(left);
});

describe('a restart of one that stands', () => {
  it.each([
    ['9.7.0', 'stopped', false, false, 'skip_replica_start'], ['8.0.24', 'stopped', false, false, 'skip_slave_start'], ['5.7.22', 'stopped', null, false, 'skip_slave_start'],
    ['9.7.0', 'stopped', false, true, null], ['9.7.0', 'stopped', true, false, 'skip_replica_start'], ['9.7.0', 'running', false, false, null],
  ] as const)('%s, applier %s, skip_replica_start %s, kept %s: the line that would keep it is %s', (version, applier, skipReplicaStart, kept, line) => {
    const { instance, health } = member(2);
    const reading = facts(2, { server: { version, skipReplicaStart }, channels: [channel(1, { applier })] });
    expect(readOnlyView({ instance, health, facts: reading, lag: null, paused: null }, nothingNoted, { kept, delayChanges: [] }).startsByItself).toBe(line);
  });

  it.each([[true, false, null], [false, true, 'skip_replica_start']] as const)('the server says %s and the note %s: the line is %s', (startKept, kept, line) => {
    const { instance, health } = member(2);
    expect(readOnlyView({ instance, health, facts: facts(2, { channels: [channel(1, { applier: 'stopped' })], startKept }), lag: null, paused: null }, nothingNoted, { kept, delayChanges: [] }).startsByItself).toBe(line);
  });

  it.each(['version', 'unloaded', 'refused'] as const)('is told with the line for the option file, in both languages (%s)', (why) => {
    const warning = restartWarning('late', { stands: false, why, version: '5.7.22', optionLines: ['skip_slave_start'] });
    for (const language of ['en', 'zh-CN'] as const) {
      const text = warning === null ? '' : translator(language).message(warning);
      expect([text.includes('late'), text.includes('[mysqld]'), text.includes('skip_slave_start'), text.includes('5.7.22')]).toEqual([true, true, true, why === 'version']);
    }
    expect(restartWarning('late', { stands: true })).toBeNull();
  });
});

describe('a task that has the link in its hands', () => {
  const task = (state: TaskState, more: Partial<TaskView> = {}): TaskView => ({
    id: '1', kind: 'read-only', name: 'late', state, instanceIds: ['late'], createdAt: 0, startedAt: 0, endedAt: null, steps: [], waitingFor: null, error: null,
    aftermath: null, isReported: false, canCancel: false, canPause: false, log: [], ...more,
  });
  it.each([
    ['pending', true], ['running', true], ['waiting', true], ['paused', true], ['undoing', true], ['interrupted', true], ['done', false], ['cancelled', false], ['failed', false],
  ] as const)('%s: %s', (state, inTheWay) => {
    expect(taskInTheWay([task(state)], 'late') !== null).toBe(inTheWay);
    expect(taskInTheWay([task(state)], 'other')).toBeNull();
  });

  it('is one whose undo missed, and no backup that died', () => {
    const step = { id: 'a', title: { key: 'common.cancel' }, state: 'undo-failed', pointOfNoReturn: false, startedAt: 0, ms: 1, sql: [], progress: null, error: null } as const;
    expect(taskInTheWay([task('failed', { steps: [step] })], 'late')?.name).toBe('late');
    expect(taskInTheWay([task('interrupted', { kind: 'backup' }), task('running', { kind: 'backup', name: 'its backup' })], 'late')?.name).toBe('its backup');
  });
});
