import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { bandsOf, fold, type Bands } from '../../shared/domain/monitoring/fold';
import type { ResolutionId } from '../../shared/domain/monitoring/monitoring';
import { decodeHeader, decodeRecord, encodeHeader, encodeRecord, headerBytes, placeOf, ringsOf, type Columns, type Damage, type Ring } from './ring-layout';

/** The values of one second, in the order of the columns; NaN: a gap. */
export interface Row {
  /** Seconds since the epoch. */
  readonly second: number;
  readonly values: Float32Array;
}

const secondsOf = { minute: 60, quarter: 900 } as const;

/** What opening a file found. */
export type Opened = { readonly file: RingFile } | { readonly damage: Damage };

/**
 * The values of one instance on the disk, while it is open. One that has other columns than wanted (the program was updated) is written anew
 * with what it holds, and takes the place of the old one once it is whole.
 */
export class RingFile {
  private constructor(private readonly handle: FileHandle, readonly columns: Columns) {}

  /** Opens a file, or makes one that is empty. @throws the errors of the file system */
  static async open(path: string, columns: Columns): Promise<Opened> {
    const handle = await openExisting(path) ?? (await create(path, columns));
    const found = await headerOf(handle);
    if (typeof found === 'string') {
      await handle.close();
      return { damage: found };
    }
    const file = new RingFile(handle, found);
    return { file: found.join() === columns.join() ? file : await file.#withColumns(path, columns) };
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  /** Keeps rows, oldest first, and brings minutes and quarters that hold one of them up to date. */
  async append(rows: readonly Row[]): Promise<void> {
    const rings = ringsOf(this.columns.length);
    await this.#write(rings.second, rows.map(({ second, values }) => [second, values]));
    const minutes = [...new Set(rows.map(({ second }) => Math.floor(second / secondsOf.minute)))];
    for (const minute of minutes) {
      const seconds = await this.read('second', minute * secondsOf.minute, (minute + 1) * secondsOf.minute - 1);
      await this.#write(rings.minute, [[minute, fold(present(seconds), this.columns.length)]]);
    }
    const ratio = secondsOf.quarter / secondsOf.minute;
    for (const quarter of new Set(minutes.map((minute) => Math.floor(minute / ratio)))) {
      const bands = await this.read('minute', quarter * ratio, (quarter + 1) * ratio - 1);
      await this.#write(rings.quarter, [[quarter, fold(present(bands), this.columns.length)]]);
    }
  }

  /** The steps `first` to `last` of a ring; null: nothing is known of it. Those that the ring does not reach back to are null. */
  async read(id: ResolutionId, first: number, last: number): Promise<(Bands | null)[]> {
    const ring = ringsOf(this.columns.length)[id];
    const bands: (Bands | null)[] = [];
    for (const [from, count] of runsOf(ring, Math.max(first, last - ring.steps + 1), last)) {
      const bytes = Buffer.alloc(count * ring.recordBytes);
      await this.handle.read(bytes, 0, bytes.length, placeOf(ring, from));
      for (let at = 0; at < count; at += 1) {
        const values = decodeRecord(ring, from + at, bytes, at * ring.recordBytes);
        bands.push(values === null ? null : id === 'second' ? bandsOf(values) : values);
      }
    }
    return [...Array.from({ length: Math.max(0, last - first + 1 - bands.length) }, () => null), ...bands];
  }

  /** Empties the steps after a second: the clock was set back, and what was ahead of it is not of the time to come. */
  async forgetAfter(second: number, until: number): Promise<void> {
    const rings = ringsOf(this.columns.length);
    for (const ring of [rings.second, rings.minute, rings.quarter]) {
      const [first, last] = [Math.floor((second * 1_000) / ring.stepMs) + 1, Math.floor((until * 1_000) / ring.stepMs)];
      for (const [from, count] of runsOf(ring, Math.max(first, last - ring.steps + 1), last)) {
        await this.handle.write(Buffer.alloc(count * ring.recordBytes), 0, count * ring.recordBytes, placeOf(ring, from));
      }
    }
  }

  /** Records of steps that follow each other are written in one. */
  async #write(ring: Ring, records: readonly (readonly [step: number, values: Float32Array])[]): Promise<void> {
    let at = 0;
    while (at < records.length) {
      const [first] = records[at] ?? [0];
      let count = 1;
      while (records[at + count]?.[0] === first + count && (first + count) % ring.steps !== 0) count += 1;
      const bytes = Buffer.alloc(count * ring.recordBytes);
      records.slice(at, at + count).forEach(([step, values], index) => encodeRecord(ring, step, values, bytes, index * ring.recordBytes));
      await this.handle.write(bytes, 0, bytes.length, placeOf(ring, first));
      at += count;
    }
  }

  async #withColumns(path: string, columns: Columns): Promise<RingFile> {
    const beside = `${path}.new`;
    await rm(beside, { force: true });
    const file = new RingFile(await create(beside, columns), columns);
    const places = columns.map((name) => this.columns.indexOf(name));
    const [old, rings] = [ringsOf(this.columns.length), ringsOf(columns.length)];
    for (const id of ['second', 'minute', 'quarter'] as const) {
      const bytes = Buffer.alloc(old[id].steps * old[id].recordBytes);
      await this.handle.read(bytes, 0, bytes.length, old[id].offset);
      const width = rings[id].values / columns.length;
      const records: [number, Float32Array][] = [];
      for (let at = 0; at < bytes.length; at += old[id].recordBytes) {
        const step = bytes.readUInt32LE(at);
        const values = decodeRecord(old[id], step, bytes, at);
        if (values !== null) records.push([step, Float32Array.from({ length: rings[id].values }, (_, index) => {
          const place = places[Math.floor(index / width)] ?? -1;
          return place < 0 ? NaN : values[place * width + (index % width)] ?? NaN;
        })]);
      }
      await file.#write(rings[id], records.sort(([one], [other]) => one - other));
    }
    await this.close();
    await rename(beside, path);
    return file;
  }
}

const present = (steps: readonly (Bands | null)[]): readonly Bands[] => steps.filter((step) => step !== null);

/** Steps that stand side by side in the file: two runs where the ring begins anew between them. */
function runsOf(ring: Ring, first: number, last: number): (readonly [first: number, count: number])[] {
  const runs: (readonly [number, number])[] = [];
  for (let from = Math.max(0, first); from <= last; ) {
    const count = Math.min(last - from + 1, ring.steps - (from % ring.steps));
    runs.push([from, count]);
    from += count;
  }
  return runs;
}

async function openExisting(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** The file gets its name once its header is whole: a crash in between leaves a file that nobody reads. */
async function create(path: string, columns: Columns): Promise<FileHandle> {
  const beside = `${path}.made`;
  const handle = await open(beside, 'w+', 0o600);
  try {
    await handle.write(encodeHeader(columns), 0, headerBytes, 0);
    await handle.truncate(ringsOf(columns.length).fileBytes);
    await handle.sync();
    await rename(beside, path);
    return handle;
  } catch (error) {
    await handle.close();
    await rm(beside, { force: true });
    throw error;
  }
}

async function headerOf(handle: FileHandle): Promise<Columns | Damage> {
  const header = Buffer.alloc(headerBytes);
  const { bytesRead } = await handle.read(header, 0, headerBytes, 0);
  return decodeHeader(header.subarray(0, bytesRead));
}
