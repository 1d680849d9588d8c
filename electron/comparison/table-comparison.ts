// One table, compared: in chunks, then what differs of them down to rows.
import { chunkGoalMs, firstChunkRows, nextChunkRows, nextKey, type PastChunk } from '../../shared/domain/verification/chunk-size';
import { countRows, pairRows, type HashedRow } from '../../shared/domain/verification/pairing';
import { keptRows, type RowDifference } from '../../shared/domain/verification/result';
import { atLeast } from '../../shared/domain/fleet/version';
import { quoteId, quoteTable } from '../mysql/quote';
import type { QueryOptions } from '../mysql/types';
import { bisect, isEqual, type RangeSums } from './bisection';
import type { ComparedKey, ComparedTable, DescribedColumn } from './compared-table';
import { everything, isKey, literalOf, literalText, rangeCondition, type KeyRange, type KeyValue } from './key-range';
import { distinctRowsSum, rowHash, rowSum } from './row-hash';
import { readDifferences, type FoundRow } from './row-values';
import { onBoth, type SessionPair, type Side } from './sides';

/** What the rows of a table came to. */
export interface ComparedRows {
  /** As counted on the source. */
  readonly rows: number;
  /** Rows that differ, all of them. */
  readonly differing: number;
  /** The first of them. */
  readonly found: readonly RowDifference[];
}

/** Asked and told between two statements. */
export interface Pace {
  /** Waits where the servers have enough to do; throws where the work was cancelled. `rows`: read on each side since it was asked last. */
  pass(rows: number): Promise<void>;
  /** After every statement: the session lets go of the tables it has read, and keeps its moment. */
  release(pair: SessionPair): Promise<void>;
}

/** Rows that are brought together one by one. */
const leafRows = 1000;

/** Rows that one statement looks up, and the characters of their keys. */
const keysAtOnce = 500;
const keyText = 200_000;

/**
 * Compares the rows of a table: all of them, or those of some keys alone. Both sessions must see their servers at one and the same position.
 *
 * @throws Failure what a server said to a statement on the table
 */
export async function compareTable(
  table: ComparedTable, pair: SessionPair, pace: Pace, options: QueryOptions, keys: readonly KeyValue[] | null = null,
): Promise<ComparedRows> {
  const work = new TableComparison(table, pair, pace, options);
  if (table.key === null) await work.byContent();
  else if (keys !== null) await work.byKeys(table.key, keys);
  else await work.byKey(table.key);
  return { rows: work.rows, differing: work.differing, found: await work.details() };
}

class TableComparison {
  rows = 0;
  differing = 0;
  readonly #kept: FoundRow[] = [];
  readonly #sides: { readonly source: Side; readonly standby: Side };
  readonly #name: string;

  constructor(private readonly table: ComparedTable, private readonly pair: SessionPair, private readonly pace: Pace, private readonly options: QueryOptions) {
    this.#name = quoteTable(table.database, table.table);
    this.#sides = {
      source: { name: 'source', session: pair.source, columns: table.source },
      standby: { name: 'standby', session: pair.standby, columns: table.standby },
    };
  }

  /** Chunk by chunk along the key; the last one is open, so that together they hold every row. */
  async byKey(key: ComparedKey): Promise<void> {
    let size = firstChunkRows(this.table);
    let past: PastChunk | null = null;
    for (let after: KeyValue | null = null; ;) {
      const upTo: KeyValue | null = this.#isSmall(size) && after === null ? null : await this.#end(key, after, past, size);
      const range: KeyRange = { after, upTo };
      const began = performance.now();
      const sums = await this.#sums(key, range);
      const ms = performance.now() - began;
      this.rows += sums.source.rows;
      await this.pace.pass(Math.max(sums.source.rows, sums.standby.rows));
      if (!isEqual(sums)) await this.#narrow(key, range, sums);
      if (upTo === null) return;
      past = { after: after?.[0] ?? null, upTo: upTo[0] ?? '', rows: sums.source.rows };
      after = upTo;
      const next = nextChunkRows(Math.max(1, sums.source.rows), ms);
      // A range that was computed may hold less than was wanted: that says nothing of the time.
      size = ms < chunkGoalMs ? Math.max(size, next) : next;
    }
  }

  /** Rows of these keys alone, wherever they are: one that is on neither side is the same on both. */
  async byKeys(key: ComparedKey, keys: readonly KeyValue[]): Promise<void> {
    for (const some of inGroups(keys, (value) => keyText / keysAtOnce + value.join('').length, keyText * 2)) {
      const condition = some.map((value) => `(${isKey(key, value)})`).join(' OR ');
      const values = new Map<string, KeyValue>();
      const rows = await onBoth(this.#sides, (side) => this.#keyed(side, key, ` FORCE INDEX (${quoteId(key.index)}) WHERE ${condition}`, values));
      await this.pace.release(this.pair);
      this.rows += rows.source.length;
      await this.pace.pass(Math.max(rows.source.length, rows.standby.length));
      this.#note(rows.source, rows.standby, (text) => values.get(text) ?? null);
    }
  }

  /** Without a key rows are the same where all of their content is: counted as a multiset, in shares by the hash. */
  async byContent(): Promise<void> {
    const sums = await this.#sums(null, everything);
    this.rows = sums.source.rows;
    await this.pace.pass(Math.max(sums.source.rows, sums.standby.rows));
    if (isEqual(sums)) return;
    const shares = await onBoth(this.#sides, (side) => this.#shares(side));
    const names = [...new Set([...shares.source.keys(), ...shares.standby.keys()])].sort();
    const differing = names.filter((name) => shares.source.get(name)?.text !== shares.standby.get(name)?.text);
    const sizeOf = (name: string): number => Math.max(shares.source.get(name)?.rows ?? 0, shares.standby.get(name)?.rows ?? 0);
    for (const group of inGroups(differing, sizeOf, 100 * leafRows)) {
      const rows = await onBoth(this.#sides, (side) => this.#multiset(side, group));
      await this.pace.pass(0);
      this.#note(rows.source, rows.standby, () => null);
    }
  }

  /** The differing rows that are kept, with their columns. */
  async details(): Promise<readonly RowDifference[]> {
    const rows = await readDifferences(this.table, this.#sides, this.#kept, this.options);
    await this.pace.release(this.pair);
    return rows;
  }

  async #narrow(key: ComparedKey, range: KeyRange, sums: RangeSums): Promise<void> {
    const work = { sums: (part: KeyRange) => this.#sums(key, part), halve: (part: KeyRange, of: RangeSums) => this.#halve(key, part, of) };
    await bisect(work, range, sums, leafRows, async (leaf) => {
      const values = new Map<string, KeyValue>();
      const rows = await onBoth(this.#sides, (side) => this.#keyed(side, key, this.#where(key, leaf), values));
      await this.pace.pass(0);
      this.#note(rows.source, rows.standby, (text) => values.get(text) ?? null);
    });
  }

  #note(source: readonly HashedRow[], standby: readonly HashedRow[], keyOf: (text: string) => KeyValue | null): void {
    const differences = pairRows(source, standby);
    this.differing += countRows(differences);
    const free = keptRows - this.#kept.length;
    for (const { key, kind, copies } of differences.slice(0, Math.max(0, free))) this.#kept.push({ kind, copies, key: keyOf(key), hash: key });
  }

  /** True where the statistics leave no doubt that one statement will do. */
  #isSmall(size: number): boolean {
    return this.table.rows * 4 < size;
  }

  async #sums(key: ComparedKey | null, range: KeyRange): Promise<RangeSums> {
    // Rows by a primary key are all different; a unique index beside it may have been filled with unique_checks off.
    const areDistinct = key?.index === 'PRIMARY' && [this.pair.source, this.pair.standby].every(({ version }) => atLeast(version, 8, 0, 11));
    const sum = areDistinct ? distinctRowsSum : rowSum;
    const both = await onBoth(this.#sides, async ({ session, columns }) => {
      const [row] = await session.query<{ found: string | number; total: string | number }>(
        `SELECT COUNT(*) AS found, ${sum(columns)} AS total FROM ${this.#name}${this.#where(key, range)}`, [], this.options,
      );
      return { rows: Number(row?.found ?? 0), sum: String(row?.total ?? '') };
    });
    await this.pace.release(this.pair);
    return both;
  }

  async #halve(key: ComparedKey, range: KeyRange, { source, standby }: RangeSums): Promise<readonly [KeyRange, KeyRange] | null> {
    const [side, rows] = source.rows >= standby.rows ? [this.#sides.source, source.rows] : [this.#sides.standby, standby.rows];
    const middle = await this.#keyAt(side, key, range, Math.floor(rows / 2) - 1);
    return middle === null ? null : [{ after: range.after, upTo: middle }, { after: middle, upTo: range.upTo }];
  }

  /** Where the next chunk of so many rows ends: computed where the key allows it, else looked up; null: behind the last row. */
  async #end(key: ComparedKey, after: KeyValue | null, past: PastChunk | null, size: number): Promise<KeyValue | null> {
    const [column, ...more] = key.columns;
    const computed = column === undefined || more.length > 0 ? null : nextKey(column.type, past, size);
    return computed === null ? this.#keyAt(this.#sides.source, key, { after, upTo: null }, size - 1) : [computed];
  }

  /** The key of the row at an offset within a range; null: there is none. */
  async #keyAt({ session }: Side, key: ComparedKey, range: KeyRange, offset: number): Promise<KeyValue | null> {
    const order = key.columns.map(({ name }) => quoteId(name)).join(', ');
    const [row] = await session.query<Record<string, string | number | null>>(
      `SELECT ${keyFields(key.columns)} FROM ${this.#name}${this.#where(key, range)} ORDER BY ${order} LIMIT ${offset}, 1`,
      [], this.options,
    );
    return row === undefined ? null : keyValue(key, row);
  }

  async #keyed({ session, columns }: Side, key: ComparedKey, where: string, values: Map<string, KeyValue>): Promise<readonly HashedRow[]> {
    const rows = await session.query<Record<string, string | number | null>>(
      `SELECT ${keyFields(key.columns)}, ${rowHash(columns)} AS hash FROM ${this.#name}${where}`, [], this.options,
    );
    return rows.map((row) => {
      const value = keyValue(key, row);
      const text = value.join(',');
      values.set(text, value);
      return { key: text, hash: String(row['hash']), copies: 1 };
    });
  }

  async #shares({ session, columns }: Side): Promise<ReadonlyMap<string, { readonly rows: number; readonly text: string }>> {
    const rows = await session.query<{ share: string; found: string | number; total: string | number }>(
      `SELECT LEFT(${rowHash(columns)},3) AS share, COUNT(*) AS found, ${rowSum(columns)} AS total FROM ${this.#name} GROUP BY share`, [], this.options,
    );
    return new Map(rows.map(({ share, found, total }) => [share, { rows: Number(found), text: `${found} ${total}` }]));
  }

  async #multiset({ session, columns }: Side, shares: readonly string[]): Promise<readonly HashedRow[]> {
    const hash = rowHash(columns);
    const rows = await session.query<{ hash: string; copies: string | number }>(
      `SELECT ${hash} AS hash, COUNT(*) AS copies FROM ${this.#name} WHERE LEFT(${hash},3) IN (${shares.map((share) => `'${share}'`).join(',')}) GROUP BY hash`,
      [], this.options,
    );
    return rows.map((row) => ({ key: row.hash, hash: row.hash, copies: Number(row.copies) }));
  }

  #where(key: ComparedKey | null, range: KeyRange): string {
    if (key === null) return '';
    const condition = rangeCondition(key, range);
    return ` FORCE INDEX (${quoteId(key.index)})${condition === '' ? '' : ` WHERE ${condition}`}`;
  }
}

function keyFields(columns: readonly DescribedColumn[]): string {
  return columns.map((column, at) => `${literalText(column)} AS k${at}`).join(', ');
}

function keyValue({ columns }: ComparedKey, row: Readonly<Record<string, string | number | null>>): KeyValue {
  return columns.map((column, at) => {
    const value = row[`k${at}`];
    return literalOf(column, value === null || value === undefined ? null : String(value));
  });
}

/** Neighbours together up to so many rows. */
function inGroups<Item>(names: readonly Item[], sizeOf: (name: Item) => number, most: number): readonly (readonly Item[])[] {
  const groups: Item[][] = [];
  let size = 0;
  for (const name of names) {
    const last = groups.at(-1);
    if (last === undefined || size + sizeOf(name) > most) {
      groups.push([name]);
      size = sizeOf(name);
    } else {
      last.push(name);
      size += sizeOf(name);
    }
  }
  return groups;
}
