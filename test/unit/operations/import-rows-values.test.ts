// A field as SQL for a column: what is taken, and what is refused before a server could make something else of it.
import { describe, expect, it } from 'vitest';
import { takerOf, type ValueContext } from '../../../electron/operations/import/rows/values';
import type { TargetColumn } from '../../../shared/domain/operations/import/rows/form';

const context: ValueContext = {
  form: { encoding: 'utf-8', escape: 'none', decimal: 'point', nulls: ['\\N'] }, takesOffsets: true, refusesShapes: true, hasTriggers: false,
};

type More = Partial<TargetColumn> & { readonly context?: Partial<ValueContext>; readonly quoted?: boolean };

function take(type: string, text: string | Buffer, more: More = {}): string {
  const column: TargetColumn = {
    name: 'c', type, nullable: true, optional: true, generated: false, invisible: false, numbered: false, charset: null, srid: null, ...more,
  };
  const value = takerOf(column, { ...context, ...more.context }).take({ bytes: Buffer.from(text), quoted: more.quoted ?? false, isNull: false });
  return 'why' in value ? value.why : value.sql;
}

const ascii = (text: string): string => `_utf8mb4'${text}'`;

describe('a field for a column', () => {
  it.each([
    ['int', '12', ascii('12')], ['int', ' 12 ', ascii('12')], ['int', '12.0', ascii('12.0')], ['int', '1e3', ascii('1e3')], ['int', '15e-1', 'not-whole'],
    ['int', '150e-1', ascii('150e-1')], ['int unsigned', '1.5', 'not-whole'], ['bigint(20) unsigned', '0x10', 'not-number'], ['int', '', 'not-number'],
    ['int', '1,234', 'not-number'], ['int', '0e99', ascii('0e99')], ['int', '１２', 'not-number'],
    ['decimal(6,2)', '1.25', ascii('1.25')], ['decimal(6,2)', '1.2500', ascii('1.2500')], ['decimal(6,2)', '1.255', 'decimals'], ['decimal(6,2) unsigned', '1.255e1', ascii('1.255e1')],
    ['decimal(6,2)', '1e-3', 'decimals'], ['decimal(6,0)', '0.5', 'decimals'], ['float', '1e-60', 'out-of-range'], ['float', '1e39', 'out-of-range'],
    ['double', '1e-400', 'out-of-range'], ['double', '0.0', ascii('0.0')], ['double', 'nan', 'not-number'], ['double(8,2)', '1.234', 'decimals'],
    ['date', '2024-1-5', ascii('2024-1-5')], ['date', '20240105', ascii('20240105')], ['date', '2024-01-05 00:00:00', ascii('2024-01-05')], ['date', '24-01-05', 'not-date'],
    ['date', '2024/01/05', 'not-date'], ['date', '05.01.2024', 'not-date'], ['datetime(3)', '2024-01-05T10:00:00.123', ascii('2024-01-05T10:00:00.123')],
    ['datetime(3)', '2024-01-05 10:00:00.1234', 'fraction'], ['datetime', '2024-01-05 10:00:00.000', ascii('2024-01-05 10:00:00.000')], ['datetime', '2024-01-05T10:00:00Z', 'not-moment'],
    ['timestamp', '2024-01-05 10:00:00+02:00', ascii('2024-01-05 10:00:00+02:00')], ['datetime', '01/05/2024 10:00', 'not-moment'], ['datetime', '2024-01-05 10:00 PM', 'not-moment'],
    ['time', '12:30', ascii('12:30')], ['time(2)', '12:30:00.123', 'fraction'], ['time', '1230', 'not-time'], ['time', '12', 'not-time'], ['year', '24', 'not-year'], ['year(4)', '2024', ascii('2024')],
    ["enum('a','1')", '1', ascii('1')], ["enum('a','1')", ' 1', 'not-member'], ["enum('a','1')", '2', 'not-member'], ["enum('it''s')", "it's", ascii("it\\'s")], ["set('a','b')", '3', 'not-member'],
    ["set('a','b')", 'a,b', ascii('a,b')], ["enum('a,1','2)')", '2)', ascii('2)')],
    ['bit(1)', '1', "b'1'"], ['bit(8)', "b'0101'", "b'0101'"], ['bit(8)', '0x0F', "X'0F'"], ['bit(2)', '0b101', 'not-bits'], ['bit(8)', '10', 'not-bits'], ['bit(8)', 'true', 'not-bits'],
    ['point', 'POINT(1 2)', "ST_GeomFromText(_utf8mb4'POINT(1 2)', 0)"], ['geometry', 'SRID=4326;POINT(1 2)', "ST_GeomFromText(_utf8mb4'POINT(1 2)', 4326)"], ['geometry', '0101', 'not-shape'],
    ['vector(3)', '[1,2,3]', "STRING_TO_VECTOR(_utf8mb4'[1,2,3]')"], ['json', '{"a": "\\n"}', ascii('{"a": "\\\\n"}')], ['varchar(9)', "a'b\\c\0", ascii("a\\'b\\\\c\\0")],
  ])('of %s: %s is %s', (type, text, result) => {
    expect(take(type, text)).toBe(result);
  });

  it('of bytes is what its hexadecimal digits say, where that is chosen', () => {
    const hex = (text: string, type = 'varbinary(9)'): string => take(type, text, { context: { isHex: true } });
    expect(['0x00fF', '0X2A', "x'2A'", "X''", '2a', ' 2A ', '', '0x'].map((text) => hex(text))).toEqual(["X'00fF'", "X'2A'", "X'2A'", "X''", "X'2a'", "X'2A'", "X''", "X''"]);
    for (const text of ['0x2', '0xZZ', "x'2A", "2A'", '0x2A0x2A', 'text']) expect([text, hex(text)]).toEqual([text, 'not-hex']);
    expect([hex('\\N', 'blob'), hex('0x2A', 'varchar(9)')]).toEqual(['NULL', ascii('0x2A')]);
  });

  it('is NULL as it is said that NULL is written, and never in quotes', () => {
    expect([take('int', '\\N'), take('varchar(9)', '\\N', { quoted: true }), take('int', '\\N', { nullable: false })]).toEqual(['NULL', ascii('\\\\N'), 'null']);
    expect(take('int', '\\N', { nullable: false, numbered: true })).toBe('NULL');
    // A trigger may give a value; a TIMESTAMP would be given the present moment.
    expect(take('int', '\\N', { nullable: false, context: { hasTriggers: true } })).toBe('NULL');
    expect(take('timestamp', '\\N', { nullable: false, context: { hasTriggers: true } })).toBe('null');
    const nulls = (encoding: 'utf-8' | 'gbk', bytes: Buffer): string => take('varchar(9)', bytes, { context: { form: { ...context.form, encoding, nulls: ['无'] } } });
    expect([nulls('utf-8', Buffer.from('无')), nulls('gbk', Buffer.from([0xce, 0xde]))]).toEqual(['NULL', 'NULL']);
  });

  it('has its numbers by the decimal mark, and only by that one', () => {
    const comma = { context: { form: { ...context.form, decimal: 'comma' as const } } };
    expect([take('decimal(6,2)', '1,25', comma), take('decimal(6,2)', '1.25', comma), take('int', '1.234,5', comma)]).toEqual([ascii('1.25'), 'not-number', 'not-number']);
  });

  it('keeps its bytes for a column of bytes, and is refused for one of text where they are none', () => {
    expect(take('varbinary(9)', Buffer.from([0xff, 0x27, 0x5c, 0x00]))).toBe("_binary'\u00ff\\'\\\\\\0'");
    expect([take('varchar(9)', Buffer.from([0xff])), take('json', Buffer.from([0xc3])), take('geometry', Buffer.from([0xff]))]).toEqual(['encoding', 'encoding', 'not-shape']);
    const gbk = { context: { form: { ...context.form, encoding: 'gbk' as const } } };
    expect([take('varchar(9)', Buffer.from([0x81, 0x5c]), gbk), take('varchar(9)', Buffer.from([0x81, 0x20]), gbk)]).toEqual(["_gbk'\u0081\\\\'", 'encoding']);
  });

  it('is read as the server keeps it where the server wrote the file', () => {
    const own = { context: { form: { ...context.form, escape: 'backslash' as const, nulls: [] } } };
    expect([take('bit(9)', Buffer.from([1, 0x31]), own), take('bit(1)', '1', own), take('bit(8)', '1', own)]).toEqual(["X'0131'", "b'1'", "X'31'"]);
    expect(take('point', Buffer.from([0, 0, 0, 0, 1, 1]), own)).toBe("_binary'\\0\\0\\0\\0\u0001\u0001'");
    // An old server makes NULL of what it cannot read.
    expect(take('point', 'POINT(1', { context: { refusesShapes: false } })).toBe("IFNULL(ST_GeomFromText(_utf8mb4'POINT(1', 0), _binary'?')");
    expect(take('point', 'POINT(1 2)', { srid: 4326 })).toBe("ST_GeomFromText(_utf8mb4'POINT(1 2)', 4326)");
    expect(take('datetime', '2024-01-05 10:00:00+02:00', { context: { takesOffsets: false } })).toBe('not-moment');
  });
});
