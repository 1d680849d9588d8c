import type { Grant, PrivilegeGrant } from './grants';
import { hasWildcard, matches } from './patterns';

/**
 * What SUPER holds besides its own name: what was taken out of it when 8.0 split it, and to read the state of replication.
 * Before 8.0 there was no other right for these, and since, SUPER still gives them until it is removed. It never gave RELOAD,
 * PROCESS, CREATE USER and REPLICATION SLAVE, and does not give what came new: BACKUP_ADMIN, CLONE_ADMIN, XA_RECOVER_ADMIN,
 * PERSIST_RO_VARIABLES_ADMIN, SYSTEM_USER. Manual: "Privileges Provided by MySQL"
 * (https://dev.mysql.com/doc/refman/8.0/en/privileges-provided.html#priv_super) and "Static Versus Dynamic Privileges, Migrating
 * Accounts from SUPER to Dynamic Privileges"
 * (https://dev.mysql.com/doc/refman/8.0/en/static-dynamic-privileges.html).
 */
const heldBySuper: ReadonlySet<string> = new Set([
  'REPLICATION CLIENT', 'REPLICATION_SLAVE_ADMIN', 'SYSTEM_VARIABLES_ADMIN', 'SESSION_VARIABLES_ADMIN', 'CONNECTION_ADMIN', 'BINLOG_ADMIN',
  'SET_USER_ID', 'SET_ANY_DEFINER', 'ALLOW_NONEXISTENT_DEFINER',
]);

/** What can be given on single databases. Manual: "GRANT Statement, Database Privileges". */
const databaseLevel: ReadonlySet<string> = new Set([
  'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES', 'LOCK TABLES', 'CREATE TEMPORARY TABLES',
  'CREATE VIEW', 'SHOW VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE', 'EXECUTE', 'TRIGGER', 'EVENT',
]);

/** A right that takes in another one. */
const heldByOther: Readonly<Record<string, string>> = { SESSION_VARIABLES_ADMIN: 'SYSTEM_VARIABLES_ADMIN' };

/**
 * Whether an account may use a right: on every database, or on each of those that are named. Rights on the server as a whole
 * are asked for on `*.*` either way. What a partial revoke takes away is not there on every database, unless it is one of the
 * server's own.
 */
export function hasRight(grants: readonly Grant[], right: string, databases: readonly string[] | null = null): boolean {
  const all = grants.filter((grant): grant is PrivilegeGrant => grant.kind === 'grant' || grant.kind === 'revoke');
  const revokes = all.filter((grant) => grant.kind === 'revoke' && gives(grant, right));
  const everywhere = all.some((grant) => grant.kind === 'grant' && grant.on.kind === 'everything' && gives(grant, right));
  if (databases === null || databases.length === 0 || !databaseLevel.has(right)) {
    return everywhere && revokes.every(({ on }) => on.kind === 'database' && isSystem(on.pattern));
  }
  return databases.every((database) => {
    if (everywhere && !revokes.some(({ on }) => on.kind === 'database' && on.pattern === database)) return true;
    return givenOnDatabase(all, right, database, grants.some(({ kind }) => kind === 'role'));
  });
}

/** Those of `wanted` that `hasRight` denies, each once. */
export function missingRights(grants: readonly Grant[], wanted: readonly string[], databases: readonly string[] | null = null): string[] {
  return [...new Set(wanted)].filter((right) => !hasRight(grants, right, databases));
}

/** Of what an operation here takes, that which is no mere reading: without any of them nobody changes a server, its links or its accounts. */
const operatingRights = [
  'SUPER', 'SYSTEM_VARIABLES_ADMIN', 'REPLICATION_SLAVE_ADMIN', 'CONNECTION_ADMIN', 'BINLOG_ADMIN', 'RELOAD', 'SHUTDOWN', 'CREATE USER',
  'BACKUP_ADMIN', 'CLONE_ADMIN', 'GROUP_REPLICATION_ADMIN',
] as const;

/** Whether an account may be one that operates on a server. What roles and proxies bring is not known here, and counts. */
export function couldOperate(grants: readonly Grant[]): boolean {
  return grants.some(({ kind }) => kind === 'role' || kind === 'proxy') || operatingRights.some((right) => hasRight(grants, right));
}

/** Whether an account may hand a right on, on everything. Each dynamic right has a grant option of its own, and SUPER hands on nothing but itself. */
export function mayGrant(grants: readonly Grant[], right: string): boolean {
  return grants.some((grant) => grant.kind === 'grant' && grant.on.kind === 'everything' && grant.grantOption && namesRight(grant, right));
}

/** Whether the line speaks of the right itself. */
function namesRight({ privileges }: PrivilegeGrant, right: string): boolean {
  return privileges.includes(right) || privileges.includes('ALL PRIVILEGES') || privileges.includes('ALL');
}

function gives(grant: PrivilegeGrant, right: string): boolean {
  const other = heldByOther[right];
  return namesRight(grant, right) || (heldBySuper.has(right) && grant.privileges.includes('SUPER')) || (other !== undefined && namesRight(grant, other));
}

/**
 * The server goes by one pattern of all that take a database in: by the name itself before patterns, and among patterns, and
 * wherever roles are granted, by one that differs from version to version. The right counts where each of these gives it.
 * Manual: "Access Control, Stage 2: Request Verification".
 */
function givenOnDatabase(grants: readonly PrivilegeGrant[], right: string, database: string, hasRoles: boolean): boolean {
  const here = grants.filter(({ kind, on }) => kind === 'grant' && on.kind === 'database' && matches(on.pattern, database));
  const exact = hasRoles ? [] : here.filter(({ on }) => on.kind === 'database' && !hasWildcard(on.pattern));
  const deciding = exact.length > 0 ? exact : here;
  return deciding.length > 0 && deciding.every((grant) => gives(grant, right));
}

function isSystem(database: string): boolean {
  return /^(mysql|sys|information_schema|performance_schema)$/i.test(database);
}
