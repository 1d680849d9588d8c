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
import { clockOf, keepsOffset } from '../../copy/rows/clock';
import { describeAll, planChunks } from '../../copy/rows/plan';
import { RowMeter } from '../../copy/rows/row-meter';
import { refuseUnknownTypes, RowMover } from '../../copy/rows/rows';
import { openSnapshot } from '../../copy/snapshot/snapshot';
import { evaluationOf, unlimited, type CopyJob } from '../../copy/snapshot/sessions';
import { quoteId, quoteTable } from '../../mysql/quote';
import { maxPacketOf } from '../../mysql/max-packet';
import type { LiveSession } from '../../mysql/session/session';
import { memoryKey } from '../../tasks/memory';
import type { Step, StepContext } from '../../tasks/types';
import { nameKey, readAsKept } from './beside-changes';
import { giveNames, makeDatabases, takeAway } from './beside-copies';
import { obstructions, readRange, type BesideLog } from './beside-plan';
import { bringRowsBack, undoOneByOne } from './beside-rows';
import { fromTransactionOn } from './log-reading';
import type { BackwardInput, RollbackWork } from './work';

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
  const { id, names } = input;
  // What an earlier run left half-way is begun again.
  await takeAway(work, input, context);
  const writer = await work.connect(context.signal);
  try {
    const copies = await makeDatabases(context, writer, input);
    for (const [at, one] of names.entries()) {
      const like = quoteTable(one.database, one.table);
      await copies.makeTable({ database: one.newDatabase, table: ownName(id, at) }, (table) => `CREATE TABLE ${table} LIKE ${like}`);
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
      job, snapshot, chunks, later: new Map(), meter: new RowMeter(context, chunks), clock: await clockOf(snapshot.control, snapshot.control),
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
  const undone = await bringRowsBack(order) + await undoOneByOne(order);
  await computeAnew(context, writer, name, [...copies.values()]);
  return undone;
}

/**
 * Rows that were undone came into the copies with their stored columns computed from every moment in one offset. Where the clocks of the server
 * change, each is computed once more in its own zone: a value that is given to itself stays what it is.
 */
async function computeAnew(context: StepContext, writer: LiveSession, name: string, copies: readonly TodayTable[]): Promise<void> {
  const computed = copies.filter(({ zone }) => zone !== undefined);
  if (computed.length === 0 || await keepsOffset(writer)) return;
  await context.sql(writer, name, 'SET SESSION time_zone = @@GLOBAL.time_zone');
  for (const { database, table, columns } of computed) {
    const own = [...columns.values()].filter(({ isGenerated }) => !isGenerated);
    const read = own.filter(({ form, isTouched, isReadInZone }) => form.kind === 'moment' || isTouched === true || isReadInZone === true);
    // By way of another column that is computed, any may be read; a constant reads none.
    const isIndirect = [...columns.values()].some(({ isGenerated, isReadInZone }) => isGenerated && isReadInZone === true);
    const kept = (isIndirect || read.length === 0 ? own : read).map((one) => quoteId(one.name));
    await context.sql(writer, name, `UPDATE ${quoteTable(database, table)} SET ${kept.map((id) => `${id} = ${id}`).join(', ')}`, [], unlimited);
  }
}
