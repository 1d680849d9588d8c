import type { DigestReading, HistoryRow } from '../../shared/domain/checks';
import { atLeast } from '../../shared/domain/fleet/version';
import type { Session } from '../mysql/types';
import { hasErrno } from '../mysql/errors';
import { number, objectsLimitMs, read, text, textOrNull, type Row } from './rows';

const digestLimit = 5_000;

const writes = "DIGEST_TEXT REGEXP '^(INSERT|UPDATE|DELETE|REPLACE)'";

// 5.7 ends a digest with a space, which every reading here takes off.

/** Rows of performance_schema; null where the login may not read it (ER_TABLEACCESS_DENIED_ERROR). */
async function ask(session: Session, sql: string): Promise<Row[] | null> {
  try {
    return await read(session, sql, [], objectsLimitMs);
  } catch (thrown) {
    if (hasErrno(thrown, 1142)) return null;
    throw thrown;
  }
}

async function isCollecting(session: Session): Promise<boolean> {
  const [setting] = await read(session, "SHOW GLOBAL VARIABLES WHERE Variable_name = 'performance_schema'");
  return text(setting, 'Value') === 'ON';
}

export async function readDigests(session: Session): Promise<DigestReading> {
  if (!(await isCollecting(session))) return { available: false, statements: [] };
  const rows = await ask(
    session,
    `SELECT SCHEMA_NAME AS db, RTRIM(DIGEST_TEXT) AS digest, COUNT_STAR AS count FROM performance_schema.events_statements_summary_by_digest
     WHERE ${writes} ORDER BY LAST_SEEN DESC LIMIT ${String(digestLimit)}`,
  );
  if (rows === null) return { available: false, statements: [] };
  return { available: true, statements: rows.map((row) => ({ database: textOrNull(row, 'db'), text: text(row, 'digest'), count: number(row, 'count') })) };
}

/** What has to be on for the histories to tell which statements ran in one transaction. */
const collectedSql = `SELECT
  (SELECT COUNT(*) FROM performance_schema.setup_consumers WHERE ENABLED = 'YES'
    AND NAME IN ('global_instrumentation', 'thread_instrumentation', 'statements_digest', 'events_transactions_current')) = 4
  AND EXISTS (SELECT * FROM performance_schema.setup_consumers WHERE ENABLED = 'YES'
    AND NAME IN ('events_statements_history', 'events_statements_history_long'))
  AND EXISTS (SELECT * FROM performance_schema.setup_instruments WHERE ENABLED = 'YES' AND NAME = 'transaction') AS collected`;

/** The last events of every thread that is still there; with `_long`, where it is on, those of threads that are gone too. */
const historySql = [
  ...['events_statements_history', 'events_statements_history_long'].map(
    (table) => `SELECT 'statement' AS kind, THREAD_ID AS thread, EVENT_ID AS event, NESTING_EVENT_ID AS nestedIn, NESTING_EVENT_TYPE AS nestedKind,
      CURRENT_SCHEMA AS db, RTRIM(DIGEST_TEXT) AS digest FROM performance_schema.${table} WHERE ${writes}`,
  ),
  ...['events_transactions_current', 'events_transactions_history', 'events_transactions_history_long'].map(
    (table) => `SELECT 'transaction', THREAD_ID, EVENT_ID, NESTING_EVENT_ID, NESTING_EVENT_TYPE, NULL, NULL
      FROM performance_schema.${table} WHERE NESTING_EVENT_TYPE = 'STATEMENT'`,
  ),
].join(' UNION ');

export async function readHistory(session: Session): Promise<readonly HistoryRow[] | null> {
  if (!atLeast(session.version, 5, 7, 3) || !(await isCollecting(session))) return null;
  const [setting] = (await ask(session, collectedSql)) ?? [];
  if (setting === undefined || number(setting, 'collected') !== 1) return null;
  const rows = await ask(session, historySql);
  return rows?.map(historyRow) ?? null;
}

function historyRow(row: Row): HistoryRow {
  const kind = text(row, 'kind') === 'statement' ? 'statement' : 'transaction';
  const nested = text(row, 'nestedKind').toLowerCase();
  return {
    kind,
    thread: text(row, 'thread'),
    event: text(row, 'event'),
    nestedIn: nested === 'statement' || nested === 'transaction' ? { kind: nested, event: text(row, 'nestedIn') } : null,
    statement: kind === 'statement' ? { database: textOrNull(row, 'db'), text: text(row, 'digest') } : null,
  };
}
