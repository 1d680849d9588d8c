import type { Duplex } from 'node:stream';
import { failure } from '../../shared/errors/codes';
import { RowEncoder } from './row-encoder';

/** What a transfer asks and tells while it runs. */
export interface TransferWatch {
  /** Before bytes are used: a rate limit makes it wait. */
  before(bytes: number): Promise<void> | null;
  moved(rows: number, bytes: number): void;
}

const queryCommand = 3;
/** Bytes on their way to the target before the source has to wait. */
const inFlightLimit = 2 * 1024 * 1024;
/** Where neither server moves a byte for this long, one of them or the network between hangs. Milliseconds. */
export const stallLimitMs = 300_000;
/** Chunks from the source that wait for their turn. */
const queueLimit = 8;

class ServerRefusal extends Error {
  readonly errno: number;
  readonly sqlState: string;

  constructor(packet: Buffer) {
    const hasState = packet[3] === 0x23;
    super(packet.toString('utf8', hasState ? 9 : 3));
    this.errno = packet.readUInt16LE(1);
    this.sqlState = hasState ? packet.toString('latin1', 4, 9) : '';
  }
}

/** The packets of one side, on a socket that nobody else listens to. */
class Wire {
  private readonly queue: Buffer[] = [];
  private wake: (() => void) | null = null;
  private failed: Error | null = null;
  private inFlight = 0;
  private readonly idle: Buffer[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly onData = (chunk: Buffer): void => {
    this.queue.push(chunk);
    if (this.queue.length >= queueLimit) this.socket.pause();
    this.wake?.();
  };
  private readonly onEnd = (error?: unknown): void => {
    this.failed ??= error instanceof Error ? error : Object.assign(new Error('the server closed the connection'), { code: 'ECONNRESET' });
    this.wake?.();
    for (const go of this.waiting.splice(0)) go();
  };

  constructor(readonly socket: Duplex) {
    socket.on('data', this.onData);
    socket.on('error', this.onEnd);
    socket.on('close', this.onEnd);
    socket.on('end', this.onEnd);
    socket.resume();
  }

  /** Gives the socket back. */
  release(): void {
    this.socket.off('data', this.onData);
    this.socket.off('error', this.onEnd);
    this.socket.off('close', this.onEnd);
    this.socket.off('end', this.onEnd);
  }

  /** The next bytes, whatever they are. */
  async chunk(): Promise<Buffer> {
    for (;;) {
      const chunk = this.queue.shift();
      if (chunk !== undefined) {
        if (this.queue.length === 0 && this.socket.isPaused()) this.socket.resume();
        return chunk;
      }
      if (this.failed !== null) throw this.failed;
      await this.untilMoved((resolve) => (this.wake = resolve));
      this.wake = null;
    }
  }

  /** Bytes that were not used, to be seen again first. */
  unread(rest: Buffer): void {
    if (rest.length > 0) this.queue.unshift(rest);
  }

  /** A whole packet, for the short ones. */
  async packet(): Promise<{ readonly sequence: number; readonly body: Buffer }> {
    let bytes = Buffer.alloc(0);
    for (;;) {
      if (bytes.length >= 4) {
        const length = bytes.readUIntLE(0, 3);
        if (bytes.length >= 4 + length) {
          this.unread(bytes.subarray(4 + length));
          return { sequence: bytes[3] as number, body: bytes.subarray(4, 4 + length) };
        }
      }
      bytes = Buffer.concat([bytes, await this.chunk()]);
    }
  }

  query(sql: string): void {
    const text = Buffer.from(sql, 'utf8');
    const packet = Buffer.allocUnsafe(5 + text.length);
    packet.writeUIntLE(text.length + 1, 0, 3);
    packet[3] = 0;
    packet[4] = queryCommand;
    text.copy(packet, 5);
    this.socket.write(packet);
  }

  /** Writes a buffer that is used again once it has left. */
  write(buffer: Buffer): void {
    this.inFlight += buffer.length;
    this.socket.write(buffer, () => {
      this.inFlight -= buffer.length;
      if (this.idle.length < 16) this.idle.push(Buffer.from(buffer.buffer));
      if (this.inFlight < inFlightLimit) for (const go of this.waiting.splice(0)) go();
    });
  }

  spare(): Buffer | null {
    return this.idle.pop() ?? null;
  }

  async drained(): Promise<void> {
    while (this.inFlight >= inFlightLimit) {
      if (this.failed !== null) throw this.failed;
      await this.untilMoved((resolve) => this.waiting.push(resolve));
    }
    if (this.failed !== null) throw this.failed;
  }

  /** Waits for the server; one that is silent for too long is taken for gone. */
  private async untilMoved(listen: (resolve: () => void) => void): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(() => this.onEnd(Object.assign(new Error(`nothing moved for ${stallLimitMs / 1000} s`), { code: 'ETIMEDOUT' })), stallLimitMs);
      listen(resolve);
    });
    clearTimeout(timer);
  }

  /** The answer to a statement without rows; how many rows it touched. */
  async done(): Promise<number> {
    const { body } = await this.packet();
    if (body[0] === 0xff) throw new ServerRefusal(body);
    if (body[0] !== 0) throw failure('internal', { detail: 'an unexpected answer of the server' });
    return lengthAt(body, 1);
  }
}

function lengthAt(body: Buffer, at: number): number {
  const first = body[at] as number;
  if (first < 0xfb) return first;
  if (first === 0xfc) return body.readUInt16LE(at + 1);
  if (first === 0xfd) return body.readUIntLE(at + 1, 3);
  return Number(body.readBigUInt64LE(at + 1));
}

/** Bytes that a piece leaves free at its head, for the frame of a packet. */
const frameBytes = 4;

/** The target's side: each batch is one LOAD DATA LOCAL, and so one transaction; its pieces are the packets of the file. */
class LoadSink {
  private sequence = 0;

  constructor(
    private readonly wire: Wire,
    private readonly statement: string,
  ) {}

  async begin(): Promise<void> {
    this.wire.query(this.statement);
    const { sequence, body } = await this.wire.packet();
    if (body[0] === 0xff) throw new ServerRefusal(body);
    if (body[0] !== 0xfb) throw failure('internal', { detail: 'the server did not ask for the rows' });
    this.sequence = sequence;
  }

  /** Takes a piece; gives an empty buffer back where one is at hand. */
  piece(buffer: Buffer): Buffer | null {
    this.frame(buffer);
    this.wire.write(buffer);
    return this.wire.spare();
  }

  /** Resolves once the server has taken enough of what was given. */
  drained(): Promise<void> {
    return this.wire.drained();
  }

  /** Ends the batch; how many rows entered. */
  async end(): Promise<number> {
    const last = Buffer.alloc(frameBytes);
    this.frame(last);
    this.wire.socket.write(last);
    return this.wire.done();
  }

  private frame(buffer: Buffer): void {
    this.sequence = (this.sequence + 1) & 0xff;
    buffer.writeUIntLE(buffer.length - frameBytes, 0, 3);
    buffer[3] = this.sequence;
  }
}

/** What a transfer did. */
export interface Transferred {
  readonly rows: number;
  readonly bytes: number;
}

/** The target did not take the rows; the source is as it was, its answer read to the end. */
export class TargetFailed extends Error {
  constructor(override readonly cause: unknown) {
    super('the target failed');
  }
}

/** A transfer: rows of a SELECT at the source, taken by a LOAD DATA LOCAL at the target. */
export interface Transfer {
  readonly source: Duplex;
  readonly target: Duplex;
  readonly select: string;
  readonly load: string;
  /** By column of the SELECT: may hold any byte. */
  readonly escaped: readonly boolean[];
  /** A batch, and so a transaction at the target, takes about this much. */
  readonly batchBytes: number;
  /** Makes the source end its answer early. */
  stopSource(): Promise<void>;
}

/**
 * Streams the rows; the count that each LOAD DATA reports must be the count that was sent.
 *
 * @throws TargetFailed for trouble of the target, anything else for trouble of the source
 */
export async function transferRows({ source, target, select, load, escaped, batchBytes, stopSource }: Transfer, watch: TransferWatch): Promise<Transferred> {
  const from = new Wire(source);
  const to = new Wire(target);
  const sink = new LoadSink(to, load);
  let discard = false;
  const encoder = new RowEncoder(escaped, batchBytes, frameBytes, (piece) => (discard ? Buffer.from(piece.buffer) : sink.piece(piece)));
  const atTarget = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw new TargetFailed(error);
    }
  };
  let rows = 0;
  let bytes = 0;
  let chunk: Buffer = Buffer.alloc(0);
  let at = 0;
  const endBatch = async (): Promise<void> => {
    encoder.end();
    const entered = await atTarget(() => sink.end());
    // LOCAL turns duplicate keys into warnings: the count is the proof that every row entered.
    if (entered !== encoder.rows) throw failure('seed-impossible', { seed: 'copy', reason: `${load.slice(0, 200)}: ${encoder.rows} rows sent, ${entered} arrived` });
    rows += encoder.rows;
    bytes += encoder.bytes;
  };
  try {
    from.query(select);
    let open = false;
    let told = 0;
    while (!encoder.over) {
      chunk = await from.chunk();
      at = 0;
      const wait = watch.before(chunk.length);
      if (wait !== null) await wait;
      while (at < chunk.length && !encoder.over) {
        at = encoder.feed(chunk, at);
        if (encoder.wantsBatch) {
          await atTarget(() => sink.begin());
          encoder.begin();
          open = true;
          told = 0;
        } else if (encoder.full) {
          watch.moved(encoder.rows - told, 0);
          told = encoder.rows;
          await endBatch();
          open = false;
        }
      }
      watch.moved(open ? encoder.rows - told : 0, chunk.length);
      told = encoder.rows;
      await atTarget(() => sink.drained());
    }
    if (encoder.refusal !== null) throw new ServerRefusal(encoder.refusal);
    if (open) await endBatch();
    return { rows, bytes };
  } catch (error) {
    if (error instanceof TargetFailed && !encoder.over) {
      discard = true;
      from.unread(chunk.subarray(at));
      await stopSource();
      await readToEnd(from, encoder);
    }
    throw error;
  } finally {
    from.release();
    to.release();
  }
}

/** Lets the rest of the answer go by, so that the source's session (and with it the snapshot) lives on. */
async function readToEnd(from: Wire, encoder: RowEncoder): Promise<void> {
  while (!encoder.over) {
    const chunk = await from.chunk();
    let at = 0;
    while (at < chunk.length && !encoder.over) {
      at = encoder.feed(chunk, at);
      if (encoder.wantsBatch || encoder.full) encoder.begin();
    }
  }
}
