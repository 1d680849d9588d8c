import { errorOf } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import type { StepContext } from '../../tasks/types';
import { serverOf, type ServerSessions, type Server } from '../../replication/servers';
import { waitForSet } from '../../replication/catch-up';
import { note } from '../report/notes';
import type { PromotionDeps } from '../types';
import { executedOn } from '../../replication/gtid';
import { linkStatus, runs, type ReplicaStatus } from '../../replication/status';
import { waitForThreads } from '../../replication/threads';
import { wantedThreads, type Threads } from '../../../shared/domain/promotion/other-replica';
import { cutFailover } from './failover';
import { pointAt, threadsOf } from './replica-link';
import type { Ground, Settling } from './settling';

const CONFIRM_LIMIT_MS = 10_000;

/**
 * Brings every other replica behind the new primary, all at once and each isolated from the failures of the others, and
 * says in the report what came of each. Replicas of the old primary are pointed at the new one; what follows the new one
 * already, or follows the old one as its local replica, keeps its link. Of each that runs it is proven that its receiver and its
 * applier run and that a transaction of the new primary has arrived; what was stopped or delayed by hand stays so. A replica that holds
 * transactions which the new primary lacks, or needs what it has purged, is reported and left running as it is.
 */
export async function settleReplicas(sessions: ServerSessions, deps: PromotionDeps, context: StepContext, work: Settling): Promise<void> {
  const ground: Ground = { deps, context, work, primary: serverOf(sessions, context, work.newPrimaryId, work.newPrimaryName) };
  const each = (ids: readonly string[], settle: (replica: Server) => Promise<void>): Promise<void>[] =>
    ids.map(async (id) => {
      const { name } = deps.fleet.instance(id);
      try {
        await settle(serverOf(sessions, context, id, name));
      } catch (thrown) {
        const { detail, code } = errorOf(thrown);
        await note(context, message('promotion.note.sibling-left', { server: name, reason: detail ?? code }));
      }
    });
  const { behind } = work;
  await Promise.all([
    ...each(work.olderIds, (replica) => tellOlder(ground, replica)),
    ...each(work.siblingIds, (sibling) => repoint(ground, sibling)),
    ...each(work.keptIds, (replica) => keep(ground, ground.primary, replica)),
    ...(behind === undefined ? [] : each(behind.ids, (replica) => keep(ground, serverOf(sessions, context, behind.sourceId, behind.sourceName), replica))),
  ]);
}

function tellOlder({ context, primary }: Ground, replica: Server): Promise<void> {
  return note(context, message('promotion.note.sibling-older', { server: replica.name, primary: primary.name }));
}

async function repoint(ground: Ground, sibling: Server): Promise<void> {
  const { deps, context, primary } = ground;
  const outcome = await pointAt(ground, sibling);
  switch (outcome.kind) {
    case 'nothing':
      return;
    case 'older':
      return tellOlder(ground, sibling);
    case 'several':
      return note(context, message('promotion.note.sibling-several', { server: sibling.name }));
    case 'ahead':
    case 'gap':
      return note(
        context,
        message(
          `promotion.note.sibling-${outcome.kind}`,
          { server: sibling.name, primary: primary.name, count: Number(outcome.set.count()), set: outcome.set.shorten() },
        ),
      );
    case 'pointed':
      await deps.fleet.setIntent(sibling.id, { kind: 'replica', sourceId: primary.id });
      await deps.onRepointed(sibling.id, primary.id);
      return prove(ground, sibling, outcome, () => message('promotion.note.sibling-follows', { server: sibling.name, primary: primary.name }));
    default:
      return outcome satisfies never;
  }
}

/** A replica that keeps its link to `source` (the new primary itself, or the old one that follows it now). */
async function keep(ground: Ground, source: Server, replica: Server): Promise<void> {
  const { deps, primary } = ground;
  // It is meant to stand behind this very server, whatever that server's role becomes: not to be pointed away on the way back.
  await deps.fleet.setIntent(replica.id, { kind: 'replica', sourceId: source.id, local: true });
  const status = await linkStatus(await replica.reader());
  const threads = status === null ? { receiver: true, applier: true } : wantedThreads(threadsOf(status));
  if (status !== null) await cutFailover(ground, replica, status.channel, { receiver: status.receiver !== 'stopped', applier: status.applierRuns });
  const link = { channel: status?.channel ?? '', threads, delaySeconds: status?.delaySeconds ?? 0 };
  await prove(
    ground,
    replica,
    link,
    () => (source === primary ? message(
      'promotion.note.kept',
      { server: replica.name, primary: primary.name },
    ) : message('promotion.note.kept-behind', { server: replica.name, source: source.name, primary: primary.name })),
  );
}

interface Link {
  readonly channel: string;
  readonly threads: Threads;
  readonly delaySeconds: number;
}

/** The proof that transactions arrive: the new primary has made one of its own, the journal row, before this step. */
async function prove(
  { deps, context, primary }: Ground, replica: Server, { channel, threads, delaySeconds }: Link, done: () => ReturnType<typeof message>,
): Promise<void> {
  if (!threads.receiver || !threads.applier) {
    const stopped = [...(threads.receiver ? [] : ['receiver']), ...(threads.applier ? [] : ['applier'])].join(', ');
    await note(context, message('promotion.note.sibling-stopped', { server: replica.name, primary: primary.name, threads: stopped }));
  } else {
    await waitForThreads(context, replica, channel, { step: 'siblings', limitMs: CONFIRM_LIMIT_MS, applierToo: true });
    if (delaySeconds > 0) await note(
      context,
      message('promotion.note.sibling-delayed', { server: replica.name, primary: primary.name, seconds: delaySeconds }),
      'info',
    );
    else await proveArrival(context, primary, replica, channel, done);
  }
  await deps.fleet.refresh(replica.id);
}

async function proveArrival(context: StepContext, primary: Server, replica: Server, channel: string, done: () => ReturnType<typeof message>): Promise<void> {
  try {
    await waitForSet(context, replica, await executedOn(primary), { step: 'siblings', limitMs: CONFIRM_LIMIT_MS, sliceSeconds: 2 });
    await note(context, done(), 'info');
  } catch (thrown) {
    if (errorOf(thrown).code !== 'step-timeout') throw thrown;
    // That its threads run is said after a look, and of that moment.
    const status = await linkStatus(await replica.reader(), channel);
    if (status !== null && runs(status)) await note(
      context,
      message('promotion.note.sibling-late', { server: replica.name, primary: primary.name, seconds: CONFIRM_LIMIT_MS / 1000 }),
    );
    else await note(context, message('promotion.note.sibling-left', { server: replica.name, reason: reasonOf(status) }));
  }
}

function reasonOf(status: ReplicaStatus | null): string {
  if (status === null) return '';
  return [
    status.receiver === 'running' ? '' : `receiver ${status.receiver} ${status.receiverError}`,
    status.applierRuns ? '' : `applier stopped ${status.applierError}`,
  ].filter((text) => text !== '').join('; ');
}
