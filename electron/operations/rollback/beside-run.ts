// Tables beside the originals, as they were just before a transaction: a copy of the present in one moment, on which everything since is undone.
import * as v from 'valibot';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { inverseOf } from '../../../shared/domain/operations/rollback/undo';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { single } from '../../comparison/logged/collect';
import { sessionSql } from '../../comparison/logged/sql';
import { readTodayTable, type TodayTable } from '../../comparison/logged/tables-today';
import { endOf } from '../../copy/job';
import { Documents } from '../../copy/rows/documents';
import { describeAll, planChunks, zoneOf } from '../../copy/rows/plan';
import { RowMeter } from '../../copy/rows/row-meter';
import { refuseUnknownTypes, RowMover } from '../../copy/rows/rows';
import { openSnapshot } from '../../copy/snapshot/snapshot';
import type { CopyJob } from '../../copy/snapshot/sessions';
import { hasErrno } from '../../mysql/errors';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { LiveSession } from '../../mysql/session/session';
import { memoryKey } from '../../tasks/memory';
import type { Step, StepContext } from '../../tasks/types';
import { newDatabases, obstructions, readRange } from './beside-plan';
import { fromTransactionOn } from './log-reading';
import type { RangeLog } from './range-log';
import { sqlOf } from './undo-reading';
import type { BackwardInput, RollbackWork } from './work';

/** What was made and nothing else: a cancel takes this much away and no more. */
export const madeKey = memoryKey('made', v.object({
  databases: v.array(v.string()), tables: v.array(v.object({ database: v.string(), table: v.string() })),
}));
/** What the copies hold. */
export const copiedKey = memoryKey('copied', v.string());
/** The undoing was begun: what it left half-way cannot be gone on with. */
export const backKey = memoryKey('back-begun', v.boolean());
const lanes = 2;
/** Statements of one transaction on the copies. */
const together = 2_000;

export function besideSteps(work: RollbackWork, input: BackwardInput): readonly Step[] {
  return [
    {
      id: 'copy', title: message('rollback.step.copy', { count: input.names.length }), run: (context) => copy(work, input, context),
      undo: (context) => takeAway(work, input, context), undoLimitMs: 3_600_000,
    },
    { id: 'back', title: message('rollback.step.back', { gtid: input.gtid }), run: (context) => goBack(work, input, context) },
  ];
}

async function copy(work: RollbackWork, input: BackwardInput, context: StepContext): Promise<void> {
  const { name, names } = input;
  // What an earlier run left half-way is begun again.
  await takeAway(work, input, context);
  const writer = await work.connect(context.signal);
  try {
    const made = { databases: [] as string[], tables: [] as { database: string; table: string }[] };
    // A name that is taken by now is not ours to take away: what is noted is what could be made.
    const make = async (sql: string, note: () => void, forget: () => void): Promise<void> => {
      note();
      await context.remember(madeKey, made);
      try {
        await context.sql(writer, name, sql);
      } catch (thrown) {
        if (hasErrno(thrown, 1007, 1050)) {
          forget();
          await context.remember(madeKey, made);
        }
        throw thrown;
      }
    };
    for (const { database, like } of newDatabases(names)) {
      const [row] = await writer.query<{ charset: string; collation: string }>(
        'SELECT DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [like],
      );
      const sql = `CREATE DATABASE ${quoteId(database)} CHARACTER SET ${row?.charset ?? 'utf8mb4'}${row === undefined ? '' : ` COLLATE ${row.collation}`}`;
      await make(sql, () => made.databases.push(database), () => made.databases.pop());
    }
    for (const one of names) {
      const sql = `CREATE TABLE ${quoteTable(one.newDatabase, one.newTable)} LIKE ${quoteTable(one.database, one.table)}`;
      await make(sql, () => made.tables.push({ database: one.newDatabase, table: one.newTable }), () => made.tables.pop());
    }
    await copyRows(work, input, context);
  } finally {
    work.endSessions();
  }
}

async function copyRows(work: RollbackWork, { instanceId, names }: BackwardInput, context: StepContext): Promise<void> {
  const { fleet } = work.deps;
  const end = endOf(fleet, fleet.instance(instanceId));
  const databases = [...new Set(names.map(({ database }) => database))].map((database) => ({
    database, tables: names.filter((one) => one.database === database).map(({ table }) => table),
  }));
  const job: CopyJob = { step: context, source: end, target: end, scope: { kind: 'partial', databases } };
  const snapshot = await openSnapshot(job, lanes);
  try {
    await context.remember(copiedKey, snapshot.gtidSet);
    const tables = await describeAll(snapshot);
    refuseUnknownTypes(tables);
    const chunks = await planChunks(job, snapshot, tables);
    const mover = new RowMover({
      job, snapshot, chunks, later: new Map(), meter: new RowMeter(context, chunks), writer: { logged: true }, zone: await zoneOf(snapshot.control),
      documents: new Documents(context),
      into: ({ database, table }) => {
        const found = names.find((one) => one.database === database && one.table === table);
        if (found === undefined) throw failure('internal', { detail: `${database}.${table} was not chosen` });
        return { database: found.newDatabase, table: found.newTable };
      },
    }, lanes);
    await mover.run();
  } finally {
    await snapshot.close();
  }
}

async function goBack(work: RollbackWork, input: BackwardInput, context: StepContext): Promise<void> {
  const { id, name, gtid, names } = input;
  const copied = context.recall(copiedKey);
  if (copied === undefined) throw failure('internal', { detail: 'nothing was copied' });
  if (context.recall(backKey) === true) throw failure('plan-outdated', { what: name });
  await work.inFolder(async (folder) => {
    try {
      const { set } = await fromTransactionOn(work.owner, [gtid], context.signal);
      const range = set.intersect(parseGtidSet(copied)).toLine();
      const writer = await work.connect(context.signal);
      const order = { session: await work.connect(context.signal), dump: await work.connect(context.signal), range, names };
      const log = await readRange(folder, order, context.signal);
      try {
        // What came since the plan is looked at too, and nothing that was found then is taken for granted.
        const [found] = await obstructions(writer, log, names);
        if (found !== undefined) throw failure('plan-outdated', { what: `${found.why}: ${found.what}` });
        const rows = await undoOn(input, context, writer, log);
        work.book.noteOutcome(id, { gtid: null, rows, left: 0 });
        context.log('info', 'rollback.log.back', { name, rows, gtid });
      } finally {
        log.close();
      }
    } finally {
      work.endSessions();
    }
  });
}

async function undoOn({ name, names }: BackwardInput, context: StepContext, writer: LiveSession, log: RangeLog): Promise<number> {
  const copies = new Map<string, TodayTable>();
  for (const one of names) {
    const copyOf = await readTodayTable(writer, one.newDatabase, one.newTable);
    if (copyOf === null) throw failure('not-found', { kind: 'table', name: `${one.newDatabase}.${one.newTable}` });
    copies.set(JSON.stringify([one.database, one.table]), copyOf);
  }
  for (const sql of sessionSql) await context.sql(writer, name, sql);
  await context.remember(backKey, true);
  let done = 0;
  await writer.run('START TRANSACTION');
  for (const change of log.newestFirst()) {
    const logged = log.tableOf(change);
    const table = copies.get(JSON.stringify([logged.database, logged.table]));
    if (table === undefined) continue;
    const act = inverseOf(single(change, logged), table);
    if (act === 'nothing') continue;
    if (act === 'partial-image') throw failure('plan-outdated', { what: `${logged.database}.${logged.table}` });
    const { affectedRows } = await writer.run(sqlOf(table, act));
    // The copy holds exactly what the log says: one that does not is no copy.
    if (affectedRows !== 1) throw failure('rollback-moved', { name, table: `${table.database}.${table.table}` }, { server: name });
    if (++done % together !== 0) continue;
    await writer.run('COMMIT');
    context.checkpoint();
    context.progress({ text: null, done, total: log.count, unit: 'rows', rate: null, etaSeconds: null });
    await writer.run('START TRANSACTION');
  }
  await writer.run('COMMIT');
  return done;
}

/** Takes away what was made, and nothing else. */
async function takeAway(work: RollbackWork, { name }: BackwardInput, context: StepContext): Promise<void> {
  const made = context.recall(madeKey);
  if (made === undefined) return;
  const writer = await work.connect(context.signal);
  try {
    for (const { database, table } of made.tables) await context.sql(writer, name, `DROP TABLE IF EXISTS ${quoteTable(database, table)}`);
    for (const database of made.databases) {
      // What somebody else has put there since is not ours.
      const [row] = await writer.query<{ n: number | string }>('SELECT COUNT(*) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?', [database]);
      if (Number(row?.n) === 0) await context.sql(writer, name, `DROP DATABASE IF EXISTS ${quoteId(database)}`);
    }
    await context.remember(madeKey, { databases: [], tables: [] });
  } finally {
    work.endSessions();
  }
}
