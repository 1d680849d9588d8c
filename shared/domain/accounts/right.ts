import { SqlCursor } from '../sql/cursor';
import type { AccountRight } from './state';

/** On what a right is held. A database is a pattern: `%` and `_` stand for others there, and with `\` before them for themselves. */
export type RightLevel =
  | { readonly kind: 'server' }
  | { readonly kind: 'database'; readonly pattern: string }
  | { readonly kind: 'table'; readonly database: string; readonly table: string }
  | { readonly kind: 'routine'; readonly routine: RoutineKind; readonly database: string; readonly name: string };

export const routineKinds = ['PROCEDURE', 'FUNCTION', 'LIBRARY'] as const;
type RoutineKind = (typeof routineKinds)[number];

/** A right in its parts, as it is chosen; {@link AccountRight} is the same as the server keeps it. */
export interface RightParts {
  readonly kind: AccountRight['kind'];
  /** In upper case, without a column. */
  readonly privilege: string;
  readonly column: string | null;
  readonly on: RightLevel;
}

function quotedId(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** What stands behind ON. */
export function levelText(on: RightLevel): string {
  switch (on.kind) {
    case 'server':
      return '*.*';
    case 'database':
      return `${quotedId(on.pattern)}.*`;
    case 'table':
      return `${quotedId(on.database)}.${quotedId(on.table)}`;
    case 'routine':
      return `${on.routine} ${quotedId(on.database)}.${quotedId(on.name)}`;
    default:
      return on satisfies never;
  }
}

export function rightOf({ kind, privilege, column, on }: RightParts): AccountRight {
  return { kind, privilege: column === null ? privilege : `${privilege} (${quotedId(column)})`, level: levelText(on) };
}

/** The parts of a right that a server keeps; null: it is of a form that is not known here. */
export function partsOf({ kind, privilege, level }: AccountRight): RightParts | null {
  const on = levelIn(new SqlCursor(level));
  if (on === null) return null;
  const sql = new SqlCursor(privilege);
  const word = wordsIn(sql);
  const column = sql.mark('(') ? sql.name() : null;
  return { kind, privilege: word, column, on };
}

/** Whether a right that a server keeps is held on such a place as a whole. */
export function hasLevel({ level }: Pick<AccountRight, 'level'>, kind: RightLevel['kind']): boolean {
  return levelIn(new SqlCursor(level))?.kind === kind;
}

/** What a line of the terminal names: `SELECT, UPDATE (a, b) ON shop.orders`. null: it is nothing of the kind. */
export function rightsIn(text: string): readonly RightParts[] | null {
  const sql = new SqlCursor(text);
  const items: { readonly privilege: string; readonly columns: readonly (string | null)[] }[] = [];
  do {
    const privilege = wordsIn(sql);
    if (privilege === '') return null;
    const columns = columnsIn(sql);
    if (columns === null) return null;
    items.push({ privilege: privilege === 'ALL' ? 'ALL PRIVILEGES' : privilege, columns });
  } while (sql.mark(','));
  const on = sql.words('ON') ? levelIn(sql) : null;
  if (on === null || !sql.isAtEnd) return null;
  return items.flatMap(({ privilege, columns }) => {
    return columns.map((column): RightParts => ({ kind: isDynamic(privilege) ? 'dynamic' : 'static', privilege, column, on }));
  });
}

/** The names of dynamic privileges hold an underscore, those of static ones blanks. Manual: "Static Versus Dynamic Privileges". */
export function isDynamic(privilege: string): boolean {
  return privilege.includes('_');
}

function wordsIn(sql: SqlCursor): string {
  const words: string[] = [];
  for (let token = sql.peek(); token?.kind === 'word' && token.text.toUpperCase() !== 'ON'; token = sql.peek()) {
    words.push(token.text.toUpperCase());
    sql.take();
  }
  return words.join(' ');
}

/** [null]: it is on no columns; null: the list is broken. */
function columnsIn(sql: SqlCursor): readonly (string | null)[] | null {
  if (!sql.mark('(')) return [null];
  const columns: string[] = [];
  do {
    const name = sql.name();
    if (name === null) return null;
    columns.push(name);
  } while (sql.mark(','));
  return sql.mark(')') ? columns : null;
}

function levelIn(sql: SqlCursor): RightLevel | null {
  const word = sql.oneOf('TABLE', ...routineKinds);
  const routine = word === 'TABLE' ? null : word;
  if (routine === null && sql.mark('*')) return sql.mark('.') && sql.mark('*') ? { kind: 'server' } : null;
  const database = sql.name();
  if (database === null || !sql.mark('.')) return null;
  if (routine === null && sql.mark('*')) return { kind: 'database', pattern: database };
  const name = sql.name();
  if (name === null) return null;
  return routine === null ? { kind: 'table', database, table: name } : { kind: 'routine', routine, database, name };
}

const onTables: readonly string[] = [
  'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER', 'CREATE VIEW', 'SHOW VIEW', 'TRIGGER',
];
const onDatabases: readonly string[] = [
  ...onTables, 'CREATE TEMPORARY TABLES', 'LOCK TABLES', 'EVENT', 'CREATE ROUTINE', 'ALTER ROUTINE', 'EXECUTE',
];
const onColumns: readonly string[] = ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'];
const onRoutines: readonly string[] = ['EXECUTE', 'ALTER ROUTINE'];
const noPrivileges: readonly string[] = ['USAGE', 'PROXY', 'GRANT OPTION'];

/** What can be given there on a server that knows these privileges, without the right to hand it on. Manual: "GRANT Statement". */
export function privilegesAt(level: RightLevel['kind'] | 'column', known: readonly string[]): readonly string[] {
  const among = (some: readonly string[]): readonly string[] => some.filter((privilege) => known.includes(privilege));
  switch (level) {
    case 'server':
      return known.filter((privilege) => !noPrivileges.includes(privilege));
    case 'database':
      return among(onDatabases);
    case 'table':
      return among(onTables);
    case 'column':
      return among(onColumns);
    case 'routine':
      return among(onRoutines);
    default:
      return level satisfies never;
  }
}
