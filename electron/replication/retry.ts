import { errorOf, failure } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import type { Instance } from '../../shared/domain/fleet/instance';
import { ConnectError, isConnectionLost, isUnreachable } from '../mysql/errors';
import type { Step, StepContext } from '../tasks/types';
import type { Fleet } from '../fleet/types';
import type { PairLocks } from './pair-locks';
import { serverUuid } from './gtid';
import { sourceOf, standbyOf, type PairContext } from './link-context';

/** How often one step outlives that a server goes away. */
const patience = 5;
/** How long a server may be away in the middle of a step. */
const returnLimitMs = 30 * 60_000;

/** What is needed to wait for the two servers. */
interface ReturnContext extends PairContext {
  readonly fleet: Pick<Fleet, 'instance' | 'withSession'>;
}

/**
 * The step, run again where a server or the network to it goes away: the return is waited for, openly and with a limit,
 * the locks are taken again, and the step begins anew. Every step of a sync run is made for that, because the next start
 * after a crash does the same.
 *
 * Before each run the locks are asked whether they are still ours.
 */
export function retryAfterRestart(link: ReturnContext, locks: Pick<PairLocks, 'check' | 'retake'>, step: Step): Step {
  return {
    ...step,
    async run(context) {
      for (let losses = 0; ; losses += 1) {
        try {
          // A server that goes away again while it is waited for, or while it is locked, is one more loss and no other error.
          if (losses > 0) await comeBack(link, locks, context);
          await locks.check();
          await step.run(context);
          return;
        } catch (thrown) {
          context.checkpoint();
          if (losses >= patience || !(await isOfAbsence(link, context, thrown))) throw thrown;
          context.log('warning', 'sync.log.away', { server: errorOf(thrown).server ?? '?' });
        }
      }
    },
  };
}

/**
 * Whether a failure is that a server goes away. One that is being shut down still answers sessions that it has, and not always the truth: 9.7 told of
 * mysql.slave_master_info that it does not exist. It takes no new ones by then. A statement that was at work is given up as one that may still take hold:
 before the next change of that server it is seen to be gone.
 */
async function isOfAbsence(link: ReturnContext, { signal }: StepContext, thrown: unknown): Promise<boolean> {
  if (isUnreachable(thrown)) return true;
  const { code, server } = errorOf(thrown);
  const instance = [sourceOf(link), standbyOf(link)].find(({ name }) => name === server);
  if ((code !== 'query-failed' && code !== 'may-take-hold') || instance === undefined) return false;
  // A login that is refused is an answer.
  return !(await answers(() => link.fleet.withSession(instance.id, (session) => session.query('SELECT 1'), { signal })).catch(() => true));
}

/** Waits for both servers and takes their locks again. */
async function comeBack(link: ReturnContext, locks: Pick<PairLocks, 'retake'>, context: StepContext): Promise<void> {
  for (const instance of [sourceOf(link), standbyOf(link)]) await untilBack(link, context, instance);
  await locks.retake();
  context.log('info', 'sync.log.again');
}

/** Waits for a server that is away; it must be the same one then. */
async function untilBack({ fleet }: ReturnContext, step: StepContext, { id, name, serverUuid: expected }: Instance): Promise<void> {
  const isBack = (): Promise<boolean> => answers(() => fleet.withSession(id, (session) => session.query('SELECT 1'), { signal: step.signal }));
  await step.waitFor(message('sync.wait.server', { server: name }), isBack, { everyMs: 1000, limitMs: returnLimitMs });
  const uuid = await fleet.withSession(id, serverUuid, { signal: step.signal });
  if (expected !== null && uuid.toLowerCase() !== expected.toLowerCase()) throw failure('different-server', { name, expected, uuid });
}

/** Whether a server answers. A login that it refuses is an answer, and thrown. */
export async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (thrown) {
    if (isConnectionLost(thrown) || (thrown instanceof ConnectError && thrown.error.code !== 'login-refused')) return false;
    throw thrown;
  }
}
