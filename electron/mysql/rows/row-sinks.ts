import { failure } from '../../../shared/errors/codes';
import { ServerRefusal, type BulkWire } from './bulk-wire';
import { fullPacket } from './row-encoder';

/** Bytes that a piece leaves free at its head, for the frame of a packet. */
export const frameBytes = 4;

/** The target's side of a transfer: takes batches in pieces; at a server each batch is one transaction. */
export interface RowSink {
  begin(): Promise<void>;
  /** Takes a piece, its frame still empty; gives an empty buffer back where one is at hand. */
  piece(buffer: Buffer): Buffer | null;
  /** Resolves once enough has left of what was given. */
  drained(): Promise<void>;
  /** Ends a batch of so many rows. Fewer that arrive are a failure, of this batch or told with the next one. */
  end(rows: number): Promise<void>;
  /** Resolves once every batch has been answered. */
  settled(): Promise<void>;
  /** The transfer is over, whatever it came to: what was held for it is given back. */
  release(): void;
}

function frame(buffer: Buffer, length: number, sequence: number): void {
  buffer.writeUIntLE(length, 0, 3);
  buffer[3] = sequence & 0xff;
}

/** Duplicate keys may be mere warnings: the count is the proof that every row entered. */
function prove(table: string, sent: number, entered: number, why: string | null = null): void {
  if (entered === sent) return;
  const reason = `${table}: ${sent} rows sent, ${entered} arrived${why === null ? '' : ` (${why})`}`;
  throw failure('seed-impossible', { seed: 'copy', reason });
}

/** Each batch is one LOAD DATA LOCAL; its pieces are the packets of the file. */
export class LoadSink implements RowSink {
  private sequence = 0;

  constructor(
    private readonly wire: BulkWire,
    private readonly table: string,
    private readonly statement: string,
  ) {}

  async begin(): Promise<void> {
    this.wire.query(this.statement);
    const { sequence, body } = await this.wire.packet();
    if (body[0] === 0xff) throw new ServerRefusal(body);
    if (body[0] !== 0xfb) throw failure('internal', { detail: 'the server did not ask for the rows' });
    this.sequence = sequence;
  }

  piece(buffer: Buffer): Buffer | null {
    frame(buffer, buffer.length - frameBytes, ++this.sequence);
    this.wire.write(buffer);
    return this.wire.spare();
  }

  drained(): Promise<void> {
    return this.wire.drained();
  }

  async end(rows: number): Promise<void> {
    const last = Buffer.alloc(frameBytes);
    frame(last, 0, ++this.sequence);
    this.wire.socket.write(last);
    const { rows: entered, warnings } = await this.wire.answer();
    // What a LOAD DATA does not take it passes over with a warning: a row of no partition, or one that a CHECK or a unique key refuses.
    prove(this.table, rows, entered, entered === rows || warnings === 0 ? null : await this.wire.firstWarning());
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  release(): void {
    this.wire.release();
  }
}

/** A statement may hold so much without asking anybody. */
export const largeStatement = 2 * 1024 * 1024;

/**
 * Each batch is one INSERT of many rows. Its length has to be known before its first byte is sent, so it is held until it
 * is complete, or fills a packet of the protocol. The server works on one while the next is put together.
 */
export class InsertSink implements RowSink {
  private readonly held: Buffer[] = [];
  private heldBytes = 0;
  private sequence = 0;
  private answer: Promise<void> = Promise.resolve();
  private giveBack: (() => void) | null = null;

  /** @param takeTurn waits until a large statement may be held; what it gives is called once the statement has been answered */
  constructor(
    private readonly wire: BulkWire,
    private readonly table: string,
    private readonly takeTurn: () => Promise<() => void>,
  ) {}

  begin(): Promise<void> {
    this.sequence = 0;
    return Promise.resolve();
  }

  piece(buffer: Buffer): Buffer | null {
    this.held.push(buffer.subarray(frameBytes));
    this.heldBytes += buffer.length - frameBytes;
    return this.wire.spare();
  }

  async drained(): Promise<void> {
    if (this.heldBytes >= largeStatement) {
      await this.answer;
      this.giveBack ??= await this.takeTurn();
      this.sendFull();
    }
    await this.wire.drained();
  }

  async end(rows: number): Promise<void> {
    await this.answer;
    this.sendFull();
    // A packet that is not full ends the statement, even an empty one.
    this.send(this.heldBytes);
    this.answer = this.wire.done().then((entered) => prove(this.table, rows, entered)).finally(() => this.letGo());
    // Whoever waits for it hears of it.
    this.answer.catch(() => undefined);
  }

  settled(): Promise<void> {
    return this.answer;
  }

  release(): void {
    this.letGo();
    this.wire.release();
  }

  /** Nothing large is held any more. */
  private letGo(): void {
    this.giveBack?.();
    this.giveBack = null;
  }

  private sendFull(): void {
    while (this.heldBytes >= fullPacket) this.send(fullPacket);
  }

  private send(length: number): void {
    const head = Buffer.alloc(frameBytes);
    frame(head, length, this.sequence++);
    this.wire.socket.cork();
    this.wire.socket.write(head);
    for (let left = length; left > 0; ) {
      const piece = this.held.shift() as Buffer;
      const part = piece.subarray(0, left);
      if (part.length < piece.length) this.held.unshift(piece.subarray(part.length));
      this.wire.write(part, part.length === piece.length);
      left -= part.length;
    }
    this.wire.socket.uncork();
    this.heldBytes -= length;
  }
}
