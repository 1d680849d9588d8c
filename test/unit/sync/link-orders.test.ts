import { expect, it } from 'vitest';
import type { Fleet } from '../../../electron/fleet/types';
import type { AuditLog } from '../../../electron/storage/types';
import { Replication } from '../../../electron/sync/link/orders';
import { member } from '../../fixtures/facts';
import { fakeSession } from '../../fixtures/fake-session';
import { copySpec } from '../../fixtures/sync-spec';

it('a link that is started again by its sync task may be started by a restart again, and not before it runs', async () => {
  const done: string[] = [];
  const session = fakeSession('late', (sql) => {
    if (/SHOW REPLICA STATUS/.test(sql)) return [{ Source_Host: 'db1', Replica_SQL_Running: 'No' }];
    if (/^(STOP|START)/.test(sql)) done.push(sql);
    return [];
  }, '9.7.0');
  const { instance } = member(2);
  const fleet: Pick<Fleet, 'instance' | 'withSession' | 'refresh'> = {
    instance: () => instance, withSession: (_id, use) => use(session), refresh: () => Promise.reject(new Error('not of interest')),
  };
  const audit: Pick<AuditLog, 'append'> = { append: () => undefined };
  const standing = {
    release: (_session: object, instanceId: string) => Promise.resolve(void done.push(`released ${instanceId}`)), forget: (instanceId: string) => void done.push(`forgotten ${instanceId}`),
  };
  await expect(new Replication(fleet as Fleet, audit as AuditLog, standing).start(copySpec('late', 'gz', 'sh'))).rejects.toThrow();
  expect(done).toEqual(['START REPLICA', 'released sh']);
  done.length = 0;
  const part = copySpec('late', 'gz', 'sh', { scope: { kind: 'partial', databases: [{ database: 'shop', tables: null }] } });
  await expect(new Replication(fleet as Fleet, audit as AuditLog, standing).start(part)).rejects.toThrow();
  // The filters of a part are gone with a restart: its start stays off.
  expect(done.at(-1)).toBe('forgotten sh');
});
