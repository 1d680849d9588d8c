import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import { statedLoss } from '../../../shared/domain/promotion/loss';
import type { Loss } from '../../../shared/domain/promotion/promotion';
import { errorOf } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { limit } from '../../mysql/time';
import { executedOn } from '../../replication/gtid';
import { serverOf, type Server } from '../../replication/servers';
import type { MemoryKey } from '../../tasks/memory';
import type { StepContext } from '../../tasks/types';
import { memory } from '../memory';
import { note } from '../report/notes';
import { isFenced } from '../steps/fence';
import type { EmergencyWork } from './context';

/** What came of the fence, looked at without waiting for it longer than this. */
export const VERIFY_LIMIT_MS = 4000;

const kept = (context: StepContext, key: MemoryKey<string>): GtidSet => parseGtidSet(context.recall(key) ?? '');

/** Not received, thrown away on order, received in part; less what came in time after all. */
function missedSet(work: EmergencyWork, context: StepContext): GtidSet {
  const missed = parseGtidSet(work.input.notReceivedSet).union(kept(context, memory.discarded)).union(kept(context, memory.incomplete));
  return missed.subtract(kept(context, memory.promotionSet));
}

/** The loss as far as anybody knew before the old primary was looked at: a bound from below, with the window that nobody has seen. */
export async function rememberKnownLoss(work: EmergencyWork, context: StepContext): Promise<void> {
  const { notReceived, unseenFrom, keptAway, split, oldPrimaryName: source, standbyName: standby } = work.input;
  const wasSeen = notReceived !== null;
  await context.remember(memory.loss, statedLoss(missedSet(work, context), { isProven: false, wasSeen, unseenFrom, filtered: keptAway.length > 0 }));
  if (keptAway.length > 0) await note(context, message('promotion.note.filtered', { standby, rules: keptAway.join(' · ') }));
  if (split !== null) await note(context, message('promotion.note.split', { source, standby, sourceSet: split.sourceOnly, standbySet: split.standbyOnly }));
}

interface Look {
  readonly set: GtidSet;
  /** When it was begun, milliseconds since the epoch. */
  readonly at: number;
  /** It refused every write before its set was read, and did so after. */
  readonly fenced: boolean;
}

/**
 * The loss once the old primary was looked at. Behind its fence what it alone holds is the loss, exactly, whatever was known of it
 * before and whatever became of the rest of the fencing; where it answers and is not fenced its set is a bound from below; where it does
 * not answer, what was known stays.
 */
export async function tellLoss(work: EmergencyWork, context: StepContext, reason: string): Promise<void> {
  const { oldPrimaryId, oldPrimaryName: source, keptAway } = work.input;
  const server = oldPrimaryId === null ? null : serverOf(work.sessions, context, oldPrimaryId, source);
  const look = server === null ? null : await limit(lookAt(work, context, server), VERIFY_LIMIT_MS, () => null);
  // What an earlier version kept of it has another form.
  if (context.recall(memory.loss) === undefined) await rememberKnownLoss(work, context);
  const closesToAll = look?.fenced === true && server !== null && (await server.dialect()).features.hasSuperReadOnly;
  if (look !== null) {
    const lost = look.set.subtract(kept(context, memory.promotionSet)).union(missedSet(work, context));
    await context.remember(memory.loss, statedLoss(lost, { isProven: closesToAll, wasSeen: true, unseenFrom: look.at, filtered: keptAway.length > 0 }));
  }
  if (look?.fenced === true) await note(context, message(closesToAll ? 'promotion.note.source-fenced' : 'promotion.note.source-fenced-ordinary', { source }));
  else await note(context, message('promotion.note.source-not-fenced', { source, reason }));
  // It refuses writes now; what failed after that may let it come back open.
  if (look?.fenced === true && reason !== '') await note(context, message('promotion.note.fence-in-part', { source, reason }));
  await tellCount(work, context, look);
}

async function tellCount({ input }: EmergencyWork, context: StepContext, look: Look | null): Promise<void> {
  const { oldPrimaryName: source, sourceSeenAt } = input;
  const loss: Loss | undefined = context.recall(memory.loss);
  if (loss === undefined || loss.kind === 'unknown') return note(context, message('promotion.note.loss-unknown', { source }));
  const { count } = loss;
  const set = parseGtidSet(loss.set).shorten();
  if (look?.fenced === true) return note(context, message('promotion.note.loss-counted', { source, count, set }));
  if (look !== null) return note(context, message('promotion.note.loss-open', { source, count, set }));
  if (sourceSeenAt !== null) await note(context, message('promotion.note.loss', { count, seenAt: new Date(loss.unseenFrom ?? sourceSeenAt).toISOString() }));
}

async function lookAt(work: EmergencyWork, context: StepContext, server: Server): Promise<Look | null> {
  try {
    const before = await isFenced(server);
    const at = work.deps.clock();
    const set = await executedOn(server);
    return { set, at, fenced: before && (await isFenced(server)) };
  } catch (thrown) {
    context.log('warning', 'promotion.note.source-silent', { source: server.name, code: errorOf(thrown).code });
    return null;
  }
}
