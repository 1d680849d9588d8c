// What a run tells of changes in transactions of the user's: whatever ends one, none is called taken back that is committed, nor the other way round.
import { describe, expect, it } from 'vitest';
import { draftSql } from '../../../electron/operations/sql/draft';
import { SqlRun } from '../../../electron/operations/sql/run';
import { MysqlError } from '../../../electron/mysql/errors';
import type { LiveSession } from '../../../electron/mysql/types';
import { isDone, type SqlReport, type SqlRequest } from '../../../shared/domain/operations/sql/run';
import { failure } from '../../../shared/errors/codes';
import { fakeSession } from '../../fixtures/fake-session';

const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const gtid = (number: number): string => `${uuid}:${String(number)}`;

interface Answer {
  /** Whether a transaction is open behind it; as it was where it is not said. */
  readonly open?: boolean;
  readonly gtids?: readonly string[];
  readonly fails?: Error;
  readonly warnings?: number;
  /** Rows alone: the server says nothing of the transaction. */
  readonly rows?: boolean;
}

/** Runs statements against what the server says of each, by their order. */
async function run(steps: readonly (readonly [sql: string, answer?: Answer])[], onError: SqlRequest['onError'] = 'stop'): Promise<SqlReport> {
  const request: SqlRequest = { instanceId: 'i', text: steps.map(([sql]) => sql).join(';\n'), database: null, write: true, onError, rows: 3, keep: 'report', seconds: 5 };
  let isOpen = false;
  let at = 0;
  let autocommit = 2;
  const base = fakeSession('orders', (sql) => (sql.startsWith('SHOW WARNINGS') ? [{ Level: 'Warning', Code: 1196, Message: 'kept' }] : [{ mode: '' }]));
  const header = (gtids: readonly string[] = [], warningStatus = 0) => ({ affectedRows: 1, insertId: 0, info: '', serverStatus: (isOpen ? 1 : 0) + autocommit, warningStatus, stateChanges: { gtids } });
  const stream: LiveSession['stream'] = async function* <Row>(sql: Parameters<LiveSession['stream']>[0]) {
    await Promise.resolve();
    if (sql === 'DO 0') return void (yield header() as Row);
    const { open = isOpen, gtids, fails, warnings, rows = false } = steps[at]?.[1] ?? {};
    at += 1;
    if (steps[at - 1]?.[0] === 'SET autocommit = 0') autocommit = 0;
    isOpen = open;
    if (fails !== undefined) throw fails;
    if (!rows) yield header(gtids, warnings) as Row;
  };
  const session: LiveSession = {
    ...base, stream, closed: false, client: null, idle: true, onClose: () => undefined, ping: () => Promise.resolve(), end: () => Promise.resolve(), lend: () => Promise.reject(new Error('not here')),
  };
  return new SqlRun(await draftSql(base, 'p', { name: 'orders' }, request, 0, new Map()), session, undefined).all();
}

const error = (errno: number): MysqlError => new MysqlError({ code: 'query-failed', params: { errno, sqlState: 'HY000' }, detail: '' }, errno, 'HY000');
const begin = ['BEGIN', { open: true }] as const;
const update = ['UPDATE t SET a = 1 WHERE id = 5'] as const;
const second = ['UPDATE u SET b = 1 WHERE id = 5'] as const;
const states = ({ statements }: SqlReport): readonly string[] => statements.map(({ state }) => state);
const gtids = ({ statements }: SqlReport): readonly (string | null)[] => statements.map((one) => one.gtid);

describe('a statement that fails when the transaction is over', () => {
  it.each<[string, Error, string]>([
    ['ALTER TABLE t ADD COLUMN a INT', error(1060), 'done'], ['CREATE TABLE t (a INT)', error(1050), 'done'], ["GRANT SELECT ON d.t TO 'x'@'y'", error(1410), 'done'],
    ['LOCK TABLES gone READ', error(1146), 'done'], ['/*!50000 ALTER TABLE t ADD COLUMN a INT */', error(1060), 'done'], ['ALTER TABLE t ADD COLUMN a INT', error(1205), 'done'],
    // Given up: the commit before it may be what was under way. A deadlock, or a group that refused: on which side of the commit nobody knows.
    ['ALTER TABLE t ADD COLUMN a INT', failure('cancelled', { what: 'orders' }), 'unclear'], ['ALTER TABLE t ADD COLUMN a INT', error(1213), 'unclear'],
    ['CREATE TABLE t (a INT)', error(3101), 'unclear'], ['CREATE TEMPORARY TABLE t (a INT)', error(1205), 'unclear'],
    ['CALL p()', error(1213), 'unclear'], ['CALL p()', error(1146), 'unclear'], ['EXECUTE s', error(1060), 'unclear'], ['FLUSH TABLES', error(1227), 'unclear'],
    ['COMMIT', error(3101), 'taken-back'], ['COMMIT', error(1180), 'unclear'], ['COMMIT', failure('cancelled', { what: 'orders' }), 'unclear'],
    ['UPDATE u SET b = 1 WHERE id = 5', error(1213), 'taken-back'], ['SELECT a FROM t FOR UPDATE', error(1213), 'taken-back'], ['SELECT f(1)', error(1213), 'taken-back'],
  ])('%s, %s: the change before it is %s', async (sql, fails, state) => {
    expect(states(await run([begin, update, [sql, { open: false, fails }]]))[1]).toBe(state);
  });

  it('a definition that was refused before its commit leaves the change where it can be taken back', async () => {
    expect(states(await run([begin, update, ['ALTER TABLE t nonsense', { fails: error(1064) }]]))[1]).toBe('taken-back');
  });

  it('a routine that failed and left a transaction open may have committed the one before', async () => {
    const report = await run([begin, update, ['CALL p()', { fails: error(1146) }], second], 'go-on');
    expect(states(report)).toEqual(['done', 'unclear', 'unclear', 'not-run']);
  });
});

describe('a transaction that another follows at once', () => {
  it.each<[string]>([['BEGIN'], ['START TRANSACTION'], ['COMMIT AND CHAIN'], ['COMMIT'], ['/*!50000 COMMIT AND CHAIN */'], ['LOCK TABLES t WRITE']])('%s commits what stands before it, and what follows is by itself', async (sql) => {
    const ends = [sql, { open: true, gtids: [gtid(7)] }] as const;
    const left = await run([begin, update, ends, second]);
    expect([states(left), gtids(left)]).toEqual([['done', 'done', 'done', 'taken-back'], [null, gtid(7), gtid(7), null]]);
    const committed = await run([begin, update, ends, second, ['COMMIT', { open: false, gtids: [gtid(8)] }]]);
    expect([states(committed).every((state) => state === 'done'), gtids(committed)]).toEqual([true, [null, gtid(7), gtid(7), gtid(8), gtid(8)]]);
  });

  it('a definition commits, and its own transaction is not that of the change', async () => {
    const report = await run([begin, update, ['CREATE TABLE n (a INT)', { open: false, gtids: [gtid(8)] }]]);
    expect([states(report), gtids(report)[1]]).toEqual([['done', 'done', 'done'], null]);
    const analyzed = await run([['SET autocommit = 0'], [update[0], { open: true }], ['ANALYZE TABLE t', { open: false, rows: true }], [second[0], { open: true }]]);
    expect(states(analyzed)).toEqual(['done', 'done', 'done', 'taken-back']);
  });

  it.each<[string, Answer]>([['ROLLBACK AND CHAIN', { open: true }], ['ROLLBACK', { open: false }]])('%s takes back, and no later transaction is told of it', async (sql, answer) => {
    const report = await run([begin, update, [sql, answer], ['BEGIN', { open: true }], second, ['COMMIT', { open: false, gtids: [gtid(8)] }]]);
    expect([states(report), gtids(report)[1], gtids(report)[4]]).toEqual([['done', 'taken-back', 'done', 'done', 'done', 'done'], null, gtid(8)]);
    // That is what the text says.
    expect(isDone(report)).toBe(true);
    expect(states(await run([begin, update, [sql, { ...answer, warnings: 1 }]]))[1]).toBe('unclear');
  });

  it('ROLLBACK TO takes back what stands behind the savepoint alone', async () => {
    const commit = ['COMMIT', { open: false, gtids: [gtid(8)] }] as const;
    const report = await run([begin, update, ['SAVEPOINT `S1`'], second, ['SAVEPOINT s2'], second, ['ROLLBACK WORK TO SAVEPOINT s1'], second, commit]);
    expect(states(report)).toEqual(['done', 'done', 'done', 'taken-back', 'done', 'taken-back', 'done', 'done', 'done']);
    expect(gtids(report)).toEqual([null, gtid(8), null, null, null, null, null, gtid(8), gtid(8)]);
    // One that a routine may have set anew covers anything.
    const unseen = await run([begin, ['SAVEPOINT s'], update, ['CALL p()'], second, ['ROLLBACK TO s'], commit]);
    expect([states(unseen), gtids(unseen)[2], gtids(unseen)[4]]).toEqual([['done', 'done', 'unclear', 'done', 'unclear', 'done', 'done'], null, null]);
  });

  it('a routine that ended the transaction leaves unclear what stood in it; one that may have is told no transaction', async () => {
    expect(states(await run([begin, update, ['CALL p()', { open: false }]]))[1]).toBe('unclear');
    expect(states(await run([begin, update, ['CALL p()', { open: true, gtids: [gtid(7)] }]]))[1]).toBe('unclear');
    expect(states(await run([begin, update, ['CALL p()']]))[1]).toBe('unclear');
    const committed = await run([begin, update, ['CALL p()'], second, ['COMMIT', { open: false, gtids: [gtid(8)] }]]);
    expect([states(committed).every((state) => state === 'done'), gtids(committed)[1], gtids(committed)[3]]).toEqual([true, null, gtid(8)]);
  });
});
