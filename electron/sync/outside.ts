import type { Scope } from '../../shared/domain/scope';
import { outsideStatement, type OutsideStatement } from '../../shared/domain/sync-outside';
import { quoteString } from '../mysql/quote';
import { plain } from '../mysql/statement';
import type { Session, Statement } from '../mysql/types';

/**
 * Passes over the statement at which the applier stopped, where it is a program of a database outside of the scope: an
 * empty transaction takes its place, and the applier goes on (by `start`, where it is not to go on without an end).
 * Returns what was passed over; null: the error is another.
 */
export async function passOutsideStatement(session: Session, scope: Scope, applierError: string, run: (statement: Statement) => Promise<unknown>, start: Statement = session.dialect.startReplica({ threads: 'applier' })): Promise<OutsideStatement | null> {
  const outside = outsideStatement(applierError, scope);
  if (outside === null) return null;
  try {
    await run(plain(`SET SESSION gtid_next = ${quoteString(outside.gtid)}`));
    await run(plain('BEGIN'));
    await run(plain('COMMIT'));
  } finally {
    await run(plain("SET SESSION gtid_next = 'AUTOMATIC'"));
  }
  await run(start);
  return outside;
}
