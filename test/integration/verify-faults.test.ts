// One bit of one value, of every type: each is found, with its row and its column, and nothing else is.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTables, tablesToCompare, type TableOutcome } from '../../electron/comparison/compare-tables';
import type { SessionPair } from '../../electron/comparison/sides';
import { wholeInstance } from '../../shared/domain/scope/scope';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

/** A DOUBLE with one bit of its 64 the other way round, as a literal that reads back exactly. */
function flipped(value: number, bit: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) ^ (1n << BigInt(bit)));
  const other = view.getFloat64(0);
  return Object.is(other, -0) ? '-0e0' : `${String(other)}${String(other).includes('e') ? '' : 'e0'}`;
}

function flippedFloat(value: number, bit: number): string {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  view.setUint32(0, (view.getUint32(0) ^ (1 << bit)) >>> 0);
  const other = view.getFloat32(0);
  return Object.is(other, -0) ? '-0e0' : `${String(other)}${String(other).includes('e') ? '' : 'e0'}`;
}

interface Planted {
  readonly column: string;
  readonly declared: string;
  readonly base: string;
  /** Each one bit from the base, or what only looks the same. */
  readonly faults: readonly string[];
}

function plantedOn(since57: boolean, since80: boolean, vector: boolean): readonly Planted[] {
  const geometry = (hex: string): string => `UNHEX('${hex}')`;
  const point = '000000000101000000000000000000F03F0000000000000040';
  return [
    { column: 'ti', declared: 'TINYINT', base: '5', faults: ['4', '-123'] },
    { column: 'su', declared: 'SMALLINT UNSIGNED', base: '0', faults: ['32768', '1', 'NULL'] },
    { column: 'mi', declared: 'MEDIUMINT', base: '77', faults: ['76'] },
    { column: 'i', declared: 'INT', base: '-1', faults: ['2147483647', '-2'] },
    { column: 'bu', declared: 'BIGINT UNSIGNED', base: '18446744073709551615', faults: ['18446744073709551614', '9223372036854775807'] },
    { column: 'de', declared: 'DECIMAL(65,30)', base: '1.000000000000000000000000000001', faults: ['1.000000000000000000000000000000', '-1.000000000000000000000000000001'] },
    { column: 'f', declared: 'FLOAT', base: '16777216e0', faults: [flippedFloat(16777216, 0), flippedFloat(16777216, 31), flippedFloat(16777216, 12)] },
    { column: 'f0', declared: 'FLOAT', base: '0e0', faults: ['-0e0', flippedFloat(0, 0), flippedFloat(0, 22), 'NULL'] },
    { column: 'd', declared: 'DOUBLE', base: '1.5e0', faults: [flipped(1.5, 0), flipped(1.5, 1), flipped(1.5, 51), flipped(1.5, 63)] },
    { column: 'd0', declared: 'DOUBLE', base: '0e0', faults: ['-0e0', flipped(0, 0), flipped(0, 40), 'NULL'] },
    { column: 'ds', declared: 'DOUBLE', base: '-2.2250738585072014e-308', faults: [flipped(-2.2250738585072014e-308, 0), flipped(-2.2250738585072014e-308, 30), flipped(-2.2250738585072014e-308, 63)] },
    { column: 'dl', declared: 'DOUBLE', base: '-1.7976931348623157e308', faults: [flipped(-1.7976931348623157e308, 0), flipped(-1.7976931348623157e308, 63)] },
    { column: 'b1', declared: 'BIT(1)', base: "b'1'", faults: ["b'0'", 'NULL'] },
    { column: 'b64', declared: 'BIT(64)', base: "b'1'", faults: ["X'8000000000000001'", "b'0'"] },
    { column: 'en', declared: "ENUM('a','b','0','')", base: "'a'", faults: ['2', '0', '4', 'NULL'] },
    { column: 'se', declared: "SET('x','y','z')", base: "'x,y'", faults: ['1', '7', '0'] },
    { column: 'ch', declared: 'CHAR(10) CHARACTER SET utf8mb4', base: "'abc'", faults: ["'abC'", "'abb'"] },
    { column: 'vc', declared: 'VARCHAR(40) CHARACTER SET utf8mb4', base: "'Eva '", faults: ["'Eva'", "'eva '", "'Éva '", "'Eva  '"] },
    { column: 'ci', declared: 'VARCHAR(40) CHARACTER SET utf8mb4', base: "''", faults: ['NULL', "'0'", "'N'", "' '"] },
    { column: 'la', declared: 'VARCHAR(20) CHARACTER SET latin1', base: "_latin1 X'E9'", faults: ["_latin1 X'E8'", "_latin1 X'65'"] },
    { column: 'uc', declared: 'VARCHAR(20) CHARACTER SET ucs2', base: "_ucs2 X'65E5'", faults: ["_ucs2 X'65E4'"] },
    { column: 'gb', declared: 'VARCHAR(20) CHARACTER SET gbk', base: "_gbk X'D55C'", faults: ["_gbk X'D55D'"] },
    { column: 'bi', declared: 'BINARY(4)', base: "X'00FF'", faults: ["X'00FE'", "X'00FF01'"] },
    { column: 'vb', declared: 'VARBINARY(20)', base: "X'00'", faults: ["''", "X'0000'", "X'01'", "'0'"] },
    { column: 'tx', declared: 'MEDIUMTEXT CHARACTER SET utf8mb4', base: "REPEAT('x', 70000)", faults: ["CONCAT(REPEAT('x', 69999), 'y')", "REPEAT('x', 69999)"] },
    { column: 'bl', declared: 'LONGBLOB', base: "REPEAT(X'00', 70000)", faults: ["CONCAT(REPEAT(X'00', 69999), X'01')"] },
    { column: 'da', declared: 'DATE', base: "'0000-00-00'", faults: ["'2000-01-01'", "'2024-02-00'", 'NULL'] },
    { column: 't6', declared: 'TIME(6)', base: "'-00:00:00.000001'", faults: ["'00:00:00.000001'", "'00:00:00'"] },
    { column: 'dt', declared: 'DATETIME(6)', base: "'2024-10-27 02:30:00.000000'", faults: ["'2024-10-27 02:30:00.000001'", "'0000-00-00 00:00:00'"] },
    { column: 'ts', declared: 'TIMESTAMP(6) NULL', base: "'2024-10-27 01:30:00'", faults: ["'2024-10-27 00:30:00'", "'2024-10-27 01:30:00.000001'", 'NULL'] },
    { column: 'ye', declared: 'YEAR', base: '0', faults: ['2000', '1901'] },
    { column: 'ge', declared: 'GEOMETRY', base: geometry(point), faults: [geometry(`01${point.slice(2)}`.replace(/^01000000/, since80 ? 'E6100000' : '01000000')), geometry(point.replace('F03F', 'F0BF'))] },
    ...(since57 ? [{
      column: 'js', declared: 'JSON', base: `'{"a": 1, "b": [true, null]}'`, faults: [`'{"a": 2, "b": [true, null]}'`, `'{"a": 1, "b": [true, 0]}'`, `'{"a": "1", "b": [true, null]}'`, 'NULL'],
    }] : []),
    ...(vector ? [{ column: 've', declared: 'VECTOR(2)', base: "TO_VECTOR('[1,2]')", faults: ["TO_VECTOR('[1,-2]')"] }] : []),
  ];
}

eachSeries('verify-faults', (series, { since57, since80 }) => {
  const planted = plantedOn(since57, since80, isAtLeast(series, [9, 0, 0]));
  const faults = planted.flatMap(({ column, faults: values }) => values.map((value) => ({ column, value })));
  let source: TestServer;
  let standby: TestServer;
  let app: TestEngine;
  const both = (sql: string): Promise<unknown> => Promise.all([source, standby].map((server) => server.query(sql)));
  const session = "SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00', sql_log_bin = 0; SET NAMES utf8mb4; ";

  async function compared(): Promise<TableOutcome[]> {
    const outcomes: TableOutcome[] = [];
    const sessions = await Promise.all([app.id('source'), app.id('standby')].flatMap((id) => [app.engine.fleet.connect(id), app.engine.fleet.connect(id)]));
    const [control, reader, controlThere, readerThere] = sessions;
    if (control === undefined || reader === undefined || controlThere === undefined || readerThere === undefined) throw new Error('four sessions');
    for (const one of sessions) await one.run("SET SESSION sql_mode = ''");
    const pairs: SessionPair[] = [{ source: reader, standby: readerThere }];
    const again = await compareTables({
      pairs, tables: await tablesToCompare(control, controlThere, { scope: wholeInstance }), gtidSet: '', signal: new AbortController().signal,
      pace: { pass: async () => undefined, release: async () => undefined }, ended: async (outcome) => void outcomes.push(outcome),
    });
    expect(again).toEqual([]);
    for (const one of sessions) one.destroy();
    return outcomes;
  }

  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series, durability: 'relaxed' }, standby: { series, durability: 'relaxed' } }));
    app = await openTestEngine({ servers: { source, standby } });
    const columns = planted.map(({ column, declared }) => `${column} ${declared}`).join(', ');
    const generated = since57 ? ", gv INT GENERATED ALWAYS AS (i + 1) VIRTUAL, gs VARCHAR(60) GENERATED ALWAYS AS (CONCAT(vc, '!')) STORED" : '';
    const hidden = isAtLeast(series, [8, 0, 23]) ? ', hid INT INVISIBLE DEFAULT 3' : '';
    await both(`${session}CREATE DATABASE \`v"'\\\`; x\`; CREATE TABLE \`v"'\\\`; x\`.keyed (id INT PRIMARY KEY${generated}${hidden}, ${columns}) ENGINE = InnoDB; CREATE TABLE \`v"'\\\`; x\`.keyless (id INT, ${columns}) ENGINE = InnoDB`.replaceAll('\\`', '``'));
    const names = planted.map(({ column }) => column).join(', ');
    const rows = faults.map((_, at) => `(${at}, ${planted.map(({ base }) => base).join(', ')})`);
    for (const table of ['keyed', 'keyless']) {
      for (let at = 0; at < rows.length; at += 20) await both(`${session}INSERT INTO \`v"'\`\`; x\`.${table} (id, ${names}) VALUES ${rows.slice(at, at + 20).join(', ')}`);
    }
  });
  afterAll(async () => {
    await app.dispose();
    await disposeServers();
  });

  it('says equal of what is equal', async () => {
    const outcomes = await compared();
    expect(outcomes.map(({ result }) => [result.table, result.state, result.rows, result.note])).toEqual([
      ['keyed', 'equal', faults.length, null], ['keyless', 'equal', faults.length, null],
    ]);
  });

  describe('with one bit the other way round in each of many rows', () => {
    beforeAll(async () => {
      for (const [at, { column, value }] of faults.entries()) {
        for (const table of ['keyed', 'keyless']) await standby.query(`${session}UPDATE \`v"'\`\`; x\`.${table} SET ${column} = ${value} WHERE id = ${at}`);
      }
    });

    it('finds each with its row and its column, and nothing else', async () => {
      const outcomes = await compared();
      const keyed = outcomes.find(({ result }) => result.table === 'keyed');
      expect(faults.length).toBeGreaterThanOrEqual(60);
      expect(keyed?.result).toMatchObject({ state: 'different', differing: faults.length, rows: faults.length });
      const found = new Map(keyed?.rows.map((row) => [Number(row.key['id']), row]));
      const missed = faults.flatMap(({ column, value }, at) => {
        const row = found.get(at);
        // What is computed of a column differs with it.
        const others = row?.columns.filter((name) => name !== column && name !== 'gv' && name !== 'gs') ?? [];
        const isShown = row?.source?.[column] !== row?.standby?.[column];
        return row?.kind === 'changed' && row.columns.includes(column) && others.length === 0 && isShown ? [] : [`${column} = ${value}: ${JSON.stringify(row?.columns)} ${row?.source?.[column]} / ${row?.standby?.[column]}`];
      });
      expect(missed).toEqual([]);
    });

    it('finds them in a table without a key as rows that are missing and rows too many', async () => {
      const keyless = (await compared()).find(({ result }) => result.table === 'keyless');
      expect(keyless?.result).toMatchObject({ state: 'different', differing: 2 * faults.length });
      const idsOf = (kind: string): number[] => (keyless?.rows ?? []).filter((row) => row.kind === kind).map((row) => Number((row.source ?? row.standby)?.['id'])).sort((a, b) => a - b);
      expect(idsOf('missing')).toEqual(faults.map((_, at) => at));
      expect(idsOf('extra')).toEqual(faults.map((_, at) => at));
    });
  });
});
