// The part of a log between a backup and a moment: the changes of rows of what is restored, and all that keeps them from being made again.
import { concerns } from '../../../../shared/domain/backup/later';
import type { LaterObstacle } from '../../../../shared/domain/backup/moment';
import { statementKind } from '../../../../shared/domain/binlog/statements';
import type { GtidSet } from '../../../../shared/domain/gtid/set';
import { isInScope } from '../../../../shared/domain/scope/filters';
import type { ServerVersion } from '../../../../shared/domain/fleet/version';
import { isSystemSchema, ownSchema, type Scope } from '../../../../shared/domain/scope/scope';
import { failure } from '../../../../shared/errors/codes';
import { ChangeLog } from '../../../comparison/logged/change-log';
import { Collected, type SpilledChange } from '../../../comparison/logged/collect';
import { eventTypes, type BinlogEvent } from '../../../mysql/binlog/event';
import { LoggedTables, type LoggedTable } from '../../../mysql/binlog/logged-tables';
import { readStatement } from '../../../mysql/binlog/query-event';
import { changeKind, keysWereOff, tableIdOf } from '../../../mysql/binlog/rows';
import { streamTransactions, type TransactionVisitor } from '../../../mysql/binlog/stream';
import { tableNameOf } from '../../../mysql/binlog/table-map';
import type { LiveSession } from '../../../mysql/session/session';

/** Changes of rows that are followed: the place of each is kept in memory. */
const mostChanges = 10_000_000;

/** What is restored, by the names of the log. */
export interface LaterChoice {
  readonly range: GtidSet;
  readonly scope: Scope;
  readonly databases: readonly string[];
  readonly tables: readonly { readonly database: string; readonly table: string }[];
}

export interface FoundObstacle {
  readonly why: LaterObstacle;
  readonly what: string;
}

/** Where a log is read to, and by whom. */
export interface LaterReading {
  readonly folder: string;
  /** Says what columns are called, and character sets. */
  readonly session: LiveSession;
  /** Over afterwards. */
  readonly dump: LiveSession;
  /** What a table of the log was restored as on the session's server; absent: it is the log's server. */
  readonly restored?: ConstructorParameters<typeof LoggedTables>[1];
}

export class LaterLog implements TransactionVisitor {
  readonly #collected: Collected<ChangeLog>;
  readonly #found = new Map<string, FoundObstacle>();
  #gtid = '';
  #wanted = new Map<number, string>();

  /** `version`: of the server whose log it is. */
  private constructor(private readonly choice: LaterChoice, private readonly version: ServerVersion, collected: Collected<ChangeLog>) {
    this.#collected = collected;
  }

  /** Reads all of it; whoever asked for it closes it. */
  static async read({ folder, session, dump, restored }: LaterReading, choice: LaterChoice, signal?: AbortSignal): Promise<LaterLog> {
    const log = new LaterLog(choice, dump.version, new Collected(folder, new LoggedTables(session, restored), new ChangeLog(folder)));
    try {
      await log.#collected.tables.open();
      await streamTransactions(dump, choice.range, log, signal);
      log.#collected.finish();
      log.#judge();
      const unread = choice.range.subtract(log.#collected.seen.set());
      if (!unread.isEmpty()) log.#refuse('unreadable', unread.shorten());
      return log;
    } catch (thrown) {
      log.close();
      throw thrown;
    }
  }

  knows(map: BinlogEvent): boolean {
    return this.#takes(map) === null || this.#collected.knows(map);
  }

  learn(map: BinlogEvent): Promise<void> {
    return this.#collected.learn(map);
  }

  begin(gtid: string, event: BinlogEvent): void {
    this.#gtid = gtid;
    this.#wanted = new Map();
    this.#collected.begin(gtid, event);
  }

  event(event: BinlogEvent): void {
    if (event.type === eventTypes.tableMap) {
      const name = this.#takes(event);
      if (name === null) return;
      this.#wanted.set(tableIdOf(event), name);
    } else if (changeKind(event.type) !== null) {
      const name = this.#wanted.get(tableIdOf(event));
      if (name === undefined) return;
      if (changeKind(event.type) !== 'insert' && keysWereOff(event)) this.#refuse('unchecked', name);
    } else this.#statement(event);
    this.#collected.event(event);
    if (this.#collected.changes.count > mostChanges) throw failure('rollback-too-many', { most: mostChanges });
  }

  end(damage: string | null): void {
    this.#collected.end(damage);
    this.#judge();
  }

  /** What was done beside rows is judged as it is told; what cannot be read stands in the way, whatever it is about. */
  #judge(): void {
    for (const { kind, transaction } of this.#collected.whole.splice(0)) {
      if (kind !== 'ddl' && kind !== 'statement') this.#refuse('unreadable', `${this.#collected.gtidOf(transaction)} (${kind})`);
    }
  }

  #statement(event: BinlogEvent): void {
    const read = readStatement(event, (collation) => this.#collected.tables.charsetOf(collation));
    if (read === null || read.isComment) return;
    const kind = statementKind(read.text);
    if (kind === 'frame' || !concerns(read.text, read.database, kind === 'dml', this.choice)) return;
    this.#refuse(kind === 'dml' ? 'statement' : 'definition', `${this.#gtid}: ${read.text.slice(0, 200)}`);
  }

  #refuse(why: LaterObstacle, what: string): void {
    const key = `${why} ${what}`;
    if (this.#found.size < mostFound) this.#found.set(key, { why, what });
  }

  /** The name of a table whose rows are wanted; null: they are not. */
  #takes(map: BinlogEvent): string | null {
    const { database, table } = tableNameOf(map.body);
    if (database === ownSchema || isSystemSchema(database, this.version) || !isInScope(this.choice.scope, database, table)) return null;
    return `${database}.${table}`;
  }

  get found(): readonly FoundObstacle[] {
    return [...this.#found.values()];
  }

  get count(): number {
    return this.#collected.changes.count;
  }

  tableOf(change: SpilledChange): LoggedTable {
    const table = this.#collected.tables.all[change.table];
    if (table === undefined) throw failure('internal', { detail: 'a change of no table' });
    return table;
  }

  /** In the order of the log; what was rolled back is no change. */
  *changes(): Generator<SpilledChange> {
    for (const change of this.#collected.changes.oldestFirst()) if (!this.#collected.withdrawn.has(change.transaction)) yield change;
  }

  close(): void {
    this.#collected.close();
  }
}

/** The first ones tell enough. */
const mostFound = 100;
