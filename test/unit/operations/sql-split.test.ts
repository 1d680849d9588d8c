import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitStatements } from '../../../shared/domain/operations/sql/split';
import type { SqlModes } from '../../../shared/domain/sql/tokens';

const statements = (text: string, modes: SqlModes = {}): readonly string[] => splitStatements(text, modes).pieces.map(({ sql }) => sql);

describe('a text is taken apart into its statements', () => {
  it.each<[string, string, readonly string[]]>([
    ['one without an end', 'SELECT 1', ['SELECT 1']],
    ['blanks and comments alone', ' -- nothing\n/* ; */ # ;\n', []],
    ['two', 'SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2']],
    ['a delimiter in literals', "SELECT ';', \";\", 'a''; b', 'a\\'; b'; SELECT 2", ["SELECT ';', \";\", 'a''; b', 'a\\'; b'", 'SELECT 2']],
    ['a delimiter in names', 'SELECT `a;b` FROM `c``;d`; SELECT 2', ['SELECT `a;b` FROM `c``;d`', 'SELECT 2']],
    ['a delimiter in comments', 'SELECT 1 -- a;b\n+ 1 # ;\n+ /* ; */ 1; SELECT 2', ['SELECT 1 -- a;b\n+ 1 # ;\n+ /* ; */ 1', 'SELECT 2']],
    ['arithmetic that is no comment', 'SELECT 1--1; SELECT 2', ['SELECT 1--1', 'SELECT 2']],
    ['what stands before the first word', '/* head */ -- x\nSELECT 1; ; ;SELECT 2', ['SELECT 1', 'SELECT 2']],
    ['an executable comment is never cut', 'SELECT 1 /*!50000 + 1; DROP TABLE t */; SELECT 2', ['SELECT 1 /*!50000 + 1; DROP TABLE t */', 'SELECT 2']],
    ['a whole statement in an executable comment', '/*!40101 SET NAMES utf8 */;\nSELECT 1', ['/*!40101 SET NAMES utf8 */', 'SELECT 1']],
    ['a quote in an executable comment', "/*!50000 SELECT ';' */; SELECT 2", ["/*!50000 SELECT ';' */", 'SELECT 2']],
    ['\\G and \\g', 'SELECT 1\\G SELECT 2\\g\nSELECT 3', ['SELECT 1', 'SELECT 2', 'SELECT 3']],
    ['DELIMITER of marks', 'DELIMITER //\nSELECT 1; SELECT 2//\nDELIMITER ;\nSELECT 3; SELECT 4', ['SELECT 1', 'SELECT 2', 'SELECT 3', 'SELECT 4']],
    // As the schemas of FreeRADIUS 3.2 have it: a client sends both as one, and the server runs one behind the other.
    ['several under one DELIMITER', 'DELIMITER $$\nDROP PROCEDURE IF EXISTS p;\nCREATE PROCEDURE p() BEGIN DELETE FROM t; DELETE FROM u; END;\n$$\nDELIMITER ;\nSELECT 1',
      ['DROP PROCEDURE IF EXISTS p', 'CREATE PROCEDURE p() BEGIN DELETE FROM t; DELETE FROM u; END;', 'SELECT 1']],
    ['what may be a program stays whole under a DELIMITER', [
      'DELIMITER $$', 'CREATE TABLE t (a INT); CREATE PROCEDURE p() DELETE FROM t; DELETE FROM u$$', '/*!50003 CREATE*/ PROCEDURE q() BEGIN DELETE FROM t; END $$',
      '/*!50003 CREATE*/ /*!50003 TRIGGER a BEFORE INSERT ON t FOR EACH ROW*/ BEGIN DELETE FROM t; DELETE FROM u; END $$', 'BEGIN NOT ATOMIC DELETE FROM t; DELETE FROM u; END $$',
      'CREATE /*!50017 DEFINER=`a`@`b`*/ PROCEDURE r() BEGIN DELETE FROM t; END $$', 'IF 1 THEN DELETE FROM t; END IF $$', '; SET @a = 1;; $$',
      'CREATE DEFINER=user@localhost PROCEDURE s() BEGIN DELETE FROM t; DELETE FROM u; END$$', 'ALTER DEFINER = root@server.local EVENT e DO BEGIN DELETE FROM t; DELETE FROM u; END$$',
      'l1: BEGIN NOT ATOMIC DELETE FROM t; DELETE FROM u; END $$', 'SET @b := 1; SET @c = 2 $$',
    ].join('\n'), [
      'CREATE TABLE t (a INT)', 'CREATE PROCEDURE p() DELETE FROM t; DELETE FROM u', '/*!50003 CREATE*/ PROCEDURE q() BEGIN DELETE FROM t; END',
      '/*!50003 CREATE*/ /*!50003 TRIGGER a BEFORE INSERT ON t FOR EACH ROW*/ BEGIN DELETE FROM t; DELETE FROM u; END', 'BEGIN NOT ATOMIC DELETE FROM t; DELETE FROM u; END',
      'CREATE /*!50017 DEFINER=`a`@`b`*/ PROCEDURE r() BEGIN DELETE FROM t; END', 'IF 1 THEN DELETE FROM t; END IF', 'SET @a = 1',
      'CREATE DEFINER=user@localhost PROCEDURE s() BEGIN DELETE FROM t; DELETE FROM u; END', 'ALTER DEFINER = root@server.local EVENT e DO BEGIN DELETE FROM t; DELETE FROM u; END',
      'l1: BEGIN NOT ATOMIC DELETE FROM t; DELETE FROM u; END', 'SET @b := 1', 'SET @c = 2',
    ]],
    ['nor is one cut without a DELIMITER, whatever its definer is called', 'CREATE DEFINER=role@localhost PROCEDURE s() BEGIN DELETE FROM t; DELETE FROM u; END; SELECT 1',
      ['CREATE DEFINER=role@localhost PROCEDURE s() BEGIN DELETE FROM t; DELETE FROM u; END', 'SELECT 1']],
    // As the mysql client 9.7 takes them: the delimiter before a comment, and nothing of what stands behind it in its line.
    ['DELIMITER of the marks of a comment', 'DELIMITER #\nSELECT 1; # SELECT \'#\' # SELECT 2 #\nDELIMITER --\nSELECT 3 -- \nSELECT 4--SELECT 1 - 1 --\nDELIMITER ;\nSELECT 5; # no;\nSELECT 6',
      ['SELECT 1', "SELECT '#'", 'SELECT 2', 'SELECT 3', 'SELECT 4', 'SELECT 1 - 1', 'SELECT 5', 'SELECT 6']],
    ['what follows a DELIMITER', "DELIMITER ;; it's /* x\nSELECT 1;; /*!99999 ;; */ SELECT 2;;\ndelimiter ; -- it's\nSELECT 3; SELECT '/*!99999';", ['SELECT 1', '/*!99999 ;; */ SELECT 2', 'SELECT 3', "SELECT '/*!99999'"]],
    ['DELIMITER of letters close to a word', 'DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT 1; END$$\nDELIMITER ;\nSELECT 2', ['CREATE PROCEDURE p() BEGIN SELECT 1; END', 'SELECT 2']],
    ['DELIMITER in a dump', "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET @a = 1; END */;;\nDELIMITER ;\nSELECT 2",
      ['/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET @a = 1; END */', 'SELECT 2']],
    // t8y2/dbx#1978: `delimiter ;;` in lower case, its own marks taken for ends; the closing one behind END.
    ['dbx#1978', 'DROP PROCEDURE IF EXISTS `f`;\ndelimiter ;;\nCREATE PROCEDURE `f`()\nBEGIN\nDECLARE d INT;\nl: LOOP\nLEAVE l; END LOOP;\nEND\n;;\ndelimiter ;',
      ['DROP PROCEDURE IF EXISTS `f`', 'CREATE PROCEDURE `f`()\nBEGIN\nDECLARE d INT;\nl: LOOP\nLEAVE l; END LOOP;\nEND']],
    // sequelpro#555, liquibase#1553, vscode-database#55: a routine without DELIMITER is one statement; else what follows its first `;` runs by itself.
    ['sequelpro#555', 'CREATE PROCEDURE p (OUT a INT)\nBEGIN\nSELECT COUNT(*) INTO a FROM t;\nEND; SELECT 2', ['CREATE PROCEDURE p (OUT a INT)\nBEGIN\nSELECT COUNT(*) INTO a FROM t;\nEND', 'SELECT 2']],
    ['vscode-database#55', '-- DELIMITER //\nDROP PROCEDURE IF EXISTS g;\nCREATE PROCEDURE g()\nBEGIN\nDECLARE EXIT HANDLER FOR SQLEXCEPTION\nBEGIN\nROLLBACK;\nSELECT 1;\nEND;\nSTART TRANSACTION;\nDELETE FROM t;\nCOMMIT;\nEND;\n-- //\n-- DELIMITER ;',
      ['DROP PROCEDURE IF EXISTS g', 'CREATE PROCEDURE g()\nBEGIN\nDECLARE EXIT HANDLER FOR SQLEXCEPTION\nBEGIN\nROLLBACK;\nSELECT 1;\nEND;\nSTART TRANSACTION;\nDELETE FROM t;\nCOMMIT;\nEND']],
    ['a body with every block', 'CREATE TRIGGER t AFTER INSERT ON x FOR EACH ROW BEGIN IF NEW.a THEN SET @x = CASE 1 WHEN 1 THEN 2 END; ELSE REPEAT SET @y = REPEAT(\'a\', 2); UNTIL 1 END REPEAT; END IF; CASE WHEN 1 THEN SELECT 1; END CASE; WHILE 0 DO SET @z = IF(1, 2, 3); END WHILE; END; SELECT 2',
      ['CREATE TRIGGER t AFTER INSERT ON x FOR EACH ROW BEGIN IF NEW.a THEN SET @x = CASE 1 WHEN 1 THEN 2 END; ELSE REPEAT SET @y = REPEAT(\'a\', 2); UNTIL 1 END REPEAT; END IF; CASE WHEN 1 THEN SELECT 1; END CASE; WHILE 0 DO SET @z = IF(1, 2, 3); END WHILE; END', 'SELECT 2']],
    ['a body of one statement', 'CREATE DEFINER=`a`@`%` PROCEDURE IF NOT EXISTS p() SELECT 1; SELECT 2', ['CREATE DEFINER=`a`@`%` PROCEDURE IF NOT EXISTS p() SELECT 1', 'SELECT 2']],
    ['a body that is a block', 'CREATE PROCEDURE p() IF 1 THEN DELETE FROM t; END IF; SELECT 2', ['CREATE PROCEDURE p() IF 1 THEN DELETE FROM t; END IF', 'SELECT 2']],
    ['a body without its end swallows the rest', 'CREATE PROCEDURE p() BEGIN SELECT 1; DROP TABLE t;', ['CREATE PROCEDURE p() BEGIN SELECT 1; DROP TABLE t;']],
    ['a transaction is no body', 'BEGIN; DELETE FROM t; COMMIT', ['BEGIN', 'DELETE FROM t', 'COMMIT']],
    ['what is no DELIMITER', 'SELECT delimiter FROM t; SELECT `DELIMITER`', ['SELECT delimiter FROM t', 'SELECT `DELIMITER`']],
  ])('%s', (_what, text, expected) => expect(statements(text)).toEqual(expected));

  it('by the sql_mode of the session', () => {
    expect(statements("SELECT 'a\\'; SELECT 'b'", { noBackslashEscapes: true })).toEqual(["SELECT 'a\\'", "SELECT 'b'"]);
    expect(statements("SELECT 'a\\'; SELECT 'b'")).toHaveLength(1);
    expect(statements('SELECT "a\\"; SELECT 2', { ansiQuotes: true })).toEqual(['SELECT "a\\"', 'SELECT 2']);
  });

  it('by what the server runs of its comments', () => {
    const text = "SELECT 1 /*!99999 it's */; SELECT 2";
    expect(splitStatements(text, {}, { executes: (version) => version <= 80_031, digits: 6 }).pieces.map(({ sql }) => sql)).toEqual(["SELECT 1 /*!99999 it's */", 'SELECT 2']);
    const nested = 'SELECT 1 /*!99999 a /* b */ ; c */; SELECT 2 /*M! /* */; SELECT 3';
    expect(splitStatements(nested, {}, { executes: (version) => version <= 80_031, digits: 6 }).pieces.map(({ sql }) => sql))
      .toEqual(['SELECT 1 /*!99999 a /* b */ ; c */', 'SELECT 2 /*M! /* */', 'SELECT 3']);
  });

  it('with the line that each begins in, and where it stands', () => {
    const text = '-- head\nSELECT 1;\n\n  SELECT\n2; SELECT 3';
    const { pieces } = splitStatements(text);
    expect(pieces.map(({ line }) => line)).toEqual([2, 4, 5]);
    for (const { sql, at, end } of pieces) expect(text.slice(at, end)).toBe(sql);
  });

  it.each(['delimiter /*!99999 \n*/', 'DELIMITER\nSELECT 1', 'DELIMITER \\\\\nSELECT 1', "DELIMITER '\nSELECT 1"])('a DELIMITER that cannot be one is told: %s', (text) => {
    expect(splitStatements(text)).toEqual({ pieces: [], problem: { line: 1 } });
  });

  it('any pieces joined by a delimiter come back', () => {
    const piece = fc.constantFrom('SELECT 1', "SELECT ';'", 'SELECT `;`', 'INSERT INTO t VALUES (1, "a;")', 'UPDATE t SET a = 1 /* ; */ WHERE b = 2', 'SELECT 1 /*!50000 + 1 */');
    const delimiter = fc.constantFrom(';', '//', '$$', ';;', '|', 'END_OF_IT');
    fc.assert(fc.property(fc.array(piece, { maxLength: 8 }), delimiter, (pieces, mark) => {
      expect(statements(`DELIMITER ${mark}\n${pieces.map((one) => `${one}\n${mark}\n`).join('')}`)).toEqual(pieces);
    }), { numRuns: 300 });
  });

  it('takes any text, and what it gives stands in it in order', () => {
    const parts = fc.constantFrom('SELECT 1', ';', "'", '"', '`', '/*', '*/', '/*!50000', '/*!', '--', '\n', '#', 'DELIMITER //\n', '//', 'BEGIN', 'END', 'CREATE PROCEDURE p()', '\\', '\\G', '你', ' ');
    fc.assert(fc.property(fc.array(parts, { maxLength: 24 }), (list) => {
      const text = list.join('');
      let last = 0;
      for (const { sql, at, end } of splitStatements(text).pieces) {
        expect(at).toBeGreaterThanOrEqual(last);
        expect(text.slice(at, end)).toBe(sql);
        last = end;
      }
    }), { numRuns: 1000 });
  });

  it('a megabyte of statements takes no more than a few seconds', () => {
    const text = "INSERT INTO t VALUES (1, 'a;b'), (2, 'c');\n".repeat(24_000);
    const before = performance.now();
    expect(splitStatements(text).pieces).toHaveLength(24_000);
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});
