import { Failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import type { Instance } from '../../../shared/domain/fleet/instance';
import { connect } from '../../mysql/session/session';
import type { StepContext } from '../../tasks/types';
import { serverUuid } from '../../replication/gtid';
import { sourceOf, standbyOf, onStandby } from '../../replication/link-context';
import type { SyncContext } from '../run/context';

/** Waits for the server to answer again, with whichever login works now, and keeps that one. */
export async function untilBack(ground: SyncContext, step: StepContext): Promise<void> {
  const standby = standbyOf(ground);
  let isReplaced = false;
  await step.waitFor(
    message('sync.step.waitRestart', { server: standby.name }),
    async () => {
      try {
        await onStandby(ground, step, serverUuid);
        return true;
      } catch (thrown) {
        step.checkpoint();
        if (!isRefused(thrown)) return false;
      }
      // Refused while it starts is not refused for good: only a login that was taken instead is told.
      isReplaced = await loginOfSourceWorks(ground, step, standby);
      return isReplaced;
    },
    { everyMs: 1000 },
  );
  if (isReplaced) step.log('warning', 'sync.log.loginReplaced', { server: standby.name, user: sourceOf(ground).user });
}

function isRefused(thrown: unknown): boolean {
  return thrown instanceof Failure && (thrown.error.code === 'login-refused' || thrown.error.code === 'host-not-allowed');
}

async function loginOfSourceWorks(ground: SyncContext, step: StepContext, standby: Instance): Promise<boolean> {
  const source = sourceOf(ground);
  let password: string;
  try {
    ({ password } = await ground.fleet.loginOf(source.id));
    const session = await connect({ ...standby.admin, user: source.user, password, tls: standby.tls }, { signal: step.signal, label: standby.name });
    await session.close();
  } catch {
    step.checkpoint();
    return false;
  }
  const { name, regionId, projectId, admin, replication, tls, note } = standby;
  await ground.fleet.updateInstance(standby.id, { name, regionId, projectId, admin, replication, user: source.user, tls, note }, password);
  return true;
}
