// What belongs to no table's definition and is needed by it, or makes its statements quick.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyData } from '../../electron/copy/copy';
import type { CopyJob, End } from '../../electron/copy/snapshot/sessions';
import { connect } from '../../electron/mysql/session/session';
import type { ConnectTarget } from '../../electron/mysql/types';
import { loneStep } from '../fixtures/lone-step';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';

function job(source: TestServer, target: TestServer, logged: string[]): CopyJob {
  const end = (server: TestServer): End => {
    const login: ConnectTarget = { host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } };
    return { name: server.name, connect: (options = {}) => connect(login, { queryTimeoutMs: Infinity, ...options }), target: () => Promise.resolve(login) };
  };
  return { step: loneStep({ log: (_level, key) => void logged.push(key) }), source: end(source), target: end(target), scope: { kind: 'instance' } };
}

eachSeries('copy-server-wide', (series) => {
  let source: TestServer;
  let target: TestServer;
  const definition = 'GEOGCS["Our own",DATUM["World Geodetic System 1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.017453292519943278],AXIS["Lat",NORTH],AXIS["Lon",EAST]]';
  beforeAll(async () => {
    ({ source, target } = await startServers({ source: { series }, target: { series } }));
    await source.query(`CREATE SPATIAL REFERENCE SYSTEM 990001 NAME 'Our own 自' ORGANIZATION 'it''s us' IDENTIFIED BY 77 DEFINITION '${definition}' DESCRIPTION 'with \\\\ and ; in it';
      CREATE SPATIAL REFERENCE SYSTEM 990002 NAME 'Bare' DEFINITION '${definition.replace('Our own', 'Bare')}'`);
    await source.query("CREATE DATABASE places; CREATE TABLE places.p (id INT PRIMARY KEY, g POINT NOT NULL SRID 990001, SPATIAL KEY (g)); INSERT INTO places.p VALUES (1, ST_GeomFromText('POINT(10 20)', 990001))");
    await source.query("CREATE TABLE places.h (id INT PRIMARY KEY AUTO_INCREMENT, n INT, t VARCHAR(20), `od``d` DECIMAL(6,2)); INSERT INTO places.h (n, t, `od``d`) VALUES (1, 'a\\\\b', 1.50), (1, 'it''s', 2), (7, '漢', -3)");
    await source.query('ANALYZE TABLE places.h UPDATE HISTOGRAM ON n WITH 8 BUCKETS; ANALYZE TABLE places.h UPDATE HISTOGRAM ON t, `od``d` WITH 16 BUCKETS');
    if (series === '9.7') {
      await source.query("CREATE LIBRARY places.lib COMMENT 'ours' LANGUAGE JAVASCRIPT AS $$export function f(x) { return '漢;' + x; }$$; ANALYZE TABLE places.h UPDATE HISTOGRAM ON n WITH 8 BUCKETS AUTO UPDATE");
    }
  });
  afterAll(disposeServers);

  it('brings spatial reference systems, histograms and libraries', async () => {
    const logged: string[] = [];
    const copied = await copyData(job(source, target, logged), { parallel: 2, taskName: 't' });
    await copied.snapshot.close();
    const systems = 'SELECT * FROM information_schema.ST_SPATIAL_REFERENCE_SYSTEMS WHERE SRS_ID IN (990001, 990002) ORDER BY SRS_ID';
    expect(await target.query(systems)).toEqual(await source.query(systems));
    const points = 'SELECT id, ST_AsText(g) AS g, ST_SRID(g) AS s FROM places.p';
    expect(await target.query(points)).toEqual(await source.query(points));
    // When it was made is the server's own.
    const whole = "JSON_REMOVE(HISTOGRAM, '$.\"last-updated\"')";
    const told = series === '8.0.15' ? "JSON_EXTRACT(HISTOGRAM, '$.buckets')" : whole;
    const histograms = `SELECT SCHEMA_NAME AS d, TABLE_NAME AS t, COLUMN_NAME AS c, CAST(${told} AS CHAR) AS h FROM information_schema.COLUMN_STATISTICS ORDER BY 1, 2, 3`;
    expect(await source.query(histograms)).toHaveLength(3);
    // A server reads the values of a DECIMAL column as numbers: 1.50 is 1.5 there.
    const read = async (server: TestServer): Promise<unknown> =>
      (await server.query<{ h: string }>(histograms)).map((row) => ({ ...row, h: JSON.parse(row.h) as unknown }));
    expect(await read(target)).toEqual(await read(source));
    if (series === '9.7') expect(await target.query('SHOW CREATE LIBRARY places.lib')).toEqual(await source.query('SHOW CREATE LIBRARY places.lib'));
    expect(logged.filter((key) => key.endsWith('Left'))).toEqual([]);
    expect(await target.scalar('SELECT @@GLOBAL.gtid_executed')).toBe('');
  });
});
