import { isSignificant, tokensIn, valueOf, type SqlToken } from '../../sql/tokens';
import { nameInText, quotedName, type NamedTable, type SchemaNames } from './names';

/** Beyond this a text is not taken apart at each key. */
const longestText = 200_000;
/** The most databases whose names are read for one statement. */
const mostDatabases = 4;

/** A table that a statement names. */
interface NamedHere {
  /** null: of the default database. */
  readonly database: string | null;
  readonly name: string;
  readonly alias: string | null;
}

/** What is being typed at a place of a text. */
export interface TypedName {
  /** Where the name begins, its opening quote included. */
  readonly from: number;
  /** Where what is put in its place ends: behind a closing quote that is there already. */
  readonly to: number;
  readonly isQuoted: boolean;
  /** The names before it, each with a point behind: a database, a table, or both. */
  readonly path: readonly string[];
  /** The database that the text itself made the default one; null: it did not. */
  readonly database: string | null;
  /** The tables of its statement. */
  readonly tables: readonly NamedHere[];
}

/** A name that may stand there. */
export interface NameOption {
  /** As it is put into the text. */
  readonly text: string;
  readonly kind: 'database' | 'table' | 'column';
}

/** What is being typed at a place; null: no name, as within a text, a comment or a variable, or the text is too long to say. */
export function typedAt(text: string, at: number): TypedName | null {
  if (text.length > longestText) return null;
  const before = tokensIn(text.slice(0, at));
  const last = before.at(-1);
  if (last?.kind === 'comment' || last?.kind === 'string' || last?.kind === 'number' || (last?.kind === 'name' && last.closed)) return null;
  const isBegun = last?.kind === 'word' || last?.kind === 'name';
  const path: string[] = [];
  let place = isBegun ? before.length - 2 : before.length - 1;
  while (before[place]?.text === '.' && isName(before[place - 1])) {
    path.unshift(nameOf(before[place - 1]));
    place -= 2;
  }
  if (before[place]?.text === '@' || before[place]?.text === '.' || path.length > 2) return null;
  const from = isBegun ? last.at : at;
  const isQuoted = last?.kind === 'name';
  return { from, to: isQuoted && text[at] === '`' ? at + 1 : at, isQuoted, path, database: defaultIn(before), tables: tablesAround(text, at) };
}

/** Of which databases the names are wanted, besides those of the default one. */
export function databasesOf({ path, tables }: TypedName, known: readonly string[]): readonly string[] {
  const named = [path[0] ?? null, ...tables.map(({ database }) => database)].filter((name) => name !== null);
  return [...new Set(named.flatMap((name) => known.find((one) => isSame(one, name)) ?? []))].slice(0, mostDatabases);
}

/** The names that may stand where something is being typed. `names`: by their database; `database`: the default one. */
export function optionsFor(
  typed: TypedName, names: ReadonlyMap<string, SchemaNames>, databases: readonly string[], database: string | null,
): readonly NameOption[] {
  const tablesOf = (of: string | null): readonly NamedTable[] => {
    const wanted = of ?? database;
    return wanted === null ? [] : ([...names].find(([name]) => isSame(name, wanted))?.[1].tables ?? []);
  };
  const columnsOf = (of: string | null, table: string): readonly string[] => tablesOf(of).find(({ name }) => isSame(name, table))?.columns ?? [];
  const [first, second] = typed.path;
  const write = typed.isQuoted ? quotedName : nameInText;
  const found = new Map<string, NameOption>();
  const put = (kind: NameOption['kind'], all: readonly string[]): void => {
    for (const name of all) if (name !== '') found.set(`${kind} ${name}`, { text: write(name), kind });
  };
  if (first === undefined) {
    for (const { database: of, name, alias } of typed.tables) {
      put('column', columnsOf(of, name));
      if (alias !== null) put('table', [alias]);
    }
    put('table', tablesOf(null).map(({ name }) => name));
    put('database', databases);
  } else if (second === undefined) {
    const meant = typed.tables.filter(({ name, alias }) => isSame(alias ?? name, first));
    for (const { database: of, name } of meant) put('column', columnsOf(of, name));
    if (meant.length === 0) put('column', columnsOf(null, first));
    if (databases.some((name) => isSame(name, first))) put('table', tablesOf(first).map(({ name }) => name));
  } else put('column', columnsOf(first, second));
  return [...found.values()];
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const isName = (token: SqlToken | undefined): token is SqlToken => token?.kind === 'word' || token?.kind === 'name';
const nameOf = (token: SqlToken | undefined): string => (token === undefined ? '' : valueOf(token));
const upperOf = (token: SqlToken | undefined): string => (token?.kind === 'word' ? token.text.toUpperCase() : (token?.text ?? ''));

/** The database of the last USE of a text. */
function defaultIn(tokens: readonly SqlToken[]): string | null {
  const words = tokens.filter(isSignificant);
  const begins = (place: number): boolean => place === 0 || words[place - 1]?.text === ';';
  const at = words.findLastIndex((token, place) => upperOf(token) === 'USE' && begins(place) && words[place + 2]?.text === ';');
  return at === -1 || !isName(words[at + 1]) ? null : nameOf(words[at + 1]);
}

const beforeTables = new Set(['FROM', 'JOIN', 'STRAIGHT_JOIN', 'UPDATE', 'INTO', 'TABLE', 'DESCRIBE', 'DESC', ',']);
/** What may stand between those and a table. */
const passedOver = new Set(['(', 'IGNORE', 'LOW_PRIORITY', 'LATERAL']);
/** What may follow a table and is no alias. */
const noAlias = new Set([
  'AS', 'CROSS', 'FOR', 'FORCE', 'GROUP', 'HAVING', 'IGNORE', 'INNER', 'INTO', 'JOIN', 'LEFT', 'LIMIT', 'LOCK', 'NATURAL', 'ON', 'ORDER', 'PARTITION',
  'RIGHT', 'SELECT', 'SET', 'STRAIGHT_JOIN', 'TABLE', 'UNION', 'USE', 'USING', 'VALUE', 'VALUES', 'WHERE', 'WINDOW', 'FROM', 'EXCEPT', 'INTERSECT',
]);

/** The tables that the statement around a place names, with their aliases. One name too many is one that no database has. */
function tablesAround(text: string, at: number): readonly NamedHere[] {
  const all = tokensIn(text).filter(isSignificant);
  const begin = all.findLastIndex((token) => token.text === ';' && token.at < at) + 1;
  const end = all.findIndex((token) => token.text === ';' && token.at >= at);
  const words = all.slice(begin, end === -1 ? all.length : end);
  return words.flatMap((token, place): readonly NamedHere[] => {
    let first = place + 1;
    while (passedOver.has(upperOf(words[first]))) first += 1;
    if (!beforeTables.has(upperOf(token)) || !isName(words[first])) return [];
    const isQualified = words[first + 1]?.text === '.' && isName(words[first + 2]);
    const next = first + (isQualified ? 3 : 1);
    const aliasAt = upperOf(words[next]) === 'AS' ? next + 1 : next;
    const alias = words[aliasAt];
    const hasAlias = isName(alias) && !noAlias.has(upperOf(alias));
    return [{
      database: isQualified ? nameOf(words[first]) : null, name: nameOf(words[isQualified ? first + 2 : first]), alias: hasAlias ? nameOf(alias) : null,
    }];
  });
}
