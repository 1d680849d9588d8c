// Files in GBK, GB 18030, Big5 and Shift-JIS brought into real servers: what comes in is what `mysql --default-character-set` makes of the same file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, expect } from 'vitest';
import type { ImportPlan, ImportRequest } from '../../shared/domain/operations/import/plan';
import type { TaskView } from '../../shared/domain/tasks/task';
import { clientRuns, dumpedRows } from '../fixtures/content';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

const sets = [
  { name: 'gbk', encoding: 'gbk', words: ['誠', '乣', '譢|', '数据'] }, { name: 'gb18030', encoding: 'gb18030', words: ['誠', '乣', '\u{20087}', '数据'] },
  { name: 'big5', encoding: 'big5', words: ['功', '蓋', '開', '許'] }, { name: 'sjis', encoding: 'shift_jis', words: ['表', 'ソ', '十', '構'] },
  { name: 'cp932', encoding: 'shift_jis', words: ['表', 'ソ', '十', '構'] },
] as const;

/** As dumps and programs write such: texts that end in a half of ASCII, bytes that are no text, names of columns and comments. */
function dumpOf({ name, encoding, words }: (typeof sets)[number], names: string): Buffer {
  const [one, two, three, four] = words;
  const text = (sql: string): Buffer => iconv.encode(sql, encoding);
  return Buffer.concat([
    text(`${names}CREATE DATABASE d CHARACTER SET utf8mb4;\nUSE d;\nCREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(60) CHARACTER SET utf8mb4, o VARCHAR(60) CHARACTER SET ${name}, raw VARBINARY(40)) COMMENT '${one}';\n`
      + `INSERT INTO t VALUES (1,'${one}','${one}',NULL),(2,'it\\'s ${one}\\\\','${two}\\n',NULL); -- ${one}\nINSERT INTO t VALUES (3,"${two}\`;${three}","${four}",NULL) /* ${one} */;\n`),
    Buffer.from("INSERT INTO t VALUES (4,'x','y',_binary '", 'latin1'), Buffer.from([0x5c, 0x81, 0x5c, 0x27, 0x31]), Buffer.from("');\n", 'latin1'),
    text(`CREATE PROCEDURE p() COMMENT '${one}' BEGIN INSERT INTO t VALUES (5, '${one}', ';${two}', NULL); END;\nCALL_;\n`.replace('CALL_;\n', '')),
    text(`INSERT INTO t VALUES (6,'${words.join('')}','${words.join('')}',NULL);\n`),
  ]);
}

eachSeries('import-gbk', (series) => {
  let server: TestServer;
  let other: TestServer;
  let app: TestEngine;
  let terminal: Terminal;
  const root = mkdtempSync(join(tmpdir(), 'antipode-import-gbk-'));
  const step = journey('files of other character sets come in as the client brings them in');

  beforeAll(async () => {
    ({ server, other } = await startServers({ server: { series, gtid: true }, other: { series } }));
    app = await openTestEngine({ servers: { server } });
    terminal = openTerminal();
    await terminal.register('orders', 'North', server);
  });
  afterAll(async () => {
    terminal?.dispose();
    await app?.dispose();
    await disposeServers();
    rmSync(root, { recursive: true, force: true });
  });

  const plan = (path: string, more: Partial<ImportRequest> = {}): Promise<ImportPlan> =>
    app.engine.imports.plan({ instanceId: app.id('server'), path, database: null, onError: 'stop', fromByte: 0, ...more });
  const ended = async (path: string, more?: Partial<ImportRequest>): Promise<TaskView> => {
    const { id, phrase } = await plan(path, more);
    return app.engine.tasks.whenEnded((await app.engine.imports.execute(id, phrase ?? '')).taskId);
  };
  const told = async (of: TestServer): Promise<unknown> => [
    await dumpedRows(of, ['d']), await of.query("SELECT TABLE_COMMENT AS c FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'd'"),
    await of.query("SELECT ROUTINE_COMMENT AS c, HEX(ROUTINE_DEFINITION) AS b FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'd'"),
  ];

  step('each is brought in as the client does it, whether the file says what it is or the user', async () => {
    for (const one of sets) {
      const path = join(root, `${one.name}.sql`);
      writeFileSync(path, dumpOf(one, ''));
      // The client takes a DELIMITER for the body of a routine.
      const forClient = join(root, `${one.name}-client.sql`);
      const bytes = dumpOf(one, '').toString('latin1').replace('CREATE PROCEDURE', 'DELIMITER $$\nCREATE PROCEDURE').replace('END;', 'END$$\nDELIMITER ;');
      writeFileSync(forClient, Buffer.from(bytes, 'latin1'));
      await other.query('DROP DATABASE IF EXISTS d');
      await clientRuns(other, forClient, [`--default-character-set=${one.name}`], root);
      const expected = await told(other);
      const asked = await plan(path);
      expect(asked.preconditions.find(({ id }) => id === 'characters'), one.name).toMatchObject({ status: 'fail' });
      const said = join(root, `${one.name}-said.sql`);
      writeFileSync(said, dumpOf(one, `/*!40101 SET NAMES ${one.name} */;\n`));
      for (const [file, more] of [[path, { characters: one.name }], [said, {}], [forClient, { characters: one.name }]] as const) {
        await server.query('DROP DATABASE IF EXISTS d');
        const shown = await plan(file, more);
        expect([shown.scan.refused, shown.preconditions.filter(({ status }) => status === 'fail')], one.name).toEqual([[], []]);
        expect(await ended(file, more), one.name).toMatchObject({ state: 'done', error: null });
        expect(await told(server), one.name).toEqual(expected);
      }
    }
  });

  step('the terminal names what the file is not, and takes the choice', async () => {
    await server.query('DROP DATABASE IF EXISTS d');
    writeFileSync(join(root, 'shop.sql'), iconv.encode("CREATE DATABASE e;\nUSE e;\nCREATE TABLE t (a VARCHAR(9)) COMMENT '商品数据';\nINSERT INTO t VALUES ('中文');\n", 'gbk'));
    const refused = await terminal.run('import', 'orders', join(root, 'shop.sql'), '--dry-run');
    expect([refused.code, JSON.stringify(refused.json)]).toEqual([3, expect.stringContaining('GBK')]);
    const run = await terminal.run('import', 'orders', join(root, 'gbk.sql'), '--default-character-set', 'gbk', '--wait');
    expect(run, JSON.stringify(run).slice(0, 2000)).toMatchObject({ code: 0, json: { state: 'done' } });
    expect(await told(server)).toEqual((await server.query('DROP DATABASE d'), await ended(join(root, 'gbk-said.sql')), await told(server)));
  });
});
