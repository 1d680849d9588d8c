import { tokensIn, type SqlModes } from '../../shared/domain/sql/tokens';
import { quoteString } from './quote';

/** A statement whose text may hold a secret: `redacted` is what journals, plans and errors may show. */
export interface Statement {
  readonly sql: string;
  readonly redacted: string;
}

/** The secrets inside a statement, so that errors which quote the statement can be scrubbed. Never enumerable. */
const secretsIn = new WeakMap<Statement, readonly string[]>();

const MASK = "'***'";

/** A text that must show only where the server reads it. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }
}

/** A statement without a secret: what runs is what the journal shows. */
export function plain(sql: string): Statement {
  return { sql, redacted: sql };
}

/** A statement of parts; each secret becomes a literal in `sql` and `'***'` in `redacted`. */
export function statementOf(...parts: ReadonlyArray<string | Secret>): Statement {
  const sql = parts.map((part) => (part instanceof Secret ? quoteString(part.reveal()) : part)).join('');
  const redacted = parts.map((part) => (part instanceof Secret ? MASK : part)).join('');
  const statement: Statement = { sql, redacted };
  const secrets = parts.filter((part) => part instanceof Secret).map((part) => part.reveal());
  if (secrets.length > 0) secretsIn.set(statement, secrets);
  return statement;
}

/** A statement without a secret whose text is bytes, one to a character (`ConnectOptions.statements`); `shown`: what it says. */
export function inBytes(sql: string, shown: string): Statement {
  const statement: Statement = { sql, redacted: shown };
  secretsIn.set(statement, []);
  return statement;
}

/** Joins parts with a separator, as `Array.join` does for texts. */
export function joinParts(parts: ReadonlyArray<ReadonlyArray<string | Secret>>, separator: string): Array<string | Secret> {
  return parts.flatMap((part, i) => (i === 0 ? part : [separator, ...part]));
}

/** The secrets of a statement; undefined where it holds some that are not known (it was not made here). */
export function secretsOf(statement: Statement): readonly string[] | undefined {
  return secretsIn.get(statement) ?? (statement.sql === statement.redacted ? [] : undefined);
}

const statementLength = 120;

/** A statement of somebody's, cut short and without its literals, those in its comments too: they may be secrets. */
export function withoutLiterals(statement: string): string {
  const plain = literalsHidden(statement).replaceAll(/\s+/g, ' ').trim();
  return plain.length > statementLength ? `${plain.slice(0, statementLength)}…` : plain;
}

/** The whole of a statement of somebody's, without its literals. */
function literalsHidden(statement: string): string {
  const parts: string[] = [];
  let shownTo = 0;
  for (const [from, to] of literalsIn(statement)) {
    parts.push(statement.slice(shownTo, from), "'…'");
    shownTo = to;
  }
  return `${parts.join('')}${statement.slice(shownTo)}`;
}

type Span = readonly [from: number, to: number];

/** Where literals stand, by whatever sql_mode their session has: with a backslash before a quote they end in different places. */
function literalsIn(statement: string): readonly Span[] {
  const spans = literalsBy(statement, {});
  return statement.includes('\\') ? joined([...spans, ...literalsBy(statement, { noBackslashEscapes: true })]) : spans;
}

function literalsBy(statement: string, modes: SqlModes): readonly Span[] {
  return tokensIn(statement, modes).flatMap(({ kind, text, at }): readonly Span[] => {
    if (kind === 'string') return [[at, at + text.length]];
    const quote = kind === 'comment' ? text.search(/['"]/) : -1;
    // In a comment quotes need not come in pairs.
    return quote === -1 ? [] : [[at + quote, at + (text.endsWith('*/') ? text.length - 2 : text.length)]];
  });
}

/** Spans in their order, those that overlap as one. */
function joined(spans: readonly Span[]): readonly Span[] {
  const all: Span[] = [];
  for (const [from, to] of [...spans].sort(([a], [b]) => a - b)) {
    const last = all.at(-1);
    if (last !== undefined && from < last[1]) all[all.length - 1] = [last[0], Math.max(last[1], to)];
    else all.push([from, to]);
  }
  return all;
}
