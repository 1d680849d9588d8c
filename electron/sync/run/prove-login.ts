import { unverified } from '../../../shared/domain/fleet/link-protection';
import { failure } from '../../../shared/errors/codes';
import { newLink, settingsFor } from '../../replication/link-settings';
import { onStandby, sourceOf, standbyOf } from '../../replication/link-context';
import type { ReplicationLogin } from '../../replication/login';
import { trialLogin } from '../../replication/trial-login';
import type { Session, Statement } from '../../mysql/types';
import type { StepContext } from '../../tasks/types';
import type { SyncContext } from './context';

/** How long a receiver may take to come to a verdict, milliseconds. */
const verdictMs = 8_000;
const undoTimeoutMs = 8_000;

/**
 * Lets the standby itself log in at the source before anything of it is changed: an account that is limited to where the user says that the
 * standby connects from is of no use where that is not so. One that replicates already is not tried.
 *
 * @throws Failure `link-login-refused`
 */
export async function proveLogin(ground: SyncContext, step: StepContext, login: ReplicationLogin, { hosts, encrypted }: {
  readonly hosts: readonly string[]; readonly encrypted: boolean;
}): Promise<void> {
  const [source, standby] = [sourceOf(ground), standbyOf(ground)];
  const settings = settingsFor(source, newLink(unverified(encrypted)), login);
  const options = { limitMs: verdictMs, besideLinks: false, signal: step.signal };
  const reading = await onStandby(ground, step, (session) => trialLogin(trialServerOf(ground, session), settings, options));
  if (reading.result === 'connected' || reading.result === 'not-tried') return;
  const accounts = hosts.map((host) => `${login.user}@${host}`).join(', ');
  const detail = reading.result === 'undecided' ? {} : { detail: reading.text };
  throw failure('link-login-refused', { standby: standby.name, source: source.name, accounts }, { server: standby.name, ...detail });
}

function trialServerOf(ground: SyncContext, session: Session): Parameters<typeof trialLogin>[0] {
  return {
    dialect: session.dialect,
    query: (statement, params, options) => session.query(statement, params, options),
    run: (statement) => session.run(statement),
    // On its session, or, where that is gone, on a new one that no cancellation reaches.
    async always(statement: Statement) {
      const end = (on: Session): Promise<unknown> => on.run(statement, [], { timeoutMs: undoTimeoutMs });
      await end(session).catch(() => ground.fleet.withSession(standbyOf(ground).id, end));
    },
  };
}
