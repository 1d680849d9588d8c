import { expect, it } from 'vitest';
import { MysqlError } from '../../../electron/mysql/errors';
import { nothingLeftOut, putWhatIsLeft } from '../../../electron/replication/left-out';
import { passOutsideStatement } from '../../../electron/replication/outside-statements';
import type { DecodedTransaction } from '../../../shared/domain/binlog/transaction';
import { fakeSession } from '../../fixtures/fake-session';

const gtid = '3e11fa47-71ca-11e1-9e33-c80aa9429562:7';
const status = {
  Replica_IO_Running: 'Yes', Replica_SQL_Running: 'No', Last_SQL_Errno: 1051, Last_SQL_Error: '', Channel_Name: '', Source_Host: 'h',
  Retrieved_Gtid_Set: gtid, Executed_Gtid_Set: '',
};

/** A closed standby, and what is asked of it; its first session is gone once it is to run a statement that begins so. */
function standbyLosing(start: string) {
  const asked: string[] = [];
  let isGone = false;
  const answer = (how: string) => (sql: string): readonly Record<string, unknown>[] => {
    if (how === '' && (isGone ||= sql.startsWith(start))) throw new MysqlError({ code: 'connection-lost', params: { host: 'h', port: 3306 } }, 0, '');
    if (sql.startsWith('SHOW REPLICA STATUS')) return [status];
    if (sql.includes('replication_applier_status_by_worker')) return [{ channel: '', worker: 1, errno: 1051, error: '', gtid, moment: 1 }];
    if (sql.includes('super_read_only AS')) return [{ on: 1 }];
    if (/^(SET|DROP|GRANT|USE)/.test(sql)) asked.push(`${how}${sql}`);
    return [];
  };
  return { asked, session: fakeSession('standby', answer('')), another: (use: (session: ReturnType<typeof fakeSession>) => Promise<unknown>) => use(fakeSession('standby', answer('another: '))) };
}

const closed = ['SET GLOBAL super_read_only = OFF', `SET SESSION gtid_next = '${gtid}'`, 'another: SET GLOBAL super_read_only = ON'];

it('a standby is closed again, over another connection, where that is lost which does the part of a DROP that is in scope', async () => {
  const { asked, session, another } = standbyLosing('DROP');
  const transaction: DecodedTransaction = {
    gtid, at: null, statements: [{ database: 'shop', text: 'DROP TABLE shop.a, other.b' }], changes: [], tables: [], truncated: false,
  };
  const link = { scope: { kind: 'partial', databases: [{ database: 'shop', tables: null }] }, leftOut: nothingLeftOut, logged: () => Promise.resolve(transaction), another } as const;
  await expect(passOutsideStatement(session, link, (statement) => session.run(statement))).rejects.toMatchObject({ error: { code: 'connection-lost' } });
  expect(asked).toEqual(closed);
});

it('so it is where the rest of a statement is run on what was left out', async () => {
  const { asked, session, another } = standbyLosing('GRANT');
  const text = 'GRANT SELECT ON shop.v TO a';
  const found = {
    missing: [], gone: [], added: [], taken: [], ignores: false, statement: { database: '', text: `${text}, b` }, rest: { text, kept: [] },
  };
  await expect(putWhatIsLeft(session, gtid, found, { run: (statement) => session.run(statement), another })).rejects.toMatchObject({ error: { code: 'connection-lost' } });
  expect(asked.filter((sql) => !sql.includes('sql_mode'))).toEqual(closed);
});
