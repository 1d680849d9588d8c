import { errorOf, failure } from '../../../shared/errors/codes';
import {
  carriedSource, lacksAnsweringSide, lacksWaitingSide, noSemiSync, sourceSwitch, standbySides, waitsForNobody, wantedReplicas, type SemiSync, type WaitingSide,
} from '../../../shared/domain/promotion/semi-sync';
import { message } from '../../../shared/i18n/message';
import { sleep, waitUntil } from '../../mysql/time';
import { lastingSettings, readSemiSync } from '../../replication/semi-sync';
import type { Server, ServerSessions } from '../../replication/servers';
import type { StepContext } from '../../tasks/types';
import { memory } from '../memory';
import { note } from '../report/notes';
import { closeClients } from './fence';

/** A commit that waits for nobody must not wait longer than this in the middle of a switchover. */
export const LONGEST_WAIT_MS = 2000;
/** How long the replicas of the new primary may take to say that they answer. */
const ANSWER_LIMIT_MS = 8000;
/** A fence that stands still for so long waits behind commits. */
const HELD_MS = 500;

/** Both servers as they were before anything was changed. */
export function notedSemiSync(context: Pick<StepContext, 'recall'>): { readonly source: SemiSync; readonly standby: SemiSync } {
  return context.recall(memory.semiSync) ?? { source: noSemiSync, standby: noSemiSync };
}

/**
 * Notes both servers, and has the standby wait for nobody until a replica answers it: its first commit is the proof that it is open, and
 * would hang. `source`: null in an emergency, where nothing waits for it.
 *
 * @throws Failure `step-failed` where commits on the source hang already
 */
export async function prepareSemiSync(context: StepContext, source: Server | null, standby: Server): Promise<void> {
  const noted = context.recall(memory.semiSync);
  const [here, there] = noted === undefined
    ? [source === null ? noSemiSync : await readSemiSync(await source.reader()), await readSemiSync(await standby.reader())]
    : [noted.source, noted.standby];
  if (source !== null && waitsForNobody(here.source, LONGEST_WAIT_MS)) {
    throw failure(
      'step-failed',
      { step: 'prepare', server: source.name },
      {
        server: source.name, detail: `rpl_semi_sync: ${String(here.source?.clients ?? 0)} / ${String(here.source === null ? 0 : wantedReplicas(here.source))}`,
      },
    );
  }
  await context.remember(memory.semiSync, { source: here, standby: there });
  if (there.source?.enabled === true) await setWaiting(standby, there.source, false);
}

/** The standby waits as before: the promotion did not come about. */
export async function restoreSemiSync(context: StepContext, standby: Server): Promise<void> {
  const { source } = notedSemiSync(context).standby;
  if (source?.enabled === true) await setWaiting(standby, source, true);
}

async function setWaiting(server: Server, side: WaitingSide, on: boolean): Promise<void> {
  await server.sql('control', (await server.dialect()).setGlobal(...sourceSwitch(side, on)));
}

/** The old primary, before it follows: it waits for nobody, and answers as the standby did. */
export async function makeAnswering(context: StepContext, old: Server): Promise<void> {
  const { source, standby } = notedSemiSync(context);
  await setLasting(context, old, standbySides(source, standby));
  if (lacksAnsweringSide(source, standby)) await note(context, message('promotion.note.semi-sync-no-replica', { server: old.name }));
}

async function setLasting(context: StepContext, server: Server, settings: Parameters<typeof lastingSettings>[1]): Promise<void> {
  const change = lastingSettings(await server.dialect(), settings);
  await server.all('control', change.statements);
  for (const line of change.configLines) await note(context, message('promotion.note.config-line', { server: server.name, line }));
}

/**
 * The new primary waits as the old one did, once as many replicas answer as it is to wait for. Where they do not it goes on without, which
 * the report says: it would hang with its first commit.
 */
export async function makeWaiting(context: StepContext, primary: Server, wanted: WaitingSide | null): Promise<void> {
  const { source, standby } = notedSemiSync(context);
  if (wanted?.enabled !== true) return;
  if (lacksWaitingSide(source, standby)) return note(context, message('promotion.note.semi-sync-no-source', { server: primary.name }));
  const side = standby.source;
  if (side === null) return;
  if (wanted !== side) await setLasting(context, primary, carriedSource(wanted, side));
  let clients = 0;
  const answered = await waitUntil(async () => {
    clients = (await readSemiSync(await primary.reader())).source?.clients ?? 0;
    return clients >= wantedReplicas(wanted);
  }, { everyMs: 200, limitMs: ANSWER_LIMIT_MS, signal: context.signal });
  if (answered) return setLasting(context, primary, [sourceSwitch(side, true)]);
  const [statement] = lastingSettings(await primary.dialect(), [sourceSwitch(side, true)]).statements;
  await note(
    context,
    message('promotion.note.semi-sync-off', { server: primary.name, clients, wanted: wantedReplicas(wanted), statement: statement?.redacted ?? '' }),
  );
}

/**
 * Puts a fence up on a source whose replicas are being taken away. It waits behind commits that wait for an acknowledgement which nobody
 * gives any more: their clients are closed, so that none of them is ever told that its commit is safe, and only then the server lets them go.
 */
export async function fenceWaiting(sessions: ServerSessions, source: Server, fence: () => Promise<void>): Promise<void> {
  const fencing = fence();
  const outcome = fencing.then(() => 'up' as const, () => 'missed' as const);
  if ((await Promise.race([outcome, sleep(HELD_MS).then(() => 'held' as const)])) === 'held') {
    try {
      const { source: side } = await readSemiSync(await source.reader());
      if (side !== null && side.enabled && side.waiting > 0) {
        await closeClients(sessions, source, 1);
        await setWaiting(source, side, false);
      }
    } catch (thrown) {
      // The fence itself says what is wrong with the server; this only helps it along.
      if (errorOf(thrown).code === 'internal') throw thrown;
    }
  }
  await fencing;
}
