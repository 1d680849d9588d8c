// What two servers print of one and the same definition, brought to one form. Between servers of one release that is nearly nothing;
// from release to release they print the same thing in other words.
import { modeFor } from '../../../shared/domain/sql/sql-mode';
import { isSignificant, tokensIn, valueOf, type SqlToken } from '../../../shared/domain/sql/tokens';
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import { quoteId } from '../../mysql/quote';
import { stateOfEvent } from '../../copy/schema/programs';
import type { Definition } from '../../copy/schema/defined';
import { inOneForm } from './expressions';

/** What has to be known of a server to read what it prints. */
export interface Printer {
  readonly version: ServerVersion;
  /** The collation that a character set has where none is named. */
  readonly defaults: ReadonlyMap<string, string>;
}

/** The parts of a definition, each as words that are the same on both sides where they mean the same. */
export type NormalForm = Readonly<Record<string, readonly string[]>>;

/** `other`: who prints the other side. */
export function normalForm(definition: Definition, printer: Printer, other: Printer): NormalForm {
  const isLoose = !isSameRelease(printer, other);
  const form: Record<string, readonly string[]> = {};
  for (const [part, text] of Object.entries(definition.parts)) {
    if (part === 'definition') form[part] = isLoose ? looseWords(definition, text, printer, other) : exactWords(definition, text);
    else if (part === 'sql_mode') form[part] = modeFor(isLoose ? modeFor(text, other.version) : text, printer.version).split(',').sort();
    else form[part] = [isLoose ? charsetName(text) : text];
  }
  return form;
}

/** Whether one prints `(0 <> x)` where the other has `x` for a truth, by the versions of which that is certain. */
function truthsDiffer({ version: one }: Printer, { version: other }: Printer): boolean {
  const areBoth = (is: (version: ServerVersion) => boolean): boolean => is(one) && is(other);
  return !areBoth((version) => atLeast(version, 8, 0, 20)) && !areBoth((version) => !atLeast(version, 8, 0, 16));
}

/** True where both print the same thing in the same words. */
export function isSameRelease({ version: one }: Printer, { version: other }: Printer): boolean {
  return one.major === other.major && one.minor === other.minor && one.patch === other.patch;
}

function exactWords(definition: Definition, shown: string): readonly string[] {
  const text = withoutEnd(definition, shown);
  switch (definition.kind) {
    case 'TABLE':
      return tableWords(tokensIn(text).filter(isSignificant), definition.database);
    case 'VIEW':
      return withoutDatabaseOfAliases(tokensIn(text).filter(isSignificant)).map(({ text: word }) => word);
    case 'EVENT':
      return withoutState(text).split(/(?<=\s)/);
    default:
      return text.split(/(?<=\s)/);
  }
}

/**
 * A client that sends several statements in one packet leaves the `;` behind the last at the end of a program's text; sent alone the same
 * statement comes to be without it. It means nothing, and stands in no other text.
 */
function withoutEnd({ kind }: Definition, text: string): string {
  return kind === 'TABLE' || kind === 'VIEW' || kind === 'DATABASE' ? text : text.replace(/[\s;]+$/, '');
}

/**
 * What has a name of its own in a view (`shop`.`orders` `o`) is in no database, and yet a server prints one before it where it was a view as this one
 * was made (`shop`.`o`.`id`), also when it is a table by now.
 */
function withoutDatabaseOfAliases(tokens: readonly SqlToken[]): readonly SqlToken[] {
  const isName = (at: number): boolean => tokens[at]?.kind === 'name';
  const aliases = new Set(tokens.flatMap(({ text }, at) => (isName(at) && (isName(at - 1) || tokens[at - 1]?.text === ')') ? [text] : [])));
  const isPart = (at: number): boolean => isName(at) && tokens[at + 1]?.text === '.' && aliases.has(tokens[at + 2]?.text ?? '') && tokens[at + 3]?.text === '.';
  return tokens.filter((_, at) => !isPart(at) && !isPart(at - 1));
}

/** On a replica an event waits, whatever its source had last said. */
function withoutState(text: string): string {
  const state = stateOfEvent(text);
  return state === null ? text : `${text.slice(0, state.from)}STATE${text.slice(state.end)}`;
}

/**
 * Left out: the next number of AUTO_INCREMENT, which is of the moment; the character set beside its collation, which 8.0 prints where both
 * were written; the table's own database before the parent of a foreign key, which 5.6 prints or not by how the key came about.
 */
function tableWords(tokens: readonly SqlToken[], database: string): readonly string[] {
  const words: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as SqlToken;
    const is = (offset: number, text: string): boolean => tokens[at + offset]?.kind === 'word' && tokens[at + offset]?.text.toUpperCase() === text;
    if (is(0, 'AUTO_INCREMENT') && tokens[at + 1]?.text === '=') at += 2;
    else if (is(0, 'CHARACTER') && is(1, 'SET') && is(3, 'COLLATE')) at += 2;
    else if (tokens[at - 1]?.text === 'REFERENCES' && tokens[at + 1]?.text === '.' && token.text === quoteId(database)) at += 1;
    else words.push(token.text);
  }
  return words;
}

const integers = ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT', 'YEAR'];
const texts = ['CHAR', 'VARCHAR', 'TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT', 'ENUM', 'SET'];

/** 8.0.28 calls utf8 utf8mb3, and its collations likewise from 8.0.30 on. */
function charsetName(name: string): string {
  return name.replace(/^utf8(?=$|_)/, 'utf8mb3');
}

/**
 * Besides what {@link tableWords} leaves out: the own database before a name, widths of integers, brackets, marks of executable comments,
 * character sets before literals, quotes of names and the case of words; a character set becomes the collation that it has on its server. Expressions
 * are brought to one form (see {@link inOneForm}).
 */
function looseWords(definition: Definition, text: string, printer: Printer, other: Printer): readonly string[] {
  const isTable = definition.kind === 'TABLE';
  const ended = withoutEnd(definition, text);
  const source = definition.kind === 'EVENT' ? withoutState(ended) : ended;
  const printed = tokensIn(source).filter((token) => isSignificant(token) && !/^(?:\/\*!\d*|\*\/)$/.test(token.text));
  // What a program runs is kept as it was written.
  const tokens = isTable || definition.kind === 'VIEW' ? inOneForm(printed, { truthsDiffer: truthsDiffer(printer, other) }) : printed;
  const collated = isTable || definition.kind === 'DATABASE' ? withCollations(tokens, printer)
    : withoutCharsets(definition.kind === 'VIEW' ? withoutDatabaseOfAliases(tokens) : tokens);
  const shown = isTable ? tableWords(collated, definition.database) : collated.map(({ text: word }) => word);
  const words: string[] = [];
  for (let at = 0; at < shown.length; at++) {
    const word = shown[at] as string;
    const upper = word.toUpperCase();
    // Whether a name's own database stands before it is a matter of the release.
    if (shown[at + 1] === '.' && (word === definition.database || word === quoteId(definition.database))) {
      at += 1;
      continue;
    }
    if (integers.includes(upper) && shown[at + 1] === '(' && shown[at + 3] === ')') at += 3;
    if (word === '(' || word === ')' || (word.startsWith('_') && /^['"]|^0x/i.test(shown[at + 1] ?? ''))) continue;
    if (upper === 'DEFAULT' && shown[at + 1]?.toUpperCase() === 'ENCRYPTION') at += 3;
    else words.push(/^[`'"]/.test(word) ? valueOf({ kind: word.startsWith('`') ? 'name' : 'string', text: word, at: 0, closed: true }) : word.toLowerCase());
  }
  return words;
}

/** Routines and views: 8.0 prints character sets and collations of parameters that 5.7 does not. */
function withoutCharsets(tokens: readonly SqlToken[]): readonly SqlToken[] {
  return tokens.filter((_, at) => !isClause(tokens, at));
}

/** Whether a token is a part of CHARACTER SET x, CHARSET x or COLLATE x. */
function isClause(tokens: readonly SqlToken[], at: number): boolean {
  const word = (index: number): string => (tokens[index]?.kind === 'word' ? (tokens[index] as SqlToken).text.toUpperCase() : '');
  const begins = (index: number): boolean => ['CHARSET', 'COLLATE'].includes(word(index)) || (word(index) === 'CHARACTER' && word(index + 1) === 'SET');
  const equals = tokens[at]?.text === '=' && ['CHARSET', 'COLLATE'].includes(word(at - 1));
  const value = ['CHARSET', 'COLLATE'].includes(word(at - 1)) || (tokens[at - 1]?.text === '=' && ['CHARSET', 'COLLATE'].includes(word(at - 2)));
  const afterSet = word(at - 1) === 'SET' && word(at - 2) === 'CHARACTER';
  return begins(at) || equals || value || afterSet || (word(at) === 'SET' && word(at - 1) === 'CHARACTER');
}

/** Every text column, and the whole, with the collation that it has, written out as the last of its words. */
function withCollations(tokens: readonly SqlToken[], { defaults }: Printer): readonly SqlToken[] {
  const value = (from: number, to: number, name: 'charset' | 'collation'): string | null => {
    let depth = 0;
    for (let at = from; at < to; at++) {
      const mark = tokens[at]?.kind === 'mark' ? tokens[at]?.text : '';
      depth += mark === '(' ? 1 : mark === ')' ? -1 : 0;
      // Within brackets stands what the column is computed by, or its length.
      if (depth > 0) continue;
      const word = tokens[at]?.kind === 'word' ? (tokens[at] as SqlToken).text.toUpperCase() : '';
      const skip = tokens[at + 1]?.text === '=' ? 2 : 1;
      if (name === 'collation' && word === 'COLLATE') return tokens[at + skip]?.text ?? null;
      if (name === 'charset' && word === 'CHARSET') return tokens[at + skip]?.text ?? null;
      if (name === 'charset' && word === 'CHARACTER' && tokens[at + 1]?.text.toUpperCase() === 'SET') return tokens[at + 2]?.text ?? null;
    }
    return null;
  };
  const collation = (from: number, to: number): string | null => {
    const charset = value(from, to, 'charset');
    return value(from, to, 'collation') ?? (charset === null ? null : (defaults.get(charset) ?? `${charset}_default`));
  };
  const items = itemsOf(tokens);
  const last = items.at(-1)?.to ?? 0;
  const whole = collation(last, tokens.length) ?? '';
  const out: SqlToken[] = [];
  const written = (name: string): SqlToken => ({ kind: 'word', text: charsetName(name), at: 0, closed: true });
  for (let at = 0; at < tokens.length; at++) {
    if (!isClause(tokens, at)) out.push(tokens[at] as SqlToken);
    const item = items.find(({ to }) => to === at + 1);
    if (item?.isText === true) out.push(written(collation(item.from, item.to) ?? whole));
  }
  return [...out, written(whole)];
}

/** What stands between the outer brackets, by its commas. */
function itemsOf(tokens: readonly SqlToken[]): readonly { readonly from: number; readonly to: number; readonly isText: boolean }[] {
  const items: { from: number; to: number; isText: boolean }[] = [];
  let depth = 0;
  let from = -1;
  const end = (to: number): void => {
    items.push({ from, to, isText: tokens[from]?.kind === 'name' && texts.includes(tokens[from + 1]?.text.toUpperCase() ?? '') });
    from = to + 1;
  };
  for (const [at, { kind, text }] of tokens.entries()) {
    if (kind !== 'mark') continue;
    if (text === '(') {
      depth += 1;
      if (depth === 1) from = at + 1;
    } else if (text === ')') {
      depth -= 1;
      if (depth === 0) {
        end(at);
        return items;
      }
    } else if (text === ',' && depth === 1) end(at);
  }
  return items;
}
