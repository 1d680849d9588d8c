import { onlyStatementOf, type DecodedTransaction } from '../../shared/domain/binlog/transaction';
import type { Scope } from '../../shared/domain/scope/scope';
import { parseGtidSet, type GtidSet } from '../../shared/domain/gtid/set';
import type { TableName } from '../../shared/domain/scope/protection';
import { executedOn } from './gtid';
import { failedOrHalfDone } from './failed-transaction';
import { applyIgnoring, leftOutIn, putWhatIsLeft, type LeftOutFound, type LeftOutRecord } from './left-out';
import { objectText } from '../../shared/domain/scope/left-out';
import { linkStatus, type ReplicaStatus } from './status';
import { partInScope, type PartInScope } from '../../shared/domain/scope/border';
import type { LoggedStatement } from '../../shared/domain/scope/logged-statement';
import { outsideStatement, type OutsideStatement } from '../../shared/domain/scope/outside';
import { asked, fillFilterGaps } from './filter-gaps';
import { Failure } from '../../shared/errors/codes';
import { isUnreachable } from '../mysql/errors';
import { putEmptyTransaction, putInPlaceOf } from '../mysql/empty-transaction';
import { quoteTable } from '../mysql/quote';
import { plain } from '../mysql/statement';
import type { Session, Statement } from '../mysql/types';
import type { StepContext } from '../tasks/types';
import { withoutSuperReadOnly, writableSession, type Another, type WritableServer } from './read-only';

/** What was done about a statement that stopped the applier. */
export interface Passed {
  readonly gtid: string;
  readonly database: string;
  readonly name: string;
  readonly kind: string;
  /** It is on something that the first copy left out, and not outside of the scope. */
  readonly isLeftOut: boolean;
}

/** A link that may lack something, and the way to what its source's binary log says. */
export interface LoggedLink {
  readonly scope: Scope;
  readonly leftOut: LeftOutRecord;
  /** A transaction as the binary log of the source holds it, through our own reader. */
  logged(gtid: string): Promise<DecodedTransaction>;
  /** To close the standby again where the session that has opened it is lost. */
  readonly another: Another;
}

/** A candidate that is proven to be one, with its statement. */
interface Passable {
  readonly gtid: string;
  readonly found: OutsideStatement | PartInScope | LeftOutFound;
}

/**
 * Passes over the statement at which the applier stopped, where nothing in scope is lost by that, and lets the applier go
 * on (by `start`, where it is not to go on without an end). Of a program of a database outside of the scope an empty
 * transaction takes the place; of a DROP of several tables or views the DROP of those in scope, which the server refuses
 * as a whole because the others are not there. So it is with what the first copy left out (see `leftOutVerdict`), which is
 * recorded. Returns what was passed over; null: it stopped at another, or does not say at which.
 *
 * Which transaction it is says the server's own record of the failure, what it does says the source's binary log, and what is
 * not there says the standby's catalogue. The text of an error says nothing: it quotes names and messages of users.
 *
 * @throws Failure where the source's binary log cannot be read
 */
export async function passOutsideStatement(
  session: Session,
  link: LoggedLink,
  run: (statement: Statement) => Promise<unknown>,
  start: Statement = session.dialect.startReplica({ threads: 'applier' }),
): Promise<Passed | null> {
  if (link.scope.kind === 'instance' && isNothingKnown(link)) return null;
  const status = await linkStatus(session);
  const passable = status === null ? null : await passableOf(session, link, status);
  if (passable === null) return null;
  const { gtid, found } = passable;
  // Before 8.0 a DROP does what it can, and then says what it could not: it is done already.
  const [executed] = await session.query<{ done: number | string }>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed) AS done', [gtid]);
  const isDone = Number(executed?.done) === 1;
  // Before it is passed over: an app that dies in between has it on record once too often, and never not at all.
  if ('cameIn' in found && found.cameIn !== undefined) link.leftOut.passed({ gtid, object: found.cameIn, inPart: false }, [], [found.cameIn]);
  if ('taken' in found && found.taken.length > 0) for (const object of found.missing) link.leftOut.revoked(object, found.taken);
  if (!isDone) {
    if ('inside' in found) await dropPart(writableSession(session, run, link.another), gtid, found);
    else if ('missing' in found && found.ignores) {
      if (!(await applyIgnoring(session, link.scope, gtid, found, run))) return null;
    } else if ('missing' in found) await putWhatIsLeft(session, gtid, found, { run, another: link.another });
    else await putEmptyTransaction(gtid, run);
  }
  const passed = passedOf(gtid, found);
  if ('missing' in found) {
    const [object] = found.missing;
    if (object !== undefined) link.leftOut.passed({ gtid, object, inPart: found.rest !== null || found.ignores }, found.gone, found.added);
  }
  await run(start);
  return passed;
}

function isNothingKnown({ leftOut }: Pick<LoggedLink, 'leftOut'>): boolean {
  return leftOut.list().length + leftOut.due().length === 0;
}

function passedOf(gtid: string, found: Passable['found']): Passed {
  if ('missing' in found) {
    const [object] = found.missing;
    return { gtid, database: object?.database ?? '', name: object === undefined ? '' : objectText(object), kind: object?.kind ?? '', isLeftOut: true };
  }
  const name = 'inside' in found ? (found.inside[0]?.name ?? '') : found.name;
  return { gtid, database: found.database, name, kind: found.kind, isLeftOut: false };
}

async function passableOf(session: Session, link: LoggedLink, status: ReplicaStatus): Promise<Passable | null> {
  const failed = await failedOrHalfDone(session, status);
  if (failed === null) return null;
  if ('gtid' in failed) {
    const found = await foundIn(session, link, failed.gtid, failed.errno);
    return found === null ? null : { gtid: failed.gtid, found };
  }
  // Which of them failed is not known. The first is: nothing that waits was applied before it, so that what is not there was not there for it.
  const [first] = failed.unclear;
  const left = first === undefined ? null : await foundLeftOut(session, link, first.gtid, first.errno);
  if (first !== undefined && left !== null) return { gtid: first.gtid, found: left };
  // A program of a database outside is no loss in any case, and nothing else is judged of the others.
  for (const { gtid } of failed.unclear) {
    const statement = await onlyStatement(link, gtid);
    const found = statement === null ? null : outsideStatement(statement, 0, link.scope);
    if (found !== null) return { gtid, found };
  }
  return null;
}

async function foundIn(session: Session, link: LoggedLink, gtid: string, errno: number): Promise<Passable['found'] | null> {
  const left = await foundLeftOut(session, link, gtid, errno);
  if (left !== null) return left;
  const statement = await onlyStatement(link, gtid);
  if (statement === null) return null;
  const outside = outsideStatement(statement, errno, link.scope);
  if (outside !== null) return outside.kind === 'VIEW' && !(await isAbsent(session, outside)) ? null : outside;
  const part = partInScope(statement, errno, link.scope);
  if (part === null) return null;
  const isGone = part.kind === 'EVENT' ? isWithoutDatabase : isAbsent;
  for (const one of part.outside) if (await isGone(session, one)) return part;
  return null;
}

async function foundLeftOut(
  session: Session, { logged, scope, leftOut: record }: LoggedLink, gtid: string, errno: number | null,
): Promise<LeftOutFound | null> {
  if (isNothingKnown({ leftOut: record })) return null;
  const transaction = await loggedOrNull(logged, gtid);
  return transaction === null ? null : leftOutIn(session, { scope, record }, transaction, onlyStatementOf(transaction), errno);
}

/** The one statement that a transaction is; null: it is more, or the log holds a part of it only. */
async function onlyStatement({ logged }: LoggedLink, gtid: string): Promise<LoggedStatement | null> {
  return onlyStatementOf(await loggedOrNull(logged, gtid));
}

/** null: the source holds it no more, or in no form that is known here. A source that is away is told by the throw. */
export async function loggedOrNull(logged: LoggedLink['logged'], gtid: string): Promise<DecodedTransaction | null> {
  try {
    return await logged(gtid);
  } catch (thrown) {
    if (isUnreachable(thrown) || !(thrown instanceof Failure)) throw thrown;
    return null;
  }
}

/** Whether a server has no table or view of the name. */
export async function isAbsent(session: Session, { database, name }: TableName): Promise<boolean> {
  const rows = await session.query('SELECT 1 AS there FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?', [database, name]);
  return rows.length === 0;
}

/** Whether a server has no database of the name. */
async function isWithoutDatabase(session: Session, { database }: TableName): Promise<boolean> {
  const rows = await session.query('SELECT 1 AS there FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [database]);
  return rows.length === 0;
}

function dropPart(server: WritableServer, gtid: string, { kind, inside }: PartInScope): Promise<void> {
  const drop = plain(`DROP ${kind} IF EXISTS ${inside.map(({ database, name }) => quoteTable(database, name)).join(', ')}`);
  return withoutSuperReadOnly(server, () => putInPlaceOf(gtid, [drop], server.run));
}

/** Passes over a statement that stopped the applier although it is none of this standby's, within a step; true where it did. */
export async function passedOutside(
  link: LoggedLink, step: StepContext, session: Session, name: string, status: ReplicaStatus, start?: Statement,
): Promise<boolean> {
  if (status.applierErrno === 0) return false;
  const passed = await passOutsideStatement(session, link, (statement) => step.sql(session, name, statement), start);
  if (passed !== null) {
    const { gtid, kind, database, name: object } = passed;
    step.log('info', passed.isLeftOut ? 'sync.log.passedLeftOut' : 'sync.log.passedOutside', { gtid, kind, database, name: object });
  }
  return passed !== null;
}

/** What a link carries, and how its source is reached. */
export interface Followed extends LoggedLink {
  /** Whether the user has stopped the link meanwhile. */
  isHeld(): boolean;
  onSource<Result>(use: (session: Session) => Promise<Result>): Promise<Result>;
}

/** As fillFilterGaps, within a step. True where something was filled. */
export async function passedGaps({ scope, onSource, logged }: Followed, step: StepContext, session: Session, name: string, wanted: GtidSet): Promise<boolean> {
  if (session.dialect.features.keepsFilteredGtids) return false;
  const status = await linkStatus(session);
  // What is not here yet is no gap.
  const missing = wanted.intersect(parseGtidSet(status?.received ?? '')).subtract(await executedOn(session));
  const passed = status === null || status.appliedFile === '' ? null : { file: status.appliedFile, position: status.appliedPosition };
  const replica = { dialect: session.dialect, ask: async (statement: Statement) => { await step.sql(session, name, statement); return []; } };
  const gaps = { scope, missing, from: null, passed, logged: (gtid: string) => loggedOrNull(logged, gtid) };
  const { filled } = await onSource((source) => fillFilterGaps(asked(source), replica, gaps));
  if (filled.isEmpty()) return false;
  step.log('info', 'sync.log.gapsFilled', { server: name, gtids: filled.shorten() });
  return true;
}
