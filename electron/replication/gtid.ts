import { parseGtidSet, type GtidSet } from '../../shared/domain/gtid/set';
import type { Hand, Purpose } from './servers';

export const EXECUTED = 'SELECT @@GLOBAL.gtid_executed AS gtid_executed';

/** gtid_executed of a server, now. */
export async function executedOn(hand: Hand, purpose: Purpose = 'control'): Promise<GtidSet> {
  return parseGtidSet((await hand.text(purpose, EXECUTED)) ?? '');
}
