// Transactions as real servers logged them (9.7 and 5.6), recorded from COM_BINLOG_DUMP_GTID: decoding needs no server.
import { describe, expect, it } from 'vitest';
import type { Catalogue, ColumnDefinition } from '../../../electron/mysql/binlog/column-definitions';
import { decodeTransaction, tablesOf } from '../../../electron/mysql/binlog/decode';
import type { DumpedTransaction } from '../../../electron/mysql/binlog/dump';
import { MalformedEvent } from '../../../electron/mysql/binlog/bytes';
import type { ColumnValue } from '../../../shared/domain/binlog/transaction';

type Recorded = readonly (readonly [type: number, timestamp: number, body: string])[];

const recorded = {
  '9.7 insert': [
    [2, 1767323045, '0c0000002b3fb00100000025000000000000010000000000000000060373746404ff00ff00ff00050653595354454d12ff0000424547494e'],
    [19, 1767323045, '7d00000000000100016400017400120809f60405100d0a131211fefefe0f0ffefc160c0304080201030602f701f801fe10b0040900fe0402feff030101840309fcff00fcff00083f3f'],
    [30, 1767323045, '7d00000000001100020012ffffff000000ffffffffffffffff00008078a432eafff30000c03f2f30b7b3a7c9ba810201630000007f3ffef63cfef3ff7efb0f423f695735a54302050261620800e69e9720f09f90ac01800200ff02000001feff030100000000000000'],
    [16, 1767323045, '0d00000000000000'],
  ],
  '9.7 update minimal': [
    [2, 1767323045, '0e0000002c3fb00100000026000000000000010000000000000000060373746404ff00ff00ff0009010000000000000012ff0000424547494e'],
    [19, 1767323045, '7d00000000000100016400017400120809f60405100d0a131211fefefe0f0ffefc160c0304080201030602f701f801fe10b0040900fe0402feff030101840309fcff00fcff00083f3f'],
    [31, 1767323045, '7d0000000000110002001201000000400000010000000000000000010078'],
    [16, 1767323045, '1a00000000000000'],
  ],
  '9.7 ddl': [
    [2, 1767323045, '100000002c3fb0010000002c000000000000010000000000000000060373746404ff00ff00ff000c01640011260000000000000012ff00130000435245415445205441424c4520642e60e697a5e69cac6020286120494e5429'],
  ],
  '5.6 insert': [
    [2, 1767323045, '040000002c3fb001000000220000000000000100000000000000000603737464042d002d000800050653595354454d00424547494e'],
    [19, 1767323045, '4600000000000100016400017400120809f60405100d0a131211fefefe0f0ffefc160c0304080201030602f701f801fe04b0040900fe0402feff03'],
    [30, 1767323045, '4600000000000100020012ffffff0000fcffffffffffffffff00008078a432eafff30000c03f2f30b7b3a7c9ba810201630000007f3ffef63cfef3ff7efb0f423f695735a54302050261620800e69e9720f09f90ac01800200ff02000001feffff0100000000000000'],
    [16, 1767323045, '1000000000000000'],
  ],
  '5.6 update minimal': [
    [2, 1767323045, '060000002c3fb0010000001a0000000000000100000000000000000603737464042d002d00080000424547494e'],
    [19, 1767323045, '4600000000000100016400017400120809f60405100d0a131211fefefe0f0ffefc160c0304080201030602f701f801fe04b0040900fe0402feff03'],
    [31, 1767323045, '4600000000000100020012010000004000fe0100000000000000fe010078'],
    [16, 1767323045, '1d00000000000000'],
  ],
  '5.6 ddl': [
    [2, 1767323045, '080000002c3fb0010000001e0000000000000100000000000000000603737464042d002d0008000c01640000435245415445205441424c4520642e60e697a5e69cac6020286120494e5429'],
  ],
  '9.7 json': [
    [2, 1767323045, '120000002c3fb0010000001d000000000000010000000000000000060373746404ff00ff00ff0012ff0000424547494e'],
    [19, 1767323045, '7f00000000000100016400016a000203f5010402010100'],
    [30, 1767323045, '7f00000000001100020002ff00010000003d0000000002003c0012000100130003000216000a34006162696705001e000501000b13000400000401000c1b0000000000000004c002c3a9ffffffffffffffff'],
    [16, 1767323045, '3300000000000000'],
  ],
  '9.7 partial json': [
    [2, 1767323045, '140000002c3fb00100000026000000000000010000000000000000060373746404ff00ff00ff0009010000000000000012ff0000424547494e'],
    [19, 1767323045, '7f00000000000100016400016a000203f5010402010100'],
    [39, 1767323045, '7f00000000001100020002ffff00010000003d0000000002003c0012000100130003000216000a34006162696705001e000501000b13000400000401000c1b0000000000000004c002c3a9ffffffffffffffff010100010000000c0000000006242e615b305d03050900'],
    [16, 1767323045, '4000000000000000'],
  ],
  '9.7 compressed': [
    [2, 1767323045, '160000002c3fb0010000001d000000000000010000000000000000060373746404ff00ff00ff0012ff0000424547494e'],
    [19, 1767323045, '7f00000000000100016400016a000203f5010402010100'],
    [30, 1767323045, '7f00000000001100020002ff0002000000050000000000000400'],
    [16, 1767323045, '4d00000000000000'],
  ],
} as const satisfies Readonly<Record<string, Recorded>>;

const dumped = (name: keyof typeof recorded): DumpedTransaction => ({ events: recorded[name].map(([type, timestamp, body]) => ({ type, timestamp, body: Buffer.from(body, 'hex') })), truncated: false });

const column = (name: string, columnType: string, charset: string | null = null): ColumnDefinition => ({ name, columnType, charset, isKey: name === 'id' });
const wide: readonly ColumnDefinition[] = [
  column('id', 'bigint(20) unsigned'), column('i', 'mediumint'), column('dec1', 'decimal(12,3)'), column('f', 'float'), column('g', 'double'), column('b', 'bit(10)'), column('y', 'year'), column('da', 'date'), column('ti', 'time(3)'),
  column('dt', 'datetime(6)'), column('ts', 'timestamp(2)'), column('e', "enum('a','it''s')", 'utf8mb4'), column('s', "set('x','y','z')", 'utf8mb4'), column('c', 'char(4)', 'utf8mb4'), column('v', 'varchar(300)', 'utf8mb4'), column('l', 'varchar(9)', 'latin1'), column('bi', 'binary(4)'), column('bl', 'blob'),
];
const charsets: Readonly<Record<number, string>> = { 8: 'latin1', 33: 'utf8', 45: 'utf8mb4', 63: 'binary', 224: 'utf8mb4', 255: 'utf8mb4' };
const catalogue = (columns: readonly ColumnDefinition[]): Catalogue => ({ charsetOf: (collation) => charsets[collation] ?? null, columnsOf: () => columns });
const json = catalogue([column('id', 'int'), column('j', 'json')]);
const rowOf = (image: readonly ColumnValue[] | null | undefined): Record<string, string | null> =>
  Object.fromEntries((image ?? []).map(({ column: name, value }) => [name, value]));

const row = {
  id: '18446744073709551615', i: '-8388608', dec1: '-123456789.012', f: '1.5', g: '-2.5e-300', b: "b'1000000001'", y: '1999', da: '0000-00-00', ti: '-12:00:01.250', dt: '9999-12-31 23:59:59.999999', ts: '2026-01-02 03:04:05.67',
  e: "it's", s: 'x,z', c: 'ab', v: '林 🐬', l: '€', bi: '0x00FF0000', bl: '0x0001',
};

describe.each(['9.7', '5.6'] as const)('as MySQL %s logged it', (series) => {
  it('a row of many types, and one of NULLs', () => {
    const { changes, tables, at, statements, truncated } = decodeTransaction('g', dumped(`${series} insert`), catalogue(wide));
    expect(rowOf(changes[0]?.after)).toEqual(row);
    expect(rowOf(changes[1]?.after)).toEqual({ ...Object.fromEntries(Object.keys(row).map((name) => [name, null])), id: '1' });
    expect(changes.map(({ kind, key, before }) => [kind, key, before])).toEqual([['insert', ['id'], null], ['insert', ['id'], null]]);
    expect({ tables, at, statements, truncated }).toEqual({ tables: [{ database: 'd', table: 't', inserted: 2, updated: 0, deleted: 0 }], at: 1767323045000, statements: [], truncated: false });
  });

  it('the columns of a table that is another by now have numbers', () => {
    const { changes } = decodeTransaction('g', dumped(`${series} insert`), catalogue(wide.slice(1)));
    const values = rowOf(changes[0]?.after);
    expect([values['@3'], values['@8'], values['@13'], changes[0]?.key]).toEqual(['-123456789.012', '0000-00-00', '5', []]);
  });

  it('a minimal update', () => {
    const { changes } = decodeTransaction('g', dumped(`${series} update minimal`), catalogue(wide));
    expect(changes.map(({ before, after }) => [rowOf(before), rowOf(after)])).toEqual([[{ id: '1' }, { v: 'x' }]]);
  });

  it('DDL', () => {
    expect(decodeTransaction('g', dumped(`${series} ddl`), catalogue([]))).toMatchObject({ statements: [{ text: 'CREATE TABLE d.`日本` (a INT)' }], changes: [] });
    expect(tablesOf(dumped(`${series} insert`))).toEqual([{ database: 'd', table: 't' }]);
  });

  it('is refused where it is cut at any place, and never read beyond', () => {
    const whole = dumped(`${series} insert`);
    for (let length = 0; length < (whole.events[2]?.body.length ?? 0); length++) {
      const events = whole.events.map((event, i) => (i === 2 ? { ...event, body: event.body.subarray(0, length) } : event));
      try {
        expect(decodeTransaction('g', { events, truncated: false }, catalogue(wide)).changes.length).toBeLessThan(2);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(MalformedEvent);
      }
    }
  });
});

describe('documents', () => {
  it('read as the server prints them, whole and in part', () => {
    expect(rowOf(decodeTransaction('g', dumped('9.7 json'), json).changes[0]?.after)).toEqual({ id: '1', j: '{"a": [1, -2.5, null, true, "é"], "big": 18446744073709551615}' });
    expect(decodeTransaction('g', dumped('9.7 partial json'), json).changes[0]?.after?.[1]).toEqual({ column: 'j', value: 'REPLACE $.a[0]: 9', changesOnly: true });
    expect(rowOf(decodeTransaction('g', dumped('9.7 compressed'), json).changes[0]?.after)).toEqual({ id: '2', j: '{}' });
  });
});
