import type { StepContext } from '../tasks/types';
import { standbyOf, type Ground } from './run/context';
import { readPair, refuseSeed } from './seed/refusals';

/**
 * Takes a standby as it is, restored by other means, on the proof of GTIDs: it has nothing that the source lacks, and
 * the source still keeps everything that it lacks.
 *
 * @throws Failure `seed-impossible` with the transactions in the way
 */
export async function adopt(ground: Ground, step: StepContext): Promise<void> {
  const reading = await readPair(ground.fleet, ground.spec, step.signal);
  refuseSeed(standbyOf(ground).name, ground.spec, 'adopt', reading);
  step.log('info', 'sync.log.adopted', { gtids: reading.standby.gtid.executed.replace(/\s+/g, '').slice(0, 200) });
}
