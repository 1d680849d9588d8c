import { sessionText } from '../../shared/domain/promotion/opening';
import { standingNotes, type Standing } from '../../shared/domain/promotion/standing';
import type { Holder } from '../../shared/domain/tasks/task';
import { message, type Message } from '../../shared/i18n/message';
import { errorOf } from '../../shared/errors/codes';
import { ServerSessions, reading, serverOf } from '../replication/servers';
import { lockHolders } from '../tasks/server-lock';
import type { LetGo } from '../tasks/types';
import { readHolders, readStanding } from './report/standing';
import { journalForget } from './steps/promotion-journal';
import type { PromotionDeps } from './types';

/** A promotion that is ended by hand: its two servers and its row in the journal. */
interface Left {
  /** Of its row in the journal on the servers. */
  readonly id: string;
  /** null: not registered. */
  readonly sourceId: string | null;
  readonly standbyId: string;
  readonly names: { readonly source: string; readonly standby: string };
  /** The engine that had it; null: this one, which has let go of its locks itself. */
  readonly run: string | null;
}

/**
 * Somebody has dealt with a promotion by hand. What both servers show is read and told; connections of the engine that died which still
 * hold its locks are ended, and its row goes where it is clear who takes writes. No role, thread or setting is touched.
 */
export async function letGoByHand({ fleet, clock }: Pick<PromotionDeps, 'fleet' | 'clock'>, left: Left): Promise<LetGo> {
  const { sourceId, standbyId, names, run } = left;
  const { standing } = await readStanding(fleet, sourceId, standbyId);
  const holders = await readHolders(fleet, sourceId, standbyId, names, clock());
  const sessions = new ServerSessions(fleet);
  try {
    const servers = [...(sourceId === null ? [] : [{ id: sourceId, name: names.source }]), { id: standbyId, name: names.standby }];
    const released: Message[] = [];
    for (const { id, name } of servers) released.push(...(await releaseLocks(sessions, id, name, run, clock())));
    const row = await forgetRow(sessions, left, standing);
    return {
      notes: [...standingNotes(standing, names), ...released, row],
      detail: {
        source: `${names.source}: ${standing.source}`, standby: `${names.standby}: ${standing.standby}`, writes: standing.writes,
        holders: holders.map(holderText).join('; '), locks: released.length, row: row.key.endsWith('row-gone'),
      },
    };
  } finally {
    await sessions.close();
  }
}

/** Connections of a process that is gone go on holding their locks until the server misses them. */
async function releaseLocks(sessions: ServerSessions, id: string, name: string, run: string | null, now: number): Promise<readonly Message[]> {
  if (run === null) return [];
  return unlessAway(async () => {
    const session = await sessions.get(id, 'control');
    const dead = (await lockHolders(session, now)).filter((holder) => holder.run === run);
    for (const { connectionId } of dead) await session.run(`KILL CONNECTION ${connectionId}`);
    return dead.length === 0 ? [] : [message('promotion.by-hand.locks', { server: name, count: dead.length })];
  }, []);
}

/** Only where one of the two takes writes: a row that is deleted on a server which is not the primary makes a transaction of its own. */
async function forgetRow(sessions: ServerSessions, { id, sourceId, standbyId, names }: Left, { writes }: Standing): Promise<Message> {
  const stays = message('promotion.by-hand.row-stays', { id });
  const there = writes === 'standby' ? { id: standbyId, name: names.standby } : null;
  const at = writes === 'source' && sourceId !== null ? { id: sourceId, name: names.source } : there;
  if (at === null) return stays;
  return unlessAway(async () => {
    await journalForget(serverOf(sessions, reading, at.id, at.name), id);
    return message('promotion.by-hand.row-gone', { server: at.name });
  }, stays);
}

/** What a server does not answer, or does not let this login do, is left there, and the notes say so. */
async function unlessAway<Result>(work: () => Promise<Result>, otherwise: Result): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    if (errorOf(thrown).code === 'internal') throw thrown;
    return otherwise;
  }
}

function holderText({ server, kind, session, user, host, statement }: Holder): string {
  return session === null ? `${server}: ${statement}` : `${server}: ${kind} ${sessionText({ connectionId: session, user, host, seconds: 0, statement })}`;
}
