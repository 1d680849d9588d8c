import { failure } from '../../shared/errors/codes';
import type { CheckResult } from '../../shared/domain/checks/check';
import { waitUntil } from '../mysql/time';
import type { Session } from '../mysql/types';
import { pairs, read } from './rows';
import { runCheck, type CheckRun } from './run';

const anonymousLimitMs = 60_000;
const everyMs = 200;

/**
 * Applies the SQL that a check's remedy names, as it reads now and not as a report of before had it, and runs the check
 * again. A check that passes meanwhile is left alone.
 *
 * @throws Failure `invalid-input` where the check has no such remedy, or the failure of a statement: those before it hold
 */
export async function fixCheck(run: CheckRun, checkId: string): Promise<CheckResult> {
  const found = await runCheck(run, checkId);
  if (found.status === 'pass' || found.status === 'skipped') return found;
  const { remedy } = found;
  if (!found.fixable || remedy?.sql === undefined || remedy.on === undefined) {
    throw failure('invalid-input', { field: 'checkId', reason: `${checkId} has no fix` });
  }
  const { request, fleet, signal } = run;
  const { sql } = remedy;
  await fleet.withSession(
    remedy.on === 'source' ? request.sourceId : request.standbyId,
    async (session) => {
      for (const statement of sql) {
        if (/\bgtid_mode = 'ON'$/.test(statement)) await untilNoAnonymous(session, signal);
        await session.run(statement);
      }
    },
    signal === undefined ? {} : { signal },
  );
  return runCheck(run, checkId);
}

/** The last step of the online change: transactions without a GTID that are under way must end first. */
async function untilNoAnonymous(session: Session, signal: AbortSignal | undefined): Promise<void> {
  const over = await waitUntil(async () => {
    const status = pairs(await read(session, "SHOW GLOBAL STATUS WHERE Variable_name = 'Ongoing_anonymous_transaction_count'"));
    return Number(status['ongoing_anonymous_transaction_count'] ?? '0') === 0;
  }, { everyMs, limitMs: anonymousLimitMs, signal });
  if (!over) throw failure('step-timeout', { step: 'Ongoing_anonymous_transaction_count = 0', seconds: anonymousLimitMs / 1000 }, { server: session.label });
}
