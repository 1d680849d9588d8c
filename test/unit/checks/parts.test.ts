import { describe, expect, it } from 'vitest';
import { failure } from '../../../shared/errors/codes';
import { transactionsIn } from '../../../shared/domain/checks/crossdb';
import { coverageOf } from '../../../shared/domain/checks/coverage';
import { referencesIn } from '../../../shared/domain/checks/references';
import { checkIds, type HistoryRow } from '../../../shared/domain/checks';
import { wholeInstance } from '../../../shared/domain/scope/scope';
import { runCheck, runChecks } from '../../../electron/checks';
import { withoutLiterals } from '../../../electron/mysql/statement';
import { processorsIn } from '../../../electron/checks/read-server';
import type { Fleet } from '../../../electron/fleet/types';

describe('references in SQL', () => {
  const names = (sql: string): string[] => referencesIn(sql).map(({ database, name }) => (database === null ? name : `${database}.${name}`));

  it.each([
    ['SELECT * FROM a JOIN b.c ON b.c.id = a.id', ['a', 'b.c', 'b.c', 'a.id']],
    ['INSERT INTO log (x) VALUES (1)', ['log']],
    ['UPDATE t1, t2 SET t1.a = 1', ['t1', 't2', 't1.a']],
    ['CALL p(1)', ['p']],
    ['SELECT 1 FROM `we``ird` . `t b`', ['we`ird.t b']],
    ["SELECT 'FROM x' -- FROM y\n FROM z", ['z']],
    ['INSERT IGNORE INTO q SELECT 1', ['q']],
    ['SELECT 1 INTO @v FROM t, @w', ['t']],
    ['SET @@global.x = 1', []],
    ['SELECT * FROM 表, `a`', ['表', 'a']],
    ['/*!50001 CREATE VIEW v AS SELECT * FROM d.t */ /* FROM n */', ['d.t']],
  ] as const)('%s', (sql, expected) => {
    expect(names(sql)).toEqual(expected);
  });
});

describe('transactions of a history', () => {
  const row = (kind: HistoryRow['kind'], event: string, nestedIn: HistoryRow['nestedIn'], text: string | null = null, thread = '1'): HistoryRow => ({ kind, thread, event, nestedIn, statement: text === null ? null : { database: 'a', text } });
  const statements = (rows: readonly HistoryRow[]): string[][] => transactionsIn(rows).map((parts) => parts.map(({ text }) => text));

  it('are the statements nested in one, thread by thread', () => {
    const inFirst = { kind: 'transaction', event: '1' } as const;
    expect(statements([row('statement', '2', inFirst, 'INSERT 1'), row('statement', '3', inFirst, 'INSERT 2'), row('statement', '2', inFirst, 'INSERT 3', '2'), row('statement', '9', null, 'INSERT 4')])).toEqual([['INSERT 1', 'INSERT 2']]);
  });

  it('take in the statement that began one where autocommit is off', () => {
    expect(statements([row('statement', '7', null, 'INSERT 1'), row('transaction', '8', { kind: 'statement', event: '7' }), row('statement', '9', { kind: 'transaction', event: '8' }, 'INSERT 2')])).toEqual([['INSERT 1', 'INSERT 2']]);
  });
});

describe('coverage of a scope', () => {
  it('takes a chosen database whole and a chosen table alone', () => {
    const coverage = coverageOf({ kind: 'partial', databases: [{ database: 'a', tables: null }, { database: 'b', tables: ['t'] }] }, 0);
    expect([coverage.table('a', 'any'), coverage.table('b', 't'), coverage.table('b', 'T'), coverage.wholeDatabase('b'), coverage.touches('b'), coverage.touches('c')]).toEqual([true, true, false, false, true, false]);
  });

  it('never takes in what belongs to the server or to the app', () => {
    const coverage = coverageOf(wholeInstance, 0);
    expect(['mysql', 'sys', 'antipode', 'shop'].map((name) => coverage.touches(name))).toEqual([false, false, false, true]);
  });
});

it.each([['0-3', 4], ['0-3,8', 5], ['0', 1], ['', null]] as const)('the processors %j are %s', (ids, count) => {
  expect(processorsIn(ids)).toBe(count);
});

it('statements of others are shown without their literals', () => {
  expect(withoutLiterals("ALTER USER 'a'@'%'  IDENTIFIED BY 'se''cret\\'s'")).toBe("ALTER USER '…'@'…' IDENTIFIED BY '…'");
  expect(withoutLiterals("INSERT INTO t VALUES ('cut off in the midd")).toBe("INSERT INTO t VALUES ('…'");
  // An apostrophe in a comment begins nothing; what stands in quotes there is a literal to somebody all the same.
  expect(withoutLiterals("/* don't */ SELECT 'secret' -- 'pw'\n, \"x\"")).toBe("/* don'…'*/ SELECT '…' -- '…' , '…'");
  // Whether the session takes backslashes for escapes is not known.
  for (const statement of ["VALUES ('a\\', 'secret')", "VALUES ('a\\'secret', 1)", "VALUES ('\\\\', 'secret', '\\')"]) expect(withoutLiterals(statement), statement).not.toContain('secret');
  expect(withoutLiterals('#'.repeat(100_000))).toBe(`${'#'.repeat(120)}…`);
});

describe('a server that cannot be reached', () => {
  const instance = (id: string): object => ({ id, name: id, admin: { host: 'h', port: 1 }, replication: null, tls: { mode: 'preferred', ca: null } });
  const stub: Pick<Fleet, 'instance' | 'connect'> = {
    instance: instance as Fleet['instance'],
    connect: () => Promise.reject(failure('tcp-refused', { host: 'h', port: 1 }, { detail: 'connect ECONNREFUSED', server: 'sh-1' })),
  };
  // Whatever else the checks would ask of the fleet is a fault, and shows as one.
  const fleet = stub as Fleet;
  const request = { sourceId: 'gz-1', standbyId: 'sh-1', scope: wholeInstance, seed: 'copy' as const, eraseTarget: false };

  it('gives a whole report: the connections fail, the rest is skipped', async () => {
    const report = await runChecks({ fleet, request });
    expect(report.results).toHaveLength(checkIds.length);
    const status = (id: string): string | undefined => report.results.find((result) => result.id === id)?.status;
    expect([status('conn.src.tcp'), status('conn.dst.tcp'), status('conn.src.login'), status('gtid.mode')]).toEqual(['fail', 'fail', 'skipped', 'skipped']);
  });

  it('makes a check that is run alone an error with the text of the failure', async () => {
    const result = await runCheck({ fleet, request }, 'gtid.mode');
    expect(result.status).toBe('error');
    expect(result.measured.params).toMatchObject({ text: 'connect ECONNREFUSED' });
  });

  it('refuses an unknown check', async () => {
    await expect(runCheck({ fleet, request }, 'gtid.nonsense')).rejects.toMatchObject({ error: { code: 'not-found' } });
  });
});
