/** A statement that is at work on a table. Texts are the server's: untrusted. */
export interface RunningStatement {
  readonly id: number;
  readonly user: string;
  readonly host: string;
  readonly seconds: number;
  readonly statement: string;
}

interface Row {
  readonly id: number | string;
  readonly user: string | null;
  readonly host: string | null;
  readonly seconds: number | string | null;
  readonly statement: string | null;
}

/** Runs a reading and gives its rows; a step of a task journals it. */
type Ask = <R>(sql: string, params?: readonly unknown[]) => Promise<R[]>;

const TABLES_IN_USE = 'SHOW OPEN TABLES WHERE In_use > 0';
/** Longest first. Who waits for the same lock, and the appliers of replication, are not what it waits for. */
const RUNNING =
  'SELECT ID AS id, USER AS user, HOST AS host, TIME AS seconds, LEFT(INFO, 2000) AS statement FROM information_schema.PROCESSLIST ' +
  "WHERE COMMAND IN ('Query', 'Execute') AND USER NOT IN ('system user', 'event_scheduler') " +
  "AND COALESCE(STATE, '') NOT IN ('Waiting for global read lock', 'Waiting for commit lock', 'Waiting for table flush') " +
  'AND TIME >= ? AND ID NOT IN (?) AND ID <> CONNECTION_ID() ORDER BY TIME DESC LIMIT 3';

/**
 * Statements that FLUSH TABLES WITH READ LOCK would wait for, reading ones too, because they have run for `seconds` already. Whoever
 * opens a table that it waits for, waits as well, and goes on waiting when the lock is given up, until that statement ends ("Waiting
 * for table flush"; seen on 5.6, 5.7, 8.0 and 9.7): so it is looked for before that lock is asked for. `ours`: connections to leave out.
 */
export async function flushBlockers(ask: Ask, seconds: number, ours: readonly number[]): Promise<readonly RunningStatement[]> {
  const rows = await ask<Row>(RUNNING, [seconds, [0, ...ours]]);
  // A statement without a table (GET_LOCK, SLEEP) holds nothing up.
  if (rows.length === 0 || (await ask(TABLES_IN_USE)).length === 0) return [];
  return rows.map(({ id, user, host, seconds: since, statement }) => ({
    id: Number(id), user: user ?? '?', host: host ?? '?', seconds: Number(since ?? 0), statement: statement ?? '',
  }));
}
