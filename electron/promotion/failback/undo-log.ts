// What only an old primary has, read from its binary log as changes that can be taken back one by one, or the reason why they cannot.
import type { GtidSet } from '../../../shared/domain/gtid/set';
import type { LostTransaction } from '../../../shared/domain/promotion/dossier/dossier';
import type { UndoObstacle } from '../../../shared/domain/promotion/failback/undo';
import { isSystemSchema } from '../../../shared/domain/scope/scope';
import { failure, type Failure } from '../../../shared/errors/codes';
import { streamTransactions } from '../../mysql/binlog/stream';
import type { LiveSession } from '../../mysql/session/session';
import type { Session } from '../../mysql/types';
import { madeKeysAct, type ActingRules } from '../../../shared/domain/operations/rollback/acting';
import { ChangeLog } from '../../comparison/logged/change-log';
import { Collected, single, type SpilledChange } from '../../comparison/logged/collect';
import { fitsTable, inOneOffset, TodayTables } from '../../comparison/logged/tables-today';
import { cascadesOf } from '../../comparison/logged/cascades';
import { deleteSql, insertSql, updateSql } from '../../comparison/logged/sql';
import { LoggedTables, type LoggedTable } from '../../mysql/binlog/logged-tables';
import type { TodayTable } from '../../comparison/logged/tables-today';

/** The refusal of an undoing. `what`: a table, or a statement of the log. */
export const refusal = (server: string, why: UndoObstacle, what: string, detail?: string): Failure =>
  failure('failback-undo-impossible', { name: server, why, what }, { server, ...(detail === undefined ? {} : { detail }) });

/** What is to be undone on an old primary. */
export class UndoLog {
  private readonly cascades = new Map<string, ActingRules | null>();

  private constructor(
    private readonly server: string,
    private readonly session: Session,
    private readonly collected: Collected<ChangeLog>,
    private readonly tables: TodayTables,
  ) {}

  /**
   * Reads the transactions of a set from the binary log of the old primary into a folder. Nothing is changed. `dump` is over afterwards.
   *
   * @throws Failure `failback-undo-impossible` where one of them is no change of rows, or cannot be read to its end
   */
  static async read(folder: string, session: LiveSession, dump: LiveSession, wanted: GtidSet, signal: AbortSignal): Promise<UndoLog> {
    const collected = new Collected(folder, new LoggedTables(session), new ChangeLog(folder));
    const log = new UndoLog(session.label, session, collected, new TodayTables(session));
    try {
      await collected.tables.open();
      await streamTransactions(dump, wanted, collected, signal);
      collected.finish();
      await log.refuseUnread(wanted);
      return log;
    } catch (thrown) {
      log.close();
      throw thrown;
    }
  }

  /** Changes of rows that are to be undone, those included that were rolled back. */
  get count(): number {
    return this.collected.changes.count;
  }

  private async refuseUnread(wanted: GtidSet): Promise<void> {
    const unread = wanted.subtract(this.collected.seen.set());
    if (!unread.isEmpty()) throw refusal(this.server, 'unreadable', unread.shorten());
    const [whole] = this.collected.whole;
    if (whole !== undefined) {
      const why = whole.kind === 'ddl' || whole.kind === 'statement' ? whole.kind : 'unreadable';
      throw refusal(this.server, why, whole.statements[0] ?? this.collected.gtidOf(whole.transaction));
    }
    if (this.collected.counts.byServer === 0) return;
    for await (const { maker, statements } of this.collected.transactions.lines<LostTransaction>()) {
      // A temporary table that went with a connection leaves nothing behind; a table in memory that a restart emptied does.
      const emptied = maker === 'server' ? statements.find((text) => !/^\s*DROP\s+(?:\/\*!\d+\s+)?TEMPORARY\b/i.test(text)) : undefined;
      if (emptied !== undefined) throw refusal(this.server, 'memory', emptied);
    }
  }

  /**
   * The statement that takes each change back, the newest change first. Each finds its row only as long as it is as the change left it.
   *
   * @throws Failure `failback-undo-impossible` where a change cannot be taken back from its images
   */
  async *statements(): AsyncGenerator<{ readonly sql: string; readonly table: string }> {
    const fit = new Map<number, TodayTable>();
    for (const change of this.collected.changes.newestFirst()) {
      // What was rolled back is no change.
      if (this.collected.withdrawn.get(change.transaction) === null) continue;
      const logged = this.collected.tables.all[change.table] as LoggedTable;
      const name = `${logged.database}.${logged.table}`;
      if (this.collected.obstacle(logged, change.transaction) !== null) throw refusal(this.server, 'names', name);
      let table = fit.get(logged.index);
      if (table === undefined) {
        table = await this.tableOf(logged, name);
        fit.set(logged.index, table);
      }
      yield* this.inverse(change, logged, table, name);
    }
  }

  private *inverse(change: SpilledChange, logged: LoggedTable, table: TodayTable, name: string): Generator<{ readonly sql: string; readonly table: string }> {
    const { before, after, kind, documents } = change;
    const isWhole = (image: SpilledChange['before']): boolean =>
      image?.every((cell, i) => cell !== 0 || logged.isHidden[i] === true || table.columns.get(logged.columns[i]?.name ?? '')?.isGenerated === true) ?? true;
    if (documents !== undefined || !isWhole(before) || !isWhole(after)) throw refusal(this.server, 'images', name);
    const named = single(change, logged);
    const opposite = { insert: 'DELETE', update: 'UPDATE', delete: 'INSERT' }[kind];
    if (table.triggers.has(opposite)) throw refusal(this.server, 'triggers', name);
    this.refuseCascade(named, name);
    if (kind === 'insert' && named.after !== null) yield { table: name, sql: deleteSql(table, named.after) };
    else if (kind === 'delete' && named.before !== null) yield { table: name, sql: insertSql(table, named.before) };
    else if (named.before !== null && named.after !== null) {
      const { before: was, after: is } = named;
      const set = new Map([...was].filter(([column, cell]) => table.kinds.has(column) && JSON.stringify(cell) !== JSON.stringify(is.get(column))));
      // An event whose images are equal in every column that can be written changed nothing that could be taken back.
      if (set.size > 0) yield { table: name, sql: updateSql(table, is, set) };
    }
  }

  /** Rows of other tables that went, or changed, along with this one are in no log where the storage engine does that by itself. */
  private refuseCascade(change: ReturnType<typeof single>, name: string): void {
    const acting = this.cascades.get(name) ?? null;
    if (acting !== null && madeKeysAct(acting, change)) throw refusal(this.server, 'cascade', name);
  }

  private async tableOf(logged: LoggedTable, name: string): Promise<TodayTable> {
    const { database, table: tableName } = logged;
    if (isSystemSchema(database, this.session.version)) throw refusal(this.server, 'system', name);
    const table = await this.tables.of(database, tableName);
    if (table === null || !fitsTable(logged, table)) throw refusal(this.server, 'table', name);
    const [row] = await this.session.query<{ engine: string | null }>(
      'SELECT ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?', [database, tableName],
    );
    if (row?.engine !== 'InnoDB') throw refusal(this.server, 'engine', name);
    const { stored, kept } = await inOneOffset(this.session, [table]);
    if (stored.length + kept.length > 0) throw refusal(this.server, 'zone', name);
    this.cascades.set(name, await cascadesOf(this.session, table));
    return table;
  }

  close(): void {
    this.collected.close();
  }
}
