import { describe, expect, it } from 'vitest';
import { classify } from '../../../shared/domain/operations/sql/classify';
import { isDangerous, isReading, sqlKinds, type SqlKind } from '../../../shared/domain/operations/sql/statement-kind';
import { disguises, manualStatements } from '../../fixtures/sql-corpus';

const kindOf = (sql: string, ...rest: [modes?: Parameters<typeof classify>[1], version?: number | null]): SqlKind => classify(sql, ...rest).kind;

describe('what a statement may do', () => {
  it('the corpus holds at least 1,500 different statements', () => {
    const all = new Set(Object.values(manualStatements).flat().flatMap((sql) => disguises.map(([, disguise]) => disguise(sql))));
    expect(all.size).toBeGreaterThanOrEqual(1_500);
  });

  for (const [name, disguise] of disguises) {
    it.each(sqlKinds)(`%s, ${name}`, (kind) => {
      // A version comment has two readings where the version is not known; what is left of a statement without its first word is not understood.
      const version = 80_031;
      const wrong = manualStatements[kind].map(disguise).map((sql) => ({ sql, is: kindOf(sql, {}, version) })).filter(({ is }) => is !== kind);
      expect(wrong).toEqual([]);
    });

    it(`nothing dangerous is taken for a reading where the version is not known, ${name}`, () => {
      const dangerous = sqlKinds.filter((kind) => !isReading(kind)).flatMap((kind) => manualStatements[kind]);
      expect(dangerous.map(disguise).filter((sql) => isReading(kindOf(sql)))).toEqual([]);
    });
  }
});

describe('version comments are read as each server reads them', () => {
  it.each<[string, number | null, SqlKind]>([
    ['DELETE FROM t /*!50700 WHERE id = 5 */', 80_031, 'write'],
    ['DELETE FROM t /*!50700 WHERE id = 5 */', 50_651, 'unbounded-write'],
    ['DELETE FROM t /*!50700 WHERE id = 5 */', null, 'unbounded-write'],
    ['DELETE FROM t /*!99999 WHERE id = 5 */', 90_700, 'unbounded-write'],
    ['DELETE FROM t /*M! WHERE id = 5 */', 80_031, 'unbounded-write'],
    ['SELECT 1 /*!99999 INTO OUTFILE \'a\' */', 80_031, 'read'],
    ['SELECT 1 /*!99999 INTO OUTFILE \'a\' */', null, 'administration'],
    ["/*!99999 it's */ DROP TABLE t", 80_031, 'destroys'],
    ["/*!99999 ' */ DELETE FROM t -- '", 80_031, 'unbounded-write'],
    ["SELECT 1 /*!99999 ' */ INTO OUTFILE 'a' -- '", null, 'unknown'],
    // Taken whole by every server so far, which says that it will not be for ever.
    ['/*!99999 /* nested */ x */ SELECT 1', 80_031, 'unknown'],
    ['/*!99999 /* nested */ DROP TABLE t', 80_031, 'unknown'],
    // Six digits are one number to newer servers; older ones take five, and the last for SQL.
    ['SELECT 1 /*!500001 + 1 */', 50_651, 'read'],
    ['DELETE FROM t WHERE id = 5 /*!999990 OR 1 */', null, 'unbounded-write'],
    ['DELETE FROM t WHERE id = /*!800311*/', 80_031, 'unbounded-write'],
    ['/*!50000 */ SELECT 1', null, 'read'],
    ["SELECT '/*!50000 DROP */'", null, 'read'],
    ['SELECT 1 # /*!50000 INTO OUTFILE', null, 'read'],
  ])('%s on %s: %s', (sql, version, kind) => expect(kindOf(sql, {}, version)).toBe(kind));
});

describe('text is taken apart by the sql_mode of its session', () => {
  it.each<[string, Parameters<typeof classify>[1], SqlKind]>([
    ["SELECT 'a\\' INTO OUTFILE 'b' -- '", {}, 'read'],
    ["SELECT 'a\\' INTO OUTFILE 'b' -- '", { noBackslashEscapes: true }, 'administration'],
    ['DELETE FROM t WHERE "id" = 5', {}, 'unbounded-write'],
    ['DELETE FROM t WHERE "id" = 5', { ansiQuotes: true }, 'write'],
    ['SELECT "f"(1)', { ansiQuotes: true }, 'unknown'],
    ['SET "sql_log_bin" = 0', { ansiQuotes: true }, 'administration'],
    ['SET @@"global".a = 0', { ansiQuotes: true }, 'administration'],
    ['DELETE FROM t WHERE name LIKE "%"', {}, 'unbounded-write'],
  ])('%s, %o: %s', (sql, modes, kind) => expect(kindOf(sql, modes)).toBe(kind));
});

describe('functions that a server does not have yet may be anybody\'s', () => {
  it.each<[string, number, SqlKind]>([
    ['SELECT UUID_TO_BIN(a) FROM t', 80_031, 'read'], ['SELECT UUID_TO_BIN(a) FROM t', 50_651, 'unknown'], ['SELECT ANY_VALUE(a) FROM t', 50_651, 'unknown'],
    ['SELECT JSON_OBJECT(1, 2)', 50_744, 'read'], ['SELECT REGEXP_LIKE(a, 1) FROM t', 50_744, 'unknown'],
  ])('%s on %i: %s', (sql, version, kind) => expect(kindOf(sql, {}, version)).toBe(kind));
});

/** Reported of other tools. */
describe('reports', () => {
  it.each<[string, string, SqlKind]>([
    ['pg-safeupdate#1: a condition that is always true', 'update t_sales set prod = \'c\' where 1=1', 'unbounded-write'],
    ['phpmyadmin#14677, dbeaver#2238: no condition', 'DELETE FROM customers', 'unbounded-write'],
    ['dbeaver#36305: behind a common table expression', 'with ct as (select * from payment order by d limit 3) delete from payment as p where p.payment_id in (select pp.payment_id from ct as pp)', 'unbounded-write'],
    ['mysql-mcp-server#13: a reading that writes a file', "SELECT '<?php' INTO OUTFILE '/var/www/a.php'", 'administration'],
    ['dbhub#379: a reading that takes a lock of the server', "SELECT GET_LOCK('a', 10)", 'administration'],
    ['dbhub#379: a reading of a file of the server', "SELECT LOAD_FILE('/etc/passwd')", 'administration'],
    ['dbx#9866: statements in literals are none', "SELECT CONCAT('INSERT INTO t VALUES(', QUOTE(id), ',', QUOTE(name), ');') AS sql_text FROM source_table", 'read'],
    ['rocketride#2118: a comment that is run', '/*!50000 DROP TABLE t */', 'destroys'],
    ['Archery#1437: DROP within ALTER', 'ALTER TABLE t ADD COLUMN a INT, DROP INDEX i', 'destroys'],
    ['EXPLAIN ANALYZE runs what it explains', 'EXPLAIN ANALYZE DELETE t FROM t JOIN u USING (id)', 'unbounded-write'],
  ])('%s', (_report, sql, kind) => expect(kindOf(sql)).toBe(kind));
});

it('what is asked about before it runs', () => {
  expect(sqlKinds.filter(isDangerous)).toEqual(['ddl', 'unbounded-write', 'destroys', 'administration', 'unknown']);
});

it('the rows that a statement would touch, in its own words', () => {
  expect(classify('DELETE FROM `d`.`t` AS x WHERE x.a <> 5 ORDER BY b LIMIT 900000').touched).toEqual([{ table: '`d`.`t` AS x', condition: 'WHERE x.a <> 5', limit: 900_000 }]);
  expect(classify('UPDATE IGNORE t PARTITION (p0) SET a = (SELECT 1 WHERE 2), b = 3').touched).toEqual([{ table: 't PARTITION (p0)', condition: '', limit: null }]);
  expect(classify('DROP TABLE IF EXISTS t, d.u CASCADE').touched.map(({ table }) => table)).toEqual(['t', 'd.u']);
  expect(classify('TRUNCATE TABLE t').touched.map(({ table }) => table)).toEqual(['t']);
  for (const sql of ['DELETE t FROM t JOIN u USING (id)', 'DROP DATABASE d', 'WITH c AS (SELECT 1) DELETE FROM t', 'DELETE FROM t WHERE f()']) expect(classify(sql).touched).toEqual([]);
});
