import { quotedName, roleText, rightText, proxyText, type AccountRight, type AccountState } from './state';

/** A statement that changes what an account may do. */
interface GrantChange {
  readonly sql: string;
  /** A partial revoke: where it cannot be made, this privilege is not held at all. */
  readonly narrows?: string;
}

export interface GrantChanges {
  /** In this order; at no moment has the account less than both have in common. */
  readonly statements: readonly GrantChange[];
  /**
   * What it keeps beyond the other side, because no statement takes it alone: ADMIN OPTION of a role, the grant option of a dynamic
   * privilege, a right on a table beside the same right on some of its columns.
   */
  readonly kept: readonly string[];
}

/** Only what a server can say in one statement stands together. */
type Levels = ReadonlyMap<string, readonly string[]>;

/**
 * What turns the rights, roles and default roles that an account has here into those it has there. What is missing is given first and only
 * then what is too much is taken, right by right. `exact` takes also what goes with its right only, which is then gone for the moment
 * between two statements: for an undo.
 */
export function grantChanges(here: AccountState, there: AccountState, exact = false): GrantChanges {
  const who = quotedName(there);
  const roles = roleChanges(here, there, who, exact);
  const rights = rightChanges(here, there, who, exact);
  const proxies = proxyChanges(here, there, who);
  const sameDefaults = JSON.stringify([...here.defaultRoles].sort()) === JSON.stringify([...there.defaultRoles].sort());
  const wanted = there.defaultRoles.length === 0 ? 'NONE' : there.defaultRoles.join(', ');
  const defaults = sameDefaults && roles.again.length === 0 ? [] : [`SET DEFAULT ROLE ${wanted} TO ${who}`];
  const plain = (lines: readonly string[]): readonly GrantChange[] => lines.map((sql) => ({ sql }));
  return {
    statements: [
      ...plain([...rights.give, ...roles.give, ...proxies.give]), ...plain(roles.again), ...plain(defaults),
      ...plain([...rights.take, ...roles.take, ...proxies.take]), ...rights.restrict,
    ],
    kept: [...rights.kept, ...roles.kept],
  };
}

function byLevel(rights: readonly AccountRight[]): Levels {
  const levels = new Map<string, string[]>();
  for (const { privilege, level } of rights) levels.set(level, [...(levels.get(level) ?? []), privilege]);
  return levels;
}

const minus = (some: readonly AccountRight[], others: readonly AccountRight[]): readonly AccountRight[] => {
  const texts = new Set(others.map(rightText));
  return some.filter((right) => !texts.has(rightText(right)));
};

interface Parts {
  readonly give: string[];
  readonly take: string[];
  readonly kept: string[];
}

function rightChanges(here: AccountState, there: AccountState, who: string, exact: boolean): Parts & { readonly restrict: GrantChange[] } {
  const [missing, over] = [minus(there.rights, here.rights), minus(here.rights, there.rights)];
  const of = (kind: AccountRight['kind'], rights: readonly AccountRight[]): readonly AccountRight[] => rights.filter((right) => right.kind === kind);
  const give = [...byLevel(of('static', missing))].map(([level, privileges]) => grantOf(privileges, level, who));
  const handedOn = new Set(of('handed-on', missing).map(({ privilege }) => privilege));
  const named = new Set([...of('dynamic', missing).map(({ privilege }) => privilege), ...handedOn]);
  for (const privilege of named) give.push(`GRANT ${privilege} ON *.* TO ${who}${handedOn.has(privilege) ? ' WITH GRANT OPTION' : ''}`);
  const gone = new Set(of('static', over).filter(({ level }) => level === '*.*').map(({ privilege }) => privilege));
  // A restriction ends where the right is given on its database, or with the right itself.
  for (const { privilege, level } of of('restricted', over)) if (!gone.has(privilege)) give.push(`GRANT ${privilege} ON ${level} TO ${who}`);
  const kept: string[] = [];
  const take: string[] = [];
  const options = of('handed-on', there.rights);
  let allOptionsGo = false;
  for (const [level, privileges] of byLevel(of('static', over))) {
    const rights = privileges.filter((privilege) => privilege !== 'GRANT OPTION');
    // A right that is taken on a table goes from its columns too.
    const wanted = there.rights.filter((right) => right.level === level).map(({ privilege }) => privilege);
    const columns = new Map(rights.map((right) => [right, wanted.filter((privilege) => privilege.startsWith(`${right} (`))]));
    const bound = rights.filter((right) => (columns.get(right)?.length ?? 0) > 0);
    const free = exact ? rights : rights.filter((right) => !bound.includes(right));
    if (free.length > 0) take.push(`REVOKE ${free.join(', ')} ON ${level} FROM ${who}`);
    const again = bound.flatMap((right) => columns.get(right) ?? []);
    if (exact && again.length > 0) take.push(`GRANT ${again.join(', ')} ON ${level} TO ${who}`);
    if (!exact) kept.push(...bound.map((right) => `${right} ON ${level}`));
    if (rights.length === privileges.length) continue;
    // On *.* it takes the grant options of all dynamic privileges along.
    if (level === '*.*' && options.length > 0 && !exact) {
      kept.push('GRANT OPTION ON *.*');
      continue;
    }
    allOptionsGo ||= level === '*.*';
    take.push(`REVOKE GRANT OPTION ON ${level} FROM ${who}`);
    if (level === '*.*') take.push(...options.map(({ privilege }) => `GRANT ${privilege} ON *.* TO ${who} WITH GRANT OPTION`));
  }
  const lost = new Set(of('dynamic', over).map(({ privilege }) => privilege));
  for (const privilege of lost) take.push(`REVOKE ${privilege} ON *.* FROM ${who}`);
  for (const right of of('handed-on', over).filter(({ privilege }) => !lost.has(privilege))) {
    if (allOptionsGo) continue;
    if (exact) take.push(`REVOKE ${right.privilege} ON *.* FROM ${who}`, `GRANT ${right.privilege} ON *.* TO ${who}`);
    else kept.push(rightText(right));
  }
  const restrict = of('restricted', missing).map(({ privilege, level }): GrantChange => {
    return { sql: `REVOKE ${privilege} ON ${level} FROM ${who}`, narrows: privilege };
  });
  return { give, take, restrict, kept };
}

function grantOf(privileges: readonly string[], level: string, who: string): string {
  const rights = privileges.filter((privilege) => privilege !== 'GRANT OPTION');
  return `GRANT ${rights.length === 0 ? 'USAGE' : rights.join(', ')} ON ${level} TO ${who}${rights.length < privileges.length ? ' WITH GRANT OPTION' : ''}`;
}

function roleChanges(here: AccountState, there: AccountState, who: string, exact: boolean): Parts & { readonly again: string[] } {
  const give = there.roles
    .filter((role) => !here.roles.some((held) => held.role === role.role && (held.admin || !role.admin)))
    .map(({ role, admin }) => `GRANT ${role} TO ${who}${admin ? ' WITH ADMIN OPTION' : ''}`);
  const take = here.roles.filter(({ role }) => !there.roles.some((wanted) => wanted.role === role)).map(({ role }) => `REVOKE ${role} FROM ${who}`);
  // GRANT without it leaves the option in the table of roles, and only hides it until the server starts again.
  const freer = here.roles.filter(({ role, admin }) => admin && there.roles.some((wanted) => wanted.role === role && !wanted.admin));
  return {
    give, take,
    again: exact ? freer.flatMap(({ role }) => [`REVOKE ${role} FROM ${who}`, `GRANT ${role} TO ${who}`]) : [],
    kept: exact ? [] : freer.map(roleText),
  };
}

function proxyChanges(here: AccountState, there: AccountState, who: string): { give: string[]; take: string[] } {
  const held = (state: AccountState): readonly string[] => state.proxies.map(proxyText);
  const missing = there.proxies.filter((proxy) => !held(here).includes(proxyText(proxy)));
  const give = missing.map((proxy) => `GRANT PROXY ON ${proxy.as} TO ${who}${proxy.grantOption ? ' WITH GRANT OPTION' : ''}`);
  const take = here.proxies.filter(({ as }) => !there.proxies.some((wanted) => wanted.as === as)).map(({ as }) => `REVOKE PROXY ON ${as} FROM ${who}`);
  return { give, take };
}
