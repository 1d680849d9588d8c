import { curableVariables } from '../../../shared/domain/promotion/cure';
import { barsOf, obstaclesOf, type OpeningReading, type Quotas, type TrialOutcome } from '../../../shared/domain/promotion/opening';
import { ownSchema } from '../../../shared/domain/scope/scope';
import type { Blocker } from '../../../shared/domain/promotion/promotion';
import { errorOf, failure } from '../../../shared/errors/codes';
import type { Dialect } from '../../mysql/dialect/dialect';
import { standingCommits } from '../../mysql/status/commit-stalls';
import { hasErrno } from '../../mysql/errors';
import type { Statement } from '../../mysql/types';
import { clientSessions } from '../../replication/client-sessions';
import type { Server, ServerSessions } from '../../replication/servers';
import { readLocks } from '../plan/blockers';

/** What a promotion opens on the standby: its lock, and the sessions `control`, `wait`, `trial`, `events`. */
const NEEDED_SESSIONS = 5;
/** Seconds that the trial waits behind a lock. */
const TRIAL_WAIT_SECONDS = 1;
const TRIAL_LIMIT_MS = 5000;

const READ_VARIABLES = [...curableVariables, 'innodb_read_only', 'innodb_force_recovery', 'max_connections', 'max_user_connections', 'read_only'];
const VARIABLES = `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${READ_VARIABLES.map((name) => `'${name}'`).join(', ')})`;
const PERSISTED = 'SELECT VARIABLE_NAME AS Variable_name, VARIABLE_VALUE AS Value FROM performance_schema.persisted_variables';
const QUOTAS = `SELECT max_questions AS queries, max_updates AS updates, max_connections AS connections, max_user_connections AS atOnce
  FROM mysql.user WHERE CONCAT(User, '@', Host) = CURRENT_USER()`;
const CONNECTED = "SHOW GLOBAL STATUS WHERE Variable_name = 'Threads_connected'";

/**
 * Reading for update asks for the global lock as a write does, before the server looks for the table and before it says that it
 * is read-only: refused at once means that no lock is in the way. Nothing is written whatever the server is.
 */
const LOCK_TRIAL = `SELECT token FROM ${ownSchema}.probe WHERE id = 0 FOR UPDATE`;
/** A row that no probe writes, so that it waits behind no row of the applier's. */
const WRITE_TRIAL = `INSERT INTO ${ownSchema}.probe (id, token, at_utc) VALUES (0, 'trial', UTC_TIMESTAMP(6))`;

const ROLLBACK = 'ROLLBACK';

/** The statements of the trial, in order; those that only look are left out of what a plan shows. */
export function openingTrial(dialect: Dialect): ReadonlyArray<string | Statement> {
  const wait = dialect.setLockWaitTimeout(TRIAL_WAIT_SECONDS);
  // Before 5.7.8 an administrator writes past read_only: there the write itself is tried.
  return dialect.features.hasSuperReadOnly ? [wait, LOCK_TRIAL] : [wait, 'SET SESSION sql_log_bin = 0', 'START TRANSACTION', WRITE_TRIAL, ROLLBACK];
}

/**
 * Reads and tries what would keep a server from taking writes once it is opened, on a session of its own, which has the server's
 * settings of now. Leaves nothing behind: what is written is not logged and rolled back.
 */
export async function readOpening(sessions: ServerSessions, server: Server, clients: number | null): Promise<OpeningReading> {
  const { features } = await server.dialect();
  try {
    const [variables, persisted, status, quotas, waits, locks] = [
      await server.sql<Named>('trial', VARIABLES),
      features.hasSetPersist ? await optional(server.sql<Named>('trial', PERSISTED)) : [],
      await server.sql<Named>('trial', CONNECTED),
      await optional(server.sql<QuotaRow>('trial', QUOTAS)),
      await standingCommits((sql) => server.sql('trial', sql)),
      await readLocks(await server.reader()),
    ];
    const trial = await tryOpening(server, valuesOf(variables).get('read_only') === 'ON');
    return {
      instanceId: server.id,
      variables: valuesOf(variables),
      persisted: valuesOf(persisted),
      connected: status[0] === undefined ? null : Number(status[0].Value),
      needed: NEEDED_SESSIONS,
      quotas: quotasOf(quotas[0], Number(valuesOf(variables).get('max_user_connections') ?? 0)),
      clients,
      locks,
      commitStalls: waits.map((row) => blockerOf(row)),
      trial,
      idle: trial.kind === 'waited' ? await idleSessions(sessions, server) : [],
    };
  } finally {
    // With the session go what was set on it and what may still be open.
    await sessions.drop(server.id, 'trial');
  }
}

/**
 * The trial within a run: nothing has been done to a client yet, and what is in the way now would leave nobody able to write.
 *
 * @throws Failure `opening-barred` with what was found: settings with their values, sessions with who, from where and since when
 */
export async function refuseBarred(sessions: ServerSessions, server: Server): Promise<void> {
  const bars = barsOf(obstaclesOf(await readOpening(sessions, server, null)));
  if (bars !== '') throw failure('opening-barred', { server: server.name, found: bars }, { server: server.name });
}

/** `isReadOnly`: by its own settings, which were read a moment ago. */
async function tryOpening(server: Server, isReadOnly: boolean): Promise<TrialOutcome> {
  const statements = openingTrial(await server.dialect());
  try {
    for (const statement of statements) if (statement !== ROLLBACK) await server.sql('trial', statement, [], { timeoutMs: TRIAL_LIMIT_MS });
    return { kind: 'passed' };
  } catch (thrown) {
    const { code, detail } = errorOf(thrown);
    // Refused for being read-only (1290, 1836), or for want of the table: both are looked at after the lock.
    if ((isReadOnly && hasErrno(thrown, 1290, 1836)) || hasErrno(thrown, 1049, 1146)) return { kind: 'passed' };
    if (code === 'lock-wait-timeout' || code === 'query-timeout') return { kind: 'waited' };
    if (code === 'privilege-missing') return { kind: 'not-tried' };
    if (code === 'query-failed' || code === 'disk-full' || code === 'read-only-server') return { kind: 'refused', text: detail ?? code };
    throw thrown;
  } finally {
    if (statements.includes(ROLLBACK)) await server.sql('trial', ROLLBACK);
  }
}

interface Named {
  readonly Variable_name: string;
  readonly Value: string;
}

interface QuotaRow {
  readonly queries: number | string;
  readonly updates: number | string;
  readonly connections: number | string;
  readonly atOnce: number | string;
}

/** `everybody`: what the server grants each account that has no number of its own; 0: without a limit. */
function quotasOf(row: QuotaRow | undefined, everybody: number): Quotas | null {
  if (row === undefined) return null;
  const atOnce = Number(row.atOnce) === 0 ? everybody : Number(row.atOnce);
  return {
    queriesPerHour: Number(row.queries), updatesPerHour: Number(row.updates), connectionsPerHour: Number(row.connections), connectionsAtOnce: atOnce,
  };
}

interface SessionRow {
  readonly id: number | string;
  readonly user: string;
  readonly host: string | null;
  readonly seconds: number | string | null;
  readonly statement: string | null;
}

function valuesOf(rows: readonly Named[]): ReadonlyMap<string, string> {
  return new Map(rows.map(({ Variable_name: name, Value }) => [name.toLowerCase(), Value]));
}

function blockerOf({ id, user, host, seconds, statement }: SessionRow): Blocker {
  return { kind: 'client-session', connectionId: Number(id), user, host: host ?? '', seconds: Number(seconds ?? 0), statement: statement ?? '' };
}

/** Longest idle first. */
async function idleSessions(sessions: ServerSessions, server: Server): Promise<readonly Blocker[]> {
  const clients = await clientSessions((sql, params) => server.sql('control', sql, params), await sessions.connectionIds(server.id));
  return clients
    .filter(({ command }) => command === 'Sleep')
    .sort((a, b) => b.seconds - a.seconds)
    .map(({ id, user, host, seconds, statement }) => blockerOf({ id, user, host, seconds, statement }));
}

/** Rows of a table that this login may not read, or that is not there, are none. */
async function optional<Row>(rows: Promise<Row[]>): Promise<Row[]> {
  try {
    return await rows;
  } catch (thrown) {
    if (['privilege-missing', 'query-failed'].includes(errorOf(thrown).code)) return [];
    throw thrown;
  }
}
