// A stretch of a log, read for a rollback: the changes of rows of chosen transactions and tables, and every statement of the others.
import { parseGtid, type GtidSet } from '../../../shared/domain/gtid/set';
import { failure } from '../../../shared/errors/codes';
import { madeKeysAct, type ActingTable } from '../../../shared/domain/operations/rollback/acting';
import { ChangeLog } from '../../comparison/logged/change-log';
import { Collected, imageOf, type ChangeSink, type SpilledChange, type WholeTransaction } from '../../comparison/logged/collect';
import { Bytes } from '../../mysql/binlog/bytes';
import { readCell } from '../../mysql/binlog/cell';
import { eventTypes, type BinlogEvent } from '../../mysql/binlog/event';
import { LoggedTables, type LoggedTable } from '../../mysql/binlog/logged-tables';
import { changeKind, logsForeignKeys, rowImages, tableIdOf } from '../../mysql/binlog/rows';
import { streamTransactions, type TransactionVisitor } from '../../mysql/binlog/stream';
import type { LiveSession } from '../../mysql/session/session';

export interface RangeChoice {
  /** What is read. */
  readonly range: GtidSet;
  /** Whose changes of rows are taken. */
  readonly chosen: GtidSet;
  /** Of which tables; null: of all. */
  readonly wants: ((database: string, table: string) => boolean) | null;
  /** Parents whose changes foreign keys may have carried on, unlogged. */
  readonly watched?: readonly ActingTable[];
  /** Most changes of rows, and bytes of their values as they are kept; more throws what `tooMany` makes. */
  readonly most: number;
  readonly mostBytes?: number;
  readonly tooMany: (most: number) => Error;
}

/** Transactions that are told of as a whole: of more the first ones tell enough. */
const mostWhole = 1_000;

/** A table that chosen transactions wrote beside the chosen ones. */
export interface OtherTable {
  readonly database: string;
  readonly table: string;
  transactions: number;
}

/** Where the changes of rows of a range go. */
interface RangeChanges extends ChangeSink {
  readonly count: number;
  /** About how many bytes they take. */
  readonly bytes: number;
  newestFirst(): Generator<SpilledChange>;
}

export class RangeLog<Changes extends RangeChanges = ChangeLog> implements TransactionVisitor {
  readonly #collected: Collected<Changes>;
  readonly #others = new Map<string, OtherTable>();
  #isChosen = false;
  #unwanted = new Map<string, { readonly database: string; readonly table: string }>();
  #hasWanted = false;
  readonly #chosenAt = new Set<number>();
  readonly #watched: ReadonlyMap<string, ActingTable>;
  /** Watched ones by their number in the transaction; those by name whose foreign keys acted, unlogged. */
  #watchedById = new Map<number, { readonly name: string; readonly rules: ActingTable; readonly logged: LoggedTable | undefined }>();
  readonly #acted = new Set<string>();
  #hasUnlogged = false;
  #count = 0;

  private constructor(private readonly choice: RangeChoice, collected: Collected<Changes>) {
    this.#collected = collected;
    this.#watched = together(choice.watched ?? []);
  }

  /** Reads it into a folder; `dump` is over afterwards. `session` says what tables are called today. */
  static read(folder: string, session: LiveSession, dump: LiveSession, choice: RangeChoice, signal?: AbortSignal): Promise<RangeLog> {
    return RangeLog.readInto(folder, new LoggedTables(session), new ChangeLog(folder), dump, choice, signal);
  }

  static async readInto<Into extends RangeChanges>(
    folder: string, tables: LoggedTables, changes: Into, dump: LiveSession, choice: RangeChoice, signal?: AbortSignal,
  ): Promise<RangeLog<Into>> {
    const log = new RangeLog(choice, new Collected(folder, tables, changes));
    try {
      await tables.open();
      await streamTransactions(dump, choice.range, log, signal);
      log.#collected.finish();
      return log;
    } catch (thrown) {
      log.close();
      throw thrown;
    }
  }

  knows(map: BinlogEvent): boolean {
    return !(this.#takes(map) || this.#isWatched(map)) || this.#collected.knows(map);
  }

  learn(map: BinlogEvent): Promise<void> {
    return this.#collected.learn(map);
  }

  begin(gtid: string, event: BinlogEvent): void {
    this.#isChosen = this.choice.chosen.contains(parseGtid(gtid));
    if (this.#isChosen) this.#chosenAt.add(this.#count);
    this.#unwanted = new Map();
    this.#hasWanted = false;
    this.#watchedById = new Map();
    this.#collected.begin(gtid, event);
  }

  event(event: BinlogEvent): void {
    if (event.type === eventTypes.tableMap) {
      const name = tableNameOf(event);
      const rules = this.#watched.get(nameKey(name.database, name.table));
      if (rules !== undefined) {
        this.#watchedById.set(tableIdOf(event), { name: nameKey(name.database, name.table), rules, logged: this.#collected.tables.of(event) });
      }
      if (!this.#takes(event)) {
        if (this.#isChosen && name.database !== 'antipode') this.#unwanted.set(JSON.stringify(name), name);
        return;
      }
      this.#hasWanted = true;
    } else if (changeKind(event.type) !== null) {
      this.#lookAt(event);
      if (!this.#isChosen) return;
    }
    this.#collected.event(event);
    const { most, mostBytes, tooMany } = this.choice;
    const { count, bytes } = this.#collected.changes;
    if (count > most) throw tooMany(most);
    if (mostBytes !== undefined && bytes > mostBytes) throw failure('rollback-too-large', { megabytes: Math.round(mostBytes / 1_000_000) });
  }

  end(damage: string | null): void {
    this.#count++;
    const { whole } = this.#collected;
    const before = whole.length;
    this.#collected.end(damage);
    // Of the others it does not matter; of many statements the first ones tell enough, of what cannot be read none is left out.
    const told = whole.splice(before);
    if (this.#isChosen) whole.push(...told.filter(({ kind }) => before < mostWhole || (kind !== 'ddl' && kind !== 'statement')));
    if (!this.#hasWanted) return;
    for (const [key, name] of this.#unwanted) {
      const known = this.#others.get(key);
      if (known === undefined) this.#others.set(key, { ...name, transactions: 1 });
      else known.transactions++;
    }
  }

  /** Whether a change of a parent made its foreign keys act, unlogged. */
  #lookAt(event: BinlogEvent): void {
    const kind = changeKind(event.type);
    if (kind === 'insert' || logsForeignKeys(event)) return;
    this.#hasUnlogged = true;
    const watched = this.#watchedById.get(tableIdOf(event));
    if (watched === undefined || this.#acted.has(watched.name)) return;
    const { name, rules, logged } = watched;
    if (kind === 'delete' && rules.onDelete) this.#acted.add(name);
    if (kind !== 'update' || rules.onUpdate.size === 0) return;
    // Without the names of its columns any of them may be what others refer to.
    const columns = logged?.named === null ? undefined : logged;
    if (columns === undefined) {
      this.#acted.add(name);
      return;
    }
    for (const { before, after } of rowImages(event, columns.columns, (bytes, column, isDiff) => readCell(bytes, column, isDiff).cell)) {
      if (!madeKeysAct(rules, { kind, before: imageOf(before, columns), after: imageOf(after, columns) })) continue;
      this.#acted.add(name);
      return;
    }
  }

  #isWatched(map: BinlogEvent): boolean {
    const { database, table } = tableNameOf(map);
    return (this.#watched.get(nameKey(database, table))?.onUpdate.size ?? 0) > 0;
  }

  #takes(map: BinlogEvent): boolean {
    if (!this.#isChosen) return false;
    const { wants } = this.choice;
    if (wants === null) return true;
    const { database, table } = tableNameOf(map);
    return wants(database, table);
  }

  get changes(): Changes {
    return this.#collected.changes;
  }

  /** Whether a transaction has an effect: what was rolled back after it was prepared has none. */
  isCounted(transaction: number): boolean {
    return this.#collected.withdrawn.get(transaction) !== null;
  }

  obstacle(logged: LoggedTable, transaction: number): ReturnType<Collected['obstacle']> {
    return this.#collected.obstacle(logged, transaction);
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
    const { wants } = this.choice;
    return this.#collected.tables.all.filter(({ database, table }) => wants === null || wants(database, table));
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

  /** Whether anything in the range may have made foreign keys, whatever there were, change rows of which the log does not tell. */
  get mayHaveActed(): boolean {
    return this.#hasUnlogged;
  }

  /** Whether changes of a watched table anywhere in the range made its foreign keys act on rows of which the log does not tell. */
  hasActed(database: string, table: string): boolean {
    return this.#acted.has(nameKey(database, table));
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
    for (const change of this.#collected.changes.newestFirst()) if (this.isCounted(change.transaction)) yield change;
  }

  close(): void {
    this.#collected.close();
  }
}

/** A parent of several of the chosen tables is watched for all of them. */
function together(watched: readonly ActingTable[]): ReadonlyMap<string, ActingTable> {
  const all = new Map<string, ActingTable>();
  for (const one of watched) {
    const key = nameKey(one.database, one.table);
    const known = all.get(key);
    all.set(key, { ...one, onDelete: one.onDelete || known?.onDelete === true, onUpdate: new Set([...one.onUpdate, ...known?.onUpdate ?? []]) });
  }
  return all;
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
