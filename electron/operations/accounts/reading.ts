import { passwordPlugins } from '../../../shared/domain/operations/accounts/preconditions';
import type { AccountAbilities, AccountName, OwnUse, PasswordPolicy } from '../../../shared/domain/operations/accounts/change';
import type { AccountWords } from '../../../shared/domain/operations/accounts/statements';
import type { AccessRules } from '../../../shared/domain/accounts/reach';
import { quotedName, type AccountState } from '../../../shared/domain/accounts/state';
import { SqlCursor } from '../../../shared/domain/sql/cursor';
import { errorOf } from '../../../shared/errors/codes';
import type { FleetServers } from '../../fleet/types';
import { digestKey, readAccountStates, readKnownPrivileges } from '../../mysql/accounts/states';
import { textOf } from '../../mysql/reading';
import type { QueryOptions, Session } from '../../mysql/types';
import { knownLogin, madePrefix } from '../../replication/login';

/** The accounts of a server, and what it goes by beside them. */
export interface AccountsRead {
  readonly states: readonly AccountState[];
  readonly words: AccountWords;
  readonly abilities: AccountAbilities;
  readonly rules: AccessRules;
  readonly databases: readonly string[];
  /** `user@host` as which this program is logged in. */
  readonly login: string;
}

/** How long one reading of a server may take, milliseconds. */
const limitMs = 30_000;

/** Reads every account. `key`: digests under it compare with those of another server that was read with it. */
export async function readAccounts(session: Session, signal?: AbortSignal, key = digestKey()): Promise<AccountsRead> {
  const { features } = session.dialect;
  const options: QueryOptions = { timeoutMs: limitMs, ...(signal === undefined ? {} : { signal }) };
  const states = await readAccountStates(session, key, limitMs);
  const privileges = [...(await readKnownPrivileges(session))].sort();
  const databases = (await session.query('SHOW DATABASES', [], options)).map((row) => textOf(Object.values(row)[0]) ?? '');
  const [me] = await session.query<{ me: string }>('SELECT CURRENT_USER() AS me', [], options);
  const settings = await settingsOf(session, ['mandatory_roles', 'activate_all_roles_on_login', 'partial_revokes'], options);
  return {
    states,
    databases,
    login: me?.me ?? '',
    words: { modern: features.hasAlterUserPassword, roles: features.hasRoles, privileges },
    abilities: {
      locks: features.hasAlterUserPassword, roles: features.hasRoles, keepsTwoPasswords: features.hasDualPasswords, attributes: features.hasUserAttributes,
      partialRevokes: settings.get('partial_revokes') === 'ON',
    },
    rules: {
      areNames: settings.get('partial_revokes') === 'ON',
      activatesAll: settings.get('activate_all_roles_on_login') === 'ON',
      mandatoryRoles: accountsIn(settings.get('mandatory_roles') ?? ''),
    },
  };
}

async function settingsOf(session: Session, names: readonly string[], options: QueryOptions): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query('SHOW GLOBAL VARIABLES WHERE Variable_name IN (?)', [names], options);
  return new Map(rows.map((row) => {
    const [name, value] = Object.values(row);
    return [textOf(name) ?? '', textOf(value) ?? ''];
  }));
}

/** A list of accounts as a variable holds it, `'user'@'host'` of each. */
function accountsIn(text: string): readonly string[] {
  const sql = new SqlCursor(text);
  const found: string[] = [];
  do {
    const name = sql.accountName();
    if (name === null) return found;
    const at = name.lastIndexOf('@');
    found.push(quotedName({ user: name.slice(0, at), host: name.slice(at + 1) }));
  } while (sql.mark(','));
  return found;
}

/** What the server asks of a new password; null: nothing. */
export async function readPolicy(session: Session): Promise<PasswordPolicy | null> {
  const rows = await session.query("SHOW GLOBAL VARIABLES LIKE 'validate\\_password%'", [], { timeoutMs: limitMs });
  if (rows.length === 0) return null;
  const values = new Map(rows.map((row) => {
    const [name, value] = Object.values(row);
    return [(textOf(name) ?? '').replace(/^validate_password[._]/, ''), textOf(value) ?? ''];
  }));
  const number = (name: string): number => Number(values.get(name) ?? 0);
  return {
    level: values.get('policy') ?? '', length: number('length'), mixedCase: number('mixed_case_count'), digits: number('number_count'),
    special: number('special_char_count'),
  };
}

/** The plugins for passwords that a new account may have, the one it gets by default first. */
export async function readPlugins(session: Session): Promise<readonly string[]> {
  const first = session.dialect.defaultAuthPlugin;
  if (!session.dialect.features.hasAlterUserPassword) return [first];
  const active = await activePlugins(session);
  return [first, ...passwordPlugins.filter((plugin) => plugin !== first)].filter((plugin) => active.has(plugin));
}

/** Every way to log in that the server has now. */
export async function activePlugins(session: Session): Promise<ReadonlySet<string>> {
  const sql = "SELECT PLUGIN_NAME AS name FROM information_schema.PLUGINS WHERE PLUGIN_TYPE = 'AUTHENTICATION' AND PLUGIN_STATUS = 'ACTIVE'";
  return new Set((await session.query(sql, [], { timeoutMs: limitMs })).map(({ name }) => textOf(name) ?? ''));
}

/** What this program uses an account for; null: nothing. */
export function ownUse({ user, host }: AccountName, login: string, linkUser: string | null): OwnUse | null {
  if (`${user}@${host}` === login) return 'login';
  return user === linkUser || user.startsWith(madePrefix) ? 'link' : null;
}

/** Whom replicas of a server log in as; null: none is known, or the passwords cannot be read now. */
export async function linkUserOf(fleet: FleetServers, instanceId: string): Promise<string | null> {
  try {
    return (await knownLogin(fleet, instanceId))?.user ?? null;
  } catch (thrown) {
    if (['vault-locked', 'password-missing'].includes(errorOf(thrown).code)) return null;
    throw thrown;
  }
}

/** Sessions that are open with a user's name, this one left out. */
export async function countSessions(session: Session, user: string): Promise<number> {
  const [row] = await session.query<{ count: number | string }>(
    'SELECT COUNT(*) AS count FROM information_schema.PROCESSLIST WHERE USER = ? AND ID <> CONNECTION_ID()', [user], { timeoutMs: limitMs },
  );
  return Number(row?.count ?? 0);
}

/** Views, programs, triggers and events that run as an account. */
export async function countDefined(session: Session, { user, host }: AccountName): Promise<number> {
  const definer = `${user}@${host}`;
  const counts = ['VIEWS', 'ROUTINES', 'TRIGGERS', 'EVENTS'].map((table) => `(SELECT COUNT(*) FROM information_schema.${table} WHERE DEFINER = ?)`);
  const sql = `SELECT ${counts.join(' + ')} AS count`;
  const [row] = await session.query<{ count: number | string }>(sql, counts.map(() => definer), { timeoutMs: limitMs });
  return Number(row?.count ?? 0);
}
