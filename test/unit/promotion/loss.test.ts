// What is said of a loss, held against a model of a primary, its standby and what people saw of them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReplicaChannel } from '../../../shared/domain/fleet/facts';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import {
  heardAt, heldElsewhere, isProvenNone, lossOf, lossOfReport, lossText, nothingElsewhere, statedLoss, unseenFrom, type Elsewhere, type LossReading,
} from '../../../shared/domain/promotion/loss';
import type { Loss } from '../../../shared/domain/promotion/promotion';
import { revisedLoss, type ReturnedReading } from '../../../shared/domain/promotion/revised';
import { translator } from '../../../shared/i18n/translate';
import { channel as replicaChannel, facts } from '../../fixtures/facts';

const S = '11111111-1111-1111-1111-111111111111';
const T = '22222222-2222-2222-2222-222222222222';
const set = parseGtidSet;
const upTo = (n: number): string => (n === 0 ? '' : `${S}:1-${n}`);

/** A primary commits at these moments, milliseconds; its n-th transaction is S:n. */
interface World {
  readonly commits: readonly number[];
  /** The last look of this workstation at it, and the last heartbeat of its standby; null: none. */
  readonly lookAt: number | null;
  readonly beatAt: number | null;
  /** How many the standby has beyond those before its last heartbeat, and how many of all it has applied. */
  readonly ahead: number;
  readonly applied: number;
  /** Another replica: its last heartbeat, how many it has beyond those from before, and how many of all it has applied; null: there is none. */
  readonly other: { readonly beatAt: number | null; readonly ahead: number; readonly applied: number } | null;
  /** When it was fenced, before the plan was made; null: it was not. */
  readonly fenced: boolean;
  readonly now: number;
}

const world: fc.Arbitrary<World> = fc.record({
  commits: fc.uniqueArray(fc.integer({ min: 1, max: 100_000 }), { maxLength: 40 }).map((times) => [...times].sort((a, b) => a - b)),
  lookAt: fc.option(fc.integer({ min: 0, max: 100_000 })),
  beatAt: fc.option(fc.integer({ min: 0, max: 100_000 })),
  ahead: fc.nat(10),
  applied: fc.nat(60),
  other: fc.option(fc.record({ beatAt: fc.option(fc.integer({ min: 0, max: 100_000 })), ahead: fc.nat(20), applied: fc.nat(60) })),
  fenced: fc.boolean(),
  now: fc.integer({ min: 100_000, max: 120_000 }),
});

const before = (commits: readonly number[], at: number | null): number => (at === null ? 0 : commits.filter((commit) => commit <= at).length);

function elsewhereOf({ commits, other, now }: World): Elsewhere {
  if (other === null) return nothingElsewhere;
  const received = Math.min(commits.length, before(commits, other.beatAt) + other.ahead);
  // It writes by itself, and follows somebody else's source as well.
  const executed = `${upTo(Math.min(other.applied, received))}${received > 0 && other.applied > 0 ? ',' : ''}${T}:1-7,33333333-3333-3333-3333-333333333333:1-9`;
  const lastBeatAgeSeconds = other.beatAt === null ? null : Math.ceil((now - other.beatAt) / 1000);
  const replica = facts(2, { at: now, executed });
  return heldElsewhere(
    [{ facts: { ...replica, server: { ...replica.server, uuid: T } }, channel: replicaChannel(1, { received: upTo(received), lastBeatAgeSeconds }) }],
    { uuid: S, set: null, clockOffsetMs: null },
  );
}

/** What can be read of a world, and what is lost in it. */
function readingOf(one: World): { readonly reading: LossReading; readonly lost: readonly number[] } {
  const { commits, lookAt, beatAt, ahead, applied, fenced, now } = one;
  const received = Math.min(commits.length, before(commits, beatAt) + ahead);
  const looked = fenced ? now : lookAt;
  const reading: LossReading = {
    sourceSet: looked === null ? null : set(upTo(before(commits, looked))), sourceSeenAt: looked, sourceFenced: fenced, sourceUuid: S,
    heardAt: beatAt, elsewhere: elsewhereOf(one), filtered: false,
    received: set(upTo(received)), executed: set(upTo(Math.min(applied, received))), discardReceived: false, now,
  };
  return { reading, lost: commits.map((_at, index) => index + 1).filter((n) => n > received) };
}

describe('what is said before the word, in every world', () => {
  test('each lost transaction is counted, or was committed in the window that is said to be unseen', () => {
    fc.assert(fc.property(world, (one) => {
      const { reading, lost } = readingOf(one);
      const { stated } = lossOf(reading);
      const counted = set(stated.set);
      for (const n of lost) {
        const isCounted = set(`${S}:${n}`).isSubsetOf(counted);
        const isUnseen = stated.kind !== 'exact' && (stated.unseenFrom === null || (one.commits[n - 1] ?? 0) > stated.unseenFrom);
        expect(isCounted || isUnseen).toBe(true);
      }
    }));
  });

  test('what is counted is lost: never more than there is', () => {
    fc.assert(fc.property(world, (one) => {
      const { reading, lost } = readingOf(one);
      const { stated } = lossOf(reading);
      expect(stated.count).toBeLessThanOrEqual(lost.length);
      if (stated.kind === 'exact') expect(stated.count).toBe(lost.length);
    }));
  });

  test('0 is good only where it is true: behind a fence', () => {
    fc.assert(fc.property(world, (one) => {
      const { reading, lost } = readingOf(one);
      const { stated } = lossOf(reading);
      if (isProvenNone(stated)) expect([lost.length, one.fenced]).toEqual([0, true]);
      if (!one.fenced) expect(isProvenNone(stated)).toBe(false);
    }));
  });

  test('filters take the proof away, also from a fence', () => {
    fc.assert(fc.property(world, (one) => {
      const { stated } = lossOf({ ...readingOf(one).reading, filtered: true });
      expect([stated.kind === 'exact', isProvenNone(stated)]).toEqual([false, false]);
    }));
  });

  test('what another replica has is lost with this one, and known to be: whatever was last seen of the source', () => {
    const other = { beatAt: 5, ahead: 0, applied: 2 };
    const one: World = { commits: [1, 2, 3, 4, 5, 6], lookAt: 3, beatAt: 3, ahead: 0, applied: 3, other, fenced: false, now: 100 };
    expect(lossOf(readingOf(one).reading)).toMatchObject({ notReceived: 2, notReceivedSet: `${S}:4-5`, stated: { kind: 'at-least', count: 2 } });
    expect(lossOf(readingOf({ ...one, lookAt: null, beatAt: null, applied: 0 }).reading)).toMatchObject({ notReceived: 5, stated: { kind: 'at-least', count: 5 } });
    expect(lossOf(readingOf({ ...one, lookAt: null, beatAt: null, other: null }).reading)).toMatchObject({ notReceived: null, stated: { kind: 'unknown' } });
  });

  test('what is thrown away on order is lost, and counted before', () => {
    const { reading } = readingOf({ commits: [1, 2, 3, 4, 5], lookAt: 10, beatAt: 3, ahead: 0, applied: 1, other: null, fenced: false, now: 100 });
    expect(lossOf(reading).stated).toMatchObject({ count: 2, set: `${S}:4-5` });
    expect(lossOf({ ...reading, discardReceived: true }).stated).toMatchObject({ count: 4, set: `${S}:2-5` });
  });
});

describe('the last word that a standby heard of its source', () => {
  const channel = (change: Partial<ReplicaChannel>): ReplicaChannel => replicaChannel(1, { lastHeartbeatAgeSeconds: 0, lastBeatAgeSeconds: null, received: `${S}:1-10`, ...change });
  const timing = (lastQueuedImmediateCommitUs: number): NonNullable<ReplicaChannel['applierTiming']> => ({
    lastAppliedOriginalCommitUs: null, lastAppliedEndUs: null, applyingOriginalCommitUs: null, lastQueuedOriginalCommitUs: null,
    lastAppliedImmediateCommitUs: null, applyingImmediateCommitUs: null, lastQueuedImmediateCommitUs, nowUs: 0,
  });
  const at = { sampledAt: 100_000 };

  test('a transaction that arrived says nothing of those that were committed since', () => {
    expect(heardAt(at, channel({ lastHeartbeatAgeSeconds: 0 }), 0)).toBeNull();
    expect(heardAt(at, channel({ applierTiming: timing(40_000_000) }), 0)).toBe(39_000);
  });
  test('a heartbeat says that everything had been sent; the later word counts', () => {
    expect(heardAt(at, channel({ lastBeatAgeSeconds: 5 }), 0)).toBe(94_000);
    expect(heardAt(at, channel({ lastBeatAgeSeconds: 5, applierTiming: timing(98_000_000) }), 0)).toBe(97_000);
  });
  test('the clock of the source is corrected, and where nobody knows it its times say nothing', () => {
    expect(heardAt(at, channel({ applierTiming: timing(98_000_000) }), 3000)).toBe(94_000);
    expect(heardAt(at, channel({ applierTiming: timing(98_000_000) }), null)).toBeNull();
  });
  test('a receiver that stands still with nothing may have been reset', () => {
    expect(heardAt(at, channel({ lastBeatAgeSeconds: 5, receiver: 'stopped', received: '' }), 0)).toBeNull();
    expect(heardAt(at, channel({ lastBeatAgeSeconds: 5, receiver: 'stopped' }), 0)).toBe(94_000);
  });
  test('nobody looked and nobody heard', () => expect([unseenFrom(null, null), unseenFrom(null, 3), unseenFrom(5, null), unseenFrom(5, 3)]).toEqual([null, 3, 5, 5]));
});

describe('the report, once the old primary is read again', () => {
  const promoted = set(`${S}:1-90`);
  const told = (count: number, kind: Loss['kind'] = 'at-least'): Loss => ({ kind, count, set: count === 0 ? '' : `${S}:91-${90 + count}`, unseenFrom: kind === 'exact' ? null : 1000, filtered: false });
  const read = (change: Partial<ReturnedReading> = {}): ReturnedReading => ({ old: set(`${S}:1-95`), readAt: 9000, closed: true, successor: set(`${S}:1-90,${T}:1-3`), successorUuid: T, ...change });

  test('0 known, and five were: told anew, exactly where it refuses writes', () => {
    expect(revisedLoss(told(0), promoted, read())).toEqual({ kind: 'exact', count: 5, set: `${S}:91-95`, unseenFrom: null, filtered: false });
    expect(revisedLoss(told(0), promoted, read({ closed: false }))).toEqual({ kind: 'at-least', count: 5, set: `${S}:91-95`, unseenFrom: 9000, filtered: false });
    expect(revisedLoss({ ...told(0), kind: 'unknown', unseenFrom: null }, promoted, read())).toMatchObject({ kind: 'exact', count: 5 });
  });
  test('what was known is proven by the second look; nothing new is not told again', () => {
    expect(revisedLoss(told(5), promoted, read())).toMatchObject({ kind: 'exact', count: 5 });
    expect(revisedLoss(told(5), promoted, read({ closed: false }))).toBeNull();
    expect(revisedLoss(told(5, 'exact'), promoted, read())).toBeNull();
  });
  test('one that was created anew from the new primary, or follows it, is no witness', () => {
    expect(revisedLoss(told(0), promoted, read({ old: set(`${S}:1-90,${T}:1-2`) }))).toBeNull();
  });
  test('a new, empty server and one that lost what it had prove nothing', () => {
    expect(revisedLoss(told(0), promoted, read({ old: set('') }))).toBeNull();
    expect(revisedLoss(told(5), promoted, read({ old: set(`${S}:1-93`) }))).toBeNull();
    expect(revisedLoss(told(0), promoted, read({ old: set(`${S}:50-95`) }))).toMatchObject({ kind: 'at-least', count: 5 });
  });
  test('what filters kept away stays uncounted', () => expect(revisedLoss({ ...told(0), filtered: true }, promoted, read())).toMatchObject({ kind: 'at-least', count: 5, filtered: true }));
  test('it only grows, whatever is read', () => {
    const some = fc.integer({ min: 0, max: 20 });
    fc.assert(fc.property(some, some, fc.boolean(), (known, more, closed) => {
      const again = revisedLoss(told(known), promoted, read({ closed, old: set(`${S}:1-${90 + more}`) }));
      if (again === null) return;
      expect(again.count).toBe(Math.max(known, more));
      if (again.kind === 'exact') expect([again.count, closed]).toEqual([more, true]);
    }));
  });
});

test('a report from before proofs were kept is exact for a planned switchover only', () => {
  const kept = { lostTransactions: 0, lostSet: '' };
  expect(isProvenNone(lossOfReport({ ...kept, kind: 'planned' }))).toBe(true);
  expect(isProvenNone(lossOfReport({ ...kept, kind: 'emergency' }))).toBe(false);
  expect(lossOfReport({ ...kept, kind: 'emergency', lostTransactions: null }).kind).toBe('unknown');
});

test.each(['en', 'zh-CN'] as const)('every loss has its words in %s', (language) => {
  const t = translator(language);
  for (const isProven of [true, false]) for (const wasSeen of [true, false]) for (const filtered of [true, false]) for (const from of [null, 5]) for (const lost of ['', `${S}:1`, `${S}:1-3`]) {
    const text = t.message(lossText(statedLoss(set(lost), { isProven, wasSeen, filtered, unseenFrom: from }), (at) => `T${at}`));
    expect(text).not.toMatch(/[{}]|undefined|null|^$/);
  }
});
