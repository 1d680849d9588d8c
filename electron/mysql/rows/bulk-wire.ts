import type { Duplex } from 'node:stream';
import { failure } from '../../../shared/errors/codes';
import { fullPacket } from './row-encoder';
import { queryCommand } from './row-form';

/** Bytes on their way to the target before the source has to wait. */
const inFlightLimit = 2 * 1024 * 1024;
/** Where neither server moves a byte for this long, one of them or the network between hangs. Milliseconds. */
const stallLimitMs = 300_000;
/** Chunks from the source that wait for their turn. */
const queueLimit = 8;
/** Buffers kept to be used again. */
const mostIdle = 16;

/** An error packet, in the form of a driver's error. */
export class ServerRefusal extends Error {
  readonly errno: number;
  readonly sqlState: string;

  constructor(packet: Buffer) {
    const hasState = packet[3] === 0x23;
    super(packet.toString('utf8', hasState ? 9 : 3));
    this.errno = packet.readUInt16LE(1);
    this.sqlState = hasState ? packet.toString('latin1', 4, 9) : '';
  }
}

/** A packet is longer than whoever asked for it wants to hold. */
export class PacketTooLong extends Error {}

/** The packets of one side, on a socket that nobody else listens to. */
export class BulkWire {
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

  /** Gives the socket back; whoever still waits for it has waited in vain. */
  release(): void {
    this.socket.off('data', this.onData);
    this.socket.off('error', this.onEnd);
    this.socket.off('close', this.onEnd);
    this.socket.off('end', this.onEnd);
    this.onEnd(new Error('the transfer is over'));
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

  /** A whole packet. One that is longer than `limit` is not waited for. */
  async packet(limit = Infinity): Promise<{ readonly sequence: number; readonly body: Buffer }> {
    let bytes = await this.chunk();
    while (bytes.length < 4) bytes = Buffer.concat([bytes, await this.chunk()]);
    const [length, sequence] = [bytes.readUIntLE(0, 3), bytes[3] as number];
    if (length > limit) throw new PacketTooLong();
    if (bytes.length >= 4 + length) {
      this.unread(bytes.subarray(4 + length));
      return { sequence, body: bytes.subarray(4, 4 + length) };
    }
    // Of one that comes in many pieces each byte is copied once.
    const body = Buffer.allocUnsafe(length);
    let at = bytes.copy(body, 0, 4);
    while (at < length) {
      const chunk = await this.chunk();
      const used = chunk.copy(body, at);
      at += used;
      this.unread(chunk.subarray(used));
    }
    return { sequence, body };
  }

  query(sql: string): void {
    this.command(queryCommand, Buffer.from(sql, 'utf8'));
  }

  /** A statement as bytes, however long: a packet that is full goes on in the next one. */
  statement(sql: Buffer): void {
    const whole = Buffer.concat([Buffer.from([queryCommand]), sql]);
    for (let at = 0, sequence = 0; ; at += fullPacket, sequence++) {
      const part = whole.subarray(at, at + fullPacket);
      const head = Buffer.alloc(4);
      head.writeUIntLE(part.length, 0, 3);
      head[3] = sequence & 0xff;
      this.socket.write(head);
      this.socket.write(part);
      if (part.length < fullPacket) return;
    }
  }

  /** Begins a command of the protocol. */
  command(code: number, content: Buffer): void {
    const packet = Buffer.allocUnsafe(5 + content.length);
    packet.writeUIntLE(content.length + 1, 0, 3);
    packet[3] = 0;
    packet[4] = code;
    content.copy(packet, 5);
    this.socket.write(packet);
  }

  /** Writes a buffer; what it is a part of is used again once it has left, where `last` says that nothing else of that is needed. */
  write(buffer: Buffer, last = true): void {
    this.inFlight += buffer.length;
    this.socket.write(buffer, () => {
      this.inFlight -= buffer.length;
      if (last && this.idle.length < mostIdle) this.idle.push(Buffer.from(buffer.buffer));
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
    return (await this.answer()).rows;
  }

  /** As `done`, and how many warnings there are. */
  async answer(): Promise<{ readonly rows: number; readonly warnings: number }> {
    const { body } = await this.packet();
    if (body[0] === 0xff) throw new ServerRefusal(body);
    if (body[0] !== 0) throw failure('internal', { detail: 'an unexpected answer of the server' });
    const behindIds = 1 + widthAt(body, 1);
    const status = behindIds + widthAt(body, behindIds);
    return { rows: lengthAt(body, 1), warnings: body.length < status + 4 ? 0 : body.readUInt16LE(status + 2) };
  }

  /** The first warning of the statement that was answered last, in the server's words; null: it has none to tell. */
  async firstWarning(): Promise<string | null> {
    this.query('SHOW WARNINGS LIMIT 1');
    const { body: head } = await this.packet();
    if (head[0] === 0xff) return null;
    for (let column = head[0] ?? 0; column > 0; column--) await this.packet();
    let text: string | null = null;
    // The columns have an end of their own, unless both sides have agreed on none; then come the rows, and their end.
    for (let ends = 0; ends < 2;) {
      const { body } = await this.packet();
      if (isEnd(body)) ends += text === null && ends === 0 ? 1 : 2;
      else text = textsOf(body)[2] ?? null;
    }
    return text;
  }
}

/** Of an answer with rows: there are no more. */
const isEnd = (body: Buffer): boolean => body[0] === 0xfe && body.length < 9;

function textsOf(body: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < body.length;) {
    const length = body[at] === 0xfb ? 0 : lengthAt(body, at);
    at += body[at] === 0xfb ? 1 : widthAt(body, at);
    texts.push(body.toString('utf8', at, at + length));
    at += length;
  }
  return texts;
}

/** Bytes that a number of variable length takes. */
function widthAt(body: Buffer, at: number): number {
  const first = body[at] as number;
  return first < 0xfb ? 1 : first === 0xfc ? 3 : first === 0xfd ? 4 : 9;
}

function lengthAt(body: Buffer, at: number): number {
  const first = body[at] as number;
  if (first < 0xfb) return first;
  if (first === 0xfc) return body.readUInt16LE(at + 1);
  if (first === 0xfd) return body.readUIntLE(at + 1, 3);
  return Number(body.readBigUInt64LE(at + 1));
}
