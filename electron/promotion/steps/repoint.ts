import { errorOf } from '../../../shared/errors/codes';
import { replicationEndpoint } from '../../../shared/domain/fleet/instance';
import { replicationOrder } from '../../../shared/domain/fleet/version';
import { message } from '../../../shared/i18n/message';
import type { StepContext } from '../../tasks/types';
import { serverOf, type ServerSessions, type Server } from '../../replication/servers';
import { waitForSet } from '../../replication/catch-up';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { note } from '../report/notes';
import type { PromotionDeps } from '../types';
import { executedOn } from '../../replication/gtid';
import { linkStatus } from '../../replication/status';
import { waitForThreads } from '../../replication/threads';

const CONFIRM_LIMIT_MS = 10_000;

export interface Settling {
  readonly newPrimaryId: string;
  readonly newPrimaryName: string;
  /** Replicas of the old primary, to be pointed at the new one. */
  readonly siblingIds: readonly string[];
  /** Replicas of the new primary: they go on following it. */
  readonly keptIds: readonly string[];
  /** Replicas of the old primary that are older than the new one. */
  readonly olderIds: readonly string[];
  /** Local replicas of the old primary that go on behind it, and so follow the new one through it. */
  readonly behind?: { readonly sourceId: string; readonly sourceName: string; readonly ids: readonly string[] };
}

/**
 * Brings every other replica behind the new primary, all at once and each isolated from the failures of the others, and
 * says in the report what came of each. Replicas of the old primary are pointed at the new one; what follows the new one
 * already, or follows the old one as its local replica, keeps its link. Of each it is proven that its receiver and its
 * applier run and that a transaction of the new primary has arrived. A replica that holds transactions which the new
 * primary lacks is reported and left as it is.
 */
export async function settleReplicas(sessions: ServerSessions, deps: PromotionDeps, context: StepContext, work: Settling): Promise<void> {
  const primary = serverOf(sessions, context, work.newPrimaryId, work.newPrimaryName);
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
  const tellOlder = (replica: Server): Promise<void> => note(context, message('promotion.note.sibling-older', { server: replica.name, primary: primary.name }));
  await Promise.all([
    ...each(work.olderIds, tellOlder),
    ...each(work.siblingIds, (sibling) => repoint(deps, context, primary, sibling)),
    ...each(work.keptIds, (replica) => keep(deps, context, primary, primary, replica)),
    ...(work.behind === undefined ? [] : each(work.behind.ids, (replica) => keep(deps, context, primary, serverOf(sessions, context, work.behind?.sourceId ?? '', work.behind?.sourceName ?? ''), replica))),
  ]);
}

async function repoint(deps: PromotionDeps, context: StepContext, primary: Server, sibling: Server): Promise<void> {
  const status = await linkStatus(await sibling.reader());
  if (status === null) return;
  const dialect = await sibling.dialect();
  // The plan may have been made before its version was known.
  if (replicationOrder((await primary.dialect()).version, dialect.version) === 'older') return note(context, message('promotion.note.sibling-older', { server: sibling.name, primary: primary.name }));
  const { host, port } = replicationEndpoint(deps.fleet.instance(primary.id));
  if (status.host !== host || status.port !== port) {
    // The receiver first: what it holds stands still, and what it holds must be on the new primary.
    await sibling.sql('control', dialect.stopReplica({ threads: 'receiver', channel: status.channel }));
    const frozen = await linkStatus(await sibling.reader());
    const held = parseGtidSet(frozen?.received ?? '').union(await executedOn(sibling));
    const ahead = held.subtract(await executedOn(primary));
    if (!ahead.isEmpty()) {
      await note(context, message('promotion.note.sibling-ahead', { server: sibling.name, count: Number(ahead.count()), set: ahead.toLine() }));
      return;
    }
    try {
      await sibling.sql('control', dialect.stopReplica({ channel: status.channel }));
    } catch (thrown) {
      // It goes on as it was: one that is locked for a backup does not let its applier be stopped.
      if (status.receiver !== 'stopped') await sibling.sql('control', dialect.startReplica({ threads: 'receiver', channel: status.channel }));
      throw thrown;
    }
    // User, password and TLS of the link stay as they are: the account is on the new primary too.
    await sibling.sql('control', dialect.changeReplicationSource({ host, port, autoPosition: true }, status.channel));
    await sibling.sql('control', dialect.startReplica({ channel: status.channel }));
  }
  await waitForThreads(context, sibling, status.channel, { step: 'siblings', limitMs: CONFIRM_LIMIT_MS, applierToo: true });
  await deps.fleet.setIntent(sibling.id, { kind: 'replica', sourceId: primary.id });
  await deps.onRepointed(sibling.id, primary.id);
  await confirm(deps, context, primary, sibling, () => message('promotion.note.sibling-follows', { server: sibling.name, primary: primary.name }));
}

/** A replica that keeps its link to `source` (the new primary itself, or the old one that follows it now). */
async function keep(deps: PromotionDeps, context: StepContext, primary: Server, source: Server, replica: Server): Promise<void> {
  // It is meant to stand behind this very server, whatever that server's role becomes: not to be pointed away on the way back.
  await deps.fleet.setIntent(replica.id, { kind: 'replica', sourceId: source.id, local: true });
  const status = await linkStatus(await replica.reader());
  await waitForThreads(context, replica, status?.channel ?? '', { step: 'siblings', limitMs: CONFIRM_LIMIT_MS, applierToo: true });
  await confirm(deps, context, primary, replica, () => (source === primary ? message('promotion.note.kept', { server: replica.name, primary: primary.name }) : message('promotion.note.kept-behind', { server: replica.name, source: source.name, primary: primary.name })));
}

/** The proof that transactions arrive: the new primary has made one of its own, the journal row, before this step. */
async function confirm(deps: PromotionDeps, context: StepContext, primary: Server, replica: Server, done: () => ReturnType<typeof message>): Promise<void> {
  try {
    await waitForSet(context, replica, await executedOn(primary), { step: 'siblings', limitMs: CONFIRM_LIMIT_MS, sliceSeconds: 2 });
    await note(context, done(), 'info');
  } catch (thrown) {
    if (errorOf(thrown).code !== 'step-timeout') throw thrown;
    await note(context, message('promotion.note.sibling-late', { server: replica.name, primary: primary.name, seconds: CONFIRM_LIMIT_MS / 1000 }));
  }
  await deps.fleet.refresh(replica.id);
}
