import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../electron/backup/manifest';
import { planRestore } from '../../../electron/backup/restore/plan';
import type { Fleet } from '../../../electron/fleet/types';
import type { RestoreOrder } from '../../../shared/domain/backup/backup';
import { wholeInstance } from '../../../shared/domain/scope/scope';
import { facts, member } from '../../fixtures/facts';
import { fakeSession } from '../../fixtures/fake-session';

const uuid = '11111111-1111-1111-1111-111111111111';
const manifest: Manifest = {
  format: 'antipode-backup', version: 1, id: 'b', madeBy: 'x', server: { instanceId: 'i1', name: 'one', uuid, version: '9.7.0', lowerCaseTableNames: 0 },
  startedAt: 0, endedAt: 0, gtidSet: `${uuid}:1-5`, lockedMs: 0, zone: '+00:00', scope: wholeInstance, encryption: null, databases: [], tables: [], programs: [],
  accounts: [], leftOut: [], seal: '', files: [],
};
const order: RestoreOrder = {
  backupId: 'b', targetId: 'i1', scope: wholeInstance, renamings: [], accounts: 'none', asStandby: false, replace: false, until: { instanceId: 'i1', before: null },
};

interface LogCase {
  readonly mode?: string;
  readonly status?: Readonly<Record<string, string>>;
  readonly link?: Readonly<Record<string, string>>;
  readonly gtidSet?: string;
  readonly readsLog?: boolean;
}

/** A plan whose log is asked about for twenty minutes; how often it was asked. */
async function planned({ mode = 'ON', status = {}, link, gtidSet = manifest.gtidSet, readsLog = true }: LogCase) {
  let [now, asked] = [1_000, 0];
  const session = fakeSession('one', (sql) => {
    if (sql.includes('gtid_mode')) {
      now += 1_200_000;
      asked += 1;
      return [{ purged: '', mode }];
    }
    if (sql === 'SHOW BINARY LOG STATUS') return [status];
    if (sql.startsWith('SHOW REPLICA STATUS')) return link === undefined ? [] : [link];
    return [];
  }, '9.7.0');
  const { instance, health } = member(1);
  const view = { instance, health, facts: facts(1), role: 'primary', sourceId: null } as ReturnType<Fleet['view']>;
  const fleet: Pick<Fleet, 'instance' | 'connect' | 'withSession' | 'view' | 'refresh' | 'replicasOf'> = {
    instance: () => instance, connect: () => Promise.reject(new Error('the log itself is not read')), withSession: (_id, use) => use(session), view: () => view,
    refresh: () => Promise.resolve(view), replicasOf: () => [],
  };
  const parts = { fleet, dataFolder: tmpdir() };
  const plan = await planRestore(parts, { folder: '', manifest: { ...manifest, gtidSet }, key: null }, order, { id: 'p', clock: () => now, readsLog });
  return { plan, asked, refusals: plan.obstacles.map(({ code, params }) => [code, 'state' in params ? params.state : '', 'gtids' in params ? params.gtids : '']) };
}

describe('a restore to a later moment', () => {
  it('is planned from when its log was read, however long that took', async () => {
    const { plan } = await planned({ mode: 'OFF' });
    expect([plan.createdAt, plan.expiresAt > 1_201_000]).toEqual([1_201_000, true]);
  });

  it('asks nothing of the log as it is confirmed', async () => {
    expect(await planned({ mode: 'OFF', readsLog: false })).toMatchObject({ asked: 0, refusals: [], plan: { later: null } });
  });

  const replica = { Source_Host: 'db0', Source_Port: '3306', Replica_SQL_Running: 'Yes', Channel_Name: '' };
  const cases: readonly [what: string, of: LogCase, state: string, gtids: string][] = [
    ['whose transactions have no GTIDs', { mode: 'OFF' }, 'off', ''],
    ['whose transactions need none', { mode: 'ON_PERMISSIVE' }, 'off', ''],
    ['of a backup that holds none', { gtidSet: '' }, 'off', ''],
    ['that holds some databases alone', { status: { Binlog_Do_DB: 'shop' } }, 'filtered', 'Binlog_Do_DB = shop'],
    ['that leaves a database out', { status: { Binlog_Ignore_DB: 'crm' } }, 'filtered', 'Binlog_Ignore_DB = crm'],
    ['whose server applies a part of what it receives', { link: { ...replica, Replicate_Wild_Do_Table: 'shop.%' } }, 'filtered', 'replication filters db0:3306'],
    ['whose server leaves tables out', { link: { ...replica, Channel_Name: 'late', Replicate_Ignore_Table: 'shop.t' } }, 'filtered', 'replication filters late'],
  ];
  it.each(cases)('is refused along a log %s', async (_what, of, state, gtids) => {
    expect((await planned(of)).refusals).toEqual([['restore-log-gap', state, gtids]]);
  });
});
