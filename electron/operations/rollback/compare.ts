// A table and its copy of another moment on one server, held against each other by their key: rows that one alone has, and rows that differ.
import type { Image } from '../../../shared/domain/binlog/cell';
import { sameCell } from '../../../shared/domain/binlog/cell';
import { mostCompared, rowDifferences, type ComparedRow, type RowDifference, type TableComparison } from '../../../shared/domain/operations/rollback/compare';
import type { NewName } from '../../../shared/domain/operations/rollback/names';
import type { UndoCell } from '../../../shared/domain/operations/rollback/undo-plan';
import { failure } from '../../../shared/errors/codes';
import { rowsLike } from '../../comparison/logged/lookup';
import { statementSession } from '../../comparison/logged/sql';
import { cellOfAnswer, readTodayTable, type TodayColumn, type TodayTable } from '../../comparison/logged/tables-today';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { LiveSession } from '../../mysql/session/session';
import { unhurried } from '../../mysql/session/setup';
import type { Session } from '../../mysql/types';
import { shown } from './undo-reading';

/** Both tables, of the same columns and under the same key. */
export interface ComparedPair {
  readonly original: TodayTable;
  readonly copy: TodayTable;
}

/** A row that differs: as the original has it and as its copy has it; null: it is not there. */
export interface DifferingRow {
  readonly id: string;
  readonly difference: RowDifference;
  readonly now: Image | null;
  readonly back: Image | null;
}

/** Reads both in one moment. @throws Failure `rollback-not-comparable` */
export async function compareTables(session: LiveSession, recordId: string, name: NewName): Promise<TableComparison> {
  await openMoment(session);
  const pair = await pairOf(session, name);
  const counts = { missing: 0, extra: 0, changed: 0 };
  const rows: ComparedRow[] = [];
  for (const difference of rowDifferences) {
    const found = await differingKeys(session, pair, difference, mostCompared);
    counts[difference] = found.length < mostCompared ? found.length : await countOf(session, pair, difference);
    for await (const row of differingRows(session, pair, difference, listed(found))) rows.push(comparedRow(pair, row));
  }
  return { recordId, name, counts, rows };
}

/** As many as may be read to be listed: the first of them, and none that is very long by itself. */
function listed(keys: readonly DifferingKey[]): readonly DifferingKey[] {
  let bytes = 0;
  return keys.filter((one) => one.bytes <= bytesAtOnce && (bytes += one.bytes) <= mostListedBytes);
}

/** Everything that is read from here on is of one moment. */
export async function openMoment(session: LiveSession): Promise<void> {
  for (const sql of statementSession('+00:00')) await session.run(sql);
  await session.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await session.run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
}

export async function pairOf(session: Session, { database, table, newDatabase, newTable }: NewName): Promise<ComparedPair> {
  const read = async (of: string, name: string): Promise<TodayTable> => {
    const found = await readTodayTable(session, of, name);
    if (found === null) throw failure('not-found', { kind: 'table', name: `${of}.${name}` });
    return found;
  };
  const [original, copy] = [await read(database, table), await read(newDatabase, newTable)];
  const refuse = (why: 'key' | 'columns'): Error =>
    failure('rollback-not-comparable', { table: `${database}.${table}`, copy: `${newDatabase}.${newTable}`, why });
  if (original.key.length === 0) throw refuse('key');
  if (original.key.join('\0') !== copy.key.join('\0') || await columnsText(session, original) !== await columnsText(session, copy)) throw refuse('columns');
  return { original, copy };
}

async function columnsText(session: Session, { database, table }: TodayTable): Promise<string> {
  const rows = await session.query<{ name: string; type: unknown; collation: string | null }>(
    `SELECT COLUMN_NAME AS name, COLUMN_TYPE AS type, COLLATION_NAME AS collation FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY 1`, [database, table],
  );
  return JSON.stringify(rows.map(({ name, type, collation }) => [name, String(type), collation]));
}

/** A row that differs, known by its key; `bytes`: about what both of it hold. */
export interface DifferingKey {
  readonly id: string;
  readonly key: Image;
  readonly bytes: number;
}

/** What is read of rows at once, bytes: values may be long, and each is read from both tables. */
const bytesAtOnce = 8_000_000;
const rowsAtOnce = 100;
/** Most that is read of the rows of one kind to list them, bytes. */
const mostListedBytes = 32_000_000;

/** Rows that differ in one way, in the order of the key. `among`: of these alone, wherever they stand. */
export async function differingKeys(
  session: Session, pair: ComparedPair, difference: RowDifference, most: number, among: ReadonlySet<string> | null = null,
): Promise<readonly DifferingKey[]> {
  const { original, copy } = pair;
  const outer = difference === 'missing' ? copy : original;
  const columns = outer.key.flatMap((name) => outer.columns.get(name) ?? []);
  const select = columns.map((column, i) => `${column.select} AS c${String(i)}`).join(', ');
  const order = outer.key.map((name) => `a.${quoteId(name)}`).join(', ');
  const sql = `SELECT ${unhurried} ${select}, ${lengthSql(original)} AS bytes ${fromSql(pair, difference)} ORDER BY ${order}`;
  const told = (row: Record<string, unknown>): DifferingKey => {
    const key: Image = new Map(columns.map((column, i) => [column.name, cellOfAnswer(column, row[`c${String(i)}`])]));
    return { id: JSON.stringify([...key.values()]), key, bytes: Number(row['bytes']) * (difference === 'changed' ? 2 : 1) };
  };
  if (among === null) return (await session.query(`${sql} LIMIT ${String(most)}`)).map(told);
  const found: DifferingKey[] = [];
  for await (const row of session.stream(sql)) {
    const one = told(row);
    if (among.has(one.id)) found.push(one);
  }
  return found;
}

/** About how long the values of a row are: of what may be long. */
function lengthSql({ columns }: TodayTable): string {
  const long = [...columns.values()].filter(({ form: { kind } }) => ['text', 'word', 'bytes', 'shape', 'json'].includes(kind));
  return ['0', ...long.map(({ name }) => `IFNULL(LENGTH(a.${quoteId(name)}), 0)`)].join(' + ');
}

/** The rows of both, some at a time, so that what is read at once has a bound. */
export async function* differingRows(
  session: Session, pair: ComparedPair, difference: RowDifference, keys: readonly DifferingKey[],
): AsyncGenerator<DifferingRow> {
  const { original, copy } = pair;
  for (const some of slices(keys)) {
    const images = some.map(({ key }) => key);
    const now = difference === 'missing' ? [] : await rowsLike(session, original, images);
    const back = difference === 'extra' ? [] : await rowsLike(session, copy, images);
    for (const [at, { id }] of some.entries()) yield { id, difference, now: now[at] ?? null, back: back[at] ?? null };
  }
}

function* slices(keys: readonly DifferingKey[]): Generator<readonly DifferingKey[]> {
  let [some, bytes]: [DifferingKey[], number] = [[], 0];
  for (const one of keys) {
    if (some.length > 0 && (some.length === rowsAtOnce || bytes + one.bytes > bytesAtOnce)) {
      yield some;
      [some, bytes] = [[], 0];
    }
    some.push(one);
    bytes += one.bytes;
  }
  if (some.length > 0) yield some;
}

async function countOf(session: Session, pair: ComparedPair, difference: RowDifference): Promise<number> {
  const [row] = await session.query<{ n: number | string }>(`SELECT ${unhurried} COUNT(*) AS n ${fromSql(pair, difference)}`);
  return Number(row?.n);
}

function fromSql({ original, copy }: ComparedPair, difference: RowDifference): string {
  const [outer, inner] = difference === 'missing' ? [copy, original] : [original, copy];
  const key = outer.key.map((name) => `b.${quoteId(name)} = a.${quoteId(name)}`).join(' AND ');
  const differs = [...original.columns.values()].filter(({ isGenerated }) => !isGenerated).map((column) => `NOT (${equalSql(column)})`).join(' OR ');
  const nameOf = ({ database, table }: TodayTable): string => quoteTable(database, table);
  return `FROM ${nameOf(outer)} AS a WHERE ${difference === 'changed' ? '' : 'NOT '}EXISTS (SELECT 1 FROM ${nameOf(inner)} AS b WHERE ${key}`
    + `${difference === 'changed' ? ` AND (${differs})` : ''})`;
}

/** To the last byte: what a collation, or a comparison of documents, takes for equal differs all the same. */
function equalSql({ name, form: { kind } }: TodayColumn): string {
  const [a, b] = [`a.${quoteId(name)}`, `b.${quoteId(name)}`];
  if (kind === 'text' || kind === 'word') return `CAST(${a} AS BINARY) <=> CAST(${b} AS BINARY)`;
  if (kind === 'bytes' || kind === 'shape') return `HEX(${a}) <=> HEX(${b})`;
  if (kind === 'json') return `${a} <=> ${b} AND CAST(CAST(${a} AS CHAR) AS BINARY) <=> CAST(CAST(${b} AS CHAR) AS BINARY)`;
  return `${a} <=> ${b}`;
}

function comparedRow({ original: { key, columns } }: ComparedPair, { id, difference, now, back }: DifferingRow): ComparedRow {
  const cell = (name: string): UndoCell => {
    const [a, b] = [shown(now?.get(name)), shown(back?.get(name))];
    return { name, ...(a === undefined ? {} : { now: a }), ...(b === undefined ? {} : { back: b }) };
  };
  const plain = [...columns.values()].filter(({ isGenerated }) => !isGenerated);
  const differing = plain.filter(({ name, form: { kind } }) => !sameCell(kind, now?.get(name) ?? null, back?.get(name) ?? null));
  const listed = difference !== 'changed' || differing.length === 0 ? plain : differing;
  return { id, difference, key: key.map(cell), cells: listed.map(({ name }) => cell(name)) };
}
