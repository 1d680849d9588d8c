// The parts of which a binary log is decoded: numbers, times, documents, sets, and events that are not what they promise.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { columnChanges, keyText, type RowChange } from '../../../shared/domain/binlog/transaction';
import { tableChangesText } from '../../../shared/domain/sync/skip';
import { Bytes, MalformedEvent } from '../../../electron/mysql/binlog/bytes';
import { columnsOf, wordsOf } from '../../../electron/mysql/binlog/column-definitions';
import { readDecimal } from '../../../electron/mysql/binlog/decimal';
import { EventReader, eventTypes, gtidOf, payloadEvents } from '../../../electron/mysql/binlog/event';
import { encodeGtidSet } from '../../../electron/mysql/binlog/gtid-encoding';
import { jsonText } from '../../../electron/mysql/binlog/json';
import { doubleText, floatText } from '../../../electron/mysql/binlog/number';
import { logsForeignKeys } from '../../../electron/mysql/binlog/rows';
import { columnTypes as types, readTableMap, type TableMap } from '../../../electron/mysql/binlog/table-map';
import { readDatetime2, readTime2 } from '../../../electron/mysql/binlog/temporal';
import { decodeText } from '../../../electron/mysql/binlog/text';
import { readValue, skipValue, type Column } from '../../../electron/mysql/binlog/value';

const bytes = (hex: string): Bytes => new Bytes(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

describe('bytes', () => {
  it('never gives what lies beyond the end, whatever a length says', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(50), (content, length) => {
      const reader = new Bytes(Buffer.from(content));
      if (length <= content.length) expect(reader.take(length)).toHaveLength(length);
      else expect(() => reader.take(length)).toThrow(MalformedEvent);
    }));
  });

  it('reads numbers of the serialization library in every length', () => {
    expect(bytes('0a').variable()).toBe(5n);
    expect(bytes('fd03').variable()).toBe(255n);
    expect(bytes('ff ffffffffffffffff').variable()).toBe(18446744073709551615n);
  });

  it('refuses a length that no event has', () => {
    expect(() => bytes('fe ffffffffffffffff').lengthEncoded()).toThrow(MalformedEvent);
    expect(() => bytes('fb').lengthEncoded()).toThrow(MalformedEvent);
  });
});

describe('a GTID set for COM_BINLOG_DUMP_GTID', () => {
  const plain = '3e11fa4771ca11e19e33c80aa9429562';
  it('has the form of every version without tags, and that of 8.3 with one', () => {
    expect(encodeGtidSet(parseGtidSet('')).toString('hex')).toBe('0000000000000000');
    expect(encodeGtidSet(parseGtidSet(`${uuid}:1-3:5`)).toString('hex')).toBe(`0100000000000000${plain}0200000000000000${'0100000000000000'}${'0400000000000000'}${'0500000000000000'}${'0600000000000000'}`);
    expect(encodeGtidSet(parseGtidSet(`${uuid}:1,${uuid}:ab:7`)).toString('hex')).toBe(`0102000000000001${plain}00${'0100000000000000'}${'0100000000000000'}${'0200000000000000'}${plain}046162${'0100000000000000'}${'0700000000000000'}${'0800000000000000'}`);
  });
});

describe('what foreign keys of a rows event did', () => {
  // As a 9.7 logs them by itself, and with innodb_native_foreign_keys or as a replica of an older one, whose events have never had the flag.
  it.each([
    ['the server, child and parent', '12 00', true], ['the server', '11 00', true], ['the server, which was told to check none', '13 00', true],
    ['the storage engine', '01 00', false], ['the storage engine, which was told to check none', '03 00', false], ['an old one', '00 00', false], ['nobody', '0f 00', false],
  ])('%s (%s): logged %s', (_by, flags, is) => {
    const body = Buffer.from(`7b0000000000 ${flags} 0200`.replaceAll(' ', ''), 'hex');
    expect(logsForeignKeys({ type: eventTypes.deleteRows, timestamp: 0, body })).toBe(is);
  });
  it('is not read from half an event', () => {
    expect(() => logsForeignKeys({ type: eventTypes.deleteRows, timestamp: 0, body: Buffer.alloc(7) })).toThrow(MalformedEvent);
  });
});

describe('a value that is passed over', () => {
  const column = (type: number, meta: number): Column => ({ type, meta, name: '', isUnsigned: false, charset: 'utf8mb4', words: null, isKey: false });
  it.each([
    ['numbers', [types.tiny, types.short, types.int24, types.long, types.longlong, types.float, types.double, types.year], [0]],
    ['a DECIMAL', [types.newdecimal], [0x0a02, 0x4114, 0x411e, 0x0900, 0x0909]], ['times', [types.datetime2, types.timestamp2, types.time2], [0, 1, 2, 3, 4, 5, 6]],
    ['dates and bits', [types.date, types.bit], [9]], ['texts', [types.string, types.varchar], [20, 300]], ['long ones', [types.blob, types.geometry], [1, 2, 3, 4]], ['words', [types.enum, types.set], [1, 2]],
  ] as const)('ends where it ends that is read: %s', (_what, some, metas) => {
    const data = Buffer.alloc(64);
    data.set([5, 0, 0, 0, 1, 2, 3]);
    for (const type of some) {
      for (const meta of metas) {
        const [read, passed] = [new Bytes(data), new Bytes(data)];
        readValue(read, column(type, meta));
        skipValue(passed, column(type, meta));
        expect([type, meta, passed.at]).toEqual([type, meta, read.at]);
      }
    }
  });
});

describe('values', () => {
  it.each([
    ['800000000000', 12, 3, '0.000'],
    ['81 0d fb38d2 04d2', 14, 4, '1234567890.1234'],
    ['7e f2 04c72d fb2d', 14, 4, '-1234567890.1234'],
    ['80', 2, 0, '0'],
    ['80', 2, 2, '0.00'],
    ['7f', 1, 0, '0'],
  ])('decimal %s of (%i,%i)', (hex, precision, scale, text) => {
    expect(readDecimal(bytes(hex), precision, scale)).toBe(text === '0' && hex === '7f' ? '-0' : text);
  });

  it('floating point numbers in the fewest digits that name them', () => {
    expect([doubleText(1e100), doubleText(-0), doubleText(0.1), floatText(Math.fround(0.1)), floatText(Math.fround(1.2345678806304932)), floatText(Math.fround(3.4028234663852886e38))]).toEqual(['1e100', '-0', '0.1', '0.1', '1.2345679', '3.4028235e38']);
    fc.assert(fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => Math.fround(Number(floatText(value))) === value));
  });

  it('times below zero with fractions, and dates that are none', () => {
    expect(readTime2(bytes('7fffff ff'), 2)).toBe('-00:00:00.01');
    expect(readTime2(bytes('800000'), 0)).toBe('00:00:00');
    expect(readDatetime2(bytes('8000000000'), 0)).toBe('0000-00-00 00:00:00');
  });

  it('text by its character set, and as bytes where that cannot be', () => {
    expect(decodeText(Buffer.from('80e9', 'hex'), 'latin1')).toBe('€é');
    expect(decodeText(Buffer.from('c4e3', 'hex'), 'gbk')).toBe('你');
    expect(decodeText(Buffer.from('0001f42c', 'hex'), 'utf32')).toBe('🐬');
    expect(decodeText(Buffer.from('ff', 'hex'), 'utf8mb4')).toBe('0xFF');
    expect(decodeText(Buffer.from('41', 'hex'), 'armscii8')).toBe('0x41');
  });

  it('words of an ENUM with quotes, commas and escapes in them', () => {
    expect(wordsOf("enum('a','b,c','d''e','','f\\\\g\\n')")).toEqual(['a', 'b,c', "d'e", '', 'f\\g\n']);
    expect(wordsOf('int unsigned')).toBeNull();
  });
});

describe('signs in a table map', () => {
  const [long, year] = [3, 13];
  /** A table map of columns without further metadata, with the bits of their signs. */
  const tableMap = (types: readonly number[], signs: readonly number[]): Buffer => {
    const nullable = new Array<number>((types.length + 7) >> 3).fill(0);
    return Buffer.from([1, 0, 0, 0, 0, 0, 1, 0, 1, 0x64, 0, 1, 0x74, 0, types.length, ...types, 0, ...nullable, 1, signs.length, ...signs]);
  };
  const signsOf = (types: readonly number[], signs: readonly number[], defined: readonly string[] = []): readonly boolean[] => {
    const known = defined.map((columnType, i) => ({ name: String(i), columnType, charset: null, isKey: false }));
    return columnsOf(readTableMap(tableMap(types, signs), () => null), { charsetOf: () => null, columnsOf: () => known }).map(({ isUnsigned }) => isUnsigned);
  };

  it('count a YEAR, as servers do today', () => {
    expect(signsOf([long, year, long], [0b0110_0000])).toEqual([false, true, true]);
    expect(signsOf([year, long, long], [0b1010_0000])).toEqual([true, false, true]);
  });

  it('or do not, as those of early 8.0: the bit of the YEAR and the length tell', () => {
    expect(signsOf([long, year, long], [0b0000_0000])).toEqual([false, false, false]);
    expect(signsOf([year, long, long], [0b0100_0000])).toEqual([false, false, true]);
    expect(signsOf([...new Array<number>(8).fill(long), year], [0b0000_0001])).toEqual([...new Array<boolean>(7).fill(false), true, false]);
  });

  it('or else the table as it is now', () => {
    expect(signsOf([year, long, long], [0b1000_0000])).toEqual([true, false, false]);
    expect(signsOf([year, long, long], [0b1000_0000], ['year(4)', 'int unsigned', 'int'])).toEqual([false, true, false]);
    expect(signsOf([year, long, long], [0b1000_0000], ['year', 'int', 'int'])).toEqual([true, false, false]);
  });
});

describe('hidden columns of functional key parts', () => {
  const known = [
    { name: 'a', columnType: 'int', charset: null, isKey: true },
    { name: '', columnType: '', charset: null, isKey: false, isHidden: true },
  ] as const;
  const map = (types: readonly number[]): TableMap => ({
    id: 1, database: 'd', table: 't', olderSigns: null,
    columns: types.map((type) => ({ type, meta: 0, name: null, isUnsigned: null, collation: null, words: null, isKey: null })),
  });
  const names = (types: readonly number[]): string[] => columnsOf(map(types), { charsetOf: () => null, columnsOf: () => known }).map(({ name }) => name);

  it('are passed over whether or not the log holds them', () => {
    expect(names([3])).toEqual(['a']);
    expect(names([3, 8])).toEqual(['a', '@2']);
    expect(names([3, 8, 8])).toEqual(['@1', '@2', '@3']);
  });
});

describe('a document', () => {
  it('that points at itself, or beyond its end, is refused and read no further', () => {
    // An array of one array at offset 0: itself.
    expect(() => jsonText(Buffer.from('02 0100 0800 02 0000 00'.replaceAll(' ', ''), 'hex'))).toThrow(MalformedEvent);
    expect(() => jsonText(Buffer.from('0201000700 0c ffff'.replaceAll(' ', ''), 'hex'))).toThrow(MalformedEvent);
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (content) => {
      try {
        expect(typeof jsonText(Buffer.from(content))).toBe('string');
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(MalformedEvent);
      }
    }));
  });
});

/** An event with its header. */
function event(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(19);
  head[4] = type;
  head.writeUInt32LE(19 + body.length, 9);
  return Buffer.concat([head, body]);
}

describe('events', () => {
  it('end in a checksum where the format description says so', () => {
    const reader = new EventReader();
    const before = reader.read(event(eventTypes.xid, Buffer.from('0102', 'hex')));
    expect(before.body.toString('hex')).toBe('0102');
    reader.read(event(eventTypes.formatDescription, Buffer.from('00000100000000', 'hex').subarray(2)));
    expect(reader.read(event(eventTypes.xid, Buffer.from('0102aabbccdd', 'hex'))).body.toString('hex')).toBe('0102');
    expect(() => reader.read(event(eventTypes.xid, Buffer.from('01', 'hex')))).toThrow(MalformedEvent);
  });

  it('begin a transaction by its GTID, with or without a tag', () => {
    const plain = Buffer.concat([Buffer.from([0]), Buffer.from(uuid.replaceAll('-', ''), 'hex'), Buffer.from('0700000000000000', 'hex')]);
    expect(gtidOf({ type: eventTypes.gtid, timestamp: 0, body: plain })).toBe(`${uuid}:7`);
    expect(gtidOf({ type: eventTypes.anonymousGtid, timestamp: 0, body: plain })).toBeNull();
  });

  it('of a payload that is not compressed are taken one by one, as far as the limit lets them', () => {
    const inside = Buffer.concat([event(eventTypes.xid, Buffer.alloc(8)), event(eventTypes.xid, Buffer.alloc(8))]);
    const body = Buffer.concat([Buffer.from('0203fcff00', 'hex'), Buffer.from([0]), inside]);
    const whole = payloadEvents({ type: eventTypes.transactionPayload, timestamp: 0, body }, 1000);
    expect([whole.events.length, whole.complete]).toEqual([2, true]);
    const cut = payloadEvents({ type: eventTypes.transactionPayload, timestamp: 0, body }, 40);
    expect([cut.events.length, cut.complete]).toEqual([1, false]);
    expect(() => payloadEvents({ type: eventTypes.transactionPayload, timestamp: 0, body: Buffer.from('00010203', 'hex') }, 1000)).toThrow(MalformedEvent);
  });
});

describe('a change', () => {
  const change: RowChange = { database: 'd', table: 't', kind: 'update', key: ['id'], before: [{ column: 'id', value: '1' }, { column: 'a', value: null }, { column: 'b', value: 'x' }], after: [{ column: 'id', value: '1' }, { column: 'a', value: '' }, { column: 'b', value: 'x' }] };
  it('is told column by column: NULL is no empty text', () => {
    expect(columnChanges(change).map(({ column, isKey, isChanged }) => [column, isKey, isChanged])).toEqual([['id', true, false], ['a', false, true], ['b', false, false]]);
    expect(keyText(change)).toBe('id = 1');
    expect(keyText({ ...change, key: [] })).toBe('');
    expect(columnChanges({ ...change, before: [{ column: 'id', value: '1' }], after: [{ column: 'a', value: '2' }] }).map(({ column, isChanged, before, after }) => [column, isChanged, before, after])).toEqual([['id', false, '1', undefined], ['a', true, undefined, '2']]);
  });

  it('is counted by table', () => {
    expect(tableChangesText([{ database: 'd', table: 't', inserted: 1, updated: 0, deleted: 2 }])).toBe('d.t +1 −2');
  });
});
