import { isSignificant, tokensIn, valueOf, type SqlModes, type SqlToken } from '../../sql/tokens';

/** A token that counts, with what it is compared by. */
export interface Word {
  readonly token: SqlToken;
  /** A word in upper case, a mark as it is; '' for literals and quoted names. */
  readonly upper: string;
  /** How many parentheses it stands in; they themselves stand outside. */
  readonly depth: number;
}

/** A statement as one way of reading its version comments has it. */
export interface StatementWords {
  readonly words: readonly Word[];
  readonly sql: string;
  /** The server's, as a number: 80031 for 8.0.31; null: not known. */
  readonly version: number | null;
}

/** The tokens of a statement that count, each with its depth. */
export function wordsIn(sql: string, modes: SqlModes): readonly Word[] {
  const words: Word[] = [];
  let depth = 0;
  for (const token of tokensIn(sql, modes)) {
    if (!isSignificant(token)) continue;
    if (token.text === ')') depth -= 1;
    words.push({ token, depth, upper: token.kind === 'word' ? token.text.toUpperCase() : token.kind === 'mark' ? token.text : '' });
    if (token.text === '(') depth += 1;
  }
  return words;
}

/** Whether a word may name something: a table, a column, a variable. */
export const isName = (word: Word | undefined): boolean => word?.token.kind === 'word' || word?.token.kind === 'name';

/** The name that a word stands for, in lower case. */
export const nameOf = (word: Word | undefined): string => (word === undefined ? '' : valueOf(word.token).toLowerCase());

/** Where a token ends in the text. */
export const endOf = ({ token }: Word): number => token.at + token.text.length;

/** The words between commas, or another mark, that stand no deeper than the first of them. */
export function partsOf(words: readonly Word[], separator: string): readonly (readonly Word[])[] {
  const parts: Word[][] = [[]];
  const outer = Math.min(...words.map(({ depth }) => depth));
  for (const word of words) {
    if (word.upper === separator && word.depth === outer) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}

/** Words without the parentheses that enclose them all. */
export function unwrapped(words: readonly Word[]): readonly Word[] {
  let inner = words;
  for (;;) {
    const [first] = inner;
    const last = inner.at(-1);
    if (first?.upper !== '(' || last?.upper !== ')') return inner;
    if (inner.slice(1, -1).some(({ depth }) => depth <= first.depth)) return inner;
    inner = inner.slice(1, -1);
  }
}
