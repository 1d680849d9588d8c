import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { serverTaker, TargetFailed, transferRows, type Taking, type Transferred } from '../../../electron/mysql/rows/bulk';
import { fullPacket } from '../../../electron/mysql/rows/row-encoder';
import { largeStatement } from '../../../electron/mysql/rows/row-sinks';
import { Semaphore } from '../../../electron/copy/rows/semaphore';

const packet = (sequence: number, body: Buffer): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, body]);
};
const endOfFile = Buffer.from([0xfe, 0, 0, 2, 0]);
const description = Buffer.from('\x03def\x00\x00\x00\x01c\x00\x0c\x3f\x00\x00\x00\x00\x00\xfd\x00\x00\x00\x00\x00', 'latin1');

interface Side {
  readonly socket: Duplex;
  /** Bytes that came out of it (source), or that it took (target). */
  bytes: number;
}

/** A source that answers every statement with rows of one column, each so long; the bytes are made only as they are read. */
function sourceOf(rows: readonly number[], fill = 'x'): Side {
  const side: { socket: Duplex; bytes: number } = { socket: new Duplex(), bytes: 0 };
  const piece = Buffer.alloc(64 * 1024, fill);
  function* answer(): Generator<Buffer> {
    yield Buffer.concat([packet(1, Buffer.from([1])), packet(2, description), packet(3, endOfFile)]);
    for (const length of rows) {
      const prefix = Buffer.alloc(9);
      prefix[0] = 0xfe;
      prefix.writeBigUInt64LE(BigInt(length), 1);
      let left = prefix.length + length;
      for (let first = true, size = fullPacket; size === fullPacket; first = false) {
        size = Math.min(left, fullPacket);
        const head = Buffer.alloc(4);
        head.writeUIntLE(size, 0, 3);
        yield first ? Buffer.concat([head, prefix]) : head;
        left -= size;
        for (let rest = first ? size - prefix.length : size; rest > 0; rest -= piece.length) yield piece.subarray(0, rest);
      }
    }
    yield packet(9, endOfFile);
  }
  const pieces = answer();
  side.socket = new Duplex({
    read() {
      const next = pieces.next();
      if (next.done === true) return;
      side.bytes += next.value.length;
      this.push(next.value);
    },
    write: (_chunk, _encoding, done) => done(),
  });
  return side;
}

interface Target extends Side {
  /** Lengths of the statements. */
  readonly statements: number[];
  /** Lets what waits for it pass. */
  go(): void;
}

/** A target that takes INSERT statements and answers `answerOf` them; while `holds`, it takes nothing more. */
function targetOf(answerOf: (statement: number) => Buffer, holds = false): Target {
  const statements: number[] = [];
  let waiting: (() => void) | null = null;
  let [held, head, left, length, last] = [holds, Buffer.alloc(0), 0, 0, false];
  const take = (chunk: Buffer): void => {
    for (let at = 0; at < chunk.length || (left === 0 && last); ) {
      if (left === 0 && last) {
        statements.push(length);
        [length, last] = [0, false];
        target.socket.push(packet(1, answerOf(statements.length)));
        continue;
      }
      if (left === 0) {
        head = Buffer.concat([head, chunk.subarray(at, at + 4 - head.length)]);
        at += Math.min(chunk.length - at, 4);
        if (head.length < 4) return;
        left = head.readUIntLE(0, 3);
        last = left < fullPacket;
        head = Buffer.alloc(0);
        continue;
      }
      const part = Math.min(left, chunk.length - at);
      left -= part;
      length += part;
      at += part;
    }
  };
  const target: Target = {
    bytes: 0,
    statements,
    socket: new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        const pass = (): void => {
          target.bytes += chunk.length;
          take(chunk);
          done();
        };
        if (held) waiting = pass;
        else pass();
      },
    }),
    go() {
      held = false;
      waiting?.();
    },
  };
  return target;
}

const inserted = (rows: number): Buffer => Buffer.from([0, rows, 0, 2, 0, 0, 0]);
const byInsert = (change: Partial<Taking & { way: 'insert' }> = {}): Taking => ({ way: 'insert', statement: 'INSERT INTO t VALUES ', batchBytes: 1024 * 1024, maxAllowedPacket: 1024 ** 3, ...change });

function transfer(from: Side, to: Side, taking: Taking, turns = new Semaphore(2)): Promise<Transferred> {
  const values = ['bytes'] as const;
  const taker = serverTaker({ socket: to.socket, table: 'd.t', name: 'standby', taking, takeTurn: () => turns.take() }, values);
  return transferRows({ source: from.socket, select: 'SELECT c FROM t', values, taker, stopSource: () => Promise.resolve() }, { before: () => null, moved: () => undefined });
}

const settle = async (): Promise<void> => { for (let i = 0; i < 2000; i++) await new Promise((resolve) => { setImmediate(resolve); }); };

describe('a transfer by INSERT', () => {
  it('sends statements of about the length it was told', async () => {
    const rows = Array.from({ length: 60 }, () => 100_000);
    const target = targetOf((statement) => inserted(statement === 6 ? 5 : 11));
    await expect(transfer(sourceOf(rows), target, byInsert())).resolves.toMatchObject({ rows: 60 });
    expect(target.statements).toHaveLength(6);
  });

  it('carries a row of many packets, also one that fills its last one to the byte', async () => {
    const frame = "\x03INSERT INTO t VALUES (_binary'')".length;
    const target = targetOf(() => inserted(1));
    await transfer(sourceOf([40_000_000, 2 * fullPacket - frame, 3]), target, byInsert());
    expect(target.statements).toEqual([40_000_000 + frame, 2 * fullPacket, 3 + frame]);
  });

  it.each([['one row of 200 MB', [200_000_000]], ['rows of 3 MB', Array.from({ length: 60 }, () => 3_000_000)]])('holds few bytes while the target takes none: %s', async (_what, rows) => {
    const target = targetOf(() => inserted(1), true);
    const source = sourceOf(rows);
    const moving = transfer(source, target, byInsert());
    await settle();
    // One packet that is being filled, the one under way, and what the sockets hold.
    expect(source.bytes).toBeLessThan(2 * fullPacket + 2 * largeStatement);
    target.go();
    await expect(moving).resolves.toMatchObject({ rows: rows.length });
  });

  it('holds no large statement without a turn, and gives it back when it is answered or fails', async () => {
    const turns = new Semaphore(1);
    const over = await turns.take();
    const [source, target] = [sourceOf([30_000_000]), targetOf(() => inserted(1))];
    const moving = transfer(source, target, byInsert(), turns);
    await settle();
    expect([target.bytes, source.bytes < 2 * largeStatement]).toEqual([0, true]);
    over();
    await moving;
    const failing = targetOf(() => Buffer.from('\xff\x28\x04#23000Duplicate', 'latin1'));
    await expect(transfer(sourceOf([30_000_000, 5]), failing, byInsert(), turns)).rejects.toMatchObject({ cause: { errno: 1064, message: 'Duplicate' } });
    await expect(turns.take()).resolves.toBeTypeOf('function');
  });

  it('does not believe a target that counts other than it was sent', async () => {
    const failed: unknown = await transfer(sourceOf([5, 5]), targetOf(() => inserted(1)), byInsert()).catch((thrown: unknown) => thrown);
    expect(failed).toBeInstanceOf(TargetFailed);
    expect(failed).toMatchObject({ cause: { error: { code: 'seed-impossible', params: { reason: 'd.t: 2 rows sent, 1 arrived' } } } });
  });

  it('names the table of a row that is too long, and reads the answer of the source to its end', async () => {
    const [source, target] = [sourceOf([10, 30_000_000, 10]), targetOf(() => inserted(1))];
    await expect(transfer(source, target, byInsert({ maxAllowedPacket: 4 * 1024 * 1024 }))).rejects.toMatchObject({ cause: { error: { code: 'row-too-long', params: { table: 'd.t', name: 'standby', megabytes: 29, limit: 4 } } } });
    expect(source.bytes).toBeGreaterThan(30_000_000);
    expect(target.bytes).toBeLessThan(1000);
  });
});
