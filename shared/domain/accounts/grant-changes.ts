import { quotedName, roleText, rightText, type AccountRight, type AccountState, type HeldProxy } from './state';

/** What an account may do. */
export type GrantedState = Pick<AccountState, 'user' | 'host' | 'rights' | 'roles' | 'defaultRoles' | 'proxies'>;

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
 * between two statements: for an undo. `optionsStay`: where PROXY is given again without its option, the server keeps the option (5.6).
 */
export function grantChanges(here: GrantedState, there: GrantedState, exact = false, optionsStay = false): GrantChanges {
  const who = quotedName(there);
  const roles = roleChanges(here, there, who, exact);
  const proxies = proxyChanges(here, there, who, { exact, optionsStay });
  const spilled = spilledOption(here, there);
  const isFirst = spilled && !here.rights.some(({ kind }) => kind === 'handed-on');
  const rights = rightChanges(spilled && !isFirst ? { ...here, rights: [...here.rights, allOption] } : here, there, who, exact);
  const sameDefaults = JSON.stringify([...here.defaultRoles].sort()) === JSON.stringify([...there.defaultRoles].sort());
  const wanted = there.defaultRoles.length === 0 ? 'NONE' : there.defaultRoles.join(', ');
  const defaults = sameDefaults && roles.again.length === 0 ? [] : [`SET DEFAULT ROLE ${wanted} TO ${who}`];
  const plain = (lines: readonly string[]): readonly GrantChange[] => lines.map((sql) => ({ sql }));
  return {
    statements: [
      ...plain(isFirst ? [...proxies.give, `REVOKE GRANT OPTION ON *.* FROM ${who}`] : []),
      ...plain([...rights.give, ...roles.give, ...(isFirst ? [] : proxies.give)]), ...plain(roles.again), ...plain(defaults),
      ...plain([...rights.take, ...roles.take, ...proxies.take, ...proxies.again]), ...rights.restrict,
    ],
    kept: [...rights.kept, ...roles.kept, ...proxies.kept],
  };
}

/** Whether a change would leave GRANT OPTION on everything with an account that has it neither before nor after. */
export function leavesOption(here: AccountState | null, there: AccountState, kept: readonly string[]): boolean {
  const hasOption = (state: AccountState | null): boolean => state?.rights.some((right) => rightText(right) === rightText(allOption)) === true;
  return kept.includes(rightText(allOption)) && !hasOption(here) && !hasOption(there);
}

const allOption: AccountRight = { kind: 'static', privilege: 'GRANT OPTION', level: '*.*' };

/**
 * Servers of every series give GRANT OPTION on everything along with PROXY … WITH GRANT OPTION, which is taken again: at once, or where options
 * of dynamic privileges would go along, as that is taken anywhere. Seen on 5.6, 5.7, 8.0.15 and 9.7.
 */
function spilledOption(here: GrantedState, there: GrantedState): boolean {
  const held = new Set(here.proxies.filter(({ grantOption }) => grantOption).map(({ as }) => as));
  const hasOption = (state: GrantedState): boolean => state.rights.some((right) => rightText(right) === rightText(allOption));
  return there.proxies.some(({ as, grantOption }) => grantOption && !held.has(as)) && !hasOption(here) && !hasOption(there);
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

function rightChanges(here: GrantedState, there: GrantedState, who: string, exact: boolean): Parts & { readonly restrict: GrantChange[] } {
  const [missing, over] = [minus(there.rights, here.rights), minus(here.rights, there.rights)];
  const of = (kind: AccountRight['kind'], rights: readonly AccountRight[]): readonly AccountRight[] => rights.filter((right) => right.kind === kind);
  // A restriction ends where the right is given on its database, and nothing else is given by that statement; or it ends with the right itself.
  const gone = new Set(of('static', over).filter(({ level }) => level === '*.*').map(({ privilege }) => privilege));
  const isMissing = (privilege: string, on: string): boolean => missing.some((one) => one.kind === 'static' && one.privilege === privilege && one.level === on);
  const ended = of('restricted', over).filter(({ privilege, level }) => !gone.has(privilege) || isMissing(privilege, level));
  const give = [...byLevel(ended), ...byLevel(of('static', missing))].map(([level, privileges]) => grantOf(privileges, level, who));
  const handedOn = new Set(of('handed-on', missing).map(({ privilege }) => privilege));
  const named = new Set([...of('dynamic', missing).map(({ privilege }) => privilege), ...handedOn]);
  for (const privilege of named) give.push(`GRANT ${privilege} ON *.* TO ${who}${handedOn.has(privilege) ? ' WITH GRANT OPTION' : ''}`);
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

function roleChanges(here: GrantedState, there: GrantedState, who: string, exact: boolean): Parts & { readonly again: string[] } {
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

/** How it is said that the grant option of a PROXY stays. */
export const keptProxy = (as: string): string => `PROXY ${as} WITH GRANT OPTION`;

interface ProxyRules {
  readonly exact: boolean;
  readonly optionsStay: boolean;
}

function proxyChanges(here: GrantedState, there: GrantedState, who: string, { exact, optionsStay }: ProxyRules): Parts & { readonly again: string[] } {
  const held = new Map(here.proxies.map((proxy) => [proxy.as, proxy]));
  const given = ({ as, grantOption }: HeldProxy): string => `GRANT PROXY ON ${as} TO ${who}${grantOption ? ' WITH GRANT OPTION' : ''}`;
  const taken = ({ as }: HeldProxy): string => `REVOKE PROXY ON ${as} FROM ${who}`;
  const missing = there.proxies.filter(({ as, grantOption }) => held.get(as)?.grantOption !== grantOption);
  const freer = missing.filter(({ as }) => optionsStay && held.get(as)?.grantOption === true);
  return {
    give: missing.filter((proxy) => !freer.includes(proxy)).map(given),
    take: here.proxies.filter(({ as }) => !there.proxies.some((wanted) => wanted.as === as)).map(taken),
    again: exact ? freer.flatMap((proxy) => [taken(proxy), given(proxy)]) : [],
    kept: exact ? [] : freer.map(({ as }) => keptProxy(as)),
  };
}
