import { failure } from '../../../shared/errors/codes';
import { hasErrno } from '../../mysql/errors';
import { limit, sleep } from '../../mysql/time';
import { openAll } from '../../mysql/session/open-all';
import { withoutLiterals } from '../../mysql/statement';
import type { Session, Statement, StatementSession } from '../../mysql/types';
import { readCatalogue, type Catalogue } from '../schema/catalogue';
import { readerSession, rowReader, type ReadJob } from './sessions';
import { flushBlockers } from '../../mysql/status/flush-blockers';
import { lockBlockers } from './lock-blockers';
import { Pump, type FilePump, type RowSession } from '../rows/pump';

/** Several sessions that see the source in one and the same moment, and the transactions that moment holds. */
export interface Snapshot {
  /** Where the sessions live. */
  readonly pump: FilePump;
  readonly sessions: readonly RowSession[];
  /** Holds the lock against DDL; sees the present, in which definitions are those of the moment as long as it holds. */
  readonly control: Session;
  readonly catalogue: Catalogue;
  /** gtid_executed of the source in that moment. */
  readonly gtidSet: string;
  /** For how long nobody could write on the source, milliseconds; 0: writers were not held up at all. */
  readonly lockedMs: number;
  /** Lets go of the tables that a session has read, where no lock keeps others from changing them: a change would wait, and everybody else behind it. */
  release(session: Pick<StatementSession, 'run'>): Promise<void>;
  /**
   * Gives the lock against DDL back, where it is held; called once all definitions were read. From then on it is as before 8.0: see {@link openSnapshot}.
   * `for-events`: only where the source has events, for its event scheduler waits at the same lock (seen on 8.0.31 and 9.7: no event of the server begins).
   */
  letChangesGoOn(when: 'always' | 'for-events'): Promise<void>;
  /** Whether the lock against DDL is held. */
  holdsChanges(): boolean;
  /** Every session of it still answers: it sees what it saw. */
  isAlive(): Promise<boolean>;
  close(): Promise<void>;
}

/** Something that stands still for the moment of a snapshot: no longer than it takes, and not while others are waited for. */
export interface HeldForMoment {
  /** Called when all sessions are there, just before the moment, and again after each `letGo`. Where it is held already it stays so. */
  hold(): Promise<void>;
  /** The moment does not come yet. */
  letGo(): Promise<void>;
}

const nothingHeld: HeldForMoment = { hold: () => Promise.resolve(), letGo: () => Promise.resolve() };

/** Writers wait behind a lock that waits: each attempt is short. */
const lockWaitSeconds = 3;
const attempts = 10;
/** Nobody waits while we wait for readings to end: that may take its time. */
const readingsLimitMs = 600_000;
/** From the lock until it is given back; over it the sessions are dropped, which frees the source. */
const lockedLimitMs = 10_000;
/** On a busy source something is committed while the snapshots open; then the lock is cheaper than more attempts. */
const freeAttempts = 3;

/**
 * Opens `count` consistent snapshots on the source at one GTID position. From 8.0 without a lock where nothing is
 * committed while they open, which performance_schema.log_status proves; else writes are held back for some milliseconds
 * (FLUSH TABLES WITH READ LOCK). DDL waits until `close` or `letChangesGoOn` (LOCK INSTANCE FOR BACKUP, 8.0) — else, a table that is changed
 * meanwhile makes the copy fail (error 1412) instead of mixing two forms.
 *
 * @throws Failure `lock-wait-timeout` where the lock is not to be had
 */
export async function openSnapshot(job: ReadJob, count: number, held: HeldForMoment = nothingHeld): Promise<Snapshot> {
  const { step, source } = job;
  const pump = Pump.start();
  let control: Session | null = null;
  // Closing ends the transactions and gives the locks back, whatever state they are in.
  const close = async (): Promise<void> => {
    await Promise.all([pump.close(), control?.close().catch(() => control?.destroy())]);
  };
  try {
    const session = await readerSession(source, step.signal);
    control = session;
    const { dialect } = session;
    const sessions = await openAll(Array.from({ length: count }, () => () => rowReader(pump, source, step.signal)));
    await step.sql(session, source.name, dialect.setLockWaitTimeout(lockWaitSeconds));
    if (dialect.features.hasBackupLock) {
      await takeLock(job, session, sessions, dialect.lockForBackup());
      step.log('info', 'sync.log.ddlWaits', { server: source.name });
      await held.hold();
    }
    const free = dialect.features.hasBackupLock ? await openWithoutLock(job, session, sessions) : null;
    const { gtidSet, lockedMs, early } = free ?? (await openUnderLock(job, session, sessions, held));
    await Promise.all(sessions.map((one) => one.run(`SAVEPOINT ${savepoint}`)));
    let isLocked: boolean = dialect.features.hasBackupLock;
    step.log('info', 'sync.log.snapshot', { ms: lockedMs, gtids: shortened(gtidSet) });
    return {
      pump, sessions, control: session, catalogue: early ?? (await readCatalogue(session, job)), gtidSet, lockedMs,
      release: async (one) => {
        if (!isLocked) await one.run(`ROLLBACK TO SAVEPOINT ${savepoint}`);
      },
      holdsChanges: () => isLocked,
      letChangesGoOn: async (when) => {
        if (!isLocked || (when === 'for-events' && !(await hasEvents(session)))) return;
        await step.sql(session, source.name, dialect.unlockForBackup());
        isLocked = false;
        // What they have read by now would keep a change waiting, and everybody else behind it.
        await Promise.all(sessions.map((one) => one.run(`ROLLBACK TO SAVEPOINT ${savepoint}`)));
        if (when === 'for-events') step.log('info', 'sync.log.ddlGoesOn', { server: source.name });
      },
      isAlive: () => isAlive([session, ...sessions]), close,
    };
  } catch (thrown) {
    control?.destroy();
    await pump.close();
    throw thrown;
  }
}

/** A session that says nothing for so long is behind a network that is gone. */
const aliveLimitMs = 10_000;

async function isAlive(sessions: readonly StatementSession[]): Promise<boolean> {
  const all = Promise.all(sessions.map((session) => session.query('DO 0'))).then(() => true, () => false);
  return limit(all, aliveLimitMs, () => false);
}

interface Moment {
  readonly gtidSet: string;
  readonly lockedMs: number;
  /** Names that had to be read under the lock. */
  readonly early: Catalogue | null;
}

/** Going back to it keeps the snapshot. Manual: "SAVEPOINT", and what mysqldump does. */
const savepoint = 'antipode';

/** Whether a server runs events by itself, and none that changes tables: such a one would have the copy begin anew. */
async function hasEvents(session: StatementSession): Promise<boolean> {
  const [row] = await session.query<{ found: string | number }>(
    `SELECT @@GLOBAL.event_scheduler = 'ON' AND COUNT(*) > 0
       AND COALESCE(SUM(LOWER(EVENT_DEFINITION) REGEXP '(^|[^a-z_])(alter|create|drop|rename|truncate|optimize)[^a-z_]'), 0) = 0 AS found
     FROM information_schema.EVENTS WHERE STATUS = 'ENABLED'`,
  );
  return Number(row?.found ?? 0) === 1;
}

const begin = 'START TRANSACTION WITH CONSISTENT SNAPSHOT';

/**
 * Begins all snapshots between two readings of log_status. Reading it waits for commits under way and holds back new
 * ones for that instant, so that equal positions before and after prove that nothing was committed between. Null where
 * that does not come about, or the login may not read it (BACKUP_ADMIN). Manual: "The log_status Table".
 */
async function openWithoutLock({ step, source }: ReadJob, control: Session, sessions: readonly RowSession[]): Promise<Moment | null> {
  const position = async (): Promise<{ readonly text: string; readonly gtidSet: string }> => {
    const [row] = await step.sql<{ text: string; gtids: string }>(
      control,
      source.name,
      "SELECT CONCAT(LOCAL->>'$.binary_log_file', ':', LOCAL->>'$.binary_log_position') AS text, LOCAL->>'$.gtid_executed' AS gtids " +
        "FROM performance_schema.log_status",
    );
    return { text: row?.text ?? '', gtidSet: (row?.gtids ?? '').replace(/\s+/g, '') };
  };
  try {
    for (let attempt = 0; attempt < freeAttempts; attempt++) {
      const before = await position();
      await Promise.all(sessions.map((session) => step.sql(session, source.name, begin)));
      const after = await position();
      if (before.text !== '' && before.text === after.text && before.gtidSet === after.gtidSet) return { gtidSet: after.gtidSet, lockedMs: 0, early: null };
    }
  } catch (thrown) {
    // 1227, 1142: not allowed to this login. 1146: a server without performance_schema.
    if (!hasErrno(thrown, 1227, 1142, 1146)) throw thrown;
  }
  return null;
}

async function openUnderLock(job: ReadJob, control: Session, sessions: readonly RowSession[], held: HeldForMoment): Promise<Moment> {
  const { step, source } = job;
  await waitForReadings(job, control, sessions, held);
  await takeLock(job, control, sessions, control.dialect.lockForRead(), held);
  const lockedAt = performance.now();
  const tooLong = setTimeout(() => [control, ...sessions].forEach((session) => session.destroy()), lockedLimitMs);
  try {
    await Promise.all(sessions.map((session) => step.sql(session, source.name, begin)));
    const [row] = await step.sql<{ gtids: string }>(control, source.name, 'SELECT @@GLOBAL.gtid_executed AS gtids');
    // Without a lock against DDL the names must be read now: later they could be of another moment.
    const early = control.dialect.features.hasBackupLock ? null : await readCatalogue(control, job);
    await step.sql(control, source.name, control.dialect.unlock());
    return { gtidSet: (row?.gtids ?? '').replace(/\s+/g, ''), lockedMs: Math.round(performance.now() - lockedAt), early };
  } finally {
    clearTimeout(tooLong);
  }
}

/** Waits until no statement is under way that the read lock would wait for, and with it whoever reads the same tables. */
async function waitForReadings({ step, source }: ReadJob, control: Session, sessions: readonly RowSession[], held: HeldForMoment): Promise<void> {
  const ours = sessions.map(({ connectionId }) => connectionId);
  const deadline = performance.now() + readingsLimitMs;
  const told = new Set<number>();
  for (;;) {
    const others = await flushBlockers((sql, params) => control.query(sql, params), lockWaitSeconds, ours);
    if (others.length === 0) return;
    await held.letGo();
    const named = others.map(({ id, user, host, seconds, statement }) => ({ id, who: `${user}@${host}`, seconds, statement: withoutLiterals(statement) }));
    if (told.size === 0) step.log('warning', 'sync.log.readLockWaits', { server: source.name });
    for (const one of named) if (!told.has(one.id)) step.log('warning', 'sync.log.inTheWay', { server: source.name, ...one, id: String(one.id) });
    for (const { id } of named) told.add(id);
    if (performance.now() > deadline) {
      const detail = named.map(({ id, who, seconds, statement }) => `${id} ${who} ${seconds} s: ${statement}`).join('; ');
      throw failure('lock-wait-timeout', { server: source.name }, { server: source.name, detail });
    }
    await sleep(1000, step.signal);
  }
}

/** Takes a lock on the whole source, each attempt short; who is in the way is named. */
async function takeLock(
  { step, source }: ReadJob, control: Session, sessions: readonly RowSession[], statement: string | Statement, held: HeldForMoment = nothingHeld,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await held.hold();
    try {
      await step.sql(control, source.name, statement);
      return;
    } catch (thrown) {
      // 1205: somebody is at work. The writers that piled up behind us go on; then once more.
      if (!hasErrno(thrown, 1205)) throw thrown;
      await held.letGo();
      const others = await lockBlockers(control, lockWaitSeconds, sessions.map(({ connectionId }) => connectionId));
      step.log('warning', 'sync.log.lockBusy', { seconds: lockWaitSeconds, attempt });
      for (const { id, who, seconds, statement: text } of others) step.log(
        'warning',
        'sync.log.inTheWay',
        { server: source.name, id, who, seconds, statement: text === '' ? '–' : text },
      );
      const detail = others.map(({ id, who, seconds, statement: text }) => `${id} ${who} ${seconds} s: ${text}`).join('; ');
      if (attempt === attempts) throw failure(
        'lock-wait-timeout',
        { server: source.name },
        { server: source.name, cause: thrown, ...(detail === '' ? {} : { detail }) },
      );
      await sleep(1000, step.signal);
    }
  }
}

function shortened(gtids: string): string {
  return gtids.length <= 200 ? gtids : `${gtids.slice(0, 200)}…`;
}
