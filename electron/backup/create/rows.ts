// The rows of a snapshot, each part of a table into a file of its own.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { atLeast } from '../../../shared/domain/fleet/version';
import { failure } from '../../../shared/errors/codes';
import { contentHead, contentOf } from '../../comparison/content';
import type { FileFacts } from '../../copy/files/frames';
import { fileKey } from '../../copy/files/sealing';
import type { FileText } from '../../copy/files/row-file';
import type { Saved } from '../../copy/files/transfers';
import { insertStatement, isGeometry, travelOf } from '../../copy/rows/columns';
import type { Chunk, TableToCopy } from '../../copy/rows/chunks';
import { Documents } from '../../copy/rows/documents';
import { Lanes, type Lane } from '../../copy/rows/lanes';
import { firstLanes, moveWatched } from '../../copy/rows/pacing';
import { TargetSideFailed, type RowSession } from '../../copy/rows/pump';
import { RowMeter } from '../../copy/rows/row-meter';
import { fromOf } from '../../copy/rows/rows';
import { dependsOnZone } from '../../copy/rows/zone';
import { lostInRow, patchExpression, type JsonPlace } from '../../copy/rows/typed-json';
import { shareOut } from '../../copy/rows/workers';
import { changedOr } from '../../copy/schema/changed';
import type { ReadJob } from '../../copy/snapshot/sessions';
import type { Snapshot } from '../../copy/snapshot/snapshot';
import type { ManifestFile, ManifestTable } from '../manifest';

/** A statement in a file holds about so much: by hand it must fit into what a server takes by default. */
const statementBytes = 1024 * 1024;

/** Where the files go. */
export interface RowFolder {
  readonly folder: string;
  /** Of the backup; null: its files are not sealed. */
  readonly key: Buffer | null;
}

interface Written {
  readonly rows: ManifestTable['files'][number];
  readonly facts: FileFacts;
}

/** What became of one table. */
interface TableState {
  readonly files: Written[];
  rows: number;
  /** Rows as the server counted them in the same snapshot. */
  counted: number;
  content: bigint;
}

/** The rows of tables as files, and what the manifest says of both. */
export interface SavedRows {
  readonly tables: readonly ManifestTable[];
  readonly files: readonly ManifestFile[];
}

/** Writes the rows of all parts, and sums up the content of each table in the same snapshot. */
export class RowsToFiles {
  readonly #states = new Map<TableToCopy, TableState>();
  readonly #documents: Documents;
  readonly #meter: RowMeter;
  #lastFile = 0;

  constructor(
    private readonly job: ReadJob,
    private readonly snapshot: Snapshot,
    private readonly chunks: readonly Chunk[],
    private readonly to: RowFolder,
    /** Of the source: `+08:00`. */
    private readonly zone: string,
  ) {
    this.#documents = new Documents(job.step);
    this.#meter = new RowMeter(job.step, chunks, job.objects);
  }

  async run(tables: readonly TableToCopy[]): Promise<SavedRows> {
    const { job, snapshot } = this;
    const lanes = new Lanes<RowSession, Chunk>(this.chunks, snapshot.sessions, firstLanes, (reader, lane) => this.#writeAll(reader, lane));
    const mover = {
      get lanes() { return lanes.count; }, run: () => lanes.run(), stop: () => lanes.stop(), want: (count: number) => lanes.want(count),
    };
    await moveWatched({ job, mustFollow: false, snapshot, mover, meter: this.#meter, mostMbPerSecond: () => null });
    // Documents are compared with the types of what they hold, of which every part of a table may know some.
    const left = this.chunks.filter(({ table }) => holdsDocuments(table)).map((chunk) => ({ chunk, table: this.#documents.described(chunk.table) }));
    await shareOut(snapshot.sessions, left, (reader, { chunk, table }) => this.#addContent(reader, { ...chunk, table }, this.#stateOf(chunk.table)));
    const states = tables.map((table) => ({ table, state: this.#stateOf(table) }));
    return {
      tables: states.map(({ table, state }) => this.#described(table, state)),
      files: states.flatMap(({ state }) => state.files.map(({ rows: { path }, facts }) => manifestFile(path, facts))),
    };
  }

  #described(table: TableToCopy, { files, rows, counted, content }: TableState): ManifestTable {
    if (rows !== counted) {
      throw failure('internal', { detail: `${table.database}.${table.table}: ${rows} rows written, ${counted} counted in the same snapshot` });
    }
    const { columns, stored, checksInZone, database, holdsRows, key, bytes } = this.#documents.described(table);
    const plain = (all: typeof columns): ManifestTable['columns'] =>
      all.map(({ places, ...column }) => ({ ...column, ...(places === undefined ? {} : { places: [...places] }) }));
    return {
      database, table: table.table, columns: plain(columns), stored: plain(stored), holdsRows, key, rows, bytes,
      ...(checksInZone === undefined ? {} : { checksInZone }), content: holdsRows ? String(content) : null, files: files.map((one) => one.rows),
    };
  }

  #stateOf(table: TableToCopy): TableState {
    const state = this.#states.get(table) ?? { files: [], rows: 0, counted: 0, content: 0n };
    this.#states.set(table, state);
    return state;
  }

  async #writeAll(reader: RowSession, lane: Lane<Chunk>): Promise<void> {
    const { step } = this.job;
    for (let chunk = lane.next(); chunk !== undefined; chunk = lane.next()) {
      step.checkpoint();
      // Values come as they are stored; sums of contents are texts of our own.
      await reader.run('SET SESSION character_set_results = NULL', [], { signal: step.signal });
      const state = this.#stateOf(chunk.table);
      const { written, hashes } = await this.#inZone(reader, chunk, () => this.#write(reader, chunk));
      for (const one of written) {
        state.files.push(one);
        state.rows += one.rows.rows;
      }
      await reader.run('SET SESSION character_set_results = utf8mb4', [], { signal: step.signal });
      if (hashesCome(chunk.table)) await this.#addCounted(reader, chunk, state, hashes);
      else if (!holdsDocuments(chunk.table)) await this.#addContent(reader, chunk, state);
      await this.snapshot.release(reader);
      this.#meter.finished(chunk);
    }
  }

  /** Moments from which a stored column is computed are written in the zone of the source, as they are read back: UTC would compute another one. */
  async #inZone<Result>(reader: RowSession, { table }: Chunk, work: () => Promise<Result>): Promise<Result> {
    if (!dependsOnZone(table)) return work();
    const { signal } = this.job.step;
    await reader.run(`SET SESSION time_zone = '${this.zone}'`, [], { signal });
    const result = await work();
    await reader.run("SET SESSION time_zone = '+00:00'", [], { signal });
    return result;
  }

  /** The hashes came with the rows, so that the server reads these once; how many there are it is asked apart. */
  async #addCounted(reader: RowSession, chunk: Chunk, state: TableState, hashes: string): Promise<void> {
    const [row] = await reader.query<{ found: string | number }>(`SELECT COUNT(*) AS found FROM ${fromOf(chunk, '')}`, [], { signal: this.job.step.signal });
    state.content += BigInt(hashes);
    state.counted += Number(row?.found ?? 0);
  }

  async #addContent(reader: RowSession, chunk: Chunk, state: TableState): Promise<void> {
    const { rows, sum } = await contentOf(reader, reader.version, chunk, this.job.step.signal).catch((thrown: unknown) => {
      throw changedOr(thrown, this.job, chunk.table);
    });
    state.content += BigInt(sum);
    state.counted += Number(rows);
  }

  /** As the first copy sends them: rows that lose a type as lines follow as statements. */
  async #write(reader: RowSession, chunk: Chunk): Promise<{ readonly written: readonly Written[]; readonly hashes: string }> {
    const whole = fromOf(chunk, '');
    // Some servers take no geometry that is NOT NULL from lines.
    if (chunk.table.columns.some(isGeometry) && !holdsDocuments(chunk.table)) {
      const { written, saved } = await this.#save(reader, chunk, whole, 'statements', []);
      return { written, hashes: saved.hashes };
    }
    for (;;) {
      const lost = this.#documents.lostIn(chunk.table);
      const kept = lost.length === 0 ? whole : fromOf(chunk, `NOT ${lostInRow(lost, reader.version, reader.version)}`);
      const lines = await this.#save(reader, chunk, kept, 'lines', []);
      if (await this.#documents.areAllFound({ reader, target: reader.version, table: chunk.table, part: whole, leftOut: lost }, lines.saved)) {
        if (lost.length === 0) return { written: lines.written, hashes: lines.saved.hashes };
        const rest = await this.#save(reader, chunk, fromOf(chunk, lostInRow(lost, reader.version, reader.version)), 'statements', lost);
        return { written: [...lines.written, ...rest.written], hashes: '0' };
      }
      await rm(join(this.to.folder, lines.path), { force: true });
      this.#meter.restarted(chunk);
    }
  }

  async #save(
    reader: RowSession, chunk: Chunk, from: string, kind: 'lines' | 'statements', lost: readonly JsonPlace[],
  ): Promise<{ readonly path: string; readonly saved: Saved; readonly written: readonly Written[] }> {
    const { columns, database, table } = chunk.table;
    const { select, values } = travelOf(columns, !atLeast(reader.version, 8, 0), ({ name }) => {
      const places = lost.filter(({ column }) => column === name);
      return places.length === 0 ? null : patchExpression(places, reader.version, reader.version);
    });
    const { key, folder } = this.to;
    const path = `rows/${String(++this.#lastFile).padStart(6, '0')}.${kind === 'lines' ? 'tsv' : 'sql'}.zst${key === null ? '' : '.enc'}`;
    const text: FileText = kind === 'lines' ? { kind } : { kind, statement: insertStatement(database, table, columns), batchBytes: statementBytes };
    const file = { path: join(folder, path), compressed: true, key: key === null ? null : fileKey(key, path) };
    const order = hashesCome(chunk.table)
      ? { select: `SELECT ${select}, ${contentHead(chunk.table)} FROM ${from}`, values: [...values, 'hash' as const], text, file }
      : { select: `SELECT ${select} FROM ${from}`, values, text, file };
    const saved = await this.snapshot.pump
      .save(order, reader, this.job.step.signal, (rows, bytes) => this.#meter.moved(chunk, rows, bytes))
      .catch((thrown: unknown) => {
        throw thrown instanceof TargetSideFailed ? thrown.cause : changedOr(thrown, this.job, chunk.table);
      });
    if (saved.file === null && saved.rows > 0) throw failure('internal', { detail: 'rows without a file' });
    return { path, saved, written: saved.file === null ? [] : [{ rows: { path, kind, rows: saved.rows }, facts: saved.file }] };
  }
}

/** What the manifest says of a file that was written. */
export function manifestFile(path: string, { frames, ...facts }: FileFacts): ManifestFile {
  return { path, ...facts, frames: frames.map(([stored, plain]): [number, number] => [stored, plain]) };
}

/** Whether rows are hashed as they are written: a moment is hashed in UTC, and of documents the types have to be known. */
function hashesCome(table: TableToCopy): boolean {
  return !holdsDocuments(table) && !dependsOnZone(table);
}

function holdsDocuments({ columns }: TableToCopy): boolean {
  return columns.some(({ type }) => type === 'json');
}
