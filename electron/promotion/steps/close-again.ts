import type { GtidSet } from '../../../shared/domain/gtid/set';
import { sessionText } from '../../../shared/domain/promotion/opening';
import { errorOf, failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { isUnreachable } from '../../mysql/errors';
import type { StepContext } from '../../tasks/types';
import { TakenBack } from '../../tasks/taken-back';
import { executedOn } from '../../replication/gtid';
import type { Server } from '../../replication/servers';
import { note } from '../report/notes';
import { FENCE_LIMIT_SECONDS, isFenced } from './fence';
import { openForWrites, standOf } from './open';
import { endStanding, givenUp, standingWrite } from './standing-write';

/** How long a server may take to come back where it died while it was opened. */
const RETURN_LIMIT_MS = 30_000;

/** What an opening needs to be taken back. */
interface Opening {
  /** A token that only this run's probe can have written. */
  token(): string;
  /** Everything that was on the server before it was opened. */
  readonly before: GtidSet;
  /** Whether the old primary answers behind our fence: it takes writes again where this opening is taken back. */
  canGoBack(): Promise<boolean>;
}

/**
 * Opens a standby for writes, or closes it again. Which of the two is right the server itself says: while nothing has been
 * written on it the way back is open, and once something has it takes writes.
 *
 * @throws TakenBack where it is proven closed, with nothing on it that was not there before, or where nothing listens there any more;
 *   any other failure where that could not be proven: it may be open
 */
export async function openOrCloseAgain(context: StepContext, standby: Server, opening: Opening): Promise<void> {
  try {
    return await openForWrites(standby, opening.token());
  } catch (thrown) {
    const missed = thrown instanceof Error ? thrown : failure('internal', { detail: String(thrown) });
    context.log('error', 'promotion.note.opening-missed', { server: standby.name, code: errorOf(missed).code });
    const outcome = await dealWith(context, standby, opening, missed);
    if (outcome.kind === 'opened') return;
    if (outcome.kind === 'stalled') {
      await note(context, message('promotion.note.opened-stalled', { server: standby.name, session: outcome.session }));
      throw missed;
    }
    if (outcome.kind === 'ended') {
      await note(context, message('promotion.note.opened-ended', { server: standby.name, session: outcome.session }));
      throw new TakenBack(failure('opening-barred', { server: standby.name, found: `COMMIT … (${outcome.session})` }, { server: standby.name }));
    }
    if (outcome.kind === 'unknown') {
      await note(context, message('promotion.note.not-closed', { server: standby.name, reason: outcome.reason }));
      throw missed;
    }
    if (outcome.kind === 'written') return note(context, message('promotion.note.opened-unproven', { server: standby.name, reason: reasonOf(missed) }));
    await note(
      context,
      message(outcome.kind === 'gone' ? 'promotion.note.opened-gone' : 'promotion.note.closed-again', { server: standby.name, reason: reasonOf(missed) }),
    );
    throw new TakenBack(missed);
  }
}

/**
 * Takes an opening back on the user's word.
 *
 * @throws Failure `past-no-return` where something was written there since, or where it cannot be proven closed
 */
export async function takeOpeningBack(context: StepContext, standby: Server, before: GtidSet): Promise<void> {
  const outcome = await closeAgain(standby, before, failure('cancelled', { what: 'open' }));
  if (outcome.kind !== 'closed') throw failure(
    'past-no-return',
    { step: 'open' },
    { server: standby.name, ...(outcome.kind === 'unknown' ? { detail: outcome.reason } : {}) },
  );
  await note(context, message('promotion.note.closed-again', { server: standby.name, reason: '—' }));
}

type Outcome =
  | { readonly kind: 'opened' | 'written' | 'closed' | 'gone' }
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Its commits stand still, with our own write among them: open, and nothing is written. `ended`: it was given up, and the server with it. */
  | { readonly kind: 'stalled' | 'ended'; readonly session: string };

async function dealWith(context: StepContext, standby: Server, opening: Opening, missed: Error): Promise<Outcome> {
  const connection = givenUp(missed);
  const standing = connection === null ? null : await standingWrite(standby, connection);
  if (standing !== null) {
    const session = sessionText(standing);
    if (!(await opening.canGoBack())) return { kind: 'stalled', session };
    const end = await endStanding(context, standby, standing.connectionId);
    if (end === 'standing') return { kind: 'stalled', session };
    if (end === 'gone') return { kind: 'ended', session };
    // Space came in between: what the write came to, the set says.
    return closeAgain(standby, opening.before, failure('step-failed', { step: 'open', server: standby.name }));
  }
  return isUnreachable(missed) ? onceMore(context, standby, opening, missed) : closeAgain(standby, opening.before, missed);
}

/** The server was lost while it was opened: it is waited for and opened once more. */
async function onceMore(context: StepContext, standby: Server, opening: Opening, missed: Error): Promise<Outcome> {
  let refused = false;
  const back = async (): Promise<boolean> => {
    try {
      await standOf(standby);
      return true;
    } catch (thrown) {
      refused = errorOf(thrown).code === 'tcp-refused';
      return false;
    }
  };
  try {
    await context.waitFor(message('promotion.wait.standby', { server: standby.name }), back, { everyMs: 300, limitMs: RETURN_LIMIT_MS });
    await openForWrites(standby, opening.token());
    return { kind: 'opened' };
  } catch (thrown) {
    // Nothing listens there any more: the server is gone, and it starts read-only. One that is merely silent may be open.
    if (refused) return { kind: 'gone' };
    return isUnreachable(thrown) ? { kind: 'unknown', reason: reasonOf(missed) } : closeAgain(standby, opening.before, thrown);
  }
}

/** Behind a closed door the set says whether anybody came in. One that was written to is opened again: what it took is there alone. */
async function closeAgain(standby: Server, before: GtidSet, missed: unknown): Promise<Outcome> {
  // The probe may still be at work there: what it comes to would not be known.
  if (errorOf(missed).code === 'may-take-hold') return { kind: 'unknown', reason: reasonOf(missed) };
  try {
    const dialect = await standby.dialect();
    const limit = { timeoutMs: (FENCE_LIMIT_SECONDS + 1) * 1000 };
    await standby.sql('control', dialect.setLockWaitTimeout(FENCE_LIMIT_SECONDS));
    await standby.all('control', dialect.setReadOnly(true, false).statements, limit);
    if (!(await isFenced(standby))) return { kind: 'unknown', reason: reasonOf(missed) };
    if ((await executedOn(standby)).isSubsetOf(before)) return { kind: 'closed' };
    await standby.sql('control', dialect.setGlobal('read_only', false));
    return { kind: 'written' };
  } catch (thrown) {
    return { kind: 'unknown', reason: reasonOf(thrown) };
  }
}

function reasonOf(thrown: unknown): string {
  const { code, detail, params } = errorOf(thrown);
  if (code === 'opening-barred') return String((params as { found?: unknown }).found ?? code);
  return detail ?? code;
}
