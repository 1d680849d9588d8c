import { accountChecks } from './accounts';
import { accountPairChecks } from './account-pairs';
import { binlogChecks } from './binlog';
import { connectionChecks } from './connection';
import { crossdbChecks } from './crossdb';
import { checkIds, type CheckId } from './ids';
import { gtidChecks } from './gtid';
import { loadChecks } from './load';
import { brokenChecks } from './objects-broken';
import { programChecks } from './objects-programs';
import { scopeChecks } from './objects-scope';
import { tableChecks } from './objects-tables';
import { CLONE_LIBRARY, cloneChecks } from './server-clone';
import { serverIdentityChecks } from './server-identity';
import { serverSettingsChecks } from './server-settings';
import { serverWideChecks } from './server-wide';
import type { CheckDefinition } from './define';

const unordered = [
  ...connectionChecks, ...serverIdentityChecks, ...serverSettingsChecks, ...cloneChecks, ...binlogChecks, ...gtidChecks,
  ...accountChecks, ...accountPairChecks, ...scopeChecks, ...tableChecks, ...serverWideChecks, ...programChecks, ...brokenChecks,
  ...crossdbChecks, ...loadChecks,
];

const byId = new Map(unordered.map((definition) => [definition.id, definition]));

/** Every preflight check, in the order of `checkIds`. */
export const checkDefinitions: readonly CheckDefinition[] = checkIds.map(definitionOf);

/** The definition of a check. Every id has one; the unit tests see to it. */
export function definitionOf(id: CheckId): CheckDefinition {
  const definition = byId.get(id);
  if (definition === undefined) throw new RangeError(`No check ${id}`);
  return definition;
}

export { checkIds, isCheckId, scopeCheckIds, type CheckId } from './ids';
export { factsFor, resultOf, skipped, unreadable, type CheckDefinition, type CheckInput, type CheckOutcome, type CheckSide } from './define';
export { missingFrom } from './dependencies';
export { reportAsJson } from './json';
export { reportAsMarkdown } from './markdown';
export { refText } from './refs';
export { CLONE_LIBRARY };
export type * from './facts';
