import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commentForMode, parametersWithoutCharset, statementFrom } from '../../../electron/copy/schema/shown';

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array => Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

describe('a definition that was read as bytes', () => {
  it.each([
    ['is its text where all of it is text', bytes("CREATE TABLE `é` (b varbinary(4) DEFAULT '日?')"), "CREATE TABLE `é` (b varbinary(4) DEFAULT '日?')"],
    ['has bytes as hexadecimal', bytes('CREATE TABLE t (b varbinary(4) DEFAULT \'', [0xfe], "')"), 'CREATE TABLE t (b varbinary(4) DEFAULT 0xfe)'],
    ['keeps what says of which character set they are', bytes("select _binary'", [0xfe, 0xff], "\\0\\'\\\\' AS `é`, _latin1'", [0xe9], "' AS w"), 'select _binary 0xfeff00275c AS `é`, _latin1 0xe9 AS w'],
    ['takes a doubled quote for one', bytes("'", [0xff], "''a' 'b'''"), "0xff2761 'b'''"],
  ] as const)('%s', (_what, raw, text) => {
    expect(statementFrom(raw)).toBe(text);
  });

  it('holds every byte of any literal', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (value) => {
      const escaped = [...value].map((byte) => (byte === 0x27 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : byte === 0 ? '\\0' : String.fromCharCode(byte))).join('');
      const text = statementFrom(Buffer.from(`SELECT _binary'${escaped}'`, 'latin1'));
      const hex = /^SELECT _binary 0x([0-9a-f]*)$/.exec(text)?.[1];
      if (hex === undefined) expect(Buffer.from(text)).toEqual(Buffer.from(`SELECT _binary'${escaped}'`, 'latin1'));
      else expect(hex).toBe(Buffer.from(value).toString('hex'));
    }));
  });
});

describe('the comment of a program without escapes', () => {
  it.each([
    ['one backslash for two', "CREATE PROCEDURE `p`()\n    COMMENT 'a\\\\b''c'\nSELECT 1", "CREATE PROCEDURE `p`()\n    COMMENT 'a\\b''c'\nSELECT 1"],
    ['a new line as it is', "CREATE PROCEDURE `p`(x SET('a') CHARACTER SET latin1) COMMENT 'a\\nb' BEGIN END", "CREATE PROCEDURE `p`(x SET('a') CHARACTER SET latin1) COMMENT 'a\nb' BEGIN END"],
    ['nothing in the body', "CREATE PROCEDURE `p`() CREATE TABLE t (a INT) COMMENT 'a\\\\b'", "CREATE PROCEDURE `p`() CREATE TABLE t (a INT) COMMENT 'a\\\\b'"],
  ])('%s', (_what, text, expected) => {
    expect(commentForMode(text, 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES')).toBe(expected);
    expect(commentForMode(text, 'ANSI_QUOTES')).toBe(text);
  });
});

describe('parameters that name no character set', () => {
  it.each<[string, string, readonly number[]]>([
    ['none', 'FUNCTION `f`() RETURNS int', []],
    ['one of two', 'FUNCTION `f`(x VARCHAR(10), y CHAR(4) CHARACTER SET ascii) RETURNS varchar(10) CHARSET utf8mb4', [1]],
    ['directions, commas and brackets of types', 'PROCEDURE `p`(IN a DECIMAL(10,2), OUT `b,c` ENUM(\'x,(\',\'y\') , INOUT d TEXT COLLATE utf8mb4_bin)', [1, 2]],
    ['names that are such words', 'PROCEDURE `p`(charset INT, IN collate_ CHAR(1), OUT binary_ NCHAR(3))', [1, 2]],
    ['a parameter that is called CHARSET and names one', 'PROCEDURE `p`(IN charset CHAR(2) CHARSET latin1, `charset` CHAR(2))', [2]],
    ['the old words', 'FUNCTION `f`(a CHAR(1) ASCII, b CHAR(1) UNICODE, c CHAR(1) BINARY, d NATIONAL CHAR(1), e SET(\'a\')) RETURNS int', [5]],
    ['a comment with brackets', "PROCEDURE `p`(a TEXT) COMMENT '(b TEXT'", [1]],
  ])('%s', (_what, head, places) => {
    expect([...parametersWithoutCharset(`CREATE DEFINER=\`r\`@\`%\` ${head}\nBEGIN SELECT 1; END`)]).toEqual(places);
  });

  it('says nothing of what it does not understand', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      const places = [...parametersWithoutCharset(text)];
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }));
    expect(parametersWithoutCharset('CREATE PROCEDURE `p`(a TEXT').size).toBe(0);
  });
});
