import { noteClause, noted } from '../../accounts/attribute';
import { definitionClauses, exportStatements, grantStatements, mergedGrants, requirementClauses } from '../../accounts/definition-text';
import { edited, restrictionsIn, type RightsEdit } from '../../accounts/edit';
import { grantChanges } from '../../accounts/grant-changes';
import { isDynamic, privilegesAt, rightOf } from '../../accounts/right';
import { quotedName, rightText, type AccountRight, type AccountState } from '../../accounts/state';
import { passwordPlace, type AccountChange, type AccountName, type ChosenRight, type LimitName, type StatementParts } from './change';

/** What the series of the server can do, as far as the words of its statements go. */
export interface AccountWords {
  /** CREATE USER and ALTER USER take everything (5.7.6+). */
  readonly modern: boolean;
  readonly roles: boolean;
  /** Privileges that it knows, in upper case. */
  readonly privileges: readonly string[];
}

/** A change in its statements. */
export interface AccountEffect {
  readonly statements: readonly StatementParts[];
  readonly undo: readonly string[];
  /** Why nothing takes it back, or not all of it. */
  readonly undoNote: 'password' | 'expired' | 'dropped' | null;
  /** The account as it is then; null: it is gone. */
  readonly after: AccountState | null;
  /** What stays although it was to go, because no statement takes it alone. */
  readonly kept: readonly string[];
  /** Rights that are gone between two statements and come back. */
  readonly gaps: boolean;
}

const plainEffect = { undo: [], undoNote: null, kept: [], gaps: false } as const;
const line = (...parts: StatementParts): StatementParts => parts;

/**
 * The statements of a change, in their order, and those that take it back. `state`: the account as it is; of a clone, the one that it is
 * made after; undefined: it is new. `states`: every account of the server, among which those that hold it as a role.
 */
export function effectOf(
  change: AccountChange, state: AccountState | undefined, words: AccountWords, states: readonly AccountState[] = [],
): AccountEffect {
  switch (change.kind) {
    case 'create':
      return created(change, words);
    case 'create-role':
      return {
        ...plainEffect, statements: [line(`CREATE ROLE ${quotedName(change.account)}`)], undo: [`DROP ROLE ${quotedName(change.account)}`],
        after: { ...newState(change.account, '', true), expired: true },
      };
    default:
      if (state === undefined) throw new RangeError('An account that is changed is there');
      return changed(change, state, words, states);
  }
}

type Existing = Exclude<AccountChange, { readonly kind: 'create' | 'create-role' }>;

function changed(change: Existing, state: AccountState, words: AccountWords, states: readonly AccountState[]): AccountEffect {
  const who = quotedName(state);
  switch (change.kind) {
    case 'clone':
      return cloned(change.account, state, words);
    case 'rename':
      return {
        ...plainEffect, statements: [line(`RENAME USER ${who} TO ${quotedName(change.to)}`)], undo: [`RENAME USER ${quotedName(change.to)} TO ${who}`],
        after: { ...state, ...change.to },
      };
    case 'password':
      return { ...plainEffect, statements: [newPassword(who, state, change.keepOld, words)], undoNote: 'password', after: { ...state, expired: false } };
    case 'discard-old':
      return { ...plainEffect, statements: [line(`ALTER USER ${who} DISCARD OLD PASSWORD`)], undoNote: 'password', after: { ...state, secondPassword: '' } };
    case 'lock':
    case 'unlock': {
      const [does, takesBack] = change.kind === 'lock' ? ['LOCK', 'UNLOCK'] : ['UNLOCK', 'LOCK'];
      const locked = change.kind === 'lock';
      const undo = [`ALTER USER ${who} ACCOUNT ${takesBack}`];
      return { ...plainEffect, statements: [line(`ALTER USER ${who} ACCOUNT ${does}`)], undo, after: { ...state, locked } };
    }
    case 'expire':
      return { ...plainEffect, statements: [line(`ALTER USER ${who} PASSWORD EXPIRE`)], undoNote: 'expired', after: { ...state, expired: true } };
    case 'drop':
      return {
        ...plainEffect, statements: [line(`DROP USER ${who}`)], undo: [...exportStatements(state, words), ...heldAgain(states, who)], undoNote: 'dropped',
        after: null,
      };
    case 'tls': {
      const requires = change.requires === 'NONE' ? '' : change.requires;
      const said = (text: string): string => `${verb(who, words)} REQUIRE ${text === '' ? 'NONE' : text}`;
      return { ...plainEffect, statements: [line(said(requires))], undo: [said(state.requires)], after: { ...state, requires } };
    }
    case 'limits':
      return limited(change.limits, state, words);
    case 'attribute': {
      const [before, attribute] = [state.attribute ?? '', noted(state.attribute ?? '', change)];
      if (before === attribute) return { ...plainEffect, statements: [], after: state };
      const said = (from: string, to: string): string => `ALTER USER ${who} ${noteClause(from, to)}`;
      return { ...plainEffect, statements: [line(said(before, attribute))], undo: [said(attribute, before)], after: { ...state, attribute } };
    }
    case 'rights':
      return rightsChanged(change, state, words);
    default:
      return change satisfies never;
  }
}

/** The accounts that hold one as a role. */
export function holdersOf(states: readonly AccountState[], role: string): readonly AccountState[] {
  return states.filter(({ roles }) => roles.some((held) => held.role === role));
}

/** A role that is dropped is gone from all who held it: given again as each had it, with what it is by default. */
function heldAgain(states: readonly AccountState[], role: string): readonly string[] {
  return holdersOf(states, role).flatMap(({ roles, defaultRoles, ...account }) => {
    const isAdmin = roles.some((held) => held.role === role && held.admin);
    const given = `GRANT ${role} TO ${quotedName(account)}${isAdmin ? ' WITH ADMIN OPTION' : ''}`;
    return defaultRoles.includes(role) ? [given, `SET DEFAULT ROLE ${defaultRoles.join(', ')} TO ${quotedName(account)}`] : [given];
  });
}

/** Before 5.7.6 what is required and the limits belong to GRANT. */
function verb(who: string, { modern }: AccountWords): string {
  return modern ? `ALTER USER ${who}` : `GRANT USAGE ON *.* TO ${who}`;
}

const noLimits: Readonly<Record<LimitName, number>> = {
  MAX_QUERIES_PER_HOUR: 0, MAX_UPDATES_PER_HOUR: 0, MAX_CONNECTIONS_PER_HOUR: 0, MAX_USER_CONNECTIONS: 0,
};

function newState(account: AccountName, plugin: string, locked: boolean | null): AccountState {
  return {
    ...account, plugin, password: '', secondPassword: null, factors: null, locked, expired: false, passwordRules: {}, requires: '', limits: noLimits,
    attribute: null, rights: [], roles: [], defaultRoles: [], proxies: [],
  };
}

function created(change: Extract<AccountChange, { kind: 'create' }>, words: AccountWords): AccountEffect {
  const who = quotedName(change.account);
  const requires = change.requires === 'NONE' ? '' : change.requires;
  const after: AccountState = { ...newState(change.account, change.plugin ?? '', words.modern ? change.locked : null), requires };
  const identified = change.plugin === null || !words.modern ? ' IDENTIFIED BY ' : ` IDENTIFIED WITH '${change.plugin}' BY `;
  const clauses = requirementClauses(after);
  const statements = words.modern
    ? [line(`CREATE USER ${who}${identified}`, passwordPlace, `${clauses}${change.locked ? ' ACCOUNT LOCK' : ''}`)]
    : [line(`CREATE USER ${who}${identified}`, passwordPlace), ...(clauses === '' ? [] : [line(`${verb(who, words)}${clauses}`)])];
  return { ...plainEffect, statements, undo: [`DROP USER ${who}`], after };
}

/** Everything of an account but its password, and who it is. */
function cloned(account: AccountName, from: AccountState, words: AccountWords): AccountEffect {
  const who = quotedName(account);
  const after: AccountState = { ...from, ...account, secondPassword: from.secondPassword === null ? null : '', expired: false };
  const clauses = words.modern ? definitionClauses(from) : requirementClauses(from);
  const identified = words.modern ? ` IDENTIFIED WITH '${from.plugin}' BY ` : ' IDENTIFIED BY ';
  const made = words.modern
    ? [line(`CREATE USER ${who}${identified}`, passwordPlace, `${clauses}${from.locked === true ? ' ACCOUNT LOCK' : ''}`)]
    : [line(`CREATE USER ${who}${identified}`, passwordPlace), ...(clauses === '' ? [] : [line(`${verb(who, words)}${clauses}`)])];
  return { ...plainEffect, statements: [...made, ...grantStatements(after).map((sql) => line(sql))], undo: [`DROP USER ${who}`], after };
}

function newPassword(who: string, { plugin }: AccountState, keepOld: boolean, { modern }: AccountWords): StatementParts {
  if (!modern) return [`SET PASSWORD FOR ${who} = PASSWORD(`, passwordPlace, ')'];
  return [`ALTER USER ${who} IDENTIFIED WITH '${plugin}' BY `, passwordPlace, keepOld ? ' RETAIN CURRENT PASSWORD' : ''];
}

function limited(limits: Readonly<Record<LimitName, number>>, state: AccountState, words: AccountWords): AccountEffect {
  const differing = Object.entries(limits).filter(([name, value]) => (state.limits[name] ?? 0) !== value);
  if (differing.length === 0) return { ...plainEffect, statements: [], after: state };
  const said = (values: readonly (readonly [string, number])[]): string => {
    return `${verb(quotedName(state), words)} WITH ${values.map(([name, value]) => `${name} ${String(value)}`).join(' ')}`;
  };
  return {
    ...plainEffect, statements: [line(said(differing))], undo: [said(differing.map(([name]) => [name, state.limits[name] ?? 0] as const))],
    after: { ...state, limits: { ...state.limits, ...limits } },
  };
}

type RightsChange = Extract<AccountChange, { readonly kind: 'rights' }>;

function rightsChanged(change: RightsChange, state: AccountState, { privileges, modern }: AccountWords): AccountEffect {
  const wanted = edited(state, editOf(change, privileges, state));
  const { statements, kept } = grantChanges(state, wanted, change.exact, !modern);
  const sql = mergedGrants(statements.map((one) => one.sql));
  const undo = mergedGrants(grantChanges(wanted, state, true, !modern).statements.map((one) => one.sql));
  // What goes only along with something that stays is taken and given again.
  const gaps = change.exact && grantChanges(state, wanted, false, !modern).kept.length > 0;
  return { ...plainEffect, statements: sql.map((one) => line(one)), undo, after: wanted, kept, gaps };
}

/** What was chosen, as the server keeps it: `ALL PRIVILEGES` is every one that can be given there, or that is held there. */
function editOf(change: RightsChange, known: readonly string[], state: AccountState): RightsEdit {
  const given = change.give.flatMap((one) => chosen(one, privilegesAt(one.on.kind, known)));
  const taken = change.take.flatMap((one) => {
    const all = chosen(one, privilegesAt(one.on.kind, known));
    if (one.privilege !== allPrivileges) return all;
    const { level } = rightOf({ ...one, kind: 'static' });
    const held = state.rights.filter((right) => right.level === level && right.kind !== 'restricted' && right.privilege !== 'GRANT OPTION');
    // Where none is held there, those that are held on everything are taken there.
    return held.length > 0 ? held : restrictionsIn(state, all).map((right): AccountRight => ({ ...right, kind: 'static' }));
  });
  return {
    give: given, take: taken,
    giveRoles: change.giveRoles.map(({ admin, ...role }) => ({ role: quotedName(role), admin })),
    takeRoles: change.takeRoles.map(quotedName),
    defaultRoles: change.defaultRoles === null ? null : change.defaultRoles.map(quotedName),
    giveProxies: change.giveProxies.map(({ grantOption, ...account }) => ({ as: quotedName(account), grantOption })),
    takeProxies: change.takeProxies.map(quotedName),
  };
}

/** What a change takes on a database from an account that holds it on everything: `REVOKE SELECT ON …` of each. */
export function partialRevokes(change: AccountChange, state: AccountState | undefined, after: AccountState | null): readonly string[] {
  if (change.kind !== 'rights' || state === undefined) return [];
  const before = new Set(state.rights.map(rightText));
  return (after?.rights ?? []).filter((right) => right.kind === 'restricted' && !before.has(rightText(right))).map(rightText);
}

const allPrivileges = 'ALL PRIVILEGES';
/** The right to hand a dynamic privilege on, as it is chosen: `GRANT OPTION FOR BACKUP_ADMIN`. */
export const optionFor = 'GRANT OPTION FOR ';

function chosen({ privilege, column, on }: ChosenRight, all: readonly string[]): readonly AccountRight[] {
  if (privilege === allPrivileges) return all.map((one) => rightOf({ kind: isDynamic(one) ? 'dynamic' : 'static', privilege: one, column: null, on }));
  if (privilege.startsWith(optionFor)) return [rightOf({ kind: 'handed-on', privilege: privilege.slice(optionFor.length), column: null, on })];
  return [rightOf({ kind: isDynamic(privilege) ? 'dynamic' : 'static', privilege, column, on })];
}

/** A chosen right that cannot be given there; null: all of them can. */
export function misplaced(rights: readonly ChosenRight[], known: readonly string[]): ChosenRight | null {
  return rights.find(({ privilege, column, on }) => {
    if (privilege === 'GRANT OPTION') return column !== null;
    if (privilege === allPrivileges) return column !== null;
    const name = privilege.startsWith(optionFor) ? privilege.slice(optionFor.length) : privilege;
    if (privilege.startsWith(optionFor) && !isDynamic(name)) return true;
    if (column !== null) return on.kind !== 'table' || !privilegesAt('column', known).includes(name);
    return !privilegesAt(on.kind, known).includes(name);
  }) ?? null;
}

