// Comments as servers take them, which was measured on 9.7, 8.0, 8.0.15, 5.7 and 5.6 (test/integration/sql.test.ts): what is judged a reading is one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify } from '../../../shared/domain/operations/sql/classify';
import { executedText, isSameWithoutComments, type CommentReading } from '../../../shared/domain/operations/sql/executed';
import { isReading, type SqlKind } from '../../../shared/domain/operations/sql/statement-kind';
import { isSignificant, tokensIn, type SqlModes } from '../../../shared/domain/sql/tokens';

describe('a comment hides nothing that the server runs', () => {
  it.each<[string, SqlKind]>([
    // Ends at its first mark: MariaDB's is no version comment here.
    ["SELECT 1 /*M! /* */ INTO OUTFILE '/tmp/a' -- */", 'unknown'],
    ['UPDATE t SET a=1 WHERE id=5 /*M! /* */ OR 1 -- */', 'unknown'],
    // Nested once, and not twice.
    ["SELECT 1 /*!99999 /* /* */ */ INTO OUTFILE '/tmp/a' -- */", 'unknown'],
    ["SELECT 1 /*!99999 /* */ INTO OUTFILE '/tmp/a' -- */", 'unknown'],
    ["SELECT 1 /*!99999 x/*/ */ INTO OUTFILE '/tmp/a' -- */", 'unknown'],
    ["SELECT 1 /* /* */ INTO OUTFILE '/tmp/a' -- */", 'administration'],
    ["SELECT 1 /*!50000 + 1 /*!50000 + 2 */ INTO OUTFILE '/tmp/a' -- */", 'unknown'],
    ["SELECT 1 /*!50000 + 1 /*!99999 + 2 */ INTO OUTFILE '/tmp/a' */", 'unknown'],
    ["SELECT 1 /*!50000 + 1 /*M! + 2 */ INTO OUTFILE '/tmp/a' */", 'unknown'],
    ["SELECT 1 /*!50000 + 1 /* c */ INTO OUTFILE '/tmp/a' */", 'administration'],
    // Arithmetic, not a comment: no blank stands behind it.
    ["SELECT 1 /*! --*/ 2 INTO OUTFILE '/tmp/a'", 'unknown'],
    ["SELECT 1 --/*!99999 x*/ 2 INTO OUTFILE '/tmp/a'", 'unknown'],
    ["SELECT 1 --/*! 2*/ INTO OUTFILE '/tmp/a'", 'unknown'],
    ['DELETE FROM t WHERE id = 5 --/*M!*/ 1 OR 1', 'unknown'],
    ["SELECT 1 --/**/ 2 INTO OUTFILE '/tmp/a'", 'administration'],
    // Two with six digits: the first is skipped by 9.7, the second is `+1 …` behind five.
    ["SELECT 1 /*!099999 -- */ /*!099999+1 INTO OUTFILE '/tmp/a'*/\n", 'unknown'],
    // Without an end.
    ["SELECT 1 /*!99999 INTO OUTFILE '/tmp/a'", 'unknown'],
    ["SELECT 1 /*M! INTO OUTFILE '/tmp/a'", 'unknown'],
    ["SELECT 1 /*! INTO OUTFILE '/tmp/a'", 'unknown'],
    ["SELECT 1 /*/ INTO OUTFILE '/tmp/a'", 'unknown'],
    // Quotes within what is skipped open nothing, and a hint ends at its first mark, quotes or not.
    ["SELECT 1 /*!99999 ' */ INTO OUTFILE '/tmp/a' -- '", 'administration'],
    ["SELECT 1 /*M! \" */ INTO OUTFILE '/tmp/a' -- \"", 'administration'],
    ["SELECT /*+ QB_NAME(`a*/ 1 INTO OUTFILE '/tmp/a' -- `) */", 'administration'],
    ["SELECT /*+ it's */ 1 INTO OUTFILE '/tmp/a' -- ' */", 'administration'],
    // The mark that ends a comment stands in one to the end of its line.
    ["SELECT 1 /*! -- */ INTO OUTFILE '/tmp/a'\n*/ + 1", 'read'],
    ["SELECT 1 /*!99999 -- */ INTO OUTFILE '/tmp/a'", 'administration'],
  ])('%s: %s', (sql, kind) => {
    for (const version of [50_624, 50_722, 80_031, 90_704]) expect(classify(sql, {}, version).kind).toBe(kind);
    expect(isReading(classify(sql).kind)).toBe(kind === 'read');
  });

  it('where the version is not known, what a comment hides is met as well', () => {
    // To the newest the second is in a comment of the first.
    expect(classify("SELECT 1 /*!90000 -- */ + 1 /*!80000 INTO OUTFILE '/tmp/a' */\n*/").kind).toBe('administration');
  });
});

/** What a server runs of a text, letter by letter, without blanks; null: it refuses the text. Written for this test, from what servers did. */
function modelOf(sql: string, { ansiQuotes = false, noBackslashEscapes = false }: SqlModes, { executes, digits }: CommentReading): string | null {
  let out = '';
  let isWithin = false;
  let at = 0;
  const skip = (from: number, mayNest: boolean): number => {
    for (let place = from; place < sql.length; place += 1) {
      if (sql.startsWith('*/', place)) return place + 2;
      if (mayNest && sql.startsWith('/*', place)) place = skip(place + 2, false) - 1;
    }
    return Infinity;
  };
  while (at < sql.length) {
    const letter = sql.charAt(at);
    if ('\'"`'.includes(letter)) {
      const hasEscapes = letter !== '`' && !noBackslashEscapes && !(letter === '"' && ansiQuotes);
      let end = at + 1;
      for (; end < sql.length; end += 1) {
        if (sql[end] === '\\' && hasEscapes) end += 1;
        else if (sql[end] === letter && sql[end + 1] === letter) end += 1;
        else if (sql[end] === letter) break;
      }
      if (end >= sql.length) return null;
      out += sql.slice(at, end + 1);
      at = end + 1;
    } else if (sql.startsWith('/*!', at)) {
      const number = /^\d{5,6}/.exec(sql.slice(at + 3, at + 9))?.[0].slice(0, digits) ?? '';
      const isRun = executes(Number(number));
      isWithin ||= isRun;
      at = isRun ? at + 3 + number.length : skip(at + 3, true);
    } else if (sql.startsWith('/*', at)) at = skip(at + 2, false);
    else if (isWithin && sql.startsWith('*/', at)) {
      isWithin = false;
      at += 2;
    } else if (letter === '#' || /^--(?:[\0- \x7f]|$)/.test(sql.slice(at, at + 3))) {
      const end = sql.indexOf('\n', at);
      at = end === -1 ? sql.length : end;
    } else {
      if (letter > ' ') out += letter;
      at += 1;
    }
    if (at === Infinity) return null;
  }
  return isWithin ? null : out;
}

describe('against a model of the server', () => {
  const begins = fc.constantFrom('/*', '/*!', '/*!99999', '/*!50000 ', '/*M!', '/*+', '/*!099999 ', '/*!500001', '/*!050000');
  const mark = fc.constantFrom('--', ' ', '-', '*', '/', '*/', "'", '"', '`', '\\', '#', '\n', '1', 'a', '+', '!');
  const { text } = fc.letrec<{ text: string; comment: string; part: string }>((tie) => ({
    comment: fc.tuple(begins, tie('text'), fc.constantFrom('*/', '*/', '*/', '')).map((parts) => parts.join('')),
    part: fc.oneof({ depthSize: 'medium', withCrossShrink: true }, { arbitrary: mark, weight: 3 }, { arbitrary: tie('comment'), weight: 2 }),
    text: fc.array(tie('part'), { maxLength: 5 }).map((parts) => parts.join('')),
  }));
  const modes = fc.record({ ansiQuotes: fc.boolean(), noBackslashEscapes: fc.boolean() });

  it('what is taken for certain is what it runs', () => {
    let certain = 0;
    fc.assert(fc.property(text, modes, fc.constantFrom(50_624, 80_031, 90_704), fc.constantFrom<5 | 6>(5, 6), (sql, mode, version, digits) => {
      const reading: CommentReading = { executes: (number) => number <= version, digits };
      const executed = executedText(sql, mode, reading);
      expect(executed.text).toHaveLength(sql.length);
      if (!executed.closed || !executed.certain || !isSameWithoutComments(executed, mode)) return;
      certain += 1;
      const tokens = tokensIn(executed.text, mode).filter(isSignificant).map((token) => token.text);
      expect(tokens.join('')).toBe(modelOf(sql, mode, reading));
    }), { numRuns: 20_000 });
    expect(certain).toBeGreaterThan(2_000);
  });

  it('what writes a file is never taken for a reading, whatever comments stand around it', () => {
    fc.assert(fc.property(text, text, text, fc.constantFrom(50_624, 80_031, 90_704), (before, between, behind, version) => {
      const sql = `SELECT 1 ${before} INTO ${between} OUTFILE 'f' ${behind}`;
      const isWriting = ([5, 6] as const).some((digits) =>
        /INTOOUTFILE'f'/.test(modelOf(sql, {}, { executes: (number) => number <= version, digits })?.replace(/`(?:[^`]|``)*`|"(?:[^"\\]|""|\\[^])*"|'(?!f')(?:[^'\\]|''|\\[^])*'/g, '') ?? ''));
      if (isWriting) expect(isReading(classify(sql, {}, version).kind)).toBe(false);
    }), { numRuns: 10_000 });
  });
});
