import { join } from 'node:path';
import type { JsonChange } from '../../../shared/domain/binlog/json-document';
import type { Cell, Image } from '../../../shared/domain/binlog/cell';
import type { LostTransaction } from '../../../shared/domain/promotion/dossier/dossier';
import { leavesTables, makerOf, statementKind, takesBack, type StatementKind } from '../../../shared/domain/binlog/statements';
import type { UnreadableReason } from '../../../shared/domain/promotion/dossier/classes';
import type { SingleChange } from '../../../shared/domain/promotion/dossier/net';
import { readCell, type LoggedCell } from '../../mysql/binlog/cell';
import { committedAt, eventTypes, preparedXa, type BinlogEvent } from '../../mysql/binlog/event';
import { readStatement, xaEndOf, type XaEnd } from '../../mysql/binlog/query-event';
import { changeKind, keysWereOff, logsForeignKeys, rowImages, tableIdOf } from '../../mysql/binlog/rows';
import { SeenGtids } from '../../mysql/binlog/seen-gtids';
import type { TransactionVisitor } from '../../mysql/binlog/stream';
import { Identities } from './identities';
import { LineFile } from './spill';
import { EndedStatements, held, renames, type Statement } from './statements';
import { type LoggedTables, type LoggedTable } from '../../mysql/binlog/logged-tables';

/** A value in a file: 0 stands for a column that the image does not hold. */
export type SpilledCell = Cell | 0;

/** One change of a row in a file. */
export interface SpilledChange {
  readonly transaction: number;
  /** Its place among all changes of the log. */
  readonly order: number;
  readonly table: number;
  readonly kind: 'insert' | 'update' | 'delete';
  readonly before: readonly SpilledCell[] | null;
  readonly after: readonly SpilledCell[] | null;
  /** By column: the changes of a document of which the log holds no more. */
  readonly documents?: Readonly<Record<number, readonly JsonChange[]>>;
  /** The log holds what foreign keys changed along; of a row that is new nothing is said. */
  readonly logsKeys?: true;
  /** It was made with foreign_key_checks=0: no key acted, and none was asked; of a row that is new nothing is said. */
  readonly keysOff?: true;
}

/** A transaction, or what it did beside rows, that is judged as a whole. */
export interface WholeTransaction {
  readonly transaction: number;
  readonly kind: 'ddl' | 'statement' | UnreadableReason;
  readonly statements: readonly string[];
}

/** Where the changes of rows go, as they are read. */
export interface ChangeSink {
  /** It takes them in their order alone: which are of one row is not worked out, which would keep rows without a key in memory. */
  readonly isInOrder?: true;
  /** Takes the rows of an event by itself and says how many they are; null: they are appended one by one. */
  takeRows?(event: BinlogEvent, table: LoggedTable, transaction: number): number | null;
  /** `identity`: equal for all changes of one row. */
  append(identity: string, change: SpilledChange): void;
  close(): void;
}

/** Where the transactions of a log are kept. */
export const transactionsFile = (folder: string): string => join(folder, 'transactions');

const statementLimit = 20;
const textLimit = 4_000;

/** The transaction that is being told. */
class Current {
  readonly tables = new Map<number, LoggedTable>();
  readonly databases = new Set<string>();
  readonly shown: string[] = [];
  readonly statements: Omit<Statement, 'transaction'>[] = [];
  at: number | null;
  thread: number | null = null;
  invoker: string | null = null;
  rows = 0;
  hasFrame = false;
  isTakenBack = false;
  prepared: string | null = null;
  xaEnd: XaEnd | null = null;

  constructor(readonly gtid: string, event: BinlogEvent) {
    this.at = committedAt(event) ?? event.timestamp * 1000;
  }
}

/**
 * Collects the lost transactions from the log into files: what memory holds does not grow with the values of their rows.
 */
export class Collected<Changes extends ChangeSink = ChangeSink> implements TransactionVisitor {
  readonly transactions: LineFile;
  readonly offsets: number[] = [];
  readonly whole: WholeTransaction[] = [];
  /** Transactions whose changes of rows do not count, and why; null: they were rolled back, and had no effect. */
  readonly withdrawn = new Map<number, UnreadableReason | null>();
  /** Seconds since the epoch at which each began; by what the table of today is held against. */
  readonly seconds: number[] = [];
  readonly counts = { read: 0, empty: 0, byServer: 0, byUs: 0, unreadable: 0, rows: 0 };
  /** GTIDs of what was told. */
  readonly seen = new SeenGtids();
  private readonly ended = new EndedStatements();
  /** Changes of rows whose text says that the server made them by itself, which anybody can write. */
  private readonly saidByServer = new EndedStatements();
  private readonly prepared = new Map<string, number>();
  private readonly identities = new Identities();
  private readonly named = new Map<number, ReturnType<Collected['statementsOf']>>();
  private changeCount = 0;
  private current: Current | null = null;

  constructor(folder: string, readonly tables: LoggedTables, readonly changes: Changes) {
    this.transactions = new LineFile(transactionsFile(folder));
  }

  knows(map: BinlogEvent): boolean {
    return this.tables.of(map) !== undefined;
  }

  learn(map: BinlogEvent): Promise<void> {
    return this.tables.learn(map);
  }

  begin(gtid: string, event: BinlogEvent): void {
    this.current = new Current(gtid, event);
    this.seconds.push(event.timestamp);
  }

  event(event: BinlogEvent): void {
    const { current } = this;
    if (current === null) return;
    if (event.type === eventTypes.tableMap) {
      const table = this.tables.of(event);
      if (table === undefined) return;
      current.tables.set(tableIdOf(event), table);
      current.databases.add(table.database);
    } else if (event.type === eventTypes.xaPrepare) {
      const { xid, isCommitted } = preparedXa(event);
      if (!isCommitted) current.prepared = xid;
    } else if (changeKind(event.type) !== null) this.rowsOf(event, current);
    else this.statement(event, current);
  }

  private rowsOf(event: BinlogEvent, current: Current): void {
    const table = current.tables.get(tableIdOf(event));
    if (table === undefined) return;
    const taken = this.changes.takeRows?.(event, table, this.offsets.length) ?? null;
    if (taken !== null) {
      current.rows += taken;
      return;
    }
    const keys = changeKind(event.type) === 'insert' ? {} : keysOf(event);
    for (const { kind, before, after } of rowImages(event, table.columns, readCell)) {
      current.rows++;
      const [old, now] = [spilled(before), spilled(after)];
      const id = this.changes.isInOrder === true ? '' : this.identities.of(table, kind, old, now);
      const documents = documentsOf(after);
      const change: SpilledChange = {
        transaction: this.offsets.length, order: this.changeCount++, table: table.index, kind, before: old, after: now,
        ...(documents === null ? {} : { documents }), ...keys,
      };
      this.changes.append(id, change);
    }
  }

  private statement(event: BinlogEvent, current: Current): void {
    const read = readStatement(event, (collation) => this.tables.charsetOf(collation));
    if (read === null) return;
    current.thread ??= read.thread;
    current.invoker ??= read.invoker;
    const kind = read.isComment ? 'comment' : statementKind(read.text);
    if (kind === 'frame') {
      current.hasFrame = true;
      current.isTakenBack ||= takesBack(read.text);
    } else {
      const text = read.text.length > textLimit ? `${read.text.slice(0, textLimit)}…` : read.text;
      if (current.shown.length < statementLimit) current.shown.push(text);
      if (kind !== 'comment') current.statements.push(held({ kind, text: read.text, database: read.database }));
    }
    current.xaEnd = xaEndOf(read.text) ?? current.xaEnd;
  }

  end(damage: string | null): void {
    const { current } = this;
    if (current === null) return;
    this.current = null;
    const transaction = this.offsets.length;
    const { gtid, at, thread, invoker, rows, shown, statements } = current;
    const maker = makerOf({ databases: [...current.databases], rows, statements: statements.map(({ text }) => text) });
    const lost: LostTransaction = { gtid, at, thread: thread === 0 ? null : thread, invoker, maker, statements: shown, rows };
    this.offsets.push(this.transactions.append(lost));
    this.seen.add(gtid);
    if (damage !== null) {
      this.counts.unreadable++;
      this.withdraw(transaction, 'malformed', shown);
      return;
    }
    this.counts.read++;
    this.counts.rows += rows;
    if (maker === 'server') this.counts.byServer++;
    if (maker === 'antipode') this.counts.byUs++;
    if (rows === 0 && statements.length === 0 && current.xaEnd?.word !== 'COMMIT') this.counts.empty++;
    this.endXa(transaction, current);
    if (current.isTakenBack && rows > 0) this.withdraw(transaction, 'mixed-format', shown);
    if (maker !== 'server') this.endStatements(transaction, current);
    else for (const one of statements) if (one.kind === 'dml') this.saidByServer.add({ ...one, transaction });
  }

  /** What was prepared counts once it was committed; until then it has no effect that anybody sees. */
  private endXa(transaction: number, { prepared, xaEnd }: Current): void {
    if (prepared !== null) this.prepared.set(prepared, transaction);
    if (xaEnd === null) return;
    const begun = this.prepared.get(xaEnd.xid);
    this.prepared.delete(xaEnd.xid);
    if (begun === undefined) this.whole.push({ transaction, kind: 'xa-elsewhere', statements: [`XA ${xaEnd.word}`] });
    else if (xaEnd.word === 'ROLLBACK') this.withdrawn.set(begun, null);
  }

  private endStatements(transaction: number, { statements, hasFrame }: Current): void {
    const kinds = new Set<'ddl' | 'statement'>();
    for (const one of statements) {
      // A statement that commits by itself stands alone behind its GTID.
      const is = hasFrame ? 'statement' : 'ddl';
      kinds.add(is);
      if (!leavesTables(one.text)) this.ended.add({ ...one, transaction });
    }
    const told = statements.slice(0, statementLimit).map(({ text }) => text.slice(0, textLimit));
    for (const kind of kinds) this.whole.push({ transaction, kind, statements: told });
  }

  private withdraw(transaction: number, reason: UnreadableReason, statements: readonly string[]): void {
    this.withdrawn.set(transaction, reason);
    this.whole.push({ transaction, kind: reason, statements });
  }

  /** The log was read to its end: what is prepared still stays so. */
  finish(): void {
    for (const transaction of this.prepared.values()) this.withdraw(transaction, 'xa-open', []);
    this.transactions.flush();
  }

  gtidOf(transaction: number): string {
    return this.transactions.lineAt<LostTransaction>(this.offsets[transaction] as number).gtid;
  }

  /**
   * Why a change of a table cannot be judged by its images; null: it can. A statement that was logged as such may have changed the row before
   * or after; a later TRUNCATE, DROP or RENAME took it away; a later ALTER gave the name of a column to another; and any later one may have named
   * the columns, where the log does not.
   */
  obstacle(table: LoggedTable, transaction: number): UnreadableReason | null {
    const { named } = table;
    if (named === null) return 'names-unknown';
    if (named !== 'by-log' && named.since > (this.seconds[transaction] ?? 0) + 1) return 'names-unknown';
    const { statement, replaced, altered, renamed } = this.statementsOf(table);
    if (statement) return 'mixed-format';
    return replaced > transaction || renamed > transaction || (named !== 'by-log' && altered > transaction) ? 'table-changed' : null;
  }

  /** What was done to a table beside rows: whether by a statement, and the last transactions that did the others (−1: none). */
  private statementsOf({ index, database, table }: LoggedTable): Record<'replaced' | 'altered' | 'renamed', number> & { readonly statement: boolean } {
    const known = this.named.get(index);
    if (known !== undefined) return known;
    const naming = this.ended.naming(database, table);
    const last = (is: (one: Statement) => boolean): number => naming.filter(is).at(-1)?.transaction ?? -1;
    const found = {
      statement: naming.some(({ kind }) => kind === 'dml'), replaced: last(({ kind }) => kind === 'replaces'),
      altered: last(({ kind }) => kind === 'replaces' || kind === 'ddl'), renamed: last(renames),
    };
    this.named.set(index, found);
    return found;
  }

  /** What was done to a table beside rows: statements that were logged as such, and definitions that were changed or replaced. */
  doneTo(database: string, table: string): { readonly statement: string | null; readonly definition: string | null } {
    const naming = [...this.ended.naming(database, table), ...this.saidByServer.naming(database, table)];
    const first = (kinds: readonly StatementKind[]): string | null => naming.find(({ kind }) => kinds.includes(kind))?.text ?? null;
    return { statement: first(['dml']), definition: first(['replaces', 'ddl']) };
  }

  /** The first statement that changed rows and was logged as such, of whatever table; null: there is none. */
  firstDml(): string | null {
    return this.ended.firstDml();
  }

  close(): void {
    this.transactions.close();
    this.changes.close();
  }
}

function keysOf(event: BinlogEvent): Pick<SpilledChange, 'logsKeys' | 'keysOff'> {
  return { ...(logsForeignKeys(event) ? { logsKeys: true } : {}), ...(keysWereOff(event) ? { keysOff: true } : {}) };
}

function spilled(values: readonly (LoggedCell | null | undefined)[] | null): SpilledCell[] | null {
  return values === null ? null : values.map((value) => (value === undefined ? 0 : value === null ? null : value.cell));
}

function documentsOf(values: readonly (LoggedCell | null | undefined)[] | null): Record<number, readonly JsonChange[]> | null {
  const found = (values ?? []).flatMap((value, i) => (value?.changes === null || value?.changes === undefined ? [] : [[i, value.changes] as const]));
  return found.length === 0 ? null : Object.fromEntries(found);
}

/** Values with the names of their columns; those that the image does not hold are left out. */
export function imageOf(values: readonly (SpilledCell | undefined)[] | null, { columns, isHidden }: Pick<LoggedTable, 'columns' | 'isHidden'>): Image | null {
  if (values === null) return null;
  const image = new Map<string, Cell>();
  for (const [i, value] of values.entries()) if (value !== 0 && value !== undefined && isHidden[i] !== true) image.set(columns[i]?.name ?? '', value);
  return image;
}

/** A change with the names of its columns. */
export function single({ kind, before, after, documents, logsKeys }: SpilledChange, logged: LoggedTable): SingleChange {
  return {
    kind, before: imageOf(before, logged), after: imageOf(after, logged), ...(logsKeys === true ? { logsKeys } : {}),
    documents: new Map(Object.entries(documents ?? {}).map(([i, changes]) => [logged.columns[Number(i)]?.name ?? '', changes])),
  };
}
