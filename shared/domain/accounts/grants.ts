import { SqlCursor } from '../sql/cursor';
import { valueOf } from '../sql/tokens';

/** One line of SHOW GRANTS. */
export type Grant = PrivilegeGrant | RoleGrant | ProxyGrant;

/** Privileges on something; a partial revoke (8.0.16+) takes away in one database what was given on all. */
export interface PrivilegeGrant {
  readonly kind: 'grant' | 'revoke';
  /** In upper case; `ALL PRIVILEGES` where the server says so. Those on some columns only are left out. */
  readonly privileges: readonly string[];
  readonly on: GrantLevel;
  readonly grantOption: boolean;
}

type GrantLevel =
  | { readonly kind: 'everything' }
  /** In a grant `%` and `_` stand for others, and with `\` before them for themselves; in a revoke it is the name. */
  | { readonly kind: 'database'; readonly pattern: string }
  | { readonly kind: 'table' | 'routine'; readonly database: string; readonly name: string };

/** Roles; SHOW GRANTS of oneself names beside them, as one's own, what the active ones give. */
interface RoleGrant {
  readonly kind: 'role';
  /** `user@host` of each. */
  readonly roles: readonly string[];
  readonly adminOption: boolean;
}

/** The right to act as another account. */
interface ProxyGrant {
  readonly kind: 'proxy';
}

/** How the server that shows the grants goes by them. */
interface GrantReading {
  /**
   * partial_revokes is on: what a grant names is a database, whatever its characters. Manual: "Privilege Restriction Using
   * Partial Revokes" (https://dev.mysql.com/doc/refman/8.0/en/partial-revokes.html).
   */
  readonly arePatternsNames?: boolean;
}

/** A line of SHOW GRANTS in its parts, for whoever gives it to another server. */
export interface GrantStatement {
  readonly grant: Grant;
  /** `SELECT`, or `SELECT (…)` where it is on some columns, as they stand; none for roles and proxies. */
  readonly items: readonly string[];
  /** From ON to the end. */
  readonly rest: string;
}

/**
 * Reads the lines of SHOW GRANTS, of any version. A line of another form gives nothing. Names may hold anything: they are
 * quoted, but for columns and accounts before 8.0, which are printed as they are. Those stand behind what is read here, or in
 * lists whose lines are on a single table. Manual: "SHOW GRANTS Statement".
 */
export function parseGrants(lines: readonly string[], { arePatternsNames = false }: GrantReading = {}): readonly Grant[] {
  return lines.flatMap((line) => {
    const grant = parseGrantLine(line)?.grant;
    if (grant === undefined) return [];
    if (!arePatternsNames || grant.kind !== 'grant' || grant.on.kind !== 'database') return grant;
    return { ...grant, on: { kind: 'database', pattern: patternOf(grant.on.pattern) } };
  });
}

/** A pattern that takes in nothing but this name. */
function patternOf(name: string): string {
  return name.replaceAll(/[%_]/g, '\\$&');
}

/** null: it is no line of SHOW GRANTS. */
export function parseGrantLine(line: string): GrantStatement | null {
  const sql = new SqlCursor(line);
  const verb = sql.oneOf('GRANT', 'REVOKE');
  if (verb === null) return null;
  if (sql.words('PROXY', 'ON')) return { grant: { kind: 'proxy' }, items: [], rest: '' };
  if (sql.peek()?.kind === 'name') return roleLine(sql, line);
  const items = itemsOf(sql, line);
  if (items === null) return null;
  const onAt = sql.end + 1;
  const on = sql.words('ON') ? levelOf(sql) : null;
  if (on === null || sql.oneOf('TO', 'FROM') === null) return null;
  const hasColumns = items.some(({ isOnColumns }) => isOnColumns);
  // What claims more than a table behind a list of columns stands in the name of a column.
  if (hasColumns && on.kind !== 'table') return null;
  const grant: PrivilegeGrant = {
    kind: verb === 'GRANT' ? 'grant' : 'revoke',
    privileges: items.flatMap(({ privilege, isOnColumns }) => (isOnColumns ? [] : [privilege])),
    on,
    grantOption: hasOption(line, 'GRANT'),
  };
  return { grant, items: items.map(({ text }) => text), rest: line.slice(onAt) };
}

/** At the end of the line, behind which 5.6 puts limits: the words may stand in a name before. */
function hasOption(line: string, option: 'GRANT' | 'ADMIN'): boolean {
  return new RegExp(` WITH ${option} OPTION(?: MAX_[A-Z_]+ \\d+)*$`).test(line);
}

function roleLine(sql: SqlCursor, line: string): GrantStatement | null {
  const roles: string[] = [];
  do {
    const user = sql.take();
    if (user?.kind !== 'name') return null;
    const host = sql.mark('@') ? sql.take() : undefined;
    roles.push(`${valueOf(user)}@${host === undefined ? '%' : valueOf(host)}`);
  } while (sql.mark(','));
  return { grant: { kind: 'role', roles, adminOption: hasOption(line, 'ADMIN') }, items: [], rest: '' };
}

interface Item {
  readonly privilege: string;
  readonly isOnColumns: boolean;
  readonly text: string;
}

function itemsOf(sql: SqlCursor, line: string): readonly Item[] | null {
  const items: Item[] = [];
  do {
    const from = sql.peek()?.at ?? 0;
    const words: string[] = [];
    while (sql.peek()?.kind === 'word' && sql.peek()?.text.toUpperCase() !== 'ON') words.push(sql.take()?.text.toUpperCase() ?? '');
    if (words.length === 0) return null;
    const isOnColumns = sql.mark('(');
    if (isOnColumns) while (!sql.mark(')')) if (sql.take() === undefined) return null;
    items.push({ privilege: words.join(' '), isOnColumns, text: line.slice(from, sql.end) });
  } while (sql.mark(','));
  return items;
}

function levelOf(sql: SqlCursor): GrantLevel | null {
  const object = sql.oneOf('TABLE', 'PROCEDURE', 'FUNCTION', 'LIBRARY');
  const database = sql.mark('*') ? null : nameIn(sql);
  if (database === undefined || !sql.mark('.')) return null;
  const name = sql.mark('*') ? null : nameIn(sql);
  if (name === undefined) return null;
  if (database === null) return name === null ? { kind: 'everything' } : null;
  if (name === null) return { kind: 'database', pattern: database };
  return { kind: object === null || object === 'TABLE' ? 'table' : 'routine', database, name };
}

/** A name in the quotes of either sql_mode, or plain where the server quotes none; undefined: none stands there. */
function nameIn(sql: SqlCursor): string | undefined {
  const token = sql.peek();
  if (token?.kind !== 'string' || !token.closed || !token.text.startsWith('"')) return sql.name() ?? undefined;
  sql.take();
  return token.text.slice(1, -1).replaceAll('""', '"');
}
