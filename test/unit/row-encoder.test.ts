import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowEncoder } from '../../electron/mysql/row-encoder';

type Value = Buffer | null;

const lengthOf = (size: number): Buffer => {
  if (size < 0xfb) return Buffer.from([size]);
  const long = Buffer.alloc(9);
  if (size < 0x10000) {
    long[0] = 0xfc;
    long.writeUInt16LE(size, 1);
    return long.subarray(0, 3);
  }
  if (size <= 0xffffff) {
    long[0] = 0xfd;
    long.writeUIntLE(size, 1, 3);
    return long.subarray(0, 4);
  }
  long[0] = 0xfe;
  long.writeBigUInt64LE(BigInt(size), 1);
  return long;
};

/** A payload as packets, cut where a packet is full. */
function packets(payload: Buffer, most = 0xffffff): Buffer {
  const out: Buffer[] = [];
  for (let at = 0; ; at += most) {
    const piece = payload.subarray(at, at + most);
    const head = Buffer.alloc(4);
    head.writeUIntLE(piece.length, 0, 3);
    out.push(head, piece);
    if (piece.length < most) return Buffer.concat(out);
  }
}

const end = Buffer.from([0xfe, 0, 0, 2, 0]);

/** The answer to a SELECT, as a server sends it in the text protocol. */
function answer(columns: number, rows: readonly (readonly Value[])[], last: Buffer = end): Buffer {
  const description = Buffer.from('\x03def\x00\x00\x00\x01c\x00\x0c\x3f\x00\x00\x00\x00\x00\xfd\x00\x00\x00\x00\x00', 'latin1');
  const row = (values: readonly Value[]): Buffer => Buffer.concat(values.map((value) => (value === null ? Buffer.from([0xfb]) : Buffer.concat([lengthOf(value.length), value]))));
  return Buffer.concat([packets(Buffer.from([columns])), ...Array.from({ length: columns }, () => packets(description)), packets(end), ...rows.map((values) => packets(row(values))), packets(last)]);
}

/** What LOAD DATA reads by its defaults, read back. */
function readLines(text: Buffer): Value[][] {
  const rows: Value[][] = [];
  let row: Value[] = [];
  let value: number[] = [];
  let isNull = false;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] as number;
    if (byte === 0x5c) {
      at += 1;
      const next = text[at] as number;
      if (next === 0x4e && value.length === 0) isNull = true;
      else value.push(next);
      continue;
    }
    if (byte !== 0x09 && byte !== 0x0a) {
      value.push(byte);
      continue;
    }
    row.push(isNull ? null : Buffer.from(value));
    [value, isNull] = [[], false];
    if (byte === 0x0a) {
      rows.push(row);
      row = [];
    }
  }
  expect([row, value]).toEqual([[], []]);
  return rows;
}

interface Encoded {
  readonly batches: readonly { readonly rows: number; readonly bytes: number }[];
  readonly text: Buffer;
  readonly refusal: Buffer | null;
}

function encode(bytes: Buffer, escaped: readonly boolean[], cuts: readonly number[], batchBytes = 1e9, reserve = 4): Encoded {
  const pieces: Buffer[] = [];
  const batches: { rows: number; bytes: number }[] = [];
  const encoder = new RowEncoder(escaped, batchBytes, reserve, (piece) => {
    pieces.push(Buffer.from(piece.subarray(reserve)));
    return Buffer.from(piece.buffer);
  });
  let open = false;
  const close = (): void => {
    encoder.end();
    batches.push({ rows: encoder.rows, bytes: encoder.bytes });
    open = false;
  };
  let from = 0;
  for (const to of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    const chunk = bytes.subarray(from, to);
    for (let at = 0; at < chunk.length && !encoder.over; ) {
      at = encoder.feed(chunk, at);
      if (encoder.wantsBatch) {
        encoder.begin();
        open = true;
      } else if (encoder.full) close();
    }
    from = to;
  }
  expect(encoder.over).toBe(true);
  if (open) close();
  return { batches, text: Buffer.concat(pieces), refusal: encoder.refusal };
}

const anyValue = fc.oneof(fc.constant(null), fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)), fc.array(fc.constantFrom(0x09, 0x0a, 0x5c, 0x4e, 0x00, 0xfe, 0xff), { maxLength: 20 }).map((bytes) => Buffer.from(bytes)));

describe('rows on their way', () => {
  it('come out as they went in, wherever the network cuts them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }).chain((columns) => fc.tuple(fc.constant(columns), fc.array(fc.array(anyValue, { minLength: columns, maxLength: columns }), { maxLength: 12 }))),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.integer({ min: 1, max: 400 }),
        ([columns, rows], cuts, batchBytes) => {
          const { text, batches } = encode(answer(columns, rows), Array.from({ length: columns }, () => true), cuts, batchBytes);
          expect(readLines(text)).toEqual(rows);
          expect(batches.reduce((sum, batch) => sum + batch.rows, 0)).toBe(rows.length);
          expect(batches.reduce((sum, batch) => sum + batch.bytes, 0)).toBe(text.length);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('takes digits as they are', () => {
    expect(encode(answer(2, [[Buffer.from('12'), Buffer.from('-1.5')], [null, Buffer.from('')]]), [false, false], []).text.toString()).toBe('12\t-1.5\n\\N\t\n');
  });

  it('carries a value that fills a packet of the protocol to the byte, and more', () => {
    for (const size of [0xffffff - 4, 0xffffff - 3, 0xffffff + 70_000]) {
      const value = Buffer.alloc(size, 'x');
      value[size - 1] = 0x0a;
      const { text, batches } = encode(answer(1, [[value], [Buffer.from('y')]]), [true], [70_000, 16_000_000]);
      expect(text.length).toBe(size + 2 + 2);
      expect(text.subarray(-5).toString()).toBe('x\\\n\ny\n'.slice(-5));
      expect(batches).toEqual([{ rows: 2, bytes: text.length }]);
    }
  });

  it('has no batch for no rows, and keeps what the server says in place of rows', () => {
    expect(encode(answer(1, []), [true], []).batches).toEqual([]);
    const refused = encode(answer(1, [[Buffer.from('1')]], Buffer.from('\xff\x25\x05#HY000killed', 'latin1')), [true], [3, 40]);
    expect(refused.refusal?.toString('latin1', 3)).toBe('#HY000killed');
  });

  it('refuses a row of another form', () => {
    expect(() => encode(answer(2, [[Buffer.from('1'), Buffer.from('2')]]), [true], [])).toThrow(expect.objectContaining({ error: expect.objectContaining({ params: { detail: 'a row of another form than its statement' } }) as unknown }));
  });
});
