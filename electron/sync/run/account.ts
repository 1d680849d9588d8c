import * as v from 'valibot';
import { failure } from '../../../shared/errors/codes';
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import { Turns } from '../../mysql/time';
import type { Session } from '../../mysql/types';
import { accountHost, keepLogin, knownLogin, lastingPassword, madePrefix, newAccountName, newPassword, type ReplicationLogin } from '../../replication/login';
import { memoryKey } from '../../tasks/memory';
import type { StepContext } from '../../tasks/types';
import { onHead, unloggedOnSource, untilOnSource } from './cascade';
import { headOf } from '../../replication/chain';
import { onSource, onStandby } from '../../replication/link-context';
import { offersTls } from '../../replication/link-tls';
import type { SyncContext } from './context';

const usualName = `${madePrefix}repl`;
/** Names of the accounts this task has made on the source. */
export const createdAccounts = memoryKey('createdAccounts', v.array(v.string()));
/** Accounts that were made on a partial standby, outside of its binary log. */
const plantedAccounts = memoryKey('plantedAccounts', v.array(v.string()));

/**
 * Sees to a replication account on the source: the kept one where it still exists there, else a new one with a generated
 * password. It is created through the binary log and reaches the standby with the data, for the way back. On a source
 * that is a standby itself it is the primary's account where that is known, else one made on the primary, which comes
 * down; a partial standby gets it outside of its binary log.
 */
export function ensureAccount(ground: SyncContext, step: StepContext): Promise<void> {
  return turns.take(ground.spec.sourceId, () => ensureInTurn(ground, step));
}

/** Tasks of one source come one after the other here: the second one finds what the first one made. */
const turns = new Turns<string>();

async function ensureInTurn(ground: SyncContext, step: StepContext): Promise<void> {
  const { fleet, spec } = ground;
  const head = await headOf(ground.fleet, ground.spec.sourceId, step.signal);
  const cascaded = head.id !== spec.sourceId;
  const filtered =
    cascaded &&
    (await fleet.readFacts(spec.sourceId, step.signal)).channels.some(({ filters }) =>
      Object.values(filters).some((rules: readonly string[]) => rules.length > 0),
    );
  const kept = (await knownLogin(fleet, spec.sourceId)) ?? (cascaded ? await knownLogin(fleet, head.id) : null);
  const encrypted = await bothOfferTls(ground, step);
  const standbyVersion = await onStandby(ground, step, async (session) => session.version);
  if (kept !== null && (await onSource(ground, step, (session) => exists(session, kept.user)))) {
    await keepLogin(fleet, spec.sourceId, kept);
    if ((await onSource(ground, step, (session) => lastingPassword(session, kept.user))).length > 0) {
      await (filtered ? unloggedOnSource : onHead)(ground, step, async (session, name) => {
        for (const statement of await lastingPassword(session, kept.user)) await step.sql(session, name, statement);
      });
    }
    step.log('info', 'sync.log.accountKept', { account: `${kept.user}@${accountHost}` });
    return;
  }
  const made = await (filtered ? unloggedOnSource : onHead)(ground, step, async (session, name) => {
    // Of an account that is there already we do not know the password, and it may be somebody's: ours gets a name of its own.
    const user = kept?.user ?? ((await exists(session, usualName)) ? newAccountName() : usualName);
    const made: ReplicationLogin = { user, password: kept?.password ?? newPassword() };
    const key = filtered ? plantedAccounts : createdAccounts;
    await step.remember(key, [...new Set([...(step.recall(key) ?? []), user])]);
    await keepLogin(fleet, spec.sourceId, made);
    const plugin = pluginFor(session.version, standbyVersion);
    const statements = session.dialect.createReplicationAccount({
      account: { user, host: accountHost },
      password: made.password,
      requireTls: encrypted,
      ...(plugin === null ? {} : { plugin }),
    });
    for (const statement of statements) await step.sql(session, name, statement);
    step.log('warning', encrypted ? 'sync.log.accountAnywhere' : 'sync.log.accountAnywherePlain', { account: `${user}@${accountHost}`, server: name });
    return made;
  });
  await untilOnSource(ground, step, (session) => exists(session, made.user));
}

/** A standby before 8.0.4 does not know the source's default way to log in. */
function pluginFor(source: ServerVersion, standby: ServerVersion): string | null {
  return atLeast(source, 8, 0, 4) && !atLeast(standby, 8, 0, 4) ? 'mysql_native_password' : null;
}

/**
 * The login for the link. One that was kept for this run only is gone after a restart of the app: then a new account is
 * made, which reaches the standby through the link itself.
 */
export async function loginFor(ground: SyncContext, step: StepContext): Promise<ReplicationLogin> {
  const { fleet, spec } = ground;
  const known = await knownLogin(fleet, spec.sourceId);
  if (known !== null) return known;
  await ensureAccount(ground, step);
  const made = await knownLogin(fleet, spec.sourceId);
  if (made === null) throw failure('password-missing', { name: fleet.instance(spec.sourceId).name });
  return made;
}

/** Removes the accounts that this task made, unless other replicas of the source may log in with them too. */
export async function removeAccount(ground: SyncContext, step: StepContext): Promise<void> {
  const users = step.recall(createdAccounts) ?? [];
  const planted = step.recall(plantedAccounts) ?? [];
  if (users.length === 0 && planted.length === 0) return;
  const others = ground.fleet.replicasOf(ground.spec.sourceId).filter(({ id }) => id !== ground.spec.standbyId);
  if (others.length > 0) {
    step.log('info', 'sync.log.accountShared', { accounts: [...users, ...planted].join(', '), others: others.map(({ name }) => name).join(', ') });
    return;
  }
  const drop = async (session: Session, name: string, which: readonly string[]): Promise<void> => {
    for (const user of which) if (await exists(session, user)) await step.sql(session, name, session.dialect.dropAccount({ user, host: accountHost }));
  };
  if (users.length > 0) await onHead(ground, step, (session, name) => drop(session, name, users));
  if (planted.length > 0) await unloggedOnSource(ground, step, (session, name) => drop(session, name, planted));
  await keepLogin(ground.fleet, ground.spec.sourceId, null);
  await step.remember(createdAccounts, []);
  await step.remember(plantedAccounts, []);
}

async function exists(session: Session, user: string): Promise<boolean> {
  const rows = await session.query('SELECT 1 AS found FROM mysql.user WHERE User = ? AND Host = ?', [user, accountHost]);
  return rows.length > 0;
}

/** Both servers offer TLS, and a version of it that both speak: the link is encrypted then, in either direction. */
export async function bothOfferTls(ground: SyncContext, step: StepContext): Promise<boolean> {
  const source = await onSource(ground, step, offersTls);
  const standby = await onStandby(ground, step, offersTls);
  return source && standby;
}
