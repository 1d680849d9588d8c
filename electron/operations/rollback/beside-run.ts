// Tables beside the originals, as they were just before a transaction: a copy of the present in one moment, on which everything since is undone.
import * as v from 'valibot';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { ownName } from '../../../shared/domain/operations/rollback/names';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { statementSessionOf } from '../../comparison/logged/sql';
import { readTodayTable, type TodayTable } from '../../comparison/logged/tables-today';
import { endOf } from '../../copy/job';
import { Documents } from '../../copy/rows/documents';
import { describeAll, planChunks, zoneOf } from '../../copy/rows/plan';
import { RowMeter } from '../../copy/rows/row-meter';
import { refuseUnknownTypes, RowMover } from '../../copy/rows/rows';
import { openSnapshot } from '../../copy/snapshot/snapshot';
import { evaluationOf, type CopyJob } from '../../copy/snapshot/sessions';
import { hasErrno } from '../../mysql/errors';
import { quoteId, quoteTable } from '../../mysql/quote';
import { maxPacketOf } from '../../mysql/max-packet';
import type { LiveSession } from '../../mysql/session/session';
import { memoryKey } from '../../tasks/memory';
import { TakenBack } from '../../tasks/taken-back';
import type { Step, StepContext } from '../../tasks/types';
import { nameKey, readAsKept } from './beside-changes';
import { newDatabases, obstructions, readRange, renameSql, type BesideLog } from './beside-plan';
import { bringRowsBack, undoOneByOne } from './beside-rows';
import { fromTransactionOn } from './log-reading';
import type { BackwardInput, RollbackWork } from './work';

/** What was made and nothing else: a cancel takes this much away and no more. */
export const madeKey = memoryKey('made', v.object({
  databases: v.array(v.string()), tables: v.array(v.object({ database: v.string(), table: v.string() })),
  /** Databases of which the server said that it made them. */
  confirmed: v.optional(v.array(v.string())),
}));
/** The copies are whole, and the statement that names them was sent, or is about to be. */
const namingKey = memoryKey('naming', v.boolean());
/** What the copies hold. */
export const copiedKey = memoryKey('copied', v.string());
/** The undoing was begun: what it left half-way cannot be gone on with. */
export const backKey = memoryKey('back-begun', v.boolean());
const lanes = 2;

export function besideSteps(work: RollbackWork, input: BackwardInput): readonly Step[] {
  return [
    {
      id: 'copy', title: message('rollback.step.copy', { count: input.names.length }), run: (context) => copy(work, input, context),
      undo: (context) => takeAway(work, input, context), undoLimitMs: 3_600_000,
    },
    { id: 'back', title: message('rollback.step.back', { gtid: input.gtid }), run: (context) => goBack(work, input, context) },
    {
      id: 'name', title: message('rollback.step.name', { count: input.names.length }), pointOfNoReturn: true,
      run: (context) => giveNames(work, input, context),
    },
  ];
}

async function copy(work: RollbackWork, input: BackwardInput, context: StepContext): Promise<void> {
  const { id, name, names } = input;
  // What an earlier run left half-way is begun again.
  await takeAway(work, input, context);
  const writer = await work.connect(context.signal);
  try {
    const made = { databases: [] as string[], tables: [] as { database: string; table: string }[], confirmed: [] as string[] };
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
      made.confirmed.push(database);
      await context.remember(madeKey, made);
    }
    for (const [at, one] of names.entries()) {
      const sql = `CREATE TABLE ${quoteTable(one.newDatabase, ownName(id, at))} LIKE ${quoteTable(one.database, one.table)}`;
      await make(sql, () => made.tables.push({ database: one.newDatabase, table: ownName(id, at) }), () => made.tables.pop());
    }
    await copyRows(work, input, context);
  } finally {
    work.endSessions();
  }
}

async function copyRows(work: RollbackWork, { id, instanceId, names }: BackwardInput, context: StepContext): Promise<void> {
  const { fleet } = work.deps;
  const end = endOf(fleet, fleet.instance(instanceId));
  const databases = [...new Set(names.map(({ database }) => database))].map((database) => ({
    database, tables: names.filter((one) => one.database === database).map(({ table }) => table),
  }));
  const job: CopyJob = { step: context, source: end, target: end, scope: { kind: 'partial', databases } };
  const snapshot = await openSnapshot(job, lanes);
  try {
    await context.remember(copiedKey, snapshot.gtidSet);
    // A choice brings our own schema along, which has no copy.
    const tables = (await describeAll(snapshot)).filter((one) => names.some(({ database, table }) => database === one.database && table === one.table));
    refuseUnknownTypes(tables);
    const chunks = await planChunks(job, snapshot, tables);
    const mover = new RowMover({
      job, snapshot, chunks, later: new Map(), meter: new RowMeter(context, chunks), zone: await zoneOf(snapshot.control),
      writer: { logged: true, evaluation: await evaluationOf(snapshot.control) }, documents: new Documents(context),
      into: ({ database, table }) => {
        const at = names.findIndex((one) => one.database === database && one.table === table);
        const found = names[at];
        if (found === undefined) throw failure('internal', { detail: `${database}.${table} was not chosen` });
        return { database: found.newDatabase, table: ownName(id, at) };
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
      const session = await work.connect(context.signal);
      const log = await readAsKept(async (oneByOne): Promise<BesideLog> =>
        readRange(folder, { session, dump: await work.connect(context.signal), range, names, keeps: { oneByOne } }, context.signal));
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

async function undoOn({ id, name, names }: BackwardInput, context: StepContext, writer: LiveSession, log: BesideLog): Promise<number> {
  const copies = new Map<string, TodayTable>();
  for (const [at, one] of names.entries()) {
    const copyOf = await readTodayTable(writer, one.newDatabase, ownName(id, at));
    if (copyOf === null) throw failure('not-found', { kind: 'table', name: `${one.newDatabase}.${one.newTable}` });
    copies.set(nameKey(one), copyOf);
  }
  for (const sql of await statementSessionOf(writer)) await context.sql(writer, name, sql);
  await context.remember(backKey, true);
  const order = { context, writer, name, log, copies, packet: await maxPacketOf(writer) };
  return await bringRowsBack(order) + await undoOneByOne(order);
}

/** Gives the copies, which are whole, their names. What the server has then decides, not how the statement ended. */
async function giveNames(work: RollbackWork, input: BackwardInput, context: StepContext): Promise<void> {
  const { id, name, names } = input;
  const wasSent = context.recall(namingKey) === true;
  let missed: unknown = null;
  try {
    if (wasSent && await unnamed(work, input, context) === 0) return;
    await context.remember(namingKey, true);
    await context.sql(await work.connect(context.signal), name, renameSql(id, names));
    return;
  } catch (thrown) {
    missed = thrown;
  } finally {
    work.endSessions();
  }
  const left = await unnamed(work, input, context);
  work.endSessions();
  if (left === names.length) throw new TakenBack(missed instanceof Error ? missed : failure('internal', { detail: String(missed) }));
  if (left > 0) throw missed;
}

/** How many copies have no other name yet than our own. */
async function unnamed(work: RollbackWork, { id, names }: BackwardInput, context: StepContext): Promise<number> {
  const session = await work.connect(context.signal);
  const rows = await session.query<{ db: string; tab: string }>(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab FROM information_schema.TABLES WHERE TABLE_NAME IN (${names.map(() => '?').join(', ')})`,
    names.map((_, at) => ownName(id, at)),
  );
  return rows.length;
}

/** Takes away what was made, and nothing else: tables by a name that only this rollback gives, databases that it made and that are empty. */
async function takeAway(work: RollbackWork, { id, name, names }: BackwardInput, context: StepContext): Promise<void> {
  const made = context.recall(madeKey);
  if (made === undefined) return;
  const own = new Set(names.map((_, at) => ownName(id, at)));
  const leave = (what: string): void => context.log('warning', 'rollback.log.left', { name, what });
  const writer = await work.connect(context.signal);
  try {
    for (const { database, table } of made.tables) {
      if (own.has(table)) await context.sql(writer, name, `DROP TABLE IF EXISTS ${quoteTable(database, table)}`);
      else leave(`${database}.${table}`);
    }
    for (const database of made.databases) {
      if (made.confirmed?.includes(database) === true && await isEmpty(writer, database)) {
        await context.sql(writer, name, `DROP DATABASE IF EXISTS ${quoteId(database)}`);
      } else leave(database);
    }
    await context.remember(madeKey, { databases: [], tables: [], confirmed: [] });
  } finally {
    work.endSessions();
  }
}

/** What somebody else has put there since is not ours. */
async function isEmpty(session: LiveSession, database: string): Promise<boolean> {
  const [row] = await session.query<{ n: number | string }>(
    `SELECT (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?)
     + (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?)
     + (SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?) AS n`, [database, database, database],
  );
  return Number(row?.n) === 0;
}
