import { SqlCursor, type QualifiedName } from '../sql/cursor';
import { hasExecutableComment, type LoggedStatement } from './logged-statement';

/**
 * Kinds of what statements are about and a copy may leave out. `TABLE` stands for tables and views: both share their names. `LOADABLE`:
 * a loadable function. Those from `ACCOUNT` on stand in no database. Statements on a `SERVER` are in no binary log.
 */
export const objectKinds = ['TABLE', 'PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT', 'LIBRARY', 'ACCOUNT', 'LOADABLE', 'TABLESPACE', 'SERVER'] as const;
export type ObjectKind = (typeof objectKinds)[number];

/** Something that has a name. Names are untrusted. */
export interface NamedObject {
  readonly kind: ObjectKind;
  /** '' for what stands in no database. */
  readonly database: string;
  /** Of an account `user@host`. */
  readonly name: string;
}

/** One of a list of a statement, and where it stands in the text. */
interface ListedObject {
  readonly object: NamedObject;
  readonly from: number;
  readonly end: number;
  /** What it is called afterwards, where it is renamed. */
  readonly becomes?: NamedObject;
}

/** What a statement is about. */
export interface StatementObjects {
  readonly verb: 'CREATE' | 'ALTER' | 'DROP' | 'RENAME' | 'GRANT' | 'REVOKE' | 'SET';
  /**
   * What it creates, changes, drops or gives rights to. Several lists where it names several kinds of them (roles and who they go to): it
   * means each of the one list with each of the other.
   */
  readonly lists: readonly (readonly ListedObject[])[];
  /** What the rights are on; null: on no single thing. */
  readonly on: NamedObject | null;
  /** What a view is made of, as far as its text announces it. */
  readonly needs: readonly NamedObject[];
}

/** Words that begin what an account statement says of all its accounts. */
const ofAllAccounts = [
  'REQUIRE', 'WITH', 'PASSWORD', 'FAILED_LOGIN_ATTEMPTS', 'PASSWORD_LOCK_TIME', 'ACCOUNT', 'DEFAULT', 'COMMENT', 'ATTRIBUTE', 'IGNORE',
] as const;

/**
 * What a statement is about, read from the statement itself. null: it is of a kind that is not known here, or means something else to
 * other readers (`/*!…`), or leaves a part of it to who runs it (CURRENT_USER).
 */
export function objectsOf({ database, text, modes }: LoggedStatement): StatementObjects | null {
  if (hasExecutableComment(text)) return null;
  const sql = new SqlCursor(text, modes);
  const reading: Reading = { sql, database };
  const verb = sql.oneOf('CREATE', 'ALTER', 'DROP', 'RENAME', 'GRANT', 'REVOKE', 'SET', 'TRUNCATE');
  switch (verb) {
    case 'GRANT':
    case 'REVOKE':
      return rights(reading, verb);
    case 'SET':
      return settings(reading);
    case 'RENAME':
      return renaming(reading);
    case 'TRUNCATE':
      sql.oneOf('TABLE');
      return alone('ALTER', relation(reading));
    case 'CREATE':
    case 'ALTER':
    case 'DROP':
      return definition(reading, verb);
    case null:
      return null;
  }
}

interface Reading {
  readonly sql: SqlCursor;
  /** The default database of the statement. */
  readonly database: string;
}

function alone(verb: StatementObjects['verb'], object: ListedObject | null, needs: readonly NamedObject[] = []): StatementObjects | null {
  return object === null ? null : { verb, lists: [[object]], on: null, needs };
}

function listed(verb: StatementObjects['verb'], list: readonly ListedObject[] | null): StatementObjects | null {
  return list === null || list.length === 0 ? null : { verb, lists: [list], on: null, needs: [] };
}

/** Takes what `read` takes, with its place. */
function placed({ sql }: Reading, read: () => NamedObject | null): ListedObject | null {
  const from = sql.peek()?.at ?? 0;
  const object = read();
  return object === null ? null : { object, from, end: sql.end };
}

function inDatabase({ database }: Reading, kind: ObjectKind, name: QualifiedName | null): NamedObject | null {
  const where = name?.database ?? database;
  return name === null || where === '' ? null : { kind, database: where, name: name.name };
}

const relation = (reading: Reading): ListedObject | null => placed(reading, () => inDatabase(reading, 'TABLE', reading.sql.qualifiedName()));

/** CREATE, ALTER and DROP of one thing or, to drop or of accounts, of several. */
function definition(reading: Reading, verb: 'CREATE' | 'ALTER' | 'DROP'): StatementObjects | null {
  const { sql } = reading;
  attributes(sql);
  const kind = sql.oneOf(
    'TABLE', 'VIEW', 'PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT', 'LIBRARY', 'USER', 'ROLE', 'TABLESPACE', 'INDEX', 'TEMPORARY',
  );
  // A temporary table hides whatever has its name.
  if (kind === null || kind === 'TEMPORARY') return null;
  if (kind === 'INDEX') return indexed(reading);
  sql.ifExists();
  if (kind === 'USER' || kind === 'ROLE') return listed(verb, accounts(reading));
  if (kind === 'TABLESPACE') return alone(verb, placed(reading, () => unplaced(kind, sql.name())));
  if (kind === 'TABLE' || kind === 'VIEW') {
    if (verb === 'DROP') return listed(verb, many(reading, () => relation(reading), isEndOfDrop));
    const one = relation(reading);
    if (verb === 'ALTER' && kind === 'TABLE') return altered(reading, one);
    return alone(verb, one, kind === 'VIEW' ? sourcesOf(reading) : []);
  }
  return program(reading, verb, kind);
}

type Program = 'PROCEDURE' | 'FUNCTION' | 'TRIGGER' | 'EVENT' | 'LIBRARY';

function program(reading: Reading, verb: 'CREATE' | 'ALTER' | 'DROP', kind: Program): StatementObjects | null {
  const { sql } = reading;
  const one = placed(reading, () => {
    const name = sql.qualifiedName();
    // A loadable function has no database, and is made by where its library is.
    const mayBeLoadable = kind === 'FUNCTION' && name !== null && name.database === null;
    const isLoadable = mayBeLoadable && (verb === 'CREATE' ? !isMark(sql, '(') : reading.database === '');
    return isLoadable ? unplaced('LOADABLE', name.name) : inDatabase(reading, kind, name);
  });
  if (one === null || kind !== 'EVENT' || verb !== 'ALTER') return alone(verb, one);
  while (!sql.isAtEnd && !isWord(sql, 'DO')) {
    if (sql.words('RENAME', 'TO')) {
      const becomes = inDatabase(reading, kind, sql.qualifiedName());
      return becomes === null ? null : alone(verb, { ...one, becomes });
    }
    sql.take();
  }
  return alone(verb, one);
}

function unplaced(kind: ObjectKind, name: string | null): NamedObject | null {
  return name === null ? null : { kind, database: '', name };
}

/** OR REPLACE, ALGORITHM, DEFINER, SQL SECURITY, AGGREGATE, UNDO, UNIQUE: what stands before the kind. */
function attributes(sql: SqlCursor): void {
  for (;;) {
    if (sql.words('OR', 'REPLACE') || sql.words('SQL', 'SECURITY', 'DEFINER') || sql.words('SQL', 'SECURITY', 'INVOKER')) continue;
    if (sql.words('DEFINER')) {
      sql.mark('=');
      sql.account();
    } else if (sql.words('ALGORITHM')) {
      sql.mark('=');
      sql.take();
    } else if (sql.oneOf('AGGREGATE', 'UNDO', 'UNIQUE', 'FULLTEXT', 'SPATIAL') === null) return;
  }
}

/** CREATE and DROP INDEX change the table that they name. */
function indexed(reading: Reading): StatementObjects | null {
  const { sql } = reading;
  while (!sql.isAtEnd && !isWord(sql, 'ON')) sql.take();
  return sql.words('ON') ? alone('ALTER', relation(reading)) : null;
}

/**
 * ALTER TABLE, with the new name that it may give. null: it swaps a part of the table with another, so that it is about more than that. A foreign key
 * to another table changes nothing there.
 */
function altered(reading: Reading, table: ListedObject | null): StatementObjects | null {
  const { sql } = reading;
  let becomes: NamedObject | undefined;
  while (table !== null && !sql.isAtEnd) {
    if (isWord(sql, 'EXCHANGE')) return null;
    if (sql.words('RENAME') && !isWord(sql, 'COLUMN', 'INDEX', 'KEY')) {
      sql.oneOf('TO', 'AS');
      sql.mark('=');
      const to = inDatabase(reading, 'TABLE', sql.qualifiedName());
      if (to === null) return null;
      becomes = to;
    } else sql.take();
  }
  return alone('ALTER', table === null || becomes === undefined ? table : { ...table, becomes });
}

/** The tables and views after FROM and JOIN. */
function sourcesOf(reading: Reading): readonly NamedObject[] {
  const { sql } = reading;
  const found: NamedObject[] = [];
  while (!sql.isAtEnd) {
    if (sql.oneOf('FROM', 'JOIN', 'STRAIGHT_JOIN') === null) {
      sql.take();
      continue;
    }
    while (sql.mark('(')) continue;
    const one = isWord(sql, 'SELECT', 'LATERAL', 'DUAL') ? null : inDatabase(reading, 'TABLE', sql.qualifiedName());
    if (one !== null) found.push(one);
  }
  return found;
}

function renaming(reading: Reading): StatementObjects | null {
  const { sql } = reading;
  const kind = sql.oneOf('TABLE', 'TABLES', 'USER');
  if (kind === null) return null;
  const one = kind === 'USER' ? () => account(sql) : () => inDatabase(reading, 'TABLE', sql.qualifiedName());
  return listed('RENAME', many(reading, () => {
    const item = placed(reading, one);
    if (item === null || !sql.words('TO')) return null;
    const becomes = one();
    return becomes === null ? null : { ...item, end: sql.end, becomes };
  }, (end) => end.isAtEnd));
}

const account = (sql: SqlCursor): NamedObject | null => unplaced('ACCOUNT', sql.accountName());

/** Accounts or roles, each with what is said of it alone. */
function accounts(reading: Reading): readonly ListedObject[] | null {
  return many(reading, () => {
    const { sql } = reading;
    const one = placed(reading, () => account(sql));
    let identified = false;
    while (one !== null && !sql.isAtEnd && !isMark(sql, ',') && !isWord(sql, ...ofAllAccounts) && !(isWord(sql, 'AS') && !identified)) {
      // `IDENTIFIED WITH plugin AS 'hash'`: those two words belong to the account.
      if (sql.words('IDENTIFIED')) {
        identified = true;
        sql.oneOf('WITH', 'BY');
        sql.oneOf('PASSWORD');
      } else sql.take();
    }
    return one === null ? null : { ...one, end: sql.end };
  }, (sql) => sql.isAtEnd || isWord(sql, 'AS', ...ofAllAccounts));
}

/** A list, to where `isEnd` says that it ends; null: it is none that is understood to its end. */
function many(reading: Reading, one: () => ListedObject | null, isEnd: (sql: SqlCursor) => boolean): readonly ListedObject[] | null {
  const items: ListedObject[] = [];
  do {
    const item = one();
    if (item === null) return null;
    items.push(item);
  } while (reading.sql.mark(','));
  return isEnd(reading.sql) ? items : null;
}

const isEndOfDrop = (sql: SqlCursor): boolean => {
  sql.oneOf('RESTRICT', 'CASCADE');
  return sql.isAtEnd;
};

/** SET PASSWORD FOR, SET DEFAULT ROLE … TO. */
function settings(reading: Reading): StatementObjects | null {
  const { sql } = reading;
  if (sql.words('PASSWORD', 'FOR')) return alone('SET', placed(reading, () => account(sql)));
  if (!sql.words('DEFAULT', 'ROLE')) return null;
  if (sql.oneOf('NONE', 'ALL') !== null) return sql.words('TO') ? listed('SET', accounts(reading)) : null;
  const roles = many(reading, () => placed(reading, () => account(sql)), (at) => isWord(at, 'TO'));
  const whom = sql.words('TO') ? accounts(reading) : null;
  return roles === null || whom === null ? null : { verb: 'SET', lists: [whom, roles], on: null, needs: [] };
}

/** GRANT and REVOKE: of rights on something, of roles, of PROXY. */
function rights(reading: Reading, verb: 'GRANT' | 'REVOKE'): StatementObjects | null {
  const { sql } = reading;
  sql.ifExists();
  const text = verb === 'GRANT' ? 'TO' : 'FROM';
  // Rights are on something, or all of them; else roles are given.
  if (!isWord(sql, 'ALL', 'PROXY') && sql.firstAhead('ON', text) === text) {
    const roles = many(reading, () => placed(reading, () => account(sql)), (at) => isWord(at, text));
    const whom = sql.words(text) ? accounts(reading) : null;
    return roles === null || whom === null ? null : { verb, lists: [whom, roles], on: null, needs: [] };
  }
  const isProxy = isWord(sql, 'PROXY');
  while (!sql.isAtEnd && !isWord(sql, 'ON', text)) {
    if (isMark(sql, '(')) sql.parentheses();
    else sql.take();
  }
  let on: NamedObject | null = null;
  if (sql.words('ON')) {
    if (isProxy) {
      const proxied = placed(reading, () => account(sql));
      const whom = proxied !== null && sql.words(text) ? accounts(reading) : null;
      return proxied === null || whom === null ? null : { verb, lists: [whom, [proxied]], on: null, needs: [] };
    }
    on = rightsOn(reading);
    while (!sql.isAtEnd && !isWord(sql, text)) sql.take();
  }
  const whom = sql.words(text) ? accounts(reading) : null;
  return whom === null ? null : { verb, lists: [whom], on, needs: [] };
}

/** The table, view or routine that rights are on; null: they are on everything, or on a database. */
function rightsOn(reading: Reading): NamedObject | null {
  const { sql } = reading;
  const kind = sql.oneOf('TABLE', 'PROCEDURE', 'FUNCTION', 'LIBRARY') ?? 'TABLE';
  if (isMark(sql, '*')) return null;
  return inDatabase(reading, kind, sql.qualifiedName());
}

function isWord(sql: SqlCursor, ...words: readonly string[]): boolean {
  const token = sql.peek();
  return token?.kind === 'word' && words.includes(token.text.toUpperCase());
}

function isMark(sql: SqlCursor, mark: string): boolean {
  const token = sql.peek();
  return token?.kind === 'mark' && token.text === mark;
}
