// What the first copy of a link left out, and the statements on it that are to come.
import { hasOwnRights } from '../../shared/domain/accounts/object-rights';
import type { DecodedTransaction } from '../../shared/domain/binlog/transaction';
import type { NamedObject } from '../../shared/domain/scope/named-objects';
import { objectsOf } from '../../shared/domain/scope/named-objects';
import {
  isCarried, isNotHeldError, isSameObject, leftOutVerdict, objectText, possibleObjects, rowsOf, type LeftOut, type LeftOutVerdict, type PassedStatement,
  type RefusedRights, type StandbyNames,
} from '../../shared/domain/scope/left-out';
import type { LoggedStatement } from '../../shared/domain/scope/logged-statement';
import type { Scope } from '../../shared/domain/scope/scope';
import { parseGtidSet } from '../../shared/domain/gtid/set';
import { putEmptyTransaction, putInPlaceOf } from '../mysql/empty-transaction';
import { readObjects } from '../mysql/named-objects';
import { quoteId, quoteString } from '../mysql/quote';
import { plain } from '../mysql/statement';
import type { Session, Statement } from '../mysql/types';
import { waitUntil } from '../mysql/time';
import { changeFilters, settingsFor } from './filters';
import { executedOn } from './gtid';
import { linkStatus } from './status';
import { withoutSuperReadOnly, writableSession, type Another } from './read-only';

/** What a task remembers of what its first copy left out. */
export interface LeftOutRecord {
  list(): readonly LeftOut[];
  /** Left out no more, but rights on these may be others on the standby than on the source. */
  due(): readonly NamedObject[];
  /** A first copy is complete: this is all that it left out of what it was to carry, and what the source keeps rights on that is not there. */
  copied(found: readonly Omit<LeftOut, 'at'>[], withRights: readonly NamedObject[]): void;
  /** A statement on something left out was passed over; `gone` is left out no more, `added` from now on. */
  passed(passed: Omit<PassedStatement, 'at'>, gone: readonly NamedObject[], added: readonly NamedObject[]): void;
  /** Rights on it are about to be taken from these accounts on the source only: they hold nothing on it that they do not hold there. */
  revoked(object: NamedObject, accounts: readonly NamedObject[]): void;
  /** Whether a passed-over statement took rights on it from the account. */
  isRevoked(object: NamedObject, account: NamedObject): boolean;
  /** These are on the standby by now, or on neither side. */
  settled(objects: readonly NamedObject[]): void;
  /** Rights on these are the same on both sides. */
  rightsEqual(objects: readonly NamedObject[]): void;
  /** Of what is due, these are on the standby, and their rights may be others there for as long as it is behind, or somebody operates there. */
  rightsWait(objects: readonly NamedObject[]): void;
  /** Rights that could not be brought over. */
  refusedRights(): readonly RefusedRights[];
  /** These rights could not be brought over either. */
  rightsRefused(refused: readonly RefusedRights[]): void;
}

/** Where nothing is known to be left out: a standby that was cloned, or restored from a backup of somebody's. */
export const nothingLeftOut: LeftOutRecord = {
  list: () => [], due: () => [], copied: () => undefined, passed: () => undefined, settled: () => undefined,
  revoked: () => undefined, isRevoked: () => false,
  refusedRights: () => [], rightsEqual: () => undefined, rightsWait: () => undefined, rightsRefused: () => undefined,
};

type Run = (statement: Statement) => Promise<unknown>;

/** What a transaction means to a standby that lacks something that was left out. */
export interface LeftOutFound extends LeftOutVerdict {
  readonly statement: LoggedStatement | null;
  /** It is rows of tables of which some are there: those of the others are ignored by a filter while it is applied. */
  readonly ignores: boolean;
}

/**
 * What a transaction, as the source's binary log holds it, means to a standby that lacks what the task left out; null: nothing of that
 * kind. That something is not there says the standby's catalogue, that it was left out the record of the task. `errno`: at which the applier
 * stopped; null: that is not known.
 */
export async function leftOutIn(
  session: Session,
  { scope, record }: { readonly scope: Scope; readonly record: LeftOutRecord },
  transaction: DecodedTransaction,
  statement: LoggedStatement | null,
  errno: number | null,
): Promise<LeftOutFound | null> {
  const known = record.list().filter((one) => isCarried(scope, one));
  const isKnown = (object: NamedObject): boolean => known.some((one) => isSameObject(one, object));
  const rows = statement === null ? rowsOf(transaction) : null;
  const possible = (rows ?? namesIn(statement)).flatMap(possibleObjects);
  const isDue = (object: NamedObject): boolean => hasOwnRights(object) && (isKnown(object) || record.due().some((one) => isSameObject(one, object)));
  if (!possible.some((object) => isKnown(object) || isDue(object))) return null;
  const here = await readObjects(session, possible);
  const isAbsent = (object: NamedObject): boolean => possibleObjects(object).every((one) => !here.some((other) => isSameObject(one, other)));
  const isMissing = (object: NamedObject): boolean => isAbsent(object) && possibleObjects(object).some(isKnown);
  if (rows !== null) return rowsFound(rows, isMissing, isAbsent, session);
  const names = { isMissing, isAbsent, isDue, isNotHeld: isNotHeldError(errno), grantMakesAccounts: !session.dialect.features.hasRoles };
  const verdict = statement === null ? null : leftOutVerdict(statement, names);
  return verdict === null || !canRunRest(verdict) ? null : { ...verdict, statement, ignores: false };
}

function rowsFound(
  rows: readonly NamedObject[], isMissing: StandbyNames['isMissing'], isAbsent: StandbyNames['isAbsent'], { dialect }: Session,
): LeftOutFound | null {
  const missing = rows.filter(isMissing);
  const found = { statement: null, missing, gone: [], added: [], taken: [], rest: null };
  if (missing.length === rows.length) return { ...found, ignores: false };
  // A table that is not there for another reason stops the applier all the same. Before 5.7.3 filters are lines of the option file.
  return missing.length > 0 && rows.filter(isAbsent).every(isMissing) && dialect.features.hasFilterStatement ? { ...found, ignores: true } : null;
}

/** All that a statement names, as far as it is understood. */
function namesIn(statement: LoggedStatement | null): readonly NamedObject[] {
  const objects = statement === null ? null : objectsOf(statement);
  if (objects === null) return [];
  const { lists, needs, on } = objects;
  return [...lists.flat().map(({ object }) => object), ...needs, ...(on === null ? [] : [on])];
}

/** What is left of a statement is run only where every character of it was understood. */
function canRunRest({ rest }: LeftOutVerdict): boolean {
  return rest === null || !rest.text.includes('\uFFFD');
}

/** Puts what is left of the transaction in its place: an empty one, or the rest of its statement. */
export async function putWhatIsLeft(
  session: Session, gtid: string, { rest, statement }: LeftOutFound, { run, another }: { readonly run: Run; readonly another: Another },
): Promise<void> {
  if (rest === null || statement === null) return putEmptyTransaction(gtid, run);
  const [before] = await session.query<{ mode: string }>('SELECT @@SESSION.sql_mode AS mode');
  const { ansiQuotes = false, noBackslashEscapes = false } = statement.modes ?? {};
  const words = [...(ansiQuotes ? ['ANSI_QUOTES'] : []), ...(noBackslashEscapes ? ['NO_BACKSLASH_ESCAPES'] : [])];
  const mode = (text: string): Statement => plain(`SET SESSION sql_mode = ${quoteString(text)}`);
  // Its text may hold what an account logs in with.
  const redacted = `${rest.text.slice(0, rest.text.indexOf(' '))} … ${rest.kept.map(objectText).join(', ')}`;
  const left: Statement = { ...plain(rest.text), redacted };
  const use = statement.database === '' ? [] : [plain(`USE ${quoteId(statement.database)}`)];
  await withoutSuperReadOnly(writableSession(session, run, another), async () => {
    for (const first of use) await run(first);
    await session.run(mode(words.join(',')));
    try {
      await putInPlaceOf(gtid, [left], run);
    } finally {
      await session.run(mode(before?.mode ?? ''));
    }
  });
}

/** For how long one transaction may take to be applied without what is not there. */
const applyLimitMs = 60_000;

/**
 * Applies a transaction without the rows of tables that are not there: a filter keeps them away for as long as it is applied, and the
 * filters of the scope are in force again before the applier goes on. The applier stands still before and after. False: it stopped again.
 */
export async function applyIgnoring(session: Session, scope: Scope, gtid: string, { missing }: LeftOutFound, run: Run): Promise<boolean> {
  const { dialect } = session;
  const ignoreTable = missing.map(({ database, name }) => ({ database, table: name }));
  const isApplied = async (): Promise<boolean> => parseGtidSet(gtid).isSubsetOf(await executedOn(session));
  await run(dialect.changeReplicationFilter({ ...settingsFor(scope), ignoreTable }));
  try {
    await run(dialect.startReplica({ threads: 'applier', until: { afterGtids: gtid } }));
    await waitUntil(async () => (await isApplied()) || (await linkStatus(session))?.applierErrno !== 0, { everyMs: 50, limitMs: applyLimitMs });
  } finally {
    await run(dialect.stopReplica({ threads: 'applier' }));
    for (const statement of changeFilters(dialect, scope)) await run(statement);
  }
  return isApplied();
}
