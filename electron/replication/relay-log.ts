import { parseGtidSet, type GtidSet } from '../../shared/domain/gtid/set';
import type { StatusServer } from '../mysql/status/replica-status';
import { executedOn } from './gtid';
import { linkStatus } from './status';

/** What a replica has received and not applied, and its source could not send once more: lost, or purged there. It is gone with the relay log. */
export async function onlyInRelayLog(source: Pick<StatusServer, 'query'>, replica: StatusServer): Promise<GtidSet> {
  const waiting = parseGtidSet((await linkStatus(replica))?.received ?? '').subtract(await executedOn(replica));
  const [row] = await source.query<{ executed: string; purged: string }>('SELECT @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged');
  return waiting.subtract(parseGtidSet(row?.executed ?? '').subtract(parseGtidSet(row?.purged ?? '')));
}
