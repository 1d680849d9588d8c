/** One line of SHOW GRANTS that gives privileges (roles and proxies give none by themselves). */
export interface Grant {
  /** In upper case; `ALL PRIVILEGES` where the server says so. Column lists are left out of the name. */
  readonly privileges: readonly string[];
  /** null: every database (`*.*`). A pattern as the server keeps it: `%`, `_` and `\_`. */
  readonly database: string | null;
  /** null: every table of the database. */
  readonly table: string | null;
  readonly grantOption: boolean;
  /** A partial revoke (8.0.16+) takes away what a wider line gave. */
  readonly revoke: boolean;
}

const quoted = '(?:`(?:[^`]|``)*`|"(?:[^"]|"")*"|\\*)';
const linePattern = new RegExp(`^(GRANT|REVOKE) (.+?) ON (?:(?:TABLE|FUNCTION|PROCEDURE) )?(${quoted})\\.(${quoted}|\\S+) (?:TO|FROM) (.*)$`, 's');

/**
 * Reads the lines of SHOW GRANTS. Lines that give no privilege (`GRANT role TO`, `GRANT PROXY`) are left out, as are
 * grants on a single routine or column, which no check accepts as enough.
 */
export function parseGrants(lines: readonly string[]): readonly Grant[] {
  const grants: Grant[] = [];
  for (const line of lines) {
    const match = linePattern.exec(line);
    if (match === null) continue;
    const [, verb = '', privileges = '', database = '', table = '', rest = ''] = match;
    if (/^PROXY$/i.test(privileges) || / ON (FUNCTION|PROCEDURE) /.test(line)) continue;
    grants.push({
      privileges: splitPrivileges(privileges),
      database: unquoted(database),
      table: unquoted(table),
      grantOption: /WITH GRANT OPTION/.test(rest),
      revoke: verb === 'REVOKE',
    });
  }
  return grants;
}

/** `SELECT (a, b), INSERT` → `INSERT`: a privilege on some columns is not the privilege. */
function splitPrivileges(text: string): string[] {
  return text
    .replaceAll(/[A-Z ]+ \([^)]*\)/g, '')
    .split(',')
    .map((part) => part.trim().toUpperCase())
    .filter((part) => part !== '');
}

function unquoted(name: string): string | null {
  if (name === '*') return null;
  const quote = name[0];
  if (quote !== '`' && quote !== '"') return name;
  return name.slice(1, -1).replaceAll(quote + quote, quote);
}

/** Privileges that stand in for others: SUPER holds, from 8.0 on, what was split out of it. */
const heldBySuper = new Set([
  'REPLICATION_SLAVE_ADMIN', 'SYSTEM_VARIABLES_ADMIN', 'CONNECTION_ADMIN', 'SESSION_VARIABLES_ADMIN', 'SET_USER_ID', 'BINLOG_ADMIN', 'REPLICATION CLIENT',
]);

/**
 * Those of `wanted` that the grants do not give on every database, or, where `databases` names some, on each of them.
 * Only privileges of database level can be given there; the others count on `*.*` alone.
 */
export function missingPrivileges(grants: readonly Grant[], wanted: readonly string[], databases: readonly string[] | null = null): string[] {
  return [...new Set(wanted)].filter((privilege) => !holds(grants, privilege, databases));
}

function holds(grants: readonly Grant[], privilege: string, databases: readonly string[] | null): boolean {
  const relevant = grants.filter((grant) => gives(grant, privilege));
  if (databases === null || databases.length === 0) {
    return relevant.some((grant) => grant.database === null && !grant.revoke) && !relevant.some((grant) => grant.revoke && !isSystem(grant.database));
  }
  return databases.every((database) => {
    const here = relevant.filter((grant) => grant.table === null && matches(grant.database, database));
    return here.some((grant) => !grant.revoke) && !here.some((grant) => grant.revoke);
  });
}

function gives(grant: Grant, privilege: string): boolean {
  if (grant.privileges.includes(privilege)) return true;
  if (privilege === 'GRANT OPTION') return grant.grantOption;
  if (grant.privileges.includes('ALL PRIVILEGES') || grant.privileges.includes('ALL')) return true;
  return heldBySuper.has(privilege) && grant.privileges.includes('SUPER');
}

/** Whether a grant's database pattern takes in this database. */
function matches(pattern: string | null, database: string): boolean {
  if (pattern === null) return true;
  const source = pattern.replaceAll(/\\[%_]|[%_]|[.*+?^${}()|[\]\\]/g, (part) => {
    if (part === '%') return '.*';
    if (part === '_') return '.';
    return part.startsWith('\\') && part.length === 2 ? part.slice(1) : `\\${part}`;
  });
  return new RegExp(`^${source}$`, 's').test(database);
}

function isSystem(database: string | null): boolean {
  return database !== null && /^(mysql|sys|information_schema|performance_schema)$/i.test(database);
}
