import { committingStates } from '../../../shared/domain/fleet/commit-state';
import type { WriteStalls, WriteWait } from '../../../shared/domain/fleet/facts';
import { atLeast } from '../../../shared/domain/fleet/version';
import { standingCommits } from './commit-stalls';
import { numberOf, textOf, type Reading } from '../reading';

/** The stages in which a write waits for somebody else, in the words of 5.6 to 9.x. */
const causes: Readonly<Record<string, WriteWait['cause']>> = {
  'Waiting for global read lock': 'read-lock',
  'Waiting for commit lock': 'read-lock',
  'Waiting for semi-sync ACK from slave': 'semi-sync',
  'Waiting for semi-sync ACK from replica': 'semi-sync',
};

const listOf = (states: readonly string[]): string => states.map((state) => `'${state}'`).join(', ');
/** Sessions that wait, and those that may stand in their commit: these are looked at closely where there are any. One look at the list tells both. */
const WAITING =
  'SELECT STATE AS state, COUNT(*) AS sessions, MAX(TIME) AS seconds, LEFT(MAX(INFO), 200) AS statement FROM information_schema.PROCESSLIST ' +
  `WHERE ID <> CONNECTION_ID() AND (STATE IN (${listOf(Object.keys(causes))}) AND COMMAND <> 'Sleep' AND USER <> 'system user' ` +
  `OR STATE IN (${listOf(committingStates)}) AND TIME >= 1) GROUP BY STATE`;
/** EE_DISK_FULL_WITH_RETRY_MSG, which a server that waits for space writes every ten minutes. 8.0.22+. */
const DISK_IS_FULL =
  "SELECT 1 AS found FROM performance_schema.error_log WHERE ERROR_CODE = 'MY-000035' AND LOGGED > NOW(6) - INTERVAL 660 SECOND LIMIT 1";
/** Who holds a global read lock: 5.7+, and in 5.7 only where the instrument is on. */
const HOLDERS =
  "SELECT DISTINCT CONCAT('#', t.PROCESSLIST_ID, ' ', t.PROCESSLIST_USER, '@', t.PROCESSLIST_HOST, ', ', t.PROCESSLIST_TIME, ' s') AS who " +
  'FROM performance_schema.metadata_locks m JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID ' +
  "WHERE m.OBJECT_TYPE = 'GLOBAL' AND m.LOCK_TYPE = 'SHARED' AND m.LOCK_DURATION = 'EXPLICIT' AND m.LOCK_STATUS = 'GRANTED' " +
  'AND t.PROCESSLIST_ID IS NOT NULL LIMIT 5';

/**
 * What keeps the writes of a server up. Sessions are asked for only where some run beside this one, so that an idle server is asked
 * nothing more. `settings`: variables by name, as far as the server has them. null where the sessions may not be seen, which is noted.
 */
export async function readWriteStalls(
  reading: Reading, settings: Readonly<Record<string, boolean | null>>, threadsRunning: number | null,
): Promise<WriteStalls | null> {
  const on = Object.entries(settings).filter(([, value]) => value === true).map(([name]) => `${name} = ON`);
  if (threadsRunning !== null && threadsRunning < 2) return { settings: on, waits: [], holders: [] };
  const rows = await reading.tryRows('writeStalls', WAITING);
  if (rows === null) return null;
  const waits = rows.flatMap((row): WriteWait[] => {
    const cause = causes[textOf(row['state']) ?? ''];
    const [sessions, seconds] = [numberOf(row['sessions']) ?? 0, numberOf(row['seconds']) ?? 0];
    return cause === undefined ? [] : [{ cause, sessions, seconds, statement: textOf(row['statement']) ?? '' }];
  });
  const commits = rows.some((row) => causes[textOf(row['state']) ?? ''] === undefined) ? await commitWait(reading) : null;
  // What waits for a lock then waits behind a change that waits for those commits.
  if (commits !== null) return { settings: on, waits: [commits], holders: [] };
  const { features } = reading.session.dialect;
  const waitsForLock = waits.some(({ cause }) => cause === 'read-lock') && features.hasPerformanceSchemaReplication;
  const holders = waitsForLock ? await reading.tryRows('writeStalls', HOLDERS) : [];
  return { settings: on, waits: mergedByCause(waits), holders: (holders ?? []).map((row) => textOf(row['who']) ?? '') };
}

/** Commits that stand still; that the disk is full the server itself tells from 8.0.22 on. null: none does, or it may not be seen. */
async function commitWait(reading: Reading): Promise<WriteWait | null> {
  try {
    const standing = (await standingCommits((sql) => reading.rows(sql))).filter(({ user }) => user !== 'system user');
    const longest = [...standing].sort((a, b) => b.seconds - a.seconds)[0];
    if (longest === undefined) return null;
    const tells = atLeast(reading.session.version, 8, 0, 22);
    const isFull = tells && ((await reading.tryRows('writeStalls', DISK_IS_FULL)) ?? []).length > 0;
    return { cause: isFull ? 'disk' : 'commit', sessions: standing.length, seconds: longest.seconds, statement: longest.statement };
  } catch (thrown) {
    reading.refused('writeStalls', thrown);
    return null;
  }
}

/** A read lock is waited for in two stages: at a statement, and at a commit. */
function mergedByCause(waits: readonly WriteWait[]): readonly WriteWait[] {
  const merged = new Map<WriteWait['cause'], WriteWait>();
  for (const wait of waits) {
    const known = merged.get(wait.cause);
    const longer = known === undefined || wait.seconds > known.seconds ? wait : known;
    merged.set(wait.cause, { ...longer, sessions: wait.sessions + (known?.sessions ?? 0) });
  }
  return [...merged.values()];
}
