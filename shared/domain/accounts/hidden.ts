// What a login does not see is missing in its backup without a word of the server.
import type { Grant } from './grants';
import { hasRight, missingRights } from './rights';
import { atLeast, type ServerVersion } from '../fleet/version';
import type { Scope, ScopeDatabase } from '../scope/scope';

/** Rights without which a server hides something, and on what: everything, a database, or the table of programs that servers before 8.0 have. */
export interface HiddenBy {
  readonly on: { readonly kind: 'everything' } | { readonly kind: 'database'; readonly name: string } | { readonly kind: 'programs' };
  readonly rights: readonly string[];
}

/** Without TRIGGER and EVENT what they are for is not listed, without SELECT a table is not, without SHOW VIEW no view is told. */
const wholeDatabase = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT'] as const;
/** Any of them lists routines of a database; what of these is not told then is known by its name. */
const listRoutines = ['EXECUTE', 'CREATE ROUTINE', 'ALTER ROUTINE'] as const;

/**
 * The rights that a login lacks to see all that a backup is to hold; none where it sees all. Pure. Manual: "SHOW TRIGGERS", "SHOW EVENTS", "SHOW CREATE
 * PROCEDURE", "Privileges Provided by MySQL" (SHOW_ROUTINE, 8.0.20).
 */
export function hiddenBy(grants: readonly Grant[], scope: Scope, version: ServerVersion): readonly HiddenBy[] {
  if (scope.kind === 'instance') return found({ kind: 'everything' }, missingRights(grants, wholeDatabase));
  const routines = hiddenRoutines(grants, scope, version);
  return [
    ...scope.databases.flatMap((one) => found({ kind: 'database', name: one.database }, missingOn(grants, one))),
    ...(routines === null ? [] : [routines]),
  ];
}

/** The right that a login lacks to see the routines of the databases that are whole in a scope; null: none. */
export function hiddenRoutines(grants: readonly Grant[], scope: Scope, version: ServerVersion): HiddenBy | null {
  const whole = scope.kind === 'instance' ? [] : scope.databases.filter(({ tables }) => tables === null);
  return whole.every(({ database }) => listsRoutines(grants, database, version)) ? null : routinesHidden(version);
}

function found(on: HiddenBy['on'], rights: readonly string[]): readonly HiddenBy[] {
  return rights.length === 0 ? [] : [{ on, rights }];
}

function missingOn(grants: readonly Grant[], { database, tables }: ScopeDatabase): readonly string[] {
  if (tables === null) return missingRights(grants, wholeDatabase, [database]);
  // A table that is not seen is missed by its name; its triggers are not.
  const byTable = (table: string): boolean => grants.some((grant) =>
    grant.kind === 'grant' && grant.on.kind === 'table' && grant.on.database === database && grant.on.name === table
    && (grant.privileges.includes('TRIGGER') || grant.privileges.includes('ALL PRIVILEGES')));
  return tables.every(byTable) ? [] : missingRights(grants, ['TRIGGER'], [database]);
}

function listsRoutines(grants: readonly Grant[], database: string, version: ServerVersion): boolean {
  // Taken back in some database by a partial revoke, SELECT on everything lists the routines of all the same.
  const all = grants.filter((grant) => grant.kind === 'grant');
  if (hasRight(all, 'SELECT') || listRoutines.some((right) => hasRight(grants, right, [database]))) return true;
  if (atLeast(version, 8, 0, 0)) return hasRight(grants, 'SHOW_ROUTINE');
  const onTable = grants.some((grant) => grant.kind === 'grant' && grant.on.kind === 'table' && grant.on.database === 'mysql' && grant.on.name === 'proc');
  return onTable || hasRight(grants, 'SELECT', ['mysql']);
}

function routinesHidden(version: ServerVersion): HiddenBy {
  if (!atLeast(version, 8, 0, 0)) return { on: { kind: 'programs' }, rights: ['SELECT'] };
  return { on: { kind: 'everything' }, rights: [atLeast(version, 8, 0, 20) ? 'SHOW_ROUTINE' : 'SELECT'] };
}
