// Rows of two sides brought together by their keys, whatever the order in which each server gave them.
import type { DifferenceKind } from './result';

/** A row as a server hashed it. */
export interface HashedRow {
  /** What tells it from the others of its table, exactly and the same on every server; its own hash where there is no key. */
  readonly key: string;
  readonly hash: string;
  /** How many rows are exactly this one. */
  readonly copies: number;
}

/** A key at which the two sides differ. */
export interface KeyDifference {
  readonly key: string;
  readonly kind: DifferenceKind;
  readonly copies: number;
}

/** What differs between two lists of rows. Of rows that both sides hold in different numbers the surplus is told. */
export function pairRows(source: readonly HashedRow[], standby: readonly HashedRow[]): readonly KeyDifference[] {
  const there = new Map(standby.map((row) => [row.key, row]));
  const found: KeyDifference[] = [];
  for (const { key, hash, copies } of source) {
    const other = there.get(key);
    there.delete(key);
    if (other === undefined) found.push({ key, kind: 'missing', copies });
    else if (other.hash !== hash) found.push({ key, kind: 'changed', copies: 1 });
    else if (other.copies !== copies) found.push({ key, kind: other.copies < copies ? 'missing' : 'extra', copies: Math.abs(other.copies - copies) });
  }
  for (const { key, copies } of there.values()) found.push({ key, kind: 'extra', copies });
  return found;
}

/** Rows that a list of differences stands for. */
export function countRows(differences: readonly KeyDifference[]): number {
  return differences.reduce((sum, { copies }) => sum + copies, 0);
}
