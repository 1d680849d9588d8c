import { failure } from '../../../shared/errors/codes';
import { type Instance } from '../../../shared/domain/fleet/instance';
import type { Scope } from '../../../shared/domain/scope/scope';
import type { SyncSpec } from '../../../shared/domain/sync/sync';
import { beyondScope } from '../../../shared/domain/sync/cascade';
import { message } from '../../../shared/i18n/message';
import type { Session } from '../../mysql/types';
import type { StepContext } from '../../tasks/types';
import { unlogged, writableSession, type Another } from '../../replication/read-only';
import { headOf } from '../../replication/chain';
import { sourceOf, onSource } from '../../replication/link-context';
import type { SyncContext } from './context';

/** Runs `use` on the head of the chain. */
export async function onHead<Result>(ground: SyncContext, step: StepContext, use: (session: Session, name: string) => Promise<Result>): Promise<Result> {
  const head = await headOf(ground.fleet, ground.spec.sourceId, step.signal);
  return ground.fleet.withSession(head.id, (session) => use(session, head.name), { signal: step.signal });
}

/** Waits until what was written on the head has come down to the source; at once where they are one. */
export async function untilOnSource(ground: SyncContext, step: StepContext, arrived: (session: Session) => Promise<boolean>): Promise<void> {
  const look = (): Promise<boolean> => onSource(ground, step, arrived);
  if (!(await look())) await step.waitFor(message('sync.step.waitCatchUp', { server: sourceOf(ground).name }), look);
}

/** Runs statements on the source outside of its binary log: for a partial standby, whose filters keep accounts away. */
export function unloggedOnSource<Result>(ground: SyncContext, step: StepContext, use: (session: Session, name: string) => Promise<Result>): Promise<Result> {
  const { id } = sourceOf(ground);
  const another: Another = (again) => ground.fleet.withSession(id, again);
  return onSource(ground, step, (session, name) => {
    const server = writableSession(session, (statement) => step.sql(session, name, statement), another);
    return unlogged(server, () => use(session, name));
  });
}

/**
 * Refuses a scope that is wider than what the source's own sync task brings it: what is never received cannot be passed on.
 *
 * @throws Failure `scope-beyond-source` with what is too much
 */
export function refuseWider(source: Instance, wanted: Scope, task: SyncSpec | null): void {
  const beyond = task === null ? [] : beyondScope(wanted, task.scope);
  if (task !== null && beyond.length > 0) throw failure(
    'scope-beyond-source',
    { source: source.name, task: task.name, beyond: beyond.slice(0, 10).join(', ') },
  );
}
