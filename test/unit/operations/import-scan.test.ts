// A whole file as it is read before anything of it is sent.
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadZstd, type Zstd } from '../../../electron/copy/files/zstd';
import { scanFile } from '../../../electron/operations/import/scan';
import { lookAt } from '../../../electron/operations/import/source';
import type { FileScan } from '../../../shared/domain/operations/import/plan';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { errorOf } from '../../../shared/errors/codes';

const folder = mkdtempSync(join(tmpdir(), 'antipode-scan-'));
let zstd: Zstd;
beforeAll(async () => { zstd = await loadZstd(); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
interface Case { target?: string | null; fromByte?: number; longest?: number }
async function scan(path: string, { target = null, fromByte = 0, longest = 100_000 }: Case = {}): Promise<FileScan> {
  const options = { target, mode: '', version: parseServerVersion('9.7.1'), reading: { executes: () => true, digits: 6 }, longest, lowerCase: 0 } as const;
  return scanFile(await lookAt(path), options, fromByte, undefined);
}
const failureOf = (act: Promise<unknown>) => act.then(() => 'none', (thrown: unknown) => errorOf(thrown).params);
const dump = [
  'SET @@SESSION.SQL_LOG_BIN= 0;', 'CREATE DATABASE /*!32312 IF NOT EXISTS*/ `a`;', 'USE `a`;', 'DROP TABLE IF EXISTS `t`;', 'CREATE TABLE `t` (x INT);', 'LOCK TABLES `t` WRITE;',
  "INSERT INTO `t` VALUES (1),\n(2);", 'INSERT INTO `t` VALUES (3);', 'UNLOCK TABLES;', '/*!50001 CREATE VIEW `v` AS SELECT 1 AS `x`*/;', '/*!50001 DROP VIEW IF EXISTS `v`*/;',
  'DELIMITER ;;', '/*!50001 CREATE DEFINER=`ann`@`%` VIEW `v` AS SELECT `x` FROM `t` */;;', 'DELIMITER ;', 'CREATE TABLE u (x INT);', '',
].join('\n');

describe('a whole file', () => {
  it('tells what it holds, what it takes away, and what must not be there', async () => {
    const found = await scan(fileOf('a.sql', dump));
    expect(found).toMatchObject({ statements: 13, rowStatements: 2, refusedCount: 0, databases: ['a'], definers: ['`ann`@`%`'] });
    expect(found.leftOut).toMatchObject([{ why: 'log-off', count: 1, line: 1 }, { why: 'locks', count: 2, line: 6 }]);
    expect(found.drops).toEqual([{ database: 'a', table: 't' }]);
    // What the file itself drops before is free then; what it makes and drops again is nobody's loss.
    expect(found.creates).toEqual([{ database: 'a', table: 'v' }, { database: 'a', table: 'u' }]);
  });

  it('is the same however it is compressed, in one piece or several', async () => {
    const plain = await scan(fileOf('b.sql', dump));
    const bytes = Buffer.from(dump);
    const halves = [bytes.subarray(0, 300), bytes.subarray(300)];
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    for (const [name, content] of [
      ['b.gz', gzipSync(bytes)], ['b2.gz', Buffer.concat(halves.map((one) => gzipSync(one)))], ['b.zst', zstd.compress(bytes)],
      ['b2.zst', Buffer.concat([...halves.map((one) => zstd.compress(one)), skippable])],
    ] as const) expect(await scan(fileOf(name, content)), name).toEqual(plain);
  });

  it('is refused by name where it cannot be read whole, or is another one by now', async () => {
    const long = Buffer.from(`SELECT '${Array.from({ length: 5_000 }, (_, at) => at * 7919).join()}'`);
    for (const [name, content] of [['c.gz', gzipSync(long)], ['c.zst', zstd.compress(long)]] as const) {
      const path = fileOf(name, content.subarray(0, content.length - 20));
      expect(await failureOf(scan(path))).toEqual({ path, reason: 'damaged' });
    }
    expect(await failureOf(lookAt(folder))).toEqual({ path: folder, reason: 'notafile' });
    expect(await failureOf(lookAt(join(folder, 'none')))).toEqual({ path: join(folder, 'none'), reason: 'unreadable' });
    const path = fileOf('d.sql', 'SELECT 1;');
    const looked = await lookAt(path);
    utimesSync(path, 5, 5);
    const options = { target: null, mode: '', version: parseServerVersion('9.7.1'), reading: { executes: () => true, digits: 6 }, longest: 10, lowerCase: 0 } as const;
    expect(await failureOf(scanFile(looked, options, 0, undefined))).toEqual({ path, reason: 'changed' });
  });

  it('names with its line what is too long, what has no end, a delimiter that is none, and a place within a statement', async () => {
    const refused = async (text: string, more?: Parameters<typeof scan>[1]) => (await scan(fileOf('e.sql', text), { target: 'a', ...more })).refused.map(({ line, why }) => [line, why]);
    expect(await refused(`SELECT 1;\nINSERT INTO t VALUES ('${'x'.repeat(200)}');\nINSERT INTO t VALUES (1);`, { longest: 100 })).toEqual([[2, 'too-long']]);
    expect(await refused("INSERT INTO t VALUES (1);\n\nINSERT INTO t VALUES ('a;\n")).toEqual([[3, 'unclosed']]);
    expect(await refused("INSERT INTO t VALUES (1);\nDELIMITER '\nGRANT ALL ON *.* TO x'")).toEqual([[2, 'delimiter']]);
    expect(await refused('INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\nINSERT INTO b.t VALUES (3);', { fromByte: 30 })).toEqual([[2, 'not-understood'], [3, 'outside']]);
    expect(await refused('GRANT ALL ON *.* TO x;\nINSERT INTO t VALUES (2);', { fromByte: 22 })).toEqual([]);
  });

  it('shows statements without what may be secret', async () => {
    const { refused } = await scan(fileOf('f.sql', "CREATE USER x IDENTIFIED BY 'geheim';"));
    expect(refused[0]?.statement).toBe("CREATE USER x IDENTIFIED BY '…'");
  });
});
