import type { Cell } from '../../../shared/domain/binlog/cell';
import type { LoggedTable } from '../../mysql/binlog/logged-tables';

type Values = readonly (Cell | 0)[];

/**
 * Tells which changes are of one row. Under a key a row is known by it, also after it moved to another; without one rows that are equal are
 * interchangeable, and what a transaction made is what a later one changes. Memory grows with rows that moved or have no key, not with the others.
 */
export class Identities {
  /** Keys under which there is another row than their own name says. */
  private readonly moved = new Map<string, string>();
  /** Rows without a key that are there by a change seen before, by their values. */
  private readonly keyless = new Map<string, string[]>();
  private made = 0;

  of(table: LoggedTable, kind: 'insert' | 'update' | 'delete', before: Values | null, after: Values | null): string {
    const prefix = `${table.database}\0${table.table}\0`;
    if (table.key.length === 0) return this.withoutKey(prefix, kind, before, after);
    const at = prefix + keyText(table.key, before ?? after);
    const id = this.moved.get(at) ?? at;
    if (kind !== 'update') return id;
    const to = prefix + keyText(table.key, after, before);
    if (to === at) return id;
    this.moved.set(to, id);
    // Whatever comes to the place that was left is another row.
    this.moved.set(at, `${at}\0${String(++this.made)}`);
    return id;
  }

  private withoutKey(prefix: string, kind: 'insert' | 'update' | 'delete', before: Values | null, after: Values | null): string {
    const known = kind === 'insert' ? undefined : this.take(prefix + JSON.stringify(before));
    const id = known ?? `${prefix}${String(++this.made)}`;
    if (after !== null) {
      const text = prefix + JSON.stringify(after);
      const there = this.keyless.get(text);
      if (there === undefined) this.keyless.set(text, [id]);
      else there.push(id);
    }
    return id;
  }

  private take(text: string): string | undefined {
    const there = this.keyless.get(text);
    const id = there?.pop();
    if (there?.length === 0) this.keyless.delete(text);
    return id;
  }
}

/** A column of the key that an image does not hold was not changed. */
function keyText(key: readonly number[], values: Values | null, otherwise: Values | null = null): string {
  return JSON.stringify(key.map((column) => {
    const value = values?.[column] ?? null;
    return value === 0 ? (otherwise?.[column] ?? null) : value;
  }));
}
