import { randomUUID } from 'node:crypto';
import { errorOf, failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { isUnreachable } from '../../mysql/errors';
import { sleep } from '../../mysql/time';
import type { Step, StepContext } from '../../tasks/types';
import { dropLogin, makeLogin, newLogin, plantLogin, uprootLogin } from '../steps/account';
import { hasAccountFor, hostsForLink, hostsToMake, keepLogin, knownLogin, lastingPassword, loginOfLink } from '../../replication/login';
import type { Server } from '../../replication/servers';
import { readEvents } from '../../replication/events';
import { closeClients, closeClientsWhile, fence, fenceStatements, persistFenceNow, prepareFence, readBeforeFence, unfence } from '../steps/fence';
import { waitForSet } from '../../replication/catch-up';
import { readLinkShape } from '../../replication/link-settings';
import { loginProof, trialServer } from '../../replication/trial-login';
import { tryWayBack } from '../../replication/way-back';
import { actorName } from '../../storage/actor';
import { executedOn } from '../../replication/gtid';
import { refuseBarred } from '../steps/opening-trial';
import { ensureOwnSchema, journalBegins, journalForget } from '../steps/promotion-journal';
import { linkStatus } from '../../replication/status';
import { preparedXa } from '../plan/blockers';
import { promotionSet, type SwitchoverWork } from './context';
import { prepareSemiSync, restoreSemiSync } from '../steps/semi-sync';
import { narrow } from '../../replication/filters';
import { note } from '../report/notes';
import { memory, notedScope } from '../memory';

/** Limit of the trial of the reverse login. */
const TRIAL_LIMIT_MS = 8000;
/** The standby counts as caught up when reaching the primary's current set took less than this. */
const CAUGHT_UP_MS = 250;
const STOP_LIMIT_MS = 20_000;

/** 1. Both servers noted, everything the outage needs made ready. Nothing a client notices. */
export function prepareStep(work: SwitchoverWork): Step {
  const { input, deps } = work;
  return {
    id: 'prepare',
    title: message('promotion.step.prepare'),
    async run(context) {
      const [source, standby] = [work.source(context), work.standby(context)];
      const [sourceSet, standbySet] = await Promise.all([executedOn(source), executedOn(standby)]);
      await context.remember(memory.notedSets, { source: sourceSet.toLine(), standby: standbySet.toLine() });
      await context.remember(memory.before, await readBeforeFence(source));
      await context.remember(memory.beforeStandby, await readBeforeFence(standby));
      const shape = await readLinkShape(standby);
      await context.remember(memory.shape, shape);
      await context.remember(memory.scope, deps.scopeOf(input.standbyId));
      await context.remember(memory.events, await readEvents(source));
      await prepareSemiSync(context, source, standby);
      await ensureOwnSchema(source);
      await journalBegins(source, { id: input.id, kind: 'planned', newPrimary: input.standbyName, oldPrimary: input.sourceName, operator: actorName() });
      const known = (await knownLogin(deps.fleet, input.sourceId)) ?? (await knownLogin(deps.fleet, input.standbyId));
      const hosts = hostsForLink(deps.fleet, [input.sourceId, input.standbyId]);
      let login = known ?? (await loginOfLink(standby, shape.channel));
      if (login === null) {
        login = newLogin();
        await context.remember(memory.madeAccount, { user: login.user, planted: false });
        await makeLogin(source, { ...login, requireTls: shape.tls }, hosts);
        await note(context, message('promotion.note.account-made', { user: login.user, server: input.sourceName }));
        // The trial logs in at the standby: the account must have arrived there.
        await waitForSet(
          context,
          standby,
          await executedOn(source),
          { step: 'prepare', limitMs: input.timeoutSeconds * 1000, sliceSeconds: 1, link: work.followed(source, context) },
        );
      }
      else for (const statement of await lastingPassword(await source.reader(), login.user)) await source.sql('control', statement);
      if (!(await hasAccountFor(await standby.reader(), login.user, deps.fleet.instance(input.sourceId)))) {
        if (context.recall(memory.madeAccount) !== undefined) await context.remember(memory.madeAccount, { user: login.user, planted: true });
        await plantLogin(standby, { ...login, requireTls: shape.tls }, await hostsToMake(await standby.reader(), login.user, hosts));
        await note(context, message('promotion.note.account-made', { user: login.user, server: input.standbyName }));
      }
      await keepLogin(deps.fleet, input.standbyId, login);
      const options = { limitMs: TRIAL_LIMIT_MS, besideLinks: true, signal: context.signal };
      const tried = await tryWayBack(await trialServer(source), deps.fleet.instance(input.standbyId), shape, login, options);
      const trial = loginProof(tried.reading, source.name);
      if (!trial.ok) throw failure(
        'step-failed',
        { step: 'prepare', server: source.name },
        { server: source.name, ...(trial.detail === null ? {} : { detail: trial.detail }) },
      );
      await context.remember(memory.shape, { ...shape, ...tried.protection });
      if (tried.givenUp !== null) await note(
        context,
        message('promotion.note.link-unverified', { server: input.sourceName, source: input.standbyName, reason: tried.givenUp }),
      );
    },
    async undo(context) {
      try {
        await journalForget(work.source(context), input.id);
        await dropMade(work, context);
        await closeAgain(work, context);
        await restoreSemiSync(context, work.standby(context));
      } catch (thrown) {
        // A row that says "began, never opened" misleads nobody; a server that is away is no reason to call the way back failed.
        // One that answers no reading, as with its disk full, is away too.
        if (!isUnreachable(thrown) && errorOf(thrown).code !== 'query-timeout') throw thrown;
      }
    },
  };
}

/** The account of a way back that did not come about goes where it was made. */
async function dropMade(work: SwitchoverWork, context: StepContext): Promise<void> {
  const made = context.recall(memory.madeAccount);
  if (made === undefined) return;
  const [source, standby] = [work.source(context), work.standby(context)];
  await dropLogin(source, made.user);
  if (made.planted) await uprootLogin(standby, made.user);
  await keepLogin(work.deps.fleet, work.input.standbyId, null);
}

/** The standby was open to administrators for the moment an account took; an application that died in it left it so. */
async function closeAgain(work: SwitchoverWork, context: StepContext): Promise<void> {
  if (context.recall(memory.beforeStandby)?.superReadOnly !== true) return;
  const standby = work.standby(context);
  // Where it is on already the statement would wait behind a commit that stands, and hold every reading of a setting up.
  if ((await standby.text('control', 'SELECT @@GLOBAL.super_read_only')) === '1') return;
  await standby.sql('control', (await standby.dialect()).setGlobal('super_read_only', true));
}

/** 2. The standby reaches the primary's current set while clients still write: it can catch up. Over the limit nothing happened. */
export function warmUpStep(work: SwitchoverWork): Step {
  return {
    id: 'warm-up',
    title: message('promotion.step.warm-up'),
    async run(context) {
      const [source, standby] = [work.source(context), work.standby(context)];
      const started = performance.now();
      for (;;) {
        const left = work.input.timeoutSeconds * 1000 - (performance.now() - started);
        const at = await work.partPosition(source, context);
        const wanted = await executedOn(source);
        const waited = performance.now();
        try {
          await waitForSet(
            context,
            standby,
            wanted,
            { step: 'warm-up', limitMs: left, limitSeconds: work.input.timeoutSeconds, sliceSeconds: 1, link: work.followed(source, context) },
          );
        } catch (thrown) {
          // An applier whose commit waits for room on the disk is told as such.
          if (errorOf(thrown).code === 'step-timeout') await refuseBarred(work.sessions, standby);
          throw thrown;
        }
        work.wholeTo = at;
        if (performance.now() - waited < CAUGHT_UP_MS) break;
      }
      await prepareFence(source);
      await refuseBarred(work.sessions, standby);
    },
  };
}

/** 3. The primary refuses every write, of privileged accounts too; its clients are closed beside the next step. */
export function fenceStep(work: SwitchoverWork): Step {
  return {
    id: 'fence',
    title: message('promotion.step.fence'),
    run: (context) => putUpFence(work, context),
    undo: (context) => takeDownFence(work, context),
    undoLimitMs: 45_000,
  };
}

async function putUpFence(work: SwitchoverWork, context: StepContext): Promise<void> {
  const source = work.source(context);
  const statements = await fenceStatements(source);
  await context.remember(memory.fenceSentAt, work.deps.clock());
  work.fenceSentAt = performance.now();
  try {
    await fence(source, statements);
  } catch (thrown) {
    const { code } = errorOf(thrown);
    // What holds it up is told by name: the plan listed it, the report repeats it.
    if (code === 'lock-wait-timeout' || code === 'query-timeout' || code === 'may-take-hold') await note(
      context,
      message('promotion.note.fence-held', { server: source.name }),
    );
    throw thrown;
  }
  work.fenceHeld = true;
  const { features } = await source.dialect();
  work.closingDone = false;
  work.closing = features.hasSuperReadOnly ? closeClients(work.sessions, source) : closeClientsWhile(work.sessions, source, () => !work.closingDone);
  // Looked at where it is awaited; until then a failure of it must not end the process.
  work.closing.catch(() => undefined);
}

/** Un-fences the old primary. Right wherever the switchover stopped: it looks at nothing but what was noted before. */
async function takeDownFence(work: SwitchoverWork, context: StepContext): Promise<void> {
  const before = context.recall(memory.before);
  if (before === undefined) return;
  work.closingDone = true;
  await work.closing?.catch(() => undefined);
  const source = work.source(context);
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      await unfence(work.sessions, source, before, context.recall(memory.persisted) === true);
      work.fenceHeld = false;
      return;
    } catch (thrown) {
      // A server that is being restarted, or hangs, is waited for: until it is un-fenced nobody can write anywhere.
      if (performance.now() > deadline || !(isUnreachable(thrown) || errorOf(thrown).code === 'may-take-hold')) throw thrown;
      await sleep(300, context.signal);
    }
  }
}

/** 4. What the fenced primary has, read twice, is on the standby. */
export function catchUpStep(work: SwitchoverWork): Step {
  return { id: 'catch-up', title: message('promotion.step.catch-up'), run: (context) => settle(work, context) };
}

/**
 * Proves that the standby has everything: the fence stands (it is put up again in a run after a crash), the primary's
 * set does not move under it, and the standby has executed all of it. The second reading goes on beside the wait.
 */
export async function settle(work: SwitchoverWork, context: StepContext): Promise<void> {
  if (work.settled !== null) return;
  if (!work.fenceHeld) {
    await prepareFence(work.source(context));
    await putUpFence(work, context);
  }
  const [source, standby] = [work.source(context), work.standby(context)];
  const first = await executedOn(source);
  const [second] = await Promise.all([
    executedOn(source),
    refusePrepared(source),
    // Written before it is done, and here, where it costs no time: an undo after a crash must know what may be persisted.
    context.remember(memory.persisted, true),
    waitForSet(
      context,
      standby,
      first,
      { step: 'catch-up', limitMs: work.input.timeoutSeconds * 1000, sliceSeconds: work.input.timeoutSeconds, link: work.followed(source, context) },
    ),
  ]);
  if (!second.equals(first)) throw failure(
    'step-failed',
    { step: 'catch-up', server: source.name },
    { server: source.name, detail: `gtid_executed moved behind the fence: ${second.subtract(first).toLine()}` },
  );
  work.settled = first;
}

/** A transaction prepared since the plan was made would be committed past the fence, on one server or on both. */
async function refusePrepared(source: Server): Promise<void> {
  if (!(await source.dialect()).features.keepsPreparedXa) return;
  const count = await preparedXa((sql) => source.sql('control', sql));
  if (count !== null && count.length > 0) throw failure('xa-prepared', { server: source.name, count: count.length });
}

/**
 * 5. The standby stops replicating and the promotion set is written down; beside it the fence is made to survive a
 * restart of the old primary, which must not come back writable once the standby is open.
 */
export function stopStep(work: SwitchoverWork): Step {
  return {
    id: 'stop',
    title: message('promotion.step.stop'),
    async run(context) {
      await settle(work, context);
      const [source, standby] = [work.source(context), work.standby(context)];
      const dialect = await standby.dialect();
      const set = work.settled;
      if (set === null) throw failure('internal', { detail: 'stop without a settled set' });
      await Promise.all([
        standby.sql('control', dialect.stopReplica(), [], { timeoutMs: STOP_LIMIT_MS }),
        persistFenceNow(source),
        context.remember(memory.promotionSet, set.toLine()),
        // The intent is on disk before the first statement that opens, and here, where it costs no time.
        context.remember(memory.openingAt, work.deps.clock()),
      ]);
    },
    async undo(context) {
      // Clients wait for the old primary: it comes first, the standby's threads after it.
      await takeDownFence(work, context);
      work.settled = null;
      await restartReplication(work, context);
    },
    undoLimitMs: 60_000,
  };
}

/** Starts both threads of a standby, behind the filters of a part: a restart of the server has lost them. */
export async function restartLink(standby: Server, context: StepContext): Promise<void> {
  const dialect = await standby.dialect();
  const scope = notedScope(context);
  if (scope.kind === 'partial' && dialect.features.hasFilterStatement) {
    await standby.sql('control', dialect.stopReplica({ threads: 'applier' }));
    await narrow(await standby.dialect(), scope, (statement) => standby.sql('control', statement));
  }
  await standby.sql('control', dialect.startReplica());
}

/** How long a thread that was started again may take to run, or to say why it does not. */
const RESTART_LIMIT_MS = 3000;

/** How long the threads must be seen running: an applier says that it runs before its workers are there, and ends if one cannot begin (13117). */
const STEADY_MS = 500;

/**
 * START REPLICA returns before its threads have begun: they may end at once, as under a setting that keeps them from writing.
 * A receiver that is still connecting when the time is up goes on trying, and counts as started.
 *
 * @throws Failure `step-failed` with the server's text where a thread does not run
 */
export async function proveRestarted(context: StepContext, standby: Server, step: string, threads: readonly ('receiver' | 'applier')[]): Promise<void> {
  const deadline = performance.now() + RESTART_LIMIT_MS;
  let runsSince: number | null = null;
  for (;;) {
    const status = await linkStatus(await standby.reader());
    const now = performance.now();
    const isLate = now > deadline;
    const receives = !threads.includes('receiver') || status?.receiver === 'running' || (isLate && status?.receiver === 'connecting');
    const applies = !threads.includes('applier') || status?.applierRuns === true;
    runsSince = receives && applies ? (runsSince ?? now) : null;
    if (runsSince !== null && now - runsSince >= STEADY_MS) return;
    if (isLate && runsSince === null) {
      const text = applies ? status?.receiverError : status?.applierError;
      throw failure('step-failed', { step, server: standby.name }, { server: standby.name, ...(text === undefined || text === '' ? {} : { detail: text }) });
    }
    await sleep(50, context.signal);
  }
}

/** Starts the standby's threads again; one that is away starts them itself when it comes back. */
async function restartReplication(work: SwitchoverWork, context: StepContext): Promise<void> {
  const standby = work.standby(context);
  try {
    await restartLink(standby, context);
    await proveRestarted(context, standby, 'stop', ['receiver', 'applier']);
  } catch (thrown) {
    if (!isUnreachable(thrown)) throw thrown;
    await note(context, message('promotion.note.standby-away', { server: standby.name }));
  }
}

/** A token that only this run's probe can have written. */
export function probeToken(): string {
  return randomUUID();
}

/** The promotion set as it was written down, or as this run has settled it. */
export function settledSet(work: SwitchoverWork, context: StepContext): string {
  return (work.settled ?? promotionSet(context))?.toLine() ?? '';
}
