// A folder of mydumper's: what its files are by their names, the order in which they are taken, and how they are read as one stream.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { lookAtDump } from '../../../electron/operations/import/folder';
import { folderConditions } from '../../../electron/operations/import/folder-conditions';
import { harmsOver, scanFile } from '../../../electron/operations/import/scan';
import { statementsIn, type FileStatement } from '../../../electron/operations/import/statements';
import { databaseIn, inOrder, kindOf, metadataIn, preambleOf, shortOfRows, whereMissing } from '../../../shared/domain/operations/import/folder';
import { bytesToRead, partAt } from '../../../shared/domain/operations/import/parts';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { errorOf } from '../../../shared/errors/codes';

const root = mkdtempSync(join(tmpdir(), 'antipode-folder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const options = { target: null, mode: '', characters: 'utf8mb4', version: parseServerVersion('9.7.1'), reading: { executes: () => true, digits: 6 }, longest: 100_000, lowerCase: 0 } as const;

let turn = 0;
function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  turn += 1;
  const path = join(root, String(turn));
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}
async function all(of: AsyncIterable<FileStatement>): Promise<FileStatement[]> {
  const found: FileStatement[] = [];
  for await (const one of of) found.push(one);
  return found;
}

const old = {
  metadata: 'Started dump at: 2026-01-01 00:00:00\nFinished dump at: 2026-01-01 00:00:01\n',
  'shop-schema-create.sql': 'CREATE DATABASE `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\n',
  'shop.t-schema.sql': '/*!40101 SET NAMES binary*/;\nCREATE TABLE `t` (a INT);\n',
  'shop.t.00000.sql': '/*!40101 SET NAMES binary*/;\nINSERT INTO `t` VALUES\n(1),\n(2);\n',
  'shop.t.00001.sql.gz': gzipSync('INSERT INTO `t` VALUES\n(3)'),
  'shop.v-schema.sql': 'CREATE TABLE `v` (`a` int)ENGINE=MyISAM;\n',
  'shop.v-schema-view.sql': 'DROP TABLE IF EXISTS `v`;\nDROP VIEW IF EXISTS `v`;\nCREATE VIEW `v` AS select 1 AS `a`;\n',
  'shop-schema-post.sql': 'DROP FUNCTION IF EXISTS `f`;\nCREATE FUNCTION `f`() RETURNS int DETERMINISTIC BEGIN RETURN 1; END;\n'
    + 'DROP EVENT IF EXISTS `e`;\nSET character_set_client = utf8mb4;\nCREATE DEFINER=`root`@`%` EVENT `e` ON SCHEDULE EVERY 1 DAY DO DELETE FROM `t` WHERE a IN (SELECT a FROM `v`);\n',
  'shop.t-schema-triggers.sql': 'CREATE TRIGGER `g` BEFORE INSERT ON `t` FOR EACH ROW SET NEW.a = 1;\n',
} as const;

describe('the files of a folder', () => {
  it('are known by their names, compressed or not, of old versions and new ones', () => {
    const names: readonly (readonly [string, ReturnType<typeof kindOf>])[] = [
      ['shop-schema-create.sql', { kind: 'database', stem: 'shop' }], ['shop.t-schema.sql.zst', { kind: 'table', stem: 'shop.t' }],
      ['shop.t.00000.sql.gz', { kind: 'rows', stem: 'shop.t.00000' }], ['shop.t.sql', { kind: 'rows', stem: 'shop.t' }],
      ['shop.t.00000.00001.sql', { kind: 'rows', stem: 'shop.t.00000.00001' }], ['shop.v-schema-view.sql', { kind: 'view', stem: 'shop.v' }],
      ['shop-schema-triggers.sql', { kind: 'triggers', stem: 'shop' }], ['shop-schema-post.sql', { kind: 'programs', stem: 'shop' }],
      ['shop-schema-routines.sql', { kind: 'programs', stem: 'shop' }], ['shop-schema-events.sql', { kind: 'events', stem: 'shop' }],
      ['shop.s-schema-sequence.sql', { kind: 'sequence', stem: 'shop.s' }], ['all-schema-create-tablespace.sql', 'other'], ['shop.t.00000.dat', 'other'],
      ['notes.sql', 'other'], ['metadata', null], ['metadata.partial.0', null], ['shop.t-metadata', null], ['shop.t-checksum.gz', null],
    ];
    for (const [name, kind] of names) expect(kindOf(name), name).toEqual(kind);
    expect([databaseIn('a.b.t', ['a', 'a.b']), databaseIn('a.t', ['b']), databaseIn('a', ['a'])]).toEqual(['a.b', 'a', 'a']);
  });

  it('come in the order in which each finds what it needs', () => {
    const parts = Object.keys(old).flatMap((name) => {
      const of = kindOf(name);
      return of === null || of === 'other' ? [] : [{ name, kind: of.kind }];
    });
    expect(inOrder(parts.toReversed()).map(({ name }) => name)).toEqual([
      'shop-schema-create.sql', 'shop.t-schema.sql', 'shop.v-schema.sql', 'shop.t.00000.sql', 'shop.t.00001.sql.gz', 'shop.t-schema-triggers.sql',
      'shop-schema-post.sql', 'shop.v-schema-view.sql',
    ]);
  });

  it('are told by the metadata of either form, which says what is missing', () => {
    expect(metadataIn(old.metadata)).toEqual({ finished: true, sqlMode: null, timeZone: null, rows: [] });
    const told = metadataIn("# Started dump at: 2026-01-01 00:00:00\n[config]\nquote-character = BACKTICK\n\n[myloader_session_variables]\nSQL_MODE='NO_AUTO_VALUE_ON_ZERO,ANSI_QUOTES' /*!40101\n"
      + "time_zone='+00:00' /*!40103\n\n[source]\nPosition = 4\n\n[`shop`.`t`]\nRows = 2\n\n[`shop`.`empty`]\nrows = 0\n\n[`shop`.`u`]\nrows = 7\n\n[`shop`.`order-items`]\nrows = 3\n\n[`shop`.`mydumper_3`]\nreal_table_name=x.y\nrows = 7\n");
    expect(told).toEqual({ finished: false, sqlMode: 'NO_AUTO_VALUE_ON_ZERO,ANSI_QUOTES', timeZone: '+00:00', rows: [['shop.t', 2], ['shop.u', 7], ['shop.order-items', 3]] });
    expect(shortOfRows(told, new Map([['shop.t', 2], ['shop.u', 6], ['shop.order-items', null]]))).toEqual(['shop.u']);
    expect(shortOfRows(told, new Map([['shop.u', 8]]))).toEqual(['shop.t', 'shop.order-items']);
    expect(folderConditions({ files: 1, finished: false, rows: [], ignored: ['x.dat'] }, ['shop.u']).map(({ id, status }) => [id, status]))
      .toEqual([['complete', 'warn'], ['short-of-rows', 'warn'], ['ignored', 'warn']]);
    expect(preambleOf({ kind: 'rows', database: 'a`b' }, told, true)).toBe(
      "SET NAMES binary; SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ANSI_QUOTES', foreign_key_checks = 0, time_zone = '+00:00'; "
      + 'CREATE DATABASE IF NOT EXISTS `a``b`; USE `a``b`;');
  });

  it('make their database where it is not there', () => {
    expect(whereMissing('/* x */ create database `shop` /*!40100 */')).toBe('/* x */ create database IF NOT EXISTS `shop` /*!40100 */');
    for (const text of ['CREATE DATABASE IF NOT EXISTS `a`', 'CREATE DATABASE /*!32312 IF NOT EXISTS*/ `a`']) expect(whereMissing(text)).toBe(text);
  });
});

describe('a folder', () => {
  it('is one stream, whose places tell the file and whose lines are of the file', async () => {
    const file = await lookAtDump(folderOf({ ...old, 'x.dat': '1' }));
    expect(file.folder).toEqual({ files: 8, finished: true, rows: [], ignored: ['x.dat'] });
    // What is taken twice is on the disk once.
    const twice = file.parts?.find(({ kind }) => kind === 'events')?.size ?? 0;
    expect([twice > 0, bytesToRead(file) - file.size]).toEqual([true, twice]);
    const { partBytes, counted, ...scan } = await scanFile(file, options, 0, undefined);
    expect(scan).toMatchObject({ refusedCount: 0, refused: [], rowStatements: 2, statements: 17, databases: ['shop'], complete: true });
    expect([...counted]).toEqual([['shop.t', 3]]);
    // Placeholders of views are the folder's own; a database that is there is none in the way.
    expect(scan.creates.map(({ kind, table }) => [kind, table])).toEqual([['TABLE', 't'], ['TABLE', 'v'], ['TRIGGER', 'g']]);
    const parts = (file.parts ?? []).map((part, at) => ({ ...part, bytes: partBytes[at] ?? 0 }));
    const found = await all(statementsIn({ ...file, parts }, options, undefined));
    const rows = found.filter(({ verdict }) => verdict.act === 'send' && verdict.kind === 'rows');
    expect(rows.map(({ line, part }) => [line, part?.name])).toEqual([[2, 'shop.t.00000.sql'], [1, 'shop.t.00001.sql.gz']]);
    expect(found.every(({ end, part }) => partAt(parts, end)?.name === part?.name)).toBe(true);
    const made = found.find(({ verdict }) => verdict.act === 'send' && verdict.makes?.kind === 'DATABASE');
    expect(made?.verdict).toMatchObject({ creates: null, again: 'same', instead: expect.stringContaining('IF NOT EXISTS `shop`') });
    // What an event does waits for the views, and what is in one file is sent once.
    const sent = found.flatMap(({ verdict, ours, part }) => (verdict.act === 'send' && ours !== true && verdict.makes !== null ? [[part?.kind, verdict.makes.kind]] : []));
    expect(sent.slice(-3)).toEqual([['programs', 'FUNCTION'], ['view', 'VIEW'], ['events', 'EVENT']]);
    // From the second file of rows on: nothing before it is read, and what its session needs comes first.
    const [, second] = rows;
    const later = await all(statementsIn({ ...file, parts }, options, undefined, { from: second?.at ?? 0 }));
    expect([later[0]?.part?.name, later[0]?.ours, later.at(-1)?.end]).toEqual(['shop.t.00001.sql.gz', true, found.at(-1)?.end]);
    expect(later.find(({ text }) => text.startsWith('INSERT'))?.at).toBe(second?.at);
    // Into another database nothing is refused, and of what is left out only statements of the files are told.
    const elsewhere = await scanFile(file, { ...options, target: 'other' }, 0, undefined);
    expect([elsewhere.refused, elsewhere.otherDatabases, elsewhere.leftOut.map(({ why, count }) => [why, count])]).toEqual([[], ['shop'], [['other-database', 1]]]);
  });

  it('without a file that makes its database makes it, and finds it by its content where the name stands for another', async () => {
    const bare = await lookAtDump(folderOf({ 'shop.t-schema.sql': 'CREATE TABLE `t` (a INT);\n', 'shop.t.sql': 'INSERT INTO `t` VALUES (1);\n' }));
    expect(bare.parts?.map(({ preamble }) => /CREATE DATABASE.*/.exec(preamble)?.[0] ?? '')).toEqual(['CREATE DATABASE IF NOT EXISTS `shop`; USE `shop`;', '']);
    expect(bare.folder?.finished).toBe(false);
    // An editor may have put the mark of its encoding before a file.
    const marked = await lookAtDump(folderOf({ 'shop.t-schema.sql': '\uFEFFCREATE TABLE `t` (a INT);\n', 'shop.t.sql': '\uFEFFINSERT INTO `t` VALUES (1);\n' }));
    expect(await scanFile(marked, options, 0, undefined)).toMatchObject({ refused: [], statements: 2 });
    const masked = await lookAtDump(folderOf({
      metadata: '# Finished dump at: 2026-01-01 00:00:01\n', 'mydumper_0-schema-create.sql': 'CREATE DATABASE /*!32312 IF NOT EXISTS*/ `a.b-数`;\n', 'mydumper_0.t-schema.sql': 'CREATE TABLE `t` (a INT);\n',
    }));
    expect(masked.parts?.map(({ database }) => database)).toEqual([null, 'a.b-数']);
  });

  it('of something else is refused, and so is one of which a file was changed', async () => {
    const reason = (act: Promise<unknown>) => act.then(() => 'none', (thrown: unknown) => errorOf(thrown).params);
    const other = folderOf({ 'notes.txt': '', 'a.sql': '' });
    expect(await reason(lookAtDump(other))).toEqual({ path: other, reason: 'nodump' });
    const pipe = folderOf({ 'shop.t-schema.sql': 'CREATE TABLE t (a INT);' });
    execFileSync('mkfifo', [join(pipe, 'shop.t.00000.sql')]);
    expect(await reason(lookAtDump(pipe))).toEqual({ path: join(pipe, 'shop.t.00000.sql'), reason: 'notafile' });
    const backup = folderOf({ 'manifest.json': '{}', 'schema.sql': '' });
    expect(await reason(lookAtDump(backup))).toEqual({ path: backup, reason: 'backup' });
    const shell = folderOf({ '@.json': '{}', '@.sql': '', '@.done.json': '{}', 'shop.sql': '', 'shop@t.sql': '', 'shop@t@@0.tsv.zst': '', 'shop@t@@0.tsv.zst.idx': '' });
    expect(await reason(lookAtDump(shell))).toEqual({ path: shell, reason: 'shell' });
    const path = folderOf(old);
    const file = await lookAtDump(path);
    utimesSync(join(path, 'shop.t.00000.sql'), 1, 1);
    expect(await reason(scanFile(file, options, 0, undefined))).toEqual({ path: join(path, 'shop.t.00000.sql'), reason: 'changed' });
  });

  const load = (file: string, more = ''): string => `LOAD DATA LOCAL INFILE '${file}' REPLACE INTO TABLE \`t\` CHARACTER SET binary (\`a\`)${more};\n`;
  const refusals = async (statement: string, more: Readonly<Record<string, string>> = {}) => {
    const file = await lookAtDump(folderOf({ 'shop.t-schema.sql': 'CREATE TABLE `t` (a INT);\n', 'shop.t.00000.sql': statement, 'shop.t.00000.dat': '1\n2\n', ...more }));
    const { refused, rowStatements } = await scanFile(file, options, 0, undefined);
    return [refused.map(({ why }) => why), rowStatements];
  };

  it('with rows beside their statement asks about rows that they replace, where a table that it makes is there and stays', async () => {
    const file = await lookAtDump(folderOf({ 'shop.t-schema.sql': 'CREATE TABLE `t` (a INT);\n', 'shop.t.00000.sql': load('shop.t.00000.dat'), 'shop.t.00000.dat': '1\n2\n' }));
    const scan = await scanFile(file, options, 0, undefined);
    expect([scan.harms, harmsOver(scan, []), harmsOver(scan, [{ database: 'shop', table: 'u' }])]).toEqual([[], [], []]);
    expect(harmsOver(scan, [{ database: 'shop', table: 't' }])).toMatchObject([{ why: 'replaces', count: 1, line: 1, objects: [{ database: 'shop', table: 't' }] }]);
    // Begun behind the statement that makes it, the file makes it no more.
    const rows = (await all(statementsIn(file, options, undefined))).find(({ text }) => text.startsWith('REPLACE'));
    expect((await scanFile(file, options, rows?.at ?? 0, undefined)).harms).toMatchObject([{ why: 'replaces', count: 1 }]);
  });

  it('sends nothing before the rows that is meant for after them, and loads rows into no table but the one that their statement names', async () => {
    expect(await refusals(`SET NAMES binary;\n${load('shop.t.00000.dat')}SET foreign_key_checks = 1;\nCOMMIT;\n`)).toEqual([[], 1]);
    expect(await refusals(`${load('shop.t.00000.dat')}UPDATE t SET a = a + 1 WHERE a < 5;\n`)).toEqual([['load'], 1]);
    const other = load('other.dat').trimEnd().replace('`t`', '`u`');
    expect(await refusals(`SET NAMES binary; ${other}\n${load('shop.t.00000.dat')}`)).toEqual([['load', 'load'], 0]);
    expect(await refusals(`/*\n${load('shop.t.00000.dat')}*/ ${other}\n`)).toEqual([['load'], 0]);
  });
});
