// A whole file as it is read before anything of it is sent.
import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sealer } from '../../../electron/copy/files/sealing';
import { loadZstd, type Zstd } from '../../../electron/copy/files/zstd';
import { draftImport } from '../../../electron/operations/import/draft';
import { scanFile } from '../../../electron/operations/import/scan';
import { statementsIn } from '../../../electron/operations/import/statements';
import { lookAt } from '../../../electron/operations/import/source';
import type { FileScan } from '../../../shared/domain/operations/import/plan';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { errorOf } from '../../../shared/errors/codes';
import { fakeSession } from '../../fixtures/fake-session';

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
  const options = { target, mode: '', characters: 'utf8mb4', version: parseServerVersion('9.7.1'), reading: { executes: () => true, digits: 6 }, longest, lowerCase: 0 } as const;
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
    expect(found).toMatchObject({ statements: 13, rowStatements: 2, refusedCount: 0, databases: ['a'], definers: ['ann@%'] });
    expect(found.leftOut).toMatchObject([{ why: 'log-off', count: 1, line: 1 }, { why: 'locks', count: 2, line: 6 }]);
    expect(found.reached.filter(({ way }) => way === 'drops')).toMatchObject([{ database: 'a', table: 't', line: 4 }, { database: 'a', table: 'v', line: 12 }]);
    // What the file itself drops before is free then.
    expect(found.creates).toEqual([{ database: 'a', table: 'v', kind: 'VIEW' }, { database: 'a', table: 'u', kind: 'TABLE' }]);
  });

  it('tells in whose name programs run where one is named: SQL SECURITY DEFINER alone names nobody', async () => {
    const { definers } = await scan(fileOf('n.sql', 'CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW v AS SELECT 1;\nCREATE DEFINER=`a`@`b` SQL SECURITY INVOKER VIEW w AS SELECT 1;\n'), { target: 'a' });
    expect(definers).toEqual(['a@b']);
  });

  it('takes a program that is there for one in the way, and a trigger not whose table went before it', async () => {
    const trigger = (name: string, table: string): string => `CREATE TRIGGER ${name} BEFORE INSERT ON ${table} FOR EACH ROW SET NEW.a = 1;\n`;
    const { creates } = await scan(fileOf('p.sql', `DROP TABLE t;\n${trigger('g', 't')}${trigger('h', 'u')}DROP PROCEDURE P;\nCREATE PROCEDURE p() SELECT 1;\nCREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SET @a = 1;`),
      { target: 'a' });
    expect(creates.map(({ kind, table }) => [kind, table])).toEqual([['TRIGGER', 'h'], ['EVENT', 'e']]);
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
    // What PowerShell makes of a dump, and archives: said as such, and not as statements that are not understood.
    for (const [name, bytes, reason] of [
      ['u.sql', Buffer.from('\ufeffCREATE TABLE t (a INT);', 'utf16le'), 'utf16'], ['u.sql.gz', gzipSync(Buffer.from('feff0043', 'hex')), 'utf16'],
      ['a.tar.gz', gzipSync(Buffer.concat([Buffer.alloc(257, 'x'), Buffer.from('ustar'), Buffer.alloc(250)])), 'packed'], ['a.zip', Buffer.from('504b03040a0000', 'hex'), 'packed'],
      ['a.sql.xz', Buffer.from('fd377a585a000004', 'hex'), 'packed'], ['a.sql.bz2', Buffer.from('BZh91AY&SY'), 'packed'], ['BZh.sql', Buffer.from('BZh;'), undefined],
    ] as const) {
      const odd = fileOf(name, bytes);
      expect([name, await failureOf(scan(odd))]).toEqual([name, reason === undefined ? 'none' : { path: odd, reason }]);
    }
    const sealed = fileOf('000001.sql.zst.enc', new Sealer(Buffer.alloc(32)).head);
    expect(await failureOf(lookAt(sealed))).toEqual({ path: sealed, reason: 'backup' });
    expect(await failureOf(lookAt(join(folder, 'none')))).toEqual({ path: join(folder, 'none'), reason: 'unreadable' });
    const path = fileOf('d.sql', 'SELECT 1;');
    const looked = await lookAt(path);
    utimesSync(path, 5, 5);
    const options = { target: null, mode: '', characters: 'utf8mb4', version: parseServerVersion('9.7.1'), reading: { executes: () => true, digits: 6 }, longest: 10, lowerCase: 0 } as const;
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

  it('asks about what goes of tables and programs, and believes of none that the file made it itself', async () => {
    const { harms, reached } = await scan(fileOf('g.sql', 'CREATE TABLE n (a INT);\nDELETE FROM n;\nREPLACE INTO n VALUES (1);\nDELETE FROM t;\nDELETE FROM t;\nDROP PROCEDURE IF EXISTS P;\n'
      + 'CREATE PROCEDURE p() SELECT 1;\nDROP PROCEDURE p;\nCREATE FUNCTION q() RETURNS INT RETURN 1;\nDROP FUNCTION q;\n'), { target: 'a' });
    expect(harms).toMatchObject([{ why: 'every-row', count: 3, line: 2 }, { why: 'replaces', count: 1, line: 3, objects: [{ database: 'a', table: 'n' }] }]);
    expect(reached.filter(({ way }) => way === 'drops').map(({ kind, table }) => [kind, table])).toEqual([['PROCEDURE', 'P'], ['PROCEDURE', 'p'], ['FUNCTION', 'q']]);
  });

  it('tells a dump that begins as one and does not end as one', async () => {
    const whole = `-- MySQL dump 10.13  Distrib 8.0\n--\n${dump}-- Dump completed on 2024-01-01\n`;
    expect((await scan(fileOf('h.sql', whole))).complete).toBe(true);
    expect((await scan(fileOf('h.sql', whole.slice(0, -30)))).complete).toBe(false);
    expect((await scan(fileOf('h.sql', dump))).complete).toBe(true);
  });

  it('reads no more than was looked at, and stops where the file is another one meanwhile', async () => {
    const path = fileOf('i.sql', 'INSERT INTO t VALUES (1);\n'.repeat(100_000));
    const looked = await lookAt(path);
    const options = { target: 'a', mode: '', characters: 'utf8mb4', version: parseServerVersion('9.7.1'), reading: { executes: () => true, digits: 6 }, longest: 100, lowerCase: 0 } as const;
    const reading = statementsIn(looked, options, undefined)[Symbol.asyncIterator]();
    await reading.next();
    appendFileSync(path, 'DROP TABLE t;\n');
    const rest = async (): Promise<void> => { while ((await reading.next()).done !== true); };
    expect(await failureOf(rest())).toEqual({ path, reason: 'changed' });
  });

  it('is read before the life of its plan begins, however long that takes', async () => {
    const order: string[] = [];
    const session = fakeSession('orders', (sql) => (sql.includes('sql_mode') ? [{ mode: '', characters: 'utf8mb4', packet: 100_000, lower: 0 }] : []), '9.7.1');
    const request = { instanceId: 'i', path: fileOf('j.sql', dump), database: null, onError: 'stop', fromByte: 0 } as const;
    const { draft } = await draftImport((use) => {
      order.push('session');
      return use(session);
    }, {
      id: 'p', request, name: 'orders', file: await lookAt(request.path), replicas: [], known: null, signal: undefined,
      clock: () => {
        order.push('clock');
        return 7_000;
      },
    });
    // The second session is opened once the file was read whole.
    expect(order).toEqual(['session', 'session', 'clock']);
    expect(draft.plan).toMatchObject({ createdAt: 7_000, expiresAt: 307_000 });
  });
});
