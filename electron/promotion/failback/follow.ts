import { unverified, verifies, type LinkProtection } from '../../../shared/domain/fleet/link-protection';
import { replicationEndpoint } from '../../../shared/domain/fleet/instance';
import { verifiedBy } from '../../../shared/domain/fleet/trust';
import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import { forgotten } from '../../../shared/domain/promotion/failback/reading';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { waitForSet } from '../../replication/catch-up';
import { narrow, refuseOtherFilters } from '../../replication/filters';
import { executedOn } from '../../replication/gtid';
import { newLink, settingsFor } from '../../replication/link-settings';
import { offersTls, protectionsFor, tryProtections } from '../../replication/link-tls';
import { hasAccountFor, hostsForLink, keepLogin, knownLogin, type ReplicationLogin } from '../../replication/login';
import type { SourceSettings } from '../../mysql/dialect/replication';
import { resetLinks } from '../../replication/reset';
import { linkStatus } from '../../replication/status';
import { waitForThreads } from '../../replication/threads';
import { loginProof, removeTrial, trialServer } from '../../replication/trial-login';
import type { Server } from '../../replication/servers';
import type { Step, StepContext } from '../../tasks/types';
import { dropLogin, makeLogin, newLogin } from '../steps/account';
import { preparedXa } from '../plan/blockers';
import { isFenced } from '../steps/fence';
import { memory, type FailbackWork } from './work';

const TRIAL_LIMIT_MS = 10_000;
const CONFIRM_LIMIT_MS = 20_000;

/** Everything on which following rests, read within the operation: a reading of the poll proves nothing here. */
export function proveStep(work: FailbackWork): Step {
  return { id: 'prove', title: message('failback.step.prove', { server: work.input.oldName }), run: (context) => prove(work, context) };
}

async function prove(work: FailbackWork, context: StepContext): Promise<void> {
  const [old, successor] = [work.old(context), work.successor(context)];
  if (!(await isFenced(old))) throw failure('failback-not-secured', { name: old.name }, { server: old.name });
  // The old one first: closed, it gains nothing, and what its successor lacks then is missing.
  const own = await executedOn(old);
  const theirs = await executedOn(successor);
  await refuseSetBack(old, successor, own, theirs);
  const extra = own.subtract(theirs);
  if (!extra.isEmpty()) throw failure('failback-diverged', { name: old.name, successor: successor.name, count: Number(extra.count()) }, { server: old.name });
  const purged = parseGtidSet((await successor.text('control', 'SELECT @@GLOBAL.gtid_purged')) ?? '');
  if (!purged.isSubsetOf(own)) throw failure('failback-log-gone', { name: old.name, successor: successor.name }, { server: successor.name });
  await refusePrepared(old);
}

/** One that has forgotten transactions of its own gets them from nobody: it would wait for them for ever. */
export async function refuseSetBack(old: Server, successor: Server, own: GtidSet, theirs: GtidSet): Promise<void> {
  const gone = forgotten(own, theirs, (await old.text('control', 'SELECT @@GLOBAL.server_uuid')) ?? '');
  if (!gone.isEmpty()) throw failure('failback-set-back', { name: old.name, successor: successor.name, count: Number(gone.count()) }, { server: old.name });
}

/**
 * Before 5.7.7, which is where super_read_only is not there, no binary log holds that a transaction was prepared: nobody's word for it comes by
 * replication, and what it locks stays locked.
 */
async function refusePrepared(old: Server): Promise<void> {
  if ((await old.dialect()).features.hasSuperReadOnly) return;
  const prepared = (await preparedXa((sql) => old.sql('control', sql))) ?? [];
  if (prepared.length > 0) throw failure('failback-prepared-xa', { name: old.name, list: prepared.join(', ').slice(0, 200) }, { server: old.name });
}

/** The account of the link: the one that is known, or a new one, tried from the old primary before its links are touched. */
export function loginStep(work: FailbackWork): Step {
  return {
    id: 'login',
    title: message('failback.step.login', { server: work.input.successorName }),
    run: async (context) => {
      const old = work.old(context);
      const login = await loginFor(work, context);
      const successor = work.fleet.instance(work.input.successorId);
      // Where a server has but one link, one that an attempt before this left behind would keep the trial out; attaching takes it off anyway.
      const { hasChannels } = (await old.dialect()).features;
      if (!hasChannels || context.recall(memory.trial) === true) await resetLinks(
        await old.reader(),
        work.input.scope,
        (statement) => old.sql('control', statement),
      );
      await context.remember(memory.trial, true);
      const ways = await protectionsFor(await old.reader(), successor, { encrypted: await usesTls(work), model: null });
      const settings = (way: LinkProtection): SourceSettings => settingsFor(successor, newLink(way), login);
      const trial = await tryProtections(await trialServer(old), ways, settings, { limitMs: TRIAL_LIMIT_MS, besideLinks: true, signal: context.signal });
      await context.remember(memory.protection, trial.protection);
      const proof = loginProof(trial.reading, old.name);
      if (!proof.ok) throw failure(
        'failback-login-refused',
        { name: old.name, successor: work.input.successorName },
        { server: old.name, ...(proof.detail === null ? {} : { detail: proof.detail }) },
      );
      sayUnverified(work, context, trial.protection, trial.givenUp);
    },
    undo: async (context) => {
      const endpoint = replicationEndpoint(work.fleet.instance(work.input.successorId));
      if (context.recall(memory.trial) === true) await removeTrial(await trialServer(work.old(context)), endpoint);
      const made = context.recall(memory.madeAccount);
      if (made === undefined) return;
      await dropLogin(work.successor(context), made);
      await keepLogin(work.fleet, work.input.successorId, null);
      await context.forget(memory.madeAccount);
    },
  };
}

/** The user chose that the successor is verified: what comes instead is said by name. */
function sayUnverified({ fleet, input }: FailbackWork, context: StepContext, protection: LinkProtection, givenUp: string | null): void {
  if (verifies(protection) || verifiedBy(fleet.instance(input.successorId).tls) === 'nothing') return;
  context.log('warning', 'promotion.note.link-unverified', { server: input.oldName, source: input.successorName, reason: givenUp ?? 'ssl_ca = \'\'' });
}

/** In a run after a crash nobody may know the password any more that was made: the account gives way to a new one. */
async function loginFor(work: FailbackWork, context: StepContext): Promise<ReplicationLogin> {
  const { fleet, input } = work;
  const successor = work.successor(context);
  const known = await knownLogin(fleet, input.successorId);
  if (known !== null && (await hasAccountFor(await successor.reader(), known.user, fleet.instance(input.oldId)))) return known;
  const forgotten = context.recall(memory.madeAccount);
  if (forgotten !== undefined) await dropLogin(successor, forgotten);
  const login = newLogin();
  await context.remember(memory.madeAccount, login.user);
  await makeLogin(successor, { ...login, requireTls: await usesTls(work) }, hostsForLink(fleet, [input.oldId, input.successorId]));
  await keepLogin(fleet, input.successorId, login);
  return login;
}

async function usesTls({ fleet, input }: FailbackWork): Promise<boolean> {
  return (await fleet.withSession(input.oldId, offersTls)) && fleet.withSession(input.successorId, offersTls);
}

/** The old primary follows its successor, closed as it is. */
export function attachStep(work: FailbackWork): Step {
  return {
    id: 'attach',
    title: message('failback.step.attach', { server: work.input.oldName, successor: work.input.successorName }),
    run: (context) => attach(work, context),
    undo: async (context) => {
      if (context.recall(memory.linking) !== true) return;
      const old = work.old(context);
      await resetLinks(await old.reader(), work.input.scope, (statement) => old.sql('control', statement));
    },
  };
}

async function attach(work: FailbackWork, context: StepContext): Promise<void> {
  const old = work.old(context);
  const { fleet, input } = work;
  const login = await loginFor(work, context);
  const dialect = await old.dialect();
  await context.remember(memory.linking, true);
  await resetLinks(await old.reader(), input.scope, (statement) => old.sql('control', statement));
  for (const line of await narrow(
    dialect,
    input.scope,
    (statement) => old.sql('control', statement),
  )) context.log('warning', 'promotion.note.config-line', { server: old.name, line });
  await old.sql(
    'control',
    dialect.changeReplicationSource(settingsFor(
      fleet.instance(input.successorId),
      newLink(context.recall(memory.protection) ?? unverified(await usesTls(work))),
      login,
    )),
  );
  await refuseOtherFilters(await old.reader(), old.name, input.scope);
  await old.sql('control', dialect.startReplica());
  await waitForThreads(context, old, '', { step: 'attach', limitMs: CONFIRM_LIMIT_MS, applierToo: true });
}

/** How long one wait for what the successor had may take before its progress is told again. */
const day = 86_400_000;

/** What the successor has now arrives there, and nothing else is there. */
export function catchUpStep(work: FailbackWork): Step {
  return {
    id: 'catch-up',
    title: message('failback.step.catch-up', { server: work.input.oldName }),
    run: async (context) => {
      const [old, successor] = [work.old(context), work.successor(context)];
      await waitForSet(context, old, await executedOn(successor), { step: 'catch-up', limitMs: day, sliceSeconds: 2, link: followedBy(work, successor) });
      await proveLink(old);
    },
  };
}

function followedBy({ input }: FailbackWork, source: Server) {
  return { source, scope: input.scope, wholeTo: null, told: async () => undefined };
}

async function proveLink(old: Server): Promise<void> {
  const status = await linkStatus(await old.reader(), '');
  if (status?.applierRuns !== true) throw failure(
    'step-failed',
    { step: 'catch-up', server: old.name },
    { server: old.name, detail: status?.applierError ?? '' },
  );
}
