import { tokensIn, valueOf, type SqlModes } from '../sql/tokens';

/**
 * What a statement of a log does: it holds a transaction together (`frame`), changes rows (`dml`), takes a table with its rows away or puts
 * another in its place (`replaces`), changes definitions (`ddl`), or such as leave columns and rows of every table as they are (`beside`).
 */
export type StatementKind = 'frame' | 'dml' | 'replaces' | 'ddl' | 'beside';

/** SELECT and DO: what is logged of them is a function that writes. */
const dml = ['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'LOAD', 'WITH', 'CALL', 'SELECT', 'DO'];
const replacing = ['TRUNCATE', 'DROP', 'RENAME', 'CREATE'];
const defining = ['CREATE', 'DROP', 'ALTER', 'RENAME'];
/** Objects beside tables; and what a statement may name instead. Options of a definition stand before. */
const besides = ['TRIGGER', 'VIEW', 'INDEX', 'PROCEDURE', 'FUNCTION', 'EVENT', 'USER', 'ROLE', 'SERVER'];
const holding = ['TABLE', 'TABLES', 'DATABASE', 'SCHEMA'];

/** The kind of a statement, by its first words. What is not known is taken for one that changes definitions. */
export function statementKind(text: string): StatementKind {
  const words = tokensIn(text.slice(0, 4_000)).filter(({ kind }) => kind === 'word').slice(0, 16).map(({ text: word }) => word.toUpperCase());
  const [first = '', second = ''] = words;
  if (['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT', 'XA'].includes(first)) return 'frame';
  if (dml.includes(first)) return 'dml';
  const object = words.slice(1).find((word) => besides.includes(word) || holding.includes(word)) ?? '';
  if (defining.includes(first) && besides.includes(object)) return 'beside';
  return replacing.includes(first) || (first === 'ALTER' && second !== 'TABLE') ? 'replaces' : 'ddl';
}

/** Statements about accounts, and such as keep tables in order: they name tables, and leave definitions and rows as they are. */
const harmless = ['ANALYZE', 'OPTIMIZE', 'GRANT', 'REVOKE', 'FLUSH', 'SET'];

/** Whether a statement leaves columns and rows of every table as they are, whatever it names. */
export function leavesTables(text: string): boolean {
  const first = tokensIn(text.slice(0, 4_000)).find(({ kind }) => kind !== 'space' && kind !== 'comment' && kind !== 'mark');
  return first?.kind === 'word' && harmless.includes(first.text.toUpperCase());
}

/** What DROP takes away beside columns. */
const noColumns = ['INDEX', 'KEY', 'PRIMARY', 'FOREIGN', 'CONSTRAINT', 'CHECK', 'PARTITION', 'DEFAULT'];

/**
 * Whether a definition may have given a column the name of another: by RENAME COLUMN, by CHANGE, or by DROP and ADD. What is not understood is
 * taken for it.
 */
export function mayRenameColumns(text: string): boolean {
  return readings.some((modes) => {
    const words = tokensIn(text, modes).filter(({ kind }) => kind === 'word' || kind === 'name').map(({ text: word }) => word.toUpperCase());
    return words.some((word, at) => {
      const next = words[at + 1] ?? '';
      if (word === 'CHANGE') return true;
      if (word === 'RENAME') return next !== 'INDEX' && next !== 'KEY';
      return word === 'DROP' && !noColumns.includes(next);
    });
  });
}

/** Whether rows of its transaction that stand before it are in no table: a part of it was rolled back, and logged all the same. */
export function takesBack(text: string): boolean {
  return /^\s*ROLLBACK\b/i.test(text);
}

/** What quotes and backslashes may have meant: the log does not always say it. */
const readings: readonly SqlModes[] = [{}, { ansiQuotes: true }, { noBackslashEscapes: true }, { ansiQuotes: true, noBackslashEscapes: true }];

/**
 * Whether a statement names a table, in whatever way and under whatever sql_mode: names are compared without regard to case, so that too much is
 * found and never too little. What a CREATE TABLE names beside the table that it makes (LIKE, SELECT, REFERENCES) stays as it is.
 */
export function mentions(text: string, defaultDatabase: string, database: string, table: string): boolean {
  const made = madeTable(text);
  if (made !== null) {
    const [name = '', owner = defaultDatabase] = [...made].reverse().map((one) => one.toLowerCase());
    return name === table.toLowerCase() && owner.toLowerCase() === database.toLowerCase();
  }
  const names = new Set(readings.flatMap((modes) => namesIn(text, modes)));
  // DROP DATABASE names no table.
  if (names.has('drop') && (names.has('database') || names.has('schema')) && names.has(database.toLowerCase())) return true;
  if (!names.has(table.toLowerCase())) return false;
  return defaultDatabase.toLowerCase() === database.toLowerCase() || names.has(database.toLowerCase());
}

/** Whether a statement holds a word or a name, under whatever sql_mode and without regard to case. */
export function namesWord(text: string, name: string): boolean {
  return readings.some((modes) => namesIn(text, modes).includes(name.toLowerCase()));
}

function namesIn(text: string, modes: SqlModes): readonly string[] {
  return tokensIn(text, modes).flatMap((token) => (token.kind === 'word' || token.kind === 'name' ? [nameOf(token).toLowerCase()] : []));
}

/** The name of the table that a CREATE TABLE makes, with its database where that is named; null: it is none. */
function madeTable(text: string): readonly string[] | null {
  const head = /^\s*CREATE\s+(?:TEMPORARY\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?/i.exec(text);
  if (head === null) return null;
  const [first, point, second] = tokensIn(text.slice(head[0].length)).filter(({ text: token }) => token.trim() !== '');
  const isName = (token: typeof first): token is NonNullable<typeof first> => token?.kind === 'word' || token?.kind === 'name';
  if (!isName(first)) return null;
  if (point?.text !== '.') return [nameOf(first)];
  return isName(second) ? [nameOf(first), nameOf(second)] : null;
}

function nameOf(token: ReturnType<typeof tokensIn>[number]): string {
  return token.kind === 'name' ? valueOf(token) : token.text;
}

interface Made {
  readonly databases: readonly string[];
  readonly rows: number;
  /** What was carried out. */
  readonly statements: readonly string[];
}

/** What a server adds to the statements that it writes by itself: for tables in memory that a restart emptied, and for temporary ones. */
const byServer = /\/\* generated by server[^*]*\*\/\s*$/i;

/** Who made a transaction. */
export function makerOf({ databases, rows, statements }: Made): 'client' | 'server' | 'antipode' {
  if (rows > 0) return databases.every((name) => name === 'antipode') ? 'antipode' : 'client';
  return statements.length > 0 && statements.every((text) => byServer.test(text)) ? 'server' : 'client';
}
