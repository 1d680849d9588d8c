import { GtidSet } from '../../shared/domain/gtid/set';
import { type BinlogPosition, hasReadAllRelayLog } from '../../shared/domain/fleet/facts';
import type { Scope } from '../../shared/domain/scope/scope';
import { failure } from '../../shared/errors/codes';
import { fillFilterGaps, leavesGaps } from './filter-gaps';
import type { StepContext } from '../tasks/types';
import type { Server } from './servers';
import { executedOn } from './gtid';
import { linkStatus } from './status';
import { sleep } from '../mysql/time';

/** What a replica follows, where that may be a part. */
export interface FollowedPart {
  readonly source: Server;
  readonly scope: Scope;
  /** Told of gaps that filtered statements had left and that were filled. */
  readonly told: (server: string, filled: GtidSet) => Promise<void>;
  /** Up to here in the source's binary log the replica has everything; null: not known. */
  readonly wholeTo: BinlogPosition | null;
}

/** What has to be told while a wait goes on. */
export interface CatchUp {
  readonly step: string;
  readonly limitMs: number;
  /** What the user is told of the limit where the wait is a part of a longer one, seconds. */
  readonly limitSeconds?: number;
  /** How long one statement waits on the server, seconds; short ones tell the progress more often. */
  readonly sliceSeconds: number;
  /** What the replica follows, where it may follow a part only. */
  readonly link?: FollowedPart;
}

/**
 * Waits until a server has executed the whole set. Gated on the set itself, never on seconds behind.
 *
 * @throws Failure `step-timeout` over the limit, `step-failed` where its applier does not run
 */
export async function waitForSet(context: StepContext, server: Server, wanted: GtidSet, catchUp: CatchUp): Promise<void> {
  const { step, limitMs, limitSeconds = limitMs / 1000, sliceSeconds, link } = catchUp;
  if (wanted.isEmpty()) return;
  const started = performance.now();
  const dialect = await server.dialect();
  if (link !== undefined && leavesGaps(link.scope, dialect)) return waitPastGaps(context, server, wanted, { step, limitMs, limitSeconds }, link);
  for (;;) {
    context.checkpoint();
    const left = limitMs - (performance.now() - started);
    if (left <= 0) throw failure('step-timeout', { step, seconds: limitSeconds }, { server: server.name });
    const seconds = Math.min(sliceSeconds, Math.ceil(left / 1000));
    const { statement, outcome } = dialect.waitForGtids(wanted.toLine(), seconds);
    const rows = await server.sql('wait', statement, [], { timeoutMs: seconds * 1000 + 5000 });
    switch (outcome(rows)) {
      case 'reached':
        return;
      case 'not-replicating':
        // Before 5.7.5 the wait needs a running applier even where everything is there already.
        if (wanted.isSubsetOf(await executedOn(server))) return;
        throw failure('step-failed', { step, server: server.name });
      case 'timeout': {
        const missing = Number(wanted.subtract(await executedOn(server)).count());
        context.progress({
          text: null, done: Number(wanted.count()) - missing, total: Number(wanted.count()), unit: 'transactions', rate: null, etaSeconds: null,
        });
        break;
      }
    }
  }
}

/** How often the replica is looked at; clients wait while it goes on. */
const EVERY_MS = 10;

/**
 * The gate of a part on servers from before 5.7: the replica has executed the whole set of its source, but for statements
 * on databases that its filters keep away, which leave a gap there. Each of those is read in the source's binary log and
 * gets the empty transaction that a newer server would have written; then the set itself is the proof, as of every link.
 * What is missing and is no such statement is waited for.
 *
 * @throws Failure `step-timeout` over the limit, `step-failed` where the applier does not run
 */
async function waitPastGaps(
  context: StepContext,
  server: Server,
  wanted: GtidSet,
  { step, limitMs, limitSeconds }: Required<Pick<CatchUp, 'step' | 'limitMs' | 'limitSeconds'>>,
  { source, scope, wholeTo, told }: FollowedPart,
): Promise<void> {
  const started = performance.now();
  const ends = {
    source: { dialect: await source.dialect(), ask: (statement: Parameters<Server['sql']>[1]) => source.sql('control', statement) },
    replica: { dialect: await server.dialect(), ask: (statement: Parameters<Server['sql']>[1]) => server.sql('control', statement) },
  };
  let known = GtidSet.empty;
  for (;;) {
    context.checkpoint();
    // The status first: what has been read by then has been executed, or left its gap, when the set is read.
    const status = await linkStatus(await server.reader());
    const missing = wanted.subtract(await executedOn(server));
    if (missing.isEmpty()) return;
    if (performance.now() - started > limitMs) throw failure('step-timeout', { step, seconds: limitSeconds }, { server: server.name });
    if (status?.applierRuns !== true) {
      throw failure('step-failed', { step, server: server.name }, {
        server: server.name, ...(status === null || status.applierError === '' ? {} : { detail: status.applierError }),
      });
    }
    const looked = missing.subtract(known);
    if (hasReadAllRelayLog(status) && !looked.isEmpty()) {
      const passed = status.appliedFile === '' ? null : { file: status.appliedFile, position: status.appliedPosition };
      const { filled } = await fillFilterGaps(ends.source, ends.replica, { scope, missing: looked, from: wholeTo, passed });
      known = known.union(looked);
      if (!filled.isEmpty()) {
        await told(server.name, filled);
        continue;
      }
    }
    context.progress({
      text: null, done: Number(wanted.count() - missing.count()), total: Number(wanted.count()), unit: 'transactions', rate: null, etaSeconds: null,
    });
    await sleep(EVERY_MS, context.signal);
  }
}
