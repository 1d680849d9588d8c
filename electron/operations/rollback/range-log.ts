// A stretch of a log, read for a rollback: the changes of rows of chosen transactions and tables, and every statement of the others.
import { parseGtid, type GtidSet } from '../../../shared/domain/gtid/set';
import { ChangeLog } from '../../comparison/logged/change-log';
import { Collected, type SpilledChange, type WholeTransaction } from '../../comparison/logged/collect';
import { Bytes } from '../../mysql/binlog/bytes';
import { eventTypes, type BinlogEvent } from '../../mysql/binlog/event';
import { LoggedTables, type LoggedTable } from '../../mysql/binlog/logged-tables';
import { changeKind, tableIdOf } from '../../mysql/binlog/rows';
import { streamTransactions, type TransactionVisitor } from '../../mysql/binlog/stream';
import type { LiveSession } from '../../mysql/session/session';

export interface RangeChoice {
  /** What is read. */
  readonly range: GtidSet;
  /** Whose changes of rows are taken. */
  readonly chosen: GtidSet;
  /** Of which tables; null: of all. */
  readonly wants: ((database: string, table: string) => boolean) | null;
  /** Most changes of rows; one more throws what `tooMany` makes. */
  readonly most: number;
  readonly tooMany: (most: number) => Error;
}

/** A table that chosen transactions wrote beside the chosen ones. */
export interface OtherTable {
  readonly database: string;
  readonly table: string;
  transactions: number;
}

export class RangeLog implements TransactionVisitor {
  readonly #collected: Collected<ChangeLog>;
  readonly #others = new Map<string, OtherTable>();
  #isChosen = false;
  #unwanted = new Map<string, { readonly database: string; readonly table: string }>();
  #hasWanted = false;
  readonly #chosenAt = new Set<number>();
  /** Tables of which rows were changed or removed, by their number in the transaction, and by name. */
  #names = new Map<number, string>();
  readonly #changed = new Set<string>();
  #count = 0;

  private constructor(private readonly choice: RangeChoice, collected: Collected<ChangeLog>) {
    this.#collected = collected;
  }

  /** Reads it into a folder; `dump` is over afterwards. `session` says what tables are called today. */
  static async read(folder: string, session: LiveSession, dump: LiveSession, choice: RangeChoice, signal?: AbortSignal): Promise<RangeLog> {
    const log = new RangeLog(choice, new Collected(folder, new LoggedTables(session), new ChangeLog(folder)));
    try {
      await log.#collected.tables.open();
      await streamTransactions(dump, choice.range, log, signal);
      log.#collected.finish();
      return log;
    } catch (thrown) {
      log.close();
      throw thrown;
    }
  }

  knows(map: BinlogEvent): boolean {
    return !this.#takes(map) || this.#collected.knows(map);
  }

  learn(map: BinlogEvent): Promise<void> {
    return this.#collected.learn(map);
  }

  begin(gtid: string, event: BinlogEvent): void {
    this.#isChosen = this.choice.chosen.contains(parseGtid(gtid));
    if (this.#isChosen) this.#chosenAt.add(this.#count);
    this.#unwanted = new Map();
    this.#hasWanted = false;
    this.#names = new Map();
    this.#collected.begin(gtid, event);
  }

  event(event: BinlogEvent): void {
    if (event.type === eventTypes.tableMap) {
      const name = tableNameOf(event);
      this.#names.set(tableIdOf(event), nameKey(name.database, name.table));
      if (!this.#takes(event)) {
        if (this.#isChosen && name.database !== 'antipode') this.#unwanted.set(JSON.stringify(name), name);
        return;
      }
      this.#hasWanted = true;
    } else if (changeKind(event.type) !== null) {
      const name = this.#names.get(tableIdOf(event));
      if (name !== undefined && changeKind(event.type) !== 'insert') this.#changed.add(name);
      if (!this.#isChosen) return;
    }
    this.#collected.event(event);
    const { most, tooMany } = this.choice;
    if (this.#collected.changes.count > most) throw tooMany(most);
  }

  end(damage: string | null): void {
    this.#count++;
    this.#collected.end(damage);
    if (!this.#hasWanted) return;
    for (const [key, name] of this.#unwanted) {
      const known = this.#others.get(key);
      if (known === undefined) this.#others.set(key, { ...name, transactions: 1 });
      else known.transactions++;
    }
  }

  #takes(map: BinlogEvent): boolean {
    if (!this.#isChosen) return false;
    const { wants } = this.choice;
    if (wants === null) return true;
    const { database, table } = tableNameOf(map);
    return wants(database, table);
  }

  /** Changes of rows, those included that were rolled back. */
  get count(): number {
    return this.#collected.changes.count;
  }

  /** Of what was wanted, what the log did not hold. */
  unread(): GtidSet {
    return this.choice.range.subtract(this.#collected.seen.set());
  }

  tableOf(change: SpilledChange): LoggedTable {
    return this.#collected.tables.all[change.table] as LoggedTable;
  }

  /** Tables of which rows are taken, in each form that they had. */
  tables(): readonly LoggedTable[] {
    return this.#collected.tables.all;
  }

  obstacleOf(change: SpilledChange): ReturnType<Collected['obstacle']> {
    return this.#collected.obstacle(this.tableOf(change), change.transaction);
  }

  /** What chosen transactions did beside rows, or why they cannot be read. */
  whole(): readonly WholeTransaction[] {
    return this.#collected.whole.filter(({ transaction }) => this.#chosenAt.has(transaction));
  }

  gtidOf(transaction: number): string {
    return this.#collected.gtidOf(transaction);
  }

  /** Tables that were written along with the chosen ones. */
  others(): readonly OtherTable[] {
    return [...this.#others.values()];
  }

  /** Whether rows of a table were changed or removed anywhere in the range, as far as the log holds it. */
  hasChanged(database: string, table: string): boolean {
    return this.#changed.has(nameKey(database, table));
  }

  /** Statements that were done to a table. */
  doneTo(database: string, table: string): ReturnType<Collected['doneTo']> {
    return this.#collected.doneTo(database, table);
  }

  /** The first statement of the range that changed rows which the log does not hold; null: there is none. */
  firstDml(): string | null {
    return this.#collected.firstDml();
  }

  /** What was rolled back is no change. */
  *newestFirst(): Generator<SpilledChange> {
    for (const change of this.#collected.changes.newestFirst()) if (this.#collected.withdrawn.get(change.transaction) !== null) yield change;
  }

  close(): void {
    this.#collected.close();
  }
}

const nameKey = (database: string, table: string): string => JSON.stringify([database, table]);

/** Number and flags of a TABLE_MAP event stand before the names. */
const namesAt = 6 + 2;

function tableNameOf({ body }: BinlogEvent): { readonly database: string; readonly table: string } {
  const bytes = new Bytes(body);
  bytes.skip(namesAt);
  const name = (): string => {
    const text = bytes.take(bytes.uint(1)).toString('utf8');
    bytes.skip(1);
    return text;
  };
  const database = name();
  return { database, table: name() };
}
