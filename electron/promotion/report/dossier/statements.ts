import type { Image } from '../../../../shared/domain/binlog/cell';
import type { DossierEntry, NamedCells } from '../../../../shared/domain/promotion/dossier/dossier';
import { deleteSql, insertSql, updateSql } from '../../../comparison/logged/sql';
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
  if (entry.class === 'insert-free' && after) return { event: 'INSERT', apply: insertSql(table, after), undo: deleteSql(table, after) };
  if (entry.class === 'delete-applies' && before && today) return { event: 'DELETE', apply: deleteSql(table, before), undo: insertSql(table, today) };
  if ((entry.class === 'update-applies' || entry.class === 'update-mergeable') && before && after && today) {
    // Only what the change changed is written, and only that has to be as it found it: what others changed beside it stays.
    const set = pick(after, entry.changed);
    const held = table.key.length === 0 ? before : pick(before, entry.changed.filter((name) => !isDone(set, today, name)));
    // Without a key nothing but the whole row says which one is meant.
    const made = table.key.length === 0 ? today : pick(today, table.key);
    return {
      event: 'UPDATE',
      apply: updateSql(table, new Map([...pick(today, table.key), ...held]), set),
      undo: updateSql(table, new Map([...made, ...set]), pick(today, entry.changed)),
    };
  }
  return null;
}

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
