import { errorOf, failure } from '../../../shared/errors/codes';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { carriedEvents } from '../../../shared/domain/promotion/events';
import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import { atLeast, parseServerVersion } from '../../../shared/domain/fleet/version';
import { message } from '../../../shared/i18n/message';
import { isUnreachable } from '../../mysql/errors';
import type { Step, StepContext } from '../../tasks/types';
import { hasAccountFor, hostsForLink, keepLogin, knownLogin, loginOfLink, retires, type ReplicationLogin } from '../../replication/login';
import type { LinkShape } from '../../replication/link-settings';
import { dropLogin, makeLogin, newLogin } from '../steps/account';
import { changeEvents, readEvents } from '../../replication/events';
import { closeClients, endBeforeReadLock, fence, fenceStatements, isFenced, persistFence, prepareFence, releaseReadLock } from '../steps/fence';
import type { Server } from '../../replication/servers';
import { waitForSet } from '../../replication/catch-up';
import { settingsFor } from '../../replication/link-settings';
import { openOrCloseAgain, takeOpeningBack } from '../steps/close-again';
import { persistOpen, standOf } from '../steps/open';
import { ensureOwnSchema, journalBegins, journalOpened } from '../steps/promotion-journal';
import { actorName } from '../../storage/actor';
import { settleReplicas } from '../steps/repoint';
import { makeAnswering, makeWaiting, notedSemiSync } from '../steps/semi-sync';
import { probeToken, restartLink, settle, settledSet } from './before';
import { type SwitchoverWork } from './context';
import { note } from '../report/notes';
import { executedOn } from '../../replication/gtid';
import { replicaStatus } from '../../replication/status';
import { refuseOtherFilters, narrow } from '../../replication/filters';
import { resetLinks } from '../../replication/reset';
import { waitForThreads } from '../../replication/threads';
import { memory, notedScope } from '../memory';

/** How long the old primary may take to come back, where it was restarted meanwhile. */
const RETURN_LIMIT_MS = 30_000;
const CONFIRM_LIMIT_MS = 20_000;
/** Before 5.7.8: how long clients that come back with SUPER are closed again before the read lock is let go. */
const CLOSE_ROUNDS = 20;

/** 6. The standby takes writes: opened, written to, read back. Here the outage ends, and here is no way back. */
export function openStep(work: SwitchoverWork): Step {
  return {
    id: 'open',
    title: message('promotion.step.open'),
    pointOfNoReturn: true,
    run: (context) => open(work, context),
    takeBack: (context) => takeOpeningBack(context, work.standby(context), beforeOpening(work, context)),
  };
}

async function open(work: SwitchoverWork, context: StepContext): Promise<void> {
  const standby = work.standby(context);
  // A run after a crash: the fence and the sets are proven again unless the standby takes writes already.
  if (work.settled === null && (await standOf(standby)) === 'read-only') await proveAgain(work, context);
  await openOrCloseAgain(context, standby, { token: probeToken, before: beforeOpening(work, context), canGoBack: () => answersClosed(work.source(context)) });
  const ended = performance.now();
  work.closingDone = true;
  const sentAt = context.recall(memory.fenceSentAt);
  const outageMs = work.fenceSentAt !== null ? ended - work.fenceSentAt : sentAt === undefined ? null : work.deps.clock() - sentAt;
  await context.remember(memory.openedAt, work.deps.clock());
  await context.remember(memory.outageMs, outageMs);
  // From now on a restart must not close it again; until this line it comes back read-only, with everything in it.
  for (const line of await persistOpen(standby)) await note(context, message('promotion.note.config-line', { server: standby.name, line }));
}

async function answersClosed(source: Server): Promise<boolean> {
  try {
    return (await standOf(source)) === 'read-only';
  } catch {
    return false;
  }
}

/** Everything that was on the standby before it was opened. */
function beforeOpening(work: SwitchoverWork, context: StepContext): GtidSet {
  return parseGtidSet(settledSet(work, context)).union(parseGtidSet(context.recall(memory.notedSets)?.standby ?? ''));
}

/** The standby stopped replicating in an earlier run: it has what it needs, or the old primary is asked once more. */
async function proveAgain(work: SwitchoverWork, context: StepContext): Promise<void> {
  const standby = work.standby(context);
  const written = settledSet(work, context);
  const source = work.source(context);
  try {
    work.settled = null;
    const { features } = await source.dialect();
    const now = await executedOn(source);
    const has = await executedOn(standby);
    if (features.hasSuperReadOnly && (await standOf(source)) === 'read-only' && now.isSubsetOf(has)) work.settled = now;
    else {
      // Something was written since: the standby must apply it first.
      await restartLink(standby, context);
      await settle(work, context);
      await standby.sql('control', (await standby.dialect()).stopReplica());
    }
  } catch (thrown) {
    // The old primary is away; its fence survives a restart, so what was written down is all there is.
    if (!isUnreachable(thrown) || written === '' || context.recall(memory.persisted) !== true) throw thrown;
  }
}

/** 7. The old primary follows the new one and stays read-only, also after a restart. A miss is told, and tried once more at the end; the new primary writes. */
export function followStep(work: SwitchoverWork): Step {
  return { id: 'follow', title: message('promotion.step.follow'), run: (context) => letFollow(work, context) };
}

async function letFollow(work: SwitchoverWork, context: StepContext): Promise<void> {
  const source = work.source(context);
  try {
    await follow(work, context);
    await context.remember(memory.oldFollows, true);
  } catch (thrown) {
    const { detail, code } = errorOf(thrown);
    await note(context, message('promotion.note.old-does-not-follow', { server: source.name, reason: detail ?? code }));
  }
  await closeForgotten(work, context);
}

/** The login of the way back; in a run after a crash nobody may know it any more, and the new primary gets an account for it. */
async function wayBackLogin(work: SwitchoverWork, context: StepContext, shape: LinkShape): Promise<ReplicationLogin> {
  const { deps, input } = work;
  const standby = work.standby(context);
  const known = (await knownLogin(deps.fleet, input.standbyId)) ?? (await loginOfLink(standby, shape.channel));
  if (known !== null && (await hasAccountFor(await standby.reader(), known.user, deps.fleet.instance(input.sourceId)))) return known;
  const login = newLogin();
  await makeLogin(standby, { ...login, requireTls: shape.tls }, hostsForLink(deps.fleet, [input.sourceId, input.standbyId]));
  await note(context, message('promotion.note.account-made', { user: login.user, server: standby.name }));
  await keepLogin(deps.fleet, input.standbyId, login);
  return login;
}

async function follow(work: SwitchoverWork, context: StepContext): Promise<void> {
  const { deps, input } = work;
  const [source, standby] = [work.source(context), work.standby(context)];
  const shape = context.recall(memory.shape);
  if (shape === undefined) throw failure('internal', { detail: 'the shape of the link was not noted' });
  await fenceAgain(work, context);
  await work.closing?.catch((thrown: unknown) => note(
    context,
    message('promotion.note.sessions-left', { server: source.name, reason: errorOf(thrown).detail ?? '' }),
  ));
  const dialect = await source.dialect();
  for (const line of await persistFence(source)) await note(context, message('promotion.note.config-line', { server: source.name, line }));
  if (context.recall(memory.before)?.eventScheduler === 'ON') {
    const off = dialect.setLasting('event_scheduler', 'OFF');
    await source.all('control', off.statements);
    for (const line of off.configLines) await note(context, message('promotion.note.config-line', { server: source.name, line }));
  }
  await makeAnswering(context, source);
  const follows = (await replicaStatus(await source.reader())).some((status) => status.channel === shape.channel && status.receiver !== 'stopped');
  if (!dialect.features.hasSuperReadOnly) await closeClients(work.sessions, source, CLOSE_ROUNDS);
  if (!follows) {
    const login = await wayBackLogin(work, context, shape);
    for (const line of await narrow(
      dialect,
      notedScope(context),
      (statement) => source.sql('control', statement),
    )) await note(context, message('promotion.note.config-line', { server: source.name, line }));
    await source.sql('control', dialect.changeReplicationSource(settingsFor(deps.fleet.instance(input.standbyId), shape, login), shape.channel));
    await refuseOtherFilters(await source.reader(), source.name, notedScope(context));
    await source.sql('control', dialect.startReplica({ channel: shape.channel }));
  }
  // Before 5.7.8 the applier waits behind the read lock; clients that came back meanwhile are closed once more.
  if (!dialect.features.hasSuperReadOnly) await closeClients(work.sessions, source, CLOSE_ROUNDS);
  await releaseReadLock(work.sessions, source);
  await waitForThreads(context, source, shape.channel, { step: 'follow', limitMs: CONFIRM_LIMIT_MS, applierToo: true });
  // Confirmed by transactions that arrive: the journal row of the new primary is among them.
  await waitForSet(
    context,
    source,
    await executedOn(standby),
    { step: 'follow', limitMs: CONFIRM_LIMIT_MS, sliceSeconds: 2, link: work.followed(standby, context, null) },
  );
  const extra = (await executedOn(source)).subtract(await executedOn(standby));
  if (!extra.isEmpty()) await note(context, message('promotion.note.old-has-more', { server: source.name, count: Number(extra.count()), set: extra.toLine() }));
}

/**
 * The old primary may have been restarted meanwhile: it is waited for, since the new one writes already, and fenced again
 * where it came back writable (before 8.0 nothing but my.cnf keeps a fence over a restart).
 */
async function fenceAgain(work: SwitchoverWork, context: StepContext): Promise<void> {
  const source = work.source(context);
  const answers = async (): Promise<boolean> => {
    try {
      await standOf(source);
      return true;
    } catch (thrown) {
      if (isUnreachable(thrown)) return false;
      throw thrown;
    }
  };
  await context.waitFor(message('promotion.wait.old-primary', { server: source.name }), answers, { everyMs: 200, limitMs: RETURN_LIMIT_MS });
  const { features } = await source.dialect();
  if ((await isFenced(source)) && (work.fenceHeld || features.hasSuperReadOnly)) return;
  await prepareFence(source);
  await endBeforeReadLock(source);
  await fence(source, await fenceStatements(source));
  await note(context, message('promotion.note.fenced-again', { server: source.name }));
  await closeClients(work.sessions, source);
}

/**
 * A restart in the middle of this step opens the old primary again where it cannot keep a fence (before 8.0). Whether it follows or
 * not, it is not left so; of one that is away now the report says what it may come back as.
 */
async function closeForgotten(work: SwitchoverWork, context: StepContext): Promise<void> {
  const source = work.source(context);
  try {
    if (await isFenced(source)) return;
    await source.all('control', (await source.dialect()).setReadOnly(true, false).statements);
    await note(context, message('promotion.note.fenced-again', { server: source.name }));
    await closeClients(work.sessions, source);
  } catch (thrown) {
    // From 8.0 on one that is away comes back as it was persisted. Whatever answers, and is not closed, is told.
    const seen = work.deps.fleet.view(work.input.sourceId).facts?.server;
    const keepsFence = seen !== undefined && atLeast(parseServerVersion(seen.version, seen.versionComment), 8, 0);
    if (!keepsFence || !isUnreachable(thrown)) await note(
      context,
      message('promotion.note.source-not-fenced', { source: source.name, reason: errorOf(thrown).detail ?? errorOf(thrown).code }),
    );
  }
}

/** 6b. Journal row, events and scheduler as the old primary had them. */
export function eventsStep(work: SwitchoverWork): Step {
  return {
    id: 'events',
    title: message('promotion.step.events'),
    async run(context) {
      const { input } = work;
      const standby = work.standby(context);
      await ensureOwnSchema(standby);
      await journalBegins(standby, { id: input.id, kind: 'planned', newPrimary: input.standbyName, oldPrimary: input.sourceName, operator: actorName() });
      await journalOpened(standby, input.id, settledSet(work, context));
      await carryEvents(work, context);
      const scheduler = context.recall(memory.before)?.eventScheduler;
      if (scheduler === 'ON' || scheduler === 'OFF') await setScheduler(context, work, scheduler);
    },
  };
}

/** As the old primary has them behind its fence; as it had them before, where it is away now. */
async function carryEvents(work: SwitchoverWork, context: StepContext): Promise<void> {
  const standby = work.standby(context);
  const source = await readEvents(work.source(context)).catch(() => context.recall(memory.events) ?? []);
  const { changes, missing } = carriedEvents(source, await readEvents(standby));
  // A part does not bring the events of the rest.
  if (notedScope(context).kind === 'instance') for (const event of missing) await note(
    context,
    message('promotion.note.event-missing', { event, server: standby.name }),
  );
  for (const { event, reason } of await changeEvents(standby, changes)) await note(context, message('promotion.note.event-left', { event, reason }));
}

async function setScheduler(context: StepContext, work: SwitchoverWork, scheduler: 'ON' | 'OFF'): Promise<void> {
  const standby = work.standby(context);
  const now = await standby.text('control', 'SELECT @@GLOBAL.event_scheduler');
  if (now === scheduler) return;
  if (now === 'DISABLED') return note(context, message('promotion.note.scheduler-disabled', { server: standby.name }));
  const change = (await standby.dialect()).setLasting('event_scheduler', scheduler);
  await standby.all('control', change.statements);
  for (const line of change.configLines) await note(context, message('promotion.note.config-line', { server: standby.name, line }));
}

/** 8. Only now the old link goes from the new primary: this deletes relay logs, and earlier it could have lost data. */
export function resetStep(work: SwitchoverWork): Step {
  return {
    id: 'reset',
    title: message('promotion.step.reset'),
    async run(context) {
      const standby = work.standby(context);
      await resetLinks(await standby.reader(), notedScope(context), (statement) => standby.sql('control', statement));
    },
  };
}

/** 9. The other replicas stand behind the new primary, each on its own; one that is ahead is told, never forced. */
export function siblingsStep(work: SwitchoverWork): Step {
  return {
    id: 'siblings',
    title: message('promotion.step.siblings'),
    async run(context) {
      const { standbyId, standbyName, sourceId, sourceName, siblingIds, keptIds, behindIds, olderIds } = work.input;
      const follows = context.recall(memory.oldFollows) === true;
      const untrustedIds = follows ? [] : [sourceId];
      const ends = { newPrimaryId: standbyId, newPrimaryName: standbyName, replacedIds: [sourceId], untrustedIds, keptIds, olderIds };
      // Behind an old primary that follows nobody a local replica would stand still.
      if (!follows)
        await settleReplicas(work.sessions, work.deps, context, { ...ends, siblingIds: [...siblingIds, ...behindIds] });
      else await settleReplicas(work.sessions, work.deps, context, { ...ends, siblingIds, behind: { sourceId, sourceName, ids: behindIds } });
      await makeWaiting(context, work.standby(context), notedSemiSync(context).source.source);
    },
  };
}

/** 10. What the user meant the instances to be, as it is now; the rest of the application is told. */
export function rolesStep(work: SwitchoverWork): Step {
  return {
    id: 'roles',
    title: message('promotion.step.roles'),
    async run(context) {
      const { deps, input } = work;
      if (context.recall(memory.oldFollows) !== true) await letFollow(work, context);
      const oldFollows = context.recall(memory.oldFollows) === true;
      await deps.fleet.setIntent(input.standbyId, { kind: 'none' });
      await deps.fleet.setIntent(
        input.sourceId,
        oldFollows ? { kind: 'replica', sourceId: input.standbyId } : { kind: 'fenced', since: deps.clock(), successorId: input.standbyId },
      );
      const login = await knownLogin(deps.fleet, input.standbyId);
      if (login !== null) await keepLogin(deps.fleet, input.standbyId, login);
      await deps.onPromoted({ newPrimaryId: input.standbyId, oldPrimaryId: input.sourceId, kind: 'planned', oldFollows });
      if (oldFollows) return retireLogins(work, context);
      // Not finished: taken up again, it begins here.
      throw failure('link-not-running', { source: input.standbyName, standby: input.sourceName });
    },
  };
}

/** The accounts of the old link, and of an earlier run whose password nobody kept, go where they were made here, another serves now, and nobody uses them. */
async function retireLogins(work: SwitchoverWork, context: StepContext): Promise<void> {
  const olds = [context.recall(memory.shape)?.user, context.recall(memory.madeAccount)?.user];
  for (const old of new Set(olds)) if (old !== undefined) await retireLogin(work, context, old);
}

async function retireLogin(work: SwitchoverWork, context: StepContext, old: string): Promise<void> {
  const { deps: { fleet }, input } = work;
  const login = await knownLogin(fleet, input.standbyId);
  if (!retires(old, login?.user ?? null)) return;
  // One that is away may log in with it again when it comes back.
  const others = fleet.instances().filter(({ id }) => id !== input.sourceId && id !== input.standbyId).map(({ id }) => fleet.view(id));
  const mayUseIt = ({ health, facts }: InstanceView): boolean =>
    health.state !== 'reachable' || facts === null || facts.channels.some(({ sourceUser }) => sourceUser === old);
  if (others.some(mayUseIt)) return;
  for (const server of [work.standby(context), work.source(context)]) {
    const links = await replicaStatus(await server.reader());
    const dumps = await server.sql<{ user: string }>('control', "SELECT USER AS user FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'");
    if (links.some(({ user }) => user === old) || dumps.some(({ user }) => user === old)) return;
  }
  await dropLogin(work.standby(context), old);
  await note(context, message('promotion.note.account-dropped', { user: old, server: input.standbyName }), 'info');
}
