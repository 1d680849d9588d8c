import type { DecodedTransaction } from '../binlog/transaction';
import { leadingWord } from '../sql/cursor';
import { tokensIn, valueOf } from '../sql/tokens';
import { isDatabaseInScope, isInScope, isWholeDatabaseInScope } from './filters';
import { objectsOf, type NamedObject, type StatementObjects } from './named-objects';
import type { LoggedStatement } from './logged-statement';
import type { Scope } from './scope';

/** What the first copy of a task left out. */
export interface LeftOut extends NamedObject {
  /** What the standby, or the source, said of it; null: nothing, it is of a kind that is not copied. */
  readonly why: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A statement on something left out that the standby did not run, or ran in part. */
export interface PassedStatement {
  readonly gtid: string;
  /** The first of what it was about. */
  readonly object: NamedObject;
  /** The rest of it was run. */
  readonly inPart: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Statements that a standby did not run: all of them counted, the last of them kept. */
export interface PassedStatements {
  readonly count: number;
  readonly last: readonly PassedStatement[];
}

/** Rights on something that was left out and is on the standby by now, which the standby would not take. */
export interface RefusedRights extends NamedObject {
  /** The statement that gives or takes them. */
  readonly sql: string;
  /** What the standby said of it. */
  readonly why: string;
}

/** What a statement at which an applier stopped means to a standby that lacks something. */
export interface LeftOutVerdict {
  /** Of what it is about, what is not there. */
  readonly missing: readonly NamedObject[];
  /** What is dropped or renamed by it, and so not left out any more. */
  readonly gone: readonly NamedObject[];
  /** What is left out from now on: under a new name, or because it needs what is not there. */
  readonly added: readonly NamedObject[];
  /** From whom it takes rights on what is missing: all of it is passed over where one of them has not got them. */
  readonly taken: readonly NamedObject[];
  /** The rest of it, to be run in its place; null: nothing but what is not there, so that nothing is lost by passing it over. */
  readonly rest: { readonly text: string; readonly kept: readonly NamedObject[] } | null;
}

/** What is known of the names that a statement holds. */
export interface StandbyNames {
  /** Not on the standby, by its catalogue, and left out by the task, by its record. */
  readonly isMissing: (object: NamedObject) => boolean;
  /** Not on the standby, for whatever reason. */
  readonly isAbsent: (object: NamedObject) => boolean;
  /** Rights on it may be others here than on the source, because of what was passed over; they are brought over by themselves. */
  readonly isDue: (object: NamedObject) => boolean;
  /** What the applier stopped at is that nobody holds what was to be taken. */
  readonly isNotHeld: boolean;
  /** Before 8.0 a GRANT makes the account that it names, and may set what it logs in with. */
  readonly grantMakesAccounts: boolean;
}

/**
 * What a statement means to a standby on which some of what it names is not there and was left out by the task. Takes the statement from
 * the log. null: it is about nothing left out, or about something else as well in a way that cannot be taken apart: the applier must stay
 * where it is.
 *
 * Rights on something that is not there are a part of it, whoever they go to; what a GRANT of them says of the accounts themselves is not. So are
 * those that a REVOKE takes on something that was not there when they were given. A
 * view that needs something left out, and is not there itself, joins it: it holds no rows.
 */
export function leftOutVerdict(statement: LoggedStatement, { isMissing, isAbsent, isDue, isNotHeld, grantMakesAccounts }: StandbyNames): LeftOutVerdict | null {
  const objects = objectsOf(statement);
  if (objects === null) return null;
  const taken = objects.verb === 'REVOKE' && objects.on !== null ? objects.lists.flat().map(({ object }) => object) : [];
  if (objects.on !== null && isMissing(objects.on)) {
    const rest = grantMakesAccounts && objects.verb === 'GRANT' ? accountsOfGrant(statement, objects, { isMissing, isAbsent }) : null;
    return { missing: [objects.on], gone: [], added: [], taken, rest };
  }
  // What is taken was never given here, at least to one of them: that it is not held stopped it. Of the others it is taken later.
  if (isNotHeld && taken.length > 0 && objects.on !== null && isDue(objects.on)) {
    return { missing: [objects.on], gone: [], added: [], taken, rest: null };
  }
  const items = objects.lists.flat();
  const found = items.filter(({ object }) => isMissing(object));
  if (found.length === 0) return needing(objects, isMissing, isAbsent);
  // To drop what is not there, for whatever reason, changes nothing: before 8.0 a DROP of several does what it can and fails then.
  const isOut = objects.verb === 'DROP' ? isAbsent : isMissing;
  const missing = found.map(({ object }) => object);
  const verdict = {
    missing,
    gone: objects.verb === 'DROP' || objects.verb === 'RENAME' ? missing : found.filter(({ becomes }) => becomes !== undefined).map(({ object }) => object),
    added: found.flatMap(({ becomes }) => becomes ?? []),
    taken: [],
  };
  // Of roles and those who get them, one side that is missing altogether leaves nothing of the other.
  if (objects.lists.some((list) => list.every(({ object }) => isOut(object)))) return { ...verdict, rest: null };
  const kept = items.filter(({ object }) => !isOut(object)).map(({ object }) => object);
  return { ...verdict, rest: { text: withoutItems(statement.text, objects.lists, isOut), kept } };
}

/** A GRANT without its rights: who is made by it where they are not there, with what they log in with, what they require and their limits. */
function accountsOfGrant(
  { text, modes }: LoggedStatement, { lists }: StatementObjects, { isMissing, isAbsent }: Pick<StandbyNames, 'isMissing' | 'isAbsent'>,
): LeftOutVerdict['rest'] {
  const [accounts = []] = lists;
  const kept = accounts.filter(({ object }) => !isMissing(object));
  if (kept.length === 0) return null;
  const tail = text.slice(accounts.at(-1)?.end);
  const words = tokensIn(tail, modes).filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  const is = (at: number, word: string): boolean => words[at]?.kind === 'word' && words[at].text.toUpperCase() === word;
  // Of all rights it would be the right to pass on every one of them.
  const at = words.findIndex((_one, index) => is(index, 'GRANT') && is(index + 1, 'OPTION'));
  const next = words[at + 2];
  const from = next === undefined && is(at - 1, 'WITH') ? words[at - 1] : words[at];
  const rest = at === -1 ? tail : tail.slice(0, from?.at) + (next === undefined ? '' : tail.slice(next.at));
  const names = kept.map(({ from, end }) => text.slice(from, end)).join(', ');
  // Of accounts that are there already, and of which nothing else is said, nothing is left.
  if (!kept.some(({ object }) => isAbsent(object)) && rest.trim() === '' && !/\bIDENTIFIED\b/i.test(names)) return null;
  return { text: `GRANT USAGE ON *.* TO ${names}${rest.trimEnd()}`, kept: kept.map(({ object }) => object) };
}

function needing(
  { verb, lists, needs }: StatementObjects, isMissing: StandbyNames['isMissing'], isAbsent: StandbyNames['isAbsent'],
): LeftOutVerdict | null {
  const missing = needs.filter(isMissing);
  const [view] = lists.flat();
  if (verb !== 'CREATE' || view === undefined || missing.length === 0 || !isAbsent(view.object)) return null;
  return { missing, gone: [], added: [view.object], taken: [], rest: null };
}

/** The text without what is out, in each of its lists. */
function withoutItems(text: string, lists: StatementObjects['lists'], isOut: (object: NamedObject) => boolean): string {
  const ordered = [...lists].sort((one, other) => (other[0]?.from ?? 0) - (one[0]?.from ?? 0));
  return ordered.reduce((whole, list) => {
    const kept = list.filter(({ object }) => !isOut(object)).map(({ from, end }) => text.slice(from, end));
    return whole.slice(0, list[0]?.from ?? 0) + kept.join(', ') + whole.slice(list.at(-1)?.end ?? 0);
  }, text);
}

/** That nobody holds what a REVOKE takes: ER_NONEXISTING_GRANT, ER_NONEXISTING_TABLE_GRANT, ER_NONEXISTING_PROC_GRANT. */
const notHeld: readonly number[] = [1141, 1147, 1403];

/** Whether an applier stopped because what it was to take is not held. `errno`: null where the server says none. */
export function isNotHeldError(errno: number | null): boolean {
  return errno !== null && notHeld.includes(errno);
}

/** Whether both are one thing: routines and events are compared without letter case, as servers do everywhere. */
export function isSameObject(one: NamedObject, other: NamedObject): boolean {
  const folds = one.kind === 'PROCEDURE' || one.kind === 'FUNCTION' || one.kind === 'EVENT';
  const same = folds ? one.name.toLowerCase() === other.name.toLowerCase() : one.name === other.name;
  return one.kind === other.kind && one.database === other.database && same;
}

/**
 * Under which names something may have been left out: a loadable function is dropped by a statement that could mean a stored function
 * of the default database.
 */
export function possibleObjects(object: NamedObject): readonly NamedObject[] {
  return object.kind === 'FUNCTION' ? [object, { kind: 'LOADABLE', database: '', name: object.name }] : [object];
}

/** Whether a scope carries it, so that it is missed where it is not there. */
export function isCarried(scope: Scope, { kind, database, name }: NamedObject): boolean {
  if (scope.kind === 'instance') return true;
  if (kind === 'ACCOUNT') return false;
  if (database === '') return true;
  if (kind === 'TRIGGER') return isDatabaseInScope(scope, database);
  return kind === 'TABLE' ? isInScope(scope, database, name) : isWholeDatabaseInScope(scope, database);
}

/** What `binlog_rows_query_log_events` adds to rows begins so. */
const ofRows = ['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'LOAD', 'WITH', 'BEGIN'];

/** The tables of a transaction that is nothing but rows; null: it is more, or not all of it was read. */
export function rowsOf({ changes, tables, statements, truncated }: DecodedTransaction): readonly NamedObject[] | null {
  if (truncated || changes.length === 0 || tables.length === 0) return null;
  if (!statements.every(({ text }) => ofRows.includes(leadingWord(text)))) return null;
  return tables.map(({ database, table }) => ({ kind: 'TABLE', database, name: table }));
}

/** What of the left-out a statement speaks of anywhere, by name: for telling people, and for no decision. */
export function mentioned({ text, modes }: LoggedStatement, leftOut: readonly LeftOut[]): readonly LeftOut[] {
  const named = tokensIn(text, modes).filter(({ kind }) => kind === 'word' || kind === 'name' || kind === 'string');
  const words = new Set(named.map((token) => valueOf(token, modes)));
  return leftOut.filter(({ kind, name }) => words.has(kind === 'ACCOUNT' ? name.slice(0, name.lastIndexOf('@')) : name));
}

/** The name of an object for a text. Names are untrusted. */
export function objectText({ database, name }: NamedObject): string {
  return database === '' ? name : `${database}.${name}`;
}

/** The record of what is left out, once more is known: what came, what went. */
export function withLeftOut(before: readonly LeftOut[], added: readonly LeftOut[], gone: readonly NamedObject[] = []): readonly LeftOut[] {
  const ended = [...gone.flatMap(possibleObjects), ...added];
  const stays = before.filter((one) => !ended.some((other) => isSameObject(one, other)));
  return [...stays, ...added];
}
