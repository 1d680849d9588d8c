// The changes of the log, made again on what a backup restored.
import * as v from 'valibot';
import type { Image } from '../../../../shared/domain/binlog/cell';
import type { RestoreOrder } from '../../../../shared/domain/backup/backup';
import { forwardOf } from '../../../../shared/domain/backup/later';
import type { RestoreMoment } from '../../../../shared/domain/backup/moment';
import { parseGtidSet } from '../../../../shared/domain/gtid/set';
import type { ActingRules } from '../../../../shared/domain/operations/rollback/acting';
import type { UndoAct } from '../../../../shared/domain/operations/rollback/undo';
import { Failure, failure } from '../../../../shared/errors/codes';
import { cascadesOf } from '../../../comparison/logged/cascades';
import { single } from '../../../comparison/logged/collect';
import { deleteSql, insertsSql, statementModes, statementSession, updateSql } from '../../../comparison/logged/sql';
import { fitsTable, inZoneOfSession, readTodayTable, type TodayTable } from '../../../comparison/logged/tables-today';
import { evaluationSql, type WriteJob } from '../../../copy/snapshot/sessions';
import { hasErrno } from '../../../mysql/errors';
import { maxPacketOf } from '../../../mysql/max-packet';
import type { LoggedTable } from '../../../mysql/binlog/logged-tables';
import type { LiveSession } from '../../../mysql/session/session';
import type { RunAnswer } from '../../../mysql/types';
import { memoryKey } from '../../../tasks/memory';
import type { StepContext } from '../../../tasks/types';
import { restoredAs, type RestoreChoice } from '../choice';
import type { TableName } from '../table-names';
import type { OpenBackup } from '../open';
import { withFolder } from './folder';
import { keysActed } from './keys';
import { LaterLog, type FoundObstacle } from './log';
import { laterChoice, planLater, type LaterParts } from './plan';
import { signalled } from './range';

/** The transactions that are added, as they were looked through. */
const laterRange = memoryKey('laterRange', v.string());
/** Changes of rows that were found in them. */
const laterCount = memoryKey('laterCount', v.number());

/** Changes of one transaction on the target. */
const together = 2_000;
/** Rows of one INSERT, and characters of it. */
const mostRows = 200;
const mostText = 512 * 1024;

export const isLater = ({ until }: RestoreOrder): boolean => until !== undefined && until !== null;

/** Looks the log through once more, before anything is dropped or made, and keeps which transactions it is about. */
export async function checkLater(
  parts: LaterParts, step: StepContext, backup: OpenBackup, order: RestoreOrder, choice: RestoreChoice,
): Promise<void> {
  if (!isLater(order)) return;
  const { range, later, obstacles: [obstacle] } = await planLater(parts, backup, order, choice, `check-${order.targetId}`, step.signal);
  if (obstacle !== undefined) throw new Failure(obstacle);
  await step.remember(laterCount, later?.changes ?? 0);
  await step.remember(laterRange, range.toLine());
}

/** Makes the changes of rows again, in the order of the log; answers how many they were. */
export async function followLog(
  { fleet, dataFolder }: LaterParts, { step, target }: WriteJob, backup: OpenBackup, order: RestoreOrder, { instanceId }: RestoreMoment, choice: RestoreChoice,
): Promise<number> {
  const [range, counted] = [step.recall(laterRange), step.recall(laterCount)];
  if (range === undefined || counted === undefined) throw failure('internal', { detail: 'the log was not looked through' });
  const sessions: LiveSession[] = [];
  const connect = async (id: string): Promise<LiveSession> => {
    const session = await fleet.connect(id, signalled(step.signal));
    sessions.push(session);
    return session;
  };
  const follow = async (folder: string): Promise<number> => {
    const restored = (table: TableName): TableName => restoredAs(choice, table);
    const [session, dump] = [await connect(order.targetId), await connect(instanceId)];
    const log = await LaterLog.read({ folder, session, dump, restored }, laterChoice(backup, choice, parseGtidSet(range)), step.signal);
    try {
      const { name } = fleet.instance(instanceId);
      // Since it was looked through files may have been purged: what is not read to its end leads to no moment.
      const lost = lostOf(log.found, log.count, counted);
      if (lost !== null) throw failure('restore-log-event', { name, ...lost }, { server: name });
      const rows = await new Follower(await connect(order.targetId), step, target.name, log, backup, restored).run();
      step.log('info', 'backup.log.later', { rows, name });
      return rows;
    } finally {
      log.close();
    }
  };
  try {
    return await withFolder(dataFolder, `follow-${order.targetId}`, follow);
  } finally {
    for (const session of sessions) session.destroy();
  }
}

/** What keeps a log that was read again from being followed; keys that were off were judged by the tables when it was looked through. */
export function lostOf(found: readonly FoundObstacle[], count: number, counted: number): FoundObstacle | null {
  const obstacle = found.find(({ why }) => why !== 'unchecked');
  if (obstacle !== undefined) return obstacle;
  return count < counted ? { why: 'unreadable', what: `${count} < ${counted}` } : null;
}

/** A table of the target, and what its foreign keys carry on there; null: nothing. */
interface FollowedTable {
  readonly table: TodayTable;
  readonly rules: ActingRules | null;
}

/** Writes one change after the other; rows that are new and stand together in one statement. */
class Follower {
  readonly #tables = new Map<LoggedTable, FollowedTable>();
  #pending: { readonly table: TodayTable; readonly rows: Image[]; text: number } | null = null;
  #keysAct = true;
  #mostText = mostText;

  constructor(
    private readonly writer: LiveSession, private readonly step: StepContext, private readonly name: string, private readonly log: LaterLog,
    private readonly backup: OpenBackup, private readonly restored: (table: TableName) => TableName,
  ) {}

  async run(): Promise<number> {
    const { writer, step, name, log } = this;
    await this.#begin();
    // A value may be written with eight bytes a character.
    this.#mostText = Math.min(mostText, await maxPacketOf(writer) / 8);
    let done = 0;
    await this.#run('START TRANSACTION');
    for (const change of log.changes()) {
      const logged = log.tableOf(change);
      const { table, rules } = await this.#tableOf(logged);
      const act = forwardOf(single(change, logged), table);
      if (act === 'partial-image') throw failure('restore-log-event', { name, why: 'partial', what: `${logged.database}.${logged.table}` });
      done += 1;
      if (act !== 'nothing') await this.#make(table, act, keysActed(rules, change, logged));
      if (done % together !== 0) continue;
      await this.#flush();
      await this.#run('COMMIT');
      step.checkpoint();
      step.progress({ text: null, done, total: log.count, unit: 'rows', rate: null, etaSeconds: null });
      await this.#run('START TRANSACTION');
    }
    await this.#flush();
    await this.#run('COMMIT');
    return done;
  }

  /** Columns that are computed get the values that they had on the server of the log. */
  async #begin(): Promise<void> {
    const { writer, step, name, backup: { manifest: { zone, evaluation } } } = this;
    for (const sql of statementSession(zone)) await step.sql(writer, name, sql);
    if (evaluation === undefined) return;
    // Of the log's server alone: what the target computes by is taken away.
    await step.sql(writer, name, `SET SESSION sql_mode = '${statementModes}'`);
    for (const sql of evaluationSql(evaluation)) {
      // A server without the messages of a language refuses its names, and an older one a mode that it has not.
      await step.sql(writer, name, sql).catch((thrown: unknown) => {
        if (!hasErrno(thrown, 1231)) throw thrown;
      });
    }
  }

  /** Takes as long as it takes, a table without a key is read through for each row; and ends with the task. */
  #run(sql: string): Promise<RunAnswer> {
    return this.writer.run(sql, [], { timeoutMs: Infinity, signal: this.step.signal });
  }

  async #tableOf(logged: LoggedTable): Promise<FollowedTable> {
    const known = this.#tables.get(logged);
    if (known !== undefined) return known;
    const as = this.restored(logged);
    const read = await readTodayTable(this.writer, as.database, as.table);
    const table = read === null ? null : inZoneOfSession(read);
    const what = `${logged.database}.${logged.table}`;
    if (table === null) throw failure('restore-log-event', { name: this.name, why: 'unheld', what });
    if (logged.named === null || !fitsTable(logged, table)) throw failure('restore-log-event', { name: this.name, why: 'definition', what });
    const followed = { table, rules: await cascadesOf(this.writer, table) };
    this.#tables.set(logged, followed);
    return followed;
  }

  async #make(table: TodayTable, act: UndoAct, keysAct: boolean): Promise<void> {
    if (act.kind === 'insert') return this.#add(table, act.row);
    await this.#flush();
    await this.#letKeysAct(keysAct);
    await this.#write(table, act.kind === 'delete' ? deleteSql(table, act.found) : updateSql(table, act.found, act.set), 1);
  }

  async #add(table: TodayTable, row: Image): Promise<void> {
    const { rows = [], text = 0 } = this.#pending ?? {};
    const length = textOf(row);
    const isSame = this.#pending?.table === table && rows.length < mostRows && text + length <= this.#mostText && sameColumns(rows[0], row);
    if (!isSame) await this.#flush();
    const pending = this.#pending ??= { table, rows: [], text: 0 };
    pending.rows.push(row);
    pending.text += length;
  }

  async #flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = null;
    if (pending === null) return;
    // A parent may be in no table here, or come later in the log.
    await this.#letKeysAct(false);
    await this.#write(pending.table, insertsSql(pending.table, pending.rows), pending.rows.length);
  }

  async #letKeysAct(act: boolean): Promise<void> {
    if (this.#keysAct === act) return;
    await this.#run(`SET SESSION foreign_key_checks = ${act ? 1 : 0}`);
    this.#keysAct = act;
  }

  /** The table holds exactly what the log says, or it is no table of that moment. */
  async #write({ database, table }: TodayTable, sql: string, rows: number): Promise<void> {
    const { affectedRows } = await this.#run(sql);
    if (affectedRows !== rows) throw failure('restore-log-event', { name: this.name, why: 'moved', what: `${database}.${table}` }, { server: this.name });
  }
}

function sameColumns(one: Image | undefined, other: Image): boolean {
  return one !== undefined && one.size === other.size && [...other.keys()].every((name) => one.has(name));
}

function textOf(row: Image): number {
  let length = 0;
  // With what stands around a value: brackets, a character set, a function.
  for (const cell of row.values()) length += 8 + (typeof cell === 'string' ? cell.length : cell === null ? 4 : JSON.stringify(cell).length);
  return length;
}
