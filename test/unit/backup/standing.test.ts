// What the backups of an instance come to: its kind, its days, and what a retention lets go of.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BackupView } from '../../../shared/domain/backup/backup';
import { backupDays, backupStanding, expired, isGood } from '../../../shared/domain/backup/standing';
import { startOfDay } from '../../../shared/i18n/moment';
import { backupView, finding } from '../../fixtures/backups';

const day = 86_400_000;
const now = Date.parse('2026-11-27T12:00:00Z');
const taken = (days: number, over: Partial<BackupView> = {}): BackupView => backupView(`b-${days}`, { startedAt: now - days * day, ...over });

describe('the standing of an instance', () => {
  it.each([
    ['none', []],
    ['none', [taken(0, { state: 'running' })]],
    ['broken', [taken(0, { state: 'incomplete' })]],
    ['broken', [taken(0, { state: 'damaged' }), taken(1, { state: 'newer' })]],
    ['broken', [taken(0, { verified: finding(now, false) })]],
    ['broken', [taken(1, { verified: finding(now - day), proven: finding(now, false) })]],
    ['old', [taken(2.01, { proven: finding(now) })]],
    ['unproven', [taken(1.99)]],
    ['unproven', [taken(0), taken(40, { proven: finding(now - 31 * day) })]],
    ['good', [taken(0), taken(40, { proven: finding(now - 29 * day) })]],
    ['good', [taken(0, { verified: finding(now - 2, false), proven: finding(now - 1) })]],
  ] as const)('is %s', (kind, backups) => {
    expect(backupStanding(backups, now).kind).toBe(kind);
  });

  it('tells the attempt that came to nothing only where nothing good came after it', () => {
    expect(backupStanding([taken(1), taken(0, { state: 'incomplete' })], now)).toMatchObject({ lastGood: { id: 'b-1' }, failedAt: now });
    expect(backupStanding([taken(0), taken(1, { state: 'incomplete' })], now).failedAt).toBeNull();
  });

  it('does not count one that was found wrong as proven by what was found before', () => {
    expect(backupStanding([taken(1, { proven: finding(now - day), verified: finding(now, false) })], now)).toMatchObject({ kind: 'broken', lastGood: null });
  });
});

describe('the days of the strip', () => {
  const days = (backups: readonly BackupView[], zone = 'UTC', at = now, count = 4) => backupDays(backups, at, { count, startOfDay: (moment) => startOfDay(zone, moment) });

  it('end today, and expect nothing before the first backup', () => {
    expect(days([taken(1), taken(1.1), taken(0, { state: 'incomplete' })]).map(({ good, failed, expected }) => [good, failed, expected])).toEqual([
      [0, 0, false], [0, 0, false], [2, 0, true], [0, 1, true],
    ]);
  });

  it.each([
    // 25 hours, 23 hours, and midnights that do not exist or stand twice.
    ['Europe/Berlin', '2026-10-26T12:00:00Z'], ['Europe/Berlin', '2026-03-30T12:00:00Z'], ['America/Sao_Paulo', '2018-11-05T12:00:00Z'], ['Asia/Beirut', '2026-03-30T00:30:00Z'],
    ['America/Havana', '2026-11-02T12:00:00Z'], ['Australia/Lord_Howe', '2026-10-05T12:00:00Z'], ['Pacific/Apia', '2012-01-01T12:00:00Z'], ['Asia/Shanghai', '2026-11-27T16:00:00Z'],
  ])('are one date each in %s across %s, whatever clocks do', (zone, at) => {
    const date = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: zone });
    const shown = days([], zone, Date.parse(at), 6).map(({ from }) => from);
    expect(new Set(shown.map((from) => date.format(from))).size).toBe(6);
    for (const from of shown) expect(date.format(from - 1)).not.toBe(date.format(from));
    expect(date.format(shown.at(-1))).toBe(date.format(Date.parse(at)));
  });

  it('hold every backup of their time exactly once', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 10 * day })), fc.constantFrom('UTC', 'Europe/Berlin', 'America/Havana', 'Asia/Kathmandu'), (ages, zone) => {
      const at = Date.parse('2026-11-02T13:00:00Z');
      const backups = ages.map((age, index) => backupView(`b-${index}`, { startedAt: at - age }));
      const shown = days(backups, zone, at, 8);
      expect(shown.reduce((sum, { good }) => sum + good, 0)).toBe(backups.filter(({ startedAt }) => startedAt >= shown[0]!.from).length);
    }), { numRuns: 50 });
  });
});

describe('a retention', () => {
  const looked = fc.option(fc.record({ age: fc.integer({ min: 0, max: 90 * day }), ok: fc.boolean() }), { nil: null });
  const backup = fc.record({ age: fc.integer({ min: 0, max: 90 * day }), state: fc.constantFrom('complete', 'complete', 'complete', 'incomplete', 'damaged', 'running', 'newer'), verified: looked, proven: looked });
  const some = fc.array(backup, { maxLength: 12 }).map((drafts) => drafts.map(({ age, state, verified, proven }, index) => backupView(`b-${index}`, {
    startedAt: now - age, state: state as BackupView['state'],
    verified: verified === null ? null : finding(now - verified.age, verified.ok), proven: proven === null ? null : finding(now - proven.age, proven.ok),
  })));
  const limit = fc.option(fc.integer({ min: 0, max: 40 }), { nil: null });
  const newest = (backups: readonly BackupView[]): number => Math.max(-Infinity, ...backups.map(({ startedAt }) => startedAt));

  it('never lets go of the newest good one, nor of the newest that was proven, nor of what is not good', () => {
    fc.assert(fc.property(some, limit, limit, (backups, count, days) => {
      const gone = new Set(expired(backups, { count, days }, now));
      const kept = backups.filter((one) => !gone.has(one));
      const isProven = (one: BackupView): boolean => isGood(one) && one.proven?.ok === true;
      expect(newest(kept.filter(isGood))).toBe(newest(backups.filter(isGood)));
      expect(newest(kept.filter(isProven))).toBe(newest(backups.filter(isProven)));
      expect([...gone].filter((one) => !isGood(one))).toEqual([]);
      const rank: readonly string[] = ['none', 'broken', 'old', 'unproven', 'good'];
      // What is left may be proven longer ago, never less good than that.
      if (backupStanding(backups, now).kind !== 'good') expect(rank.indexOf(backupStanding(kept, now).kind)).toBe(rank.indexOf(backupStanding(backups, now).kind));
    }));
  });

  it('keeps what either rule keeps', () => {
    const backups = [0, 1, 2, 3, 4, 5].map((days) => taken(days));
    expect(expired(backups, { count: 2, days: 3.5 }, now).map(({ id }) => id)).toEqual(['b-4', 'b-5']);
    expect(expired(backups, { count: 5, days: 1 }, now).map(({ id }) => id)).toEqual(['b-5']);
    expect(expired(backups, { count: 0, days: null }, now)).toHaveLength(5);
    expect(expired(backups, { count: null, days: null }, now)).toEqual([]);
  });
});
