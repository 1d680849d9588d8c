// Chosen transactions are taken back on the live tables, in one transaction, or not at all. It is left open: committing is a step of its own.
import { countOfVerdict, type UndoCount } from '../../../shared/domain/operations/rollback/undo-plan';
import { isConflict } from '../../../shared/domain/operations/rollback/undo';
import { failure } from '../../../shared/errors/codes';
import type { NewName } from '../../../shared/domain/operations/rollback/names';
import { message, type Message } from '../../../shared/i18n/message';
import { statementSessionOf } from '../../comparison/logged/sql';
import type { LiveSession } from '../../mysql/session/session';
import { executedOn } from '../../replication/gtid';
import { refuseLocked } from '../permission';
import type { Step, StepContext } from '../../tasks/types';
import { wasCommitted, ensureProofTable, proofSql } from './undo-proof';
import { openReading } from './undo-source';
import type { UndoReading, UndoStatement } from './undo-reading';
import { begunKey, type RollbackWork, type UndoInput } from './work';

/** Statements that are journaled one by one; a journal of all of them would be as long as the log. */
const mostJournaled = 200;
/** Statements between two tellings of how far it is. */
const told = 200;
/** Statements wait for locks of others no longer than this, seconds. */
const lockSeconds = 10;

/** What an undoing session needs: values as they were, and the keys and constraints of the tables in force. */
export const undoSession = async (session: LiveSession): Promise<readonly string[]> => [
  // Looks at rows of others lock the gaps between them as well: none comes in before the end.
  ...await statementSessionOf(session), 'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  `SET SESSION innodb_lock_wait_timeout = ${String(lockSeconds)}, SESSION lock_wait_timeout = ${String(lockSeconds)}`,
  // A workstation that is cut off must not hold rows of production for the eight hours of the default.
  'SET SESSION wait_timeout = 600',
];

/** What a step that writes on live tables is called. */
export function undoTitle(name: string, what: { readonly gtids: readonly string[] } | { readonly pair: NewName }): Message {
  if ('gtids' in what) return message('rollback.step.undo', { name, count: what.gtids.length });
  const { database, table, newDatabase, newTable } = what.pair;
  return message('rollback.step.copy-back', { name, original: `${database}.${table}`, copy: `${newDatabase}.${newTable}` });
}

export function undoStep(work: RollbackWork, input: UndoInput): Step {
  return {
    id: 'undo', title: undoTitle(input.name, input.way === 'undo' ? { gtids: input.gtids } : { pair: input.pair }),
    run: (context) => undo(work, input, context),
    // Nothing of it is committed: without its session it is gone.
    undo: () => Promise.resolve(work.endSessions()),
  };
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
  basis({ stamp }: UndoReading): string {
    return `${JSON.stringify(this.all())}${stamp}`;
  }
}

async function undo(work: RollbackWork, input: UndoInput, context: StepContext): Promise<void> {
  if (await wasCommitted(work, context, context.signal)) {
    context.log('info', 'rollback.log.committed-before', { name: input.name });
    return;
  }
  await takeBack(work, input, context);
}

/** Reads everything anew and takes it back in a transaction that is left open, in `work.uncommitted`. */
export async function takeBack(work: RollbackWork, input: UndoInput, context: StepContext): Promise<void> {
  await work.inFolder(async (folder) => {
    let kept: LiveSession | null = null;
    try {
      const connect = (): Promise<LiveSession> => work.connect(context.signal);
      const writer = await connect();
      const reading = await openReading(folder, work.owner, input, connect, context.signal);
      try {
        const open = await runAll(input, context, writer, reading);
        // It took its time: on a server that became a standby meanwhile this would be a transaction of its own.
        await refuseLocked(work.deps.fleet, work.input.instanceId, 'rollback');
        work.uncommitted = open;
        kept = writer;
      } finally {
        reading.close();
      }
    } finally {
      work.endSessions(kept);
    }
  });
}

async function runAll(input: UndoInput, context: StepContext, writer: LiveSession, reading: UndoReading): Promise<LiveSession> {
  const { id, name } = input;
  const counts = new UndoCounts();
  const statements: UndoStatement[] = [];
  for (const one of reading.statements()) {
    counts.add(one);
    statements.push(one);
  }
  // The servers are the truth: what was shown is what is done, or nothing is.
  if (reading.obstructions.length > 0 || counts.basis(reading) !== input.shown) throw failure('plan-outdated', { what: name });
  const ready = statements.filter(({ sql }) => sql !== null);
  for (const sql of await undoSession(writer)) await context.sql(writer, name, sql);
  await ensureProofTable(context, writer, name);
  const before = await executedOn(writer);
  const left = countOfVerdict(counts.all(), isConflict);
  await context.remember(begunKey, { executed: before.toLine(), connectionId: writer.connectionId, rows: ready.length, left });
  try {
    await context.sql(writer, name, 'START TRANSACTION');
    await context.sql(writer, name, proofSql(id));
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
  return writer;
}

async function runOne(context: StepContext, writer: LiveSession, name: string, one: UndoStatement, at: number): Promise<void> {
  const { sql, guardedSql, entry, childrenSql } = one;
  if (sql === null) return;
  const table = `${entry.database}.${entry.table}`;
  // One row at a time: what is seen stays locked, and others would wait for the rows behind it.
  const refuseChildren = async (): Promise<void> => {
    for (const children of childrenSql) {
      if ((await writer.query(children)).length > 0) throw failure('rollback-children', { name, table }, { server: name });
    }
  };
  if (guardedSql === null) await refuseChildren();
  if (await rowsOf(context, writer, name, guardedSql ?? sql, at) === 1) return;
  if (guardedSql !== null) await refuseChildren();
  throw failure('rollback-moved', { name, table }, { server: name });
}

async function rowsOf(context: StepContext, writer: LiveSession, name: string, sql: string, at: number): Promise<number> {
  if (at >= mostJournaled) return (await writer.run(sql)).affectedRows;
  await context.sql(writer, name, sql);
  const [row] = await writer.query<{ n: number | string }>('SELECT ROW_COUNT() AS n');
  return Number(row?.n);
}
