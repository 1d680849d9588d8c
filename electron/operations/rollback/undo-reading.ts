// Chosen transactions as acts that take them back, newest change first, each tried on the rows as they are now. Nothing is changed.
import { cellText, type Cell, type Image } from '../../../shared/domain/binlog/cell';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { madeKeysAct, type ActingRules } from '../../../shared/domain/operations/rollback/acting';
import { around, type Around, type Bound } from '../../../shared/domain/operations/rollback/undo-around';
import { inverseOf, TableRows, type UndoAct, type UndoFinding, type UndoVerdict } from '../../../shared/domain/operations/rollback/undo';
import { mostUndone, mostUndoneBytes, type UndoCell, type UndoEntry } from '../../../shared/domain/operations/rollback/undo-plan';
import type { SingleChange } from '../../../shared/domain/promotion/dossier/net';
import { ownSchema, isSystemSchema } from '../../../shared/domain/scope/scope';
import { failure } from '../../../shared/errors/codes';
import { cascadesOf } from '../../comparison/logged/cascades';
import { single } from '../../comparison/logged/collect';
import { countsOf, equals, rowsLike } from '../../comparison/logged/lookup';
import { deleteSql, insertSql, isMakeable, isTellable, updateSql } from '../../comparison/logged/sql';
import { fitsTable, inOneOffset, readTodayTable, type InOneOffset, type TodayTable } from '../../comparison/logged/tables-today';
import { maxPacketOf } from '../../mysql/max-packet';
import { quoteTable } from '../../mysql/quote';
import type { LiveSession } from '../../mysql/session/session';
import type { Session } from '../../mysql/types';
import type { OtherTable } from './range-log';
import { RangeLog } from './range-log';
import { boundOf, nameOf, readAround } from './undo-around';

/** Why a table, or a transaction, keeps the whole undo from being made. */
export interface UndoObstruction {
  readonly why: 'ddl' | 'statement' | 'unreadable' | 'table-missing' | 'table-differs' | 'table-changed' | 'names-unknown' | 'system' | 'engine';
  /** A table, a statement or a GTID. */
  readonly what: string;
}

/** A change with what takes it back, and what stands against it; `sql`: null where nothing is to be run. */
export interface UndoStatement {
  readonly entry: UndoEntry;
  readonly sql: string | null;
  /** Rows that refer to this one and would go or change along: looked for again as the statement runs. */
  readonly childrenSql: readonly string[];
  /** The statement that looks for them by itself, and writes nothing where there are any; null: they are looked for before it. */
  readonly guardedSql: string | null;
}

export interface KnownTable {
  readonly today: TodayTable;
  readonly cascades: ActingRules | null;
}

/** One change as what takes it back. */
export interface Acting {
  readonly logged: { readonly database: string; readonly table: string };
  readonly change: () => SingleChange;
  readonly act: UndoAct | 'partial-image';
  /** The statement, where it is another one than the act says by itself. */
  readonly sql: string | null;
}

export interface UndoReading {
  readonly obstructions: readonly UndoObstruction[];
  /** In the order in which they run. */
  statements(): Generator<UndoStatement>;
  readonly others: readonly OtherTable[];
  readonly inOneOffset: InOneOffset;
  /** What the statements stand on beside the log: where the rows themselves say it, as they are; empty where they do not. */
  readonly stamp: string;
  close(): void;
}

interface UndoOrder {
  readonly session: LiveSession;
  /** Over afterwards. */
  readonly dump: LiveSession;
  readonly gtids: readonly string[];
  /** From the earliest of them to the end of the log. */
  readonly range: string;
}

/** Reads from the earliest chosen transaction to the end of the log: what was done to the tables since then has to be known. */
export async function readUndo(folder: string, { session, dump, gtids, range }: UndoOrder, signal?: AbortSignal): Promise<UndoReading> {
  const log = await RangeLog.read(folder, session, dump, {
    range: parseGtidSet(range), chosen: parseGtidSet(gtids.join(',')), wants: (database) => database !== ownSchema, most: mostUndone,
    mostBytes: mostUndoneBytes, tooMany: (most) => failure('rollback-too-many', { most }),
  }, signal);
  try {
    const { tables, obstructions } = await knownTables(session, log);
    const acts = obstructions.length > 0 ? [] : actsOf(log, tables);
    const written = new Set(acts.map(({ logged }) => nameOf(logged)));
    return {
      obstructions, others: log.others(), stamp: '', statements: await weigh(session, tables, acts), close: () => log.close(),
      inOneOffset: await inOneOffset(session, [...tables].flatMap(([name, { today }]) => (written.has(name) ? [today] : []))),
    };
  } catch (thrown) {
    log.close();
    throw thrown;
  }
}

/** Acts held against the rows as they are, and against what stands around those. */
export async function weigh(session: Session, tables: ReadonlyMap<string, KnownTable>, acts: readonly Acting[]): Promise<() => Generator<UndoStatement>> {
  const rows = await rowsNow(session, tables, acts);
  const held = await readAround(session, new Map([...tables].map(([name, { today }]) => [name, today])), acts, rows);
  const packet = await maxPacketOf(session);
  return () => tried(acts, tables, { rows, held, packet });
}

interface Known {
  readonly tables: ReadonlyMap<string, KnownTable>;
  readonly obstructions: readonly UndoObstruction[];
}

async function knownTables(session: Session, log: RangeLog): Promise<Known> {
  const obstructions = new Map<string, UndoObstruction>();
  const refuse = (why: UndoObstruction['why'], what: string): void => void obstructions.set(`${why} ${what}`, { why, what });
  for (const { kind, statements, transaction } of log.whole()) {
    const why = kind === 'ddl' || kind === 'statement' ? kind : 'unreadable';
    refuse(why, statements[0] ?? log.gtidOf(transaction));
  }
  const unread = log.unread();
  if (!unread.isEmpty()) refuse('unreadable', unread.shorten());
  const tables = new Map<string, KnownTable>();
  for (const logged of log.tables()) {
    const name = nameOf(logged);
    if (isSystemSchema(logged.database, session.version)) {
      refuse('system', name);
      continue;
    }
    const known = tables.get(name)?.today ?? await readTodayTable(session, logged.database, logged.table);
    if (known === null) refuse('table-missing', name);
    else if (logged.named === null) refuse('names-unknown', name);
    else if (!fitsTable(logged, known)) refuse('table-differs', name);
    else if (!tables.has(name)) {
      if (!(await isTransactional(session, known))) refuse('engine', name);
      tables.set(name, { today: known, cascades: await cascadesOf(session, known) });
    }
  }
  for (const change of log.newestFirst()) {
    const why = log.obstacleOf(change);
    // What a statement did to a row since then is met by the guard of the row.
    if (why === 'names-unknown' || why === 'table-changed') refuse(why, nameOf(log.tableOf(change)));
  }
  return { tables, obstructions: [...obstructions.values()] };
}

/** Whether the changes of a table can be rolled back. */
export async function isTransactional(session: Session, { database, table }: TodayTable): Promise<boolean> {
  const [row] = await session.query<{ engine: string | null }>(
    'SELECT ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?', [database, table],
  );
  return row?.engine === 'InnoDB';
}

function actsOf(log: RangeLog, tables: ReadonlyMap<string, KnownTable>): readonly Acting[] {
  const acts: Acting[] = [];
  for (const change of log.newestFirst()) {
    const logged = log.tableOf(change);
    const { today } = tables.get(nameOf(logged)) as KnownTable;
    const act = inverseOf(single(change, logged), today);
    if (act !== 'nothing') acts.push({ change: () => single(change, logged), logged, act, sql: null });
  }
  return acts;
}

/** The rows of each table that any act speaks of, as they are now. */
async function rowsNow(session: Session, tables: ReadonlyMap<string, KnownTable>, acts: readonly Acting[]): Promise<ReadonlyMap<string, TableRows>> {
  const wanted = new Map<string, Map<string, Image>>();
  for (const { logged, act } of acts) {
    if (act === 'partial-image') continue;
    const name = nameOf(logged);
    const { today } = tables.get(name) as KnownTable;
    const images = wanted.get(name) ?? new Map<string, Image>();
    wanted.set(name, images);
    const keys = today.key.length > 0 ? today.key : [...today.kinds.keys()];
    const add = (image: Image): void => void images.set(JSON.stringify(keys.map((key) => image.get(key) ?? null)), image);
    if (act.kind === 'insert') add(act.row);
    else add(act.found);
    if (act.kind === 'update') add(new Map([...act.found, ...act.set]));
  }
  const rows = new Map<string, TableRows>();
  for (const [name, images] of wanted) {
    const { today } = tables.get(name) as KnownTable;
    const asked = [...images.values()];
    const found = (await rowsLike(session, today, asked)).flatMap((row, at) => (row === null ? [] : [{ row, count: 1, wanted: asked[at] as Image }]));
    rows.set(name, new TableRows(today, today.key.length > 0 ? found : await counted(session, today, found)));
  }
  return rows;
}

/** Rows without a key, with how often each is there. What the server sends of one does not tell all types within its documents: what it was asked for does. */
async function counted(
  session: Session, table: TodayTable, found: readonly { readonly row: Image; readonly wanted: Image }[],
): Promise<readonly { readonly row: Image; readonly count: number }[]> {
  const counts = await countsOf(session, table, found.map(({ wanted }) => wanted));
  return found.flatMap(({ row, wanted }, at) => (counts[at] === 0 ? [] : [{ row: new Map([...row, ...wanted]), count: counts[at] as number }]));
}

interface Standing {
  readonly rows: ReadonlyMap<string, TableRows>;
  readonly held: ReadonlyMap<Acting, Around>;
  /** The longest statement that the server refuses, bytes. */
  readonly packet: number;
}

function* tried(acts: readonly Acting[], tables: ReadonlyMap<string, KnownTable>, { rows, held, packet }: Standing): Generator<UndoStatement> {
  const bound = new Map([...tables].map(([name, { today }]) => [name, boundOf(today)]));
  for (const acting of acts) {
    const { logged, act } = acting;
    const change = acting.change();
    const name = nameOf(logged);
    const { today, cascades } = tables.get(name) as KnownTable;
    if (act === 'partial-image') {
      const entry = entryOf(logged, today, change, { verdict: 'partial-image', columns: [], now: null }, null);
      yield { entry, sql: null, childrenSql: [], guardedSql: null };
      continue;
    }
    const made = standsAgainst(change, act, { today, cascades }) ?? madeOf(acting, today, act, packet);
    const against = around(bound.get(name) as Bound, rows, held.get(acting));
    const finding = typeof made === 'string' ? { verdict: made, columns: [], now: null } : (rows.get(name) as TableRows).apply(act, against);
    const statements = typeof made === 'string' || finding.verdict !== 'ready' ? { sql: null, childrenSql: [], guardedSql: null } : made;
    yield { entry: entryOf(logged, today, change, finding, act), ...statements };
  }
}

/** What is sent for an act, if the server takes statements of that length. */
function madeOf({ sql: known }: Acting, today: TodayTable, act: UndoAct, packet: number): Omit<UndoStatement, 'entry'> | 'too-long' {
  const sql = known ?? sqlOf(today, act);
  const childrenSql = act.kind === 'insert' ? [] : childrenSqlOf(today, act);
  const guardedSql = guarded(today, sql, childrenSql);
  // The command has a byte of its own.
  return Buffer.byteLength(guardedSql ?? sql) + 1 >= packet ? 'too-long' : { sql, childrenSql, guardedSql };
}

/** What keeps a change from being taken back, whatever its row is. */
function standsAgainst(change: SingleChange, act: UndoAct, { today, cascades }: KnownTable): UndoVerdict | null {
  if (today.triggers.has({ insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' }[act.kind])) return 'trigger';
  if (unmakeableIn(act, today)) return 'json-type';
  return cascades !== null && madeKeysAct(cascades, change) ? 'cascade' : null;
}

/** Whether an act would write, or look for, a document with a value that no statement of the server makes, or tells from others. */
export function unmakeableIn(act: UndoAct, { columns, key }: Pick<TodayTable, 'columns' | 'key'>): boolean {
  const cells = act.kind === 'insert' ? [...act.row] : act.kind === 'delete' ? [...act.found] : [...act.found, ...act.set];
  return cells.some(([name, cell]) => {
    const column = columns.get(name);
    return !isMakeable(column ?? {}, cell) || (key.length === 0 && column?.form.kind === 'json' && !isTellable(cell));
  });
}

/** The statement that takes one change back, on a table of whatever name; it writes exactly one row or none. */
export function sqlOf(table: TodayTable, act: UndoAct): string {
  if (act.kind === 'insert') return insertSql(table, act.row);
  return act.kind === 'delete' ? deleteSql(table, act.found) : updateSql(table, act.found, act.set);
}

/**
 * For each foreign key: whether a row refers to this one, as the server compares them, and as it is now: the look locks what it sees and the gap
 * where such a row would come. Every series takes this form of it.
 */
export function childrenSqlOf(table: TodayTable, act: Exclude<UndoAct, { kind: 'insert' }>): readonly string[] {
  return table.children.flatMap(({ database, table: child, columns, others }) => {
    if (act.kind === 'update' && !columns.some((column) => act.set.has(column))) return [];
    const condition = equals(table, act.found, columns, others);
    return condition === null ? [] : [`SELECT 1 AS there FROM ${quoteTable(database, child)} WHERE ${condition} LIMIT 1 LOCK IN SHARE MODE`];
  });
}

/** A question of its own for every row would be most of what an undo takes. No statement asks about the table that it writes (1093). */
export function guarded({ database, table, key, children }: TodayTable, sql: string, childrenSql: readonly string[]): string | null {
  const isItself = (child: TodayTable['children'][number]): boolean => nameOf(child).toLowerCase() === nameOf({ database, table }).toLowerCase();
  if (childrenSql.length === 0 || key.length === 0 || children.some(isItself)) return null;
  return `${sql}${childrenSql.map((one) => ` AND NOT EXISTS (${one})`).join('')}`;
}

const longestText = 300;

/** A value as it is listed; undefined: it is not there. */
export function shown(cell: Cell | undefined): string | null | undefined {
  if (cell === undefined || cell === null) return cell;
  const text = cellText(cell);
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

function entryOf(logged: Acting['logged'], today: TodayTable, change: SingleChange, finding: UndoFinding, act: UndoAct | null): UndoEntry {
  const { before, after } = change;
  const image = after ?? before ?? new Map<string, Cell>();
  const cell = (name: string, now: Cell | undefined, back: Cell | undefined): UndoCell => {
    const [shownNow, shownBack] = [shown(now), shown(back)];
    return { name, ...(shownNow === undefined ? {} : { now: shownNow }), ...(shownBack === undefined ? {} : { back: shownBack }) };
  };
  const is = finding.now ?? image;
  // A part of the key that a change left alone stands in its other image only, where images are partial.
  const keyed = (name: string): Cell | undefined => (image.has(name) ? image.get(name) : before?.get(name));
  const cells = act === null ? []
    : act.kind === 'insert' ? [...act.row].map(([name, back]) => cell(name, undefined, back))
      : act.kind === 'delete' ? [...act.found].map(([name]) => cell(name, is.get(name), undefined))
        : [...act.set].map(([name, back]) => cell(name, is.get(name), back));
  return {
    database: logged.database, table: logged.table, act: act?.kind ?? ({ insert: 'delete', update: 'update', delete: 'insert' } as const)[change.kind],
    key: today.key.map((name) => cell(name, keyed(name), undefined)), cells, verdict: finding.verdict, differs: finding.columns,
  };
}
