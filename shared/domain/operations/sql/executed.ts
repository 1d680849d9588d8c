import { isSignificant, SqlScanner, tokensIn, type SqlModes } from '../../sql/tokens';

/** How a server takes version comments: which numbers it runs, and how many digits make one (older servers take five and no more). */
export interface CommentReading {
  readonly executes: (version: number) => boolean;
  readonly digits: 5 | 6;
}

/** A statement as a server reads it. */
export interface Executed {
  /** Of the same length as what was given: what the server skips is blank, and so are the ends of executable comments. */
  readonly text: string;
  /** false: the text ends within a literal, a name or a comment. */
  readonly closed: boolean;
  /** false: a comment that is skipped has another one begin in it, or is one within one that is run. Where such a one ends servers tell differently. */
  readonly certain: boolean;
  /** The numbers of version comments that were met, and how many of them have six digits. */
  readonly versions: ReadonlySet<number>;
  readonly sixDigits: number;
  /** Where each token that counts begins. */
  readonly places: readonly number[];
}

const start = /^\/\*(M?)!(\d{0,6})/;

/**
 * What a server runs of a text with version comments. A comment that is skipped is no SQL inside: a quote in it opens nothing. `/*M!` is MariaDB's, and
 * nothing but a comment here. A hint ends where a comment does, quotes or not. Manual: "Comments".
 */
export function executedText(sql: string, modes: SqlModes, { executes, digits }: CommentReading): Executed {
  const parts: string[] = [];
  const places: number[] = [];
  const versions = new Set<number>();
  let sixDigits = 0;
  let open = false;
  let closed = true;
  let certain = true;
  let from = 0;
  let scanner = new SqlScanner(sql, modes);
  const restart = (at: number): void => {
    from = at;
    scanner = new SqlScanner(sql.slice(at), modes);
  };
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    const at = from + token.at;
    closed &&= token.closed;
    const [whole, maria = '', number = ''] = token.kind === 'mark' || token.kind === 'comment' ? (start.exec(sql.slice(at, at + 12)) ?? []) : [];
    if (open && token.text.startsWith('*') && sql.startsWith('*/', at)) {
      // A scanner that was begun within the comment takes its end for two marks.
      open = false;
      parts.push('  ');
      restart(at + 2);
    } else if (whole === undefined) {
      parts.push(token.text);
      if (isSignificant(token)) places.push(at);
    } else {
      const used = number.length < 5 ? '' : number.slice(0, digits);
      if (number.length === 6) sixDigits += 1;
      if (used !== '') versions.add(Number(used));
      if (maria === '' && !open && executes(Number(used))) {
        const length = 3 + used.length;
        open = true;
        parts.push(' '.repeat(length));
        restart(at + length);
      } else {
        const end = endOfSkipped(sql, at, maria === '');
        closed &&= end !== null;
        // One nested in a skipped `/*!` is taken whole today, but not deeper, and in `/*M!` not at all; one in one that is run ends where servers differ.
        certain &&= !open && (end === null || !hasCommentIn(sql, at, end));
        parts.push(' '.repeat((end ?? sql.length) - at));
        restart(end ?? sql.length);
      }
    }
  }
  return { text: parts.join(''), closed: closed && !open, certain, versions, sixDigits, places };
}

/**
 * Whether what is left reads as the server reads the whole: `--` before a comment that is skipped, or at the end of one that is run, is arithmetic there,
 * and would be a comment before a blank.
 */
export function isSameWithoutComments({ text, places }: Executed, modes: SqlModes): boolean {
  const left = tokensIn(text, modes).filter(isSignificant);
  return left.length === places.length && left.every(({ at }, index) => at === places[index]);
}

/** Where a comment that is skipped ends: one nested in it is taken whole where it may, and not deeper. null: it does not. */
function endOfSkipped(sql: string, at: number, mayNest: boolean): number | null {
  for (let from = at + 2; ;) {
    const end = sql.indexOf('*/', from);
    const inner = mayNest && end !== -1 ? sql.slice(from, end + 1).indexOf('/*') : -1;
    if (end === -1 || inner === -1) return end === -1 ? null : end + 2;
    const innerEnd = sql.indexOf('*/', from + inner + 2);
    if (innerEnd === -1) return null;
    from = innerEnd + 2;
  }
}

function hasCommentIn(sql: string, at: number, end: number): boolean {
  return sql.slice(at + 2, end).includes('/*');
}
