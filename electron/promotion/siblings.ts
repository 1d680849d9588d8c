import { errorOf } from '../../shared/errors/codes';
import { replicationEndpoint } from '../../shared/domain/instance';
import { message } from '../../shared/i18n/message';
import type { StepContext } from '../tasks/types';
import { handOf, type Crew, type Hand } from './crew';
import { executedOn } from './gtids';
import { replicaStatus, waitForThreads } from './link';
import { parseGtidSet } from '../../shared/domain/gtid-set';
import { note } from './switchover-work';
import type { PromotionDeps } from './types';

const CONFIRM_LIMIT_MS = 10_000;

export interface Repointing {
  readonly newPrimaryId: string;
  readonly newPrimaryName: string;
  readonly siblingIds: readonly string[];
}

/**
 * Points the other replicas at the new primary, all at once and each isolated from the failures of the others. A replica
 * that holds transactions which the new primary lacks is reported and left as it is.
 */
export async function repointSiblings(crew: Crew, deps: PromotionDeps, context: StepContext, work: Repointing): Promise<void> {
  const primary = handOf(crew, context, work.newPrimaryId, work.newPrimaryName);
  await Promise.all(
    work.siblingIds.map(async (id) => {
      const { name } = deps.fleet.instance(id);
      try {
        await repoint(deps, context, primary, handOf(crew, context, id, name));
      } catch (thrown) {
        const { detail, code } = errorOf(thrown);
        await note(context, message('promotion.note.sibling-left', { server: name, reason: detail ?? code }));
      }
    }),
  );
}

async function repoint(deps: PromotionDeps, context: StepContext, primary: Hand, sibling: Hand): Promise<void> {
  const [status] = await replicaStatus(sibling);
  if (status === undefined) return;
  const dialect = await sibling.dialect();
  const { host, port } = replicationEndpoint(deps.fleet.instance(primary.id));
  if (status.host === host && status.port === port) return;
  // The receiver first: what it holds stands still, and what it holds must be on the new primary.
  await sibling.sql('control', dialect.stopReplica({ threads: 'receiver', channel: status.channel }));
  const [frozen] = await replicaStatus(sibling);
  const held = parseGtidSet(frozen?.received ?? '').union(await executedOn(sibling));
  const ahead = held.subtract(await executedOn(primary));
  if (!ahead.isEmpty()) {
    await note(context, message('promotion.note.sibling-ahead', { server: sibling.name, count: Number(ahead.count()), set: ahead.toLine() }));
    return;
  }
  await sibling.sql('control', dialect.stopReplica({ channel: status.channel }));
  // User, password and TLS of the link stay as they are: the account is on the new primary too.
  await sibling.sql('control', dialect.changeReplicationSource({ host, port, autoPosition: true }, status.channel));
  await sibling.sql('control', dialect.startReplica({ channel: status.channel }));
  await waitForThreads(context, sibling, status.channel, { step: 'siblings', limitMs: CONFIRM_LIMIT_MS, applierToo: true });
  await deps.fleet.setIntent(sibling.id, { kind: 'replica', sourceId: primary.id });
}
