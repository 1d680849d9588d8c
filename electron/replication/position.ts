import { failure } from '../../shared/errors/codes';
import { parseGtidSet } from '../../shared/domain/gtid/set';
import type { Session } from '../mysql/types';
import type { StepContext } from '../tasks/types';
import { executedOn } from './gtid';

/**
 * Makes gtid_executed of a server exactly a set: what it has of its own is forgotten, with its binary logs. Right only where its data are those of
 * that set, and nobody follows it.
 *
 * @throws Failure `step-failed` where the server says another set afterwards
 */
export async function setPosition(session: Session, name: string, step: StepContext, gtidSet: string): Promise<void> {
  const { dialect } = session;
  const wanted = parseGtidSet(gtidSet);
  const here = (await executedOn(session));
  if (!here.equals(wanted)) {
    if (!here.isEmpty()) {
      step.log('warning', 'sync.log.gtidsReset', { server: name, gtids: here.shorten() });
      await step.sql(session, name, dialect.resetBinaryLogsAndGtids());
    }
    // A source without a transaction has nothing to be marked as received.
    if (!wanted.isEmpty()) await step.sql(session, name, dialect.setGtidPurged(gtidSet, 'replace'));
  }
  const after = (await executedOn(session));
  if (after.equals(wanted)) return;
  const detail = `gtid_executed = ${after.shorten()}, expected ${wanted.shorten()}`;
  throw failure('step-failed', { step: 'prepare', server: name }, { server: name, detail });
}
