import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lagOf, type LagInput } from '../../../shared/domain/analysis/lag';
import type { ApplierTiming, ReplicaChannel } from '../../../shared/domain/fleet/facts';
import { transactionsAtRisk, type Lag } from '../../../shared/domain/fleet/lag';
import { channel, facts, sample, standby, T0, uuidOfNumber, type FactsCase } from '../../fixtures/facts';

const A = uuidOfNumber(1);
const nowUs = T0 * 1000;
/** Of a replica of the server where the transactions were made: both commits are one, unless told. */
const timing = (change: Partial<ApplierTiming> = {}): ApplierTiming => {
  const original = {
    lastAppliedOriginalCommitUs: nowUs - 3_600_000_000, lastAppliedEndUs: nowUs - 3_599_900_000, applyingOriginalCommitUs: null,
    lastQueuedOriginalCommitUs: nowUs - 3_600_000_000, ...change,
  };
  return {
    nowUs,
    lastAppliedImmediateCommitUs: original.lastAppliedOriginalCommitUs,
    applyingImmediateCommitUs: original.applyingOriginalCommitUs,
    lastQueuedImmediateCommitUs: original.lastQueuedOriginalCommitUs,
    ...original,
  };
};

interface Case {
  readonly what: string;
  readonly channel?: Partial<ReplicaChannel>;
  readonly standby?: FactsCase;
  readonly source?: FactsCase | null;
  readonly input?: Partial<LagInput>;
  readonly lag: Partial<Lag>;
}

const cases: readonly Case[] = [
  { what: 'an idle pair is caught up', lag: { state: 'caught-up', seconds: 0, measure: 'whole-seconds', toReceive: 0, toApply: 0, bytes: 0 } },
  { what: 'an idle source an hour ago is caught up and does not grow', channel: { applierTiming: timing(), received: `${A}:1-100` }, lag: { state: 'caught-up', seconds: 0, measure: 'applier-timestamps' } },
  {
    what: 'under load, the delay of the last transaction is the lag',
    channel: { received: `${A}:1-100`, applierTiming: timing({ lastAppliedOriginalCommitUs: nowUs - 100_000, lastAppliedEndUs: nowUs - 58_000 }) },
    lag: { state: 'caught-up', seconds: 0.042, measure: 'applier-timestamps' },
  },
  {
    what: 'a transaction being applied ages from its commit',
    channel: { received: `${A}:1-100`, applierTiming: timing({ applyingOriginalCommitUs: nowUs - 12_345_000 }) },
    standby: { executed: `${A}:1-90` },
    lag: { state: 'behind', seconds: 12.345, toReceive: 0, toApply: 10 },
  },
  {
    what: 'clocks that differ are corrected: the standby is 5 s ahead',
    channel: { received: `${A}:1-100`, applierTiming: timing({ applyingOriginalCommitUs: nowUs - 12_000_000 }) },
    standby: { executed: `${A}:1-90`, clockOffsetMs: 5000 },
    lag: { seconds: 7 },
  },
  {
    what: 'clocks that were not measured are not corrected',
    channel: { received: `${A}:1-100`, applierTiming: timing({ applyingOriginalCommitUs: nowUs - 12_000_000 }) },
    standby: { executed: `${A}:1-90`, clockOffsetMs: null },
    lag: { seconds: 12 },
  },
  {
    what: 'a correction never makes a lag negative',
    channel: { received: `${A}:1-100`, applierTiming: timing({ applyingOriginalCommitUs: nowUs - 1_000 }) },
    standby: { executed: `${A}:1-90`, clockOffsetMs: 5000 },
    lag: { seconds: 0 },
  },
  {
    what: 'between two transactions the queue tells the age',
    channel: { received: `${A}:1-100`, applierTiming: timing({ lastQueuedOriginalCommitUs: nowUs - 2_000_000 }) },
    standby: { executed: `${A}:1-90` },
    lag: { state: 'behind', seconds: 2 },
  },
  {
    what: 'in a chain the delay counts from the commit on its own source',
    channel: { received: `${A}:1-100`, applierTiming: timing({ lastAppliedOriginalCommitUs: nowUs - 190_000, lastAppliedImmediateCommitUs: nowUs - 150_000, lastAppliedEndUs: nowUs - 100_000 }) },
    lag: { state: 'caught-up', seconds: 0.05 },
  },
  {
    what: 'and to the head from the commit there, without bytes',
    channel: { received: `${A}:1-100`, applierTiming: timing({ lastAppliedOriginalCommitUs: nowUs - 190_000, lastAppliedImmediateCommitUs: nowUs - 150_000, lastAppliedEndUs: nowUs - 100_000 }) },
    input: { throughSource: { heard: true } },
    lag: { state: 'caught-up', seconds: 0.09, bytes: null },
  },
  { what: 'a head that is away while every receiver on the way hears its source', input: { throughSource: { heard: true }, sourceHealth: 'unreachable' }, lag: { state: 'caught-up' } },
  { what: 'a head that is away and nobody on the way hears', input: { throughSource: { heard: false }, sourceHealth: 'unreachable' }, lag: { state: 'unknown' } },
  { what: 'before 8.0 whole seconds, and labelled so', channel: { secondsBehind: 17, received: `${A}:1-100` }, standby: { executed: `${A}:1-90` }, lag: { state: 'behind', seconds: 17, measure: 'whole-seconds', toApply: 10 } },
  { what: 'a stopped receiver is not replicating, never 0', channel: { receiver: 'stopped', secondsBehind: null }, lag: { state: 'not-replicating', seconds: null, measure: null } },
  { what: 'a receiver that is connecting is not replicating', channel: { receiver: 'connecting', secondsBehind: 0 }, lag: { state: 'not-replicating', seconds: null } },
  { what: 'a stopped applier is not replicating; the transactions are still told', channel: { applier: 'stopped', secondsBehind: null, received: `${A}:1-100` }, standby: { executed: `${A}:1-40` }, lag: { state: 'not-replicating', seconds: null, toApply: 60, toReceive: 0 } },
  {
    what: 'a stalled receiver shows by transactions, and not by its zero seconds',
    channel: { secondsBehind: 0 },
    source: { executed: `${A}:1-150` },
    lag: { state: 'behind', seconds: null, measure: null, toReceive: 50, toApply: 0 },
  },
  { what: 'what waits in the relay log counts as received', channel: { received: `${A}:91-120` }, standby: { executed: `${A}:1-90` }, source: { executed: `${A}:1-130` }, lag: { toReceive: 10, toApply: 30 } },
  { what: 'a source that was never seen leaves the transactions unknown', source: null, lag: { state: 'unknown', toReceive: null, toApply: 0, sourceAt: null, bytes: null } },
  { what: 'a source that is away and not heard of: unknown, with its last numbers and their age', channel: { lastHeartbeatAgeSeconds: 40 }, input: { sourceHealth: 'unreachable' }, lag: { state: 'unknown', toReceive: 0, sourceAt: T0 - 1000 } },
  { what: 'a source that only we cannot reach, while the standby hears it', channel: { lastHeartbeatAgeSeconds: 1 }, input: { sourceHealth: 'unreachable' }, lag: { state: 'caught-up' } },
  { what: 'a standby that is away is not called caught up', input: { replicaHealth: 'unreachable' }, lag: { state: 'unknown', toReceive: 0 } },
  { what: 'without GTIDs positions decide: caught up', standby: { server: { gtidMode: 'OFF' } }, lag: { state: 'caught-up', toReceive: null, toApply: null, bytes: 0 } },
  { what: 'without GTIDs positions decide: behind', channel: { execSourceLogPosition: 1000, secondsBehind: 3 }, standby: { server: { gtidMode: 'OFF' } }, lag: { state: 'behind', seconds: 3, bytes: 4000 } },
  { what: 'a set that is no GTID set is unknown, not zero', channel: { relaySourceLogFile: null }, standby: { executed: 'garbage' }, lag: { state: 'unknown', toReceive: null, toApply: null } },
  {
    what: 'a transaction that was committed two hours ago and came just now is no lag of two hours',
    channel: { received: `${A}:1-100`, applierTiming: timing({ lastAppliedOriginalCommitUs: nowUs - 7_200_000_000, lastAppliedEndUs: nowUs - 500_000 }) },
    lag: { state: 'caught-up', seconds: 0 },
  },
  { what: 'nor do the old timestamps of a log that was played in show where there are whole seconds only', channel: { secondsBehind: 7200 }, lag: { state: 'caught-up', seconds: 0, measure: 'whole-seconds' } },
  { what: 'nor while the source is out of reach', channel: { secondsBehind: 7200, lastHeartbeatAgeSeconds: 40 }, input: { sourceHealth: 'unreachable' }, lag: { state: 'unknown', seconds: 0, toReceive: 0 } },
  { what: 'bytes are told only within one file', channel: { relaySourceLogFile: 'binlog.000002' }, lag: { bytes: null } },
];

describe('lag', () => {
  it.each(cases.map((one) => [one.what, one] as const))('%s', (_what, { channel: change = {}, standby: own = {}, source = {}, input = {}, lag }) => {
    const reading = standby(1, change, own);
    const result = lagOf({
      channel: reading.channels[0] ?? channel(1),
      replica: sample(reading),
      replicaHealth: 'reachable',
      source: source === null ? [] : [sample(facts(1, { ...source, at: T0 - 1000 }))],
      sourceHealth: source === null ? 'unknown' : 'reachable',
      ...input,
    });
    expect(result).toMatchObject(lag);
  });

  it('a replica that lacks nothing is never behind by more than the time since its source was read, whatever the commit times say', () => {
    const age = fc.option(fc.integer({ min: -10_000_000, max: 100_000_000_000 }), { nil: null });
    fc.assert(fc.property(age, age, age, fc.option(fc.nat(1_000_000), { nil: null }), fc.nat(20_000), (committed, applied, ended, secondsBehind, lookMs) => {
      const at = (us: number | null): number | null => (us === null ? null : nowUs - us);
      const applierTiming = timing({ lastAppliedOriginalCommitUs: at(committed), lastQueuedOriginalCommitUs: at(applied), lastAppliedEndUs: at(ended) });
      const reading = standby(1, { received: `${A}:1-100`, applierTiming, secondsBehind });
      const result = lagOf({
        channel: reading.channels[0] ?? channel(1), replica: sample(reading), replicaHealth: 'reachable',
        source: [sample(facts(1, { at: T0 - lookMs }))], sourceHealth: 'reachable',
      });
      expect(result.state).toBe('caught-up');
      expect(result.seconds ?? 0).toBeLessThanOrEqual(Math.min(5, (sample(reading).endedAt - (T0 - lookMs)) / 1000));
    }));
  });

  it('of a busy source takes the reading that is not younger than the standby’s', () => {
    const reading = standby(1, {}, { executed: `${A}:1-100`, at: T0 });
    const later = sample(facts(1, { executed: `${A}:1-900`, at: T0 + 1500 }));
    const earlier = sample(facts(1, { executed: `${A}:1-100`, at: T0 - 500 }));
    const lag = (samples: LagInput['source']) => lagOf({ channel: reading.channels[0] ?? channel(1), replica: sample(reading), replicaHealth: 'reachable', source: samples, sourceHealth: 'reachable' });
    expect(lag([later, earlier])).toMatchObject({ state: 'caught-up', toReceive: 0, sourceAt: T0 - 500 });
    // With no other, the later one: an upper bound.
    expect(lag([later])).toMatchObject({ state: 'behind', toReceive: 800 });
  });
});

describe('what a switch now may lose', () => {
  it.each([
    ['caught-up', 0, 0, 0],
    ['behind', 3, 5, 3],
    ['behind', 3, null, 3],
    ['not-replicating', 0, 2, 2],
    ['not-replicating', 4, 2, 6],
    ['not-replicating', 4, null, null],
    ['not-replicating', null, 2, null],
    ['unknown', 0, 0, null],
  ] as const)('%s, %s to receive, %s to apply: %s', (state, toReceive, toApply, expected) => {
    expect(transactionsAtRisk({ state, toReceive, toApply })).toBe(expected);
  });
});
