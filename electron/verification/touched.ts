// Which tables were written since a GTID set, on either side, as the binary logs tell.
import { parseGtidSet, type GtidSet } from '../../shared/domain/gtid/set';
import { errorOf } from '../../shared/errors/codes';
import { readTransaction } from '../mysql/binlog/transaction';
import { executedOn } from '../replication/gtid';
import type { LinkContext } from '../replication/link-context';
import type { StepContext } from '../tasks/types';

/** As many transactions are read one by one; of more than these the order gains nothing. */
const mostTransactions = 200;

/**
 * Tables that transactions beyond a set wrote, on the source or on the standby. It is an order in which to look and no more: what the logs do not hold any
 * more, or hold in a form that cannot be read, is said in the task's log, and everything is compared all the same.
 */
export async function touchedSince({ fleet, spec }: LinkContext, step: StepContext, since: string): Promise<ReadonlySet<string>> {
  const known = parseGtidSet(since);
  const touched = new Set<string>();
  for (const id of [spec.sourceId, spec.standbyId]) {
    const beyond = (await fleet.withSession(id, executedOn, { signal: step.signal })).subtract(known);
    if (beyond.count() > BigInt(mostTransactions)) {
      step.log('info', 'verification.log.touchedMany', { server: fleet.instance(id).name, count: String(beyond.count()) });
      continue;
    }
    for (const gtid of each(beyond)) {
      step.checkpoint();
      try {
        const { tables } = await readTransaction(() => fleet.connect(id, { signal: step.signal }), gtid, { signal: step.signal });
        for (const { database, table } of tables) touched.add(`${database}\0${table}`);
      } catch (thrown) {
        const { code } = errorOf(thrown);
        if (code !== 'transaction-not-logged' && code !== 'transaction-unreadable') throw thrown;
        step.log('warning', 'verification.log.touchedUnread', { server: fleet.instance(id).name, gtid });
      }
    }
  }
  return touched;
}

function* each(set: GtidSet): Generator<string> {
  for (const { uuid, tag, intervals } of set.byUuid()) {
    for (const [first, last] of intervals) for (let gno = first; gno <= last; gno++) yield [uuid, ...(tag === '' ? [] : [tag]), String(gno)].join(':');
  }
}
