// Rights on single tables, views and programs, on two servers of which one had no such thing for a while.
import { isSameObject } from '../scope/left-out';
import type { NamedObject } from '../scope/named-objects';
import { grantChanges, type GrantedState } from './grant-changes';
import { quotedName, type AccountRight } from './state';

/** Whether rights are given on single ones of the kind. */
export function hasOwnRights({ kind }: NamedObject): boolean {
  return kind === 'TABLE' || kind === 'PROCEDURE' || kind === 'FUNCTION' || kind === 'LIBRARY';
}

/** What one account may do with one object. */
export interface ObjectRights {
  readonly user: string;
  readonly host: string;
  readonly object: NamedObject;
  readonly rights: readonly AccountRight[];
}

/** A server's rights on some objects. */
export interface RightsReading {
  readonly rights: readonly ObjectRights[];
  /** `'user'@'host'` of every account. */
  readonly accounts: ReadonlySet<string>;
  /** Of these objects, those that it has. */
  readonly there: readonly NamedObject[];
}

/** Readings around one moment: the source's rights before and behind it, and those of a standby that had executed all that the first one shows. */
export interface RightsAround {
  readonly before: RightsReading;
  readonly standby: RightsReading;
  readonly after: RightsReading;
}

export interface RightsRules {
  /** `'user'@'host'` of accounts that the standby keeps as they are. */
  readonly kept: ReadonlySet<string>;
  /** Whether accounts of both servers are to have nothing beyond what they have on the source. */
  readonly takes: boolean;
  /** Whether this account is to have nothing on the object beyond what it has on the source in any case: the source took rights from it. */
  readonly isRevoked: (object: NamedObject, account: NamedObject) => boolean;
}

export interface RightsVerdict {
  /** On these both sides have the same rights, as far as they are to. */
  readonly equal: readonly NamedObject[];
  /** What gives those that are on the standby the rights of the source. */
  readonly changes: readonly { readonly object: NamedObject; readonly account: string; readonly sql: string }[];
}

/** What is to be done about the rights on some objects. What changes on the source meanwhile is not judged. */
export function objectRightChanges(
  objects: readonly NamedObject[], { before, standby, after }: RightsAround, { kept, takes, isRevoked }: RightsRules,
): RightsVerdict {
  const equal: NamedObject[] = [];
  const changes: { object: NamedObject; account: string; sql: string }[] = [];
  for (const object of objects) {
    const [first, here, last] = [before, standby, after].map(({ rights }) => rightsOn(rights, object));
    if (first === undefined || here === undefined || last === undefined) continue;
    const accounts = [...before.accounts].filter((account) => standby.accounts.has(account) && after.accounts.has(account) && !kept.has(account));
    const isMoving = accounts.some((account) => textOf(first.get(account)) !== textOf(last.get(account)));
    if (isMoving) continue;
    const takesFrom = (who: ObjectRights): boolean => takes || isRevoked(object, accountObject(who));
    const found = accounts.flatMap((account) => changesOf(first.get(account), here.get(account), takesFrom).map((sql) => ({ object, account, sql })));
    if (found.length === 0) equal.push(object);
    // A server gives no rights on what it has not.
    else if (standby.there.some((one) => isSameObject(one, object))) changes.push(...found);
  }
  return { equal, changes };
}

function rightsOn(rights: readonly ObjectRights[], object: NamedObject): ReadonlyMap<string, ObjectRights> {
  return new Map(rights.filter((one) => isSameObject(one.object, object)).map((one) => [quotedName(one), one]));
}

const textOf = (one: ObjectRights | undefined): string => (one?.rights ?? []).map(({ privilege }) => privilege).sort().join('\n');

/** As statements name it: host names are compared without letter case. */
function accountObject({ user, host }: ObjectRights): NamedObject {
  return { kind: 'ACCOUNT', database: '', name: `${user}@${host.toLowerCase()}` };
}

function changesOf(there: ObjectRights | undefined, here: ObjectRights | undefined, takesFrom: (who: ObjectRights) => boolean): readonly string[] {
  const who = there ?? here;
  if (who === undefined || textOf(there) === textOf(here)) return [];
  const state = (one: ObjectRights | undefined, others: readonly AccountRight[] = []): GrantedState => (
    { user: who.user, host: who.host, rights: [...(one?.rights ?? []), ...others], roles: [], defaultRoles: [], proxies: [] }
  );
  const beyond = takesFrom(who) ? [] : (here?.rights ?? []).filter(({ privilege }) => there?.rights.every((right) => right.privilege !== privilege) ?? true);
  // To the point: the right of a column beside that of its table goes for the moment between two statements.
  return grantChanges(state(here), state(there, beyond), true).statements.map(({ sql }) => sql);
}
