import { isSignificant, SqlScanner, type SqlModes, type SqlToken } from '../../sql/tokens';
import { delimiterLine, longestDelimiterLine } from './delimiter';
import { executedText, type CommentReading } from './executed';
import { hasLabel, longestLabel, RoutineBody } from './routine-body';

/** One statement of a text, without its delimiter and without what stands before its first word. */
interface SqlPiece {
  readonly sql: string;
  /** Where it begins and ends in the text, and the number of its first line, from 1. */
  readonly at: number;
  readonly end: number;
  readonly line: number;
}

/** A line DELIMITER that names none that can be used: see `delimiterLine`. */
interface DelimiterProblem {
  readonly line: number;
}

export interface SplitText {
  readonly pieces: readonly SqlPiece[];
  readonly problem: DelimiterProblem | null;
}

const allExecuted: CommentReading = { executes: () => true, digits: 6 };

/**
 * The statements of a text, as the mysql client and the server take them apart: at the delimiter outside of literals, names and comments (one that
 * begins a comment of a line, `#`, is looked for first), at `\g` and `\G`, with DELIMITER at the beginning of a statement; under another delimiter at
 * `;` as well, but for programs. Otherwise than there, an executable comment is never cut, and a routine without DELIMITER stays whole: its pieces would
 * run by themselves.
 */
export function splitStatements(text: string, modes: SqlModes = {}, reading: CommentReading = allExecuted): SplitText {
  const run = new Splitting(text, modes, reading);
  run.all();
  return { pieces: run.pieces, problem: run.problem };
}

class Splitting {
  readonly pieces: SqlPiece[] = [];
  problem: DelimiterProblem | null = null;
  readonly #text: string;
  #shown: string;
  readonly #modes: SqlModes;
  readonly #reading: CommentReading;
  #delimiter = ';';
  #scanner: SqlScanner;
  /** Where the scanner began. */
  #from = 0;
  /** Where the statement under way begins; null: nothing of it was seen. */
  #begin: number | null = null;
  #body = new RoutineBody();
  #countedTo = 0;
  #line = 1;

  constructor(text: string, modes: SqlModes, reading: CommentReading) {
    this.#text = text;
    this.#modes = modes;
    this.#reading = reading;
    this.#shown = markExecutable(text, executedText(text, modes, reading).text);
    this.#scanner = new SqlScanner(this.#shown, modes);
  }

  all(): void {
    for (let token = this.#scanner.next(); token !== null && this.problem === null; token = this.#scanner.next()) this.#take(token);
    this.#finish(this.#text.length);
  }

  #take(token: SqlToken): void {
    const at = this.#from + token.at;
    if (token.kind === 'comment' && !token.text.startsWith('/') && this.#text.startsWith(this.#delimiter, at)) {
      this.#finish(at);
      this.#restartAnew(at + this.#delimiter.length);
      return;
    }
    if (!isSignificant(token)) return;
    if (this.#begin === null && token.kind === 'word' && this.#isDelimiterLine(at)) return;
    const ends = token.kind === 'string' || token.kind === 'name' ? null : this.#endIn(token.text, at);
    if (ends === null) {
      this.#begin ??= at;
      if (!this.#text.startsWith(token.text, at)) this.#body.hides();
      this.#body.take(token);
      return;
    }
    if (ends.at > at) {
      this.#begin ??= at;
      this.#body.take({ ...token, text: token.text.slice(0, ends.at - at) });
    }
    this.#finish(ends.at);
    this.#restart(ends.at + ends.length);
  }

  /** Where a delimiter, or `\g`, stands in a token. */
  #endIn(token: string, at: number): { readonly at: number; readonly length: number } | null {
    for (let offset = 0; offset < token.length; offset += 1) {
      const place = at + offset;
      const isPlain = this.#shown[place] === this.#text[place];
      if (!isPlain) continue;
      const isWithinBody = this.#delimiter === ';' && this.#body.isOpen;
      if (!isWithinBody && this.#text.startsWith(this.#delimiter, place)) return { at: place, length: this.#delimiter.length };
      // Under another delimiter the server takes apart what it is sent as one.
      if (this.#text[place] === ';' && this.#delimiter !== ';' && this.#body.isSimple && !this.#hasLabel()) return { at: place, length: 1 };
      if (this.#text[place] === '\\' && /[gG]/.test(this.#text.charAt(place + 1))) return { at: place, length: 2 };
    }
    return null;
  }

  #hasLabel(): boolean {
    return this.#begin !== null && hasLabel(this.#text.slice(this.#begin, this.#begin + longestLabel));
  }

  #isDelimiterLine(at: number): boolean {
    const found = delimiterLine(this.#text.slice(at, at + longestDelimiterLine));
    if (found === null) return false;
    if (found.delimiter === null) this.problem = { line: this.#lineAt(at) };
    this.#delimiter = found.delimiter ?? '';
    const isPlain = !/['"`#]|--|\/\*/.test(this.#text.slice(at, at + found.length));
    if (isPlain) this.#restart(at + found.length);
    else this.#restartAnew(at + found.length);
    return true;
  }

  #finish(end: number): void {
    const begin = this.#begin;
    this.#begin = null;
    this.#body = new RoutineBody();
    if (begin === null || begin >= end) return;
    const sql = this.#text.slice(begin, end).trimEnd();
    this.pieces.push({ sql, at: begin, end: begin + sql.length, line: this.#lineAt(begin) });
  }

  #restart(at: number): void {
    this.#from = at;
    this.#scanner = new SqlScanner(this.#shown.slice(at), this.#modes);
  }

  /** Behind what would have been a comment, or the beginning of a literal, in a statement: what follows is taken as if it were the whole text. */
  #restartAnew(at: number): void {
    const rest = this.#text.slice(at);
    this.#shown = this.#shown.slice(0, at) + markExecutable(rest, executedText(rest, this.#modes, this.#reading).text);
    this.#restart(at);
  }

  #lineAt(at: number): number {
    for (; this.#countedTo < at; this.#countedTo += 1) if (this.#text.charCodeAt(this.#countedTo) === 10) this.#line += 1;
    return this.#line;
  }
}

/**
 * The text as the server runs it, with what stands within an executable comment made harmless to a search for delimiters: each of its characters
 * becomes `x`, so that the comment is a part of its statement and never its end.
 */
function markExecutable(text: string, executed: string): string {
  let shown = '';
  let done = 0;
  const begins = /\/\*!/g;
  for (let found = begins.exec(text); found !== null; found = begins.exec(text)) {
    const at = found.index;
    // Blank where the server has it, but not where it stands in a literal.
    if (at < done || executed.slice(at, at + 3) !== '   ') continue;
    const end = closingOf(text, executed, at + 3);
    shown += executed.slice(done, at) + text.slice(at, end).replace(/[^\n]/g, executed.slice(at, end).trim() === '' ? ' ' : 'x');
    done = end;
    begins.lastIndex = end;
  }
  return shown + executed.slice(done);
}

/** Behind the end of a comment: its two marks are blank in what is executed. */
function closingOf(text: string, executed: string, from: number): number {
  for (let at = text.indexOf('*/', from); at !== -1; at = text.indexOf('*/', at + 1)) if (executed.slice(at, at + 2) === '  ') return at + 2;
  return text.length;
}
