// Where the changes of chosen tables go as a range is read: what makes any of them wrong is seen at once; what is kept of them is what carrying out needs.
import { inverseOf } from '../../../shared/domain/operations/rollback/undo';
import { ChangeLog } from '../../comparison/logged/change-log';
import { single, type ChangeSink, type SpilledChange } from '../../comparison/logged/collect';
import { fitsTable, type TodayTable } from '../../comparison/logged/tables-today';
import type { BinlogEvent } from '../../mysql/binlog/event';
import type { LoggedTable, LoggedTables } from '../../mysql/binlog/logged-tables';
import { countRows, holdsWholeRows } from '../../mysql/binlog/rows';
import { isWrittenAsAWhole, NetChanges } from './net-changes';
import { unmakeableIn } from './undo-reading';

export interface BesideChoice {
  /** By `nameKey`. */
  readonly today: ReadonlyMap<string, TodayTable>;
  /** Tables of which the changes are kept one by one; of others that have a key what became of each row. */
  readonly oneByOne: ReadonlySet<string>;
  /** null: nothing is kept. */
  readonly folder: string | null;
}

export const nameKey = ({ database, table }: { readonly database: string; readonly table: string }): string => JSON.stringify([database, table]);

/** Of one form of one table: transactions that changed its rows, and those of which a change cannot be taken back. */
interface Seen {
  readonly name: string;
  /** null: it is another table today, or too little is known of it. */
  readonly today: TodayTable | null;
  readonly isNet: boolean;
  readonly touched: number[];
  readonly partial: number[];
  readonly unmakeable: number[];
}

export type SeenTable = Pick<Seen, 'touched' | 'partial' | 'unmakeable'> & { readonly logged: LoggedTable };

export class BesideChanges implements ChangeSink {
  readonly isInOrder = true;
  readonly bytes = 0;
  /** Tables that are to be read again, their changes one by one: a row of theirs is not held, or not written again, as a whole. */
  readonly misplaced = new Set<string>();
  readonly net: NetChanges | null;
  readonly #inOrder: ChangeLog | null;
  readonly #seen = new Map<number, Seen>();
  count = 0;

  constructor(private readonly tables: LoggedTables, private readonly choice: BesideChoice) {
    this.net = choice.folder === null ? null : new NetChanges(choice.folder);
    this.#inOrder = choice.folder === null ? null : new ChangeLog(choice.folder);
  }

  takeRows(event: BinlogEvent, logged: LoggedTable, transaction: number): number | null {
    const seen = this.#of(logged);
    if (!seen.isNet || !holdsWholeRows(event, logged.columns)) return null;
    note(seen.touched, transaction);
    const kept = this.net === null || seen.today === null || this.misplaced.has(seen.name) ? null : this.net.add(event, logged, seen.today, transaction);
    if (this.net !== null && kept === null) this.misplaced.add(seen.name);
    const rows = kept ?? countRows(event, logged.columns);
    this.count += rows;
    return rows;
  }

  append(_identity: string, change: SpilledChange): void {
    const logged = this.tables.all[change.table] as LoggedTable;
    const seen = this.#of(logged);
    this.count++;
    note(seen.touched, change.transaction);
    if (seen.today !== null) {
      const act = inverseOf(single(change, logged), seen.today);
      if (act === 'partial-image') note(seen.partial, change.transaction);
      else if (act !== 'nothing' && unmakeableIn(act, seen.today)) note(seen.unmakeable, change.transaction);
    }
    if (this.#inOrder === null) return;
    if (seen.isNet) this.misplaced.add(seen.name);
    else this.#inOrder.append('', change);
  }

  /** Of the tables whose changes are kept one by one. */
  *newestFirst(): Generator<SpilledChange> {
    if (this.#inOrder !== null) yield* this.#inOrder.newestFirst();
  }

  /** Every form of every table of which rows were changed. */
  seen(): readonly SeenTable[] {
    return [...this.#seen].map(([index, { touched, partial, unmakeable }]) =>
      ({ logged: this.tables.all[index] as LoggedTable, touched, partial, unmakeable }));
  }

  #of(logged: LoggedTable): Seen {
    const known = this.#seen.get(logged.index);
    if (known !== undefined) return known;
    const name = nameKey(logged);
    const there = this.choice.today.get(name);
    const today = there !== undefined && logged.named !== null && fitsTable(logged, there) ? there : null;
    const isNet = today !== null && !this.choice.oneByOne.has(name) && isWrittenAsAWhole(today, logged);
    const seen: Seen = { name, today, isNet, touched: [], partial: [], unmakeable: [] };
    this.#seen.set(logged.index, seen);
    return seen;
  }

  close(): void {
    this.net?.close();
    this.#inOrder?.close();
  }
}

function note(transactions: number[], transaction: number): void {
  if (transactions.at(-1) !== transaction) transactions.push(transaction);
}

interface Reread {
  readonly changes: { readonly misplaced: ReadonlySet<string> };
  close(): void;
}

/** A log whose changes are kept as they are needed: read again, once, where some have to be kept one by one. Whoever asks closes what is given, alone. */
export async function readAsKept<Log extends Reread>(read: (oneByOne: ReadonlySet<string>) => Promise<Log>): Promise<Log> {
  const log = await read(new Set());
  const { misplaced } = log.changes;
  if (misplaced.size === 0) return log;
  // A file that is closed twice may be somebody else's by then.
  log.close();
  return read(misplaced);
}
