// A result as text for the clipboard: nothing of it is lost, and it can be taken apart again.
import { expect, it } from 'vitest';
import { copied } from '../../../shared/domain/operations/sql/copied';

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
