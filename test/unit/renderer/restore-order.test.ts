// A restore as it is put together in its dialog: which databases, under which names.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isComplete, namedDatabases, orderOf, proposedName, type RestoreForm } from '../../../renderer/features/backup/restore-order';

const form = (over: Partial<RestoreForm> = {}): RestoreForm => ({ targetId: 't', part: null, typed: {}, accounts: 'none', asStandby: false, moment: { way: 'backup', logOf: 't', gtid: '' }, ...over });
const named = (over: Partial<RestoreForm>, target: readonly string[], folds = false) => namedDatabases(form(over), ['crm', 'orders'], { names: target, folds });

describe('the names of a restore', () => {
  it('are the databases’ own where the target has none of the name', () => {
    expect(named({}, ['other']).map(({ from, to, exists, fault }) => [from, to, exists, fault])).toEqual([['crm', 'crm', false, null], ['orders', 'orders', false, null]]);
  });

  it('stand beside what is there', () => {
    expect(named({}, ['orders', 'crm', 'crm_restored']).map(({ to }) => to)).toEqual(['crm_restored_2', 'orders_restored']);
  });

  it('do not differ by letter case alone where the target folds it', () => {
    expect(named({}, ['ORDERS'], true).map(({ to }) => to)).toEqual(['crm', 'orders_restored']);
    expect(named({}, ['ORDERS'], false).map(({ to }) => to)).toEqual(['crm', 'orders']);
    // A name that was typed is taken for those that are proposed after it.
    expect(named({ typed: { crm: 'Orders' } }, [], true).map(({ to, fault }) => [to, fault])).toEqual([['Orders', null], ['orders_restored', null]]);
  });

  it('are refused where they are empty, too long, or given twice', () => {
    expect(named({ typed: { crm: ' ' } }, []).map(({ fault }) => fault)).toEqual(['empty', null]);
    expect(named({ typed: { crm: 'x'.repeat(65) } }, []).map(({ fault }) => fault)).toEqual(['long', null]);
    expect(named({ typed: { crm: 'same', orders: 'same' } }, []).map(({ fault }) => fault)).toEqual(['twice', 'twice']);
    expect(isComplete(form(), named({ typed: { crm: '' } }, []))).toBe(false);
  });

  it('are as in the backup for a future standby', () => {
    const standby = form({ asStandby: true, typed: { crm: 'x' }, part: [] });
    expect(namedDatabases({ ...standby, part: null }, ['crm'], { names: ['crm'], folds: false })[0]?.to).toBe('crm');
    expect(orderOf('b', standby, []).scope).toEqual({ kind: 'instance' });
  });

  it('of proposals are never taken, and never longer than a server allows', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 }).filter((text) => [...text].length <= 64);
    fc.assert(fc.property(name, fc.integer({ min: 0, max: 12 }), (database, taken) => {
      const used = new Set<string>();
      for (let at = 0; at < taken; at += 1) used.add(proposedName(database, (one) => used.has(one)));
      expect(used.size).toBe(taken);
      for (const one of used) expect([...one].length).toBeLessThanOrEqual(64);
    }));
  });

  it('become renamings only where they differ', () => {
    const chosen = form({ part: [{ database: 'orders', tables: ['items'] }] });
    expect(orderOf('b', chosen, namedDatabases(chosen, ['crm', 'orders'], { names: ['orders'], folds: false }))).toEqual({
      backupId: 'b', targetId: 't', scope: { kind: 'partial', databases: [{ database: 'orders', tables: ['items'] }] }, renamings: [{ from: 'orders', to: 'orders_restored' }],
      accounts: 'none', asStandby: false, replace: false,
    });
  });
});

describe('the moment of a restore', () => {
  const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
  const moment = (way: RestoreForm['moment']['way'], gtid = '', logOf = 't'): RestoreForm => form({ moment: { way, logOf, gtid } });
  const until = (one: RestoreForm): unknown => orderOf('b', one, []).until;

  it('is that of the backup, the end of a log, or just before a transaction as servers write it', () => {
    expect(until(moment('backup', `${uuid}:5`))).toBeUndefined();
    expect(until(moment('latest', `${uuid}:5`))).toEqual({ instanceId: 't', before: null });
    expect(until(moment('before', ` ${uuid.toUpperCase()}:5 `))).toEqual({ instanceId: 't', before: `${uuid}:5` });
    expect(until(moment('before', `${uuid}:backup:7`))).toEqual({ instanceId: 't', before: `${uuid}:backup:7` });
  });

  it('is none for a future standby, which follows by itself', () => {
    expect(until({ ...moment('latest'), asStandby: true })).toBeUndefined();
  });

  it('needs a log, and one transaction where it lies before one', () => {
    expect([moment('latest'), moment('latest', '', ''), moment('before', `${uuid}:5`)].map((one) => isComplete(one, []))).toEqual([true, false, true]);
    for (const wrong of ['', uuid, `${uuid}:1-5`, `${uuid}:1,${uuid}:7`, 'latest', '2026-01-01 12:00:00', `${uuid}:0`]) {
      expect([wrong, isComplete(moment('before', wrong), [])]).toEqual([wrong, false]);
    }
    // What is not asked for stands in nobody's way.
    expect(isComplete(moment('backup', 'x', ''), [])).toBe(true);
  });
});
