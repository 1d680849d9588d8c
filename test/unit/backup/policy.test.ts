// What a schedule keeps of the backups it takes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy, keepsText, letGo, proofDue, type BackupPolicy, type PlacedBackup } from '../../../shared/domain/backup/policy';
import { isGood } from '../../../shared/domain/backup/standing';
import type { BackupView } from '../../../shared/domain/backup/backup';
import { translator } from '../../../shared/i18n/translate';
import { backupView, finding } from '../../fixtures/backups';

const day = 86_400_000;
const now = Date.parse('2026-11-27T12:00:00Z');
const own = '/data/backups';
const placed = (id: string, days: number, over: Partial<PlacedBackup> & { readonly is?: Partial<BackupView> } = {}): PlacedBackup => ({
  view: backupView(id, { startedAt: now - days * day, ...over.is }), takenFrom: over.takenFrom ?? 'orders-gz', place: over.place ?? own,
});
const policy = (change: Partial<BackupPolicy> = {}): BackupPolicy => ({ ...defaultPolicy('orders-gz'), ...change });
const gone = (backups: readonly PlacedBackup[], change: Partial<BackupPolicy>, place = own): string[] =>
  letGo(backups, policy(change), place, now).map(({ id }) => id);

describe('the proof that is due', () => {
  const due = (backups: readonly PlacedBackup[], proveDays: number | null, place = own): string | null =>
    proofDue(backups, policy({ proveDays }), place, now)?.id ?? null;
  const proven = (at: number, ok = true) => ({ proven: finding(at, ok) });

  it('is of the newest good one, where none of the instance was proven for so long', () => {
    const backups = [placed('a', 0), placed('b', 1), placed('c', 9, { is: proven(now - 8 * day) })];
    expect([due(backups, 7), due(backups, 9), due(backups, null)]).toEqual(['a', null, null]);
    expect(due([placed('a', 0, { is: { verified: finding(now, false) } }), placed('b', 1)], 7)).toBe('b');
    expect(due([], 7)).toBeNull();
  });

  it('is due at the hour of day at which the last one was', () => {
    expect(due([placed('a', 0), placed('b', 7, { is: proven(now - 7 * day + 60_000) })], 7)).toBe('a');
    expect(due([placed('a', 0), placed('b', 6, { is: proven(now - 6 * day + 60_000) })], 7)).toBeNull();
  });

  it('takes a proof that failed for none, and one of another folder for one', () => {
    expect(due([placed('a', 0), placed('b', 1, { is: proven(now - day, false) })], 7)).toBe('a');
    expect(due([placed('a', 0), placed('b', 1, { place: '/mnt/nas', is: proven(now - day) })], 7)).toBeNull();
    expect(due([placed('a', 1), placed('b', 0, { place: '/mnt/nas' })], 7)).toBe('a');
  });

  it.each<[string, PlacedBackup]>([
    ['of another instance', placed('x', 0, { takenFrom: 'crm-gz', is: proven(now) })],
    ['of a part', placed('x', 0, { is: { scope: { kind: 'partial', databases: [{ database: 'crm', tables: null }] }, ...proven(now) } })],
  ])('neither is nor counts one %s', (_what, other) => {
    expect(due([placed('a', 1), other], 7)).toBe('a');
  });
});

describe('what a policy lets go of', () => {
  const partial = { scope: { kind: 'partial', databases: [{ database: 'crm', tables: null }] } } as const;

  it('is, by default, what comes after the fourteen newest', () => {
    const backups = Array.from({ length: 16 }, (_, at) => placed(`b-${at}`, at));
    expect(gone(backups, {})).toEqual(['b-14', 'b-15']);
    expect(gone(backups, { keepCount: null })).toEqual([]);
  });

  it.each<[string, PlacedBackup]>([
    ['of another instance', placed('x', 9, { takenFrom: 'crm-gz' })],
    ['of the same server under another registration', placed('x', 9, { takenFrom: 'older-id', is: { instanceId: 'orders-gz' } })],
    ['in another folder', placed('x', 9, { place: '/mnt/nas' })],
    ['of a part', placed('x', 9, { is: partial })],
    ['found damaged', placed('x', 9, { is: { verified: finding(now, false) } })],
    ['the newest that was proven', placed('x', 9, { is: { proven: finding(now - day) } })],
  ])('is none %s', (_what, other) => {
    expect(gone([placed('a', 0), placed('b', 1), other], { keepCount: 1 })).toEqual(['b']);
  });

  it('counts none of those for what is kept', () => {
    expect(gone([placed('x', 0, { place: '/mnt/nas' }), placed('y', 0, { is: partial }), placed('a', 1), placed('b', 2)], { keepCount: 2 })).toEqual([]);
  });

  it('is of the folder that the policy names', () => {
    const backups = [placed('a', 0), placed('b', 1), placed('c', 0, { place: '/mnt/nas' }), placed('d', 1, { place: '/mnt/nas' })];
    expect(gone(backups, { keepCount: 1, place: '/mnt/nas' }, '/mnt/nas')).toEqual(['d']);
  });

  it('leaves a good one and the newest proven one, whatever there is', () => {
    const one = fc.record({
      days: fc.nat(400), takenFrom: fc.constantFrom('orders-gz', 'crm-gz'), place: fc.constantFrom(own, '/mnt/nas'),
      verified: fc.constantFrom(null, true, false), proven: fc.constantFrom(null, true, false), whole: fc.boolean(),
    });
    const kept = fc.option(fc.integer({ min: 1, max: 20 }), { nil: null });
    fc.assert(fc.property(fc.array(one, { maxLength: 30 }), kept, kept, (made, keepCount, keepDays) => {
      const backups = made.map(({ days, takenFrom, place, verified, proven, whole }, at) => placed(`b-${at}`, days, {
        takenFrom, place,
        is: {
          verified: verified === null ? null : finding(now - days * day + 1, verified),
          proven: proven === null ? null : finding(now - days * day + 2, proven), ...(whole ? {} : partial),
        },
      }));
      const removed = new Set(gone(backups, { keepCount, keepDays }));
      const mine = backups.filter((b) => b.takenFrom === 'orders-gz' && b.place === own && b.view.scope.kind === 'instance' && isGood(b.view)).map(({ view }) => view);
      expect([...removed].every((id) => mine.some((view) => view.id === id))).toBe(true);
      const newest = Math.max(...mine.map(({ startedAt }) => startedAt));
      if (mine.length > 0) expect(mine.some(({ id, startedAt }) => startedAt === newest && !removed.has(id))).toBe(true);
      const proven = mine.filter((view) => view.proven?.ok === true);
      if (proven.length > 0) expect(proven.some(({ id }) => !removed.has(id))).toBe(true);
    }));
  });
});

it.each([
  [{ keepCount: null, keepDays: null }, 'keeps all of them', '全部保留'],
  [{ keepCount: 1, keepDays: null }, 'keeps the newest one', '保留最近 1 份'],
  [{ keepCount: null, keepDays: 30 }, 'keeps those younger than 30 days', '保留 30 天内的备份'],
  [{ keepCount: 7, keepDays: 1 }, 'keeps the newest 7, and those younger than 1 day', '保留最近 7 份，以及 1 天内的备份'],
])('%j is said in words', (kept, en, zh) => {
  expect(translator('en').message(keepsText(kept))).toBe(en);
  expect(translator('zh-CN').message(keepsText(kept))).toBe(zh);
});
