// Which backups count for which instance: its own, and those of others that hold an earlier state of the same data.
import { describe, expect, it } from 'vitest';
import type { BackupView } from '../../../shared/domain/backup/backup';
import { backedUp } from '../../../shared/domain/backup/protection';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { backupView, finding } from '../../fixtures/backups';
import { sampleFleet } from '../../fixtures/renderer-fleet';

const now = Date.parse('2026-11-27T12:00:00Z');
const fleet = sampleFleet(now).instances;
const taken = (id: string, instanceId: string | null, over: Partial<BackupView> = {}): BackupView =>
  backupView(id, { instanceId, startedAt: now - 3_600_000, ...over });
const told = (backups: readonly BackupView[], instances: readonly InstanceView[] = fleet) => {
  const all = backedUp(instances, backups, now);
  return (id: string) => {
    const one = all.get(id)!;
    return { kind: one.kind, through: one.throughId, backups: one.backups.map((backup) => backup.id) };
  };
};
const filtered = (id: string): readonly InstanceView[] => fleet.map((view) => view.instance.id !== id ? view : {
  ...view, facts: { ...view.facts!, channels: view.facts!.channels.map((channel) => ({ ...channel, filters: { ...channel.filters, doDb: ['orders'] } })) },
});
const nothing = { kind: 'none', through: null, backups: [] };

describe('what an instance could be brought back to', () => {
  it('is nothing where nobody took a backup of it', () => {
    expect(told([])('orders-gz')).toEqual(nothing);
  });

  it('is a whole backup of its standby, for the primary and for every other that follows it', () => {
    const of = told([taken('b', 'orders-sh', { proven: finding(now - 1000) })]);
    for (const id of ['orders-gz', 'orders-cd', 'pair-sh']) expect(of(id)).toEqual({ kind: 'good', through: 'orders-sh', backups: ['b'] });
    expect(of('orders-sh')).toEqual({ kind: 'good', through: null, backups: ['b'] });
    expect(of('crm-gz')).toEqual(nothing);
  });

  it('is the newest of both, and says through whom', () => {
    const own = taken('own', 'orders-gz', { startedAt: now - 7_200_000 });
    expect(told([own, taken('b', 'orders-sh')])('orders-gz')).toMatchObject({ through: 'orders-sh', backups: ['b', 'own'] });
    expect(told([own, taken('b', 'orders-sh', { startedAt: now - 9_000_000 })])('orders-gz')).toMatchObject({ through: null, backups: ['own', 'b'] });
  });

  it.each([
    ['a part of the standby', taken('b', 'orders-sh', { scope: { kind: 'partial', databases: [{ database: 'orders', tables: null }] } })],
    ['one that is unfinished', taken('b', 'orders-sh', { state: 'incomplete' })],
    ['transactions that the primary has not', taken('b', 'orders-sh', { gtidSet: '3e11fa47-71ca-11e1-9e33-c80aa9429501:1-482914' })],
    ['no transaction', taken('b', 'orders-sh', { gtidSet: '' })],
    ['what cannot be read as a set', taken('b', 'orders-sh', { gtidSet: 'half a line' })],
    ['a server that is not registered', taken('b', null)],
  ])('is not %s', (_what, backup) => {
    expect(told([backup])('orders-gz')).toEqual(nothing);
  });

  it('is not what comes through a filter, nor what follows behind one', () => {
    const of = told([taken('b', 'orders-sh'), taken('c', 'pair-sh')], filtered('orders-sh'));
    expect(of('orders-gz')).toEqual(nothing);
    // What was taken of the primary holds all that a part of it holds.
    expect(told([taken('b', 'orders-gz')], filtered('orders-sh'))('orders-sh')).toMatchObject({ through: 'orders-gz' });
  });

  it('is nobody else’s where the instance was never read', () => {
    const unread = fleet.map((view) => (view.instance.id === 'orders-gz' ? { ...view, facts: null } : view));
    expect(told([taken('b', 'orders-sh')], unread)('orders-gz')).toEqual(nothing);
  });

  it('is only a part where no whole backup is good', () => {
    const part = taken('part', 'crm-gz', { scope: { kind: 'partial', databases: [{ database: 'crm', tables: null }] } });
    expect(told([part])('crm-gz').kind).toBe('partial');
    expect(told([part, taken('whole', 'crm-gz', { state: 'incomplete' })])('crm-gz').kind).toBe('partial');
    expect(told([part, taken('whole', 'crm-gz', { startedAt: now - 90 * 86_400_000 })])('crm-gz').kind).toBe('old');
    expect(told([{ ...part, state: 'damaged' }])('crm-gz').kind).toBe('broken');
  });

  it('ends where servers follow each other in a circle', () => {
    const circle = fleet.map((view) => (view.instance.id === 'orders-gz' ? { ...view, sourceId: 'orders-sh' } : view));
    expect(told([taken('b', 'orders-gz')], circle)('orders-gz').kind).toBe('unproven');
  });
});
