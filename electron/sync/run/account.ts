import * as v from 'valibot';
import { failure } from '../../../shared/errors/codes';
import { anyHost, loginHosts } from '../../../shared/domain/fleet/login-hosts';
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import { Turns } from '../../mysql/time';
import type { Session } from '../../mysql/types';
import {
  hasAccountFor, hostsForLink, hostsToMake, keepLogin, knownLogin, lastingPassword, loginAccounts, loginStatements, madePrefix, newAccountName, newPassword,
  type ReplicationLogin,
} from '../../replication/login';
import { memoryKey } from '../../tasks/memory';
import type { StepContext } from '../../tasks/types';
import { onHead, unloggedOnSource, untilOnSource } from './cascade';
import { headOf } from '../../replication/chain';
import { onSource, onStandby, sourceOf } from '../../replication/link-context';
import { offersTls } from '../../replication/link-tls';
import type { SyncContext } from './context';
import { proveLogin } from './prove-login';

const usualName = `${madePrefix}repl`;
/** What a task has made: every account of a name, or one that was added to those of a name that was there. */
const madeAccounts = v.array(v.union([v.string(), v.object({ user: v.string(), host: v.string() })]));
type Made = v.InferOutput<typeof madeAccounts>[number];
/** The accounts this task has made on the source. */
export const createdAccounts = memoryKey('createdAccounts', madeAccounts);
/** Accounts that were made on a partial standby, outside of its binary log. */
const plantedAccounts = memoryKey('plantedAccounts', madeAccounts);

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
  const hosts = hostsForLink(fleet, [spec.sourceId, spec.standbyId, head.id]);
  if (kept !== null && (await onSource(ground, step, (session) => hostsToMake(session, kept.user, hosts))).length === 0) {
    await keepLogin(fleet, spec.sourceId, kept);
    if ((await onSource(ground, step, (session) => lastingPassword(session, kept.user))).length > 0) {
      await (filtered ? unloggedOnSource : onHead)(ground, step, async (session, name) => {
        for (const statement of await lastingPassword(session, kept.user)) await step.sql(session, name, statement);
      });
    }
    step.log('info', 'sync.log.accountKept', { account: await namesOf(ground, step, kept.user) });
    if (!hosts.includes(anyHost)) await proveLogin(ground, step, kept, { hosts, encrypted });
    return;
  }
  const made = await (filtered ? unloggedOnSource : onHead)(ground, step, async (session, name) => {
    // Of an account that is there already we do not know the password, and it may be somebody's: ours gets a name of its own.
    const user = kept?.user ?? ((await exists(session, usualName)) ? newAccountName() : usualName);
    const made: ReplicationLogin = { user, password: kept?.password ?? newPassword() };
    const lacking = await hostsToMake(session, user, hosts);
    const isNew = !(await exists(session, user));
    const key = filtered ? plantedAccounts : createdAccounts;
    await step.remember(key, [...(step.recall(key) ?? []), ...(isNew ? [user] : lacking.map((host) => ({ user, host })))]);
    await keepLogin(fleet, spec.sourceId, made);
    const plugin = pluginFor(session.version, standbyVersion);
    const login = { ...made, requireTls: encrypted, ...(plugin === null ? {} : { plugin }) };
    for (const statement of loginStatements(session.dialect, login, lacking)) await step.sql(session, name, statement);
    sayFromWhere(step, { user, hosts, server: name, encrypted });
    return made;
  });
  await untilOnSource(ground, step, (session) => hasAccountFor(session, made.user, fleet.instance(spec.standbyId)));
  if (!hosts.includes(anyHost)) await proveLogin(ground, step, made, { hosts, encrypted });
}

/** The accounts of a name on the source, as people write them. */
async function namesOf(ground: SyncContext, step: StepContext, user: string): Promise<string> {
  const accounts = await onSource(ground, step, (session) => loginAccounts(session, user));
  return accounts.map(({ host }) => `${user}@${host}`).join(', ');
}

/** From where a new account may log in. From anywhere is told as the warning that it is. */
function sayFromWhere(step: StepContext, { user, hosts, server, encrypted }: {
  readonly user: string; readonly hosts: readonly string[]; readonly server: string; readonly encrypted: boolean;
}): void {
  const params = { account: hosts.map((host) => `${user}@${host}`).join(', '), server };
  if (!hosts.includes(anyHost)) step.log('info', 'sync.log.accountLimited', params);
  else step.log('warning', encrypted ? 'sync.log.accountAnywhere' : 'sync.log.accountAnywherePlain', params);
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
    await dropUnneeded(ground, step, users, loginHosts([sourceOf(ground), ...others]));
    step.log('info', 'sync.log.accountShared', {
      accounts: [...users, ...planted].map(nameOfMade).join(', '), others: others.map(({ name }) => name).join(', '),
    });
    return;
  }
  const drop = async (session: Session, name: string, which: readonly Made[]): Promise<void> => {
    for (const made of which) {
      const ofName = await loginAccounts(session, typeof made === 'string' ? made : made.user);
      const ours = ofName.filter(({ host }) => typeof made === 'string' || host === made.host);
      for (const account of ours) await step.sql(session, name, session.dialect.dropAccount(account));
    }
  };
  if (users.length > 0) await onHead(ground, step, (session, name) => drop(session, name, users));
  if (planted.length > 0) await unloggedOnSource(ground, step, (session, name) => drop(session, name, planted));
  // One that was there before serves whoever it served.
  if ([...users, ...planted].some((made) => typeof made === 'string')) await keepLogin(ground.fleet, ground.spec.sourceId, null);
  await step.remember(createdAccounts, []);
  await step.remember(plantedAccounts, []);
}

/** Of an account that others log in with too, what was added for this standby alone. */
async function dropUnneeded(ground: SyncContext, step: StepContext, made: readonly Made[], needed: readonly string[]): Promise<void> {
  const unneeded = made.filter((one) => typeof one !== 'string').filter(({ host }) => !needed.includes(host));
  if (unneeded.length === 0) return;
  await onHead(ground, step, async (session, name) => {
    for (const { user, host } of unneeded) if (await hasHost(session, user, host)) await step.sql(session, name, session.dialect.dropAccount({ user, host }));
  });
}

const nameOfMade = (made: Made): string => (typeof made === 'string' ? made : `${made.user}@${made.host}`);

async function hasHost(session: Session, user: string, host: string): Promise<boolean> {
  return (await loginAccounts(session, user)).some((account) => account.host === host);
}

async function exists(session: Session, user: string): Promise<boolean> {
  return (await loginAccounts(session, user)).length > 0;
}

/** Both servers offer TLS, and a version of it that both speak: the link is encrypted then, in either direction. */
export async function bothOfferTls(ground: SyncContext, step: StepContext): Promise<boolean> {
  const source = await onSource(ground, step, offersTls);
  const standby = await onStandby(ground, step, offersTls);
  return source && standby;
}
