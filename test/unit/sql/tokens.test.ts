// The one reader of SQL text: whatever the text, its tokens make it up again, and what was quoted is given back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteId, quoteString } from '../../../electron/mysql/quote';
import { leadingWord, SqlCursor } from '../../../shared/domain/sql/cursor';
import { tokensIn, valueOf, type SqlModes } from '../../../shared/domain/sql/tokens';

const kinds = (sql: string, modes?: SqlModes): string[] => tokensIn(sql, modes).filter(({ kind }) => kind !== 'space').map(({ kind, text }) => `${kind} ${text}`);

/** Text that is made of what matters to a reader of SQL, in any order. */
const hostile = fc.array(fc.oneof(fc.constantFrom("'", '"', '`', '\\', '/*', '/*!', '/*!50100 ', '*/', '--', '-- ', '#', '\n', ' ', '.', '1', '0x', 'e', 'a', '表', '(', ')', ',', '@'), fc.string())).map((parts) => parts.join(''));
const modes = fc.record({ noBackslashEscapes: fc.boolean(), ansiQuotes: fc.boolean() });

describe('tokens of SQL', () => {
  it('make up the text again, whatever it is', () => {
    fc.assert(fc.property(hostile, modes, (sql, mode) => {
      const tokens = tokensIn(sql, mode);
      expect(tokens.map(({ text }) => text).join('')).toBe(sql);
      expect(tokens.every(({ text, at }) => text !== '' && sql.startsWith(text, at))).toBe(true);
      // Only the end of the text can be inside of something.
      expect(tokens.slice(0, -1).every(({ closed }) => closed)).toBe(true);
    }), { numRuns: 1000 });
  });

  it('give a quoted name and a quoted text back, whatever stands around', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !text.includes('\0'));
    fc.assert(fc.property(name, fc.string(), modes, (inside, text, mode) => {
      const literal = mode.noBackslashEscapes ? `'${text.replaceAll("'", "''")}'` : quoteString(text);
      const [first, , second, ...rest] = tokensIn(`${quoteId(inside)} ${literal}`, mode);
      expect(first && [first.kind, valueOf(first, mode)]).toEqual(['name', inside]);
      expect(second && [second.kind, valueOf(second, mode)]).toEqual(['string', text]);
      expect(rest).toEqual([]);
    }), { numRuns: 1000 });
  });

  it.each<[string, readonly string[], SqlModes?]>([
    ['SELECT `a``b`.c', ['word SELECT', 'name `a``b`', 'mark .', 'word c']],
    ["'a\\'b' 'it''s' \"x\"\"y\"", ["string 'a\\'b'", "string 'it''s'", 'string "x""y"']],
    ["'a\\' x", ["string 'a\\'", 'word x'], { noBackslashEscapes: true }],
    ['"a\\" "b""c"', ['name "a\\"', 'name "b""c"'], { ansiQuotes: true }],
    ["1--1 -- '\n2 # \"\n3 --", ['number 1', 'mark -', 'mark -', 'number 1', "comment -- '", 'number 2', 'comment # "', 'number 3', 'comment --']],
    ["a /* ' */ b /*!50100 PARTITION BY /* inner */ x */ * / c", ['word a', "comment /* ' */", 'word b', 'mark /*!50100', 'word PARTITION', 'word BY', 'comment /* inner */', 'word x', 'mark */', 'mark *', 'mark /', 'word c']],
    ['/*+ hint */ /*!x*/ /*M!100 y */', ['comment /*+ hint */', 'mark /*!', 'word x', 'mark */', 'mark /*M!', 'number 100', 'word y', 'mark */']],
    ['1 1.5 .5 1e9 1.e-3 1e+5 0x1F 0b01 1a 0xZ', ['number 1', 'number 1.5', 'number .5', 'number 1e9', 'number 1.e-3', 'number 1e+5', 'number 0x1F', 'number 0b01', 'word 1a', 'word 0xZ']],
    ['d.1 t.5e3 `d`.7', ['word d', 'mark .', 'word 1', 'word t', 'mark .', 'word 5e3', 'name `d`', 'mark .', 'word 7']],
    ['表$_1 @v', ['word 表$_1', 'mark @', 'word v']],
    ["_utf8mb4'x' N'y'", ['word _utf8mb4', "string 'x'", 'word N', "string 'y'"]],
  ])('%s', (sql, expected, mode) => {
    expect(kinds(sql, mode)).toEqual(expected);
  });

  it('give the characters that a text means', () => {
    expect(tokensIn("'\\0\\b\\n\\r\\t\\Z\\%\\_\\\\\\x\"\"'''").map((token) => valueOf(token))).toEqual(['\0\b\n\r\t\x1a\\%\\_\\x""\'']);
    expect(tokensIn("`cut off").map((token) => [valueOf(token), token.closed])).toEqual([['cut off', false]]);
  });

  it('take time by the length of the text, quotes and comments left open or not', () => {
    const time = (sql: string): number => {
      const from = performance.now();
      tokensIn(sql);
      return performance.now() - from;
    };
    const texts = ["'a", '`', '/*', "'\\", '"x" ', '/*! ', '-- \n', '1.', '1e'].map((piece) => [piece.repeat(500), piece.repeat(50_000)] as const);
    for (const [short, long] of texts) {
      time(short);
      // A hundred times the text takes a hundred times the time, not ten thousand times, and that every time: a busy machine is so for a moment.
      const isInProportion = (): boolean => time(long) < Math.max(time(short), 0.2) * 2_000;
      expect([1, 2, 3, 4].some(isInProportion), long.slice(0, 4)).toBe(true);
    }
  });
});

describe('a statement step by step', () => {
  it('takes what it is asked for, or nothing', () => {
    const sql = new SqlCursor("CREATE /* so */ DEFINER = 'a'@'%' VIEW IF NOT EXISTS `d``x` . v");
    expect(sql.words('CREATE', 'TABLE')).toBe(false);
    expect([sql.oneOf('ALTER', 'CREATE'), sql.words('DEFINER'), sql.mark('='), sql.account(), sql.oneOf('VIEW')]).toEqual(['CREATE', true, true, true, 'VIEW']);
    expect([sql.words('IF', 'EXISTS'), sql.words('IF', 'NOT', 'EXISTS'), sql.qualifiedName(), sql.isAtEnd]).toEqual([false, true, { database: 'd`x', name: 'v' }, true]);
  });

  it.each(["'a'@'b'", '`a`@`b`', 'a', 'root@localhost', 'root@10.0.%', "root@'10.0.0.1'", 'a@db-1.example.com', 'a@%', 'CURRENT_USER', 'CURRENT_USER()', 'current_user ( )'])('takes the account %s whole', (account) => {
    const sql = new SqlCursor(`${account} EVENT`);
    expect([sql.account(), sql.oneOf('EVENT')]).toEqual([true, 'EVENT']);
  });

  it.each([["/* a */ -- b\n# c\nalter table t", 'ALTER'], ['/*!50001 CREATE */ x', 'CREATE'], ['(SELECT 1)', ''], ['`ALTER`', ''], ['', '']])('%j begins with %j', (sql, word) => {
    expect(leadingWord(sql)).toBe(word);
  });
});
