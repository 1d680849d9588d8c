import { isPastReturn, type TaskView } from '../../shared/domain/tasks/task';
import { parseGtidSet } from '../../shared/domain/gtid/set';
import { verdictOf } from '../../shared/domain/promotion/standing';
import type { FleetServers } from '../fleet/types';
import type { TaskMemory, Verdict } from '../tasks/types';
import type { EmergencyInput } from './emergency/context';
import { memory as keys } from './memory';
import { readHolders, readStanding } from './report/standing';
import type { SwitchoverInput } from './switchover/context';

/**
 * Where an interrupted switchover stands, by what the servers say now and the journal said then.
 * Before the point of no return it can be undone (writes go on on the old primary); after it, it can only go on.
 */
export async function switchoverVerdict(fleet: FleetServers, view: TaskView, input: SwitchoverInput, memory: TaskMemory): Promise<Verdict> {
  const { standing, standby } = await readStanding(fleet, input.sourceId, input.standbyId);
  const written = memory.recall(keys.promotionSet);
  const complete = written === undefined || standby === null ? null : parseGtidSet(written).isSubsetOf(parseGtidSet(standby.executed));
  const names = { source: input.sourceName, standby: input.standbyName };
  const holders = await readHolders(fleet, input.sourceId, input.standbyId, names, Date.now());
  return { ...verdictOf(standing, { kind: 'planned', openingBegun: view.steps.some(isPastReturn), complete }, names), holders };
}

/** Where an interrupted emergency promotion stands. */
export async function emergencyVerdict(fleet: FleetServers, view: TaskView, input: EmergencyInput): Promise<Verdict> {
  const { standing } = await readStanding(fleet, input.oldPrimaryId, input.standbyId);
  const names = { source: input.oldPrimaryName, standby: input.standbyName };
  const holders = await readHolders(fleet, input.oldPrimaryId, input.standbyId, names, Date.now());
  return { ...verdictOf(standing, { kind: 'emergency', openingBegun: view.steps.some(isPastReturn), complete: null }, names), holders };
}
