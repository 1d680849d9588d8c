// Which changes of a log foreign keys carried on. Pure.
import { madeKeysAct, type ActingRules } from '../../../../shared/domain/operations/rollback/acting';
import { single, type SpilledChange } from '../../../comparison/logged/collect';
import type { LoggedTable } from '../../../mysql/binlog/logged-tables';

/**
 * Whether foreign keys carried a change on and the log does not hold what they did, as long as the storage engine does it: then it does it here too.
 * With all others the keys are left alone: a key may have been off there, or refer to what is not restored.
 */
export function keysActed(rules: ActingRules | null, change: SpilledChange, logged: LoggedTable): boolean {
  return rules !== null && change.keysOff !== true && madeKeysAct(rules, single(change, logged));
}
