// The rows of a backup, file by file, into tables that are there and empty.
import { compareVersions, atLeast } from '../../../shared/domain/fleet/version';
import { failure } from '../../../shared/errors/codes';
import { contentOf } from '../../comparison/content';
import { insertStatement, loadStatement } from '../../copy/rows/columns';
import { inCopyOrder, type Chunk } from '../../copy/rows/chunks';
import { Lanes, type Lane } from '../../copy/rows/lanes';
import { partsOf } from '../../copy/rows/plan';
import { Pump, type RowSession } from '../../copy/rows/pump';
import { RowMeter } from '../../copy/rows/row-meter';
import { loadBytes } from '../../copy/rows/row-writers';
import { dependsOnZone } from '../../copy/rows/zone';
import { shareOut } from '../../copy/rows/workers';
import { addKeys, type Later } from '../../copy/schema/schema';
import { rowWriter, writerSession, type WriteJob, type WriterOptions } from '../../copy/snapshot/sessions';
import { maxPacketOf } from '../../mysql/max-packet';
import { openAll } from '../../mysql/session/open-all';
import type { Session } from '../../mysql/types';
import { versionIn, type ManifestTable } from '../manifest';
import { partBytes } from '../folder';
import type { ChosenTable } from './choice';
import { expectedFile, type OpenBackup } from './open';

/** Sessions that take rows at the same time. */
const lanesOfRows = 3;

interface FileToLoad {
  readonly table: ChosenTable;
  readonly file: ManifestTable['files'][number];
  readonly chunk: Chunk;
}

/** Loads the rows of tables; a table gets its later keys with its last file. */
export async function loadAll(
  job: WriteJob, backup: OpenBackup, tables: readonly ChosenTable[], later: ReadonlyMap<unknown, Later>, options: WriterOptions,
): Promise<void> {
  const { step, target } = job;
  const byPath = new Map(backup.manifest.files.map((file) => [file.path, file]));
  const plainBytes = (path: string): number => byPath.get(path)?.plainBytes ?? 0;
  const items: FileToLoad[] = tables.flatMap((table) =>
    table.of.files.map((file) => ({ table, file, chunk: { table, where: file.path, rows: file.rows, bytes: plainBytes(file.path) } })));
  const meter = new RowMeter(step, items.map(({ chunk }) => chunk));
  const pump = Pump.start();
  const keysOf = (table: ChosenTable): readonly string[] => later.get(table)?.keys ?? [];
  const load = async (session: RowSession, { table, file, chunk }: FileToLoad, maxAllowedPacket: number): Promise<void> => {
    const facts = byPath.get(file.path);
    if (facts === undefined) throw failure('internal', { detail: 'a file that is in no list' });
    const order = {
      table: `${table.database}.${table.table}`, targetName: target.name, file: expectedFile(backup, facts), rows: file.rows,
      statement: file.kind === 'lines' ? loadStatement(table.database, table.table, table.columns) : null,
      heads: { found: insertStatement(table.of.database, table.of.table, table.columns), wanted: insertStatement(table.database, table.table, table.columns) },
      batchBytes: loadBytes, maxAllowedPacket,
    };
    const zone = dependsOnZone(table) ? backup.manifest.zone : null;
    if (zone !== null) await session.run(`SET SESSION time_zone = '${zone}'`, [], { signal: step.signal });
    await pump.load(order, session, step.signal, (rows, bytes) => meter.moved(chunk, rows, bytes));
    // A key on what is computed keeps it as the session computes it.
    if (meter.isLast(chunk) && keysOf(table).length > 0) await addKeys(job, session, table, keysOf(table));
    if (zone !== null) await session.run("SET SESSION time_zone = '+00:00'", [], { signal: step.signal });
    meter.finished(chunk);
  };
  const work = async (session: RowSession, lane: Lane<FileToLoad>): Promise<void> => {
    const packet = await maxPacketOf(session, step.signal);
    for (let item = lane.next(); item !== undefined; item = lane.next()) {
      step.checkpoint();
      await load(session, item, packet);
    }
  };
  try {
    const sessions = await openAll(Array.from({ length: lanesOfRows }, () => () => rowWriter(pump, target, step.signal, options)));
    const bySize = [...items].sort((a, b) => b.chunk.bytes - a.chunk.bytes);
    await new Lanes<RowSession, FileToLoad>(bySize, sessions, sessions.length, work).run();
    const [session] = sessions;
    const keyed = tables.filter((table) => table.of.files.length === 0 && keysOf(table).length > 0);
    for (const table of keyed) if (session !== undefined) await addKeys(job, session, table, keysOf(table));
  } finally {
    await pump.close();
  }
}

/** Sessions that compare at the same time. */
const comparers = 4;

/**
 * Holds what is in the tables now against what the backup's server summed up in the snapshot.
 *
 * @throws Failure `content-differs` naming the tables
 */
export async function compareAll({ step, target }: WriteJob, backup: OpenBackup, tables: readonly ChosenTable[]): Promise<void> {
  const source = versionIn(backup.manifest);
  const summed = tables.filter(({ of }) => of.content !== null);
  const held = new Map<ChosenTable, { rows: number; sum: bigint }>(summed.map((table) => [table, { rows: 0, sum: 0n }]));
  const sessions: Session[] = [];
  try {
    for (let i = 0; i < comparers; i++) sessions.push(await writerSession(target, step.signal, writerOptions(backup, false)));
    const version = (session: Session): typeof source => (compareVersions(source, session.version) < 0 ? source : session.version);
    const parts = inCopyOrder(await partsOf(sessions, summed, step.signal, partBytes));
    let done = 0;
    await shareOut(sessions, parts, async (session, part) => {
      step.checkpoint();
      const { rows, sum } = await contentOf(session, version(session), part, step.signal);
      const of = held.get(part.table) ?? { rows: 0, sum: 0n };
      held.set(part.table, { rows: of.rows + Number(rows), sum: of.sum + BigInt(sum) });
      done += 1;
      step.progress({ text: null, done, total: parts.length, unit: 'steps', rate: null, etaSeconds: null });
    });
  } finally {
    for (const session of sessions) session.destroy();
  }
  const different = [...held].filter(([{ of }, { rows, sum }]) => rows !== of.rows || String(sum) !== of.content)
    .map(([{ database, table }]) => `${database}.${table}`);
  if (different.length > 0) {
    throw failure('content-differs', { count: different.length, tables: different.slice(0, 10).join(', ') }, { server: target.name });
  }
}

/** Before 8.0 the default collation of utf8mb4 was another one, and definitions leave it out; columns that are computed give what they gave there. */
export function writerOptions({ manifest }: OpenBackup, logged: boolean): WriterOptions {
  const { evaluation } = manifest;
  return { oldSource: !atLeast(versionIn(manifest), 8, 0), logged, ...(evaluation === undefined ? {} : { evaluation }) };
}
