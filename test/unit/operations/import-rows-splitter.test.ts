// Files of rows cut into records: held against another reader's, byte by byte and in pieces of any size.
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordSplitter, type RawRecord, type SplitForm } from '../../../shared/domain/operations/import/rows/splitter';

const csv: SplitForm = { delimiter: ',', quote: '"', escape: 'none', lineEnd: 'lf', encoding: 'utf-8' };
const tab: SplitForm = { ...csv, delimiter: '\t', quote: null, escape: 'backslash' };

function split(text: string | Buffer, form: SplitForm = csv, piece = Infinity, longest = 1_000_000): readonly RawRecord[] {
  const bytes = Buffer.from(text);
  const splitter = new RecordSplitter(form, longest);
  const records: RawRecord[] = [];
  for (let at = 0; at < bytes.length; at += piece) records.push(...splitter.push(bytes.subarray(at, Math.min(bytes.length, at + piece))));
  return [...records, ...splitter.end()];
}

const texts = (records: readonly RawRecord[]): readonly (readonly (string | null)[])[] =>
  records.map(({ fields }) => fields.map(({ bytes, isNull }) => (isNull ? null : Buffer.from(bytes).toString())));

const field = fc.oneof(fc.string({ maxLength: 12, unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '\\', 'é', '\t', "'") }), fc.string({ maxLength: 6 }));
const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
const written = (rows: readonly (readonly string[])[], end: string): string =>
  rows.map((row) => row.map((text) => (/["\n\r,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(',')).join(end);

describe('a file of rows', () => {
  it('is cut as another reader cuts it, in pieces of any size', () => {
    fc.assert(fc.property(table, fc.constantFrom(...(['lf', 'crlf'] as const)), fc.integer({ min: 1, max: 9 }), fc.boolean(), (rows, lineEnd, piece, last) => {
      const end = lineEnd === 'lf' ? '\n' : '\r\n';
      const text = `${written(rows, end)}${last ? end : ''}`;
      const theirs = parse(text, { record_delimiter: end, relax_column_count: true, relax_quotes: true });
      const records = split(text, { ...csv, lineEnd }, piece);
      expect(texts(records)).toEqual(theirs);
      expect(texts(records)).toEqual(rows);
      // Byte by byte they are all of it.
      expect(records.map(({ at }) => at)).toEqual([0, ...records.slice(0, -1).map((one) => one.end)]);
      expect(records.at(-1)?.end).toBe(Buffer.byteLength(text));
    }), { numRuns: 400 });
  });

  it('gives the line on which each record begins', () => {
    expect(split('a,"1\n2\n3"\nb,c\n\nd,e').map(({ line }) => line)).toEqual([1, 4, 5, 6]);
    expect(split('a\rb\rc', { ...csv, lineEnd: 'cr' }).map(({ line }) => line)).toEqual([1, 2, 3]);
  });

  it('tells an empty text from an empty field, and reads what stands behind backslashes as the server writes it', () => {
    expect(split('"",').map(({ fields }) => fields.map(({ quoted }) => quoted))).toEqual([[true, false]]);
    expect(texts(split('\\N\tx\\N\t\\\\N\ta\\tb\\nc\\0\\Z\\b\\r\\q\\\t\\\n!\n', tab))).toEqual([[null, 'xN', '\\N', 'a\tb\nc\0\x1a\b\rq\t\n!']]);
    expect(texts(split('"\\N","a\\"b","c""d"\n', { ...csv, escape: 'backslash' }))).toEqual([[null, 'a"b', 'c"d']]);
  });

  it('refuses what stands behind a closing quote, and goes on with the next record', () => {
    const records = split('"a"x,b\nc,d\n');
    expect(records.map(({ why }) => why)).toEqual(['quote-inside', null]);
    expect(texts(records)).toEqual([['a', 'b'], ['c', 'd']]);
  });

  it('ends at a quote that is never closed, and at a record that is longer than may be', () => {
    expect(split('a,b\n"c,d\ne,f\n').map(({ why, last }) => [why, last])).toEqual([[null, false], ['quote-unclosed', true]]);
    expect(split(`a\n${'x'.repeat(40)}\nb\n`, csv, Infinity, 20).map(({ why, last }) => [why, last])).toEqual([[null, false], ['too-long', false], [null, false]]);
    expect(split(`a\n${'x'.repeat(400)}\nb\n`, csv, 10, 20).map(({ why, last }) => [why, last])).toEqual([[null, false], ['too-long', true]]);
  });

  it.each(['gbk', 'gb18030'] as const)('takes no second byte of a character of %s for a delimiter, a quote or a backslash', (encoding) => {
    const bytes = Buffer.from([0x81, 0x7c, 0x7c, 0x81, 0x5c, 0x7c, 0x61, 0x0a]);
    expect(split(bytes, { ...csv, delimiter: '|', escape: 'backslash', encoding })[0]?.fields.map(({ bytes: one }) => [...one]))
      .toEqual([[0x81, 0x7c], [0x81, 0x5c], [0x61]]);
  });

  it('takes a carriage return for the end of a line only where that is said', () => {
    expect(texts(split('a\r\nb\nc', { ...csv, lineEnd: 'any' }))).toEqual([['a'], ['b'], ['c']]);
    expect(texts(split('a\r\nb\nc', { ...csv, lineEnd: 'crlf' }))).toEqual([['a'], ['b\nc']]);
    expect(texts(split('a\r\nb', csv))).toEqual([['a\r'], ['b']]);
  });
});
