import { type ApplierWait } from '../../../shared/domain/promotion/applier-wait';
import { squattersOf, type Squatter } from '../../../shared/domain/promotion/lock-precondition';
import { conflictingHolder, type LockHolder } from '../../../shared/domain/tasks/lock-holder';
import { lockHolders } from '../../tasks/server-lock';
import { ServerSessions, serverOf, reading } from '../../replication/servers';
import { readEvents } from '../../replication/events';
import { readLinkShape } from '../../replication/link-settings';
import { missingOwnSchema } from '../steps/promotion-journal';
import type { Particulars } from './particulars';
import { readApplierWaits } from './applier-waits';
import { lackingRights } from './blockers';
import { readOpening } from '../steps/opening-trial';
import type { OpeningReading } from '../../../shared/domain/promotion/opening';
import type { Pair, PromotionDeps } from '../types';
import { showFilters } from '../../replication/filters';
import { serverSurroundings } from './surroundings';
import type { ServerSurroundings } from '../../../shared/domain/promotion/surroundings';

export interface StandbyReading extends Pick<Particulars, 'shape' | 'ownSchema' | 'events'> {
  readonly rights: readonly string[];
  readonly holder: LockHolder | null;
  readonly squatters: readonly Squatter[];
  readonly statusSql: string;
  readonly filtersSql: string;
  readonly waits: readonly ApplierWait[];
  readonly surroundings: ServerSurroundings;
  readonly opening: OpeningReading;
}

/** What a promotion needs to know of the standby itself. */
export async function readStandby(deps: PromotionDeps, pair: Pick<Pair, 'standbyId' | 'standbyName'>): Promise<StandbyReading> {
  const sessions = new ServerSessions(deps.fleet);
  try {
    const session = await sessions.get(pair.standbyId, 'control');
    const server = serverOf(sessions, reading, pair.standbyId, pair.standbyName);
    const holders = await lockHolders(session, deps.clock());
    const statusSql = session.dialect.showReplicaStatus().redacted;
    return {
      rights: await lackingRights(session, pair.standbyName, ['set-variables', 'control-replication', 'flush-and-reset', 'watch-replication']),
      waits: await readApplierWaits(session),
      opening: await readOpening(sessions, server, null),
      holder: conflictingHolder(holders, false),
      squatters: squattersOf(pair.standbyId, holders),
      statusSql,
      filtersSql: showFilters(session.dialect),
      // A server that follows nobody has none; the preconditions say so.
      shape: await readLinkShape(server).catch(() => null),
      ownSchema: await missingOwnSchema(server),
      events: await readEvents(server),
      surroundings: await serverSurroundings(session, pair.standbyName),
    };
  } finally {
    await sessions.close();
  }
}
