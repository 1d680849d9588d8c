// Rows of copies brought back: those that go first, then those that come; and, of tables without such rows, change by change.
import { inverseOf } from '../../../shared/domain/operations/rollback/undo';
import type { Image } from '../../../shared/domain/binlog/cell';
import { failure } from '../../../shared/errors/codes';
import { single } from '../../comparison/logged/collect';
import { deletesSql, insertsSql } from '../../comparison/logged/sql';
import type { TodayTable } from '../../comparison/logged/tables-today';
import type { LoggedTable } from '../../mysql/binlog/logged-tables';
import type { LiveSession } from '../../mysql/session/session';
import type { StepContext } from '../../tasks/types';
import { nameKey } from './beside-changes';
import type { BesideLog } from './beside-plan';
import { CopyBatch, mostTextOf } from './copy-batch';
import { BrokenChain, type NetRow } from './net-changes';
import { sqlOf } from './undo-reading';

interface RowsOrder {
  readonly context: StepContext;
  readonly writer: LiveSession;
  readonly name: string;
  readonly log: BesideLog;
  /** max_allowed_packet of the writer, bytes. */
  readonly packet: number;
  /** By `nameKey` of the original. */
  readonly copies: ReadonlyMap<string, TodayTable>;
}

/** Rows of one statement. */
const mostRows = 400;
/** Rows of one transaction on the copies, and characters of its statements. */
const mostTogether = 10_000;
const mostTogetherLength = 32_000_000;
/** Changes that are undone one by one in one transaction. */
const together = 2_000;

/** Writes on copies in transactions of a bounded size. While the server carries one statement out the next is made. */
class CopyWriter {
  #running: Promise<unknown> = Promise.resolve(null);
  #rows = 0;
  #length = 0;
  #isOpen = false;

  constructor(private readonly order: Pick<RowsOrder, 'writer' | 'name' | 'context'>, private readonly told: () => void) {}

  /** Writes exactly so many rows: a copy on which it does not is none. */
  async write({ database, table }: TodayTable, sql: string, rows: number): Promise<void> {
    const { writer, name } = this.order;
    await this.#done();
    if (!this.#isOpen) await writer.run('START TRANSACTION');
    this.#isOpen = true;
    // What it fails with is thrown by whoever waits for it.
    this.#running = writer.run(sql).then(
      ({ affectedRows }) => (affectedRows === rows ? null : failure('rollback-moved', { name, table: `${database}.${table}` }, { server: name })),
      (thrown: unknown) => thrown,
    );
    this.#rows += rows;
    this.#length += sql.length;
    if (this.#rows >= mostTogether || this.#length >= mostTogetherLength) await this.commit();
  }

  async commit(): Promise<void> {
    await this.#done();
    if (!this.#isOpen) return;
    await this.order.writer.run('COMMIT');
    [this.#rows, this.#length, this.#isOpen] = [0, 0, false];
    this.order.context.checkpoint();
    this.told();
  }

  async #done(): Promise<void> {
    const failed = await this.#running;
    this.#running = Promise.resolve(null);
    if (failed !== null) throw failed;
  }
}

/** Rows of one table that a statement writes together. */
class RowBatch {
  #rows: Image[] = [];
  #length = 0;

  constructor(
    readonly table: TodayTable, private readonly mostLength: number, private readonly make: (table: TodayTable, rows: readonly Image[]) => string,
  ) {}

  hasRoomFor({ length }: NetRow): boolean {
    return this.#rows.length < mostRows && (this.#rows.length === 0 || this.#length + length <= this.mostLength);
  }

  add({ image, length }: NetRow): void {
    this.#rows.push(image);
    this.#length += length;
  }

  async flush(writer: CopyWriter): Promise<void> {
    if (this.#rows.length === 0) return;
    const rows = this.#rows;
    [this.#rows, this.#length] = [[], 0];
    await writer.write(this.table, this.make(this.table, rows), rows.length);
  }
}

/** Tables of which is known what became of each row; how many changes that undoes. */
export async function bringRowsBack(order: RowsOrder): Promise<number> {
  const { context, log, copies, packet } = order;
  const { net } = log.changes;
  if (net === null) return 0;
  const writer = new CopyWriter(order, () => context.progress({ text: null, done: net.read, total: log.count, unit: 'rows', rate: null, etaSeconds: null }));
  const all = async (rows: AsyncIterable<NetRow>, make: (table: TodayTable, rows: readonly Image[]) => string): Promise<void> => {
    const batches = new Map([...copies].map(([key, table]) => [key, new RowBatch(table, mostTextOf(packet), make)]));
    for await (const row of rows) {
      const batch = batches.get(nameKey(row.logged)) as RowBatch;
      if (!batch.hasRoomFor(row)) await batch.flush(writer);
      batch.add(row);
    }
    for (const batch of batches.values()) await batch.flush(writer);
  };
  try {
    // Two rows never have the same value of a unique key while nothing comes before everything is gone that is to go.
    await all(net.going((transaction) => log.isCounted(transaction)), deletesSql);
    await all(net.coming(), insertsSql);
  } catch (thrown) {
    throw thrown instanceof BrokenChain ? failure('rollback-moved', { name: order.name, table: thrown.message }, { server: order.name }) : thrown;
  }
  await writer.commit();
  return net.changed;
}

/** The other tables, newest change first; how many changes that undoes. */
export async function undoOneByOne({ context, writer, name, log, copies, packet }: RowsOrder): Promise<number> {
  let done = 0;
  const batches = new Map([...copies.values()].map((table) => [table, new CopyBatch(table, mostTextOf(packet))]));
  const told = (): void => context.progress({ text: null, done, total: log.count, unit: 'rows', rate: null, etaSeconds: null });
  const to = new CopyWriter({ context, writer, name }, told);
  const flush = async (table: TodayTable): Promise<void> => {
    for (const { sql, rows } of batches.get(table)?.take() ?? []) await to.write(table, sql, rows);
  };
  for (const change of log.newestFirst()) {
    const logged: LoggedTable = log.tableOf(change);
    const table = copies.get(nameKey(logged));
    if (table === undefined) continue;
    const logical = single(change, logged);
    const act = inverseOf(logical, table);
    if (act === 'nothing') continue;
    if (act === 'partial-image') throw failure('plan-outdated', { what: `${logged.database}.${logged.table}` });
    const batch = batches.get(table);
    if (batch?.add(act, logical.before) !== true) {
      await flush(table);
      if (batch?.add(act, logical.before) !== true) await to.write(table, sqlOf(table, act), 1);
    }
    if (++done % together !== 0) continue;
    for (const each of batches.keys()) await flush(each);
    await to.commit();
  }
  for (const each of batches.keys()) await flush(each);
  await to.commit();
  return done;
}
