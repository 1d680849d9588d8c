// What becomes of each statement of a file that is imported.
import { describe, expect, it } from 'vitest';
import type { SqlKind } from '../../../shared/domain/operations/sql/statement-kind';
import { disguises, manualStatements } from '../../fixtures/sql-corpus';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { ImportJudge } from '../../../shared/domain/operations/import/judge';
import { decidesForLater, type Sent, type Verdict } from '../../../shared/domain/operations/import/verdict';

const judgeFor = (target: string | null = 'shop', version = '9.7.1', mode = '', lowerCase = 0): ImportJudge =>
  new ImportJudge({ target, mode, characters: 'utf8mb4', lowerCase, version: parseServerVersion(version), reading: { executes: (number) => number <= 90_701, digits: 6 } });
const said = (sql: string, target: string | null = 'shop'): string => {
  const verdict = judgeFor(target).judge(sql);
  return verdict.act === 'send' ? `send ${verdict.kind} ${verdict.again}` : `${verdict.act} ${verdict.why}`;
};
const sentBy = (judge: ImportJudge, sql: string): Verdict => judge.judge(sql);

describe('statements of a file that is imported', () => {
  it.each([
    ['INSERT INTO `t` VALUES (1,\'mysql.user\')', 'send rows other'],
    ['INSERT  IGNORE INTO shop.t (a) VALUES (1)', 'send rows other'],
    ['REPLACE INTO `mysql`.`user` VALUES (1)', 'refuse system-schema'],
    ['INSERT INTO other.t VALUES (1)', 'refuse outside'],
    ['INSERT /*!99999 INTO x */ INTO other.t VALUES (1)', 'refuse outside'],
    ['/*!50000 INSERT INTO mysql.db VALUES (1) */', 'refuse system-schema'],
    ['UPDATE t SET a = 1 WHERE b = 2', 'send rows other'], ['DELETE FROM other.t WHERE b = 2', 'refuse outside'], ['DELETE a, b FROM a JOIN b', 'refuse not-understood'],
    ['DROP TABLE IF EXISTS `t`', 'send definition same'], ['DROP TABLE a, other.b', 'refuse outside'], ['DROP TABLE a', 'send definition told'],
    ['CREATE TABLE `t` (a INT)', 'send definition told'], ['CREATE TABLE IF NOT EXISTS t (a INT)', 'send definition same'], ['CREATE TABLE sys.t (a INT)', 'refuse system-schema'],
    ['/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`%`*/ /*!50003 TRIGGER `g` BEFORE INSERT ON `t` FOR EACH ROW SET NEW.a = 1 */', 'send definition told'],
    ['CREATE TRIGGER g BEFORE INSERT ON other.t FOR EACH ROW SET NEW.a = 1', 'refuse outside'],
    ['/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`r`@`h` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 AS `a`*/', 'send definition told'],
    ['CREATE OR REPLACE VIEW v AS SELECT 1', 'send definition same'], ['CREATE DEFINER=`r`@`h` PROCEDURE p() BEGIN SELECT 1; END', 'send definition told'],
    ['ALTER TABLE t ADD b INT', 'send definition other'], ['/*!40000 ALTER TABLE `t` DISABLE KEYS */', 'send definition same'], ['ALTER TABLE t RENAME TO other.t', 'refuse outside'],
    ['ALTER TABLE t EXCHANGE PARTITION p WITH TABLE mysql.x', 'refuse system-schema'], ['RENAME TABLE a TO b, c TO other.d', 'refuse outside'],
    ['TRUNCATE t', 'send definition same'], ['CREATE INDEX i ON other.t (a)', 'refuse outside'], ['ANALYZE TABLE t UPDATE HISTOGRAM ON a WITH 10 BUCKETS', 'send definition same'],
    ['SET @@SESSION.SQL_LOG_BIN= 0', 'leave-out log-off'], ['SET sql_log_bin = 0, sql_mode = \'\'', 'refuse binlog'], ['SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN', 'leave-out log-off'],
    ["SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a-b:1-3'", 'leave-out gtid-purged'], ['SET GLOBAL max_connections = 1', 'refuse server-wide'], ['SET @@GLOBAL.read_only = 1', 'refuse server-wide'],
    ['SET PASSWORD = \'x\'', 'refuse account'], ['CREATE USER a', 'refuse account'], ['GRANT ALL ON *.* TO a', 'refuse account'], ['DROP USER a', 'refuse account'],
    ['FLUSH PRIVILEGES', 'refuse server-wide'], ['CHANGE MASTER TO MASTER_LOG_FILE = \'a\'', 'refuse server-wide'], ['LOAD DATA INFILE \'x\' INTO TABLE t', 'refuse file'],
    ['SELECT 1 INTO OUTFILE \'x\'', 'refuse file'], ['SELECT \'LOADING\' AS info', 'leave-out reading'], ['CALL p()', 'refuse not-understood'], ['SET timestamp = 1', 'refuse binlog'],
    ['LOCK TABLES `t` WRITE', 'leave-out locks'], ['UNLOCK TABLES', 'leave-out locks'], ['LOCK INSTANCE FOR BACKUP', 'refuse server-wide'],
    ['START TRANSACTION', 'leave-out transaction'], ['COMMIT', 'leave-out transaction'], ['ROLLBACK', 'refuse takes-back'],
    ['CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */', 'send definition same'], ['CREATE DATABASE `else`', 'leave-out other-database'],
    ['USE `else`', 'leave-out other-database'], ['USE mysql', 'refuse system-schema'], ['DROP DATABASE `else`', 'refuse outside'],
    ['ALTER DATABASE `else` CHARACTER SET utf8mb3', 'leave-out other-database'], ['source other.sql', 'refuse not-understood'], ['SET NAMES gbk', 'send setting other'], ['SET NAMES swe7', 'refuse character-set'],
    ['SET sql_mode = CONCAT(@@sql_mode, \',ANSI\')', 'refuse sql-mode'], ['CREATE TABLESPACE x ADD DATAFILE \'y\'', 'refuse server-wide'], ['SHUTDOWN', 'refuse server-wide'],
  ])('%s: %s', (sql, expected) => expect(said(sql)).toBe(expected));

  it('without a database to go into takes those that the file names, and nothing before the first of them', () => {
    const judge = judgeFor(null);
    expect(sentBy(judge, 'CREATE TABLE t (a INT)')).toMatchObject({ act: 'refuse', why: 'no-database' });
    expect(sentBy(judge, 'CREATE DATABASE `a`')).toMatchObject({ act: 'send', creates: { database: 'a', table: null } });
    expect(sentBy(judge, 'USE `a`')).toMatchObject({ act: 'send', kind: 'setting', object: { database: 'a' } });
    expect(sentBy(judge, 'DROP TABLE IF EXISTS t, b.u')).toMatchObject({ reach: { way: 'drops', objects: [{ database: 'a', table: 't' }, { database: 'b', table: 'u' }] } });
    expect(sentBy(judge, 'DROP DATABASE IF EXISTS `b`')).toMatchObject({ reach: { way: 'drops', objects: [{ database: 'b', table: null }] } });
    expect(said('USE antipode', null)).toBe('refuse system-schema');
  });

  it('follows sql_mode and character sets through the variables that a dump keeps them in', () => {
    const judge = judgeFor('shop', '9.7.1', 'ANSI_QUOTES');
    expect(judge.modes).toEqual({ ansiQuotes: true, noBackslashEscapes: false });
    for (const sql of [
      "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */", '/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */', '/*!50503 SET NAMES utf8mb4 */',
      '/*!50503 SET @saved_cs_client     = @@character_set_client */', '/*!50503 SET character_set_client = utf8mb4 */', '/*!40101 SET character_set_client = @saved_cs_client */',
      '/*!40103 SET TIME_ZONE=\'+00:00\' */', '/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */', '/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */',
      'SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN',
    ]) expect(sentBy(judge, sql)).toMatchObject({ act: 'send', kind: 'setting', instead: null });
    expect(judge.modes).toEqual({ ansiQuotes: false, noBackslashEscapes: false });
    sentBy(judge, "SET sql_mode = 'NO_BACKSLASH_ESCAPES'");
    expect(judge.modes.noBackslashEscapes).toBe(true);
    expect(sentBy(judge, '/*!40101 SET SQL_MODE=@OLD_SQL_MODE */')).toMatchObject({ act: 'send' });
    expect(judge.modes).toEqual({ ansiQuotes: true, noBackslashEscapes: false });
    expect(sentBy(judge, 'SET character_set_client = @never')).toMatchObject({ act: 'refuse', why: 'character-set' });
  });

  it('leaves out of sql_mode what this server does not know any more', () => {
    const sql = "/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER' */ ";
    expect(sentBy(judgeFor(), sql)).toMatchObject({ act: 'send', instead: "/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES' */ " });
    expect(sentBy(judgeFor('shop', '5.7.44'), sql)).toMatchObject({ instead: null });
  });

  it('takes names as the server does: where their case does not count, MYSQL is a system schema and SHOP the same database', () => {
    expect(sentBy(judgeFor('shop', '9.7.1', '', 0), 'INSERT INTO SHOP.t VALUES (1)')).toMatchObject({ act: 'refuse', why: 'outside' });
    expect(sentBy(judgeFor('Shop', '9.7.1', '', 1), 'INSERT INTO SHOP.T VALUES (1)')).toMatchObject({ act: 'send', object: { database: 'shop', table: 't' } });
    expect(sentBy(judgeFor(null, '9.7.1', '', 1), 'INSERT INTO MYSQL.user VALUES (1)')).toMatchObject({ act: 'refuse', why: 'system-schema' });
    expect(sentBy(judgeFor(null, '9.7.1', '', 1), 'USE `Sys`')).toMatchObject({ act: 'refuse', why: 'system-schema' });
  });

  it('sends nothing of the whole corpus that concerns the server, or that nobody understands, however it is disguised', () => {
    const sentOf = (kinds: readonly SqlKind[]): string[] => kinds.flatMap((kind) => manualStatements[kind])
      .flatMap((sql) => disguises.map(([, disguise]) => disguise(sql))).filter((sql) => judgeFor().judge(sql).act === 'send');
    // Statistics of a table of its own; and characters of two bytes, by which what is behind them is taken apart here.
    expect(sentOf(['administration', 'unknown']).filter((sql) => !/\bANALYZE\b|\b(?:gbk|gb18030|sjis|big5)\b/i.test(sql))).toEqual([]);
    // What only reads, or opens and ends transactions, is not sent either.
    expect(sentOf(['read'])).toEqual([]);
    expect(sentOf(['session']).filter((sql) => !/\b(?:SET|USE)\b/i.test(sql))).toEqual([]);
    // And of the rest nothing that is not in its own database.
    for (const kind of ['write', 'unbounded-write', 'ddl', 'destroys'] as const) {
      for (const sql of manualStatements[kind]) {
        const verdict = judgeFor().judge(sql);
        if (verdict.act === 'send') expect([sql, verdict.object?.database, [...verdict.touches, ...verdict.reach?.objects ?? []].every(({ database }) => database === 'shop')]).toEqual([sql, 'shop', true]);
      }
    }
  });

  it('tells the definer, and names beyond ASCII', () => {
    expect(sentBy(judgeFor(), 'CREATE DEFINER=`ann`@`10.%` PROCEDURE p() SELECT 1')).toMatchObject({ definer: 'ann@10.%' });
    const named = (text: string) => {
      const verdict = sentBy(judgeFor(), `CREATE DEFINER=${text} PROCEDURE p() SELECT 1`);
      return verdict.act === 'send' ? verdict.definer : undefined;
    };
    expect(['\'o\'\'k\'@"h"', 'root@localhost', "'app'", 'CURRENT_USER', 'CURRENT_USER()', '`CURRENT_USER`@`h`'].map(named)).toEqual(["o'k@h", 'root@localhost', 'app@%', null, null, 'CURRENT_USER@h']);
    expect(sentBy(judgeFor('库'), Buffer.from('CREATE TABLE `库`.`表` (a INT)').toString('latin1'))).toMatchObject({ creates: { database: '库', table: '表' } });
  });

  it('judges an INSERT by its beginning only where that holds the name of its table whole, and what is behind it', () => {
    const filled = (head: string, tail: string): string => `${head}/*${'x'.repeat(996 - head.length)}*/${tail} VALUES (1)`;
    for (const [head, tail, why] of [
      ['INSERT INTO mysql', '.user', 'system-schema'], ['INSERT INTO ', 'mysql.user', 'system-schema'], ['INSERT ', 'INTO other.t', 'outside'], ['REPLACE INTO `other`', '.`t`', 'outside'],
      ['INSERT INTO mysql.', '`user`', 'system-schema'], ['', 'INSERT INTO mysql.user', 'system-schema'],
    ] as const) {
      for (const pad of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
        const sql = filled(head, tail).replace('xxxxxxxxxx', 'x'.repeat(pad));
        expect([sql, judgeFor().judge(sql, true)]).toMatchObject([sql, { act: 'refuse', why }]);
      }
    }
    for (const behind of ['/* x */.user', '-- x\n.user', '--\n.user', '# x\n.user', '/*!99999 x */.user', '/*!50000 .*/user', ' . user', './**/user']) {
      for (let pad = 950; pad < 1_000; pad += 1) {
        const sql = `INSERT ${' '.repeat(pad - 12)}INTO mysql${behind} VALUES (1)`;
        expect([sql, judgeFor().judge(sql, true)]).toMatchObject([sql, { act: 'refuse' }]);
      }
    }
    const name = 'y'.repeat(60);
    for (let pad = 900; pad < 1_010; pad += 1) {
      const sql = `INSERT ${' '.repeat(pad)}INTO shop.${name} VALUES (1)`;
      expect(judgeFor().judge(sql, true)).toMatchObject({ act: 'send', object: { database: 'shop', table: name } });
    }
  });

  it.each([
    ['INSERT INTO t SELECT * FROM mysql.user', 'refuse system-schema'], ['INSERT INTO t SELECT a FROM u', 'send rows other'], ['CREATE TABLE x SELECT * FROM mysql . `user`', 'refuse system-schema'],
    ['CREATE VIEW v AS SELECT User FROM mysql.user', 'refuse system-schema'], ['CREATE VIEW v AS SELECT * FROM `sys`.processlist', 'refuse system-schema'],
    ['CREATE VIEW v AS SELECT TABLE_NAME FROM information_schema.TABLES', 'send definition told'], ['CREATE TABLE m (a INT) ENGINE=MERGE UNION=(a, other.b)', 'refuse outside'],
    ['CREATE TABLE m (a INT) ENGINE=MERGE UNION=(mysql.user)', 'refuse system-schema'], ['CREATE TABLE m (a INT) ENGINE=MRG_MyISAM UNION=(`a`,`b`)', 'send definition told'],
    ['ALTER TABLE m UNION = (other.b)', 'refuse outside'], ["CREATE TABLE f (a INT) ENGINE='FEDERATED' CONNECTION='mysql://x/y/z'", 'refuse outside'],
    ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO GRANT ALL ON *.* TO x', 'refuse account'], ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN SET GLOBAL read_only = 1; END', 'refuse server-wide'],
    ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM mysql.user WHERE a = 1', 'refuse system-schema'], ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SHUTDOWN', 'refuse server-wide'],
    ['CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SET SESSION sql_log_bin = 0; END', 'refuse binlog'], ['CREATE PROCEDURE p() BEGIN CREATE USER x; END', 'refuse account'],
    ['CREATE PROCEDURE p() BEGIN SELECT 1 INTO OUTFILE \'/x\'; END', 'refuse file'], ['CREATE PROCEDURE p() BEGIN SET @@GLOBAL.x = 1; END', 'refuse server-wide'],
    ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t WHERE reset = 1; SELECT @@GLOBAL.read_only INTO @a; END', 'send definition told'],
    ['INSERT INTO t VALUES (@a := 1)', 'refuse not-understood'], ['UPDATE t SET a = (@m := 1) WHERE b = 2', 'refuse not-understood'], ['SET @a = (@b := 1)', 'refuse not-understood'],
    ['SET @a := 1', 'send setting other'], ['INSERT INTO t SET a = 1', 'send rows other'], ['INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 2', 'send rows other'],
  ])('%s: %s', (sql, expected) => expect(said(sql)).toBe(expected));

  it('tells what takes rows and parts of tables away without dropping them, and which program goes', () => {
    const reached = ({ reach }: Sent): unknown => reach?.objects.map(({ kind }) => `${reach.way} ${kind}`).join();
    const harmOf = (sql: string, literal = false): unknown => { const verdict = judgeFor().judge(sql, literal); return verdict.act === 'send' ? verdict.harm ?? reached(verdict) : verdict; };
    for (const [sql, harm] of [
      ['DELETE FROM t', 'every-row'], ['UPDATE t SET a = 1', 'every-row'], ['DELETE FROM t WHERE 1', 'every-row'], ['DELETE FROM t WHERE a = 2', 'some-rows'], ['UPDATE t SET a = 1 WHERE b = 2', 'some-rows'], ['ALTER TABLE t DROP COLUMN a', 'part'],
      ['ALTER TABLE t DROP PARTITION p', 'part'], ['ALTER TABLE t TRUNCATE PARTITION p', 'part'], ['ALTER TABLE t ADD a INT', 'alters TABLE'], ['ALTER TABLE t MODIFY a BIGINT', 'alters TABLE'], ['REPLACE INTO t VALUES (1)', 'replaces'],
      ['DROP PROCEDURE IF EXISTS p', 'drops PROCEDURE'], ['DROP TRIGGER g', 'drops TRIGGER'], ['DROP EVENT e', 'drops EVENT'], ['DROP FUNCTION f', 'drops FUNCTION'],
      ['DROP TABLE t', 'drops TABLE'], ['DROP VIEW v', 'drops VIEW'], ['DROP DATABASE shop', 'drops DATABASE'], ['TRUNCATE t', 'drops TABLE'], ['DROP INDEX i ON t', 'alters TABLE'],
      ['CREATE INDEX i ON t (a)', 'alters TABLE'], ['INSERT INTO t VALUES (1)', 'fills TABLE'], ['INSERT IGNORE INTO t SET a = 1', 'fills TABLE'],
      ['INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 2', 'updates'], ['INSERT INTO t SELECT a FROM u', 'query'], ['INSERT INTO t TABLE u', 'query'],
      ['CREATE TABLE x SELECT a FROM u', 'query'], ['RENAME TABLE t TO u', 'renames'], ['ALTER TABLE t RENAME u', 'renames'], ['ALTER TABLE t RENAME COLUMN a TO b', 'alters TABLE'],
      ['ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u', 'renames'], ['ALTER TABLE t ENGINE = InnoDB, RENAME TO u', 'renames'], ['ALTER EVENT e ENABLE', 'program'],
      ['ALTER VIEW v AS SELECT 1', 'alters VIEW'], ['ALTER DATABASE shop CHARACTER SET utf8mb4', 'alters DATABASE'], ['SET optimizer_switch = \'x=on\'', 'setting'],
      ['SET foreign_key_checks = 0', undefined], ['CREATE TABLE t (a INT)', undefined], ['CREATE VIEW v AS SELECT 1', undefined], ['ALTER TABLE t DISABLE KEYS', undefined],
      ['CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1', 'alters TABLE'], ['OPTIMIZE TABLE t', 'alters TABLE'],
    ] as const) expect([sql, harmOf(sql)]).toEqual([sql, harm]);
    expect(harmOf('REPLACE INTO t VALUES (1)', true)).toBe('replaces');
    expect(judgeFor().judge('CREATE OR REPLACE VIEW v AS SELECT 1')).toMatchObject({ reach: { way: 'drops', objects: [{ database: 'shop', table: 'v' }] } });
  });

  it.each([
    // Each names another database where a table, or a function, of it stands.
    'CREATE VIEW v AS SELECT * FROM other.t', 'CREATE VIEW v AS SELECT a.x FROM a, other.t', 'CREATE VIEW v AS SELECT a.x FROM a AS other JOIN other.t', 'CREATE VIEW v AS SELECT other.f(1)',
    'CREATE VIEW v AS SELECT 1 FROM .a, other.t', 'CREATE VIEW v AS SELECT other.t.a FROM t', 'CREATE VIEW v AS SELECT 1 FROM (a JOIN other.t ON a.x = t.x)', 'CREATE VIEW v AS SELECT 1 FROM a value, other.t',
    'CREATE VIEW v AS SELECT 1 FROM ((a, other.t))', 'CREATE VIEW v AS SELECT 1 FROM a JOIN b ON a.x = b.x, other.t', 'CREATE VIEW v AS SELECT 1 WHERE EXISTS (SELECT 1 FROM a UNION TABLE other.t)',
    'CREATE VIEW v AS SELECT TRIM((SELECT x FROM other.t))', 'CREATE VIEW v AS SELECT 1 FROM a USE INDEX (i), other.t', 'CREATE VIEW v AS SELECT 1 FROM a STRAIGHT_JOIN other.t',
    'CREATE VIEW v AS SELECT 1 FROM /*!50000 other . */ t', 'ALTER VIEW v AS SELECT * FROM other.t', 'INSERT INTO t SELECT * FROM other.t', 'INSERT INTO t VALUES ((SELECT a FROM other.t LIMIT 1))',
    'UPDATE t SET a = 1 WHERE b IN (SELECT c FROM other.t)', 'DELETE FROM t WHERE b IN (SELECT c FROM other.t)', 'CREATE TABLE x LIKE other.t', 'CREATE TABLE x (LIKE other.t)', 'CREATE TABLE x SELECT * FROM other.t',
    'CREATE TABLE x (a INT, FOREIGN KEY (a) REFERENCES other.t (a))', 'ALTER TABLE x ADD FOREIGN KEY (a) REFERENCES other.t (a)', 'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW INSERT INTO other.t VALUES (1)',
    'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW REPLACE other.t SET a = NEW.a', 'CREATE TRIGGER g AFTER UPDATE ON t FOR EACH ROW UPDATE other.t SET a = 1', 'CREATE TRIGGER g AFTER DELETE ON t FOR EACH ROW CALL other.p',
    'CREATE PROCEDURE p() BEGIN DELETE FROM other.t; END', 'CREATE PROCEDURE p() BEGIN TRUNCATE other.t; END', 'CREATE PROCEDURE p() DROP TABLE IF EXISTS other.t', 'CREATE PROCEDURE p() DROP VIEW other.v',
    'CREATE PROCEDURE p() DROP PROCEDURE other.q', 'CREATE PROCEDURE p() DROP INDEX i ON other.t', 'CREATE PROCEDURE p() RENAME TABLE t TO other.t', 'CREATE PROCEDURE p() DROP DATABASE other',
    'CREATE PROCEDURE p() CREATE TABLE other.t (a INT)', 'CREATE PROCEDURE p() ALTER TABLE t RENAME other.t', 'CREATE FUNCTION f() RETURNS INT RETURN (SELECT COUNT(*) FROM other.t)',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE a FROM a JOIN other.t', 'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO INSERT other.t VALUES (1)', "CREATE TABLE f (a INT) CONNECTION='mysql://x/y/z'",
    'CREATE PROCEDURE p() BEGIN SELECT a INTO @x FROM t; INSERT IGNORE INTO other.t (a) VALUES (1); END', 'CREATE PROCEDURE p() DELETE FROM a USING a, other.t', 'CREATE PROCEDURE p() OPTIMIZE TABLE other.t', 'CREATE PROCEDURE p() HANDLER other.t OPEN', 'CREATE PROCEDURE p() DESCRIBE other.t',
    'CREATE VIEW v AS SELECT 1 FROM {OJ a LEFT JOIN other.t ON 1}', 'CREATE VIEW v AS WITH x AS (SELECT * FROM other.t) SELECT * FROM x', 'CREATE PROCEDURE p() BEGIN DECLARE c CURSOR FOR SELECT a FROM other.t; END',
    'ALTER EVENT e RENAME TO other.e', 'CREATE PROCEDURE p() DROP TRIGGER other.g', 'CREATE PROCEDURE p() CREATE UNIQUE INDEX i USING BTREE ON other.t (a)',
  ])('refuses what reaches another database: %s', (sql) => expect(said(sql)).toBe('refuse outside'));

  it.each([
    'CREATE VIEW v AS SELECT a.x, other.y FROM a JOIN b AS other ON a.x = other.y AND other.z LIKE a.q WHERE other.w = 1 ORDER BY other.y', 'CREATE VIEW v AS SELECT shop.t.a FROM shop.t',
    "CREATE VIEW `v` AS select `a`.`x` AS `x`,extract(year from `a`.`d`) AS `y`,trim(both ' ' from `a`.`n`) AS `n` from (`a` join `b` on((`a`.`x` = `b`.`x`))) where (`a`.`x` > 1)",
    'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN IF NEW.a IS NULL THEN SET NEW.a = OLD.b; END IF; SELECT MAX(n) INTO NEW.c FROM u; INSERT INTO log (a) VALUES (NEW.a); END',
    'CREATE PROCEDURE p() BEGIN UPDATE t JOIN u ON t.a = u.a SET t.b = u.b; DELETE FROM t WHERE t.a = 1; SELECT t.a FROM t FORCE INDEX (i) WHERE t.a IN (1, 2) GROUP BY t.a; END',
    'CREATE TABLE x (a INT, d TIMESTAMP DEFAULT NOW() ON UPDATE NOW(), KEY i (a), FOREIGN KEY (a) REFERENCES t (a) ON DELETE CASCADE)', 'CREATE TABLE x (connection INT, CHECK (connection = 1))',
    'INSERT INTO t SELECT u.a, u.b FROM u AS u, w WHERE u.a = w.a ON DUPLICATE KEY UPDATE t.a = u.a, t.b = u.b', 'CREATE VIEW v AS SELECT STRAIGHT_JOIN a.x FROM a', 'CREATE VIEW v AS SELECT INSERT(a.x,1,1,a.y), b.z FROM a JOIN b',
    'CREATE VIEW v AS SELECT TABLE_NAME FROM information_schema.TABLES', 'ALTER TABLE t RENAME COLUMN a TO b',
  ])('takes a name with a point for a column, or for its own database: %s', (sql) => expect(said(sql)).toMatch(/^send /));

  it('without a database to go into tells which databases are named within', () => {
    const judge = judgeFor(null);
    sentBy(judge, 'USE a');
    expect(sentBy(judge, 'CREATE VIEW v AS SELECT * FROM b.t JOIN c.u')).toMatchObject({ act: 'send', within: ['b', 'c'] });
  });

  it('asks about programs that may change what is there by themselves or with rows of the file, and that run any text', () => {
    const asks = (sql: string): boolean => { const verdict = judgeFor().judge(sql); return verdict.act === 'send' ? verdict.harm === 'body' : true; };
    const [trigger, event, procedure] = ['CREATE TRIGGER g AFTER UPDATE ON t FOR EACH ROW', 'CREATE EVENT e ON SCHEDULE EVERY 1 DAY', 'CREATE PROCEDURE p()'];
    for (const [sql, asked] of [
      [`${trigger} DELETE FROM u`, true], [`${trigger} UPDATE u SET a = 1`, true], [`${trigger} CALL p()`, true], [`${trigger} SET NEW.a = f(1)`, true], [`${trigger} SET NEW.a = \`f\`(1)`, true],
      [`${trigger} REPLACE INTO u VALUES (1)`, true], [`${trigger} INSERT INTO u VALUES (1) ON DUPLICATE KEY UPDATE a = 1`, true], [`${trigger} INSERT INTO u (a) VALUES (REPLACE(NEW.a, 'x', 'y'))`, false],
      [`${trigger} BEGIN IF (NEW.a IN (1, 2)) THEN SET NEW.a = CONCAT(NEW.b, 'x'); END IF; END`, false], [`${event} DO DELETE FROM t`, true], [`${event} DISABLE DO DELETE FROM t`, false],
      [`${event} DISABLE DO BEGIN PREPARE s FROM @x; EXECUTE s; END`, true], [`${event} DO INSERT INTO t VALUES (1)`, false], [`${procedure} DELETE FROM t`, false],
      [`${procedure} BEGIN PREPARE s FROM @x; EXECUTE s; DEALLOCATE PREPARE s; END`, true], ['CREATE FUNCTION f() RETURNS VARCHAR(9) DETERMINISTIC RETURN CONCAT(1)', false],
      ['CREATE FUNCTION f() RETURNS INT BEGIN DELETE FROM t; RETURN 1; END', true], ["CREATE FUNCTION f() RETURNS INT LANGUAGE JAVASCRIPT AS 'x'", true],
    ] as const) expect([sql, asks(sql)]).toEqual([sql, asked]);
  });

  it('refuses an engine of tables that name none where its rows are another server\'s, or cannot be told', () => {
    for (const name of ['FEDERATED', "'MRG_MyISAM'", 'DEFAULT', '@x']) expect([name, said(`SET default_storage_engine = ${name}`)]).toEqual([name, 'refuse not-understood']);
    for (const name of ['InnoDB', "'MyISAM'"]) expect(said(`SET SESSION default_storage_engine = ${name}`)).toBe('send setting other');
  });

  it('tells what is made of other tables', () => {
    const passes = (sql: string): boolean => { const verdict = judgeFor().judge(sql); return verdict.act === 'send' && verdict.passes; };
    for (const sql of ['CREATE VIEW v AS SELECT 1', 'CREATE TABLE m (a INT) ENGINE=MERGE UNION=(a,b)', 'CREATE TABLE m (a INT) UNION=(a)', 'CREATE TABLE m LIKE n', 'ALTER TABLE m ENGINE = MRG_MyISAM']) {
      expect([sql, passes(sql)]).toEqual([sql, true]);
    }
    expect(passes('CREATE TABLE m (a INT) ENGINE=InnoDB')).toBe(false);
  });

  it('follows the settings of other programs\' dumps: HeidiSQL\'s, Percona\'s, DEFAULT, character sets that keep their bytes apart from quotes', () => {
    const judge = judgeFor('shop', '9.7.1', 'ANSI_QUOTES');
    for (const sql of ["/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */", "/*!40101 SET SQL_MODE=IFNULL(@OLD_SQL_MODE, '') */"]) {
      expect(sentBy(judge, sql)).toMatchObject({ act: 'send', instead: null });
    }
    expect(judge.modes.ansiQuotes).toBe(true);
    expect(sentBy(judgeFor(), "SET SQL_MODE=IFNULL(@NEVER, '')")).toMatchObject({ act: 'send' });
    for (const name of ['DEFAULT', 'cp850', 'cp1250', 'cp1251', 'latin2', 'koi8r', 'euckr', 'gb2312', 'ujis', 'eucjpms']) expect([name, said(`SET NAMES ${name}`)]).toEqual([name, 'send setting other']);
    for (const name of ['swe7', 'ucs2']) expect([name, said(`SET NAMES ${name}`)]).toEqual([name, 'refuse character-set']);
    for (const name of ['gbk', 'sjis', 'cp932', 'big5', 'gb18030']) expect([name, said(`SET NAMES ${name}`)]).toEqual([name, 'send setting other']);
    const other = new ImportJudge({ target: 'shop', mode: '', characters: 'gbk', lowerCase: 0, version: parseServerVersion('9.7.1'), reading: { executes: () => true, digits: 6 } });
    expect([sentBy(other, 'SET NAMES DEFAULT').act, other.leads?.isLead(0x81)]).toEqual(['send', true]);
    // A name beyond ASCII in a set that is not read here might be any table.
    const latin = judgeFor();
    sentBy(latin, 'SET NAMES latin1');
    expect(sentBy(latin, 'DROP TABLE `Gr\xfc\xdfe`')).toMatchObject({ act: 'refuse', why: 'character-set' });
    expect(sentBy(latin, "INSERT INTO t VALUES ('Gr\xfc\xdfe')")).toMatchObject({ act: 'send' });
    const percona = judgeFor();
    for (const [sql, act] of [
      ["/*!50717 SET @rocksdb_get_is_supported = IF (@rocksdb_has_p_s_session_variables, 'SELECT COUNT(*)', 'SELECT 0') */", 'send'], ['/*!50717 PREPARE s FROM @rocksdb_get_is_supported */', 'leave-out'],
      ['/*!50717 EXECUTE s */', 'leave-out'], ['/*!50717 DEALLOCATE PREPARE s */', 'leave-out'], ['/*!50112 PREPARE s FROM @disable_bulk_load */', 'leave-out'], ['PREPARE s FROM @other', 'refuse'],
      ['EXECUTE s', 'refuse'], ["PREPARE q FROM 'DROP TABLE t'", 'refuse'],
    ] as const) expect([sql, sentBy(percona, sql).act]).toEqual([sql, act]);
  });
});

describe('what a lost session would be given again as something else', () => {
  const judged = (sql: string): Verdict => judgeFor('d').judge(sql);

  it.each([
    'SET @id = LAST_INSERT_ID()', 'SET @id = (SELECT MAX(id) + 1 FROM t)', 'SET @u = UUID()', 'SET @t = NOW()', 'SET @t = CURRENT_TIMESTAMP', 'SET @r = `rand`()',
    'SET @i = @@last_insert_id', 'SET @i = @@session.identity, @j = 1', 'SET @OLD = @@SQL_MODE, @n = ROW_COUNT()', 'SET @c = CONNECTION_ID()',
    'INSERT INTO t VALUES (LAST_INSERT_ID(), 1)', 'INSERT INTO t VALUES (@@identity)', 'UPDATE t SET a = LAST_INSERT_ID() WHERE id = 1', 'DELETE FROM t WHERE id = @@last_insert_id',
  ])('is refused: %s', (sql) => {
    expect(judged(sql)).toMatchObject({ act: 'refuse', why: 'not-understood' });
  });

  it.each([
    'SET @a = 1, @b = "x", @c = NULL', 'SET @OLD_SQL_MODE = @@SQL_MODE', "SET SQL_MODE = IFNULL(@OLD_SQL_MODE, '')", 'SET TIME_ZONE = @OLD_TIME_ZONE',
    'SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0', 'INSERT INTO t (`timestamp`, identity) VALUES (1, @a)', 'UPDATE t SET timestamp = 5 WHERE t.timestamp = 4',
  ])('is sent: %s', (sql) => {
    expect(judged(sql)).toMatchObject({ act: 'send' });
  });
});

describe('a refused statement before the place where an import begins', () => {
  it('counts, unless it concerns itself alone', () => {
    const why = (sql: string): boolean => decidesForLater(judgeFor(null).judge(sql));
    for (const sql of ["SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')", 'USE sys', 'SET @id = LAST_INSERT_ID()', 'CREATE TEMPORARY TABLE a.t (id INT)', "PREPARE s FROM 'SELECT 1'"]) {
      expect([sql, why(sql)]).toEqual([sql, true]);
    }
    expect(why("CREATE USER 'a'@'%'")).toBe(false);
    expect(why('USE shop')).toBe(false);
  });
});
