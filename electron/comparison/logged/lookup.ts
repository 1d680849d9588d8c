import type { Image } from '../../../shared/domain/binlog/cell';
import { changedColumns, type Today } from '../../../shared/domain/promotion/dossier/classify';
import type { NetChange } from '../../../shared/domain/promotion/dossier/net';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import { byKey, cellLiteral } from './sql';
import { cellOfAnswer, type TodayTable } from './tables-today';

/** Rows that one statement looks for. */
const batch = 100;
/** Characters of the conditions of one statement: values may be long. */
const conditionLimit = 1_000_000;

interface Wanted {
  /** Which of the questions it answers. */
  readonly index: number;
  readonly condition: string;
  /** How the key of such a row is read; null: only the server can tell. */
  readonly key: string | null;
}

/**
 * What the new primary holds today where changes of a table would go. With `lock` the rows are locked as they are read, within a transaction:
 * they stay as they are until it ends.
 */
export async function readToday(session: Session, table: TodayTable, changes: readonly NetChange[], lock: boolean): Promise<readonly Today[]> {
  const at = (index: number, image: Image): Wanted => ({ index, condition: byKey(table, image), key: plainKey(table, image) });
  const targets = await rowsFor(session, table, changes.map(({ before, after }, index) => at(index, (before ?? after) as Image)), lock);
  const moving = changes.flatMap((change, index) => (moves(table, change) ? [at(index, overlaid(change.before, change.after) as Image)] : []));
  const destinations = await rowsFor(session, table, moving, lock);
  const results = changes.map((change, index) => resultOf(change, targets.get(index) ?? null));
  const collisions = await readCollisions(session, table, changes, results);
  const missing = await readMissingParents(session, table, changes, results);
  return changes.map((_, index) => ({
    target: targets.get(index) ?? null, destination: destinations.get(index) ?? null,
    collisions: collisions.get(index) ?? [], missingParents: missing.get(index) ?? [],
  }));
}

/** The rows that are there under the keys of some images, or, without a key, equal to them: at the place of each; null: none is. */
export async function rowsLike(session: Session, table: TodayTable, images: readonly Image[]): Promise<readonly (Image | null)[]> {
  const wanted = images.map((image, index): Wanted => ({ index, condition: byKey(table, image), key: plainKey(table, image) }));
  const found = await rowsFor(session, table, wanted, false);
  return images.map((_, index) => found.get(index) ?? null);
}

/** How often rows that are equal to some images are there, of a table without a key, at the place of each. */
export async function countsOf(session: Session, table: TodayTable, images: readonly Image[]): Promise<readonly number[]> {
  const counts = images.map(() => 0);
  for (const some of batches(images.map((image, index) => ({ index, condition: byKey(table, image), key: null })))) {
    const sums = some.map(({ condition }, i) => `SUM(${condition}) AS c${String(i)}`).join(', ');
    const [row] = await session.query<Record<string, number | string | null>>(`SELECT ${sums} ${from(table, some, false)}`);
    some.forEach(({ index }, i) => { counts[index] = Number(row?.[`c${String(i)}`] ?? 0); });
  }
  return counts;
}

function moves(table: TodayTable, change: NetChange): boolean {
  return change.before !== null && change.after !== null && changedColumns(change, table).some((column) => table.key.includes(column));
}

/** The row as it would be; null: the change writes none. */
function resultOf({ before, after }: NetChange, target: Image | null): Image | null {
  if (after === null) return null;
  return before === null ? after : overlaid(target ?? before, after);
}

function overlaid(under: Image | null, over: Image | null): Image {
  return new Map([...(under ?? []), ...(over ?? [])]);
}

/** The key of a row as text, where it is of numbers: equal texts are equal keys, which holds for nothing that a collation compares. */
function plainKey(table: TodayTable, image: Image): string | null {
  if (table.key.length === 0) return null;
  const values = table.key.map((name) => (table.columns.get(name)?.form.kind === 'number' ? image.get(name) : null));
  return values.every((value) => typeof value === 'string') ? values.join(' ') : null;
}

/** The rows that the conditions find, by index. */
async function rowsFor(session: Session, table: TodayTable, wanted: readonly Wanted[], lock: boolean): Promise<Map<number, Image>> {
  const columns = [...table.columns.values()];
  const select = columns.map((column, i) => `${column.select} AS c${String(i)}`).join(', ');
  const imageOf = (row: Record<string, unknown>): Image => new Map(columns.map((column, i) => [column.name, cellOfAnswer(column, row[`c${String(i)}`])]));
  const found = new Map<number, Image>();
  const byServer: Wanted[] = wanted.filter(({ key }) => key === null);
  for (const some of batches(wanted.filter(({ key }) => key !== null))) {
    const rows = (await session.query<Record<string, unknown>>(`SELECT ${select} ${from(table, some, lock)}`)).map(imageOf);
    const rowsByKey = new Map(rows.map((row) => [plainKey(table, row), row]));
    const met = some.filter(({ key }) => rowsByKey.has(key));
    // A row that is there under a key that reads otherwise: the server tells whose it is.
    if (new Set(met.map(({ key }) => key)).size < rows.length) byServer.push(...some);
    else for (const { index, key } of met) found.set(index, rowsByKey.get(key) as Image);
  }
  for (const { index, row } of await all<Record<string, unknown>>(session, table, byServer, select, lock)) found.set(index, imageOf(row));
  return found;
}

const from = ({ database, table }: Pick<TodayTable, 'database' | 'table'>, wanted: readonly Wanted[], lock: boolean): string =>
  `FROM ${quoteTable(database, table)} WHERE ${wanted.map(({ condition }) => `(${condition})`).join(' OR ')}${lock ? ' FOR UPDATE' : ''}`;

/** Runs the conditions some at a time; each row with the index of each condition that it meets. */
async function all<Row>(
  session: Session, table: Pick<TodayTable, 'database' | 'table'>, wanted: readonly Wanted[], select: string, lock: boolean,
): Promise<readonly { readonly index: number; readonly row: Row }[]> {
  const found: { index: number; row: Row }[] = [];
  for (const some of batches(wanted)) {
    // Which of the conditions a row meets is said by the server, whose collations decide.
    const which = some.map(({ condition }, i) => `IF(${condition}, ${String(i)}, NULL)`).join(', ');
    const rows = await session.query<Row & { which: string }>(`SELECT CONCAT_WS(',', ${which}) AS which, ${select} ${from(table, some, lock)}`);
    for (const row of rows) for (const i of row.which.split(',')) found.push({ index: (some[Number(i)] as Wanted).index, row });
  }
  return found;
}

function* batches(wanted: readonly Wanted[]): Generator<readonly Wanted[]> {
  let some: Wanted[] = [];
  let length = 0;
  for (const one of wanted) {
    if (some.length > 0 && (some.length >= batch || length + one.condition.length > conditionLimit)) {
      yield some;
      [some, length] = [[], 0];
    }
    some.push(one);
    length += one.condition.length;
  }
  if (some.length > 0) yield some;
}

/**
 * `a = 1 AND b = 2` over the values of a row, compared by the columns' own collations; `names`: as they are called on the other end of a foreign
 * key. null: one of them is NULL, unknown or in part.
 */
export function equals(table: TodayTable, row: Image, columns: readonly (string | null)[], names: readonly (string | null)[] = columns): string | null {
  const parts = columns.map((name, i) => {
    const column = name === null ? undefined : table.columns.get(name);
    const cell = column === undefined ? undefined : row.get(column.name);
    if (column === undefined || cell === null || cell === undefined || (typeof cell === 'object' && 'changes' in cell)) return null;
    const id = quoteId(names[i] ?? column.name);
    // A FLOAT is held against a DOUBLE, which is never equal to it otherwise.
    return `${column.form.kind === 'float' ? `(${id} * 1e0)` : id} = ${cellLiteral(column, cell)}`;
  });
  return parts.includes(null) ? null : parts.join(' AND ');
}

const touches = (table: TodayTable, change: NetChange, columns: readonly (string | null)[]): boolean =>
  change.before === null || changedColumns(change, table).some((column) => columns.includes(column));

async function readCollisions(
  session: Session, table: TodayTable, changes: readonly NetChange[], results: readonly (Image | null)[],
): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>();
  for (const { name, columns } of table.uniques) {
    const wanted = changes.flatMap((change, index): Wanted[] => {
      const row = results[index] ?? null;
      if (row === null || !touches(table, change, columns)) return [];
      const condition = equals(table, row, columns);
      if (condition === null) return [];
      const itself = table.key.length === 0 || change.before === null ? '' : ` AND NOT (${byKey(table, change.before)})`;
      return [{ index, condition: condition + itself, key: null }];
    });
    for (const { index } of await all(session, table, wanted, '1', false)) found.set(index, [...(found.get(index) ?? []).filter((one) => one !== name), name]);
  }
  return found;
}

async function readMissingParents(
  session: Session, table: TodayTable, changes: readonly NetChange[], results: readonly (Image | null)[],
): Promise<Map<number, string[]>> {
  const missing = new Map<number, string[]>();
  for (const parent of table.parents) {
    const { name, columns, others, database } = parent;
    const wanted = changes.flatMap((change, index): Wanted[] => {
      const row = results[index] ?? null;
      if (row === null || !touches(table, change, columns) || isOwnParent(table, parent, row)) return [];
      const condition = equals(table, row, columns, others);
      return condition === null ? [] : [{ index, condition, key: null }];
    });
    const there = new Set((await all(session, { database, table: parent.table }, wanted, '1', false)).map(({ index }) => index));
    for (const { index } of wanted) if (!there.has(index)) missing.set(index, [...(missing.get(index) ?? []), name]);
  }
  return missing;
}

/** A row that refers to itself brings its parent along. */
function isOwnParent(table: TodayTable, { database, table: name, columns, others }: TodayTable['parents'][number], row: Image): boolean {
  if (database !== table.database || name !== table.table) return false;
  return columns.every((column, i) => JSON.stringify(row.get(column)) === JSON.stringify(row.get(others[i] ?? '')));
}

/** A question about rows of a table. */
export interface Question {
  readonly index: number;
  readonly condition: string;
}

/** Which of the questions any row of a table meets: no more than that is sent of them. */
export async function anyMeets(
  session: Session, { database, table }: Pick<TodayTable, 'database' | 'table'>, questions: readonly Question[],
): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  for (const some of batches(questions.map((one) => ({ ...one, key: null })))) {
    const asked = some.map(({ condition }, i) => `EXISTS (SELECT 1 FROM ${quoteTable(database, table)} WHERE ${condition}) AS c${String(i)}`);
    const [row] = await session.query<Record<string, number | string>>(`SELECT ${asked.join(', ')}`);
    some.forEach(({ index }, i) => { if (Number(row?.[`c${String(i)}`]) === 1) found.add(index); });
  }
  return found;
}

/** The rows that meet questions, by some columns of theirs; at most so many for each. */
export async function rowsMeeting(
  session: Session, table: TodayTable, questions: readonly Question[], names: readonly string[], most: number,
): Promise<readonly { readonly index: number; readonly row: Image }[]> {
  const columns = names.flatMap((name) => table.columns.get(name) ?? []);
  const select = columns.map((column, i) => `${column.select} AS c${String(i)}`).join(', ');
  const found: { index: number; row: Image }[] = [];
  for (const some of batches(questions.map((one) => ({ ...one, key: null })))) {
    const each = some.map(({ index, condition }) =>
      `(SELECT ${String(index)} AS asked, ${select} FROM ${quoteTable(table.database, table.table)} WHERE ${condition} LIMIT ${String(most)})`);
    for (const row of await session.query<Record<string, unknown>>(each.join(' UNION ALL '))) {
      found.push({ index: Number(row['asked']), row: new Map(columns.map((column, i) => [column.name, cellOfAnswer(column, row[`c${String(i)}`])])) });
    }
  }
  return found;
}

/** Which rows have others that refer to them: removing them, or changing what is referred to, would change those too. */
export async function readChildren(
  session: Session, table: TodayTable, rows: readonly (Image | null)[], changed: readonly (readonly string[] | null)[],
): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  for (const { database, table: name, columns, others } of table.children) {
    const wanted = rows.flatMap((row, index): Question[] => {
      const set = changed[index];
      if (row === null || set === undefined || (set !== null && !set.some((column) => columns.includes(column)))) return [];
      const condition = equals(table, row, columns, others);
      return condition === null ? [] : [{ index, condition }];
    });
    for (const index of await anyMeets(session, { database, table: name }, wanted)) found.add(index);
  }
  return found;
}
