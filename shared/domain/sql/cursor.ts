import { isSignificant, SqlScanner, valueOf, type SqlModes, type SqlToken } from './tokens';

/** A name of one or two parts; `database` is null where the text leaves it to the default. */
export interface QualifiedName {
  readonly database: string | null;
  readonly name: string;
}

/**
 * Goes through a statement step by step, past blanks and comments. Each step takes what it asks for, or nothing where
 * something else stands there.
 */
export class SqlCursor {
  readonly #tokens: readonly SqlToken[];
  readonly #modes: SqlModes;
  #next = 0;

  constructor(sql: string, modes: SqlModes = {}) {
    const scanner = new SqlScanner(sql, modes);
    const tokens: SqlToken[] = [];
    for (let token = scanner.next(); token !== null; token = scanner.next()) if (isSignificant(token)) tokens.push(token);
    this.#tokens = tokens;
    this.#modes = modes;
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#tokens.length;
  }

  /** Where what was taken ends in the text. */
  get end(): number {
    const last = this.#tokens[this.#next - 1];
    return last === undefined ? 0 : last.at + last.text.length;
  }

  /** The next token, not taken; undefined: the text is at its end. */
  peek(): SqlToken | undefined {
    return this.#tokens[this.#next];
  }

  /** Takes whatever comes next. */
  take(): SqlToken | undefined {
    const token = this.peek();
    if (token !== undefined) this.#next += 1;
    return token;
  }

  /** Takes one of these words, given in upper case; null: another one stands there. */
  oneOf<Word extends string>(...words: readonly Word[]): Word | null {
    const token = this.peek();
    if (token?.kind !== 'word') return null;
    const upper = token.text.toUpperCase();
    const found = words.find((word) => word === upper);
    if (found !== undefined) this.#next += 1;
    return found ?? null;
  }

  /** Takes these words in their order, or none of them. */
  words(...words: readonly string[]): boolean {
    const from = this.#next;
    const found = words.every((word) => this.oneOf(word) !== null);
    if (!found) this.#next = from;
    return found;
  }

  /** Takes IF EXISTS or IF NOT EXISTS where it stands. */
  ifExists(): void {
    if (!this.words('IF', 'NOT', 'EXISTS')) this.words('IF', 'EXISTS');
  }

  /** Takes a mark. */
  mark(text: string): boolean {
    const token = this.peek();
    const found = token?.kind === 'mark' && token.text === text;
    if (found) this.#next += 1;
    return found;
  }

  /** Takes a name, in backquotes or plain; null: none stands there, or one that is cut off. */
  name(): string | null {
    const token = this.peek();
    if (token === undefined || !token.closed || (token.kind !== 'name' && token.kind !== 'word')) return null;
    const value = valueOf(token);
    if (value === '') return null;
    this.#next += 1;
    return value;
  }

  /** Takes `name` or `database.name`. */
  qualifiedName(): QualifiedName | null {
    const from = this.#next;
    const first = this.name();
    if (first === null) return null;
    if (!this.mark('.')) return { database: null, name: first };
    const second = this.name();
    if (second !== null) return { database: first, name: second };
    this.#next = from;
    return null;
  }

  /** Takes an account as `CREATE USER` takes it: names in quotes of either kind or plain, or `CURRENT_USER()`. */
  account(): boolean {
    const isCurrent = this.peek()?.text.toUpperCase() === 'CURRENT_USER';
    if (this.#accountPart() === null) return false;
    if (isCurrent && this.mark('(')) return this.mark(')');
    return !this.mark('@') || this.#accountPart() !== null;
  }

  /**
   * Takes an account and says which, `user@host`; one without a host is of every host. null: none stands there, or `CURRENT_USER`, and
   * nothing is taken.
   */
  accountName(): string | null {
    const from = this.#next;
    const isCurrent = this.peek()?.kind === 'word' && this.peek()?.text.toUpperCase() === 'CURRENT_USER';
    const user = isCurrent ? null : this.#accountPart();
    const host = user === null ? null : this.mark('@') ? this.#accountPart() : '%';
    if (user !== null && host !== null) return `${user}@${host.toLowerCase()}`;
    this.#next = from;
    return null;
  }

  /** Which of these words, given in upper case, comes first from here on; null: none does. */
  firstAhead<Word extends string>(...words: readonly Word[]): Word | null {
    for (let at = this.#next; at < this.#tokens.length; at += 1) {
      const token = this.#tokens[at];
      const found = token?.kind === 'word' ? words.find((word) => word === token.text.toUpperCase()) : undefined;
      if (found !== undefined) return found;
    }
    return null;
  }

  /** Takes what is up to the end of the parentheses that open here; nothing where none do. */
  parentheses(): void {
    if (!this.mark('(')) return;
    for (let depth = 1; depth > 0 && !this.isAtEnd; ) {
      if (this.mark('(')) depth += 1;
      else if (this.mark(')')) depth -= 1;
      else this.take();
    }
  }

  #accountPart(): string | null {
    const first = this.take();
    if (first === undefined || !first.closed) return null;
    if (first.kind === 'name' || first.kind === 'string') return valueOf(first, this.#modes);
    let text = first.text;
    // A plain host holds points, dashes and percent signs: 10.0.%.
    for (let next = this.peek(); next !== undefined && next.at === this.end && /^[\w$.%-]+$/.test(next.text); next = this.peek()) {
      text += next.text;
      this.take();
    }
    return first.kind === 'word' || first.kind === 'number' || first.text === '%' ? text : null;
  }
}

/** The word a statement begins with, in upper case; executable comments count, others do not. '': it begins with no word. */
export function leadingWord(sql: string): string {
  const scanner = new SqlScanner(sql);
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    if (token.kind === 'word') return token.text.toUpperCase();
    if (isSignificant(token) && !token.text.startsWith('/*')) return '';
  }
  return '';
}
