import { createHmac, randomBytes } from 'node:crypto';
import { canonicalJson } from '../../../shared/domain/accounts/attribute';
import { quotedName, type AccountRight, type AccountState, type HeldProxy, type HeldRole } from '../../../shared/domain/accounts/state';
import { hasErrno } from '../errors';
import { mapInTurns } from '../loop-turn';
import { quoteId, quoteString, quoteTable } from '../quote';
import type { Session } from '../types';

type Row = Readonly<Record<string, unknown>>;

/** A key for the digests of one reading of two servers: they compare with each other, and with nothing else. */
export function digestKey(): Buffer {
  return randomBytes(32);
}

/**
 * Every account of a server, from its tables of grants in a handful of statements, however many there are. Passwords leave this function
 * as digests under `key` only. It needs SELECT on the database mysql.
 */
export async function readAccountStates(session: Session, key: Buffer, timeoutMs?: number): Promise<readonly AccountState[]> {
  const ask = (table: string): Promise<Row[]> => session.query<Row>(`SELECT * FROM mysql.${table}`, [], timeoutMs === undefined ? {} : { timeoutMs });
  const tables: GrantTables = { users: await ask('user') };
  for (const [part, table] of Object.entries(otherTables)) {
    const rows = await ask(table).catch((thrown: unknown) => {
      // No such table: before 8.0 there are neither roles nor dynamic privileges.
      if (hasErrno(thrown, 1146)) return [];
      throw thrown;
    });
    const byOwner = new Map<string, Row[]>();
    for (const row of await mapInTurns(rows, lowered)) {
      const owner = ownerOf(row, part === 'edges');
      const mine = byOwner.get(owner);
      if (mine === undefined) byOwner.set(owner, [row]);
      else mine.push(row);
    }
    tables[part as OtherPart] = byOwner;
  }
  return mapInTurns(tables.users, (row) => stateOf(lowered(row), tables, key));
}

const otherTables = {
  databases: 'db', tables: 'tables_priv', columns: 'columns_priv', routines: 'procs_priv', proxies: 'proxies_priv', dynamic: 'global_grants',
  edges: 'role_edges', defaults: 'default_roles',
} as const;
type OtherPart = keyof typeof otherTables;
type GrantTables = { readonly users: readonly Row[] } & Partial<Record<OtherPart, ReadonlyMap<string, readonly Row[]>>>;

/** Names of columns are spelled in several ways from table to table. */
function lowered(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
}

function ownerOf(row: Row, isEdge: boolean): string {
  return isEdge ? `${text(row, 'to_user')}\0${text(row, 'to_host')}` : `${text(row, 'user')}\0${text(row, 'host')}`;
}

function text(row: Row, name: string): string {
  const value = row[name];
  if (value === null || value === undefined) return '';
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
}

/** The privileges that a server knows, in upper case; dynamic ones are those that it, its plugins and its components have registered. */
export async function readKnownPrivileges(session: Session): Promise<ReadonlySet<string>> {
  const rows = await session.query<Row>('SHOW PRIVILEGES');
  return new Set(rows.map((row) => text(lowered(row), 'privilege').toUpperCase()));
}

/** Columns of mysql.user and mysql.db whose privilege has another name than they. */
const columnNames: Readonly<Record<string, string>> = {
  grant: 'GRANT OPTION', show_db: 'SHOW DATABASES', create_tmp_table: 'CREATE TEMPORARY TABLES', repl_slave: 'REPLICATION SLAVE',
  repl_client: 'REPLICATION CLIENT',
};

function heldIn(row: Row): readonly string[] {
  return Object.keys(row).filter((name) => name.endsWith('_priv') && text(row, name) === 'Y').map((name) => {
    const word = name.slice(0, -'_priv'.length);
    return columnNames[word] ?? word.replaceAll('_', ' ').toUpperCase();
  });
}

/** The members of a SET column. */
function membersOf(row: Row, name: string): readonly string[] {
  return text(row, name).split(',').map((one) => one.trim().toUpperCase()).filter((one) => one !== '').map((one) => (one === 'GRANT' ? 'GRANT OPTION' : one));
}

interface Attributes {
  readonly additional_password?: string;
  readonly metadata?: unknown;
  readonly multi_factor_authentication?: unknown;
  readonly Password_locking?: Readonly<Record<string, number>>;
  readonly Restrictions?: readonly { readonly Database: string; readonly Privileges: readonly string[] }[];
}

function attributesOf(row: Row): Attributes {
  const value = row['user_attributes'];
  if (value === null || value === undefined) return {};
  return (typeof value === 'object' && !(value instanceof Uint8Array) ? value : JSON.parse(text(row, 'user_attributes'))) as Attributes;
}

function stateOf(row: Row, tables: GrantTables, key: Buffer): AccountState {
  const account = { user: text(row, 'user'), host: text(row, 'host') };
  const mine = (part: OtherPart): readonly Row[] => tables[part]?.get(`${account.user}\0${account.host}`) ?? [];
  const has = (column: string): boolean => column in row;
  const attributes = attributesOf(row);
  const digest = (value: string): string => (value === '' ? '' : createHmac('sha256', key).update(value).digest('hex'));
  const hash = text(row, 'authentication_string') === '' ? text(row, 'password') : text(row, 'authentication_string');
  return {
    ...account,
    // Before 5.7 an empty name means the built-in plugin.
    plugin: text(row, 'plugin') === '' ? 'mysql_native_password' : text(row, 'plugin'),
    password: digest(hash),
    secondPassword: has('user_attributes') ? digest(attributes.additional_password ?? '') : null,
    factors: has('user_attributes') ? digest(canonicalJson(attributes.multi_factor_authentication)) : null,
    locked: has('account_locked') ? text(row, 'account_locked') === 'Y' : null,
    expired: text(row, 'password_expired') === 'Y',
    passwordRules: passwordRulesOf(row, attributes),
    requires: requirementIn(row),
    limits: Object.fromEntries(Object.entries(limitColumns).map(([column, name]) => [name, Number(text(row, column))])),
    // What is left where the last attribute was taken away is nothing.
    attribute: has('user_attributes') ? canonicalJson(attributes.metadata).replace(/^\{\}$/, '') : null,
    rights: rightsOf(row, mine, attributes),
    roles: mine('edges').map((edge): HeldRole => ({
      role: quotedName({ user: text(edge, 'from_user'), host: text(edge, 'from_host') }), admin: text(edge, 'with_admin_option') === 'Y',
    })),
    defaultRoles: mine('defaults').map((one) => quotedName({ user: text(one, 'default_role_user'), host: text(one, 'default_role_host') })).sort(),
    proxies: mine('proxies').map((one): HeldProxy => ({
      as: quotedName({ user: text(one, 'proxied_user'), host: text(one, 'proxied_host') }), grantOption: text(one, 'with_grant') === '1',
    })),
  };
}

const limitColumns: Readonly<Record<string, string>> = {
  max_questions: 'MAX_QUERIES_PER_HOUR', max_updates: 'MAX_UPDATES_PER_HOUR', max_connections: 'MAX_CONNECTIONS_PER_HOUR',
  max_user_connections: 'MAX_USER_CONNECTIONS',
};

const ruleColumns: Readonly<Record<string, string>> = {
  password_lifetime: 'PASSWORD EXPIRE INTERVAL', password_reuse_history: 'PASSWORD HISTORY', password_reuse_time: 'PASSWORD REUSE INTERVAL',
  password_require_current: 'PASSWORD REQUIRE CURRENT',
};

function passwordRulesOf(row: Row, { Password_locking: locking }: Attributes): Readonly<Record<string, string | null>> {
  const columns = Object.entries(ruleColumns).filter(([column]) => column in row);
  const rules = columns.map(([column, name]) => [name, row[column] === null ? null : text(row, column)] as const);
  const failedOf = (name: string): string => String(locking?.[name] ?? 0);
  const failed = 'user_attributes' in row
    ? [['FAILED_LOGIN_ATTEMPTS', failedOf('failed_login_attempts')], ['PASSWORD_LOCK_TIME', failedOf('password_lock_time_days')]] as const
    : [];
  return Object.fromEntries([...rules, ...failed]);
}

function requirementIn(row: Row): string {
  const kind = text(row, 'ssl_type');
  if (kind === 'ANY') return 'SSL';
  if (kind !== 'SPECIFIED') return kind;
  const parts = [['SUBJECT', 'x509_subject'], ['ISSUER', 'x509_issuer'], ['CIPHER', 'ssl_cipher']] as const;
  return parts.filter(([, column]) => text(row, column) !== '').map(([word, column]) => `${word} ${quoteString(text(row, column))}`).join(' ');
}

function rightsOf(row: Row, mine: (part: OtherPart) => readonly Row[], { Restrictions: restrictions = [] }: Attributes): readonly AccountRight[] {
  const held = (level: string, privileges: readonly string[]): AccountRight[] => privileges.map((privilege) => ({ kind: 'static', privilege, level }));
  const tableLevel = (one: Row): string => quoteTable(text(one, 'db'), text(one, 'table_name'));
  return [
    ...held('*.*', heldIn(row)),
    ...mine('dynamic').flatMap((one): AccountRight[] => {
      const privilege = text(one, 'priv').toUpperCase();
      const own: AccountRight = { kind: 'dynamic', privilege, level: '*.*' };
      return text(one, 'with_grant_option') === 'Y' ? [own, { ...own, kind: 'handed-on' }] : [own];
    }),
    ...mine('databases').flatMap((one) => held(`${quoteId(text(one, 'db'))}.*`, heldIn(one))),
    ...mine('tables').flatMap((one) => held(tableLevel(one), membersOf(one, 'table_priv'))),
    ...mine('columns').flatMap((one) => {
      const column = quoteId(text(one, 'column_name'));
      return held(tableLevel(one), membersOf(one, 'column_priv').map((privilege) => `${privilege} (${column})`));
    }),
    ...mine('routines').flatMap((one) => {
      return held(`${text(one, 'routine_type')} ${quoteTable(text(one, 'db'), text(one, 'routine_name'))}`, membersOf(one, 'proc_priv'));
    }),
    ...restrictions.flatMap(({ Database, Privileges }) => {
      const level = `${quoteId(Database)}.*`;
      return Privileges.map((privilege): AccountRight => ({ kind: 'restricted', privilege: privilege.toUpperCase(), level }));
    }),
  ];
}
