import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashTally } from '../../../electron/mysql/rows/hash-tally';
import { RowEncoder, type BatchLimits } from '../../../electron/mysql/rows/row-encoder';
import { insertForm, loadForm, type RowForm } from '../../../electron/mysql/rows/row-form';

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
  const row = (values: readonly Value[]): Buffer =>
    Buffer.concat(values.map((value) => (value === null ? Buffer.from([0xfb]) : Buffer.concat([lengthOf(value.length), value]))));
  return Buffer.concat([
    packets(Buffer.from([columns])), ...Array.from({ length: columns }, () => packets(description)), packets(end),
    ...rows.map((values) => packets(row(values))), packets(last),
  ]);
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
  readonly batches: readonly { readonly rows: number; readonly bytes: number; readonly text: Buffer }[];
  readonly text: Buffer;
  readonly refusal: Buffer | null;
  readonly tooLong: number | null;
}

const unlimited: BatchLimits = { batchBytes: 1e9, mostBytes: Infinity };
const lines = (columns: number): RowForm => loadForm(Array.from({ length: columns }, () => 'bytes'));

function encode(bytes: Buffer, form: RowForm, cuts: readonly number[], limits = unlimited, reserve = 4, watches: readonly (HashTally | null)[] = []): Encoded {
  let pieces: Buffer[] = [];
  const batches: { rows: number; bytes: number; text: Buffer }[] = [];
  const encoder = new RowEncoder(form, limits, reserve, (piece) => {
    pieces.push(Buffer.from(piece.subarray(reserve)));
    return Buffer.from(piece.buffer);
  }, watches);
  let open = false;
  const close = (): void => {
    encoder.end();
    batches.push({ rows: encoder.rows, bytes: encoder.bytes, text: Buffer.concat(pieces) });
    pieces = [];
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
  return { batches, text: Buffer.concat(batches.map(({ text }) => text)), refusal: encoder.refusal, tooLong: encoder.tooLong };
}

const anyValue = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.array(fc.constantFrom(0x09, 0x0a, 0x5c, 0x4e, 0x00, 0xfe, 0xff), { maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
);

describe('rows on their way', () => {
  it('come out as they went in, wherever the network cuts them', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 5 })
          .chain((columns) =>
            fc.tuple(fc.constant(columns), fc.array(fc.array(anyValue, { minLength: columns, maxLength: columns }), { maxLength: 12 })),
          ),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.integer({ min: 1, max: 400 }),
        ([columns, rows], cuts, batchBytes) => {
          const { text, batches } = encode(answer(columns, rows), lines(columns), cuts, { batchBytes, mostBytes: Infinity });
          expect(readLines(text)).toEqual(rows);
          expect(batches.reduce((sum, batch) => sum + batch.rows, 0)).toBe(rows.length);
          expect(batches.reduce((sum, batch) => sum + batch.bytes, 0)).toBe(text.length);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('come to the same where each row is copied at once and where the network brings byte by byte', () => {
    const size = fc.oneof(fc.constantFrom(9, 10, 92, 250, 251, 252), fc.nat({ max: 300 }));
    const value = fc.oneof(
      { weight: 6, arbitrary: fc.tuple(size, fc.constantFrom('5', 'x', '\u00e9')).map(([length, text]) => Buffer.alloc(length, text, 'latin1')) },
      { weight: 1, arbitrary: anyValue },
    );
    const row = (columns: number): fc.Arbitrary<Value[]> => fc.array(value, { minLength: columns, maxLength: columns });
    const rows = fc.integer({ min: 1, max: 6 }).chain((columns) => fc.array(row(columns), { minLength: 1, maxLength: 20 }));
    const limits = fc.record({ batchBytes: fc.integer({ min: 200, max: 4_000 }), mostBytes: fc.constantFrom(Infinity, 8_000) });
    fc.assert(
      fc.property(rows, limits, (some, bounds) => {
        const columns = some[0]?.length ?? 0;
        const bytes = answer(columns, some);
        expect(encode(bytes, lines(columns), [], bounds)).toEqual(encode(bytes, lines(columns), Array.from(bytes, (_, at) => at), bounds));
      }),
      { numRuns: 120 },
    );
  });

  it('adds up the hash behind each row and writes nothing of it, wherever the network cuts', () => {
    const hash = fc.oneof(
      { weight: 5, arbitrary: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes)) },
      { weight: 1, arbitrary: fc.constantFrom<Value>(null, Buffer.alloc(8, 0xff), Buffer.alloc(8)) },
    );
    const rows = fc.integer({ min: 1, max: 4 }).chain((columns) =>
      fc.array(fc.tuple(fc.array(anyValue, { minLength: columns, maxLength: columns }), hash), { minLength: 1, maxLength: 20 }));
    fc.assert(
      fc.property(rows, fc.array(fc.nat(), { maxLength: 12 }), fc.boolean(), (some, cuts, asLines) => {
        const columns = some[0]?.[0].length ?? 0;
        const kinds = Array.from({ length: columns }, () => 'bytes' as const);
        const formOf = (all: Parameters<typeof loadForm>[0]): RowForm => (asLines ? loadForm(all) : insertForm('INSERT INTO t VALUES ', all));
        const tally = new HashTally();
        const bytes = answer(columns + 1, some.map(([values, last]) => [...values, last]));
        const { text } = encode(bytes, formOf([...kinds, 'hash']), cuts, unlimited, 4, [...kinds.map(() => null), tally]);
        expect(text.equals(encode(answer(columns, some.map(([values]) => values)), formOf(kinds), []).text)).toBe(true);
        expect(tally.sum()).toBe(String(some.reduce((sum, [, last]) => sum + (last === null ? 0n : last.readBigUInt64BE()), 0n)));
      }),
      { numRuns: 300 },
    );
  });

  it('loses nothing of a sum of many hashes', () => {
    const tally = new HashTally();
    const most = Buffer.alloc(8, 0xff);
    const count = 3_000_000;
    for (let i = 0; i < count; i++) tally.add(most, 0);
    expect(tally.sum()).toBe(String(BigInt(count) * 0xffff_ffff_ffff_ffffn));
  });

  it('takes no hash of another length', () => {
    const bytes = answer(2, [[Buffer.from('1'), Buffer.from('1234567')]]);
    expect(() => encode(bytes, loadForm(['number', 'hash']), [], unlimited, 4, [null, new HashTally()])).toThrow('internal');
  });

  it('takes digits as they are', () => {
    expect(encode(answer(2, [[Buffer.from('12'), Buffer.from('-1.5')], [null, Buffer.from('')]]), loadForm(['number', 'text']), []).text.toString()).toBe('12\t-1.5\n\\N\t\n');
  });

  it('carries a value that fills a packet of the protocol to the byte, and more', () => {
    for (const size of [0xffffff - 4, 0xffffff - 3, 0xffffff + 70_000]) {
      const value = Buffer.alloc(size, 'x');
      value[size - 1] = 0x0a;
      const { text, batches } = encode(answer(1, [[value], [Buffer.from('y')]]), lines(1), [70_000, 16_000_000]);
      expect(text.length).toBe(size + 2 + 2);
      expect(text.subarray(-5).toString()).toBe('x\\\n\ny\n'.slice(-5));
      expect(batches).toMatchObject([{ rows: 2, bytes: text.length }]);
    }
  });

  it('has no batch for no rows, and keeps what the server says in place of rows', () => {
    expect(encode(answer(1, []), lines(1), []).batches).toEqual([]);
    const refused = encode(answer(1, [[Buffer.from('1')]], Buffer.from('\xff\x25\x05#HY000killed', 'latin1')), lines(1), [3, 40]);
    expect(refused.refusal?.toString('latin1', 3)).toBe('#HY000killed');
  });

  it('refuses a row of another form', () => {
    expect(() => encode(answer(2, [[Buffer.from('1'), Buffer.from('2')]]), lines(1), [])).toThrow(expect.objectContaining({ error: expect.objectContaining({ params: { detail: 'a row of another form than its statement' } }) as unknown }));
  });
});

const kinds = ['number', 'text', 'bytes', 'json', 'hex'] as const;
const statement = 'INSERT INTO `t` VALUES ';

/** What a server reads in such a statement, by the rules of its manual ("String Literals", "Hexadecimal Literals"): the values, each with its introducer. */
function readInsert(text: Buffer): (readonly [string, Value])[][] {
  let at = statement.length + 1;
  expect(text.toString('latin1', 0, at)).toBe(`\x03${statement}`);
  const take = (pattern: RegExp): string => {
    const match = pattern.exec(text.toString('latin1', at, at + 24));
    if (match === null) throw new Error(`at ${at}: ${text.toString('latin1', at, at + 24)}`);
    at += match[0].length;
    return match[0];
  };
  const quoted = (): Buffer => {
    const bytes: number[] = [];
    for (; text[at] !== 0x27; at++) {
      if (text[at] === 0x5c) at += 1;
      bytes.push(text[at] as number);
    }
    at += 1;
    return Buffer.from(bytes);
  };
  const value = (): readonly [string, Value] => {
    const opening = take(/^(?:NULL|\d+|_binary'|_utf8mb4'|X'|')/);
    if (opening === 'NULL') return ['', null];
    return /\d$/.test(opening) ? ['number', Buffer.from(opening)] : [opening, quoted()];
  };
  const rows: (readonly [string, Value])[][] = [];
  while (at < text.length) {
    take(rows.length === 0 ? /^\(/ : /^,\(/);
    const row = [value()];
    while (take(/^[,)]/) === ',') row.push(value());
    rows.push(row);
  }
  return rows;
}

describe('rows as INSERT statements', () => {
  const digits = fc.stringMatching(/^[0-9]{1,20}$/).map((text) => Buffer.from(text));
  const hex = fc.stringMatching(/^([0-9A-F]{2}){0,9}$/).map((text) => Buffer.from(text));
  const hostile = fc.oneof(
    anyValue,
    fc.array(fc.constantFrom(0x27, 0x5c, 0x00, 0x1a, 0x22, 0xe6, 0x81, 0x0a), { maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
  );
  const anyRow = fc.tuple(fc.option(digits), fc.option(digits), hostile, hostile, fc.option(hex));
  const opening: Readonly<Record<(typeof kinds)[number], string>> = { number: 'number', text: "'", bytes: "_binary'", json: "_utf8mb4'", hex: "X'" };

  it('hold what the rows hold, wherever the network cuts them, and none is longer than it may be', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 12 }), fc.integer({ min: 1, max: 300 }), (rows, cuts, batchBytes) => {
        const { batches, tooLong } = encode(answer(5, rows), insertForm(statement, kinds), cuts, { batchBytes, mostBytes: 600 });
        expect(tooLong).toBeNull();
        expect(Math.max(0, ...batches.map(({ text }) => text.length))).toBeLessThanOrEqual(600);
        expect(batches.map(({ bytes }) => bytes)).toEqual(batches.map(({ text }) => text.length));
        const read = batches.flatMap(({ text }) => readInsert(text));
        expect(batches.reduce((sum, batch) => sum + batch.rows, 0)).toBe(read.length);
        expect(read).toEqual(rows.map((row) => row.map((value, column) => [value === null ? '' : opening[kinds[column] as (typeof kinds)[number]], value])));
      }),
      { numRuns: 400 },
    );
  });

  const one = insertForm(statement, ['bytes']);
  const head = statement.length + 1;
  const row = (bytes: number, fill = 'x'): Value[] => [Buffer.alloc(bytes, fill)];

  it('end before a row that might be too much for them, and one row may fill one to the byte', () => {
    const framed = "(_binary'')".length;
    const limits = (mostBytes: number): BatchLimits => ({ batchBytes: 1e6, mostBytes });
    const tight = head + framed + 100;
    expect(encode(answer(1, [row(10), row(100), row(10)]), one, [], limits(tight)).batches.map(({ rows }) => rows)).toEqual([1, 1, 1]);
    expect(encode(answer(1, [row(10), row(10), row(10)]), one, [], limits(1000)).batches.map(({ rows }) => rows)).toEqual([3]);
    expect(encode(answer(1, [row(100)]), one, [], limits(tight)).tooLong).toBeNull();
    expect(encode(answer(1, [row(101)]), one, [], limits(tight)).tooLong).toBe(tight + 1);
    // Longer by its backslashes only.
    expect(encode(answer(1, [row(60, "'")]), one, [], limits(tight)).tooLong).toBe(head + framed + 120);
  });

  it('know a row that is too long before its bytes have come', () => {
    const bytes = answer(1, [row(300_000)]);
    let pieces = 0;
    const encoder = new RowEncoder(one, { batchBytes: 1000, mostBytes: 200_000 }, 4, () => (pieces++, null));
    let at = encoder.feed(bytes, 0);
    encoder.begin();
    at = encoder.feed(bytes.subarray(0, at + 20), at);
    expect([encoder.tooLong, pieces]).toEqual([head + "(_binary'".length + 300_000, 0]);
    encoder.discard();
    while (!encoder.over) {
      at = encoder.feed(bytes, at);
      if (encoder.full) encoder.begin();
    }
    expect(pieces).toBe(0);
  });

  it('begin anew before a row that goes on in a next packet: nobody knows how long it is', () => {
    const { batches } = encode(answer(1, [row(5), row(0xffffff + 10)]), one, [], { batchBytes: 1e6, mostBytes: 64e6 });
    expect(batches.map(({ rows }) => rows)).toEqual([1, 1]);
  });
});
