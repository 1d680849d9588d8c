// What is started, what is missed: whatever the clock did in between.
import { describe, expect, it } from 'vitest';
import { considered, lateLimitMs, nextRunOf, passedRuns, startLimitMs, withoutLostStart } from '../../../shared/domain/schedules/due';
import { mostCounted, zoneOf, type Schedule } from '../../../shared/domain/schedules/schedule';

const at = (iso: string): number => Date.parse(iso);
const daily: Schedule = {
  id: 's', kind: 'verification', subject: 'link', pattern: '0 3 * * *', timeZone: 'local', enabled: true, catchUp: false, createdAt: 0,
  consideredUntil: at('2026-11-27T03:00Z'), lastRunAt: null, lastTaskId: null, lastOutcome: null, missed: null,
};
const passed = (change: Partial<Schedule>, now: string) => passedRuns({ ...daily, ...change }, 'UTC', at(now));

describe('what has come due', () => {
  it('is nothing before its time, and the run at it', () => {
    expect(passed({}, '2026-11-28T02:59:59.999Z')).toBeNull();
    expect(passed({}, '2026-11-28T03:00Z')).toEqual({ runAt: at('2026-11-28T03:00Z'), missed: null });
  });

  it('is started up to ten minutes late, and missed later', () => {
    const due = at('2026-11-28T03:00Z');
    expect(passedRuns(daily, 'UTC', due + lateLimitMs)).toEqual({ runAt: due, missed: null });
    expect(passedRuns(daily, 'UTC', due + lateLimitMs + 1)).toEqual({ runAt: null, missed: { count: 1, since: due } });
  });

  it('is at most one run, however many there were', () => {
    expect(passed({}, '2026-12-01T12:00Z')).toEqual({ runAt: null, missed: { count: 4, since: at('2026-11-28T03:00Z') } });
    expect(passed({}, '2026-12-01T03:05Z')).toEqual({ runAt: at('2026-12-01T03:00Z'), missed: { count: 3, since: at('2026-11-28T03:00Z') } });
  });

  it('is made up for where its user wants that: the newest, once', () => {
    expect(passed({ catchUp: true }, '2026-12-01T12:00Z')).toEqual({ runAt: at('2026-12-01T03:00Z'), missed: { count: 3, since: at('2026-11-28T03:00Z') } });
    expect(passed({ catchUp: true }, '2026-11-28T12:00Z')).toEqual({ runAt: at('2026-11-28T03:00Z'), missed: null });
  });

  it('is nothing of one that is off', () => {
    expect(passed({ enabled: false }, '2026-12-01T03:00Z')).toBeNull();
    expect(nextRunOf({ ...daily, enabled: false }, 'UTC', 0)).toBeNull();
  });

  it('is not run again where a clock was put right by a little, and does not wait for years where it was wrong by years', () => {
    const ran = { consideredUntil: at('2026-11-28T03:00:05Z') };
    expect(passed(ran, '2026-11-28T02:59:58Z')).toBeNull();
    expect(passed(ran, '2026-11-28T03:00:00Z')).toBeNull();
    const ahead = { ...daily, consideredUntil: at('2031-01-01T00:00Z') };
    const found = passedRuns(ahead, 'UTC', at('2026-11-28T01:00Z'));
    expect(found).toEqual({ runAt: null, missed: null });
    const back = considered(ahead, found ?? { runAt: null, missed: null }, at('2026-11-28T01:00Z'), false);
    expect(passedRuns(back, 'UTC', at('2026-11-28T03:00Z'))?.runAt).toBe(at('2026-11-28T03:00Z'));
  });

  it('counts the missed runs of years up to a limit', () => {
    expect(passed({ pattern: '* * * * *', consideredUntil: at('2020-01-01T00:00Z') }, '2026-11-28T03:00:30Z')).toEqual({
      runAt: at('2026-11-28T03:00Z'), missed: { count: mostCounted, since: at('2020-01-01T00:01Z') },
    });
  });
});

describe('a schedule that was looked at', () => {
  const now = at('2026-12-01T12:00Z');
  const missed = { count: 2, since: at('2026-11-30T03:00Z') };

  it('adds what was missed to what was before, and forgets it with the next run', () => {
    const once = considered(daily, { runAt: null, missed }, now, false);
    expect(once).toMatchObject({ consideredUntil: now, missed, lastOutcome: null });
    const twice = considered(once, { runAt: null, missed: { count: 3, since: now } }, now + 1, false);
    expect(twice.missed).toEqual({ count: 5, since: missed.since });
    const most = { count: mostCounted, since: 1 };
    expect(considered({ ...once, missed: most }, { runAt: null, missed }, now, false).missed).toEqual(most);
    expect(considered(twice, { runAt: now, missed: null }, now, false)).toMatchObject({ missed: null, lastOutcome: { kind: 'starting', at: now, dueAt: now } });
  });

  it('neither runs nor misses anything while what it is of is out of use', () => {
    expect(considered(daily, { runAt: now, missed }, now, true)).toEqual({ ...daily, consideredUntil: now });
  });

  it('counts a run as missed whose process died as it began', () => {
    const begun: Schedule = { ...daily, lastOutcome: { kind: 'starting', at: now, dueAt: now - 5 } };
    expect(withoutLostStart(begun, now + startLimitMs)).toBe(begun);
    expect(withoutLostStart(begun, now + startLimitMs + 1)).toMatchObject({ lastOutcome: null, missed: { count: 1, since: now - 5 } });
  });

  it('goes by the workstation, or by a zone of its own', () => {
    expect([zoneOf({ timeZone: 'local' }, 'Asia/Shanghai'), zoneOf({ timeZone: 'Europe/Berlin' }, 'Asia/Shanghai')]).toEqual(['Asia/Shanghai', 'Europe/Berlin']);
  });
});
