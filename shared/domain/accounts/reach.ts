import { hasWildcard, matches } from './patterns';
import { isDynamic, partsOf, privilegesAt, type RightParts } from './right';
import { accountName, quotedName, type AccountState } from './state';

/** What a server goes by beside its accounts when it decides what somebody may do. */
export interface AccessRules {
  /** partial_revokes is on: what a grant names is a database, whatever its characters. */
  readonly areNames: boolean;
  /** `'user'@'host'` of the roles that everybody holds (mandatory_roles). */
  readonly mandatoryRoles: readonly string[];
  /** activate_all_roles_on_login: every role counts as soon as somebody logs in. */
  readonly activatesAll: boolean;
}

/** What one account may do with a table. */
export interface TableAccess {
  readonly user: string;
  readonly host: string;
  readonly locked: boolean;
  /** As it logs in, on the table as a whole, in the order in which privileges are listed. */
  readonly privileges: readonly string[];
  /** On some of its columns only: `SELECT (a, b)`. */
  readonly columns: readonly string[];
  /** More that it has once it turns a role on. */
  readonly byRole: readonly string[];
  /** Where what it may comes from, as it logs in: itself and roles, as `level` or `role: level`. */
  readonly from: readonly string[];
}

const tablePrivileges: readonly string[] = [
  'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER', 'CREATE VIEW', 'SHOW VIEW', 'TRIGGER', 'GRANT OPTION',
];

/** A table that is asked about. */
export interface TableName {
  readonly database: string;
  readonly table: string;
}

/**
 * Who may do something with a table, as the server itself decides: rights on everything (without what a partial revoke takes), the grant on the
 * database that counts, on the table, on columns; by the account and by the roles that are on as it logs in. Roles that are asked as accounts are
 * left out where nobody can log in as them: who holds them is there.
 */
export function whoMayTouch(states: readonly AccountState[], asked: TableName, rules: AccessRules): readonly TableAccess[] {
  const byName = new Map(states.map((state) => [quotedName(state), state]));
  const roleNames = new Set([...states.flatMap(({ roles }) => roles.map(({ role }) => role)), ...rules.mandatoryRoles]);
  return states.filter((state) => !(state.locked === true && roleNames.has(quotedName(state)))).flatMap((state): readonly TableAccess[] => {
    const held = [...state.roles.map(({ role }) => role), ...rules.mandatoryRoles];
    const active = rules.activatesAll ? held : state.defaultRoles;
    const now = accessOf(state, rolesBehind(active, byName), asked, rules);
    const later = accessOf(state, rolesBehind(held, byName), asked, rules);
    const byRole = [...later.privileges, ...later.columns].filter((one) => !now.privileges.includes(one) && !now.columns.includes(one));
    if (now.privileges.length + now.columns.length + byRole.length === 0) return [];
    return [{ user: state.user, host: state.host, locked: state.locked === true, ...now, byRole }];
  }).sort((a, b) => (accountName(a) < accountName(b) ? -1 : 1));
}

/** Those roles and the roles that they hold. */
function rolesBehind(roles: readonly string[], byName: ReadonlyMap<string, AccountState>): readonly AccountState[] {
  const found = new Map<string, AccountState>();
  const visit = (role: string): void => {
    const state = byName.get(role);
    if (state === undefined || found.has(role)) return;
    found.set(role, state);
    for (const inner of state.roles) visit(inner.role);
  };
  roles.forEach(visit);
  return [...found.values()];
}

type Access = Pick<TableAccess, 'privileges' | 'columns' | 'from'>;
type Held = RightParts & { readonly by: string | null; readonly level: string };

function accessOf(state: AccountState, roles: readonly AccountState[], asked: TableName, rules: AccessRules): Access {
  const all = [state, ...roles].flatMap((one) => one.rights.flatMap((right): readonly Held[] => {
    const parts = partsOf(right);
    return parts === null ? [] : [{ ...parts, by: one === state ? null : accountName(one), level: right.level }];
  }));
  const globals = all.filter(({ kind, on }) => kind === 'static' && on.kind === 'server').filter((one) => !isRestricted(all, one, asked.database));
  const databases = deciding(all, asked.database, rules, roles.length > 0);
  const onTable = all.filter(({ kind, on }) => kind === 'static' && on.kind === 'table' && on.database === asked.database && on.table === asked.table);
  const whole = [...globals, ...databases, ...onTable.filter(({ column }) => column === null)].filter(({ privilege }) => tablePrivileges.includes(privilege));
  const privileges = tablePrivileges.filter((privilege) => whole.some((one) => one.privilege === privilege));
  const some = onTable.filter(({ column, privilege }) => column !== null && !privileges.includes(privilege));
  const columns = privilegesAt('column', tablePrivileges).flatMap((privilege) => {
    const names = [...new Set(some.filter((one) => one.privilege === privilege).map(({ column }) => column ?? ''))];
    return names.length === 0 ? [] : [`${privilege} (${names.join(', ')})`];
  });
  const from = [...new Set([...whole, ...some].map(({ by, level }) => (by === null ? level : `${by}: ${level}`)))];
  return { privileges, columns, from };
}

/** A right on everything that is taken away on this database; with roles, what one of them still gives there stays. */
function isRestricted(all: readonly Held[], { privilege, by }: Held, database: string): boolean {
  if (isDynamic(privilege)) return false;
  const takesIt = (one: Held): boolean => one.kind === 'restricted' && one.by === by && one.privilege === privilege;
  return all.some((one) => takesIt(one) && one.on.kind === 'database' && one.on.pattern === database);
}

/**
 * The grants on databases that count for this one. Without roles the server takes one: that by the name itself, else the pattern whose first
 * placeholder stands furthest back. With roles it takes all by the name itself, else all patterns.
 */
function deciding(all: readonly Held[], database: string, { areNames }: AccessRules, hasRoles: boolean): readonly Held[] {
  const here = all.flatMap((one) => {
    if (one.kind !== 'static' || one.on.kind !== 'database') return [];
    const { pattern } = one.on;
    const isPattern = !areNames && hasWildcard(pattern);
    const takesIn = areNames ? pattern === database : matches(pattern, database);
    return takesIn ? [{ one, pattern, rank: isPattern ? placeholderAt(pattern) : Number.MAX_SAFE_INTEGER }] : [];
  });
  const best = Math.max(...here.map(({ rank }) => rank));
  if (hasRoles && best !== Number.MAX_SAFE_INTEGER) return here.map(({ one }) => one);
  return here.filter(({ rank }) => rank === best).map(({ one }) => one);
}

function placeholderAt(pattern: string): number {
  return pattern.replaceAll(/\\[%_]/g, 'x').search(/[%_]/);
}
