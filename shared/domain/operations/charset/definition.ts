import { isSignificant, tokensIn, type SqlToken } from '../../sql/tokens';
import type { ColumnFacts } from './facts';

const isWord = (token: SqlToken | undefined, word: string): boolean => token?.kind === 'word' && token.text.toUpperCase() === word;

/** Where the type of a column's definition ends and where what says its character set ends: name, type, its brackets, CHARACTER SET, COLLATE. */
function charsetPlace(line: string): { readonly from: number; readonly to: number } {
  const tokens = tokensIn(line).filter(isSignificant);
  let at = 2;
  if (tokens[at]?.text === '(') {
    while (at < tokens.length && tokens[at]?.text !== ')') at += 1;
    at += 1;
  }
  const endOf = (token: SqlToken | undefined): number => (token === undefined ? line.length : token.at + token.text.length);
  const from = endOf(tokens[at - 1]);
  let to = from;
  if (isWord(tokens[at], 'CHARACTER') && isWord(tokens[at + 1], 'SET')) {
    to = endOf(tokens[at + 2]);
    at += 3;
  }
  if (isWord(tokens[at], 'COLLATE')) to = endOf(tokens[at + 1]);
  return { from, to };
}

/** A column's definition with another character set; everything else of it as it was. */
export function withCharset(line: string, charset: string, collation: string): string {
  const { from, to } = charsetPlace(line);
  return `${line.slice(0, from)} CHARACTER SET ${charset} COLLATE ${collation}${line.slice(to)}`;
}

/** Whether two definitions of a column differ in nothing but what says its character set. */
export function sameButCharset(a: string, b: string): boolean {
  const without = (line: string): string => (line === '' ? '' : withCharset(line, 'binary', 'binary'));
  return without(a) === without(b);
}

/** A column's definition as bytes that hold the text as it is kept; null: its type has no such form. */
export function asBytes({ line, type, octets }: ColumnFacts): string | null {
  const word = { char: 'varbinary', varchar: 'varbinary', tinytext: 'tinyblob', text: 'blob', mediumtext: 'mediumblob', longtext: 'longblob' }[type];
  if (word === undefined) return null;
  const { to } = charsetPlace(line);
  const name = tokensIn(line).find(isSignificant);
  if (name === undefined) return null;
  return `${name.text} ${word}${word === 'varbinary' ? `(${octets ?? 0})` : ''}${line.slice(to)}`;
}

/** Collations that expressions of a definition name: checks, generated columns, keys, defaults. What says the character set of a column is none. */
export function namedCollations(definition: string): readonly string[] {
  const found = new Set<string>();
  let depth = 0;
  let before: SqlToken | undefined;
  for (const token of tokensIn(definition).filter(isSignificant)) {
    if (token.text === '(' && token.kind === 'mark') depth += 1;
    if (token.text === ')' && token.kind === 'mark') depth -= 1;
    // The column's own stands between the brackets of the table alone.
    if (depth > 1 && isWord(before, 'COLLATE')) found.add(token.text.replaceAll('`', ''));
    before = token;
  }
  return [...found];
}

/** The character set of a collation, by its name. */
export function charsetOf(collation: string): string {
  return collation === 'binary' ? 'binary' : collation.replace(/_.*$/, '');
}
