import { parseGtidSet, type GtidSet } from '../../shared/domain/gtid-set';
import { failure } from '../../shared/errors/codes';
import type { StepContext } from '../tasks/types';
import type { Hand, Purpose } from './crew';

export const EXECUTED = 'SELECT @@GLOBAL.gtid_executed AS gtid_executed';

/** gtid_executed of a server, now. */
export async function executedOn(hand: Hand, purpose: Purpose = 'control'): Promise<GtidSet> {
  return parseGtidSet((await hand.text(purpose, EXECUTED)) ?? '');
}

/** What has to be told while a wait goes on. */
export interface CatchUp {
  readonly step: string;
  readonly limitMs: number;
  /** How long one statement waits on the server, seconds; short ones tell the progress more often. */
  readonly sliceSeconds: number;
}

/**
 * Waits until a server has executed the whole set. Gated on the set itself, never on seconds behind.
 *
 * @throws Failure `step-timeout` over the limit, `step-failed` where its applier does not run
 */
export async function waitForSet(context: StepContext, hand: Hand, wanted: GtidSet, { step, limitMs, sliceSeconds }: CatchUp): Promise<void> {
  if (wanted.isEmpty()) return;
  const started = performance.now();
  const dialect = await hand.dialect();
  for (;;) {
    context.checkpoint();
    const left = limitMs - (performance.now() - started);
    if (left <= 0) throw failure('step-timeout', { step, seconds: limitMs / 1000 }, { server: hand.name });
    const seconds = Math.min(sliceSeconds, Math.ceil(left / 1000));
    const { statement, outcome } = dialect.waitForGtids(wanted.toLine(), seconds);
    const rows = await hand.sql('wait', statement, [], { timeoutMs: seconds * 1000 + 5000 });
    switch (outcome(rows)) {
      case 'reached':
        return;
      case 'not-replicating':
        // Before 5.7.5 the wait needs a running applier even where everything is there already.
        if (wanted.isSubsetOf(await executedOn(hand))) return;
        throw failure('step-failed', { step, server: hand.name });
      case 'timeout': {
        const missing = Number(wanted.subtract(await executedOn(hand)).count());
        context.progress({ text: null, done: Number(wanted.count()) - missing, total: Number(wanted.count()), unit: 'transactions', rate: null, etaSeconds: null });
        break;
      }
    }
  }
}
