// A result as text for the clipboard: nothing of it is lost, and it can be taken apart again.
import { describe, expect, it } from 'vitest';
import { tableOf } from '../../../electron/operations/sql/values';
import { copied, partOf } from '../../../shared/domain/operations/sql/copied';

const columns = [{ name: 'id', type: 'BIGINT' }, { name: 'note', type: 'VARCHAR' }, { name: 'id', type: 'DECIMAL' }];
const rows = [['9223372036854775807', null, '0.10'], ['1', '', '-0'], ['2', 'a\tb\r\n"c",\\', '0']];

it('keeps NULL, the empty text and the text NULL apart in TSV, and every row on one line', () => {
  expect(copied({ columns, rows: [...rows, ['3', '\\N', 'NULL']] }, 'TSV')).toBe(
    'id\tnote\tid\n9223372036854775807\t\\N\t0.10\n1\t\t-0\n2\ta\\tb\\r\\n"c",\\\\\t0\n3\t\\\\N\tNULL\n',
  );
});

it('quotes in CSV what must be, and the empty text, which NULL is not', () => {
  expect(copied({ columns, rows }, 'CSV')).toBe('id,note,id\n9223372036854775807,,0.10\n1,"",-0\n2,"a\tb\r\n""c"",\\",0\n');
});

it('keeps two columns of one name, and every digit, in JSON', () => {
  expect(JSON.parse(copied({ columns, rows }, 'JSON'))).toEqual({ columns: ['id', 'note', 'id'], rows });
});

describe('INSERT', () => {
  const table = { database: 'a`b', name: 'x y', columns: ['id', 'n`o', 'amount'] };
  const typed = (type: string, cell: string | null, modes = {}): string => {
    const text = copied({ columns: [{ name: 'c', type }], rows: [[cell]], table: null }, 'INSERT', { modes });
    return text.slice(text.indexOf('(', text.indexOf('VALUES')) + 1, text.lastIndexOf(')'));
  };

  it('writes into the table that the columns stand in, by their names there, every digit kept', () => {
    expect(copied({ columns: [{ name: 'key', type: 'BIGINT' }, { name: 'note', type: 'VARCHAR' }, { name: 'sum', type: 'DECIMAL' }], rows, table }, 'INSERT')).toBe(
      "INSERT INTO `a``b`.`x y` (`id`, `n``o`, `amount`) VALUES\n(9223372036854775807, NULL, 0.10),\n(1, '', -0),\n(2, 'a\tb\\r\\n\"c\",\\\\', 0);\n",
    );
    expect(copied({ columns, rows: [rows[1] ?? []], table: null }, 'INSERT')).toBe("INSERT INTO `result` (`id`, `note`, `id`) VALUES\n(1, '', -0);\n");
  });

  // dbeaver#4126: an empty BLOB was written as `0x`, which is a name. dbeaver#5755, #446: bits and bytes as characters.
  it.each([
    ['BLOB', '0x', "''"], ['BLOB', '0x00FF', '0x00FF'], ['BIT', '0x7F', '0x7F'], ['GEOMETRY', '0x0000', '0x0000'], ['VECTOR', '0x0000803F', '0x0000803F'],
    ['VARCHAR', '0x00FF', "'0x00FF'"], ['VARCHAR', '007', "'007'"], ['INT', '007', '007'], ['DOUBLE', '1e-20', '1e-20'], ['FLOAT', '-0', '-0'], ['INT', '1; DROP', "'1; DROP'"],
    ['DATE', '0000-00-00', "'0000-00-00'"], ['TIMESTAMP', '2024-03-10 02:30:00', "'2024-03-10 02:30:00'"], ['JSON', '{"a": "b\\n"}', "'{\"a\": \"b\\\\n\"}'"],
    ['TEXT', 'NULL', "'NULL'"], ['TEXT', null, 'NULL'], ['TEXT', "it's\0\u001a", "'it''s\\0\\Z'"],
  ])('%s %j is %s', (type, cell, literal) => {
    expect(typed(type, cell)).toBe(literal);
  });

  it('leaves backslashes alone where the server does', () => {
    expect(typed('TEXT', "C:\\new 'x'\n", { noBackslashEscapes: true })).toBe("'C:\\new ''x''\n'");
    // heidisql#191: a NUL was the end of what was copied.
    expect(typed('TEXT', 'a\0数', { noBackslashEscapes: true })).toBe('_utf8mb4 0x6100E695B0');
    expect(copied({ columns: [{ name: 'c', type: 'TEXT' }], rows: [['a\0b']] }, 'TSV', { names: false })).toBe('a\\0b\n');
    expect(typed('TEXT', 'say "x"', { ansiQuotes: true })).toBe("'say \"x\"'");
  });

  it('begins another statement where one would be too large for a server', () => {
    const many = copied({ columns: [{ name: 'n', type: 'INT' }], rows: Array.from({ length: 1_001 }, (_, at) => [String(at)]) }, 'INSERT');
    expect([many.split('INSERT INTO').length - 1, many.split(';\n').length - 1]).toEqual([3, 3]);
    const wide = copied({ columns: [{ name: 'n', type: 'TEXT' }], rows: Array.from({ length: 4 }, () => ['x'.repeat(200_000)]) }, 'INSERT');
    expect(wide.split('INSERT INTO').length - 1).toBe(2);
  });
});

it('takes the part that is selected, from whichever corner, without the names where they are not wanted', () => {
  const table = { database: 'd', name: 't', columns: ['id', 'note', 'amount'] };
  const part = partOf({ columns, rows, table }, { from: [2, 1], to: [1, 0] });
  expect(part.rows).toEqual([['1', ''], ['2', 'a\tb\r\n"c",\\']]);
  expect(copied(part, 'INSERT')).toContain('INSERT INTO `d`.`t` (`id`, `note`) VALUES\n(1,');
  expect(copied(part, 'TSV', { names: false })).toBe('1\t\n2\ta\\tb\\r\\n"c",\\\\\n');
});

it.each<[string, string, string, boolean]>([['t', 't', 't', true], ['t', 'a', 'a', true], ['t', 'a', 'b', false], ['u', 'a', 'a', false]])(
  'rows of t and %s, called %s and %s, are of one table: %s', (other, first, second, isOne) => {
    const column = (table: string, alias: string, name: string) => ({ name, type: 3, charset: 63, origin: { database: 'd', table, alias, column: name } });
    expect(tableOf([column('t', first, 'id'), column(other, second, 'name')])).toEqual(isOne ? { database: 'd', name: 't', columns: ['id', 'name'] } : null);
  },
);
