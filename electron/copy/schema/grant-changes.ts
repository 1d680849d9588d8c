import { parseGrantLine, parseGrants, type GrantStatement, type PrivilegeGrant } from '../../../shared/domain/accounts/grants';
import { hasRight } from '../../../shared/domain/accounts/rights';
import { SqlCursor } from '../../../shared/domain/sql/cursor';
import type { Account } from '../../mysql/dialect-accounts';
import { quoteAccount } from '../../mysql/quote';

/** What ALL PRIVILEGES stands for on one database, table or routine. Manual: "GRANT Statement". */
const onTable = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER', 'CREATE VIEW', 'SHOW VIEW', 'TRIGGER'];
const onDatabase = [...onTable, 'LOCK TABLES', 'CREATE TEMPORARY TABLES', 'CREATE ROUTINE', 'ALTER ROUTINE', 'EXECUTE', 'EVENT'];
const onRoutine = ['EXECUTE', 'ALTER ROUTINE'];

/** Who holds one of these administers a server: it can let itself and others in, or change what the server does. */
const administering = ['SUPER', 'CREATE USER', 'SYSTEM_VARIABLES_ADMIN', 'REPLICATION_SLAVE_ADMIN', 'CONNECTION_ADMIN', 'ROLE_ADMIN', 'RELOAD', 'SHUTDOWN'];

/** True where an account with these lines of SHOW GRANTS administers its server, by its own rights. */
export function isAdministrator(lines: readonly string[]): boolean {
  const grants = parseGrants(lines);
  return administering.some((right) => hasRight(grants, right));
}

/**
 * What turns the rights that an account has here into those it has there, both as SHOW GRANTS prints them. What is missing is given first
 * and only then what is too much is taken, right by right: at no moment has the account less than both have in common. What it may do as
 * another account (PROXY) stays.
 */
export function grantChanges(here: readonly string[], there: readonly string[], account: Account): readonly string[] {
  const who = quoteAccount(account);
  const give = there.filter((line) => !here.includes(line));
  const wanted = there.map(parseGrantLine).filter((line) => line !== null);
  const take = here.filter((line) => !there.includes(line)).flatMap((line) => {
    const held = parseGrantLine(line);
    return held === null ? [] : takenFrom(held, wanted, who);
  });
  return [...give, ...take];
}

function takenFrom(held: GrantStatement, wanted: readonly GrantStatement[], who: string): readonly string[] {
  const { grant } = held;
  switch (grant.kind) {
    case 'proxy':
      return [];
    case 'role': {
      const kept = wanted.flatMap((line) => (line.grant.kind === 'role' ? line.grant.roles : []));
      return grant.roles.filter((role) => !kept.includes(role)).map((role) => `REVOKE ${quotedRole(role)} FROM ${who}`);
    }
    // A partial revoke ends where the right is given on the database.
    case 'revoke':
      return [`GRANT ${held.items.join(', ')} ${levelOf(held.rest)} TO ${who}`];
    case 'grant': {
      const level = levelOf(held.rest);
      const same = wanted.filter((line) => line.grant.kind === 'grant' && levelOf(line.rest) === level);
      const kept = new Set(same.flatMap((line) => singleRights(line)));
      const over = singleRights(held).filter((right) => !kept.has(right) && right !== 'USAGE');
      const keepsOption = same.some((line) => line.grant.kind === 'grant' && line.grant.grantOption);
      return [
        ...(over.length === 0 ? [] : [`REVOKE ${over.join(', ')} ${level} FROM ${who}`]),
        ...(grant.grantOption && !keepsOption ? [`REVOKE GRANT OPTION ${level} FROM ${who}`] : []),
      ];
    }
    default:
      return grant satisfies never;
  }
}

/** `ON …` without whom it is given to. */
function levelOf(rest: string): string {
  const sql = new SqlCursor(rest);
  let end = 0;
  while (!sql.isAtEnd) {
    const token = sql.take();
    if (token?.kind === 'word' && ['TO', 'FROM'].includes(token.text.toUpperCase())) break;
    end = sql.end;
  }
  return rest.slice(0, end);
}

/** Each right of a line by itself, one for each column too; in upper case but for names. */
function singleRights({ grant, items }: GrantStatement): readonly string[] {
  return items.flatMap((item) => {
    const sql = new SqlCursor(item);
    const words: string[] = [];
    while (sql.peek()?.kind === 'word') words.push(sql.take()?.text.toUpperCase() ?? '');
    const right = words.join(' ');
    if (right === 'ALL PRIVILEGES' || right === 'ALL') return grant.kind === 'grant' ? allOn(grant) : [right];
    if (!sql.mark('(')) return [right];
    const columns: string[] = [];
    do columns.push(sql.take()?.text ?? '');
    while (sql.mark(','));
    return columns.map((column) => `${right} (${column})`);
  });
}

function allOn({ on }: PrivilegeGrant): readonly string[] {
  switch (on.kind) {
    case 'everything':
      return ['ALL PRIVILEGES'];
    case 'database':
      return onDatabase;
    case 'table':
      return onTable;
    case 'routine':
      return onRoutine;
    default:
      return on satisfies never;
  }
}

/** `user@host` as the grant lines are read. */
function quotedRole(role: string): string {
  const at = role.lastIndexOf('@');
  return quoteAccount({ user: role.slice(0, at), host: role.slice(at + 1) });
}
