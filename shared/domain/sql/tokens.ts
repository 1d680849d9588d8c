/**
 * What a piece of SQL text is. `name`: an identifier in quotes; `word`: an identifier or keyword without; `mark`: a single
 * character of punctuation, or one end of an executable comment (`/*!50100` and its closing), whose inside is text like any other.
 */
export type SqlTokenKind = 'space' | 'comment' | 'string' | 'name' | 'word' | 'number' | 'mark';

export interface SqlToken {
  readonly kind: SqlTokenKind;
  /** As it stands, quotes included. */
  readonly text: string;
  /** Where it begins. */
  readonly at: number;
  /** false: the text ends inside of it. */
  readonly closed: boolean;
}

/** The words of sql_mode that change how text is taken apart; both are off by default. */
export interface SqlModes {
  readonly noBackslashEscapes?: boolean;
  readonly ansiQuotes?: boolean;
}

const fraction = /\.\d*(?:[eE][+-]?\d+)?/y;
const pointFirst = /\.\d+(?:[eE][+-]?\d+)?/y;
const exponent = /[+-]\d+/y;
const executableStart = /\/\*M?!(?:\d{5,6})?/y;

const backslash = 0x5c;
const point = 0x2e;
const slash = 0x2f;
const star = 0x2a;
const dash = 0x2d;

const isBlank = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
/** Letters, digits, `_`, `$`, and everything beyond ASCII. */
const isNamePart = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || isDigit(code) || code === 0x5f || code === 0x24 || code >= 0x80;

/**
 * Reads SQL text token by token, as the server's own scanner does. Takes any text, wrong and cut ones too, in time linear to
 * its length; the texts of all tokens make up the whole. Manual: "Lexical Structure" and its pages "String Literals", "Numeric
 * Literals", "Schema Object Names", "Comments".
 */
export class SqlScanner {
  private at = 0;
  private isExecutable = false;
  private before: SqlToken | null = null;

  constructor(
    private readonly sql: string,
    private readonly modes: SqlModes = {},
  ) {}

  /** null: the text is at its end. */
  next(): SqlToken | null {
    if (this.at >= this.sql.length) return null;
    const token = this.read(this.sql.charCodeAt(this.at));
    this.at += token.text.length;
    this.before = token;
    return token;
  }

  private read(code: number): SqlToken {
    if (isBlank(code)) return this.token('space', this.runEnd(isBlank));
    if (isNamePart(code)) return this.wordOrNumber(code);
    const { ansiQuotes = false, noBackslashEscapes = false } = this.modes;
    switch (this.sql.charAt(this.at)) {
      case '`':
        return this.quoted('name', code, false);
      case "'":
        return this.quoted('string', code, !noBackslashEscapes);
      case '"':
        return this.quoted(ansiQuotes ? 'name' : 'string', code, !ansiQuotes && !noBackslashEscapes);
      case '/':
        return this.slash();
      case '*':
        return this.star();
      case '-':
        return this.startsDashComment() ? this.token('comment', this.lineEnd()) : this.mark();
      case '#':
        return this.token('comment', this.lineEnd());
      case '.':
        return this.point();
      default:
        return this.mark();
    }
  }

  private token(kind: SqlTokenKind, end: number, closed = true): SqlToken {
    return { kind, text: this.sql.slice(this.at, end), at: this.at, closed };
  }

  private mark(): SqlToken {
    return this.token('mark', this.at + 1);
  }

  /** Where a run of such characters ends. */
  private runEnd(belongs: (code: number) => boolean): number {
    let end = this.at + 1;
    while (end < this.sql.length && belongs(this.sql.charCodeAt(end))) end += 1;
    return end;
  }

  private lineEnd(): number {
    const end = this.sql.indexOf('\n', this.at);
    return end === -1 ? this.sql.length : end;
  }

  /** How much of the text from a place on a pattern takes. */
  private lengthOf(pattern: RegExp, from: number): number {
    pattern.lastIndex = from;
    return pattern.exec(this.sql)?.[0].length ?? 0;
  }

  private quoted(kind: 'name' | 'string', quote: number, hasEscapes: boolean): SqlToken {
    const { sql } = this;
    for (let at = this.at + 1; at < sql.length; at += 1) {
      const code = sql.charCodeAt(at);
      if (code === quote) {
        if (sql.charCodeAt(at + 1) !== quote) return this.token(kind, at + 1);
        at += 1;
      } else if (code === backslash && hasEscapes) at += 1;
    }
    return this.token(kind, sql.length, false);
  }

  private slash(): SqlToken {
    if (this.sql.charCodeAt(this.at + 1) !== star) return this.mark();
    const executable = this.lengthOf(executableStart, this.at);
    if (executable > 0) {
      this.isExecutable = true;
      return this.token('mark', this.at + executable);
    }
    const end = this.sql.indexOf('*/', this.at + 2);
    return end === -1 ? this.token('comment', this.sql.length, false) : this.token('comment', end + 2);
  }

  private star(): SqlToken {
    if (!this.isExecutable || this.sql.charCodeAt(this.at + 1) !== slash) return this.mark();
    this.isExecutable = false;
    return this.token('mark', this.at + 2);
  }

  /** `--` begins a comment before a blank or a control character only: `1--1` is arithmetic. */
  private startsDashComment(): boolean {
    if (this.sql.charCodeAt(this.at + 1) !== dash) return false;
    const after = this.sql.charAt(this.at + 2);
    return after <= ' ' || after === '\x7f';
  }

  /** A point that separates names, or begins a number. */
  private point(): SqlToken {
    const followsName = this.before?.kind === 'name' || this.before?.kind === 'word';
    const length = followsName ? 0 : this.lengthOf(pointFirst, this.at);
    return length > 0 ? this.token('number', this.at + length) : this.mark();
  }

  private wordOrNumber(code: number): SqlToken {
    const end = this.runEnd(isNamePart);
    if (!isDigit(code) || this.before?.text === '.') return this.token('word', end);
    const length = this.numberLength(end);
    return length > 0 ? this.token('number', this.at + length) : this.token('word', end);
  }

  /** Names may begin with digits; one that is nothing but a number is none. 0: it is a name. */
  private numberLength(end: number): number {
    const text = this.sql.slice(this.at, end);
    if (/^\d+$/.test(text)) return text.length + (this.sql.charCodeAt(end) === point ? this.lengthOf(fraction, end) : 0);
    if (/^\d+[eE]$/.test(text)) {
      const rest = this.lengthOf(exponent, end);
      return rest === 0 ? 0 : text.length + rest;
    }
    return /^(?:\d+[eE]\d+|0x[\dA-Fa-f]+|0b[01]+)$/.test(text) ? text.length : 0;
  }
}

/** All tokens of a text. */
export function tokensIn(sql: string, modes: SqlModes = {}): readonly SqlToken[] {
  const scanner = new SqlScanner(sql, modes);
  const tokens: SqlToken[] = [];
  for (let token = scanner.next(); token !== null; token = scanner.next()) tokens.push(token);
  return tokens;
}

/** True for what the server reads, false for blanks and comments. */
export function isSignificant({ kind }: SqlToken): boolean {
  return kind !== 'space' && kind !== 'comment';
}

const escapes: Readonly<Record<string, string>> = { '0': '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a', '%': '\\%', _: '\\_' };

/** What a token means: a name or a string without its quotes, anything else as it stands. */
export function valueOf({ kind, text, closed }: SqlToken, { noBackslashEscapes = false }: SqlModes = {}): string {
  if (kind !== 'name' && kind !== 'string') return text;
  const quote = text.charAt(0);
  const inside = text.slice(1, closed ? -1 : undefined);
  if (kind === 'name' || noBackslashEscapes || !inside.includes('\\')) return inside.replaceAll(quote + quote, quote);
  return inside.replaceAll(/''|""|\\([\s\S])/g, (match, escaped: string | undefined) =>
    escaped === undefined ? (match === quote + quote ? quote : match) : (escapes[escaped] ?? escaped));
}
