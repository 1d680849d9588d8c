// What is done on a standby by itself while somebody operates there, it was opened, it stands still, or its connection breaks.
import { describe, expect, it } from 'vitest';
import type { FleetServers } from '../../../electron/fleet/types';
import { objectsWithRights } from '../../../electron/mysql/accounts/object-rights';
import { MysqlError } from '../../../electron/mysql/errors';
import type { LiveSession, Session } from '../../../electron/mysql/types';
import { nothingLeftOut, type LeftOutRecord } from '../../../electron/replication/left-out';
import type { AuditLog } from '../../../electron/storage/types';
import { newRecord } from '../../../electron/sync/records';
import { carryRights, type RightsDeps } from '../../../electron/sync/rights-due';
import { Protections } from '../../../electron/sync/scope/coverage';
import { startReceiverAgain } from '../../../electron/sync/skip/receiver';
import type { RefusedRights } from '../../../shared/domain/scope/left-out';
import type { NamedObject } from '../../../shared/domain/scope/named-objects';
import { failure } from '../../../shared/errors/codes';
import { fakeSession } from '../../fixtures/fake-session';
import { copySpec } from '../../fixtures/sync-spec';

const spec = copySpec('task', 'source', 'standby');
const record = { ...newRecord('id', spec, 0), outcome: 'linked' as const };
const view: NamedObject = { kind: 'TABLE', database: 'shop', name: 'v' };

type Answer = (sql: string) => readonly Readonly<Record<string, unknown>>[];
/** It gets the lock of the server. */
const lockSession = (): LiveSession => ({
  ...fakeSession('lock', (sql) => (sql.includes('GET_LOCK') ? [{ got: 1 }] : [])), closed: false, idle: true, client: null,
} as Partial<LiveSession> as LiveSession);

describe('the receiver of a standby that was opened', () => {
  it('is left alone without taking the lock of the server', async () => {
    const asked: string[] = [];
    const session = fakeSession('standby', (sql) => {
      asked.push(sql);
      return [{ closed: 0 }];
    });
    const fleet: Pick<FleetServers, 'withSession' | 'connect'> = {
      withSession: (_id, use) => use(session),
      connect: () => Promise.reject(new Error('The lock was to be taken.')),
    };
    await startReceiverAgain({
      fleet: fleet as FleetServers, audit: { append: () => undefined }, clock: () => 0, record: () => record, settled: () => undefined,
    }, record);
    expect(asked).toEqual(['SELECT @@GLOBAL.read_only AS closed']);
  });
});

describe('what is protected', () => {
  it('is told while somebody operates on the standby, and that the rest was not done is told once', async () => {
    const lines: string[] = [];
    const append: AuditLog['append'] = ({ action, outcome, detail }) => void lines.push(`${action} ${outcome} ${String(detail['code'])}`);
    const nobody = (): never => { throw new Error('Nothing is done there.'); };
    const held = (): never => { throw failure('lock-held', { holder: 'h', since: 's', kind: 'cure', what: 'w' }); };
    const fleet: Pick<FleetServers, 'withSession'> = { withSession: (_id, use) => use(fakeSession('standby', () => [])) };
    const protections = new Protections(
      { ...fleet, noteScopeFindings: () => undefined, connect: nobody, instance: nobody },
      { append } as AuditLog, () => 0, () => ({ ...nothingLeftOut, list: held }), () => true,
    );
    for (let times = 0; times < 2; times += 1) expect(await protections.read(record)).toMatchObject({ databases: [] });
    expect(lines).toEqual(['sync.protection failed lock-held']);
  });
});

/** A source whose account may read a view, and a standby on which the view is and the right is not. */
function pair(standby: Answer, waits: NamedObject[] = []) {
  const ran: string[] = [];
  const refused: RefusedRights[] = [];
  const common = (sql: string) => {
    if (sql.includes('FROM mysql.user')) return [{ user: 'a', host: '%' }];
    if (sql.includes('information_schema.TABLES')) return [{ db: 'shop', name: 'v' }];
    return [];
  };
  const source: Answer = (sql) => {
    if (sql.includes('mysql.tables_priv')) return [{ user: 'a', host: '%', db: 'shop', name: 'v', kind: 'TABLE', col: '', held: 'Select' }];
    return sql.includes('gtid_executed') ? [{ gtid_executed: 'aaaaaaaa-0000-0000-0000-000000000000:1-9' }] : common(sql);
  };
  let sessions = 0;
  const session = (id: string): Session => {
    sessions += 1;
    const number = sessions;
    return fakeSession(id, (sql) => {
      if (id === 'source') return source(sql);
      ran.push(`${number} ${sql}`);
      const own = standby(sql);
      return own.length > 0 ? own : common(sql);
    });
  };
  const deps: RightsDeps = {
    fleet: { withSession: (id, use) => use(session(id)), connect: () => Promise.resolve(lockSession()), instance: (name) => ({ name }) },
    audit: { append: () => undefined }, clock: () => 0, isSettled: () => true,
  };
  const left: LeftOutRecord = {
    ...nothingLeftOut, due: () => [view], rightsWait: (objects) => void waits.push(...objects), rightsRefused: (more) => void refused.push(...more),
  };
  return { carry: () => carryRights(deps, spec, left), ran, refused };
}

const caughtUp: Answer = (sql) => {
  if (sql.includes('gtid_executed')) return [{ gtid_executed: 'aaaaaaaa-0000-0000-0000-000000000000:1-9' }];
  if (sql.includes('read_only AS closed')) return [{ closed: 1, mode: '' }];
  return sql.includes('super_read_only AS') ? [{ on: 1 }] : [];
};

describe('rights that are due', () => {
  it('are none of the server’s own databases', async () => {
    const source = fakeSession('source', (sql) => (sql.includes('tables_priv') ? ['sys', 'performance_schema', 'mysql', 'shop', 'SYS'].map((db) => ({ db, name: 'v', kind: 'TABLE' })) : []));
    expect((await objectsWithRights(source)).map(({ database }) => database)).toEqual(['shop', 'SYS']);
  });

  it('wait, and are told to, where the standby stands still; it is asked once what it has', async () => {
    const waits: NamedObject[] = [];
    const { carry, ran } = pair(() => [], waits);
    await carry();
    expect([waits, ran.filter((sql) => sql.includes('gtid_executed')).length, ran.some((sql) => sql.includes('GRANT'))]).toEqual([[view], 1, false]);
  });

  it('close the standby again over a new connection where the one at work breaks', async () => {
    let broke = false;
    const { carry, ran } = pair((sql) => {
      if (sql.startsWith('GRANT')) broke = true;
      if (broke && (sql.startsWith('GRANT') || (sql.includes('super_read_only = ON') && ran.filter((one) => one.includes('super_read_only = ON')).length === 1))) {
        throw failure('connection-lost', { host: 'h', port: 1 });
      }
      return caughtUp(sql);
    });
    await expect(carry()).rejects.toMatchObject({ error: { code: 'connection-lost' } });
    const closings = ran.filter((sql) => sql.includes('super_read_only = ON')).map((sql) => sql.split(' ')[0]);
    expect([closings.length, new Set(closings).size]).toEqual([2, 2]);
  });

  it('are no refusal where the object went meanwhile, and one where it is there', async () => {
    const run = async (isThere: boolean, errno: number): Promise<number> => {
      let given = false;
      const { carry, refused } = pair((sql) => {
        if (sql.startsWith('GRANT')) {
          given = true;
          throw new MysqlError({ code: 'query-failed', params: { errno, sqlState: '42S02' } }, errno, '42S02');
        }
        return given && !isThere && sql.includes('information_schema.TABLES') ? [{ db: 'shop', name: 'another' }] : caughtUp(sql);
      });
      await carry();
      return refused.length;
    };
    expect([await run(false, 1146), await run(true, 1146), await run(false, 1142)]).toEqual([0, 1, 1]);
  });
});
