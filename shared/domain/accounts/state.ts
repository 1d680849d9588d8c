/** A right as the tables of grants keep it: the same words for every series, whatever its SHOW GRANTS prints. */
export interface AccountRight {
  /**
   * `static`: a privilege at a level, GRANT OPTION among them. `dynamic`: on the server, by name; `handed-on`: its own grant option.
   * `restricted`: what a partial revoke takes away in one database.
   */
  readonly kind: 'static' | 'dynamic' | 'handed-on' | 'restricted';
  /** In upper case; with its column where it is on one: ``SELECT (`a`)``. */
  readonly privilege: string;
  /** What stands behind ON: `*.*`, `` `db`.* ``, `` `db`.`t` ``, ``PROCEDURE `db`.`p` ``. */
  readonly level: string;
}

/** A role that an account holds. */
export interface HeldRole {
  /** `'user'@'host'`. */
  readonly role: string;
  readonly admin: boolean;
}

/** Another account that an account may act as. */
export interface HeldProxy {
  /** `'user'@'host'`. */
  readonly as: string;
  readonly grantOption: boolean;
}

/** An account as its server keeps it. null: the series has no such thing. Passwords are digests under a key that is made for one reading. */
export interface AccountState {
  readonly user: string;
  readonly host: string;
  readonly plugin: string;
  /** '': none. */
  readonly password: string;
  /** The older one of two passwords that are both good; '': none. */
  readonly secondPassword: string | null;
  /** Digest of further factors; '': none. */
  readonly factors: string | null;
  readonly locked: boolean | null;
  readonly expired: boolean;
  /** Lifetime, history, reuse, current password, failed logins. */
  readonly passwordRules: Readonly<Record<string, string | null>>;
  /** `SSL`, `X509`, or what a certificate must say; '': nothing. */
  readonly requires: string;
  readonly limits: Readonly<Record<string, number>>;
  /** Comment and attribute, as JSON; '': none. */
  readonly attribute: string | null;
  readonly rights: readonly AccountRight[];
  readonly roles: readonly HeldRole[];
  /** `'user'@'host'` of each. */
  readonly defaultRoles: readonly string[];
  readonly proxies: readonly HeldProxy[];
}

/** In what an account differs between two servers. */
export const accountAspects = [
  'plugin', 'password', 'second-password', 'factors', 'lock', 'expiry', 'password-rules', 'tls', 'limits', 'attribute',
  'rights', 'roles', 'default-roles', 'proxy',
] as const;
export type AccountAspect = (typeof accountAspects)[number];

export interface AccountDifference {
  readonly aspect: AccountAspect;
  /** What the standby has and the source has not, and the other way round; none where only that it differs may be said. */
  readonly standby: readonly string[];
  readonly source: readonly string[];
}

/** Everything of an account that its definition says, apart from what it may do. */
export const definitionAspects: readonly AccountAspect[] = [
  'plugin', 'password', 'second-password', 'factors', 'lock', 'expiry', 'password-rules', 'tls', 'limits', 'attribute',
];

export function rightText({ kind, privilege, level }: AccountRight): string {
  switch (kind) {
    case 'static':
      return `${privilege} ON ${level}`;
    case 'dynamic':
      return `${privilege} ON *.*`;
    case 'handed-on':
      return `GRANT OPTION FOR ${privilege} ON *.*`;
    case 'restricted':
      return `REVOKE ${privilege} ON ${level}`;
    default:
      return kind satisfies never;
  }
}

export function roleText({ role, admin }: HeldRole): string {
  return admin ? `${role} WITH ADMIN OPTION` : role;
}

function proxyText({ as, grantOption }: HeldProxy): string {
  return grantOption ? `${as} WITH GRANT OPTION` : as;
}

/**
 * In what an account of one server differs from that of the same name on another. What one of the two series does not know is not
 * compared: it cannot be brought over. Of rights the caller leaves out what one of the two does not know.
 */
export function accountDifferences(standby: AccountState, source: AccountState): readonly AccountDifference[] {
  const found: AccountDifference[] = [];
  const told = (aspect: AccountAspect, here: readonly string[], there: readonly string[]): void => {
    const [onlyHere, onlyThere] = [here.filter((one) => !there.includes(one)), there.filter((one) => !here.includes(one))];
    if (onlyHere.length + onlyThere.length > 0) found.push({ aspect, standby: onlyHere, source: onlyThere });
  };
  const hidden = (aspect: AccountAspect, here: string | null, there: string | null): void => {
    if (here !== null && there !== null && here !== there) found.push({ aspect, standby: [], source: [] });
  };
  /** `word`: how a statement says it; '': there is nothing to say. */
  const shown = <Value,>(aspect: AccountAspect, here: Value | null, there: Value | null, word: (value: Value) => string): void => {
    if (here !== null && there !== null) told(aspect, [word(here)].filter((text) => text !== ''), [word(there)].filter((text) => text !== ''));
  };
  shown('plugin', standby.plugin, source.plugin, (plugin) => plugin);
  hidden('password', standby.password, source.password);
  hidden('second-password', standby.secondPassword, source.secondPassword);
  hidden('factors', standby.factors, source.factors);
  shown('lock', standby.locked, source.locked, (locked) => (locked ? 'LOCK' : 'UNLOCK'));
  shown('expiry', standby.expired, source.expired, (expired) => (expired ? 'EXPIRED' : ''));
  told('password-rules', rulesOf(standby, source), rulesOf(source, standby));
  shown('tls', standby.requires, source.requires, (requires) => (requires === '' ? 'NONE' : requires));
  told('limits', limitsOf(standby), limitsOf(source));
  shown('attribute', standby.attribute, source.attribute, (attribute) => attribute);
  told('rights', standby.rights.map(rightText), source.rights.map(rightText));
  told('roles', standby.roles.map(roleText), source.roles.map(roleText));
  told('default-roles', standby.defaultRoles, source.defaultRoles);
  told('proxy', standby.proxies.map(proxyText), source.proxies.map(proxyText));
  return found;
}

/** Rules that both series have. */
function rulesOf(mine: AccountState, other: AccountState): readonly string[] {
  return Object.entries(mine.passwordRules).filter(([name]) => name in other.passwordRules).map(([name, value]) => `${name}=${value ?? 'DEFAULT'}`);
}

function limitsOf({ limits }: AccountState): readonly string[] {
  return Object.entries(limits).filter(([, value]) => value > 0).map(([name, value]) => `${name} ${String(value)}`);
}

/**
 * Who holds one of these administers a server: it can let itself and others in, or change what the server does. The people who run the
 * standby log in as such an account; it must not get a password from elsewhere, or lose a right, in the middle of an incident.
 */
const administering = [
  'SUPER', 'CREATE USER', 'SYSTEM_VARIABLES_ADMIN', 'REPLICATION_SLAVE_ADMIN', 'CONNECTION_ADMIN', 'ROLE_ADMIN', 'SYSTEM_USER', 'RELOAD', 'SHUTDOWN',
] as const;

/** `user@host` of the accounts that administer a server, by a right of their own or by a role, activated or not. */
export function administratorsOf(states: readonly AccountState[]): ReadonlySet<string> {
  const strong: ReadonlySet<string> = new Set(administering);
  const isHeld = ({ kind, privilege, level }: AccountRight): boolean => (kind === 'static' || kind === 'dynamic') && level === '*.*' && strong.has(privilege);
  const isStrong = ({ rights }: AccountState): boolean => rights.some(isHeld);
  const found = new Set(states.filter(isStrong).map(accountName));
  const quoted = new Map(states.map((state) => [accountName(state), quotedName(state)]));
  for (let before = -1; before !== found.size;) {
    before = found.size;
    const roles = new Set([...found].map((name) => quoted.get(name)));
    for (const state of states) if (state.roles.some(({ role }) => roles.has(role))) found.add(accountName(state));
  }
  return found;
}

export function accountName({ user, host }: Pick<AccountState, 'user' | 'host'>): string {
  return `${user}@${host}`;
}

/** `'user'@'host'` as statements take it; the same text as the roles and proxies of a state. */
export function quotedName({ user, host }: Pick<AccountState, 'user' | 'host'>): string {
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  return `${quote(user)}@${quote(host)}`;
}

/** The account that {@link quotedName} names. */
export function namedBy(quoted: string): Pick<AccountState, 'user' | 'host'> {
  const [, user = quoted, host = ''] = /^'((?:[^']|'')*)'@'((?:[^']|'')*)'$/s.exec(quoted) ?? [];
  const plain = (text: string): string => text.replaceAll("''", "'").replaceAll('\\\\', '\\');
  return { user: plain(user), host: plain(host) };
}
