import { describe, expect, it } from 'vitest';
import { nextPace, outlivesRetention, suffers, type Pace, type PaceReading } from '../../../shared/domain/sync/copy-pace';

const calm = { threadsRunning: 2, otherLagSeconds: null };
const start: Pace = { lanes: 2, capBytes: null, before: null, settled: false };
const reading = (bytesPerSecond: number, change: Partial<PaceReading> = {}): PaceReading => ({ calm, now: calm, bytesPerSecond, mostLanes: 8, ...change });
const busy = { now: { threadsRunning: 40, otherLagSeconds: null } };

describe('the pace of a copy', () => {
  it.each([
    ['as before', { threadsRunning: 2, otherLagSeconds: null }, false],
    ['twice and a little more', { threadsRunning: 12, otherLagSeconds: null }, false],
    ['statements pile up', { threadsRunning: 13, otherLagSeconds: null }, true],
    ['a replica falls behind', { threadsRunning: 2, otherLagSeconds: 11 }, true],
    ['a replica a little behind', { threadsRunning: 2, otherLagSeconds: 10 }, false],
  ])('the source suffers: %s', (_what, now, expected) => expect(suffers(calm, now)).toBe(expected));

  it('a lag that was there before is not ours', () => expect(suffers({ threadsRunning: 0, otherLagSeconds: 30 }, { threadsRunning: 0, otherLagSeconds: 39 })).toBe(false));

  it('adds lanes while each brings a tenth, takes the last one back and stays', () => {
    let pace = nextPace(start, reading(10e6));
    expect(pace).toMatchObject({ lanes: 3, settled: false });
    pace = nextPace(pace, reading(14e6));
    expect(pace).toMatchObject({ lanes: 4, settled: false });
    pace = nextPace(pace, reading(14.5e6));
    expect(pace).toMatchObject({ lanes: 3, settled: true });
    expect(nextPace(pace, reading(30e6))).toEqual(pace);
  });

  it('does not go past what the snapshot has', () => expect(nextPace({ ...start, lanes: 8 }, reading(10e6))).toMatchObject({ lanes: 8, settled: true }));

  it('learns nothing from a time in which nothing moved', () => expect(nextPace(start, reading(0))).toEqual(start));

  it('halves lanes, then the rate, while the source suffers, and comes back when it is calm', () => {
    let pace = nextPace({ ...start, lanes: 6 }, reading(40e6, busy));
    expect(pace.lanes).toBe(3);
    pace = nextPace(pace, reading(40e6, busy));
    expect(pace).toMatchObject({ lanes: 1, capBytes: null });
    pace = nextPace(pace, reading(20e6, busy));
    expect(pace.capBytes).toBe(10e6);
    for (let i = 0; i < 9; i++) pace = nextPace(pace, reading(pace.capBytes ?? 0, busy));
    expect(pace.capBytes).toBe(1e6);
    pace = nextPace(pace, reading(1e6));
    expect(pace.capBytes).toBe(2e6);
    // Less than half of what it may: the cap is not what holds it.
    expect(nextPace(pace, reading(0.9e6)).capBytes).toBeNull();
  });
});

describe('the retention of the source', () => {
  it.each([
    ['kept for ever', { keepsSeconds: 0, elapsedSeconds: 1e9, etaSeconds: 1e9 }, false],
    ['done in time', { keepsSeconds: 7200, elapsedSeconds: 3000, etaSeconds: 4000 }, false],
    ['not done in time', { keepsSeconds: 7200, elapsedSeconds: 3600, etaSeconds: 3601 }, true],
    ['no estimate yet', { keepsSeconds: 7200, elapsedSeconds: 3600, etaSeconds: null }, false],
    ['over already', { keepsSeconds: 7200, elapsedSeconds: 7201, etaSeconds: null }, true],
    ['too early to tell', { keepsSeconds: 60, elapsedSeconds: 59, etaSeconds: 1e6 }, false],
  ])('%s', (_what, given, expected) => expect(outlivesRetention(given)).toBe(expected));
});
