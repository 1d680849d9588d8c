import type { GrantNode, GrantSummary } from '../../accounts/tree';
import type { TableAccess } from '../../accounts/reach';
import type { RightParts } from '../../accounts/right';
import type { AccountAspect } from '../../accounts/state';
import type { Message } from '../../../i18n/message';
import type { Plan, PlannedSql } from '../../tasks/plan';

export interface AccountName {
  readonly user: string;
  readonly host: string;
}

/** What an account must show of itself beside its password. */
export const requirements = ['NONE', 'SSL', 'X509'] as const;
export type Requirement = (typeof requirements)[number];

export const limitNames = ['MAX_QUERIES_PER_HOUR', 'MAX_UPDATES_PER_HOUR', 'MAX_CONNECTIONS_PER_HOUR', 'MAX_USER_CONNECTIONS'] as const;
export type LimitName = (typeof limitNames)[number];
/** 0: no limit. */
export type Limits = Readonly<Record<LimitName, number>>;

/** A right as it is chosen: with the right to hand it on, where that is asked for. */
export type ChosenRight = Pick<RightParts, 'privilege' | 'column' | 'on'>;
interface ChosenRole extends AccountName {
  readonly admin: boolean;
}

/** The right to act as another account. */
interface ChosenProxy extends AccountName {
  readonly grantOption: boolean;
}

/** What is done to one account. A password is never part of it: it comes with the word to begin. */
export type AccountChange =
  | { readonly kind: 'create'; readonly account: AccountName; readonly plugin: string | null; readonly requires: Requirement; readonly locked: boolean }
  | { readonly kind: 'create-role'; readonly account: AccountName }
  | { readonly kind: 'clone'; readonly from: AccountName; readonly account: AccountName }
  | { readonly kind: 'rename'; readonly account: AccountName; readonly to: AccountName }
  /** `keepOld`: the present password stays good beside the new one. */
  | { readonly kind: 'password'; readonly account: AccountName; readonly keepOld: boolean }
  | { readonly kind: 'discard-old' | 'lock' | 'unlock' | 'expire' | 'drop'; readonly account: AccountName }
  | { readonly kind: 'tls'; readonly account: AccountName; readonly requires: Requirement }
  | { readonly kind: 'limits'; readonly account: AccountName; readonly limits: Limits }
  /** '': it goes; null: it stays as it is. `attributes`: an object of JSON without the comment. */
  | { readonly kind: 'attribute'; readonly account: AccountName; readonly comment: string | null; readonly attributes: string | null }
  | {
      readonly kind: 'rights'; readonly account: AccountName;
      readonly give: readonly ChosenRight[]; readonly take: readonly ChosenRight[];
      readonly giveRoles: readonly ChosenRole[]; readonly takeRoles: readonly AccountName[];
      /** null: as they are. */
      readonly defaultRoles: readonly AccountName[] | null;
      readonly giveProxies: readonly ChosenProxy[]; readonly takeProxies: readonly AccountName[];
      /** Takes also what goes only along with something that stays, which is then gone for a moment. */
      readonly exact: boolean;
    };
type AccountChangeKind = AccountChange['kind'];

/** Whether a password has to come with the order. */
export function needsPassword({ kind }: AccountChange): boolean {
  return kind === 'create' || kind === 'clone' || kind === 'password';
}

/** Where a statement takes the new password. */
export const passwordPlace = Symbol('password');
/** A statement in parts. */
export type StatementParts = readonly (string | typeof passwordPlace)[];

/** The statement as it may be shown. */
export function shownText(parts: StatementParts): string {
  return parts.map((part) => (part === passwordPlace ? "'***'" : part)).join('');
}

/** An account of which this program makes use: it logs in with it, or replicas do that it set up. */
export type OwnUse = 'login' | 'link';

/** An account in a list. */
export interface AccountRow extends AccountName {
  readonly plugin: string;
  /** null: this series cannot lock accounts. */
  readonly locked: boolean | null;
  readonly expired: boolean;
  readonly hasPassword: boolean;
  /** '': nothing. */
  readonly requires: string;
  /** Somebody holds it as a role, or it cannot log in and was made as one. */
  readonly isRole: boolean;
  /** One that the server made for itself. */
  readonly reserved: boolean;
  readonly own: OwnUse | null;
  /** Makes accounts and hands everything on, by its own rights or by a role. */
  readonly administers: boolean;
  readonly summary: GrantSummary;
}

/** What the series of a server lacks is not offered. */
export interface AccountAbilities {
  readonly locks: boolean;
  readonly roles: boolean;
  readonly keepsTwoPasswords: boolean;
  /** Comment and attributes. */
  readonly attributes: boolean;
  /** What is held on everything can be taken on one database (partial_revokes). */
  readonly partialRevokes: boolean;
}

/** What the server asks of a new password; null: it asks for nothing. */
export interface PasswordPolicy {
  readonly level: string;
  readonly length: number;
  readonly mixedCase: number;
  readonly digits: number;
  readonly special: number;
}

export interface AccountList {
  readonly accounts: readonly AccountRow[];
  readonly abilities: AccountAbilities;
  readonly policy: PasswordPolicy | null;
  /** The plugins for passwords that a new account may have, the server's own first. */
  readonly plugins: readonly string[];
  readonly databases: readonly string[];
  /** Privileges that the server knows, in upper case. */
  readonly privileges: readonly string[];
}

export interface AccountDetail {
  readonly row: AccountRow;
  readonly tree: readonly GrantNode[];
  readonly roles: readonly ChosenRole[];
  readonly defaultRoles: readonly AccountName[];
  /** As whom it may act. */
  readonly proxies: readonly ChosenProxy[];
  /** `'user'@'host'` of who holds it as a role. */
  readonly heldBy: readonly string[];
  readonly limits: Limits;
  /** Rules of its password that are not the server's own, as clauses. */
  readonly rules: readonly string[];
  readonly hasSecondPassword: boolean;
  /** '': none. */
  readonly comment: string;
  /** What else is kept of it, as an object of JSON; '': nothing. */
  readonly attribute: string;
  /** What makes it elsewhere, without its password. */
  readonly sql: readonly string[];
}

/** What will be done, the exact statements, and what takes it back. */
export interface AccountPlan extends Plan {
  readonly change: AccountChangeKind;
  readonly account: AccountName;
  readonly serverName: string;
  readonly sql: readonly PlannedSql[];
  /** Statements that take it back; empty: `undoNote` says why there are none. */
  readonly undo: readonly PlannedSql[];
  readonly undoNote: Message | null;
  readonly needsPassword: boolean;
  /** What stays because no statement takes it alone. */
  readonly kept: readonly string[];
}

/** Accounts of one server that come to another, missing ones with the hash of their password. */
export interface CarryPlan extends Plan {
  readonly fromName: string;
  readonly serverName: string;
  readonly accounts: readonly (AccountName & { readonly isNew: boolean; readonly aspects: readonly AccountAspect[] })[];
  /** Without hashes of passwords. */
  readonly sql: readonly PlannedSql[];
  readonly undo: readonly PlannedSql[];
  readonly undoNote: Message | null;
}

/** What ran, and whether the account reads back as planned. */
export interface AccountOutcome {
  readonly sql: readonly PlannedSql[];
  /** In what the account differs from the plan when it is read again; empty: in nothing. */
  readonly differs: readonly string[];
}

/** An account of two servers, side by side. */
export interface ComparedAccount extends AccountName {
  readonly side: 'left-only' | 'right-only' | 'different';
  readonly differences: readonly { readonly aspect: AccountAspect; readonly left: readonly string[]; readonly right: readonly string[] }[];
}

export interface AccountComparison {
  readonly left: string;
  readonly right: string;
  readonly equal: number;
  readonly accounts: readonly ComparedAccount[];
}

export interface TableAccessList {
  readonly accounts: readonly TableAccess[];
  readonly exists: boolean;
}
