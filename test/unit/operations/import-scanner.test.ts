// A stream of bytes taken apart into statements: as the text splitter does it, however the bytes arrive.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StatementScanner } from '../../../shared/domain/operations/import/scanner';
import { executedText } from '../../../shared/domain/operations/sql/executed';
import { splitStatements } from '../../../shared/domain/operations/sql/split';
import type { SqlModes } from '../../../shared/domain/sql/tokens';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const reading = { executes: (version: number) => version <= 80_000, digits: 6 } as const;

interface Taken {
  readonly sql: string;
  readonly at: number;
  readonly line: number;
}

function scan(pieces: readonly Uint8Array[], modes: SqlModes = {}, longest = 1_000_000): { readonly taken: Taken[]; readonly problem: number | null } {
  const scanner = new StatementScanner(reading, longest);
  scanner.modes = modes;
  const taken: Taken[] = [];
  const drain = (): void => {
    for (let one = scanner.next(); one !== null; one = scanner.next()) {
      taken.push({ sql: Buffer.from(one.bytes).toString('latin1'), at: one.at, line: one.line });
    }
  };
  for (const piece of pieces) {
    scanner.push(piece);
    drain();
  }
  scanner.finish();
  drain();
  return { taken, problem: scanner.problem };
}

const whole = (text: string, modes?: SqlModes): Taken[] => scan([bytesOf(text)], modes).taken;
const statements = (text: string, modes?: SqlModes): string[] => whole(text, modes).map(({ sql }) => sql);

const torture = [
  '\xef\xbb\xbf-- MySQL dump 10.13; not a statement\n',
  '/*!999999\\- enable the sandbox mode */ \n/*M!999999\\- enable the sandbox mode */ \n',
  '/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE=\'NO_AUTO_VALUE_ON_ZERO\' */;\r\n',
  '# a comment; with "one quote\r\nCREATE TABLE `a;``b` (`c` varchar(9) DEFAULT \'it\'\'s\\\';\' /* ; \' */ -- x;\n);\n',
  'INSERT INTO `t` VALUES (1,\'a;b\\\\\'),(2,_binary \'\x00\x01\\0\xff\x1a\n\r\\\'\'),(3,"d""q;\\";"),(4,0xDEADBEEF);;\n',
  '--\n--x;\nDELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET NEW.a = \'*/;\'; /* ; */ END */;;\n',
  'CREATE PROCEDURE p()\nBEGIN\n  SELECT 1; -- ;;\n  SELECT \';;\';\nEND ;;\r\nDELIMITER ;\r\n',
  'CREATE FUNCTION f() RETURNS INT DETERMINISTIC BEGIN IF 1 THEN RETURN 2; END IF; RETURN 1; END;\n',
  '/*!99999 SKIPPED it\'s; /* nested; */ ; */ SELECT 1\\g SELECT 2 \\G\ndelimiter $$\nSELECT 3$$ select a$b $$ DELIMITER ;\nSELECT 4/*!50000 ; */ ; SELECT 1--1; SELECT 5 -- no end',
].join('');

describe('a stream of bytes taken apart', () => {
  it('gives the statements of a hostile dump, whole and unchanged', () => {
    const found = whole(torture);
    expect(found.map(({ sql }) => sql.slice(0, 24))).toEqual([
      '/*!40101 SET @OLD_SQL_MO', 'CREATE TABLE `a;``b` (`c', 'INSERT INTO `t` VALUES (', '--x', '/*!50003 CREATE*/ /*!500', 'CREATE PROCEDURE p()\nBEG', 'CREATE FUNCTION f() RETU',
      'SELECT 1', 'SELECT 2', 'SELECT 3', 'select a$b', 'SELECT 4/*!50000 ; */', 'SELECT 1--1', 'SELECT 5 -- no end',
    ].map((text) => text.slice(0, 24)));
    for (const { sql, at, line } of found) {
      expect(torture.slice(at, at + sql.length)).toBe(sql);
      expect(torture.slice(0, at).split('\n').length).toBe(line);
    }
  });

  it('gives the same however the bytes are cut', () => {
    const bytes = bytesOf(torture);
    const expected = scan([bytes]);
    for (let cut = 0; cut <= bytes.length; cut += 1) expect(scan([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(expected);
    for (const size of [1, 2, 3, 7]) {
      expect(scan(Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size)))).toEqual(expected);
    }
  });

  it('gives what the text splitter gives, on random inputs in random pieces, in every mode', () => {
    const parts = fc.constantFrom(
      ';', '\'', '"', '`', '\\', '-- ', '--x', '#', '\n', '\r\n', ' ', '/*', '*/', '/*!', '/*!50000 ', '/*!99999 ', '/*M!', '/', '*', 'a', '1', '(', ')', '\\g', '$$', '.', 'END',
      'DELIMITER $$\n', 'DELIMITER ;\n', 'delimiter', 'DELIMITER #\n', 'DELIMITER --\r\n', 'DELIMITER ; /* it\'s\n', 'CREATE ', 'PROCEDURE ', 'BEGIN ', 'IF ', 'x:', 'END IF', 'CASE ', '\x00', '\xe6', '\'\'', '\\\'',
    );
    fc.assert(fc.property(
      fc.array(parts, { maxLength: 30 }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), fc.boolean(), fc.boolean(),
      (texts, sizes, ansiQuotes, noBackslashEscapes) => {
        const text = texts.join('');
        const modes = { ansiQuotes, noBackslashEscapes };
        // Version comments within one another: servers differ in where those end.
        const read = text.replaceAll(' /* it\'s\n', '\n');
        const isCertain = [text, read, read.replaceAll(/#|--/g, ' ')].map((one) => executedText(one, modes, reading)).every(({ closed, certain }) => closed && certain);
        // A delimiter that is the command's own word: what a line begins with then nobody can tell.
        fc.pre(isCertain && !/delimiter\s+delimiter/i.test(text));
        const { pieces, problem } = splitStatements(text, modes, reading);
        const bytes = bytesOf(text);
        const cut: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          cut.push(bytes.subarray(at, at + size));
          at += size;
        }
        const found = scan(cut, modes);
        expect({ problem: found.problem, taken: found.taken }).toEqual({
          problem: problem?.line ?? null, taken: pieces.map(({ sql, at, line }) => ({ sql, at, line })),
        });
      },
    ), { numRuns: 4_000 });
  });

  it('follows the modes that change between two statements', () => {
    const scanner = new StatementScanner(reading, 1_000);
    scanner.push(bytesOf('SET sql_mode = 1; SELECT \'\\\'; SELECT "a;b"'));
    scanner.finish();
    expect(Buffer.from(scanner.next()?.bytes ?? []).toString()).toBe('SET sql_mode = 1');
    scanner.modes = { noBackslashEscapes: true, ansiQuotes: true };
    expect(Buffer.from(scanner.next()?.bytes ?? []).toString()).toBe("SELECT '\\'");
    expect(Buffer.from(scanner.next()?.bytes ?? []).toString()).toBe('SELECT "a;b"');
    expect(statements("SELECT '\\'; SELECT 2", { noBackslashEscapes: true })).toEqual(["SELECT '\\'", 'SELECT 2']);
  });

  it('names a statement that is longer than what is held, and holds no more of it', () => {
    const scanner = new StatementScanner(reading, 1_000);
    const row = bytesOf(`('${'x'.repeat(98)}'),`);
    scanner.push(bytesOf('SELECT 1;\n\nINSERT INTO t VALUES '));
    expect(scanner.next()?.line).toBe(1);
    for (let count = 0; count < 100_000; count += 1) {
      scanner.push(row);
      expect(scanner.next()).toBe(null);
    }
    scanner.push(bytesOf('(1);\nSELECT 2;'));
    const long = scanner.next();
    expect(long).toMatchObject({ line: 3, whole: false, at: 11 });
    expect(long === null ? 0 : long.end - long.at).toBe(21 + 100_000 * row.length + 3);
    expect(Buffer.from(long?.bytes ?? []).toString()).toMatch(/^INSERT INTO t VALUES \('xxx/);
    expect(scanner.next()).toMatchObject({ line: 4, whole: true });
  });

  it('tells an INSERT of rows of literals, and how many, from one that may call something, however it is cut', () => {
    const literal = ['INSERT INTO t VALUES (1,-2.5e3,NULL,\'f(1)\',_binary \'x\',0xFF,b\'1\',"g()")', 'INSERT INTO `d`.`t` (`a`, b) VALUES (1, 2),(3, 4)', 'REPLACE t VALUE (1)',
      'INSERT INTO t (a) VALUES ROW(1), ROW(2)', 'INSERT INTO t VALUES (1 /* f(1) */) -- f(2)', 'INSERT /*!40000 IGNORE */ INTO `t` () VALUES ()'];
    const calling = ['INSERT INTO t VALUES (f(1))', 'INSERT INTO t VALUES (`f` (1))', 'INSERT INTO t SELECT f(1)', 'INSERT INTO t SET a = f(1)', 'INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = f(1)',
      'INSERT INTO t VALUES (1, (SELECT 2))', 'INSERT INTO t VALUES (/*!50000 f(1) */)', 'INSERT INTO t (a) TABLE u', 'INSERT INTO t (a) f(1)', 'INSERT INTO t VALUES (f /* x */ (1))',
      'INSERT INTO t VALUES (1f(2))', 'INSERT INTO t VALUES (5e(2))', 'INSERT INTO t VALUES (value(1))', 'INSERT INTO t VALUES (@a := 1)', 'INSERT INTO t VALUES (1 /*!500001 */)'];
    const rows = [1, 2, 1, 2, 1, 1];
    for (const [texts, expected] of [[literal, rows], [calling, []]] as const) {
      for (const [of, text] of texts.entries()) {
        for (let cut = 0; cut <= text.length; cut += 1) {
          const scanner = new StatementScanner(reading, 1_000);
          for (const piece of [text.slice(0, cut), text.slice(cut)]) {
            scanner.push(bytesOf(piece));
            if (cut < text.length) expect(scanner.next()).toBe(null);
          }
          scanner.finish();
          expect([text, scanner.next()?.rows]).toEqual([text, expected[of] ?? null]);
        }
      }
    }
  });

  it('tells a statement that the stream ends within', () => {
    for (const text of ["INSERT INTO t VALUES ('a", 'SELECT /* ', 'SELECT `a', '/*!50000 SELECT 1']) {
      const scanner = new StatementScanner(reading, 1_000);
      scanner.push(bytesOf(text));
      scanner.finish();
      expect(scanner.next()).toMatchObject({ closed: false, whole: true });
      expect(scanner.next()).toBe(null);
    }
  });
});
