// The applier of a link, stopped and started by what works on it.
import { filtersMatch } from '../../shared/domain/scope/filters';
import type { Scope } from '../../shared/domain/scope/scope';
import { failure } from '../../shared/errors/codes';
import type { Session } from '../mysql/types';
import type { StepContext } from '../tasks/types';
import { changeFilters } from './filters';
import { loggedLink, onStandby, type LinkContext } from './link-context';
import { linkStatus } from './status';
import { untilRunning } from './threads';

/** Stops the applier; the receiver goes on, so that nothing new stays on the source alone. */
export async function stopApplier(link: LinkContext, step: StepContext): Promise<void> {
  await onStandby(link, step, async (session, name) => {
    await step.sql(session, name, session.dialect.stopReplica({ threads: 'applier' }));
  });
}

/** Starts the link with the filters of its scope, which a restart may have lost, and waits until it runs; one that the user holds stays stopped. */
export async function startApplier(link: LinkContext, step: StepContext): Promise<void> {
  await onStandby(link, step, async (session, name) => {
    if ((await linkStatus(session)) === null) throw failure('not-a-standby', { name }, { server: name });
    await step.sql(session, name, session.dialect.stopReplica({ threads: 'applier' }));
    await ensureFilters(link, step, session, name);
    if (link.isHeld?.() === true) return;
    await step.sql(session, name, session.dialect.startReplica());
    // Held just as it was started: that stands.
    if (link.isHeld?.() === true) return void await step.sql(session, name, session.dialect.stopReplica({ threads: 'applier' }));
    await untilRunning(loggedLink(link, step.signal), step, session, name);
  });
}

/** Sets the filters of a scope where others are in force; the applier must stand still. Those of a link that no task owns are left. */
export async function ensureFilters(
  { spec, filterScope = () => spec.scope }: Pick<LinkContext, 'spec' | 'filterScope'>, step: Pick<StepContext, 'sql'>, session: Session, name: string,
): Promise<void> {
  const scope = filterScope();
  if (scope === null) return;
  const link = await linkStatus(session);
  if (link === null) throw failure('not-a-standby', { name }, { server: name });
  if (!filtersMatch(scope, link.filters)) await setFilters(session, name, step, scope);
}

/** Sets exactly the filters of the scope; the applier must be stopped. */
export async function setFilters(session: Session, name: string, step: Pick<StepContext, 'sql'>, scope: Scope): Promise<void> {
  for (const statement of changeFilters(session.dialect, scope)) await step.sql(session, name, statement);
}
