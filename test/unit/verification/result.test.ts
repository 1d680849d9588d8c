import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkGoalMs, firstChunkRows, nextChunkRows } from '../../../shared/domain/verification/chunk-size';
import { pairRows } from '../../../shared/domain/verification/pairing';
import { lastProof, verdictOf, type VerificationSummary } from '../../../shared/domain/verification/result';

const summary = (change: Partial<VerificationSummary>): VerificationSummary => ({
  id: 'x', sourceId: 's', standbyId: 't', scope: '*', at: 1, endedAt: 2, equal: true, gtidSet: 'g:1', errant: '', method: 'position', touchedSince: null, pauseMs: 1, ms: 1, tableCount: 1,
  rowCount: 1, differing: 0, ...change,
});
const pair = { sourceId: 's', standbyId: 't', scope: '*' };

describe('the last proof', () => {
  it('is the newest comparison that found the pair equal', () => {
    expect(lastProof([summary({ at: 5, endedAt: 6, gtidSet: 'g:1-5' }), summary({})], pair)).toMatchObject({ at: 5, gtidSet: 'g:1-5' });
  });
  it.each([
    ['nothing', []],
    ['another pair', [summary({ standbyId: 'u' })]],
    ['rows written since a set alone', [summary({ touchedSince: 'g:1' })]],
    ['a part alone', [summary({ scope: 'd.t' })]],
    ['what could not be read', [summary({ equal: null })]],
    ['a later difference, of a part too', [summary({}), summary({ endedAt: 9, equal: false, scope: 'd.t' })]],
  ])('is not to be had from %s', (_what, history) => expect(lastProof(history, pair)).toBeNull());
  it('stands past a later comparison that could not read everything', () => expect(lastProof([summary({}), summary({ endedAt: 9, equal: null })], pair)).not.toBeNull());
  it('of a partial link is a comparison of its scope, or of everything', () => {
    expect(lastProof([summary({ scope: 'd' })], { ...pair, scope: 'd' })).not.toBeNull();
    expect(lastProof([summary({})], { ...pair, scope: 'd' })).not.toBeNull();
    expect(lastProof([summary({ scope: 'd' })], { ...pair, scope: 'd,e' })).toBeNull();
  });
});

it('says equal only where every table was read and is', () => {
  expect(verdictOf([{ state: 'equal' }])).toBe(true);
  expect(verdictOf([{ state: 'equal' }, { state: 'unreadable' }])).toBeNull();
  expect(verdictOf([{ state: 'unreadable' }, { state: 'absent-standby' }])).toBe(false);
});

it('counts rows as a multiset', () => {
  const values = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
  const counted = (list: readonly string[]) => [...new Set(list)].map((hash) => ({ key: hash, hash, copies: list.filter((one) => one === hash).length }));
  fc.assert(fc.property(values, values, (source, standby) => {
    const found = Object.fromEntries(pairRows(counted(source), counted(standby)).map(({ key, kind, copies }) => [key, kind === 'missing' ? copies : -copies]));
    for (const value of ['a', 'b', 'c']) {
      const difference = source.filter((one) => one === value).length - standby.filter((one) => one === value).length;
      expect(found[value] ?? 0).toBe(difference);
    }
  }));
});

it('makes chunks that come to take about as long as they may', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5000 }), (rowsPerMs) => {
    let size = firstChunkRows({ rows: 1_000_000, bytes: 200_000_000 });
    for (let turn = 0; turn < 20; turn++) size = nextChunkRows(size, size / rowsPerMs);
    const ms = size / rowsPerMs;
    return ms <= chunkGoalMs * 1.1 || size === 500;
  }));
});
