import type { Scope } from '../../shared/domain/scope/scope';
import type { GtidSet } from '../../shared/domain/gtid/set';
import { executedOn } from './gtid';
import { linkStatus, type ReplicaStatus } from './status';
import { partInScope, type PartInScope } from '../../shared/domain/scope/border';
import { failedStatementOf, outsideStatement, type OutsideStatement } from '../../shared/domain/scope/outside';
import { asked, fillFilterGaps, leavesGaps } from './filter-gaps';
import { putEmptyTransaction, putInPlaceOf } from '../mysql/empty-transaction';
import { quoteTable } from '../mysql/quote';
import { plain } from '../mysql/statement';
import type { Session, Statement } from '../mysql/types';
import type { StepContext } from '../tasks/types';
import { withoutSuperReadOnly, writableSession } from './read-only';

/** Whether a statement that stopped the applier may be passed over: see `passOutsideStatement`. */
export function isPassable(applierError: string, scope: Scope): boolean {
  return outsideStatement(applierError, scope) !== null || partInScope(applierError, scope) !== null;
}

/** What was done about a statement that stopped the applier. */
export type PassedStatement = Omit<OutsideStatement, 'gtid'> & { readonly gtid: string };

/**
 * Passes over the statement at which the applier stopped, where nothing in scope is lost by that, and lets the applier go
 * on (by `start`, where it is not to go on without an end). Of a program of a database outside of the scope an empty
 * transaction takes the place; of a DROP of several tables or views the DROP of those in scope, which the server refuses
 * as a whole because the others are not there. Returns what was passed over; null: the error is another.
 */
export async function passOutsideStatement(session: Session, scope: Scope, applierError: string, run: (statement: Statement) => Promise<unknown>, start: Statement = session.dialect.startReplica({ threads: 'applier' })): Promise<PassedStatement | null> {
  const outside = outsideStatement(applierError, scope);
  const part = outside === null ? partInScope(applierError, scope) : null;
  const found = outside ?? part;
  if (found === null) return null;
  const gtid = found.gtid ?? (await failedGtid(session, failedStatementOf(applierError)?.statement ?? ''));
  if (gtid === null) return null;
  // Before 8.0 a DROP does what it can, and then says what it could not: it is done already.
  const isDone = (await session.query<{ done: number | string }>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed) AS done', [gtid])).some(({ done }) => Number(done) === 1);
  if (!isDone) {
    if (part === null) await putEmptyTransaction(gtid, run);
    else await dropPart(session, gtid, part, run);
  }
  await run(start);
  return { gtid, database: found.database, kind: found.kind };
}

function dropPart(session: Session, gtid: string, { kind, inside }: PartInScope, run: (statement: Statement) => Promise<unknown>): Promise<void> {
  const drop = plain(`DROP ${kind} IF EXISTS ${inside.map(({ database, name }) => quoteTable(database, name)).join(', ')}`);
  return withoutSuperReadOnly(writableSession(session, run), () => putInPlaceOf(gtid, [drop], run));
}

/** The transaction at which a single-threaded applier stands; null: the relay log holds another statement there. */
async function failedGtid(session: Session, statement: string): Promise<string | null> {
  const status = await linkStatus(session);
  if (status === null || status.relayFile === '') return null;
  const [first, second] = await session.query<{ Info: string }>(session.dialect.showRelayLogEvents(status.relayFile, status.relayPosition, 2));
  const gtid = /GTID_NEXT\s*=\s*'([^']+)'/i.exec(first?.Info ?? '')?.[1];
  return gtid !== undefined && second?.Info.includes(statement) === true ? gtid : null;
}

/** Passes over a statement that stopped the applier although it is none of this standby's, within a step; true where it did. */
export async function passedOutside(
  scope: Scope, step: StepContext, session: Session, name: string, status: ReplicaStatus, start?: Statement,
): Promise<boolean> {
  if (status.applierError === '') return false;
  const passed = await passOutsideStatement(session, scope, status.applierError, (statement) => step.sql(session, name, statement), start);
  if (passed !== null) step.log('info', 'sync.log.passedOutside', { ...passed });
  return passed !== null;
}

/** What a link carries, and how its source is reached. */
export interface Followed {
  readonly scope: Scope;
  onSource<Result>(use: (session: Session) => Promise<Result>): Promise<Result>;
}

/** As fillFilterGaps, within a step. True where something was filled. */
export async function passedGaps({ scope, onSource }: Followed, step: StepContext, session: Session, name: string, wanted: GtidSet): Promise<boolean> {
  if (!leavesGaps(scope, session.dialect)) return false;
  const missing = wanted.subtract(await executedOn(session));
  const status = await linkStatus(session);
  const passed = status === null || status.appliedFile === '' ? null : { file: status.appliedFile, position: status.appliedPosition };
  const replica = { dialect: session.dialect, ask: async (statement: Statement) => { await step.sql(session, name, statement); return []; } };
  const filled = await onSource((source) => fillFilterGaps(asked(source), replica, { scope, missing, from: null, passed }));
  if (filled.isEmpty()) return false;
  step.log('info', 'sync.log.gapsFilled', { server: name, gtids: filled.shorten() });
  return true;
}
