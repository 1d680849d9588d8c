// Chosen transactions are taken back on the live tables, in one transaction, or not at all.
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { countOfVerdict, type UndoCount } from '../../../shared/domain/operations/rollback/undo-plan';
import { isConflict } from '../../../shared/domain/operations/rollback/undo';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { sessionSql } from '../../comparison/logged/sql';
import { isConnectionLost } from '../../mysql/errors';
import type { LiveSession } from '../../mysql/session/session';
import { waitUntil } from '../../mysql/time';
import { executedOn } from '../../replication/gtid';
import type { Step, StepContext, TaskMemory } from '../../tasks/types';
import { committedBy, fromTransactionOn } from './log-reading';
import { readUndo, type UndoReading, type UndoStatement } from './undo-reading';
import { begunKey, type RollbackWork, type UndoInput } from './work';

/** Statements that are journaled one by one; a journal of all of them would be as long as the log. */
const mostJournaled = 200;
/** Statements between two tellings of how far it is. */
const told = 200;
/** Statements wait for locks of others no longer than this, seconds. */
const lockSeconds = 10;

/** What an undoing session needs: values as they were, and the keys and constraints of the tables in force. */
export const undoSession = [
  ...sessionSql, `SET SESSION innodb_lock_wait_timeout = ${String(lockSeconds)}, SESSION lock_wait_timeout = ${String(lockSeconds)}`,
] as const;

export function undoStep(work: RollbackWork, input: UndoInput): Step {
  return { id: 'undo', title: message('rollback.step.undo', { name: input.name, count: input.gtids.length }), run: (context) => undo(work, input, context) };
}

/** Counts by table and verdict. */
export class UndoCounts {
  readonly #counts = new Map<string, { -readonly [Key in keyof UndoCount]: UndoCount[Key] }>();

  add({ entry: { database, table, verdict } }: UndoStatement): void {
    const key = JSON.stringify([database, table, verdict]);
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { database, table, verdict, count: 1 });
    else known.count++;
  }

  all(): readonly UndoCount[] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
  }

  /** What a plan stands on. */
  get basis(): string {
    return JSON.stringify(this.all());
  }
}

/** What the server says of an undo that was begun; null: none was, or nothing of it was committed. */
export async function committedUndo(work: RollbackWork, memory: TaskMemory, signal?: AbortSignal): Promise<string | null> {
  const begun = memory.recall(begunKey);
  if (begun === undefined) return null;
  const { fleet, instanceId } = work.owner;
  // As long as the connection is there it may still commit.
  await fleet.withSession(instanceId, async (session) => {
    await waitUntil(async () => {
      const [row] = await session.query<{ n: number | string }>('SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE ID = ?', [begun.connectionId]);
      return Number(row?.n) === 0;
    }, { everyMs: 200, limitMs: 20_000 });
  });
  const executed = await fleet.withSession(instanceId, executedOn);
  return committedBy(work.owner, executed.subtract(parseGtidSet(begun.executed)), begun.connectionId, signal);
}

async function undo(work: RollbackWork, input: UndoInput, context: StepContext): Promise<void> {
  if (await committedUndo(work, context, context.signal) !== null) {
    context.log('info', 'rollback.log.committed-before', { name: input.name });
    return;
  }
  await work.inFolder(async (folder) => {
    try {
      const { set } = await fromTransactionOn(work.owner, input.gtids, context.signal);
      const writer = await work.connect(context.signal);
      const order = { session: await work.connect(context.signal), dump: await work.connect(context.signal), gtids: input.gtids, range: set.toLine() };
      const reading = await readUndo(folder, order, context.signal);
      try {
        await takeBack(work, input, context, writer, reading);
      } finally {
        reading.close();
      }
    } finally {
      work.endSessions();
    }
  });
}

async function takeBack(work: RollbackWork, input: UndoInput, context: StepContext, writer: LiveSession, reading: UndoReading): Promise<void> {
  const { id, name } = input;
  const counts = new UndoCounts();
  const statements: UndoStatement[] = [];
  for (const one of reading.statements()) {
    counts.add(one);
    statements.push(one);
  }
  // The servers are the truth: what was shown is what is done, or nothing is.
  if (reading.obstructions.length > 0 || counts.basis !== input.shown) throw failure('plan-outdated', { what: name });
  const ready = statements.filter(({ sql }) => sql !== null);
  for (const sql of undoSession) await context.sql(writer, name, sql);
  const before = await executedOn(writer);
  await context.remember(begunKey, { executed: before.toLine(), connectionId: writer.connectionId });
  try {
    await context.sql(writer, name, 'START TRANSACTION');
    for (const [at, one] of ready.entries()) {
      await runOne(context, writer, name, one, at);
      if ((at + 1) % told !== 0 && at + 1 !== ready.length) continue;
      context.checkpoint();
      context.progress({ text: null, done: at + 1, total: ready.length, unit: 'rows', rate: null, etaSeconds: null });
    }
  } catch (thrown) {
    if (!writer.closed) await writer.run('ROLLBACK').catch(() => writer.destroy());
    throw thrown;
  }
  const gtid = await commit(work, context, writer, name);
  const rows = ready.length;
  const left = countOfVerdict(counts.all(), isConflict);
  work.book.noteOutcome(id, { gtid, rows, left });
  context.log('info', 'rollback.log.undone', { name, rows, left, gtid: gtid ?? '?' });
}

async function runOne(context: StepContext, writer: LiveSession, name: string, { sql, entry, childrenSql }: UndoStatement, at: number): Promise<void> {
  if (sql === null) return;
  const table = `${entry.database}.${entry.table}`;
  for (const children of childrenSql) {
    if ((await writer.query(children)).length > 0) throw failure('rollback-children', { name, table }, { server: name });
  }
  if (at < mostJournaled) {
    await context.sql(writer, name, sql);
    const [row] = await writer.query<{ n: number | string }>('SELECT ROW_COUNT() AS n');
    if (Number(row?.n) !== 1) throw failure('rollback-moved', { name, table }, { server: name });
    return;
  }
  const { affectedRows } = await writer.run(sql);
  if (affectedRows !== 1) throw failure('rollback-moved', { name, table }, { server: name });
}

/** Commits, and says under which GTID. A commit that went unanswered is looked for in the log. */
async function commit(work: RollbackWork, context: StepContext, writer: LiveSession, name: string): Promise<string | null> {
  try {
    await context.sql(writer, name, 'COMMIT');
  } catch (thrown) {
    if (!isConnectionLost(thrown)) throw thrown;
    const found = await committedUndo(work, context, context.signal);
    if (found === null) throw thrown;
    return found;
  }
  const begun = context.recall(begunKey);
  const executed = await executedOn(writer);
  return begun === undefined ? null : committedBy(work.owner, executed.subtract(parseGtidSet(begun.executed)), begun.connectionId, context.signal);
}
