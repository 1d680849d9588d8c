// What the pump's thread does with files: rows into one, rows out of one, and a look at one.
import type { Duplex } from 'node:stream';
import { failure } from '../../../shared/errors/codes';
import { TargetFailed, transferRows, type Transferred, type TransferWatch } from '../../mysql/rows/bulk';
import { BulkWire } from '../../mysql/rows/bulk-wire';
import { frameBytes, LoadSink } from '../../mysql/rows/row-sinks';
import type { ValueKind } from '../../mysql/rows/row-form';
import { packerHere, type PackThreads } from './packing';
import { readFailure } from './failures';
import { FrameWriter, readFrames, type ExpectedFile, type FileFacts, type FileForm } from './frames';
import { fileTaker, LineCutter, StatementCutter, type FileText } from './row-file';
import { loadZstd } from './zstd';

/** Rows of a SELECT into a new file. */
export interface SaveOrder {
  readonly select: string;
  readonly values: readonly ValueKind[];
  readonly text: FileText;
  readonly file: FileForm;
}

/** What became of them; no file where there are no rows. */
export interface Saved extends Transferred {
  readonly file: FileFacts | null;
}

/** @throws TargetFailed where the file is at fault; the session is good then */
export async function saveRows(source: Duplex, order: SaveOrder, stopSource: () => Promise<void>, watch: TransferWatch, packs: PackThreads): Promise<Saved> {
  let writer: FrameWriter | null = null;
  const create = async (): Promise<FrameWriter> => (writer = await FrameWriter.create(order.file, order.file.compressed ? packs.packer() : packerHere(null)));
  // Assigned in a call that the compiler does not follow.
  const opened = (): FrameWriter | null => writer;
  try {
    const { select, values, text } = order;
    const moved = await transferRows({ source, select, values, taker: fileTaker(text, values, create), stopSource }, watch);
    try {
      return { ...moved, file: (await opened()?.end()) ?? null };
    } catch (error) {
      throw new TargetFailed(error);
    }
  } catch (thrown) {
    await opened()?.abandon();
    throw thrown;
  }
}

/** Rows of a file into a server. */
export interface LoadOrder {
  readonly table: string;
  readonly targetName: string;
  readonly file: ExpectedFile;
  /** How many there are, by the manifest. */
  readonly rows: number;
  /** The statement that reads lines; null: the file holds statements. */
  readonly statement: string | null;
  /** What its statements begin with, and what they are to begin with. */
  readonly heads: { readonly found: string; readonly wanted: string };
  /** About so much is one transaction. */
  readonly batchBytes: number;
  readonly maxAllowedPacket: number;
}

/** @throws Failure `backup-damaged` where the file is not what the manifest says; what the server says else */
export async function loadRows(target: Duplex, order: LoadOrder, watch: TransferWatch): Promise<{ readonly rows: number }> {
  const wire = new BulkWire(target);
  try {
    const rows = order.statement === null ? await runStatements(wire, order, watch) : await loadLines(wire, order, order.statement, watch);
    if (rows !== order.rows) throw failure('backup-damaged', { name: order.table, detail: `${rows} rows instead of ${order.rows}` });
    return { rows };
  } finally {
    wire.release();
  }
}

/** One write to the socket at a time. */
const sentBytes = 128 * 1024;

async function loadLines(wire: BulkWire, order: LoadOrder, statement: string, watch: TransferWatch): Promise<number> {
  const sink = new LoadSink(wire, order.table, statement);
  const cutter = new LineCutter();
  let open = false;
  let batchBytes = 0;
  let rowsBefore = 0;
  const send = async (bytes: Uint8Array): Promise<void> => {
    if (bytes.length === 0) return;
    if (!open) await sink.begin();
    open = true;
    for (let at = 0; at < bytes.length; at += sentBytes) {
      const part = bytes.subarray(at, at + sentBytes);
      const buffer = Buffer.allocUnsafeSlow(frameBytes + part.length);
      buffer.set(part, frameBytes);
      sink.piece(buffer);
      await sink.drained();
    }
    batchBytes += bytes.length;
  };
  const endBatch = async (): Promise<void> => {
    if (!open) return;
    await sink.end(cutter.rows - rowsBefore);
    [open, batchBytes, rowsBefore] = [false, 0, cutter.rows];
  };
  for await (const piece of piecesOf(order.file)) {
    await watch.before(piece.length);
    const before = cutter.rows;
    const end = cutter.feed(piece);
    await send(piece.subarray(0, end));
    if (batchBytes >= order.batchBytes && end > 0) await endBatch();
    await send(piece.subarray(end));
    watch.moved(cutter.rows - before, piece.length);
  }
  await endBatch();
  return cutter.rows;
}

async function runStatements(wire: BulkWire, order: LoadOrder, watch: TransferWatch): Promise<number> {
  let rows = 0;
  const [found, wanted] = [Buffer.from(order.heads.found, 'utf8'), Buffer.from(order.heads.wanted, 'utf8')];
  const run = async (written: Buffer): Promise<void> => {
    // Nothing but rows of this table is run, whatever is in the file.
    if (!written.subarray(0, found.length).equals(found)) throw failure('backup-damaged', { name: order.table, detail: 'another statement' });
    const statement = Buffer.concat([wanted, written.subarray(found.length)]);
    if (statement.length >= order.maxAllowedPacket) {
      const megabyte = 1024 * 1024;
      throw failure('row-too-long', {
        table: order.table, name: order.targetName, megabytes: Math.ceil(statement.length / megabyte), limit: Math.floor(order.maxAllowedPacket / megabyte),
      }, { server: order.targetName });
    }
    wire.statement(statement);
    const entered = await wire.done();
    rows += entered;
    watch.moved(entered, statement.length);
  };
  await eachStatement(order.file, run);
  return rows;
}

/** The statements of a file that holds such, without what ends them. */
async function eachStatement(file: ExpectedFile, use: (statement: Buffer) => Promise<void>): Promise<void> {
  const cutter = new StatementCutter();
  let held: Uint8Array[] = [];
  for await (const piece of piecesOf(file)) {
    let from = 0;
    for (const end of cutter.feed(piece)) {
      // Behind the semicolon of the one before stands the end of its line.
      await use(trimmed(Buffer.concat([...held, piece.subarray(from, end)])));
      held = [];
      from = end + 1;
    }
    held.push(piece.subarray(from));
  }
}

function trimmed(statement: Buffer): Buffer {
  return statement[0] === 0x0a ? statement.subarray(1) : statement;
}

/** Reads a file as a restore would; returns the rows that it holds, null where it holds statements. Throws `backup-damaged`. */
export async function checkFile(file: ExpectedFile, holdsLines: boolean, moved: (bytes: number) => void): Promise<{ readonly rows: number | null }> {
  const cutter = holdsLines ? new LineCutter() : null;
  for await (const piece of piecesOf(file)) {
    cutter?.feed(piece);
    moved(piece.length);
  }
  return { rows: cutter?.rows ?? null };
}

/** The content of a small file, all of it proven. */
export async function readWhole(file: ExpectedFile): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of piecesOf(file)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** As {@link readFrames}; throws `backup-damaged`. */
async function* piecesOf(file: ExpectedFile): AsyncGenerator<Uint8Array> {
  const pieces = readFrames(file, await loadZstd());
  try {
    for (;;) {
      const next = await pieces.next().catch((thrown: unknown) => {
        throw readFailure(thrown, file.path);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await pieces.return(undefined);
  }
}
