// A backup: a snapshot of a server, written into a folder.
import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import * as v from 'valibot';
import { scope as scopeSchema } from '../../../shared/contract/inputs';
import { goneFrom } from '../../../shared/domain/scope/filters';
import { ownSchema, type Scope } from '../../../shared/domain/scope/scope';
import { errorOf, failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { writeFailure } from '../../copy/files/failures';
import { FrameWriter, type FileFacts } from '../../copy/files/frames';
import { packerHere } from '../../copy/files/packing';
import { fileKey } from '../../copy/files/sealing';
import { endOf } from '../../copy/job';
import { loadStatement } from '../../copy/rows/columns';
import { zoneOf } from '../../copy/rows/clock';
import { describeAll, planChunks } from '../../copy/rows/plan';
import { refuseUnknownTypes } from '../../copy/rows/rows';
import { dependsOnZone } from '../../copy/rows/zone';
import type { Catalogue } from '../../copy/schema/catalogue';
import { evaluationOf, type ReadJob } from '../../copy/snapshot/sessions';
import { openSnapshot, type Snapshot } from '../../copy/snapshot/snapshot';
import { kdfSchema } from '../../storage/vault-crypto';
import type { StepContext, TaskDefinition, TaskKindHandler } from '../../tasks/types';
import { beginFolder, finishFolder, freeBytes, partBytes, removeFolder, readBackup, writeWhole } from '../folder';
import { manifestVersion, sealOf, type Manifest, type ManifestFile, type ManifestTable } from '../manifest';
import { readOnlyDatabases, readOnlyStatement } from '../read-only';
import { sqlFile, type SqlEntry } from '../sql-file';
import type { BackupParts } from '../types';
import { backupKey } from '../uses';
import { accountEntries, programEntries, sessionStatements, tableEntries } from './definitions';
import { decryptScript, readmeText, readOnlySql, rowsSql, zoneSql } from './readme';
import { manifestFile, RowsToFiles } from './rows';
import { refusePowerless } from './rights';

export const createInput = v.object({
  id: v.string(),
  instanceId: v.string(),
  /** The folder that holds the backup's own. */
  place: v.string(),
  scope: scopeSchema,
  startedAt: v.number(),
  /** How its key is made; null: it is not encrypted. */
  kdf: v.nullable(kdfSchema),
});
export type CreateInput = v.InferOutput<typeof createInput>;

/** Sessions that see the snapshot. */
const readers = 4;

/** The task that makes a backup. `key`: of one that is encrypted; it is in no journal, so that one that was interrupted cannot go on. */
export function createRun({ fleet, clock, changed, madeBy }: BackupParts, input: CreateInput, key: Buffer | null): TaskDefinition {
  const { id, instanceId, place, scope, startedAt } = input;
  const instance = fleet.instance(instanceId);
  const folder = join(place, id);
  return {
    kind: 'backup',
    name: instance.name,
    instanceIds: [instanceId],
    keepsNobodyOut: true,
    input,
    steps: [
      {
        id: 'prepare',
        title: message('backup.step.prepare', { place }),
        async run(step) {
          await step.remember(backupKey, id);
          const free = await freeBytes(place);
          if (free !== null && free < leastFree) throw failure('storage-full', { file: place });
          await beginFolder(folder, { id, instanceId, instanceName: instance.name, startedAt, scope, encrypted: input.kdf !== null });
          step.log('info', 'backup.log.folder', { folder });
          changed();
        },
        undo: async () => {
          await removeUnfinished(folder);
          changed();
        },
        undoLimitMs: 600_000,
      },
      {
        id: 'write',
        title: message('backup.step.write', { name: instance.name }),
        async run(step) {
          if (input.kdf !== null && key === null) throw failure('backup-passphrase', { name: id });
          await write({ fleet, clock, madeBy }, { step, source: endOf(fleet, instance), scope }, input, { folder, key });
          changed();
        },
      },
    ],
  };
}

/** With less than this left a disk is full. */
const leastFree = 16 * 1024 * 1024;

/** Of a backup that has its manifest nothing is taken away: it came to its end before it was cancelled. */
async function removeUnfinished(folder: string): Promise<void> {
  const found = await readBackup(folder);
  if (found?.state === 'begun') await removeFolder(folder);
  else if (found === null) await rm(folder, { recursive: true, force: true });
}

interface Target {
  readonly folder: string;
  readonly key: Buffer | null;
}

async function write(
  { fleet, clock, madeBy }: Pick<BackupParts, 'fleet' | 'clock' | 'madeBy'>, job: ReadJob, input: CreateInput, to: Target,
): Promise<void> {
  const { name } = fleet.instance(input.instanceId);
  await fleet.withSession(input.instanceId, (session) => refusePowerless(session, input.scope, name), { signal: job.step.signal });
  const snapshot = await openSnapshot(job, readers);
  try {
    const instance = fleet.instance(input.instanceId);
    const { control, gtidSet, lockedMs } = snapshot;
    const [server] = await control.query<{ uuid: string; names: string | number }>('SELECT @@server_uuid AS uuid, @@lower_case_table_names AS names');
    const content = await writeContent(job, snapshot, to);
    if (!(await snapshot.isAlive())) throw failure('connection-lost', { host: instance.admin.host, port: instance.admin.port });
    const unsealed: Omit<Manifest, 'seal'> = {
      format: 'antipode-backup', version: manifestVersion, id: input.id, madeBy,
      server: {
        instanceId: instance.id, name: instance.name, uuid: server?.uuid ?? '', version: control.version.raw, lowerCaseTableNames: Number(server?.names ?? 0),
      },
      startedAt: input.startedAt, endedAt: clock(), gtidSet, lockedMs, scope: input.scope,
      encryption: input.kdf === null ? null : { algorithm: 'aes-256-gcm', kdf: input.kdf }, ...content,
    };
    const manifest = { ...unsealed, seal: to.key === null ? '' : sealOf(unsealed, to.key) };
    await writeHelp(manifest, control.version.raw, to, sessionStatements(control, content.evaluation ?? null));
    await finishFolder(to.folder, manifest);
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
    job.step.log('info', 'backup.log.done', { tables: manifest.tables.length, rows, gtids: shortened(gtidSet) });
  } finally {
    await snapshot.close();
  }
}

function shortened(gtids: string): string {
  return gtids === '' ? '–' : gtids.length <= 200 ? gtids : `${gtids.slice(0, 200)}…`;
}

type Content = Pick<Manifest, 'zone' | 'evaluation' | 'momentsIn' | 'databases' | 'readOnly' | 'tables' | 'programs' | 'accounts' | 'leftOut' | 'files'>;

async function writeContent(job: ReadJob, snapshot: Snapshot, to: Target): Promise<Content> {
  const { control, catalogue, sessions } = snapshot;
  refuseGone(job.scope, catalogue);
  const zone = await zoneOf(control);
  const tables = (await describeAll(snapshot)).filter(({ database }) => database !== ownSchema);
  refuseUnknownTypes(tables);
  // Which dates there are is a matter of each row, and its files are read as a whole.
  const { dates: _dates, ...under } = await evaluationOf(control);
  const isComputed = tables.some(({ stored, checksInZone }) => stored.length > 0 || checksInZone === true);
  const opening = sessionStatements(control, isComputed ? under : null);
  const schema = await tableEntries(job, control, catalogue, tables);
  const files: ManifestFile[] = [await writeSql(job.step, to, 'schema.sql', 'Databases and tables', opening, schema)];
  const chunks = await planChunks(job, { ...snapshot, sessions }, tables, partBytes);
  job.objects?.begin(chunks, 'waiting');
  // Before the rows, for they are read as they are now.
  const { entries: programs, notShown } = await programEntries(job, control, catalogue);
  files.push(await writeSql(job.step, to, 'programs.sql', 'Views, routines, triggers, events', opening, programs));
  const accounts = job.scope.kind === 'instance' ? await accountEntries(job, control) : [];
  if (job.scope.kind === 'instance') files.push(await writeSql(job.step, to, 'accounts.sql', 'Accounts', opening, accounts));
  const rows = await new RowsToFiles(job, snapshot, chunks, to, zone).run(tables);
  const databases = catalogue.databases.filter((name) => name !== ownSchema);
  const closed = (await readOnlyDatabases(control)).filter((name) => databases.includes(name));
  return {
    zone, ...(isComputed ? { evaluation: { ...under, modes: [...under.modes] } } : {}), ...(tables.some(dependsOnZone) ? { momentsIn: 'zone' } : {}),
    databases, ...(closed.length === 0 ? {} : { readOnly: closed }), tables: [...rows.tables],
    programs: programs.map(({ object: { kind, database, name } }) => ({ kind: kind === 'VIEW' ? 'TABLE' : programKind(kind), database, name })),
    accounts: [...new Set(accounts.map(({ object }) => object.name))],
    leftOut: notShown.map(({ object, why }) => ({ object: { ...object }, why })), files: [...files, ...rows.files],
  };
}

/** What a backup is asked for it holds, or it is none: what is not there would be missed on the day it is restored. */
function refuseGone(scope: Scope, { databases, tables }: Catalogue): void {
  const named = (database: string): readonly string[] => tables.filter((one) => one.database === database).map(({ name }) => name);
  const gone = goneFrom(scope, new Map(databases.map((database) => [database, new Set(named(database))])));
  if (gone !== null) throw failure('not-found', gone);
}

function programKind(kind: SqlEntry['object']['kind']): Manifest['programs'][number]['kind'] {
  if (kind === 'DATABASE' || kind === 'SRS' || kind === 'VIEW') throw failure('internal', { detail: `no program: ${kind}` });
  return kind;
}

async function writeSql(
  step: StepContext, { folder, key }: Target, name: string, title: string, opening: readonly string[], entries: readonly SqlEntry[],
): Promise<ManifestFile> {
  step.checkpoint();
  const path = key === null ? name : `${name}.enc`;
  const form = { path: join(folder, path), compressed: false, key: key === null ? null : fileKey(key, path) };
  return manifestFile(path, await writeBytes(form, sqlFile(title, opening, entries)));
}

async function writeBytes(form: Parameters<typeof FrameWriter.create>[0], bytes: Buffer): Promise<FileFacts> {
  try {
    const writer = await FrameWriter.create(form, packerHere(null));
    try {
      writer.add(bytes);
      return await writer.end();
    } catch (thrown) {
      await writer.abandon();
      throw thrown;
    }
  } catch (thrown) {
    throw writeFailure(thrown, form.path);
  }
}

/** What is in a folder for people alone: no restore of ours reads it. */
async function writeHelp(manifest: Manifest, version: string, { folder, key }: Target, opening: readonly string[]): Promise<void> {
  try {
    const zoned = manifest.tables.filter(dependsOnZone).flatMap(statementsOf);
    await writeWhole(join(folder, 'README.txt'), readmeText(manifest, zoned.length > 0));
    if (zoned.length > 0) {
      await writeWhole(join(folder, 'zone.sql'), zoneSql(manifest.zone, opening));
      await writeWhole(join(folder, 'zone.txt'), zoned.map((path) => `${path}\n`).join(''));
    }
    if (key !== null) await writeWhole(join(folder, 'decrypt.mjs'), decryptScript);
    await writeWhole(join(folder, 'rows.sql'), rowsSql(manifest.tables.flatMap((table) => loadsOf(table, manifest.zone)), opening));
    const { readOnly = [] } = manifest;
    if (readOnly.length > 0) await writeWhole(join(folder, 'read-only.sql'), readOnlySql(readOnly.map(readOnlyStatement)));
  } catch (thrown) {
    throw writeFailure(thrown, join(folder, `README.txt of ${version}`));
  }
}

const unpacked = (files: ManifestTable['files'], wanted: 'lines' | 'statements'): readonly string[] =>
  files.filter(({ kind }) => kind === wanted).map(({ path }) => path.replace(/\.zst(?:\.enc)?$/, ''));

const statementsOf = ({ files }: ManifestTable): readonly string[] => unpacked(files, 'statements');

function loadsOf(table: ManifestTable, zone: string): readonly string[] {
  const lines = unpacked(table.files, 'lines');
  const loads = lines.map((path) => loadStatement(table.database, table.table, table.columns, path));
  return dependsOnZone(table) ? [`SET time_zone = '${zone}'`, ...loads, "SET time_zone = '+00:00'"] : loads;
}

/** One that was interrupted has lost its snapshot: its folder is taken away, or has become a backup at the last moment. */
export function createHandler(parts: BackupParts): TaskKindHandler<CreateInput> {
  return {
    kind: 'backup',
    input: createInput,
    rebuild: async (input) => createRun(parts, input, null),
    judge: async (_view, { id, place }) => {
      const found = await readBackup(join(place, id)).catch((thrown: unknown) => errorOf(thrown));
      const whole = found !== null && 'state' in found && found.state === 'whole';
      return { verdict: 'can-undo', text: message(whole ? 'backup.recover.whole' : 'backup.recover.begun', { folder: join(place, id) }) };
    },
  };
}
