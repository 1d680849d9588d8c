import type { GtidSet } from '../../shared/domain/gtid/set';
import { failure } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import type { Session } from '../mysql/types';
import type { StepContext } from '../tasks/types';
import { passedGaps, passedOutside, type Followed } from './outside-statements';
import { refuseBroken } from './threads';
import { executedOn } from './gtid';
import { linkStatus } from './status';
import { hasReadAllRelayLog } from '../../shared/domain/fleet/facts';
import { waitUntil } from '../mysql/time';

/** An applier that has applied nothing for so long, and has read all, may stand before a gap. */
const stillMs = 1000;

/**
 * Lets the applier go to the position and no further; it must stand still before, and does so after. Whoever calls proves
 * afterwards where it stands: statements passed over on the way go on to the same end.
 *
 * That it stands still is a part of it: before 5.7.5 `gtid_executed` has a transaction as soon as it is in the binary log,
 * while its rows are seen after the commit in the engine only. STOP waits for that.
 *
 * @throws Failure `step-timeout` where it takes longer than `limitMs`, which is as long as it likes by default
 */
export async function applyTo(
  link: Followed, step: StepContext, session: Session, name: string, position: GtidSet, stepId: string, limitMs?: number,
): Promise<void> {
  let [seen, since] = ['', performance.now()];
  /** A whole instance hardly ever has gaps: its source is asked about them where nothing goes on. */
  const mayHaveGaps = async (): Promise<boolean> => {
    if (link.scope.kind === 'partial') return true;
    const now = (await executedOn(session)).toLine();
    if (now !== seen) [seen, since] = [now, performance.now()];
    return performance.now() - since > stillMs;
  };
  const arrived = async (): Promise<boolean> => position.isSubsetOf((await executedOn(session)));
  if (await arrived()) return;
  // Stopped by the user: not even to this end.
  const refuseHeld = (): void => {
    if (link.isHeld()) throw failure('step-failed', { step: stepId, server: name }, { server: name, detail: 'Replica_SQL_Running: No' });
  };
  refuseHeld();
  const start = session.dialect.startReplica({ threads: 'applier', until: { afterGtids: position.toLine() } });
  await step.sql(session, name, start);
  // Held just as it was started: that stands.
  if (link.isHeld()) await step.sql(session, name, session.dialect.stopReplica({ threads: 'applier' }));
  const look = async (): Promise<boolean> => {
    if (await arrived()) return true;
    refuseHeld();
    const status = await linkStatus(session);
    if (status === null) throw failure('step-failed', { step: stepId, server: name }, { server: name });
    if (await passedOutside(link, step, session, name, status, start)) return false;
    refuseBroken(status, name);
    if (hasReadAllRelayLog(status) && (await mayHaveGaps()) && (await passedGaps(link, step, session, name, position))) return false;
    if (!status.applierRuns && !(await arrived())) await step.sql(session, name, start);
    return false;
  };
  const soon = await waitUntil(look, { everyMs: 20, limitMs: Math.min(3000, limitMs ?? 3000), signal: step.signal });
  const rest = limitMs === undefined ? {} : { limitMs: Math.max(1, limitMs - 3000) };
  if (!soon) await step.waitFor(message('sync.step.waitCatchUp', { server: name }), look, rest);
  await step.sql(session, name, session.dialect.stopReplica({ threads: 'applier' }));
}
