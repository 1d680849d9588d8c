// The form of a file of rows, as its beginning shows it; and where its columns would go.
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { encodingOf, formOf, type Head } from '../../../electron/operations/import/rows/detect';
import { inspected } from '../../../electron/operations/import/rows/inspect';
import { isText, textReader } from '../../../electron/operations/import/rows/text';
import { previewRows, type RowEncoding, type TargetColumn } from '../../../shared/domain/operations/import/rows/form';
import { mappingFaults, proposedMapping } from '../../../shared/domain/operations/import/rows/mapping';
import type { ImportFile } from '../../../shared/domain/operations/import/plan';

const head = (text: string | Buffer, whole = true): Head => ({ bytes: Buffer.from(text), whole });
const file: ImportFile = { path: '/x.csv', size: 1, changedAt: 0, format: 'plain' };
const column = (name: string, more: Partial<TargetColumn> = {}): TargetColumn =>
  ({ name, type: 'int', nullable: true, optional: true, generated: false, invisible: false, numbered: false, charset: null, srid: null, ...more });

describe('the form of a file of rows', () => {
  it.each([
    ['a,b\n1,2\n', { delimiter: ',', quote: '"', lineEnd: 'lf', header: true, escape: 'none', decimal: 'point', nulls: ['\\N'] }],
    ['a;b;c\r\n1,5;2,25;x\r\n"q;r";3,5;y\r\n', { delimiter: ';', quote: '"', lineEnd: 'crlf', header: true, decimal: 'comma' }],
    ['1\tx\t\\N\n2\ty\\tz\tw\n', { delimiter: '\t', escape: 'backslash', header: false, nulls: [] }],
    ['a;b\n1,000;x\n2,500;y\n', { delimiter: ';', decimal: 'point' }], ['a;b\n1,000;x\n2,5;y\n', { delimiter: ';', decimal: 'comma' }],
    ['a;b\n1;\\\\\\\\host\\\\share\n2;y\n', { delimiter: ';', escape: 'none' }], ['a\tb\n1\t{"p":"C:\\\\x"}\n', { delimiter: '\t', escape: 'none' }],
    ["'a,1','b'\n'c','d'\n", { delimiter: ',', quote: "'", header: false }],
    ['1|2|3\r4|5|6\r', { delimiter: '|', lineEnd: 'cr', header: false }],
    ['a,b\r\n1,"x\ny"\r\n', { lineEnd: 'crlf', delimiter: ',' }], ['a,b\r\n1,2\n3,4\r\n', { lineEnd: 'any' }],
    // Where no value needs its quotes, they were taken for a part of it; a word in apostrophes among others is one.
    ["1,'ab','cd'\n2,'its','x y'\n", { quote: "'", header: false }], ["id,name\n1,'ab'\n2,'cd'\n3,NULL\n", { quote: "'", header: true, nulls: ['\\N', 'NULL'] }],
    ["1,'ab',cd\n2,it's,x\n3,ef,gh\n", { quote: '"' }], ["1,\"ab\"\n2,\"'cd'\"\n", { quote: '"' }],
    // As phpMyAdmin, Workbench and mysql --batch write it; in quotes it is a text, and so is a column of that name.
    ['a,b\n1,NULL\n', { nulls: ['\\N', 'NULL'] }], ['1\tNULL\n2\ta\\"b\n', { escape: 'backslash', nulls: ['NULL'] }],
    ['a,b\n1,"NULL"\n2,null\n3,NULLS\n', { nulls: ['\\N'] }], ['a,NULL\n1,2\n', { header: true, nulls: ['\\N'] }],
    ['one\ntwo\n', { delimiter: ',', header: false }], ['', { delimiter: ',', quote: '"' }],
    ['name,height\n"5"" pipe",1\nplain,2\n', { quote: '"', escape: 'none', header: true }],
  ] as const)('of %j is found', (text, form) => {
    expect(formOf(head(text), {})).toMatchObject(form);
  });

  it('is what was chosen, whatever is found', () => {
    expect(formOf(head('a,b\n1,2\n'), { delimiter: ';', header: false, quote: null, encoding: 'gbk', nulls: ['', 'x'], decimal: 'comma', lineEnd: 'any', escape: 'backslash' }))
      .toEqual({ delimiter: ';', header: false, quote: null, encoding: 'gbk', nulls: ['', 'x'], decimal: 'comma', lineEnd: 'any', escape: 'backslash' });
  });

  it('has its encoding with how sure that is, a character that the look cuts in two being none that is wrong', () => {
    const text = 'id,name\n1,数据\n2,灾备\n';
    const sure = (encoding: string, bom: boolean): unknown => encodingOf(head(iconv.encode(text, encoding, { addBOM: bom })));
    expect([sure('utf8', false), sure('utf8', true)]).toEqual([{ encoding: 'utf-8', confidence: 'likely', bom: false }, { encoding: 'utf-8', confidence: 'certain', bom: true }]);
    expect([sure('utf16le', true), sure('utf16be', true), sure('gbk', false)]).toEqual([
      { encoding: 'utf-16le', confidence: 'certain', bom: true }, { encoding: 'utf-16be', confidence: 'certain', bom: true }, { encoding: 'gb18030', confidence: 'guess', bom: false },
    ]);
    expect(encodingOf(head(iconv.encode('id,name\n1,a\n2,b\n', 'utf16le')))).toEqual({ encoding: 'utf-16le', confidence: 'likely', bom: false });
    expect(encodingOf(head(iconv.encode('a;Grüße\n', 'windows-1252')))).toEqual({ encoding: 'windows-1252', confidence: 'guess', bom: false });
    expect(encodingOf(head('plain\n'))).toEqual({ encoding: 'utf-8', confidence: 'certain', bom: false });
    for (const cut of [1, 2, 3]) expect(encodingOf(head(Buffer.from('数据😀').subarray(0, 10 - cut), false)).encoding).toBe('utf-8');
  });

  it.each(['utf-16le', 'utf-16be'] as const)('of %s is made UTF-8 in pieces of any size, and a half of a pair is no text', (encoding) => {
    const bytes = iconv.encode('\ufeffa😀,数\n', encoding.replace('-', ''));
    for (const size of [1, 2, 3, 5]) {
      const reader = textReader(encoding);
      const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => reader.take(bytes.subarray(at * size, (at + 1) * size)));
      expect(Buffer.concat([...parts, reader.end()]).toString()).toBe('a😀,数\n');
    }
    const broken = textReader(encoding);
    const lone = Buffer.concat([broken.take(encoding === 'utf-16le' ? Buffer.from([0x61, 0, 0x3d, 0xd8, 0x62, 0]) : Buffer.from([0, 0x61, 0xd8, 0x3d, 0, 0x62])), broken.end()]);
    expect([isText(lone, encoding), lone.includes('\ufffd')]).toEqual([false, false]);
  });

  it.each([['utf-8', [0xc3, 0x28], false], ['gbk', [0xce, 0xde], true], ['gbk', [0x80], false], ['gbk', [0xff, 0x41], false], ['gb18030', [0x81, 0x30, 0x81, 0x30], true], ['windows-1252', [0x81], true]] as const)(
    'of %s says whether %j is text', (encoding: RowEncoding, bytes, is) => {
      expect(isText(Uint8Array.from(bytes), encoding)).toBe(is);
    });

  it('is shown with the first rows, cut short, and with what is wrong with them', () => {
    const rows = Array.from({ length: 80 }, (_, at) => `${String(at)},${at === 1 ? 'x'.repeat(900) : at === 2 ? '\\N' : 'y'}${at === 3 ? ',more' : ''}`);
    const shown = inspected(file, head(`id,Some Name\n${rows.join('\n')}\n`), {}, [column('ID'), column('some_name'), column('z')]);
    expect([shown.preview.length, shown.whole, shown.width, shown.names]).toEqual([previewRows, false, 2, ['id', 'Some Name']]);
    expect(shown.preview.slice(0, 4).map(({ record, line, why }) => [record, line, why])).toEqual([[1, 2, null], [2, 3, null], [3, 4, null], [4, 5, 'field-count']]);
    expect([shown.preview[1]?.fields[1]?.length, shown.preview[2]?.fields[1], shown.mapping]).toEqual([200, null, ['ID', 'some_name']]);
    expect(inspected(file, head(''), {}, null)).toMatchObject({ width: 0, names: [], preview: [], whole: true, columns: null, mapping: [] });
  });
});

describe('the columns that fields go into', () => {
  const columns = [column('a'), column('hidden', { invisible: true }), column('g', { generated: true }), column('b', { optional: false, nullable: false })];

  it('go by their names where there are some, and by order elsewhere, without those that are invisible or computed', () => {
    expect(proposedMapping(['B', 'HIDDEN', 'what', 'g', 'b'], 5, columns)).toEqual(['b', 'hidden', null, null, null]);
    expect(proposedMapping([], 2, columns)).toEqual(['a', 'b']);
    expect(proposedMapping([], 3, columns)).toEqual(['a', null, 'b']);
    expect(proposedMapping([], 5, columns)).toEqual(['a', 'b', null, null, null]);
  });

  it('are refused where they are not there, chosen twice, computed, or missing', () => {
    expect(mappingFaults(['a', 'A', 'a', 'g', null], columns)).toEqual({ missing: ['A'], twice: ['a'], generated: ['g'], needed: ['b'] });
    expect(mappingFaults(['b'], columns)).toEqual({ missing: [], twice: [], generated: [], needed: [] });
  });
});
