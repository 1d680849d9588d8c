// Rows of files brought into real servers: what comes in is what LOAD DATA makes of the same file; what the server would change is refused; and what stops
// one in the middle neither loses a row nor brings one twice.
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, expect } from 'vitest';
import { loadZstd } from '../../electron/copy/files/zstd';
import type { RowsForm, RowsFormWish, RowsInspection } from '../../shared/domain/operations/import/rows/form';
import type { RowsPlan, RowsRequest } from '../../shared/domain/operations/import/rows/plan';
import type { TaskView } from '../../shared/domain/tasks/task';
import { errorOf, type AppError } from '../../shared/errors/codes';
import { rowsOf } from '../fixtures/content';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { waitUntil } from '../fixtures/wait';

/** The same numbers each time. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const typed = `id INT PRIMARY KEY, t TINYINT, s SMALLINT UNSIGNED, b BIGINT, ub BIGINT UNSIGNED, dc DECIMAL(20,6), f FLOAT, d DOUBLE, da DATE, dt DATETIME(6), ts TIMESTAMP(6) NULL,
  ti TIME(3), y YEAR, c CHAR(10), v VARCHAR(60), l VARCHAR(60) CHARACTER SET latin1, tx TEXT, vb VARBINARY(80), bl BLOB, bn BINARY(6), e ENUM('a','b''c','1','ü'), st SET('x','y','2')`;

/** Rows of every type, as texts; null: NULL. */
function hostileRows(count: number): readonly (readonly (string | null)[])[] {
  const roll = dice(7);
  const pick = <One>(from: readonly One[]): One => from[roll(from.length)] as One;
  const texts = ['', ' ', 'a', '"', '""', ',', 'a,"b"\r\nc', '\n', "it's", '\\N', '\\', 'NULL ', 'é', '数据', '😀', '\t', ' lead', 'trail ', ';', '-- no', '\u0000x', '%_', "\\'", 'a\\nb'];
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = (): string => pick(['2024-02-29', '1999-12-31', '1000-01-01', `20${two(roll(100))}-${two(1 + roll(12))}-${two(1 + roll(28))}`]);
  const time = (): string => `${two(roll(24))}:${two(roll(60))}:${two(roll(60))}`;
  const float = (): string => pick(['0', '-0.0', '1e10', '3.4e38', '-1.17e-38', '0.1', '16777217', String(roll(1_000_000) / 977)]);
  const row = (id: number): readonly (string | null)[] => [
    String(id), pick(['-128', '127', '0', ' 5 ', '+7']), pick(['0', '65535', '1e3', '12.0']), pick(['-9223372036854775808', '9223372036854775807', '42']),
    pick(['18446744073709551615', '0']), pick(['-12345678901234.123456', '0.5', '.25', '1e-3', '7.', '00012.500000000']), float(),
    pick(['1.7976931348623157e308', '-2.2250738585072014e-308', '0.1', '123456789.123456789', float()]), date(), `${date()} ${time()}.${String(roll(1_000_000))}`,
    `20${two(5 + roll(30))}-0${String(4 + roll(5))}-1${String(roll(9))} ${time()}`, pick(['-838:59:59', '12:30', `${time()}.123`, '100:00:00']), pick(['1901', '2155', '0000']),
    pick(['', 'x', ' x', 'trail   ', '数据数据数据', '0123456789']), pick(texts), pick(['', 'Grüße', 'a"b', '€uro', "'"]), `${pick(texts)}${pick(texts)}`, pick(texts), `${pick(texts)}|${pick(texts)}`,
    pick(['', 'abc', 'abcdef']), pick(['a', "b'c", '1', 'ü', 'A']), pick(['', 'x', 'x,y', '2', 'y,2,x']),
  ].map((value, at) => (at > 0 && roll(12) === 0 ? null : value));
  return Array.from({ length: count }, (_, at) => row(at + 1));
}

const csvOf = (rows: readonly (readonly (string | null)[])[]): string =>
  rows.map((row) => row.map((value) => (value === null ? 'NULL' : /[",\r\n\\]|^$|^\s|\s$|NULL/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',')).join('\n');

const csv: RowsForm = { encoding: 'utf-8', delimiter: ',', quote: '"', escape: 'none', lineEnd: 'lf', header: false, decimal: 'point', nulls: ['NULL'] };
const outfile: RowsForm = { ...csv, delimiter: '\t', quote: null, escape: 'backslash', nulls: [] };

eachSeries('import-csv', (series) => {
  let server: TestServer;
  let app: TestEngine;
  const folder = mkdtempSync(join(tmpdir(), 'antipode-rows-'));
  // The server writes files of its own there.
  chmodSync(folder, 0o777);
  const step = journey('rows come in exactly, or are refused, and go on where they were stopped');

  beforeAll(async () => {
    server = (await startServers({ server: { series, gtid: true, serverId: 11, args: ['--default-time-zone=+05:30'] } })).server;
    app = await openTestEngine({ servers: { server } });
    for (const db of ['theirs', 'ours', 'd']) await server.query(`CREATE DATABASE ${db} CHARACTER SET utf8mb4`);
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
    rmSync(folder, { recursive: true, force: true });
  });

  const fileOf = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const columnsOf = async (database: string, table: string): Promise<readonly string[]> =>
    (await server.query<{ c: string }>('SELECT COLUMN_NAME AS c FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION', [database, table])).map(({ c }) => c);
  const inspect = (path: string, database: string | null, table: string | null, form: RowsFormWish = {}): Promise<RowsInspection> =>
    app.engine.imports.inspect({ instanceId: app.id('server'), path, database, table, form });
  const request = async (path: string, table: string, more: Partial<RowsRequest> = {}): Promise<RowsRequest> => {
    const database = more.database ?? 'd';
    return {
      instanceId: app.id('server'), path, database, table, form: csv, mapping: more.mapping ?? (await columnsOf(database, table)), mode: 'insert', onError: 'stop', fromByte: 0, ...more,
    };
  };
  const plan = async (path: string, table: string, more?: Partial<RowsRequest>): Promise<RowsPlan> =>
    app.engine.imports.planRows(await request(path, table, more));
  const begin = async (path: string, table: string, more?: Partial<RowsRequest>): Promise<string> => {
    const { id, phrase } = await plan(path, table, more);
    return (await app.engine.imports.execute(id, phrase ?? '')).taskId;
  };
  const ended = async (path: string, table: string, more?: Partial<RowsRequest>): Promise<TaskView> =>
    app.engine.tasks.whenEnded(await begin(path, table, more));
  const refusal = async (act: Promise<unknown>): Promise<AppError> => act.then(() => { throw new Error('it was not refused'); }, errorOf);
  const count = async (table: string): Promise<number> => Number(await server.scalar(`SELECT CAST(COUNT(*) AS CHAR) FROM d.${table}`));
  const both = async (definition: string): Promise<void> => {
    for (const db of ['theirs', 'ours']) await server.query(`DROP TABLE IF EXISTS ${db}.t; CREATE TABLE ${db}.t (${definition}) ENGINE = InnoDB CHARACTER SET utf8mb4`);
  };
  const load = (path: string, characters: string, rules: string): Promise<unknown[]> => server.query(
    // Nothing is cut to fit, and 0 stays 0.
    `SET sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO'; LOAD DATA INFILE '${path}' INTO TABLE theirs.t CHARACTER SET ${characters} ${rules}; SET sql_mode = DEFAULT`);
  const csvRules = "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '' LINES TERMINATED BY '\\n'";
  const same = async (): Promise<void> => expect((await rowsOf(server, 'ours'))['t']).toEqual((await rowsOf(server, 'theirs'))['t']);

  step('2,500 hostile rows of every type are what LOAD DATA makes of the same file', async () => {
    await both(typed);
    const text = csvOf(hostileRows(2_500));
    const path = fileOf('hostile.csv', text);
    await load(path, 'utf8mb4', csvRules);
    const task = await ended(path, 't', { database: 'ours' });
    expect([task.state, task.error]).toEqual(['done', null]);
    await same();
    expect(await server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM ours.t')).toBe('2500');
    // Compressed it is the same, in one piece or in frames that begin in the middle of a row.
    const [bytes, zstd] = [Buffer.from(text), await loadZstd()];
    const frames = Array.from({ length: Math.ceil(bytes.length / 5_003) }, (_, at) => zstd.compress(bytes.subarray(at * 5_003, (at + 1) * 5_003)));
    for (const [name, packed] of [['hostile.csv.gz', gzipSync(bytes)], ['hostile.csv.zst', Buffer.concat(frames)], ['hostile.tsv.zst', zstd.compress(bytes)]] as const) {
      await server.query('DELETE FROM ours.t');
      const from = fileOf(name, packed);
      expect([name, (await inspect(from, 'ours', 't')).file.format]).toEqual([name, name.endsWith('gz') ? 'gzip' : 'zstd']);
      expect(await ended(from, 't', { database: 'ours' }), name).toMatchObject({ state: 'done' });
      await same();
    }
    const cut = fileOf('cut.csv.zst', zstd.compress(bytes).subarray(0, -20));
    expect(await refusal(plan(cut, 't', { database: 'ours' }))).toMatchObject({ code: 'import-file', params: { reason: 'damaged' } });
  });

  step('what the server itself wrote with SELECT … INTO OUTFILE comes back to the byte: bits, shapes, documents and bytes of every kind', async () => {
    const since57 = isAtLeast(series, [5, 7, 0]);
    const definition = `${typed}, bi BIT(20), g GEOMETRY${since57 ? ', j JSON, gen INT AS (id * 2) STORED, vgen VARCHAR(90) AS (CONCAT(v, id)) VIRTUAL' : ''}`;
    await both(definition);
    await load(join(folder, 'hostile.csv'), 'utf8mb4', `${csvRules} (${typed.match(/(?:^|, |,\s+)(\w+) [A-Z]/g)?.map((part) => part.replace(/[^\w]*(\w+) [A-Z]/, '$1')).join(', ') ?? ''})`);
    // Before 9 bits are written without escapes: a tab among them ends a field for LOAD DATA as well.
    // A file without a character set has each text in that of its column, and bytes as they are.
    await server.query(`UPDATE theirs.t SET bi = ${isAtLeast(series, [9, 0, 0]) ? 'id * 211' : 'id % 7'}, bl = CONCAT(UNHEX(LPAD(HEX(id % 256), 2, '0')), UNHEX('5C090A0D00FF1A'), IFNULL(bl, '')), g = IF(id % 3 = 0, NULL, ST_GeomFromText('POINT(1.5 2.25)', 0)),
      l = 'ascii'`);
    if (since57) await server.query('UPDATE theirs.t SET j = JSON_OBJECT(\'k"\\n\', v, \'n\', id)');
    await server.query(`SELECT * FROM theirs.t INTO OUTFILE '${folder}/out.tsv'`);
    const shown = await inspect(join(folder, 'out.tsv'), 'ours', 't');
    expect(shown.form).toMatchObject({ delimiter: '\t', escape: 'backslash', lineEnd: 'lf', header: false });
    expect((await plan(join(folder, 'out.tsv'), 't', { database: 'ours', form: outfile, mapping: shown.mapping })).scan.refused).toEqual([]);
    const task = await ended(join(folder, 'out.tsv'), 't', { database: 'ours', form: outfile, mapping: shown.mapping });
    expect([task.state, task.error]).toEqual(['done', null]);
    // A float is written shorter than it is: what stands in the file is what counts.
    await server.query('UPDATE theirs.t SET f = NULL, d = NULL; UPDATE ours.t SET f = NULL, d = NULL');
    await same();
  });

  step('texts in other encodings are what LOAD DATA makes of them, and bytes that are no text are refused with their row', async () => {
    const rows = Array.from({ length: 300 }, (_, at) => `${String(at)},"数据|\\${String(at)}",中,ä`).join('\n');
    const encodings = ['gbk', ...(isAtLeast(series, [5, 7, 4]) ? ['gb18030'] : [])] as ('gbk' | 'gb18030')[];
    for (const encoding of encodings) {
      await both('a INT, b VARCHAR(40), c VARCHAR(40), d VARBINARY(40)');
      const path = fileOf(`${encoding}.csv`, iconv.encode(rows.replaceAll('ä', '字'), encoding));
      await load(path, encoding, csvRules);
      expect((await inspect(path, 'ours', 't')).form.encoding).toBe('gb18030');
      expect(await ended(path, 't', { database: 'ours', form: { ...csv, encoding } })).toMatchObject({ state: 'done' });
      await same();
    }
    await both('a INT, b VARCHAR(40), c VARCHAR(40), d VARCHAR(40)');
    const latin = fileOf('latin1.csv', iconv.encode('1,Grüße,€,ä\n2,"é, è",ß,\n', 'windows-1252'));
    await load(latin, 'latin1', csvRules);
    expect((await inspect(latin, 'ours', 't')).form.encoding).toBe('windows-1252');
    expect(await ended(latin, 't', { database: 'ours', form: { ...csv, encoding: 'windows-1252' } })).toMatchObject({ state: 'done' });
    await same();
    for (const [encoding, bom] of [['utf-16le', 'fffe'], ['utf-16be', 'feff'], ['utf-8', 'efbbbf']] as const) {
      await server.query('DELETE FROM ours.t');
      const path = fileOf('wide.csv', Buffer.concat([Buffer.from(bom, 'hex'), iconv.encode('1,Grüße,€,ä\n2,"é, è",ß,\n', encoding.replace('-', ''))]));
      expect(await inspect(path, 'ours', 't')).toMatchObject({ form: { encoding }, bom: true, confidence: 'certain', preview: [{ fields: ['1', 'Grüße', '€', 'ä'] }, {}] });
      expect(await ended(path, 't', { database: 'ours', form: { ...csv, encoding } })).toMatchObject({ state: 'done' });
      await same();
    }
    const broken = fileOf('broken.csv', Buffer.concat([Buffer.from('1,a,b,c\n2,'), Buffer.from([0xc3, 0x28]), Buffer.from(',b,c\n')]));
    expect((await plan(broken, 't', { database: 'ours' })).scan.refused).toEqual([{ record: 2, line: 2, at: 8, column: 'b', why: 'encoding' }]);
  });

  step('what the server would change, or make NULL of, is refused row by row and kept as it was; the rest is in', async () => {
    await server.query("CREATE TABLE d.r (id INT, i INT, v VARCHAR(3), e ENUM('1','b'), da DATE, ti DATETIME, dc DECIMAL(6,2), f FLOAT, bi BIT(4), y YEAR, n INT NOT NULL, g GEOMETRY, u INT UNSIGNED) ENGINE = InnoDB");
    const good = ['1', 'ab', 'b', '2024-01-31', '2024-01-31 10:00:00', '1.25', '0.5', '1', '2024', '7', 'POINT(1 2)', '9'];
    const bad: readonly (readonly [at: number, text: string, why: string])[] = [
      [0, '1.5', 'not-whole'], [0, 'abc', 'not-number'], [0, '', 'not-number'], [0, '99999999999', 'server'], [0, '1,5', 'not-number'], [1, 'abcd', 'server'], [1, 'abc ', 'server'],
      [2, ' 1', 'not-member'], [2, '2', 'not-member'], [2, 'zzz', 'server'], [3, '01/02/2020', 'not-date'], [3, '20-1-1', 'not-date'], [3, '2023-02-30', 'server'],
      [3, '2024-01-01 10:00:00', 'not-date'], [4, '2024-01-31 10:00:00.5', 'fraction'], [4, '2024-01-31T25:00:00', 'server'], [5, '1.255', 'decimals'], [5, '99999.00', 'server'],
      [6, '1e-60', 'out-of-range'], [6, 'inf', 'not-number'], [7, '31', 'not-bits'], [8, '24', 'not-year'], [9, 'NULL', 'null'], [10, 'POINT(1', 'server'], [10, 'nothing', 'server'], [11, '-1', 'server'],
    ];
    const line = (id: number, fields: readonly string[]): string => [String(id), ...fields].map((text) => (text.includes(',') ? `"${text}"` : text)).join(',');
    const lines = bad.flatMap(([at, text], index) => [line(2 * index, good), line(2 * index + 1, good.map((value, i) => (i === at ? text : value)))]);
    lines.push('5,6', '7,"x"y,,,,,,,,,,,', `${String(2 * bad.length)},${good.join(',')}`);
    const path = fileOf('refused.csv', `${lines.join('\n')}\n`);
    // Where it is to stop it does not begin: what can be told from the file alone is told before.
    expect(await plan(path, 'r')).toMatchObject({ preconditions: expect.arrayContaining([expect.objectContaining({ id: 'rows', status: 'fail' })]) as unknown });
    expect((await refusal(begin(path, 'r'))).code).toBe('precondition-failed');
    const { state, error, log } = await ended(path, 'r', { onError: 'collect' });
    expect([state, error]).toMatchObject(['failed', { code: 'import-rows-collected', params: { count: bad.length + 2, kept: bad.length + 2, record: 2, line: 2 } }]);
    expect(await count('r')).toBe(bad.length + 1);
    expect(await server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM d.r WHERE id % 2 = 0')).toBe(String(bad.length + 1));
    const told = log.filter(({ text }) => text.key === 'import.log.refused-row').map(({ text }) => text.params?.['why']);
    expect(told).toEqual([...bad.map(([, , why]) => why.replaceAll('-', '')), 'fieldcount', 'quoteinside']);
    const kept = (error?.params as { readonly path: string }).path;
    expect(readFileSync(kept, 'utf8')).toBe(`${lines.filter((_, at) => at % 2 === 1 || at === lines.length - 3).slice(0, bad.length).concat(lines.slice(-3, -1)).join('\n')}\n`);
    expect(readFileSync(`${kept}.reasons.tsv`, 'utf8').split('\n').length).toBe(bad.length + 3);
    // No value of a row is in a journal, nor anywhere else but there.
    const holding = (at: string): readonly string[] => readdirSync(at, { withFileTypes: true }).flatMap((one) => (one.isDirectory()
      ? holding(join(at, one.name)) : readFileSync(join(at, one.name), 'latin1').includes('01/02/2020') ? [join(at, one.name)] : []));
    expect(holding(app.dataFolder)).toEqual([kept]);
  });

  step('what others report of imports of rows comes in as the file means it, or is refused by its row', async () => {
    const fields = 'a INT NOT NULL, b VARCHAR(60), c DECIMAL(7,2)';
    const broken = Buffer.concat([Buffer.from('a,b,c\n1,x,1\n2,'), Buffer.from([0xe9, 0x20]), Buffer.from(',2\n3,数,3\n')]);
    const cases: readonly {
      readonly name: string; readonly text: string | Buffer; readonly rows: readonly unknown[]; readonly refused?: readonly (readonly [number, string])[];
      readonly wish?: RowsFormWish;
    }[] = [
      // dbeaver 15738: behind an empty field that is NULL all others were.
      { name: 'empty fields', text: 'a,b,c\n1,x,1\n2,,\n3,y,3\n', rows: [[1, 'x', '1.00'], [2, null, null], [3, 'y', '3.00']], wish: { nulls: [''] } },
      // dbeaver 4024, TablePlus 1523: an empty text in quotes is one.
      { name: 'empty texts', text: 'a,b,c\n1,"",1\n2,,2\n', rows: [[1, '', '1.00'], [2, null, '2.00']], wish: { nulls: [''] } },
      // dbeaver 9734, 6883: the word is a text where it stands in quotes, and NULL where that is said.
      { name: 'the word NULL', text: 'a,b,c\n1,"NULL",NULL\n2,NULL,2\n', rows: [[1, 'NULL', null], [2, null, '2.00']], wish: { nulls: ['NULL'] } },
      // phpmyadmin 19381: the word alone is NULL, as LOAD DATA takes it, where nobody said what is.
      { name: 'the word NULL, found', text: 'a,b,c\n1,"NULL",NULL\n2,NULL,2\n', rows: [[1, 'NULL', null], [2, null, '2.00']] },
      { name: 'apostrophes around every text', text: "a,b,c\n1,'it''s',1\n2,'ab',NULL\n", rows: [[1, "it's", '1.00'], [2, 'ab', null]] },
      // TablePlus 1172, sqlitebrowser 1032: quotes behind backslashes.
      {
        name: 'backslashed quotes', text: 'a,b,c\n1,"a,s,b\\"samuel\\"s",1\n2,"naka , \\"who\'s there?\\" ....",2\n',
        rows: [[1, 'a,s,b"samuel"s', '1.00'], [2, 'naka , "who\'s there?" ....', '2.00']],
      },
      // sqlyog 103: a backslash in a file of Excel's is one.
      { name: 'backslashes', text: 'a,b,c\n1,C:\\new\\table,1\n2,"D:\\x",2\n', rows: [[1, 'C:\\new\\table', '1.00'], [2, 'D:\\x', '2.00']] },
      // phpmyadmin 19964: more decimals than the column keeps.
      { name: 'more decimals', text: 'a,b,c\n1,A,12345.67\n2,B,11.555\n', rows: [[1, 'A', '12345.67']], refused: [[2, 'decimals']] },
      // TablePlus 1632, TablePlus-Windows 682: everything behind bytes that were no text was lost.
      { name: 'bytes that are no text', text: broken, rows: [[1, 'x', '1.00'], [3, '数', '3.00']], refused: [[2, 'encoding']], wish: { encoding: 'utf-8' } },
      // sqlitebrowser 542: quotes and ends of lines within a text swallowed rows.
      {
        name: 'lines within texts', text: 'a,b,c\r\n1,"two\nlines, ""so""",1\r\n2,"\r\n",2\r\n', rows: [[1, 'two\nlines, "so"', '1.00'], [2, '\r\n', '2.00']],
      },
      // dbeaver 10994, csvkit 642: the mark of UTF-8 became a part of the first name.
      { name: 'a byte order mark', text: '\ufeffa,b,c\n1,x,1\n', rows: [[1, 'x', '1.00']] },
      // Excel where the comma is the decimal mark.
      { name: 'semicolons and commas', text: 'a;b;c\r\n1;x;1,25\r\n2;y;0,5\r\n', rows: [[1, 'x', '1.25'], [2, 'y', '0.50']] },
      // LOAD DATA made 0 of an empty field, and took records that are too short.
      {
        name: 'short and long records', text: 'a,b,c\n1,x\n2,y,2\n3,z,3,4\n,w,1\n', rows: [[2, 'y', '2.00']],
        refused: [[1, 'field-count'], [3, 'field-count'], [4, 'not-number']], wish: { delimiter: ',' },
      },
    ];
    for (const { name, text, rows, refused = [], wish } of cases) {
      await server.query(`DROP TABLE IF EXISTS d.rep; CREATE TABLE d.rep (${fields}) ENGINE = InnoDB CHARACTER SET utf8mb4`);
      const path = fileOf('report.csv', text);
      const shown = await inspect(path, 'd', 'rep', wish);
      expect([name, shown.form.header, shown.mapping]).toEqual([name, true, ['a', 'b', 'c']]);
      const planned = await plan(path, 'rep', { form: shown.form, onError: 'collect' });
      expect([name, planned.scan.refused.map(({ record, why }) => [record, why])]).toEqual([name, refused]);
      const { error } = await ended(path, 'rep', { form: shown.form, onError: 'collect' });
      expect([name, error?.code ?? null]).toEqual([name, refused.length === 0 ? null : 'import-rows-collected']);
      const found = await server.query<Record<string, unknown>>('SELECT a, b, c FROM d.rep ORDER BY a');
      expect([name, found.map((row) => Object.values(row))]).toEqual([name, rows]);
    }
    // TablePlus 3031: a quote that is never closed took the rest of the file with it, and nobody was told.
    const open = fileOf('report.csv', 'a,b,c\n1,x,1\n2,"y,2\n3,z,3\n');
    const { form } = await inspect(open, 'd', 'rep', { escape: 'none', quote: '"', delimiter: ',' });
    const { preconditions } = await plan(open, 'rep', { form, onError: 'collect' });
    expect(preconditions.find(({ id }) => id === 'rows')).toMatchObject({ status: 'fail', measured: { params: { record: 2, why: 'quoteunclosed' } } });
  });

  step('where a key is taken the row is refused, left out or put in place, as was chosen; a stop goes on behind what is committed', async () => {
    await server.query("CREATE TABLE d.k (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(20)) ENGINE = InnoDB; INSERT INTO d.k VALUES (3, 'old')");
    const path = fileOf('keys.csv', 'id,v\r\n0,zero\r\n1,a\r\n2,b\r\n3,new\r\n4,d\r\n');
    const form: RowsForm = { ...csv, header: true, lineEnd: 'crlf' };
    const { state, error } = await ended(path, 'k', { form });
    expect([state, error]).toMatchObject(['failed', { code: 'import-row', params: { record: 4, line: 5, errno: 1062 } }]);
    expect(await server.query('SELECT id, v FROM d.k ORDER BY id')).toEqual([{ id: 0, v: 'zero' }, { id: 1, v: 'a' }, { id: 2, v: 'b' }, { id: 3, v: 'old' }]);
    const { at } = error?.params as { readonly at: number };
    expect((await plan(path, 'k', { form, fromByte: at + 1 })).preconditions.find(({ id }) => id === 'from')?.status).toBe('fail');
    expect(await ended(path, 'k', { form, fromByte: at, mode: 'ignore' })).toMatchObject({ state: 'done', error: null });
    expect(await server.query('SELECT id, v FROM d.k ORDER BY id DESC LIMIT 2')).toEqual([{ id: 4, v: 'd' }, { id: 3, v: 'old' }]);
    const replacing = await plan(path, 'k', { form, mode: 'replace' });
    expect(replacing.phrase).toBe('server');
    expect((await refusal(app.engine.imports.execute(replacing.id, ''))).code).toBe('confirm-mismatch');
    expect(await ended(path, 'k', { form, mode: 'replace' })).toMatchObject({ state: 'done' });
    expect(await server.scalar('SELECT v FROM d.k WHERE id = 3')).toBe('new');
    expect((await plan(path, 'user', { form, database: 'mysql', mapping: ['a', 'b'] })).preconditions.find(({ id }) => id === 'target')?.status).toBe('fail');
    expect((await plan(path, 'nowhere', { form, mapping: ['a', 'b'] })).preconditions.find(({ id }) => id === 'target')?.status).toBe('fail');
  });

  step('over a crash of the application in a run of bad rows, and one of the server, no row is lost, doubled, or counted twice', async () => {
    // Several transactions of half a second or 8 MB: it is not over by the time that its first rows are seen.
    const total = 160_000;
    await server.query('CREATE TABLE d.c (id INT, x VARCHAR(200), KEY (id)) ENGINE = InnoDB');
    // Of every ten the last is refused: each batch has some.
    const text = Array.from({ length: total }, (_, at) => `${at % 10 === 9 ? 'bad' : String(at)},${'x'.repeat(150)}`).join('\n');
    const path = fileOf('crash.csv', text);
    const whole = { n: String(total * 0.9), s: String(Array.from({ length: total }, (_, at) => (at % 10 === 9 ? 0 : at)).reduce((sum, one) => sum + one, 0)) };
    const sums = (): Promise<unknown[]> => server.query('SELECT CAST(COUNT(*) AS CHAR) AS n, CAST(SUM(id) AS CHAR) AS s FROM d.c');
    const some = async (): Promise<boolean> => (await count('c').catch(() => 0)) > 300;
    const id = await begin(fileOf('crash.csv.zst', (await loadZstd()).compress(Buffer.from(text))), 'c', { onError: 'collect' });
    await waitUntil('some rows', some);
    await app.crash();
    const engine = await app.reopen();
    const [left] = await engine.tasks.recoverable();
    expect(left).toMatchObject({ task: { id }, verdict: 'can-resume' });
    await engine.tasks.resumeInterrupted(id);
    const { state, error } = await engine.tasks.whenEnded(id);
    expect([state, error]).toMatchObject(['failed', { code: 'import-rows-collected', params: { count: total / 10, kept: total / 10 } }]);
    expect(await sums()).toEqual([whole]);
    expect(readFileSync((error?.params as { readonly path: string }).path, 'utf8').split('\n').length - 1).toBe(total / 10);

    await server.query('TRUNCATE d.c');
    const next = await begin(path, 'c', { onError: 'collect' });
    await waitUntil('some rows', some);
    await server.kill();
    await server.start();
    const task = await app.engine.tasks.whenEnded(next);
    expect([task.state, task.error]).toMatchObject(['failed', { code: 'import-rows-collected', params: { count: total / 10 } }]);
    expect(await sums()).toEqual([whole]);
    expect(await server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM antipode.imports')).toBe('0');
    // A file that is another one by then is not gone on with.
    await server.query('TRUNCATE d.c');
    const last = await begin(path, 'c', { onError: 'collect' });
    await waitUntil('some rows', some);
    await app.crash();
    writeFileSync(path, text.replace('0,x', '0,y'));
    const third = await app.reopen();
    await third.tasks.resumeInterrupted(last);
    expect((await third.tasks.whenEnded(last)).error).toMatchObject({ code: 'import-file', params: { reason: 'changed' } });
  });

  step('where a table has no transactions each row is in once, and it is said of which one it cannot be told', async () => {
    await server.query("CREATE TABLE d.m (id INT, x VARCHAR(20)) ENGINE = MyISAM; CREATE TABLE d.log (n INT) ENGINE = InnoDB; CREATE TABLE d.tr (id INT PRIMARY KEY) ENGINE = InnoDB");
    await server.query('CREATE TRIGGER d.g BEFORE INSERT ON d.tr FOR EACH ROW INSERT INTO d.log VALUES (NEW.id)');
    const total = 1_500;
    const path = fileOf('plain.csv', Array.from({ length: total }, (_, at) => `${String(at)},x`).join('\n'));
    const id = await begin(path, 'm');
    await waitUntil('some rows', async () => (await count('m')) > 20);
    await app.crash();
    const engine = await app.reopen();
    await engine.tasks.resumeInterrupted(id);
    const { state, error } = await engine.tasks.whenEnded(id);
    expect([state, error?.code]).toEqual(['failed', 'import-row-unclear']);
    const { record, at, end } = error?.params as { readonly record: number; readonly at: number; readonly end: number };
    const there = await count('m');
    expect([record - 1, record]).toContain(there);
    expect(await ended(path, 'm', { fromByte: there === record ? end : at })).toMatchObject({ state: 'done' });
    expect(await server.query('SELECT CAST(COUNT(*) AS CHAR) AS n, CAST(SUM(id) AS CHAR) AS s FROM d.m')).toEqual([{ n: String(total), s: String((total * (total - 1)) / 2) }]);
    // A row that is refused leaves the others, and none of them comes twice by being tried alone.
    const mixed = fileOf('mixed.csv', '1,a\n2,b\n3,a text that is too long for it\n4,d\n');
    await server.query('DELETE FROM d.m');
    expect((await ended(mixed, 'm', { onError: 'collect' })).error).toMatchObject({ code: 'import-rows-collected', params: { count: 1, record: 3 } });
    expect(await server.query('SELECT id FROM d.m ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }, { id: 4 }]);
    const shown = await plan(fileOf('tr.csv', '1\n2\n2\n3\n'), 'tr', { onError: 'collect' });
    expect(shown.preconditions.filter(({ status }) => status === 'warn').map((one) => one.id)).toEqual(['engine', 'triggers']);
    expect((await ended(fileOf('tr.csv', '1\n2\n2\n3\n'), 'tr', { onError: 'collect' })).error).toMatchObject({ params: { count: 1 } });
    expect([await count('tr'), await count('log'), existsSync(join(app.dataFolder, 'imports'))]).toEqual([3, 3, true]);
  });

  step('columns that are invisible or computed are filled by their names and never by their order', async () => {
    if (!isAtLeast(series, [8, 0, 23])) return;
    await server.query('CREATE TABLE d.inv (a INT, hidden INT INVISIBLE DEFAULT 5, b INT, g INT AS (a + b) STORED) ENGINE = InnoDB');
    const plain = fileOf('plain2.csv', '1,2\n3,4\n');
    const shown = await inspect(plain, 'd', 'inv');
    expect(shown.mapping).toEqual(['a', 'b']);
    expect(await ended(plain, 'inv', { mapping: shown.mapping })).toMatchObject({ state: 'done' });
    const headed = fileOf('headed.csv', 'b,HIDDEN,a\n2,7,1\n');
    const named = await inspect(headed, 'd', 'inv');
    expect([named.form.header, named.mapping]).toEqual([true, ['b', 'hidden', 'a']]);
    expect(await ended(headed, 'inv', { form: { ...csv, header: true }, mapping: named.mapping })).toMatchObject({ state: 'done' });
    expect(await server.query('SELECT a, hidden, b, g FROM d.inv ORDER BY hidden, a')).toEqual([{ a: 1, hidden: 5, b: 2, g: 3 }, { a: 3, hidden: 5, b: 4, g: 7 }, { a: 1, hidden: 7, b: 2, g: 3 }]);
    expect((await plan(headed, 'inv', { mapping: ['g', 'a', 'b'] })).preconditions.find(({ id }) => id === 'mapping')?.status).toBe('fail');
  });
});
