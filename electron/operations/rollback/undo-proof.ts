// The proof of an undo: a row that its transaction writes of itself.
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { ownSchema } from '../../../shared/domain/scope/scope';
import type { LiveSession } from '../../mysql/session/session';
import { executedOn } from '../../replication/gtid';
import type { StepContext, TaskMemory } from '../../tasks/types';
import { committedBy, options } from './log-reading';
import { begunKey, type RollbackWork } from './work';

/**
 * Rows that undoing transactions write of themselves: what is there was committed, and what is not was not. A connection's number says less: it
 * is given anew after a restart.
 */
const proofTable = `${ownSchema}.rollback_proof`;

/** A transaction that may still commit is waited for as long, seconds. */
const lookSeconds = 20;
/** The row of an undo, as its transaction writes it. */
export const proofSql = (id: string): string => `INSERT INTO ${proofTable} (id) VALUES ('${id.replaceAll(/[^0-9a-f-]/gi, '')}')`;

/** Made before anything is begun: a definition commits whatever is open. */
export async function ensureProofTable(context: StepContext, writer: LiveSession, name: string): Promise<void> {
  // Logged even where both are there: a replica that was made from a backup, which leaves our own schema out, gets them by it.
  await context.sql(writer, name, `CREATE DATABASE IF NOT EXISTS ${ownSchema}`);
  await context.sql(writer, name, `CREATE TABLE IF NOT EXISTS ${proofTable} (id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY) ENGINE = InnoDB`);
}

/** Whether the row of an undo is there. A transaction that may still commit holds its row: it is waited for. */
export async function isProven({ owner: { fleet, instanceId }, input: { id } }: RollbackWork, signal?: AbortSignal): Promise<boolean> {
  const session = await fleet.connect(instanceId, options(signal));
  try {
    await session.run(`SET SESSION innodb_lock_wait_timeout = ${String(lookSeconds)}`);
    const rows = await session.query(`SELECT 1 AS found FROM ${proofTable} WHERE id = ? LOCK IN SHARE MODE`, [id]);
    return rows.length > 0;
  } finally {
    session.destroy();
  }
}

/** Whether the server has an undo that was begun. The log is not read for it. */
export async function wasCommitted(work: RollbackWork, memory: TaskMemory, signal?: AbortSignal): Promise<boolean> {
  return memory.recall(begunKey) !== undefined && isProven(work, signal);
}

/** The first transaction of the connection since it began: it was there until it committed, so that nothing else had its number. */
export async function gtidOfUndo(work: RollbackWork, memory: TaskMemory, signal?: AbortSignal): Promise<string | null> {
  const begun = memory.recall(begunKey);
  if (begun === undefined) return null;
  const executed = await work.owner.fleet.withSession(work.owner.instanceId, executedOn);
  return committedBy(work.owner, executed.subtract(parseGtidSet(begun.executed)), begun.connectionId, signal);
}
