// What the server holds around the rows of acts, before any is carried out: who has the values of unique keys, parents, and children.
import type { Image } from '../../../shared/domain/binlog/cell';
import type { Around, Bound, Reference } from '../../../shared/domain/operations/rollback/undo-around';
import type { TableRows, UndoAct } from '../../../shared/domain/operations/rollback/undo';
import { anyMeets, equals, rowsMeeting, type Question } from '../../comparison/logged/lookup';
import { readTodayTable, type TodayTable } from '../../comparison/logged/tables-today';
import type { Session } from '../../mysql/types';

export const nameOf = ({ database, table }: { readonly database: string; readonly table: string }): string => `${database}.${table}`;

const known = new WeakMap<TodayTable, Bound>();

/** What the rows of a table are bound to: one and the same for a table, whose parts are known by themselves. */
export function boundOf(table: TodayTable): Bound {
  const there = known.get(table);
  if (there !== undefined) return there;
  const reference = (key: TodayTable['parents'][number]): Reference => ({ other: nameOf(key), columns: key.columns, others: key.others });
  const bound: Bound = {
    name: nameOf(table), parents: table.parents.map(reference), children: table.children.map(reference),
    // Of a part of a column, or an expression, only the server can tell.
    uniques: table.uniques.flatMap(({ columns }) => (columns.some((column) => column === null) ? [] : [columns.filter((column) => column !== null)])),
  };
  known.set(table, bound);
  return bound;
}

interface Acting {
  readonly logged: { readonly database: string; readonly table: string };
  readonly act: UndoAct | 'partial-image';
}

interface Weighed<Given> {
  readonly acting: Given;
  /** The row as it is, and as it would be. */
  readonly now: Image | null;
  readonly result: Image | null;
}

/** By act. `rows`: as they were read, with nothing taken back yet. */
export async function readAround<Given extends Acting>(
  session: Session, tables: ReadonlyMap<string, TodayTable>, acts: readonly Given[], rows: ReadonlyMap<string, TableRows>,
): Promise<ReadonlyMap<Given, Around>> {
  const found = new Map<Given, { holders: Around['holders'][number][]; parents: Set<Reference>; children: Around['children'][number][] }>();
  const of = (acting: Given): NonNullable<ReturnType<typeof found.get>> => {
    const there = found.get(acting) ?? { holders: [], parents: new Set<Reference>(), children: [] };
    found.set(acting, there);
    return there;
  };
  const others = new Map<string, TodayTable | null>(tables);
  for (const [name, table] of tables) {
    const some = acts.flatMap((acting) => (nameOf(acting.logged) === name ? weighed(acting, rows.get(name)) : []));
    const { uniques, parents, children } = boundOf(table);
    for (const columns of uniques) {
      const asked = questions(some, columns, ({ result }) => (result === null ? null : equals(table, result, columns)));
      const taken = await anyMeets(session, table, asked);
      const held = await rowsMeeting(session, table, asked.filter(({ index }) => taken.has(index)), whole(table, columns), 2);
      for (const { index, row } of held) of(some[index]?.acting as Given).holders.push({ columns, row });
    }
    for (const [at, parent] of parents.entries()) {
      const asked = questions(some, parent.columns, ({ result }) => (result === null ? null : equals(table, result, parent.columns, parent.others)));
      const key = table.parents[at] as TodayTable['parents'][number];
      for (const index of await anyMeets(session, key, asked)) of(some[index]?.acting as Given).parents.add(parent);
    }
    for (const [at, reference] of children.entries()) {
      const going = ({ now }: Weighed<Given>): string | null => (now === null ? null : equals(table, now, reference.columns, reference.others));
      const key = table.children[at] as TodayTable['children'][number];
      const asked = questions(some, reference.columns, going);
      const referred = await anyMeets(session, key, asked);
      const left = asked.filter(({ index }) => referred.has(index));
      if (left.length === 0) continue;
      if (!others.has(reference.other)) others.set(reference.other, await readTodayTable(session, key.database, key.table));
      const child = others.get(reference.other) ?? null;
      const most = rows.get(reference.other)?.size ?? 0;
      // More than are undone, or of a table that is not undone but for this row itself.
      const referring = child === null ? [] : await rowsMeeting(session, child, left, whole(child, reference.others), most + 1);
      const byIndex = new Map<number, Image[]>();
      for (const { index, row } of referring) byIndex.set(index, [...byIndex.get(index) ?? [], row]);
      for (const { index } of left) {
        const images = byIndex.get(index) ?? [];
        const isKnown = images.length > 0 && images.length <= most;
        of(some[index]?.acting as Given).children.push({ reference, rows: isKnown ? images : 'unknown' });
      }
    }
  }
  return found;
}

function weighed<Given extends Acting>(acting: Given, rows: TableRows | undefined): readonly Weighed<Given>[] {
  const { act } = acting;
  if (act === 'partial-image') return [];
  if (act.kind === 'insert') return [{ acting, now: null, result: act.row }];
  const now = new Map([...rows?.rowOf(act.found) ?? [], ...act.found]);
  return [{ acting, now, result: act.kind === 'delete' ? null : new Map([...now, ...act.set]) }];
}

/** About those acts that write any of some columns. */
function questions<Given>(some: readonly Weighed<Given>[], columns: readonly string[], asks: (one: Weighed<Given>) => string | null): readonly Question[] {
  return some.flatMap((one, index) => {
    const { now, result } = one;
    const isWritten = now === null || result === null || columns.some((column) => JSON.stringify(now.get(column)) !== JSON.stringify(result.get(column)));
    const condition = isWritten ? asks(one) : null;
    return condition === null ? [] : [{ index, condition }];
  });
}

/** The key of a row with some of its columns; without a key all of it. */
function whole({ key, kinds }: TodayTable, columns: readonly string[]): readonly string[] {
  return key.length === 0 ? [...kinds.keys()] : [...new Set([...key, ...columns])];
}
