import type { Image } from '../../../../shared/domain/binlog/cell';
import type { DossierEntry, NamedCells, RefusalWhy } from '../../../../shared/domain/promotion/dossier/dossier';
import { equals } from '../../../comparison/logged/lookup';
import { byKey, deleteSql, insertSql, updateSql } from '../../../comparison/logged/sql';
import { quoteTable } from '../../../mysql/quote';
import type { TodayTable } from '../../../comparison/logged/tables-today';

/** A lost change as a statement for the new primary, and the one that takes it back; each does nothing where the row is another by then. */
export interface EntrySql {
  readonly apply: string;
  readonly undo: string;
  readonly event: 'INSERT' | 'UPDATE' | 'DELETE';
}

export const imageOf = (cells: NamedCells): Image => new Map(cells);

/** null: its class is none that is applied. */
export function entrySql(entry: Pick<DossierEntry, 'class' | 'before' | 'after' | 'today' | 'changed'>, table: TodayTable): EntrySql | null {
  const [before, after, today] = [entry.before, entry.after, entry.today].map((cells) => (cells === null ? null : imageOf(cells)));
  if (entry.class === 'insert-free' && after) {
    return { event: 'INSERT', apply: insertSql(table, after), undo: unreferred(deleteSql(table, after), table, after, null) };
  }
  if (entry.class === 'delete-applies' && before && today) {
    return { event: 'DELETE', apply: unreferred(deleteSql(table, before), table, before, null), undo: insertSql(table, today) };
  }
  if ((entry.class === 'update-applies' || entry.class === 'update-mergeable') && before && after && today) {
    // Only what the change changed is written, and only that has to be as it found it: what others changed beside it stays.
    const set = pick(after, entry.changed);
    const held = table.key.length === 0 ? before : pick(before, entry.changed.filter((name) => !isDone(set, today, name)));
    // Without a key nothing but the whole row says which one is meant.
    const made = table.key.length === 0 ? today : pick(today, table.key);
    return {
      event: 'UPDATE',
      apply: unreferred(updateSql(table, new Map([...pick(today, table.key), ...held]), set), table, today, entry.changed),
      undo: unreferred(updateSql(table, new Map([...made, ...set]), pick(today, entry.changed)), table, new Map([...today, ...set]), entry.changed),
    };
  }
  return null;
}

/** What applying a statement would do beside, or otherwise than it was, whatever the rows are by then. `isOff`: see `inOneOffset`. */
export function standsAgainst({ triggers }: TodayTable, { event }: Pick<EntrySql, 'event'>, isOff: 'stored' | 'key' | null): RefusalWhy | null {
  if (triggers.has(event)) return 'triggers';
  return isOff === 'key' || (isOff === 'stored' && event !== 'DELETE') ? 'zone' : null;
}

/**
 * A statement that does nothing as long as rows of other tables refer to its row: a cascade would take them along, which nobody lost. `changed`: the
 * columns that it sets; null: the row goes.
 */
function unreferred(sql: string, table: TodayTable, row: Image, changed: readonly string[] | null): string {
  const guards = table.children.flatMap((child) => {
    const columns = child.columns.map((name) => columnOf(table, name));
    if (changed !== null && !changed.some((column) => columns.includes(column))) return [];
    // NULL is referred to by nobody; what is not known may be.
    if (columns.some((column) => row.get(column) === null)) return [];
    const condition = equals(table, row, columns, child.others);
    return [condition === null ? ' AND FALSE' : ` AND NOT EXISTS (${referring(table, child, row, condition)})`];
  });
  const limit = / LIMIT 1$/.exec(sql)?.[0] ?? '';
  return `${sql.slice(0, sql.length - limit.length)}${guards.join('')}${limit}`;
}

function referring(table: TodayTable, { database, table: name }: TodayTable['children'][number], row: Image, condition: string): string {
  const isItself = isSame(database, table.database) && isSame(name, table.table);
  // A row may refer to itself, which goes with it.
  const others = isItself && table.key.length > 0 ? ` AND NOT (${byKey(table, row)})` : '';
  const found = `SELECT 1 FROM ${quoteTable(database, name)} WHERE ${condition}${others} LIMIT 1`;
  // A table that is written is asked about itself by way of another that the server makes of it (1093).
  return isItself ? `SELECT 1 FROM (${found}) AS referring` : found;
}

/** Names of columns, and on some servers of tables, differ by case and mean the same. */
const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const columnOf = (table: TodayTable, name: string): string => [...table.columns.keys()].find((one) => isSame(one, name)) ?? name;

function pick(image: Image, names: readonly string[]): Image {
  return new Map(names.flatMap((name) => {
    const cell = image.get(name);
    return cell === undefined ? [] : [[name, cell] as const];
  }));
}

/** The new primary has the value already, from elsewhere. */
function isDone(set: Image, today: Image, name: string): boolean {
  return JSON.stringify(set.get(name)) === JSON.stringify(today.get(name));
}
