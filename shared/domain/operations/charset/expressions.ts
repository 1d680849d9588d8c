import { isSignificant, tokensIn, valueOf, type SqlToken } from '../../sql/tokens';
import { charsetOf } from './definition';
import { oneCharsetName } from '../../sql/charset-name';

const isWord = (token: SqlToken | undefined, word: string): boolean => token?.kind === 'word' && token.text.toUpperCase() === word;
const isMark = (token: SqlToken | undefined, mark: string): boolean => token?.kind === 'mark' && token.text === mark;

/** Where the bracket that opens at a token closes; -1: nowhere. */
function closingOf(tokens: readonly SqlToken[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (isMark(tokens[at], '(')) depth += 1;
    else if (isMark(tokens[at], ')')) depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}

/** What a generated column is computed from, with its brackets; null: it is none. */
export function generatedFrom(line: string): string | null {
  const tokens = tokensIn(line).filter(isSignificant);
  const open = tokens.findIndex((token, at) => isMark(token, '(') && isWord(tokens[at - 1], 'AS'));
  return open === -1 ? null : between(line, tokens, open);
}

function between(text: string, tokens: readonly SqlToken[], open: number): string | null {
  const [first, last] = [tokens[open], tokens[closingOf(tokens, open)]];
  return first === undefined || last === undefined ? null : text.slice(first.at, last.at + 1);
}

/** A condition that every row of a table fulfils. */
export interface CheckConstraint {
  readonly name: string;
  /** With its brackets. */
  readonly expression: string;
}

/** The conditions of a table that its server enforces, as SHOW CREATE TABLE prints them: CONSTRAINT, its name, CHECK, the condition. */
export function enforcedChecks(definition: string): readonly CheckConstraint[] {
  const tokens = tokensIn(definition).filter(isSignificant);
  return tokens.flatMap((token, at): readonly CheckConstraint[] => {
    const name = tokens[at - 1];
    if (!isWord(token, 'CHECK') || name?.kind !== 'name' || !isWord(tokens[at - 2], 'CONSTRAINT') || !isMark(tokens[at + 1], '(')) return [];
    const expression = between(definition, tokens, at + 1);
    if (expression === null) return [];
    const rest = definition.slice((tokens[closingOf(tokens, at + 1)]?.at ?? 0) + 1).split('\n', 1)[0] ?? '';
    return /\bNOT ENFORCED\b/.test(rest) ? [] : [{ name: valueOf(name), expression }];
  });
}

/** Whether an expression names one of these columns. */
export function namesOneOf(expression: string, columns: readonly string[]): boolean {
  const lower = columns.map((one) => one.toLowerCase());
  return tokensIn(expression).some((token) => (token.kind === 'name' || token.kind === 'word') && lower.includes(valueOf(token).toLowerCase()));
}

/** The text of a column's default; null: it has none, or an expression. */
export function defaultText(line: string): string | null {
  const tokens = tokensIn(line).filter(isSignificant);
  const found = tokens.find((token, at) => token.kind === 'string' && isWord(tokens[at - 1], 'DEFAULT'));
  return found === undefined ? null : valueOf(found);
}

/** A view as its server keeps it. */
export interface ViewFacts {
  readonly database: string;
  readonly view: string;
  /** VIEW_DEFINITION: tables with their databases in front. */
  readonly definition: string;
}

/**
 * Collations that a view names and that its texts will not have any more: the server gives 1253 whenever it is read. null: none, or it reads none of
 * these tables.
 */
export function strangeCollationIn({ definition }: ViewFacts, converted: readonly { readonly database: string; readonly table: string }[],
  charset: string): string | null {
  const tokens = tokensIn(definition).filter(isSignificant);
  const named = tokens.find((token, at) => isWord(tokens[at - 1], 'COLLATE') && (token.kind === 'word' || token.kind === 'name')
    && valueOf(token) !== 'binary' && oneCharsetName(charsetOf(valueOf(token))) !== oneCharsetName(charset));
  if (named === undefined) return null;
  const reads = tokens.some((token, at) => isMark(token, '.') && converted.some(({ database, table }) =>
    nameIs(tokens[at - 1], database) && nameIs(tokens[at + 1], table)));
  return reads ? valueOf(named) : null;
}

const nameIs = (token: SqlToken | undefined, name: string): boolean =>
  token !== undefined && (token.kind === 'name' || token.kind === 'word') && valueOf(token) === name;

/** What of a text holds more than ASCII: its literals, and its names where those are asked for too; in the order of their values. */
function lettersIn(text: string, kinds: readonly SqlToken['kind'][]): readonly string[] {
  // eslint-disable-next-line no-control-regex -- what is beyond ASCII, and all else is within
  return tokensIn(text).filter(({ kind, text: written }) => kinds.includes(kind) && /[^\u0000-\u007f]/.test(written)).map((token) => valueOf(token)).sort();
}

/** Whether two texts of a view hold the same letters. `names`: in their names too, which two ways of printing it do not give alike. */
export function sameLetters(a: string, b: string, { names }: { readonly names: boolean }): boolean {
  const kinds: readonly SqlToken['kind'][] = names ? ['string', 'name', 'word'] : ['string'];
  return JSON.stringify(lettersIn(a, kinds)) === JSON.stringify(lettersIn(b, kinds));
}

/** The tokens of a view's text without the conversions that a server prints around what has another character set by then. */
function unconverted(text: string): readonly SqlToken[] {
  const tokens = tokensIn(text).filter(isSignificant);
  const left = new Set<number>();
  tokens.forEach((token, at) => {
    const close = isWord(token, 'CONVERT') && isMark(tokens[at + 1], '(') ? closingOf(tokens, at + 1) : -1;
    if (close !== -1 && isWord(tokens[close - 2], 'USING')) for (const one of [at, at + 1, close - 2, close - 1, close]) left.add(one);
  });
  return tokens.filter((_token, at) => !left.has(at));
}

/** A token whose letters beyond ASCII are any others. Read in a character set of two bytes the last of them takes the character after it along. */
function spoiltForm(token: SqlToken): RegExp {
  const form = token.text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')
    // eslint-disable-next-line no-control-regex -- what is beyond ASCII, and all else is within
    .replaceAll(/[^\u0000-\u007f]+(\w?)/g, (_all, next: string) => `[^\\u0000-\\u003e\\u0040-\\u007f]+${next === '' ? '' : `${next}?`}`);
  return new RegExp(`^${form}$`);
}

/** Whether a text of a view is `before` with other letters beyond ASCII, and nothing else: what a server spoils, and not what somebody made of it. */
export function isSpoilt(now: string, before: string): boolean {
  const [is, was] = [unconverted(now), unconverted(before)];
  return is.length === was.length && was.every((token, at) => is[at]?.kind === token.kind && spoiltForm(token).test(is[at].text));
}
