import { failure } from '../../shared/errors/codes';
import type { LeftOut } from '../../shared/domain/scope/left-out';
import type { NamedObject } from '../../shared/domain/scope/named-objects';
import { ownSchema } from '../../shared/domain/scope/scope';
import { isWholeDatabaseInScope } from '../../shared/domain/scope/filters';
import { atLeast } from '../../shared/domain/fleet/version';
import { objectsWithRights } from '../mysql/accounts/object-rights';
import { openAll } from '../mysql/session/open-all';
import { quoteTable } from '../mysql/quote';
import type { Session } from '../mysql/types';
import type { Account } from '../mysql/dialect/accounts';
import { finishAccounts, makeAccounts, readAccounts, rightsToGive, type AccountsRead } from './schema/accounts';
import { databasesOf, type Catalogue, type ObjectName } from './schema/catalogue';
import type { Chunk } from './rows/chunks';
import { clockOf } from './rows/clock';
import { describeAll, planChunks } from './rows/plan';
import { evaluationOf, readerSession, writerSession, type CopyJob, type Evaluation } from './snapshot/sessions';
import { rememberCreated } from './created-objects';
import { setMark } from './marker';
import { absentFrom, leftOutOf, namesToCarry, type Refused } from './left-out';
import { makeAttempts } from './schema/attempts';
import { keyOf, type Definition } from './schema/defined';
import { programsToCreate, readPrograms } from './schema/programs';
import { Documents } from './rows/documents';
import { RowMeter } from './rows/row-meter';
import { refuseUnknownTypes, RowMover } from './rows/rows';
import { addForeignKeys, closeDatabases, createDatabase, createTables } from './schema/schema';
import { takesTable } from './schema/scope';
import { createHistograms, createSpatialSystems } from './schema/server-wide';
import { unreadableTables } from './schema/unreadable';
import { openSnapshot, type Snapshot } from './snapshot/snapshot';
import { firstLanes, moveWatched } from './rows/pacing';

/** A copy that is complete but for its position: the snapshot stays open for the comparison. */
export interface Copied {
  readonly snapshot: Snapshot;
  /** What the source evaluates expressions under. */
  readonly evaluation: Evaluation;
  readonly chunks: readonly Chunk[];
  /** What the target was made from, as the source had it then, our own schema apart. */
  readonly definitions: readonly Definition[];
  /** What it was to carry and the target has not. */
  readonly leftOut: readonly Omit<LeftOut, 'at'>[];
  /** What the source keeps rights on that the target has not: no server gives rights on what is not there. */
  readonly withRights: readonly NamedObject[];
}

export interface CopyOptions {
  /** Sessions on each side that may carry rows at the same time. */
  readonly parallel: number;
  /** Named in the mark on the target. */
  readonly taskName: string;
  /** About this much is one part of a table; what is finished of it stays where the target goes away. */
  readonly partBytes?: number;
  /** The copy reads no faster than this, MB per second; null: as fast as it goes. Asked again and again: it may change. */
  readonly mostMbPerSecond?: () => number | null;
  /** Called with the position of the snapshot once it is open, before anything is written. */
  readonly atSnapshot?: (gtidSet: string) => Promise<void>;
  /** Changes of definitions, and with them the events of the source, wait until the copy is compared, where a lock does that (8.0). */
  readonly changesWait?: boolean;
}

/** Sessions on the target that create tables at the same time. */
const creators = 4;

/**
 * Copies what the scope holds from the source to the target at one GTID position: databases, tables, rows, routines,
 * views, triggers, events, and for a whole instance the accounts. The caller closes the snapshot.
 *
 * The target must hold nothing of the same name; it is read again here.
 *
 * @throws Failure `target-has-data`, `seed-impossible`, `lock-wait-timeout`, whatever a server refuses
 */
export async function copyData(given: CopyJob, options: CopyOptions): Promise<Copied> {
  const definitions = new Map<string, Definition>();
  const refused: Refused[] = [];
  const job: CopyJob = {
    ...given,
    defined: (definition) => { if (definition.database !== ownSchema) definitions.set(keyOf(definition), definition); },
    refused: (object, why) => void refused.push({ object, why }),
  };
  const snapshot = await openSnapshot(job, options.parallel);
  try {
    const { control } = snapshot;
    await options.atSnapshot?.(snapshot.gtidSet);
    const wanted = await namesToCarry(job, control);
    const oldSource = !atLeast(control.version, 8, 0);
    const catalogue = await readable(job, snapshot.catalogue);
    const tables = await describeAll({ control, catalogue });
    refuseUnknownTypes(tables);
    const writers = await writersFor(job, oldSource);
    const [writer] = writers;
    try {
      await refuseConflicts(job, writer, catalogue);
      // Of a portion that programs have come of already, these are read once its rows are there.
      const early = job.already === undefined ? await readDefinitions(job, control, writer, catalogue) : null;
      await clearOwnTables(job, writer, catalogue);
      await rememberCreated(job.step, await createdBy(writer, catalogue));
      await setMark(job, writer, options.taskName);
      for (const database of catalogue.databases) await createDatabase(job, control, writer, database);
      await createSpatialSystems(job, control, writer);
      const later = await createTables(job, snapshot.sessions, writers, tables);
      if (early !== null && options.changesWait !== true) await snapshot.letChangesGoOn('for-events');
      const chunks = await planChunks(job, snapshot, tables, options.partBytes);
      job.objects?.begin(chunks, 'waiting');
      await job.objects?.keep(job.step);
      const meter = new RowMeter(job.step, chunks, job.objects);
      const documents = new Documents(job.step);
      const evaluation = await evaluationOf(control);
      const work = { job, snapshot, chunks, later, meter, documents, writer: { oldSource, evaluation }, clock: await clockOf(control, writer) };
      const mover = new RowMover(work, firstLanes);
      await moveWatched({ job, mustFollow: true, snapshot, mover, meter, mostMbPerSecond: options.mostMbPerSecond ?? (() => null) });
      await job.objects?.keep(job.step);
      const missing = await finish(job, oldSource, async (finisher) => {
        await createHistograms(job, control, finisher, catalogue);
        for (const [table, { foreignKeys }] of later) await addForeignKeys(job, finisher, table, foreignKeys);
        const remember = (account: Account): Promise<void> => rememberCreated(job.step, { databases: [], tables: [], accounts: [account] });
        const read = early ?? await readDefinitions(job, control, finisher, catalogue);
        // Programs name accounts as their definers, whose rights name programs.
        const accounts = read.accounts === null ? null : await makeAccounts(job, read.accounts, finisher, remember);
        const rights = read.accounts === null || accounts === null ? [] : rightsToGive(job, read.accounts, finisher, accounts);
        job.step.log('info', 'sync.log.programs', { ...(await makeAttempts([...rights, ...programsToCreate(job, finisher, read.programs)])) });
        if (read.accounts !== null && accounts !== null) await finishAccounts(job, control, finisher, accounts, read.accounts);
        await closeDatabases(job, control, finisher, catalogue.databases);
        const withRights = accounts === null ? [] : await absentFrom(finisher, await objectsWithRights(control));
        return { leftOut: await leftOutOf(wanted, finisher, refused), withRights };
      });
      const described = chunks.map((chunk) => ({ ...chunk, table: documents.described(chunk.table) }));
      return { snapshot, evaluation, chunks: described, definitions: [...definitions.values()], ...missing };
    } finally {
      for (const one of writers) one.destroy();
    }
  } catch (thrown) {
    await snapshot.close();
    throw thrown;
  }
}

interface DefinitionsRead {
  /** null: they do not come along. */
  readonly accounts: AccountsRead | null;
  readonly programs: Awaited<ReturnType<typeof readPrograms>>;
}

/**
 * Accounts and programs as they are just after the moment of the snapshot; they are made once all rows are there. Read only then, hours later, a
 * procedure that came meanwhile would be made, and stop the applier at its own CREATE: nothing keeps it from coming before 8.0.
 */
async function readDefinitions(job: CopyJob, control: Session, writer: Session, catalogue: Catalogue): Promise<DefinitionsRead> {
  return {
    accounts: job.scope.kind === 'instance' ? await readAccounts(job, control, writer) : null,
    programs: await readPrograms(job, control, writer, catalogue),
  };
}

/** Without the tables that the source itself cannot read: each is told, and left out. */
async function readable(job: CopyJob, catalogue: Catalogue): Promise<Catalogue> {
  // On a session of its own: within the snapshot each table that is tried would be kept from changes until the end.
  const reader = await readerSession(job.source, job.step.signal);
  const lost = await unreadableTables(reader, (database, name) => takesTable(job, database, name)).finally(() => reader.close());
  for (const { database, name, detail } of lost) {
    job.refused?.({ kind: 'TABLE', database, name }, detail);
    job.step.log('warning', 'sync.log.tableLeft', { name: `${database}.${name}`, detail });
  }
  const isLost = (table: ObjectName): boolean => lost.some(({ database, name }) => table.database === database && table.name === name);
  return { ...catalogue, tables: catalogue.tables.filter((table) => !isLost(table)) };
}

/** What is on the target already and would be mixed with the copy. */
async function refuseConflicts(job: CopyJob, writer: Session, catalogue: Catalogue): Promise<void> {
  const here = (await databasesOf(writer)).filter((name) => name !== ownSchema);
  // Of a database that the target follows in part already, only the same names are in the way.
  const taken = job.already === undefined ? here : [];
  const clash = job.scope.kind === 'instance' ? taken : taken.filter((name) => catalogue.databases.includes(name) && isWholeDatabaseInScope(job.scope, name));
  const shared = here.filter((name) => catalogue.databases.includes(name) && !clash.includes(name));
  for (const database of shared) {
    const tables = await writer.query<{ name: string }>('SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?', [database]);
    const names = new Set(tables.map((row) => row.name));
    clash.push(
      ...[...catalogue.tables, ...catalogue.views]
        .filter((table) => table.database === database && names.has(table.name))
        .map((table) => `${database}.${table.name}`),
    );
  }
  if (clash.length > 0) throw failure('target-has-data', { name: job.target.name, databases: clash.slice(0, 10).join(', ') }, { server: job.target.name });
}

/** Our own tables that an earlier link left on the target: the copy brings the source's. */
async function clearOwnTables(job: CopyJob, writer: Session, catalogue: Catalogue): Promise<void> {
  const brought = catalogue.tables.filter((table) => table.database === ownSchema).map((table) => table.name);
  const left = await writer.query<{ name: string }>('SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?', [ownSchema]);
  for (const { name } of left) if (brought.includes(name)) await job.step.sql(writer, job.target.name, `DROP TABLE ${quoteTable(ownSchema, name)}`);
}

/** What this copy will create, so that all of it can be taken away again. */
async function createdBy(
  writer: Session,
  catalogue: Catalogue,
): Promise<{ databases: readonly string[]; tables: readonly ObjectName[]; accounts: readonly [] }> {
  const here = await databasesOf(writer);
  const databases = [...new Set([...catalogue.databases, ownSchema])].filter((name) => !here.includes(name));
  return { databases, tables: catalogue.tables.filter((table) => !databases.includes(table.database)), accounts: [] };
}

/** Sessions that create tables; the first one does what is done one by one. */
async function writersFor(job: CopyJob, oldSource: boolean): Promise<readonly [Session, ...Session[]]> {
  const open = (): Promise<Session> => writerSession(job.target, job.step.signal, { oldSource });
  const [first, ...others] = await openAll(Array.from({ length: creators }, () => open));
  if (first === undefined) throw failure('internal', { detail: 'no session to create tables on' });
  return [first, ...others];
}

/** The target may have been restarted under the rows: what is left is done on a session of its own. */
async function finish<Result>(job: CopyJob, oldSource: boolean, work: (writer: Session) => Promise<Result>): Promise<Result> {
  const writer = await writerSession(job.target, job.step.signal, { oldSource });
  try {
    return await work(writer);
  } finally {
    await writer.close();
  }
}
