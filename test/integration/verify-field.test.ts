// Situations that users of checksum, diff and failover tools reported, rebuilt on real servers: equal data that was called different, differences that were
// missed, repairs that spoilt something, and old primaries that came home with more than their successor knew. What is equal is said by the servers' own
// CHECKSUM TABLE. Threads are named repository#number.
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import type { VerificationResult } from '../../shared/domain/verification/result';
import { eachSeries } from '../fixtures/matrix';
import { executed, hasAllOf, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { copySpec } from '../fixtures/sync-spec';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

afterAll(disposeServers);

eachSeries('verify-field', (series, { superReadOnly, since80 }, { replica }) => {
  describe('what both sides hold', () => {
    let source: TestServer;
    let standby: TestServer;
    let app: TestEngine;
    const session = "SET NAMES utf8mb4; SET SESSION sql_mode = '', time_zone = '+00:00'; ";
    /** Outside of the binary log and past read_only. */
    const tamper = (sql: string): Promise<unknown> => standby.query(
      `${superReadOnly ? 'SET GLOBAL super_read_only = OFF; ' : ''}${session}SET SESSION sql_log_bin = 0, foreign_key_checks = 0; ${sql}; SET SESSION sql_log_bin = 1${superReadOnly ? '; SET GLOBAL super_read_only = ON' : ''}`,
    );
    const sums = async (server: TestServer, tables: readonly string[]): Promise<unknown> => server.query(`CHECKSUM TABLE ${tables.map((name) => `f.${name}`).join(', ')}`);

    async function compare(): Promise<VerificationResult> {
      await until(() => hasAllOf(standby, source), 20_000, 'the standby to catch up');
      const { id } = await app.engine.verification.compare({ sourceId: app.id('source'), standbyId: app.id('standby'), scope: null, touchedSince: null });
      const { error } = await app.engine.tasks.whenEnded(id);
      if (error !== null && !['content-differs', 'definitions-differ'].includes(error.code)) throw new Error(JSON.stringify(error));
      return app.engine.verification.result(id);
    }
    const wrong = ({ tables }: VerificationResult): string[] => tables.filter(({ state }) => state !== 'equal').map(({ table, state }) => `${table} ${state}`).sort();
    const found = ({ rows }: VerificationResult): string[] =>
      rows.map(({ table, kind, key, columns, copies }) => `${table} ${kind} ${Object.values(key).join('/')} ${kind === 'changed' ? columns.join(',') : copies}`).sort();

    const computed = !series.startsWith('5.6');
    const tables = ['charsets', 'zones', 'floats', 'latin', 'alike', 'shifted', 'bounds', 'filled', 'swapped', 'digits', 'prefixed', ...(computed ? ['computed', 'epochs', 'documents', 'hours', 'worked', 'keeping'] : [])];

    beforeAll(async () => {
      ({ source, standby } = await startServers({
        source: { series, durability: 'relaxed', args: ['--default-time-zone=+08:00', '--div-precision-increment=7', '--sql-mode=NO_UNSIGNED_SUBTRACTION', '--character-set-server=latin1', '--collation-server=latin1_swedish_ci'] },
        standby: { series, durability: 'relaxed', args: ['--default-time-zone=-05:00', '--character-set-server=utf8mb4', '--collation-server=utf8mb4_bin'] },
      }));
      const many = (count: number, row: (at: number) => string): string => Array.from({ length: count }, (_, at) => row(at)).join(', ');
      await source.query(`${session}CREATE DATABASE f CHARACTER SET utf8mb4;
        CREATE TABLE f.charsets (id INT PRIMARY KEY, a VARCHAR(9) CHARACTER SET latin1, b VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, c CHAR(9) CHARACTER SET gbk, d VARCHAR(9) CHARACTER SET cp1251,
          e TEXT CHARACTER SET utf16, g VARCHAR(9) CHARACTER SET binary) ENGINE = InnoDB; INSERT INTO f.charsets VALUES (1, 'é', '😀', '中文 ', 'Ж', 'é中', X'FF00'), (2, '', '', '', '', '', ''), (3, NULL, NULL, NULL, NULL, NULL, NULL);
        CREATE TABLE f.zones (id INT PRIMARY KEY, t TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, d DATETIME, v INT) ENGINE = InnoDB;
        INSERT INTO f.zones VALUES (1, '2024-11-03 05:30:00', '2024-11-03 01:30:00', 1), (2, '2024-11-03 06:30:00', '2024-11-03 01:30:00', 1), (3, '1970-01-01 00:00:01', '0000-00-00', 1), (4, '0000-00-00 00:00:00', NULL, 1);
        CREATE TABLE f.floats (id INT PRIMARY KEY, f FLOAT, x DOUBLE) ENGINE = InnoDB; INSERT INTO f.floats VALUES (1, 0, 0), (2, -0e0, -0e0), (3, NULL, NULL), (4, 1.17549e-38, 2.2250738585072014e-308), (5, 16777216, 0.1e0), (6, 0, 0);
        CREATE TABLE f.latin (k VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci PRIMARY KEY, v INT) ENGINE = InnoDB; INSERT INTO f.latin VALUES ${many(4000, (at) => `('${['a', 'é', 'ß', 'Z', 'ö'][at % 5]}${at} ', ${at})`)};
        CREATE TABLE f.alike (k INT NOT NULL, v INT, KEY (k)) ENGINE = InnoDB; INSERT INTO f.alike VALUES ${many(3000, () => '(7, 7)')};
        CREATE TABLE f.shifted (id INT PRIMARY KEY, t DATETIME) ENGINE = InnoDB; INSERT INTO f.shifted VALUES (1, '2022-02-23 11:22:00'), (2, '2022-02-23 11:22:00'), (3, '2022-02-23 11:22:00'), (4, '2022-02-23 11:22:00');
        CREATE TABLE f.bounds (a INT, b INT, PRIMARY KEY (a, b)) ENGINE = InnoDB; INSERT INTO f.bounds VALUES ${many(500, (at) => `(${100 + at}, ${at % 7})`)};
        CREATE TABLE f.filled (id INT PRIMARY KEY, v INT) ENGINE = InnoDB;
        CREATE TABLE f.swapped (id INT PRIMARY KEY, u VARCHAR(9) NOT NULL, w INT, UNIQUE KEY (u), UNIQUE KEY (w)) ENGINE = InnoDB; INSERT INTO f.swapped VALUES (1, 'one', 1), (2, 'two', 2), (3, 'three', 3), (4, 'four', NULL);
        CREATE TABLE f.digits (id INT PRIMARY KEY, f FLOAT, d DECIMAL(30,10), b BIT(9), j VARBINARY(20)) ENGINE = InnoDB; INSERT INTO f.digits VALUES (1, 1.2345678, 12345678901234567890.0000000001, b'100000001', 'a,b'), (2, 8388608, 0, b'0', X'005C27');
        CREATE TABLE f.prefixed (p VARCHAR(200) CHARACTER SET utf8mb4, q TEXT, v INT, PRIMARY KEY (p(20), v), KEY (q(5))) ENGINE = InnoDB; INSERT INTO f.prefixed VALUES ${many(300, (at) => `('${'same beginning here, '}${at % 3}', 'x', ${at})`)}`);
      if (computed) await source.query(`SET SESSION sql_mode = @@GLOBAL.sql_mode; CREATE TABLE f.computed (id INT PRIMARY KEY, u INT UNSIGNED, less BIGINT AS (u - 5) STORED, third DECIMAL(20,12) AS (u / 3) STORED) ENGINE = InnoDB;
        INSERT INTO f.computed (id, u) VALUES (1, 1), (2, 2), (3, 3);
        CREATE TABLE f.epochs (id INT PRIMARY KEY, \`sec onds\` BIGINT, at DATETIME AS (FROM_UNIXTIME(\`sec onds\`)) STORED, KEY (at)) ENGINE = InnoDB;
        CREATE TABLE f.documents (id INT PRIMARY KEY, said VARCHAR(40), at DATETIME AS (said) STORED, hour VARCHAR(2) AS (DATE_FORMAT(at, '%H')) STORED, day DATE AS (DATE(said)) STORED${isAtLeast(series, [8, 0, 19]) ? ', moment TIMESTAMP AS (at) STORED NULL' : ''}) ENGINE = InnoDB;
        SET SESSION time_zone = @@GLOBAL.time_zone; INSERT INTO f.documents (id, said) VALUES (1, '2026-07-01T23:30:00${isAtLeast(series, [8, 0, 19]) ? '+02:00' : ''}'), (2, '2026-07-01 23:30:00'), (3, NULL);
        INSERT INTO f.epochs (id, \`sec onds\`) VALUES (1, 1700000000), (2, 0), (3, NULL);
        CREATE TABLE f.keeping (id INT PRIMARY KEY, at TIMESTAMP NULL, n INT, day VARCHAR(20) AS (DATE_FORMAT(at, '%d %H')) VIRTUAL, UNIQUE KEY (day, id)) ENGINE = InnoDB;
        INSERT INTO f.keeping (id, at) VALUES (1, '2026-01-01 02:00:00'), (2, '2026-07-01 12:00:00'), (3, '2026-07-01 01:00:00'), (4, NULL);
        CREATE TABLE f.worked (id INT PRIMARY KEY, at TIMESTAMP NULL, seconds BIGINT, CHECK (HOUR(at) BETWEEN 8 AND 17), CHECK (HOUR(FROM_UNIXTIME(seconds)) = 20)) ENGINE = InnoDB;
        CREATE TABLE f.hours (id INT PRIMARY KEY, at TIMESTAMP NULL, h INT AS (HOUR(at)) VIRTUAL, CHECK (h BETWEEN 8 AND 17)) ENGINE = InnoDB; INSERT INTO f.hours (id, at) VALUES (1, '2026-01-05 08:00:00');
        INSERT INTO f.worked VALUES (1, '2026-01-05 08:00:00', 1767614400), (2, '2026-01-05 17:59:59', NULL); ${session}`);
      app = await openTestEngine({ servers: { source, standby } });
      // A task begins on a standby that computes as its source does; what becomes of that later is seen below.
      if (computed) await standby.query("SET GLOBAL time_zone = '+08:00', GLOBAL div_precision_increment = 7");
      const { id } = await app.engine.sync.create(copySpec('link', app.id('source'), app.id('standby')), true, null);
      const settled = await app.engine.sync.whenSettled(id);
      expect(settled.state, JSON.stringify(settled.error)).toBe('replicating');
      if (computed) await standby.query("SET GLOBAL time_zone = '-05:00', GLOBAL div_precision_increment = DEFAULT");
      // What a session of the source does comes to a standby of another zone and other defaults.
      await source.query("SET SESSION time_zone = 'SYSTEM'; UPDATE f.zones SET v = 2 WHERE id = 2; CREATE TABLE f.plain (id INT PRIMARY KEY, n VARCHAR(9)) ENGINE = InnoDB; INSERT INTO f.plain VALUES (1, 'x')");
    });
    afterAll(() => app.dispose());

    it('is equal where zones, default character sets and formats of rows differ, and nothing is said of that', async () => {
      await until(() => hasAllOf(standby, source), 20_000, 'the standby to catch up');
      // dbafix.com "native checksum table says": CHECKSUM TABLE and the file's format are another matter than the rows.
      await tamper('ALTER TABLE f.plain ROW_FORMAT = REDUNDANT');
      const result = await compare();
      expect([wrong(result), found(result)]).toEqual([[], []]);
      expect(await sums(standby, tables)).toEqual(await sums(source, tables));
      await tamper('ALTER TABLE f.plain ROW_FORMAT = DEFAULT');
    });

    it('differs where tools missed it, by row and column, and is made equal without harm', async () => {
      const expected: string[] = [];
      const plant = async (sql: string, ...rows: readonly string[]): Promise<void> => {
        await tamper(sql);
        expected.push(...rows);
      };
      // tidb-tools#703: four rows shifted alike cancel each other in a sum of CRC32.
      await plant('UPDATE f.shifted SET t = t + INTERVAL 10 MINUTE', ...[1, 2, 3, 4].map((id) => `shifted changed ${id} t`));
      // tidb-tools#699, tiflow#12302: a zero that is no zero, or is NULL, where numbers are rounded by their logarithm.
      await plant('UPDATE f.floats SET f = NULL WHERE id = 1; UPDATE f.floats SET x = 0 WHERE id = 2; UPDATE f.floats SET x = 0.1e0 + 1.4e-17 WHERE id = 5', 'floats changed 1 f', 'floats changed 2 x', 'floats changed 5 x');
      // dbtrail#938: the digits of a FLOAT that its text does not show.
      await plant('UPDATE f.digits SET f = 1.2345679 WHERE id = 1; UPDATE f.digits SET f = 8388609 WHERE id = 2', 'digits changed 1 f', 'digits changed 2 f');
      // launchpad percona-toolkit/918056: rows of the standby before the first, and behind the last, that the source has; a table that is empty there.
      await plant('INSERT INTO f.bounds VALUES (-5, 1), (1, 1), (9000, 0); INSERT INTO f.filled VALUES (0, 0), (3, 3)',
        'bounds extra -5/1 1', 'bounds extra 1/1 1', 'bounds extra 9000/0 1', 'filled extra 0 1', 'filled extra 3 1');
      // tidb-tools#615: every row has the same key, and there is nothing to halve by.
      await plant('DELETE FROM f.alike LIMIT 3; INSERT INTO f.alike VALUES (7, NULL)', 'alike missing  3', 'alike extra  1');
      // percona-toolkit#228, tidb-tools#875: columns and keys of many character sets.
      await plant("UPDATE f.charsets SET a = 'e' WHERE id = 1; UPDATE f.charsets SET c = NULL, e = 'é中 ' WHERE id = 1; DELETE FROM f.latin WHERE v = 1996", 'charsets changed 1 a,c,e', 'latin missing é1996  1');
      // percona.com 2012/09/25: an instant that is there twice on the clock of one of them.
      await plant("UPDATE f.zones SET t = '2024-11-03 06:30:00' WHERE id = 1", 'zones changed 1 t');
      // pt-table-sync's REPLACE takes other rows along where values of unique keys changed places.
      await plant("UPDATE f.swapped SET u = 'x', w = NULL WHERE id = 1; UPDATE f.swapped SET u = 'one', w = 1 WHERE id = 2; UPDATE f.swapped SET u = 'two', w = 2 WHERE id = 1", 'swapped changed 1 u,w', 'swapped changed 2 u,w');
      // A key of which only the beginning is indexed is none to find rows by.
      await plant("UPDATE f.prefixed SET q = 'y' WHERE v = 17", 'prefixed extra  1', 'prefixed missing  1');
      // What the source computes under settings of its own.
      if (computed) await plant('DELETE FROM f.computed WHERE id = 1; UPDATE f.computed SET u = 9 WHERE id = 2', 'computed changed 2 u,less,third', 'computed missing 1 1');
      // A key that keeps what a moment was called by the clocks of the source.
      if (computed) await plant("SET SESSION time_zone = '+08:00'; UPDATE f.keeping SET at = at + INTERVAL 1 HOUR WHERE id = 1; DELETE FROM f.keeping WHERE id = 2; UPDATE f.keeping SET n = 7 WHERE id = 3; INSERT INTO f.keeping (id, at) VALUES (9, '2026-02-02 02:00:00'); SET SESSION time_zone = '+00:00'",
        'keeping changed 1 at,day', 'keeping changed 3 n', 'keeping missing 2 1', 'keeping extra 9 1');
      const result = await compare();
      expect(found(result)).toEqual(expected.sort());
      const plan = await app.engine.verification.planRepair(result.id);
      expect(plan.left).toEqual([]);
      const { taskId } = await app.engine.verification.repair(plan.id, 'standby');
      expect((await app.engine.tasks.whenEnded(taskId)).error).toBeNull();
      expect(await sums(standby, tables)).toEqual(await sums(source, tables));
      expect(wrong(await compare())).toEqual([]);
      if (computed) {
        expect((await standby.query<{ Msg_text: string }>('CHECK TABLE f.keeping EXTENDED')).map((row) => row.Msg_text)).toEqual(['OK']);
        expect(await standby.query("SELECT id FROM f.keeping FORCE INDEX (day) WHERE day = '01 02'")).toEqual([{ id: 1 }]);
      }
      expect(await source.scalar('SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed)', [(await executed(standby)).replaceAll('\n', '')])).toBe('');
    });

    // What tools that mend rows spoilt, of tables that differ in more rows than are kept: they are copied again, each by itself.
    it('copies again what differs wholesale, of every kind, or says why not, and harms nothing beside it', async () => {
      const numbers = Array.from({ length: 1200 }, (_, at) => at);
      const rows = (row: (at: number) => string): string => numbers.map(row).join(', ');
      const json = series.startsWith('5.6') ? null : ['r_json'];
      await source.query(`${session}CREATE TABLE f.r_parent (id INT PRIMARY KEY, u VARCHAR(9) NOT NULL UNIQUE) ENGINE = InnoDB; INSERT INTO f.r_parent VALUES ${rows((at) => `(${at}, 'u${at}')`)};
        CREATE TABLE f.r_child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES f.r_parent (id) ON DELETE CASCADE ON UPDATE CASCADE) ENGINE = InnoDB; INSERT INTO f.r_child VALUES ${rows((at) => `(${at}, ${at})`)};
        CREATE TABLE f.r_tree (id INT PRIMARY KEY, up INT, v INT, FOREIGN KEY (up) REFERENCES f.r_tree (id) ON DELETE CASCADE) ENGINE = InnoDB; INSERT INTO f.r_tree VALUES ${rows((at) => `(${at}, ${at === 0 ? 'NULL' : Math.floor(at / 2)}, 0)`)};
        CREATE TABLE f.r_bin (k BINARY(16), c CHAR(5) CHARACTER SET latin1, v INT, PRIMARY KEY (k, c)) ENGINE = InnoDB; INSERT INTO f.r_bin VALUES ${rows((at) => `(X'${at.toString(16).padStart(4, '0')}00', ' ${at % 7} ', 1)`)};
        CREATE TABLE f.r_zero (id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT, t TIMESTAMP NULL, d DATETIME(6), f FLOAT, x DOUBLE, b BIT(9), e ENUM('a', 'b'), s SET('x', 'y'), g GEOMETRY, l LONGBLOB, w TEXT CHARACTER SET utf16, v INT) ENGINE = InnoDB;
        SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'; INSERT INTO f.r_zero VALUES ${rows((at) => `(${at === 1199 ? '18446744073709551614' : at}, '2024-11-03 0${5 + (at % 2)}:30:00', '2024-02-31 00:00:00.00000${at % 10}', ${at} / 7, -0e0, ${at % 512}, ${at % 3}, ${at % 4}, ST_GeomFromText('POINT(${at} 1)'), X'00275C0A1A', 'é中\\'', 1)`)};
        CREATE TABLE f.r_myisam (id INT PRIMARY KEY, v INT) ENGINE = MyISAM; INSERT INTO f.r_myisam VALUES ${rows((at) => `(${at}, 1)`)};
        CREATE TABLE f.r_fires (id INT PRIMARY KEY, v INT) ENGINE = InnoDB; INSERT INTO f.r_fires VALUES ${rows((at) => `(${at}, 1)`)}; CREATE TRIGGER f.fires AFTER INSERT ON f.r_fires FOR EACH ROW INSERT INTO f.filled VALUES (NEW.id + 100000, 1)`);
      if (json !== null) await source.query(`CREATE TABLE f.r_json (id INT PRIMARY KEY, j JSON, m INT GENERATED ALWAYS AS (id * 2) STORED, v INT); INSERT INTO f.r_json (id, j, v) VALUES ${rows((at) => `(${at}, JSON_OBJECT('a', CAST(${at}.10 AS DECIMAL(9,2)), 'd', CAST('2024-01-01' AS DATE), 'z', -0e0, 'b', X'00FF'), 1)`)}`);
      await until(() => hasAllOf(standby, source), 20_000, 'the standby to catch up');
      const copied = ['r_bin', 'r_parent', 'r_tree', 'r_zero', ...(json ?? [])].sort();
      await tamper(`UPDATE f.r_parent SET u = CONCAT('x', id); UPDATE f.r_tree SET v = 1; UPDATE f.r_bin SET v = 2; UPDATE f.r_zero SET v = 2, l = NULL; UPDATE f.r_myisam SET v = 2; UPDATE f.r_fires SET v = 2${json === null ? '' : '; UPDATE f.r_json SET v = 2'}`);
      const result = await compare();
      const plan = await app.engine.verification.planRepair(result.id);
      expect(plan.reseeded.map(({ table }) => table).sort()).toEqual(copied);
      expect(plan.left.map(({ table, reason }) => [table, reason]).sort()).toEqual([['r_fires', 'trigger'], ['r_myisam', 'engine']]);
      const { taskId } = await app.engine.verification.repair(plan.id, 'standby');
      const task = await app.engine.tasks.whenEnded(taskId);
      expect(task.error, JSON.stringify([task.error, task.log])).toBeNull();
      // Before 8.0 the server's sum of a table with documents is another one each time.
      const summed = [...copied.filter((table) => table !== 'r_json'), 'r_child', 'filled'];
      expect(await sums(standby, summed)).toEqual(await sums(source, summed));
      const documents = "SELECT SUM(CRC32(CONCAT_WS('|', id, j, JSON_TYPE(j->'$.a'), JSON_TYPE(j->'$.d'), JSON_TYPE(j->'$.z'), JSON_TYPE(j->'$.b'), m, v))) AS n FROM f.r_json";
      if (json !== null) expect(await standby.query(documents)).toEqual(await source.query(documents));
      expect(wrong(await compare())).toEqual(['r_fires different', 'r_myisam different']);
      if (superReadOnly) expect(Number(await standby.scalar('SELECT @@GLOBAL.super_read_only'))).toBe(1);
      await source.query('DROP TABLE f.r_fires, f.r_myisam');
      expect(wrong(await compare())).toEqual([]);
    });

    it('is told apart by keys of two collations, in another order of columns or of rows, and what is mended takes nothing along', async () => {
      const names = ['h_child', 'h_ci', 'h_heap', 'h_more', 'h_parent'];
      const rows = (count: number, row: (at: number) => string): string => Array.from({ length: count }, (_, at) => row(at)).join(', ');
      await source.query(`${session}CREATE TABLE f.h_ci (a VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, b VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, v INT, PRIMARY KEY (a, b)) ENGINE = InnoDB;
        INSERT INTO f.h_ci VALUES ${rows(3000, (at) => `('${['a', 'B', 'c', 'D', 'é', 'F', '*', 'ä'][at % 8]}', '${['x', 'X', 'y', 'Y'][at % 4]}${at}', ${at})`)};
        CREATE TABLE f.h_parent (id INT PRIMARY KEY, n VARCHAR(9)) ENGINE = InnoDB; CREATE TABLE f.h_child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES f.h_parent (id) ON DELETE CASCADE ON UPDATE CASCADE) ENGINE = InnoDB;
        INSERT INTO f.h_parent VALUES (1, 'one'), (2, 'two'), (3, 'three'); INSERT INTO f.h_child VALUES (10, 1), (20, 2), (21, 2), (30, 3);
        CREATE TABLE f.h_heap (v INT, t DATETIME) ENGINE = InnoDB; INSERT INTO f.h_heap VALUES ${rows(2000, (at) => `(${at % 50}, '2016-04-20 14:57:${String(at % 60).padStart(2, '0')}')`)};
        CREATE TABLE f.h_order (id INT PRIMARY KEY, n VARCHAR(9) NOT NULL, p VARCHAR(9)) ENGINE = InnoDB; INSERT INTO f.h_order VALUES (1, 'aa', 'zz'), (2, 'bb', NULL), (3, '', 'x');
        CREATE TABLE f.h_more (id INT PRIMARY KEY) ENGINE = InnoDB`);
      await until(() => hasAllOf(standby, source), 20_000, 'the standby to catch up');
      // pingcap/tidb-tools#759, #866: the first column of the key minds no case, the second one does.
      // flite.com 2014/03/27: a parent is written by REPLACE, and its children go with it. twindb-table-compare#6: rows without a key lie in another order.
      // DBDiff#26: columns stand in another order. percona-toolkit#49: the standby has far more rows than its source, behind the last of it.
      await tamper(`UPDATE f.h_ci SET v = -1 WHERE a = 'b' AND b = 'X1001'; DELETE FROM f.h_ci WHERE v = 2004; INSERT INTO f.h_ci VALUES ('b', 'zz', 1), ('É', 'y4', 5); UPDATE f.h_parent SET n = 'other' WHERE id = 2;
        CREATE TEMPORARY TABLE f.h_turned SELECT * FROM f.h_heap ORDER BY v DESC, t; DELETE FROM f.h_heap; INSERT INTO f.h_heap SELECT * FROM f.h_turned; DROP TEMPORARY TABLE f.h_turned;
        ALTER TABLE f.h_order MODIFY p VARCHAR(9) AFTER id; UPDATE f.h_order SET n = 'cc' WHERE id = 2;
        INSERT INTO f.h_more SELECT @n := @n + 1 FROM f.h_ci x, f.h_parent y, f.h_child z, (SELECT @n := 0) i LIMIT 30000`);
      const result = await compare();
      expect(found(result).filter((row) => !row.startsWith('h_more'))).toEqual([
        'h_ci changed B/X1001 v', 'h_ci extra b/zz 1', 'h_ci extra É/y4 1', 'h_ci missing é/x2004 1', 'h_order changed 2 n', 'h_parent changed 2 n',
      ]);
      const plan = await app.engine.verification.planRepair(result.id);
      expect([plan.left, plan.reseeded.map(({ table }) => table)]).toEqual([[], ['h_more']]);
      const { taskId } = await app.engine.verification.repair(plan.id, 'standby');
      await app.engine.tasks.whenEnded(taskId);
      expect(await sums(standby, names)).toEqual(await sums(source, names));
      const ordered = 'SELECT id, n, p FROM f.h_order ORDER BY id';
      expect(await standby.query(ordered)).toEqual(await source.query(ordered));
      await tamper('ALTER TABLE f.h_order MODIFY p VARCHAR(9) AFTER n');
      expect(wrong(await compare())).toEqual([]);
    });

    it('is neither equal nor full of differences where a column is of another character set: gh-ost#201', async () => {
      await tamper('ALTER TABLE f.plain MODIFY n VARCHAR(9) CHARACTER SET latin1');
      expect(await compare()).toMatchObject({ equal: false, rows: [], tables: expect.arrayContaining([expect.objectContaining({ table: 'plain', state: 'structure' })]) });
      await tamper('ALTER TABLE f.plain MODIFY n VARCHAR(9) CHARACTER SET utf8mb4');
    });
  });

  describe('an old primary that comes home', () => {
    let pair: PromotionPair;
    afterEach(() => pair.dispose());
    const oldId = (): string => pair.id(pair.source);

    async function burn(lost: readonly string[], kept: readonly string[], before: readonly string[] = []): Promise<void> {
      pair = await startPair({ series, durability: 'full', args: ['--binlog-format=ROW'] });
      const { source, standby, app } = pair;
      await source.query('INSERT INTO app.rows_written VALUES (1, 1), (2, 2)');
      for (const sql of before) await source.query(sql);
      await until(() => hasAllOf(standby, source), 20_000, 'the standby to catch up');
      await standby.query(`STOP ${replica} IO_THREAD`);
      for (const sql of lost) await source.query(sql);
      await source.kill();
      await app.fleet.refresh(oldId());
      const { report } = await promote(app, request(pair.id(standby), { kind: 'emergency', timeoutSeconds: 60 }));
      expect(report.outcome).toBe('done');
      await app.promotion.acknowledge(report.id);
      for (const sql of kept) await standby.query(sql);
      await source.start();
      await until(async () => (await app.fleet.refresh(oldId())).health.state === 'reachable', 30_000, 'the old primary');
    }
    const ended = async ({ taskId }: { readonly taskId: string | null }): Promise<void> => {
      if (taskId !== null) await pair.app.tasks.whenEnded(taskId);
    };

    // scalegrid.io "Re-slaving a crashed MySQL master": clients did once more on the new primary what the dead one had not answered.
    // python-mysql-replication#600, #232: the table has got a column since, before the others.
    test('what its clients did once more elsewhere is told apart from what is lost, and does not stop it from following', async () => {
      await burn(['INSERT INTO app.rows_written VALUES (5, 55)', 'INSERT INTO app.rows_written VALUES (6, 66)', 'INSERT INTO app.rows_written VALUES (7, 77)'],
        ['INSERT INTO app.rows_written VALUES (5, 55)', 'INSERT INTO app.rows_written VALUES (6, 67)', 'ALTER TABLE app.rows_written ADD COLUMN since INT NOT NULL DEFAULT 3 FIRST']);
      const { app, source, standby } = pair;
      const dossier = await app.dossiers.read(oldId());
      const { entries } = await app.dossiers.rows(dossier.id, { database: 'app' }, 0, 10);
      expect(entries.map((entry) => [entry.key[0]?.[1], entry.class]).sort()).toEqual([['5', 'already-there'], ['6', 'insert-taken'], ['7', 'insert-free']]);
      await app.dossiers.apply(dossier.id, { classes: ['insert-free'], rows: null }, standby.name);
      expect(await standby.query('SELECT since, id, at_ms FROM app.rows_written WHERE id = 7')).toEqual([{ since: 3, id: 7, at_ms: 77 }]);
      await ended(await app.failback.start({ oldId: oldId(), phrase: source.name, way: 'undo', proofMinutes: 60 }));
      await app.failback.giveUp(oldId(), (await app.failback.show(oldId())).divergence?.word ?? '');
      await ended(await app.failback.goOn(oldId(), source.name));
      await until(() => hasAllOf(source, standby), 20_000, 'the old primary to follow');
      const rows = 'SELECT * FROM app.rows_written ORDER BY id';
      await until(async () => JSON.stringify(await source.query(rows)) === JSON.stringify(await standby.query(rows)), 5_000, 'the rows');
      expect(await standby.query('CHECKSUM TABLE app.rows_written')).toEqual(await source.query('CHECKSUM TABLE app.rows_written'));
    });

    // outbrain/orchestrator#284, openark/orchestrator#887: somebody made the numbers agree by empty transactions.
    test('numbers that were made to agree by empty transactions bring it back to following, and no further', async () => {
      await burn(['UPDATE app.rows_written SET at_ms = 9 WHERE id = 1'], []);
      const { app, source, standby } = pair;
      const lost = (await standby.scalar<string>('SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed)', [(await executed(source)).replaceAll('\n', '')])) ?? '';
      expect(lost).toMatch(/^[0-9a-f-]{36}:\d+$/);
      await standby.query(`SET gtid_next = '${lost}'; BEGIN; COMMIT; SET gtid_next = AUTOMATIC`);
      await ended(await app.failback.start({ oldId: oldId(), phrase: source.name, way: null, proofMinutes: 60 }));
      expect((await app.failback.show(oldId())).way).toBe('follow');
      await ended(await app.failback.goOn(oldId(), null));
      await until(async () => (await app.failback.show(oldId())).stage === 'verify', 20_000, 'it to follow');
      await ended(await app.failback.goOn(oldId(), null));
      const seen = await app.failback.show(oldId());
      expect([seen.stage, seen.proven, seen.error?.code]).toEqual(['verify', null, 'content-differs']);
      await expect(app.failback.planSwitchBack(oldId(), null, false)).rejects.toMatchObject({ error: { code: 'failback-unproven' } });
    });

    // goInception#324: generated columns; binlog2sql#79: BIT; mysqlbinlog_flashback#2: one row several times over; keys that move; besthub.dev "Group
    // Replication … certification errors": transactions that came under the number of another server still.
    test('what it alone holds is told by its values, applied as it was, and undone to the row, whatever its columns are', async () => {
      const generated = series.startsWith('5.6') ? '' : ', g INT GENERATED ALWAYS AS (v + 1) VIRTUAL, s INT GENERATED ALWAYS AS (v * 2) STORED';
      await burn([
        'DELETE FROM app.odd WHERE id = 1', 'UPDATE app.odd SET v = 10 WHERE id = 2', 'UPDATE app.odd SET v = 11, b = NULL WHERE id = 2', 'UPDATE app.odd SET id = id - 1 ORDER BY id',
        "INSERT INTO app.odd (id, b, u, v) VALUES (77, b'111111111', 9223372036854775808, 1)",
        "SET gtid_next = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee:7'; UPDATE app.odd SET v = 12 WHERE id = 77; SET gtid_next = AUTOMATIC",
      ], [], [
        `CREATE TABLE app.odd (id INT UNSIGNED PRIMARY KEY, b BIT(9), u BIGINT UNSIGNED, v INT${generated}) ENGINE = InnoDB`,
        "INSERT INTO app.odd (id, b, u, v) VALUES (1, b'100000001', 18446744073709551615, 5), (2, b'1', 0, 6), (4294967295, b'0', 1, 7)",
      ]);
      const { app, source, standby } = pair;
      const dossier = await app.dossiers.read(oldId());
      const { entries } = await app.dossiers.rows(dossier.id, { database: 'app' }, 0, 20);
      expect([dossier.transactions.unreadable, entries.length > 0]).toEqual([0, true]);
      const mine = entries.filter((entry) => entry.class === 'insert-free' && entry.key[0]?.[1] === '77');
      expect(mine).toHaveLength(1);
      await app.dossiers.apply(dossier.id, { classes: ['insert-free'], rows: null }, standby.name);
      expect(await standby.query('SELECT id, b + 0 AS b, CAST(u AS CHAR) AS u, v FROM app.odd WHERE id = 77')).toEqual([{ id: 77, b: 511, u: '9223372036854775808', v: 12 }]);
      await ended(await app.failback.start({ oldId: oldId(), phrase: source.name, way: 'undo', proofMinutes: 60 }));
      await app.failback.giveUp(oldId(), (await app.failback.show(oldId())).divergence?.word ?? '');
      await ended(await app.failback.goOn(oldId(), source.name));
      const seen = await app.failback.show(oldId());
      expect([seen.error, seen.stage], JSON.stringify(seen.error)).toEqual([null, 'verify']);
      await until(() => hasAllOf(source, standby), 20_000, 'the old primary to follow');
      const rows = 'SELECT id, b + 0 AS b, CAST(u AS CHAR) AS u, v FROM app.odd ORDER BY id';
      await until(async () => JSON.stringify(await source.query(rows)) === JSON.stringify(await standby.query(rows)), 5_000, 'the rows');
    });

    // bugs.mysql.com 59641, 98288: a prepared XA transaction outlives the crash, and holds its rows against whoever drops or takes them back. 5.7
    // has none of it after the crash, and 5.6 does not log that it was prepared.
    test.runIf(since80)('a transaction that waits for its word is named before anything is dropped or taken back, and it comes home once that is said', async () => {
      await burn(["XA START 'x1'; UPDATE app.rows_written SET at_ms = 5 WHERE id = 1; XA END 'x1'; XA PREPARE 'x1'"], ['UPDATE app.rows_written SET at_ms = 6 WHERE id = 1']);
      const { app, source, standby } = pair;
      const giveUp = async (): Promise<unknown> => app.failback.giveUp(oldId(), (await app.failback.show(oldId())).divergence?.word ?? '');
      const goOn = async (way: 'copy' | 'undo'): Promise<unknown> => {
        await app.failback.choose(oldId(), way);
        await ended(await app.failback.goOn(oldId(), source.name));
        const { error, syncId, stage } = await app.failback.show(oldId());
        if (syncId !== null) await app.sync.whenSettled(syncId);
        return [error?.code ?? null, stage];
      };
      await ended(await app.failback.start({ oldId: oldId(), phrase: source.name, way: 'copy', proofMinutes: 60 }));
      await giveUp();
      expect(await goOn('undo')).toEqual(['failback-undo-impossible', 'rejoin']);
      expect(await goOn('copy')).toEqual(['checks-failed', 'rejoin']);
      expect([await source.query('SELECT id, at_ms FROM app.rows_written ORDER BY id'), Number(await source.scalar('SELECT @@GLOBAL.super_read_only'))]).toEqual([[{ id: 1, at_ms: 1 }, { id: 2, at_ms: 2 }], 1]);
      await source.query("SET GLOBAL super_read_only = OFF; XA ROLLBACK 'x1'; SET GLOBAL super_read_only = ON");
      await giveUp();
      expect((await goOn('copy') as readonly unknown[])[0]).toBeNull();
      await until(() => hasAllOf(source, standby), 20_000, 'the old primary to follow');
      expect(await source.query('SELECT at_ms FROM app.rows_written WHERE id = 1')).toEqual([{ at_ms: 6 }]);
    });

    test.runIf(series.startsWith('5.6'))('one that no log tells of keeps it from following, by name, until somebody says what becomes of it', async () => {
      await burn(["XA START 'x1'; UPDATE app.rows_written SET at_ms = 5 WHERE id = 1; XA END 'x1'; XA PREPARE 'x1'"], ['UPDATE app.rows_written SET at_ms = 6 WHERE id = 1']);
      const { app, source, standby } = pair;
      await ended(await app.failback.start({ oldId: oldId(), phrase: source.name, way: null, proofMinutes: 60 }));
      await ended(await app.failback.goOn(oldId(), null));
      expect(await app.failback.show(oldId())).toMatchObject({ stage: 'rejoin', way: 'follow', error: { code: 'failback-prepared-xa', params: { list: 'x1' } } });
      await source.query("XA ROLLBACK 'x1'");
      await ended(await app.failback.goOn(oldId(), null));
      await until(() => hasAllOf(source, standby), 20_000, 'the old primary to follow');
      expect(await app.failback.show(oldId())).toMatchObject({ stage: 'verify', error: null });
    });
  });
});
