// Both sides of a pair, opened at one position.
import * as v from 'valibot';
import { parseGtidSet, type GtidSet } from '../../shared/domain/gtid/set';
import type { Scope } from '../../shared/domain/scope/scope';
import type { VerificationMethod } from '../../shared/domain/verification/result';
import { errorOf, failure, type Failure } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import { copyJob, type CopyContext } from '../copy/job';
import { readerSession, type CopyJob } from '../copy/snapshot/sessions';
import { openSnapshot, type HeldForMoment, type Snapshot } from '../copy/snapshot/snapshot';
import { openAll } from '../mysql/session/open-all';
import type { Session } from '../mysql/types';
import { ensureFilters, startApplier } from '../replication/applier';
import { applyTo } from '../replication/apply-to';
import { executedOn } from '../replication/gtid';
import { followed, onSource, onStandby, standbyOf, type LinkContext } from '../replication/link-context';
import { linkStatus } from '../replication/status';
import { goesOnWithoutEnd } from '../replication/threads';
import { memoryKey } from '../tasks/memory';
import type { StepContext } from '../tasks/types';
import type { SessionPair } from './sides';

/** A pair of servers, and where the tables of its comparison are told. */
export type ComparedPair = LinkContext & Pick<CopyContext, 'objects'> & {
  /** What the link carries, where less than that is compared. */
  readonly carries?: Scope;
};

/** The link with all that it carries: what is passed over, filled and filtered on the standby is judged by that, whatever part is compared. */
function wholeLink(pair: ComparedPair): ComparedPair {
  return pair.carries === undefined ? pair : { ...pair, spec: { ...pair.spec, scope: pair.carries } };
}

/** The applier was stopped by this task and not started again. On the disk before it is stopped: who dies meanwhile leaves it so. */
const applierHeld = memoryKey('applierHeld', v.boolean());

/** Sessions of both sides that see one position. */
export interface OpenPosition {
  readonly pairs: readonly SessionPair[];
  /** Sessions that see the present, for catalogues and load. */
  readonly source: Session;
  readonly standby: Session;
  readonly gtidSet: string;
  /** What the standby has beyond it, none of which the source has; '' where nothing. */
  readonly errant: string;
  readonly method: VerificationMethod;
  /** The longest that the standby's applier did not go on by itself. */
  readonly pauseMs: number;
  /** After a statement: the tables that it read are free for DDL again; the sessions keep their moment. */
  release(pair: SessionPair): Promise<void>;
  /** Nothing is changed by DDL on the source until this; catalogues are read before. */
  definitionsRead(): Promise<void>;
  close(): Promise<void>;
}

/** Pairs of sessions that read at the same time. */
const parallel = 4;
/** How often a position is missed before it is given up. */
const attempts = 3;
/** The applier is held for no longer than this to get to a position. Milliseconds. */
const pauseLimitMs = 10_000;
/** A text of a row is shorter than this: rows have 65,535 bytes beside their long values. */
const leastPacket = 1024 * 1024;
const savepoint = 'antipode_read';
/** Keys are dates too that no calendar has: a row is found by them only where a session takes them for dates. */
export const readingMode = "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'";

/**
 * Opens snapshots of both sides. Where the standby follows: the applier stops, snapshots of the source are taken at a position G, the applier goes on
 * exactly to G, snapshots of the standby are taken there, and it goes on. Only then rows are read, so that it stands still no longer than that.
 * Where it does not follow, both are opened as they stand, and neither may take anything in meanwhile.
 *
 * Nothing is written on either side. The caller closes it.
 *
 * @throws Failure `position-not-reached` where the standby does not get there in the time for which its applier may be held, `step-failed` where the
 * position is missed again and again
 */
export async function openPosition(pair: ComparedPair, step: StepContext, whileHeld?: WhileHeld): Promise<OpenPosition> {
  await startHeld(pair, step);
  const follows = await onStandby(pair, step, async (session) => {
    const status = await linkStatus(session);
    if (status?.applierError !== undefined && status.applierError !== '') {
      throw failure('step-failed', { step: 'verify', server: standbyOf(pair).name }, { server: standbyOf(pair).name, detail: status.applierError });
    }
    return status?.applierRuns === true;
  });
  if (!follows && whileHeld !== undefined) throw failure('not-a-standby', { name: standbyOf(pair).name }, { server: standbyOf(pair).name });
  for (let attempt = 1; ; attempt++) {
    if (follows) await caughtUp(pair, step);
    const opened = follows ? await openFollowing(pair, step, whileHeld) : await openStanding(pair, step);
    if (typeof opened !== 'string') return opened;
    if (attempt === attempts) throw missed(opened, standbyOf(pair).name);
  }
}

/** Why a position was not met: something came to the standby that is beyond it, or it did not get there as fast as its applier may be held. */
type Missed = 'beyond' | 'late';

function missed(why: Missed, server: string): Failure {
  if (why === 'late') return failure('position-not-reached', { name: server, seconds: pauseLimitMs / 1000 }, { server });
  return failure('step-failed', { step: 'verify', server }, { server, detail: 'UNTIL SQL_AFTER_GTIDS' });
}

/**
 * An applier that this task had stopped, or let go on to an end, and has not started again: it runs as before, unless the user has stopped the link
 * meanwhile. One that it did not stop, whoever did, is left.
 */
export async function startHeld(pair: ComparedPair, step: StepContext): Promise<void> {
  if (step.recall(applierHeld) !== true) return;
  const isLinked = await onStandby(pair, step, async (session) => (await linkStatus(session)) !== null);
  if (isLinked && pair.isHeld?.() !== true && !(await onStandby(pair, step, goesOnWithoutEnd))) await startApplier(wholeLink(pair), step);
  await step.remember(applierHeld, false);
}

/** Before the applier is held: what is far behind would be held for as long as it takes to catch up. */
async function caughtUp(pair: ComparedPair, step: StepContext): Promise<void> {
  const wanted = await onSource(pair, step, executedOn);
  const arrived = (): Promise<boolean> => onStandby(pair, step, async (session) => wanted.isSubsetOf(await executedOn(session)));
  if (!(await arrived())) await step.waitFor(message('sync.step.waitCatchUp', { server: standbyOf(pair).name }), arrived, { everyMs: 200 });
}

/** The standby's applier: stopped for the moment at which both sides are caught, and running while that is waited for. */
export class HeldApplier implements HeldForMoment {
  /** When it was stopped; null: it runs. */
  #since: number | null = null;
  /** The longest that it did not go on by itself, milliseconds. */
  longestMs = 0;

  constructor(private readonly pair: ComparedPair, private readonly step: StepContext) {}

  async hold(): Promise<void> {
    const { pair, step } = this;
    if (this.#since !== null) return;
    await step.remember(applierHeld, true);
    this.#since = performance.now();
    await onStandby(pair, step, (session, name) => step.sql(session, name, session.dialect.stopReplica({ threads: 'applier' })));
  }

  async letGo(): Promise<void> {
    if (this.#since === null) return;
    const isStarted = await restartApplier(wholeLink(this.pair), this.step);
    this.longestMs = Math.max(this.longestMs, performance.now() - this.#since);
    this.#since = null;
    // A step that was ended keeps nothing: its undo, or who goes on with it, looks for itself.
    if (isStarted && !this.step.signal.aborted) await this.step.remember(applierHeld, false);
  }
}

/** Works on the standby while it stands exactly where the snapshot of its source was taken. */
export type WhileHeld = (snapshot: Snapshot) => Promise<void>;

interface Holding {
  readonly job: CopyJob;
  readonly there: readonly Session[];
  readonly applier: HeldApplier;
  readonly whileHeld: WhileHeld | undefined;
}

/** What is open at one moment, before the applier goes on. */
interface Moment {
  readonly snapshot: Snapshot;
  readonly errant: GtidSet;
}

async function openFollowing(pair: ComparedPair, step: StepContext, whileHeld?: WhileHeld): Promise<OpenPosition | Missed> {
  const job = copyJob(pair, step);
  // Every session is there before anything is held.
  const there = await openAll(Array.from({ length: parallel + 1 }, () => () => readerSession(job.target, step.signal)));
  const applier = new HeldApplier(pair, step);
  try {
    const moment = await momentOf(pair, step, { job, there, applier, whileHeld }).finally(() => applier.letGo());
    if (moment !== null) return open({ job, there, ...moment, method: 'position', pauseMs: Math.round(applier.longestMs) });
  } catch (thrown) {
    for (const session of there) session.destroy();
    if (errorOf(thrown).code !== 'step-timeout') throw thrown;
    return 'late';
  }
  for (const session of there) session.destroy();
  return 'beyond';
}

/** Holds the applier and brings both sides to one position; null where the standby went past it. */
async function momentOf(pair: ComparedPair, step: StepContext, { job, there, applier, whileHeld }: Holding): Promise<Moment | null> {
  const snapshot = await openSnapshot(job, parallel, applier);
  try {
    await Promise.all([...snapshot.sessions, ...there].map((session) => session.run(readingMode)));
    const position = parseGtidSet(snapshot.gtidSet);
    await onStandby(pair, step, async (session, name) => {
      const link = wholeLink(pair);
      // The session has not seen a restart: what is in force now is so when the applier goes on.
      await ensureFilters(link, step, session, name);
      await applyTo(followed(link, step), step, session, name, position, 'verify', pauseLimitMs);
    });
    if (whileHeld === undefined) await beginAll(there);
    const beyond = (await onStandby(pair, step, executedOn)).subtract(position);
    // What the standby has of its own does not come from its source: the position is met as far as the source's transactions go.
    const fromSource = beyond.isEmpty() ? beyond : beyond.intersect(await onSource(pair, step, executedOn));
    if (fromSource.isEmpty()) {
      if (whileHeld !== undefined) {
        await whileHeld(snapshot);
        await beginAll(there);
      }
      return { snapshot, errant: beyond };
    }
  } catch (thrown) {
    await snapshot.close();
    throw thrown;
  }
  await snapshot.close();
  return null;
}

/** Both as they stand: nothing may come to the standby while its sessions begin. */
async function openStanding(pair: ComparedPair, step: StepContext): Promise<OpenPosition | Missed> {
  const job = copyJob(pair, step);
  const there = await openAll(Array.from({ length: parallel + 1 }, () => () => readerSession(job.target, step.signal)));
  try {
    const moment = await standingMoment(pair, step, job, there);
    if (moment !== null) return open({ job, there, ...moment, method: 'standing', pauseMs: 0 });
  } catch (thrown) {
    for (const session of there) session.destroy();
    throw thrown;
  }
  for (const session of there) session.destroy();
  return 'beyond';
}

/** null: something came to the standby meanwhile. What is cancelled here leaves no lock on the source. */
async function standingMoment(pair: ComparedPair, step: StepContext, job: CopyJob, there: readonly Session[]): Promise<Moment | null> {
  const snapshot = await openSnapshot(job, parallel);
  try {
    await Promise.all([...snapshot.sessions, ...there].map((session) => session.run(readingMode)));
    const before = await onStandby(pair, step, executedOn);
    await beginAll(there);
    const after = await onStandby(pair, step, executedOn);
    if (before.equals(after)) return { snapshot, errant: after.subtract(await onSource(pair, step, executedOn)) };
  } catch (thrown) {
    await snapshot.close();
    throw thrown;
  }
  await snapshot.close();
  return null;
}

/** The first session sees the present, all others this moment. */
async function beginAll(sessions: readonly Session[]): Promise<void> {
  await Promise.all(sessions.slice(1).map((session) => session.run('START TRANSACTION WITH CONSISTENT SNAPSHOT')));
}

interface Opened extends Moment {
  readonly job: CopyJob;
  readonly there: readonly Session[];
  readonly method: VerificationMethod;
  readonly pauseMs: number;
}

async function open({ job, there, snapshot, errant, method, pauseMs }: Opened): Promise<OpenPosition> {
  const [standby, ...readers] = there;
  const close = async (): Promise<void> => {
    for (const session of there) session.destroy();
    await snapshot.close();
  };
  try {
    if (standby === undefined) throw failure('internal', { detail: 'no session on the standby' });
    for (const [end, session] of [[job.source, snapshot.control], [job.target, standby]] as const) await refuseSmallPackets(end.name, session);
    const pairs = snapshot.sessions.flatMap((source, at) => {
      const reader = readers[at];
      return reader === undefined ? [] : [{ source, standby: reader }];
    });
    await Promise.all(readers.map((session) => session.run(`SAVEPOINT ${savepoint}`)));
    return {
      pairs, source: snapshot.control, standby, gtidSet: snapshot.gtidSet, errant: errant.toLine(), method, pauseMs, close,
      release: async (pair) => void (await Promise.all([snapshot.release(pair.source), pair.standby.run(`ROLLBACK TO SAVEPOINT ${savepoint}`)])),
      definitionsRead: () => snapshot.letChangesGoOn('always'),
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function refuseSmallPackets(server: string, session: Session): Promise<void> {
  const [row] = await session.query<{ bytes: string | number }>('SELECT @@max_allowed_packet AS bytes');
  if (Number(row?.bytes) >= leastPacket) return;
  throw failure('step-failed', { step: 'verify', server }, { server, detail: `max_allowed_packet = ${String(row?.bytes)}` });
}

/**
 * On a session of its own: the step may have been cancelled. An applier that has reached its UNTIL still counts as running for a moment and stops then:
 * it is stopped for certain before it starts without an end. A server that was restarted since has lost its filters, and gets them before. False where
 * the server did not take it.
 */
async function restartApplier(link: LinkContext, step: StepContext): Promise<boolean> {
  const { fleet, spec, isHeld = () => false } = link;
  const unlogged: Pick<StepContext, 'sql'> = { sql: (session, _server, statement, params, options) => session.query(statement, params, options) };
  try {
    await fleet.withSession(spec.standbyId, async (session) => {
      if ((await linkStatus(session)) === null) return;
      await session.run(session.dialect.stopReplica({ threads: 'applier' }));
      await ensureFilters(link, unlogged, session, standbyOf(link).name);
      if (isHeld()) return;
      await session.run(session.dialect.startReplica({ threads: 'applier' }));
      // Held just as it was started: a freeze stands.
      if (isHeld()) await session.run(session.dialect.stopReplica({ threads: 'applier' }));
    });
    return true;
  } catch (thrown) {
    step.log('warning', 'sync.log.applierStays', { detail: thrown instanceof Error ? thrown.message : String(thrown) });
    return false;
  }
}
