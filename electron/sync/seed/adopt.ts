import type { StepContext } from '../../tasks/types';
import { readPair, refuseSeed } from './refusals';
import { standbyOf } from '../../replication/link-context';
import type { SyncContext } from '../run/context';

/**
 * Takes a standby as it is, restored by other means, on the proof of GTIDs: it has nothing that the source lacks, and
 * the source still keeps everything that it lacks.
 *
 * @throws Failure `seed-impossible` with the transactions in the way
 */
export async function adopt(ground: SyncContext, step: StepContext): Promise<void> {
  const reading = await readPair(ground.fleet, ground.spec, step.signal);
  refuseSeed(standbyOf(ground).name, ground.spec, 'adopt', reading);
  step.log('info', 'sync.log.adopted', { gtids: reading.standby.gtid.executed.replace(/\s+/g, '').slice(0, 200) });
}
