// A table of a standby that differs wholesale, copied again by itself while the link stands still at one position.
import type { ReseededTable, Unrepaired } from '../../shared/domain/verification/repair';
import { whyNotReseeded } from '../../shared/domain/verification/repair';
import { atLeast } from '../../shared/domain/fleet/version';
import { failure } from '../../shared/errors/codes';
import { compareTables, tablesToCompare, type TableToCompare } from '../comparison/compare-tables';
import { triggersOf } from '../comparison/repair';
import { copyJob } from '../copy/job';
import type { TableToCopy } from '../copy/rows/chunks';
import { fromOf } from '../copy/rows/rows';
import { insertStatement, travelOf } from '../copy/rows/columns';
import { Documents } from '../copy/rows/documents';
import { clockOf, type SourceClock } from '../copy/rows/clock';
import { inItsZone, inPasses } from '../copy/rows/passes';
import { TargetSideFailed, type RowSession } from '../copy/rows/pump';
import { lostInRow, patchExpression, type JsonPlace } from '../copy/rows/typed-json';
import { describeTables } from '../copy/schema/catalogue';
import { changedOr } from '../copy/schema/changed';
import { evaluationOf, rowWriter, takingMode, unlimited, type Evaluation } from '../copy/snapshot/sessions';
import type { Snapshot } from '../copy/snapshot/snapshot';
import { maxPacketOf } from '../mysql/max-packet';
import { quoteTable } from '../mysql/quote';
import type { Transferred } from '../mysql/rows/bulk';
import type { Session } from '../mysql/types';
import { standbyOf, type LinkContext } from '../replication/link-context';
import { withEnd } from '../replication/read-only';
import type { StepContext } from '../tasks/types';

interface TableName {
  readonly database: string;
  readonly table: string;
}

/** What can be copied again of the tables asked for, how each is compared, and why the others cannot be. */
interface Reseedable {
  readonly tables: readonly ReseededTable[];
  readonly plans: readonly TableToCompare[];
  readonly left: readonly Unrepaired[];
}

/** Reads both sides and says which of these tables may be copied again. Changes nothing. */
export async function reseedable(
  link: LinkContext, source: Session, standby: Session, wanted: readonly TableName[], signal?: AbortSignal,
): Promise<Reseedable> {
  const out = { tables: [] as ReseededTable[], plans: [] as TableToCompare[], left: [] as Unrepaired[] };
  if (wanted.length === 0) return out;
  const { replicas } = await link.fleet.readFacts(link.spec.standbyId, signal);
  const plans = await tablesToCompare(source, standby, { scope: link.spec.scope });
  for (const { database, table } of wanted) {
    const one = plans.find((plan) => plan.database === database && plan.table === table);
    const plan = one !== undefined && 'source' in one.plan ? one.plan : null;
    const there = await sizeOf(standby, { database, table });
    const reason = whyNotReseeded({
      comparable: plan !== null, hasTrigger: (await triggersOf(standby, database)).has(table), engine: there.engine,
      bytes: Math.max(there.bytes, plan?.bytes ?? 0), followers: replicas.length,
    });
    if (reason !== null || one === undefined) out.left.push({ database, table, rows: null, reason: reason ?? 'structure' });
    else {
      out.tables.push({ database, table, rows: plan?.rows ?? 0, bytes: plan?.bytes ?? 0 });
      out.plans.push(one);
    }
  }
  return out;
}

async function sizeOf(session: Session, { database, table }: TableName): Promise<{ readonly engine: string; readonly bytes: number }> {
  const [row] = await session.query<{ engine: string | null; bytes: string | number | null }>(
    `SELECT ENGINE AS engine, DATA_LENGTH AS bytes FROM information_schema.TABLES
     WHERE BINARY TABLE_SCHEMA = BINARY ? AND TABLE_SCHEMA = ? AND BINARY TABLE_NAME = BINARY ? AND TABLE_NAME = ?`,
    [database, database, table, table],
  );
  return { engine: row?.engine ?? '', bytes: Number(row?.bytes ?? 0) };
}

/** What is run on the standby for one table, as it is shown. */
export function shownReseed({ database, table }: TableName): readonly string[] {
  const name = quoteTable(database, table);
  return ['START TRANSACTION', `DELETE FROM ${name}`, `INSERT INTO ${name} (…) VALUES …`, 'COMMIT'];
}

/** The standby as it stands exactly at the position of a snapshot of its source. */
export interface HeldStandby {
  readonly snapshot: Snapshot;
  /** Reads the standby's catalogue. */
  readonly reader: Session;
}

/**
 * Copies the tables again, each in one transaction: all its rows go, those of the source come, and only what was then compared and found equal is
 * committed. Until that moment the rows of before are what everybody else sees, and whatever ends it leaves them: an error, a cancel, the death of the
 * app or of a server. Outside of the binary log, and with foreign keys unchecked: rows that refer to it stay as they are.
 *
 * @throws Failure `step-failed` where a table may not be copied again by now; `content-differs` where what came is not what the source holds
 */
export async function reseedTables(link: LinkContext, step: StepContext, { snapshot, reader }: HeldStandby, wanted: readonly TableName[]): Promise<void> {
  if (wanted.length === 0) return;
  const { name } = standbyOf(link);
  const { plans, left } = await reseedable(link, snapshot.control, reader, wanted, step.signal);
  const [refused] = left;
  if (refused !== undefined) {
    throw failure('step-failed', { step: 'repair', server: name }, { server: name, detail: `${refused.database}.${refused.table}: ${refused.reason}` });
  }
  const tables = new Map<string, TableToCopy>();
  for (const { database, table } of wanted) {
    for (const one of await describeTables(snapshot.control, database, new Set([table]))) tables.set(`${database}\0${table}`, one);
  }
  // A change of a definition on the source would wait for as long as this takes. Where one comes, its rows cannot be read any more, and nothing is kept.
  await snapshot.letChangesGoOn('always');
  for (const plan of plans) {
    const table = tables.get(`${plan.database}\0${plan.table}`);
    if (table !== undefined) await reseedOne(link, step, snapshot, { table, plan });
  }
}

/** The session whose transaction it is. */
interface Written {
  readonly writer: RowSession;
}

interface Read {
  readonly reader: RowSession;
}

interface FromOld {
  /** The source is older than 8.0. */
  readonly oldSource: boolean;
  readonly evaluation: Evaluation;
}

interface OneTable {
  readonly table: TableToCopy;
  readonly plan: TableToCompare;
}

async function reseedOne(link: LinkContext, step: StepContext, snapshot: Snapshot, one: OneTable): Promise<void> {
  const { target } = copyJob(link, step);
  const { database, table } = one.table;
  const oldSource = !atLeast(snapshot.control.version, 8, 0);
  const evaluation = await evaluationOf(snapshot.control);
  const writer = await rowWriter(snapshot.pump, target, step.signal, { oldSource, evaluation });
  const run = (sql: string): Promise<unknown> => step.sql(writer, target.name, sql, [], unlimited);
  try {
    await withEnd(async () => {
      // A server that is not told of the death of its client takes the rows back after this, and not after a day.
      await run(`SET SESSION unique_checks = 1, wait_timeout = ${idleSeconds}, net_read_timeout = ${idleSeconds}`);
      await run('START TRANSACTION');
      await empty(step, target.name, writer, one.table, await clockOf(snapshot.control, writer));
      await sendRows(link, step, snapshot, { ...one, writer, oldSource, evaluation });
      await proveEqual(link, step, snapshot, { ...one, writer });
      await run('COMMIT');
    }, () => writer.run('ROLLBACK', [], unlimited));
  } finally {
    writer.destroy();
  }
  step.log('info', 'verification.log.reseeded', { table: `${database}.${table}` });
}

/** Every row goes, with what keys keep of it. */
function empty(step: StepContext, target: string, writer: RowSession, table: TableToCopy, clock: SourceClock): Promise<void> {
  const sql = `DELETE FROM ${quoteTable(table.database, table.table)}`;
  return inItsZone({ writer, table, clock, signal: step.signal }, async () => void (await step.sql(writer, target, sql, [], unlimited)));
}

async function sendRows(
  link: LinkContext, step: StepContext, snapshot: Snapshot, { table, writer, oldSource, evaluation }: OneTable & Written & FromOld,
): Promise<void> {
  const job = copyJob(link, step);
  const reader = snapshot.sessions[1];
  if (reader === undefined) throw failure('internal', { detail: 'no session on the source' });
  const name = quoteTable(table.database, table.table);
  const documents = new Documents(step);
  const clock = await clockOf(snapshot.control, writer);
  const sendOne = sender(link, step, snapshot, { table, writer, oldSource, evaluation, reader });
  const send = (condition: string, lost: readonly JsonPlace[]): Promise<Transferred> => {
    const from = (more: string): string => fromOf({ table, where: '' }, condition, more);
    const order = { reader, writer, table, from, into: { name, where: '' }, clock, evaluation, signal: step.signal };
    return inPasses(order, (more) => sendOne(from(more), lost));
  };
  // Values come as they are stored.
  await reader.run('SET SESSION character_set_results = NULL');
  // Documents go as text, in which some values lose their type: as soon as that is seen, these rows follow by what makes the values again.
  for (;;) {
    const lost = documents.lostIn(table);
    const isLost = lost.length === 0 ? null : lostInRow(lost, reader.version, writer.version);
    const moved = await send(isLost === null ? '' : `NOT ${isLost}`, []);
    if (await documents.areAllFound({ reader, target: writer.version, table, part: name, leftOut: lost }, moved)) {
      if (isLost !== null) await send(isLost, lost);
      break;
    }
    await empty(step, job.target.name, writer, table, clock);
  }
  await snapshot.release(reader);
  // A CHAR is compared as it is stored, however the source computes with it.
  await writer.run(takingMode(writer, 'any', { ...evaluation, pads: false }));
}

type Send = (from: string, lost: readonly JsonPlace[]) => Promise<Transferred>;

/** What sends rows of a table from one session to the other. */
function sender(
  link: LinkContext, step: StepContext, { pump }: Snapshot, { table, writer, oldSource, reader }: Pick<OneTable, 'table'> & Written & FromOld & Read,
): Send {
  const job = copyJob(link, step);
  const statement = insertStatement(table.database, table.table, table.columns);
  let done = 0;
  return async (from, lost) => {
    const { select, values } = travelOf(table.columns, oldSource, ({ name }) => {
      const places = lost.filter(({ column }) => column === name);
      return places.length === 0 ? null : patchExpression(places, reader.version, writer.version);
    });
    const order = {
      table: `${table.database}.${table.table}`, targetName: job.target.name, select: `SELECT ${select} FROM ${from}`, values,
      taking: { way: 'insert', statement, batchBytes, maxAllowedPacket: await maxPacketOf(writer) },
    } as const;
    return pump.transfer(order, reader, writer, step.signal, (rows) => {
      done += rows;
      step.progress({ text: null, done, total: Math.max(done, table.rows), unit: 'rows', rate: null, etaSeconds: null });
    }).catch((thrown: unknown) => {
      throw changedOr(thrown instanceof TargetSideFailed ? thrown.cause : thrown, job, table);
    });
  };
}

/** The session waits while the source is read, by chunks that are made to take a moment. */
const idleSeconds = 600;

/** An INSERT is read as a whole before its first row is written. */
const batchBytes = 1024 * 1024;

/** Compares the table as this transaction would leave it with the source, by hashes that both servers compute. */
async function proveEqual(
  link: LinkContext, step: StepContext, { sessions, gtidSet, release }: Snapshot, { plan, writer }: OneTable & Written,
): Promise<void> {
  const [source] = sessions;
  if (source === undefined) throw failure('internal', { detail: 'no session on the source' });
  let equal = false;
  await compareTables({
    pairs: [{ source, standby: writer }], tables: [plan], gtidSet, signal: step.signal,
    pace: { pass: async () => step.checkpoint(), release: () => release(source) },
    ended: async ({ result }) => {
      equal = result.state === 'equal';
    },
  });
  if (!equal) throw failure('content-differs', { count: 1, tables: `${plan.database}.${plan.table}` }, { server: standbyOf(link).name });
}
