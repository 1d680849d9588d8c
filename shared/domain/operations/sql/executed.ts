import { SqlScanner, type SqlModes } from '../../sql/tokens';

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
  /** The numbers of version comments that were met, and whether one has six digits. */
  readonly versions: ReadonlySet<number>;
  readonly sixDigits: boolean;
}

const start = /^\/\*(M?)!(\d{0,6})/;

/**
 * What a server runs of a text with version comments. A comment that is skipped is no SQL inside: a quote in it opens nothing, and a comment in it is
 * nested. `/*M!` is MariaDB's, and nothing but a comment here. Manual: "Comments".
 */
export function executedText(sql: string, modes: SqlModes, { executes, digits }: CommentReading): Executed {
  const parts: string[] = [];
  const versions = new Set<number>();
  let sixDigits = false;
  let open = false;
  let closed = true;
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
    } else if (whole === undefined) parts.push(token.text);
    else {
      const used = number.length < 5 ? '' : number.slice(0, digits);
      sixDigits ||= number.length === 6;
      if (used !== '') versions.add(Number(used));
      if (maria === '' && !open && executes(Number(used))) {
        const length = 3 + used.length;
        open = true;
        parts.push(' '.repeat(length));
        restart(at + length);
      } else {
        const end = endOfSkipped(sql, at);
        // One within one that is executed: servers differ in where that ends.
      closed &&= end !== null && !open;
        parts.push(' '.repeat((end ?? sql.length) - at));
        restart(end ?? sql.length);
      }
    }
  }
  return { text: parts.join(''), closed: closed && !open, versions, sixDigits };
}

/** Where a comment that is skipped ends, with those nested in it; null: it does not. */
function endOfSkipped(sql: string, at: number): number | null {
  const ends = /\/\*|\*\//g;
  ends.lastIndex = at + 2;
  for (let depth = 1; ; ) {
    const found = ends.exec(sql);
    if (found === null) return null;
    depth += found[0] === '*/' ? -1 : 1;
    if (depth === 0) return ends.lastIndex;
  }
}
