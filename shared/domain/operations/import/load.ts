// LOAD DATA as mydumper writes it (--load-data, --csv): which file's rows go where, and in which form they stand in it.
import { valueOf, type SqlModes } from '../../sql/tokens';
import { endOf, isName, nameOf, wordsIn, type Word } from '../sql/words';
import { nameAt } from './names';
import { delimiterPattern } from './rows/form';
import type { SplitForm } from './rows/splitter';
import { isKeptApart } from './session-model';

/** What a value goes through on its way into its column. */
type LoadedThrough = 'text' | 'hex' | null;

/** A column that is filled, by the number of the field that it gets. */
interface LoadedColumn {
  /** As it is written. */
  readonly name: string;
  readonly field: number;
  readonly through: LoadedThrough;
}

/** What a LOAD DATA says. Texts are bytes, one to a character. */
export interface LoadTerms {
  /** The name of the file, without its folder. */
  readonly file: string;
  readonly verb: 'INSERT' | 'REPLACE';
  /** As it is written. */
  readonly table: string;
  /** Of the values, in lower case. */
  readonly characters: string;
  readonly form: SplitForm;
  /** Records at the beginning that are none of the table's. */
  readonly skipped: number;
  readonly width: number;
  readonly columns: readonly LoadedColumn[];
}

const withLeads = { gbk: 'gbk', gb18030: 'gb18030' } as const;
const lineEndings: Readonly<Record<string, SplitForm['lineEnd']>> = { '\n': 'lf', '\r\n': 'crlf', '\r': 'cr' };

/** Follows the words of one statement, front to back. */
class Words {
  #at = 0;

  constructor(readonly all: readonly Word[], readonly modes: SqlModes) {}

  get ended(): boolean {
    return this.#at >= this.all.length;
  }

  get at(): number {
    return this.#at;
  }

  /** Takes these words, if they stand there. */
  take(...expected: readonly string[]): boolean {
    if (!expected.every((upper, offset) => this.all[this.#at + offset]?.upper === upper)) return false;
    this.#at += expected.length;
    return true;
  }

  skipTo(at: number): void {
    this.#at = at;
  }

  next(): Word | undefined {
    const word = this.all[this.#at];
    this.#at += 1;
    return word;
  }

  string(): string | null {
    const word = this.next();
    return word?.token.kind === 'string' && word.token.closed ? valueOf(word.token, this.modes) : null;
  }
}

/**
 * The terms of a LOAD DATA; null: it is none, or has terms that are not followed here: separators of several characters, lines that begin with something,
 * a character set that is not told or unknown, what SET does beyond reading text and hexadecimal digits.
 */
export function loadTermsIn(sql: string, modes: SqlModes): LoadTerms | null {
  const found = wordsIn(sql, modes);
  const words = new Words(found.at(-1)?.upper === ';' ? found.slice(0, -1) : found, modes);
  if (!words.take('LOAD', 'DATA')) return null;
  words.take('LOCAL');
  const path = words.take('INFILE') ? words.string() : null;
  const verb = words.take('REPLACE') ? 'REPLACE' : 'INSERT';
  words.take('IGNORE');
  const name = words.take('INTO', 'TABLE') ? nameAt(words.all, words.at) : null;
  const [first, last] = [words.all[words.at], words.all[(name?.next ?? 0) - 1]];
  if (path === null || name === null || first === undefined || last === undefined) return null;
  words.skipTo(name.next);
  const characters = words.take('CHARACTER', 'SET') || words.take('CHARSET') ? nameOf(words.next()) : '';
  const form = formIn(words, characters);
  if (form === null) return null;
  const skipped = words.take('IGNORE') ? Number(nameOf(words.next())) : 0;
  if (skipped > 0 && !words.take('LINES') && !words.take('ROWS')) return null;
  const columns = columnsIn(words);
  if (columns === null || !words.ended || !Number.isSafeInteger(skipped)) return null;
  return { file: path.split(/[\\/]/).at(-1) ?? path, verb, table: sql.slice(first.token.at, endOf(last)), characters, form, skipped, ...columns };
}

function formIn(words: Words, characters: string): SplitForm | null {
  const encoding = characters === 'gbk' || characters === 'gb18030' ? withLeads[characters] : isKeptApart(characters) ? 'utf-8' : null;
  // Where a backslash escapes nothing in texts it does not in rows either, unless the statement says so.
  const escaped = words.modes.noBackslashEscapes === true ? '' : '\\';
  const terms: Record<'delimiter' | 'quote' | 'escape' | 'begin' | 'end', string | null> = {
    delimiter: '\t', quote: '', escape: escaped, begin: '', end: '\n',
  };
  if (words.take('FIELDS') || words.take('COLUMNS')) {
    for (;;) {
      if (words.take('TERMINATED', 'BY')) terms.delimiter = words.string();
      else if (words.take('OPTIONALLY', 'ENCLOSED', 'BY') || words.take('ENCLOSED', 'BY')) terms.quote = words.string();
      else if (words.take('ESCAPED', 'BY')) terms.escape = words.string();
      else break;
    }
  }
  if (words.take('LINES')) {
    for (;;) {
      if (words.take('STARTING', 'BY')) terms.begin = words.string();
      else if (words.take('TERMINATED', 'BY')) terms.end = words.string();
      else break;
    }
  }
  const { delimiter, quote, escape, begin, end } = terms;
  const lineEnd = lineEndings[end ?? ''];
  const isPlain = delimiter !== null && delimiterPattern.test(delimiter);
  if (encoding === null || !isPlain || lineEnd === undefined || begin !== '' || (quote !== '' && quote !== '"' && quote !== "'")) return null;
  if (escape !== '\\' && escape !== '') return null;
  return { encoding, delimiter, quote: quote === '' ? null : quote, escape: escape === '' ? 'none' : 'backslash', lineEnd };
}

/** The columns, and how many fields a record has; null: something else stands there. */
function columnsIn(words: Words): Pick<LoadTerms, 'width' | 'columns'> | null {
  if (!words.take('(')) return null;
  const columns: LoadedColumn[] = [];
  const variables = new Map<string, number>();
  for (let field = 0; ; field += 1) {
    const variable = words.take('@');
    const word = words.next();
    if (word === undefined || !(isName(word) || (variable && word.token.kind === 'string'))) return null;
    if (variable) variables.set(nameOf(word), field);
    else columns.push({ name: word.token.text, field, through: null });
    if (words.take(')')) {
      const set = words.take('SET') ? setIn(words, variables) : [];
      return set === null ? null : { width: field + 1, columns: [...columns, ...set] };
    }
    if (!words.take(',')) return null;
  }
}

function setIn(words: Words, variables: ReadonlyMap<string, number>): readonly LoadedColumn[] | null {
  const columns: LoadedColumn[] = [];
  do {
    const name = words.next();
    if (name === undefined || !isName(name) || !words.take('=')) return null;
    const through = words.take('CONVERT', '(') ? 'text' : words.take('UNHEX', '(') ? 'hex' : null;
    const field = words.take('@') ? variables.get(nameOf(words.next())) : undefined;
    if (field === undefined) return null;
    if (through === 'text' && !words.take('USING', 'UTF8MB4')) return null;
    if (through !== null && !words.take(')')) return null;
    columns.push({ name: name.token.text, field, through });
  } while (words.take(','));
  return columns;
}
