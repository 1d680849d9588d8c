// Bytes that a file of rows says in hexadecimal digits: what comes in is what LOAD DATA with UNHEX makes of the same file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { clientRuns, dumpedRows } from '../fixtures/content';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';

const file = 'id,raw,fixed,lob,note\n1,0x00270A5CFF,0x01,0x,0x41\n2,0Xff00,\\N,0xE695B0,0x42\n3,0x30783431,0x02,\\N,x\n';

eachSeries('import-hex', (series) => {
  let server: TestServer;
  let other: TestServer;
  let terminal: Terminal;
  const root = mkdtempSync(join(tmpdir(), 'antipode-import-hex-'));
  const step = journey('hexadecimal digits come in as bytes');

  beforeAll(async () => {
    ({ server, other } = await startServers({ server: { series, gtid: true }, other: { series } }));
    await other.query('SET GLOBAL local_infile = ON');
    for (const one of [server, other]) {
      await one.query('CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, raw VARBINARY(40), fixed BINARY(4), lob BLOB, note VARCHAR(9)) ENGINE = InnoDB');
    }
    terminal = openTerminal();
    await terminal.register('orders', 'North', server);
    writeFileSync(join(root, 'rows.csv'), file);
  });
  afterAll(async () => {
    terminal?.dispose();
    await disposeServers();
    rmSync(root, { recursive: true, force: true });
  });

  step('in the columns that are chosen, and in no other', async () => {
    const set = ['raw', 'fixed', 'lob'].map((name) => `${name} = UNHEX(SUBSTRING(@${name}, 3))`).join(', ');
    writeFileSync(join(root, 'load.sql'), `USE d;\nLOAD DATA LOCAL INFILE 'rows.csv' INTO TABLE t CHARACTER SET utf8 FIELDS TERMINATED BY ',' LINES TERMINATED BY '\\n' IGNORE 1 LINES (id, @raw, @fixed, @lob, note) SET ${set};\n`);
    await clientRuns(other, join(root, 'load.sql'), ['--local-infile=1'], root);
    const before = await terminal.run('import', 'orders', join(root, 'rows.csv'), '--table', 'd.t', '--null', '\\N', '--dry-run');
    expect(JSON.stringify(before.json)).toContain('--hex');
    const run = await terminal.run('import', 'orders', join(root, 'rows.csv'), '--table', 'd.t', '--null', '\\N', '--hex', 'raw,fixed,lob', '--wait');
    expect(run, JSON.stringify(run).slice(0, 2000)).toMatchObject({ code: 0, json: { state: 'done' } });
    expect(await dumpedRows(server, ['d'])).toEqual(await dumpedRows(other, ['d']));
    expect(await server.scalar('SELECT HEX(raw) FROM d.t WHERE id = 1')).toBe('00270A5CFF');
  });

  step('what is none is refused with its row, and a column of texts is told', async () => {
    await server.query('TRUNCATE d.t');
    writeFileSync(join(root, 'wrong.csv'), 'id,raw\n1,0x4\n2,0x41\n');
    const wrong = await terminal.run('import', 'orders', join(root, 'wrong.csv'), '--table', 'd.t', '--hex', 'raw', '--dry-run');
    expect(wrong).toMatchObject({ code: 3, json: { refused: [{ record: 1, why: 'not-hex', column: 'raw' }] } });
    const texts = await terminal.run('import', 'orders', join(root, 'rows.csv'), '--table', 'd.t', '--hex', 'note', '--dry-run');
    expect([texts.code, JSON.stringify(texts.json)]).toEqual([3, expect.stringContaining('no column of bytes')]);
  });
});
