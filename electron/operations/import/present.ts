// What a server has of that which the statements of a file reach: asked of it, and believed of nothing that the file says.
import { ownEngines } from '../../../shared/domain/operations/import/bodies';
import type { FileScan, LostTable, Reached } from '../../../shared/domain/operations/import/plan';
import type { ObjectName } from '../../../shared/domain/operations/import/verdict';
import { isRefusal } from '../../mysql/errors';
import type { Session } from '../../mysql/types';

/** A table or view that is there. */
interface PresentTable extends LostTable {
  /** Its rows are its own. */
  readonly isOwn: boolean;
}

/** What is there of the databases that a file is about. */
export interface Present {
  readonly databases: readonly string[];
  readonly tables: readonly PresentTable[];
  /** Its procedures, functions, triggers and events, and functions of libraries. */
  readonly programs: readonly { readonly kind: string; readonly database: string; readonly name: string }[];
  /** Whether functions of libraries can be read. */
  readonly knowsLibraries: boolean;
}

/** A database that goes, with all that is in it. */
interface LostDatabase extends Reached {
  readonly tables: number;
  readonly views: number;
  readonly routines: number;
  readonly triggers: number;
  readonly events: number;
}

/** What a file reaches of what is there: what is asked about. */
export interface Reaching {
  readonly lost: readonly LostTable[];
  readonly databases: readonly LostDatabase[];
  readonly programs: readonly Reached[];
  readonly altered: readonly Reached[];
  /** Names into which rows go that are, or become, those of other tables. */
  readonly elsewhere: readonly Reached[];
  /** What is lost or changed with its first statement. */
  readonly drops: readonly Reached[];
}

const kindsOfTables = new Set(['TABLE', 'VIEW']);
const kindsOfPrograms = new Set(['PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT']);
const keyOf = ({ database, table }: ObjectName): string => JSON.stringify([database, table]);

/** Asks the server. */
export async function presentOf(session: Session, { databases, reached }: FileScan, fold: (name: string) => string): Promise<Present> {
  if (databases.length === 0) return { databases: [], tables: [], programs: [], knowsLibraries: true };
  const places = databases.map(() => '?').join(', ');
  const found = await session.query<{ name: string }>(
    `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (${places})`, databases);
  const rows = await session.query<{
    db: string; name: string; size: string | number | null; count: string | number | null; type: string; engine: string | null;
  }>('SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, DATA_LENGTH + INDEX_LENGTH AS size, TABLE_ROWS AS count, TABLE_TYPE AS type, ENGINE AS engine '
    + `FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (${places}) ORDER BY 1, 2`, databases);
  const programs = await session.query<{ kind: string; db: string; name: string }>(
    `SELECT ROUTINE_TYPE AS kind, ROUTINE_SCHEMA AS db, ROUTINE_NAME AS name FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN (${places}) `
    + `UNION ALL SELECT 'TRIGGER', TRIGGER_SCHEMA, TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (${places}) `
    + `UNION ALL SELECT 'EVENT', EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA IN (${places}) ORDER BY 1, 2, 3`,
    [...databases, ...databases, ...databases]);
  const libraries = reached.some(({ way, kind }) => way === 'drops' && kind === 'FUNCTION') ? await libraryFunctions(session) : [];
  return {
    databases: found.map(({ name }) => fold(name)),
    tables: rows.map(({ db, name, size, count, type, engine }) => ({
      database: fold(db), table: fold(name), rows: Number(count ?? 0), bytes: Number(size ?? 0),
      isOwn: type === 'BASE TABLE' && ownEngines.has((engine ?? '').toUpperCase()),
    })),
    programs: [
      ...programs.map(({ kind, db, name }) => ({ kind, database: fold(db), name: name.toLowerCase() })),
      ...(libraries ?? []).map((name) => ({ kind: 'FUNCTION', database: '', name: name.toLowerCase() })),
    ],
    knowsLibraries: libraries !== null,
  };
}

/** DROP FUNCTION takes such a one as well, for the whole server; null: they may not be read. */
async function libraryFunctions(session: Session): Promise<readonly string[] | null> {
  try {
    const rows = await session.query<{ name: string | Uint8Array }>('SELECT name FROM mysql.func');
    return rows.map(({ name }) => (typeof name === 'string' ? name : Buffer.from(name).toString()));
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    return null;
  }
}

/** What the file makes and what is there under its name. */
export function inTheWayOf({ creates }: FileScan, present: Present): readonly ObjectName[] {
  const tables = new Set(present.tables.map(keyOf));
  const programs = new Set(present.programs.map(({ kind, database, name }) => JSON.stringify([kind, database, name])));
  return creates.filter((one) => {
    const { kind, database, table } = one;
    if (table === null) return present.databases.includes(database);
    return kindsOfTables.has(kind) ? tables.has(keyOf(one)) : programs.has(JSON.stringify([kind, database, table.toLowerCase()]));
  });
}

/**
 * What the file reaches of what is there. Where something in it gives tables other names, everything that it takes away or changes counts as there; so does
 * a name that the server may compare otherwise than it is compared here.
 */
export function reachingOf(scan: FileScan, present: Present, lowerCase: number | null): Reaching {
  const isRenaming = scan.harms.some(({ why }) => why === 'renames');
  const tables = new Map(present.tables.map((table) => [keyOf(table), table]));
  const passing = new Set(scan.passing.map(keyOf));
  const folds = lowerCase !== 0;
  const isUnsure = ({ database, table, kind }: Reached): boolean => {
    const isFolded = folds || !(kindsOfTables.has(kind) || kind === 'DATABASE');
    return isFolded && /[^ -~]/.test(`${database}${table ?? ''}`);
  };
  const programs = new Set(present.programs.map(({ kind, database, name }) => JSON.stringify([kind, database, name])));
  const isThere = (one: Reached): boolean => {
    const { kind, database, table } = one;
    if (isRenaming || isUnsure(one)) return true;
    if (table === null) return present.databases.includes(database);
    if (kindsOfTables.has(kind)) return tables.has(keyOf(one));
    if (!kindsOfPrograms.has(kind) || (kind === 'FUNCTION' && !present.knowsLibraries)) return true;
    return [database, ''].some((where) => programs.has(JSON.stringify([kind, where, table.toLowerCase()])));
  };
  const drops = scan.reached.filter((one) => one.way === 'drops' && isThere(one));
  const ofDatabases = drops.filter(({ table }) => table === null);
  const dropped = new Set(drops.map(keyOf));
  const count = <One extends { readonly database: string }>(all: readonly One[], database: string, is: (one: One) => boolean): number =>
    all.filter((one) => one.database === database && is(one)).length;
  return {
    drops,
    lost: present.tables.filter((table) => dropped.has(keyOf(table)) || dropped.has(keyOf({ ...table, table: null })))
      .map(({ database, table, rows, bytes }) => ({ database, table, rows, bytes })),
    databases: ofDatabases.map((one) => ({
      ...one,
      tables: count(present.tables, one.database, ({ isOwn }) => isOwn),
      views: count(present.tables, one.database, ({ isOwn }) => !isOwn),
      routines: count(present.programs, one.database, ({ kind }) => kind === 'PROCEDURE' || kind === 'FUNCTION'),
      triggers: count(present.programs, one.database, ({ kind }) => kind === 'TRIGGER'),
      events: count(present.programs, one.database, ({ kind }) => kind === 'EVENT'),
    })),
    programs: drops.filter(({ kind, table }) => table !== null && !kindsOfTables.has(kind)),
    altered: scan.reached.filter((one) => one.way === 'alters' && isThere(one)),
    elsewhere: scan.reached.filter((one) => one.way === 'fills' && (passing.has(keyOf(one)) || tables.get(keyOf(one))?.isOwn === false)),
  };
}
