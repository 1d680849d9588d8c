// Which transactions of a log lie between a backup and a moment.
import { parseGtid, parseGtidSet, type GtidSet } from '../../../../shared/domain/gtid/set';
import { lackingOf } from '../../../../shared/domain/backup/later';
import type { LogGap, RestoreMoment } from '../../../../shared/domain/backup/moment';
import { failure } from '../../../../shared/errors/codes';
import { filtersMatch } from '../../../../shared/domain/scope/filters';
import { wholeInstance } from '../../../../shared/domain/scope/scope';
import type { FleetServers } from '../../../fleet/types';
import type { Session } from '../../../mysql/types';
import { replicaStatus } from '../../../replication/status';
import { logFilters } from '../../../mysql/binlog/log-filters';
import { readLogFiles, type LogFilePart } from '../../../mysql/binlog/log-files';
import { SeenGtids } from '../../../mysql/binlog/seen-gtids';
import { streamTransactions } from '../../../mysql/binlog/stream';

/** What is asked of servers whose log is read. */
export type LogServers = Pick<FleetServers, 'instance' | 'connect' | 'withSession'>;

/** A statement of the log's own reading may wait for a file to be read through. */
const reading = { timeoutMs: 5_000, queryTimeoutMs: 120_000 };

/**
 * What the backup lacks of the moment.
 *
 * @throws Failure `restore-log-gap`, `transaction-not-logged`
 */
export async function rangeTo(fleet: LogServers, moment: RestoreMoment, held: GtidSet, signal?: AbortSignal): Promise<GtidSet> {
  const { instanceId, before } = moment;
  const { name } = fleet.instance(instanceId);
  const { files, purged, mode, filters } = await fleet.withSession(instanceId, async (session) => {
    const [row] = await session.query<{ purged: string; mode: string }>('SELECT @@GLOBAL.gtid_purged AS purged, @@GLOBAL.gtid_mode AS mode');
    return { files: await readLogFiles(session), purged: parseGtidSet(row?.purged ?? ''), mode: row?.mode ?? '', filters: await filtersOf(session) };
  }, signalled(signal));
  const gap = (state: LogGap, gtids: string): Error => failure('restore-log-gap', { name, state, gtids }, { server: name });
  if (mode !== 'ON' || held.isEmpty()) throw gap('off', '');
  if (filters.length > 0) throw gap('filtered', filters.join(', '));
  if (before !== null && held.contains(parseGtid(before))) throw gap('held', before);
  const logged = files.reduce((sum, { gtids }) => sum.union(gtids), parseGtidSet(''));
  const lacking = (from: GtidSet): GtidSet => {
    const found = lackingOf({ held, logged, purged, from });
    if ('state' in found) throw gap(found.state, found.gtids.shorten());
    return found.range;
  };
  const none = parseGtidSet('');
  if (before === null) return lacking(none);
  // A log that is of something else is not read for its order.
  const foreign = held.subtract(logged.union(purged));
  return lacking(foreign.isEmpty() ? await fromOn(fleet, instanceId, files, before, signal) : none);
}

/** What keeps changes out of a server's log while their GTIDs are in it, or have none: filters of replication, and of the log itself. */
async function filtersOf(session: Session): Promise<readonly string[]> {
  const links = (await replicaStatus(session)).filter(({ filters }) => !filtersMatch(wholeInstance, filters));
  const own = links.map(({ channel, host, port }) => `replication filters ${channel === '' ? `${host}:${String(port)}` : channel}`);
  return [...own, ...await logFilters(session)];
}

/** How a log is read: its statements have time. */
export function signalled(signal?: AbortSignal): typeof reading & { readonly signal?: AbortSignal } {
  return signal === undefined ? reading : { ...reading, signal };
}

/** Everything from a transaction on, by the order of the log: numbers say nothing of it. */
async function fromOn(fleet: LogServers, instanceId: string, files: readonly LogFilePart[], gtid: string, signal?: AbortSignal): Promise<GtidSet> {
  const { name } = fleet.instance(instanceId);
  const wanted = parseGtid(gtid);
  const at = files.findIndex(({ gtids }) => gtids.contains(wanted));
  const file = files[at];
  if (file === undefined) throw failure('transaction-not-logged', { gtid, name }, { server: name });
  const before = new SeenGtids();
  let isFound = false;
  await streamTransactions(await fleet.connect(instanceId, signalled(signal)), file.gtids, {
    knows: () => true,
    learn: () => Promise.resolve(),
    begin(told) {
      isFound ||= parseGtidSet(told).contains(wanted);
      if (!isFound) before.add(told);
    },
    event: () => undefined,
    end: () => undefined,
  }, signal);
  if (!isFound) throw failure('transaction-not-logged', { gtid, name }, { server: name });
  return files.slice(at).reduce((sum, { gtids }) => sum.union(gtids), parseGtidSet('')).subtract(before.set());
}
