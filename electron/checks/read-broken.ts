import { type BrokenObject } from '../../shared/domain/checks';
import { columnsGone } from '../../shared/domain/checks/objects-broken';
import { unreadableTables } from '../copy/schema/unreadable';
import { hasErrno, isRefusal } from '../mysql/errors';
import { quoteTable } from '../mysql/quote';
import type { Session } from '../mysql/types';
import { inSomeDatabase, ofUsers } from '../mysql/user-schemas';
import { objectsLimitMs, read, text, type Row } from './rows';

/** So many views are opened by one statement. */
const atOnce = 20;
/** Somebody may be changing a table that a view reads: the checks do not wait for that, seconds. */
const lockSeconds = 1;

/**
 * What of the source does not work there: views that cannot be opened, tables without their data, triggers on columns that are gone, events
 * whose time is over. Nothing is executed, and nothing is written. On a session of its own: it sets a lock limit and a default database.
 */
export async function readBroken(session: Session): Promise<readonly BrokenObject[]> {
  await session.run(inSomeDatabase);
  await session.run(`SET SESSION lock_wait_timeout = ${String(lockSeconds)}`);
  return [...(await brokenViews(session)), ...(await brokenTables(session)), ...(await brokenTriggers(session)), ...(await endedEvents(session))];
}

function ask(session: Session, sql: string): Promise<Row[]> {
  return read(session, sql, [], objectsLimitMs);
}

async function brokenViews(session: Session): Promise<readonly BrokenObject[]> {
  const listed = `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name FROM information_schema.VIEWS WHERE ${ofUsers('TABLE_SCHEMA')} ORDER BY 1, 2`;
  const views = await ask(session, listed);
  const broken: BrokenObject[] = [];
  for (let from = 0; from < views.length; from += atOnce) {
    const some = views.slice(from, from + atOnce);
    const answers = await ask(session, `CHECK TABLE ${some.map((row) => quoteTable(text(row, 'db'), text(row, 'name'))).join(', ')}`);
    for (const view of some) {
      const [database, name] = [text(view, 'db'), text(view, 'name')];
      const told = answers.filter((row) => text(row, 'Table') === `${database}.${name}`);
      if (isWell(told)) continue;
      if (await isSound(session, database, name)) continue;
      broken.push({ kind: 'view', database, name, table: null, detail: told.map((row) => text(row, 'Msg_text')).find((line) => line !== '') ?? '—' });
    }
  }
  return broken;
}

/**
 * Whether a view that CHECK TABLE did not find well is one all the same: it waits for whoever writes what the view reads, and then says so
 * in words only. Its columns can be told meanwhile, and that it waited can be measured.
 */
async function isSound(session: Session, database: string, name: string): Promise<boolean> {
  const view = quoteTable(database, name);
  try {
    await ask(session, `SHOW COLUMNS FROM ${view}`);
  } catch (thrown) {
    if (hasErrno(thrown, 1205)) return true;
    if (!isRefusal(thrown)) throw thrown;
    return false;
  }
  const began = performance.now();
  const answers = await ask(session, `CHECK TABLE ${view}`);
  return isWell(answers) || performance.now() - began >= lockSeconds * 900;
}

function isWell(answers: readonly Row[]): boolean {
  return answers.some((row) => text(row, 'Msg_type') === 'status' && text(row, 'Msg_text') === 'OK');
}

/** As whoever copies them finds them. */
async function brokenTables(session: Session): Promise<readonly BrokenObject[]> {
  return (await unreadableTables(session)).map(({ database, name, detail }) => ({ kind: 'table', database, name, table: null, detail }));
}

async function brokenTriggers(session: Session): Promise<readonly BrokenObject[]> {
  const triggers = await ask(
    session,
    `SELECT TRIGGER_SCHEMA AS db, TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS tbl, ACTION_STATEMENT AS body
     FROM information_schema.TRIGGERS WHERE ${ofUsers('TRIGGER_SCHEMA')}`,
  );
  const databases = [...new Set(triggers.map((row) => text(row, 'db')))];
  const columns = new Map<string, string[]>();
  for (const database of databases) {
    const listed = 'SELECT TABLE_NAME AS tbl, COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?';
    const rows = await read(session, listed, [database], objectsLimitMs);
    for (const row of rows) {
      const table = `${database}\0${text(row, 'tbl')}`;
      columns.set(table, [...(columns.get(table) ?? []), text(row, 'name')]);
    }
  }
  return triggers.flatMap((row): readonly BrokenObject[] => {
    const [database, name, table] = [text(row, 'db'), text(row, 'name'), text(row, 'tbl')];
    const known = columns.get(`${database}\0${table}`);
    const gone = known === undefined ? [] : columnsGone(text(row, 'body'), known);
    return gone.length === 0 ? [] : [{ kind: 'trigger', database, name, table, detail: `${table}: ${gone.join(', ')}` }];
  });
}

/** Kept by ON COMPLETION PRESERVE, or not swept away yet: a server does not make it again. */
async function endedEvents(session: Session): Promise<readonly BrokenObject[]> {
  const rows = await ask(
    session,
    `SELECT EVENT_SCHEMA AS db, EVENT_NAME AS name, CAST(COALESCE(EXECUTE_AT, ENDS) AS CHAR) AS at, TIME_ZONE AS zone FROM information_schema.EVENTS
     WHERE ${ofUsers('EVENT_SCHEMA')} AND CONVERT_TZ(COALESCE(EXECUTE_AT, ENDS), TIME_ZONE, '+00:00') < UTC_TIMESTAMP()`,
  );
  const at = (row: Row): string => `${text(row, 'at')} ${text(row, 'zone')}`;
  return rows.map((row) => ({ kind: 'event', database: text(row, 'db'), name: text(row, 'name'), table: null, detail: at(row) }));
}
