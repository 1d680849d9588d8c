import { grantChanges } from './grant-changes';
import { quotedName, type AccountState } from './state';

/** What an account's series can say about it. */
export interface DefinitionSeries {
  /** CREATE USER and ALTER USER take everything (5.7.6+); before, what is required and the limits belong to GRANT. */
  readonly modern: boolean;
  readonly roles: boolean;
}

/** REQUIRE and WITH; '': there is nothing to say. */
export function requirementClauses({ requires, limits }: Pick<AccountState, 'requires' | 'limits'>): string {
  const set = Object.entries(limits).filter(([, value]) => value > 0).map(([name, value]) => `${name} ${String(value)}`);
  return `${requires === '' ? '' : ` REQUIRE ${requires}`}${set.length === 0 ? '' : ` WITH ${set.join(' ')}`}`;
}

/** The rules of a password that are not the server's own, each as its clause. */
export function ruleClauses({ passwordRules }: Pick<AccountState, 'passwordRules'>): readonly string[] {
  return Object.entries(passwordRules).flatMap(([name, value]) => {
    if (value === null) return [];
    switch (name) {
      case 'PASSWORD EXPIRE INTERVAL':
        return [value === '0' ? 'PASSWORD EXPIRE NEVER' : `PASSWORD EXPIRE INTERVAL ${value} DAY`];
      case 'PASSWORD REUSE INTERVAL':
        return [`PASSWORD REUSE INTERVAL ${value} DAY`];
      case 'PASSWORD REQUIRE CURRENT':
        return [value === 'Y' ? 'PASSWORD REQUIRE CURRENT' : 'PASSWORD REQUIRE CURRENT OPTIONAL'];
      case 'PASSWORD_LOCK_TIME':
        return value === '0' ? [] : [`PASSWORD_LOCK_TIME ${value === '-1' ? 'UNBOUNDED' : value}`];
      case 'FAILED_LOGIN_ATTEMPTS':
        return value === '0' ? [] : [`FAILED_LOGIN_ATTEMPTS ${value}`];
      default:
        return [`${name} ${value}`];
    }
  });
}

/** What the definition says behind the way to log in. */
export function definitionClauses(state: AccountState): string {
  const rules = ruleClauses(state);
  return `${requirementClauses(state)}${rules.length === 0 ? '' : ` ${rules.join(' ')}`}`;
}

/** The same account without any rights. */
function withoutRights(state: AccountState): AccountState {
  return { ...state, rights: [], roles: [], defaultRoles: [], proxies: [] };
}

/** What gives an account that has nothing everything that this one has. */
export function grantStatements(state: AccountState): readonly string[] {
  return mergedGrants(grantChanges(withoutRights(state), state).statements.map(({ sql }) => sql));
}

/** Dynamic privileges that are given one after the other, in one statement. */
export function mergedGrants(statements: readonly string[]): readonly string[] {
  const merged: string[] = [];
  for (const sql of statements) {
    const [, privilege, rest] = dynamicGrant.exec(sql) ?? [];
    const last = dynamicGrant.exec(merged.at(-1) ?? '');
    if (privilege !== undefined && last !== null && last[2] === rest) merged[merged.length - 1] = `GRANT ${last[1] ?? ''}, ${privilege} ON *.* ${rest ?? ''}`;
    else merged.push(sql);
  }
  return merged;
}

const dynamicGrant = /^GRANT ([A-Z]+_[A-Z_, ]*) ON \*\.\* (TO .*)$/s;

/** A hash that no password has. */
const noHash = "'*0000000000000000000000000000000000000000'";

/**
 * Statements that make an account elsewhere, with its rights and without its password: it comes locked, or, where the series has no locks, with
 * a hash that belongs to no password.
 */
export function exportStatements(state: AccountState, { modern, roles }: DefinitionSeries): readonly string[] {
  const who = quotedName(state);
  const plugin = `'${state.plugin.replaceAll("'", "''")}'`;
  const attribute = (state.attribute ?? '') === '' ? '' : ` ATTRIBUTE '${(state.attribute ?? '').replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  const made = modern
    ? [`CREATE USER ${who} IDENTIFIED WITH ${plugin}${definitionClauses(state)} ACCOUNT LOCK${attribute}`]
    : [`CREATE USER ${who} IDENTIFIED BY PASSWORD ${noHash}`, ...withGrant(who, requirementClauses(state))];
  return [...made, ...grantStatements(roles ? state : { ...state, roles: [], defaultRoles: [] })];
}

function withGrant(who: string, clauses: string): readonly string[] {
  return clauses === '' ? [] : [`GRANT USAGE ON *.* TO ${who}${clauses}`];
}
