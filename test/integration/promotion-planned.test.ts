// A planned switchover and the way back, under a client that writes every millisecond all the while.
import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { PromotionReport } from '../../shared/domain/promotion/promotion';
import { eachSeries } from '../fixtures/matrix';
import { measured } from '../fixtures/measured';
import { executed, hasAllOf, isReadOnly, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers, type TestServer } from '../fixtures/servers';
import { missingRows, startWriter, type Writer } from '../fixtures/writer';

afterAll(disposeServers);

/** From the last row that the old primary acknowledged to the first that the new one did, milliseconds. */
function handOver(writer: Writer, from: TestServer, to: TestServer): number {
  const rows = writer.acknowledged();
  const first = rows.findLastIndex((row) => row.port === from.port) + 1;
  expect(rows[first]?.port).toBe(to.port);
  return (rows[first]?.at ?? 0) - (rows[first - 1]?.at ?? 0);
}

const stepMs = (report: PromotionReport, id: string): number => report.steps.find((step) => step.id === id)?.ms ?? 0;

/** The lines for the option file that a report gives for a server. */
const linesFor = (report: PromotionReport, server: TestServer): string[] =>
  report.notes.filter(({ key, params }) => key === 'promotion.note.config-line' && params?.['server'] === server.name).map(({ params }) => String(params?.['line']));

eachSeries('promotion-planned', (series, traits) => {
  let pair: PromotionPair;
  afterEach(() => pair.dispose());

  /** One switchover, after which the writer writes to the new primary. */
  async function switchTo(to: TestServer, from: TestServer, writer: Writer): Promise<PromotionReport> {
    for (const server of [from, to]) await pair.app.fleet.refresh(pair.id(server));
    const { report, task } = await promote(pair.app, request(pair.id(to)));
    expect([task.error, report.outcome, report.lostTransactions]).toEqual([null, 'done', 0]);
    await until(() => Promise.resolve(writer.acknowledged().at(-1)?.port === to.port), 20_000, 'the writer to write to the new primary');
    return report;
  }

  /** What the report calls the time without writes is what the client saw of it. */
  function agrees(report: PromotionReport, gapMs: number): void {
    const outageMs = report.outageMs ?? Number.NaN;
    // The fence is sent before it takes, and rows are acknowledged until it does; on a busy machine a client and we look at different moments.
    expect(gapMs).toBeGreaterThan(outageMs - stepMs(report, 'fence') - 250);
    // The client has to notice and to connect to the other server; behind a read lock it waits until it is closed.
    expect(outageMs).toBeGreaterThan(gapMs - 1000);
    expect(outageMs).toBeGreaterThan(1);
  }

  test.each([
    ['an ordinary client', false],
    ['a privileged client (SUPER, CONNECTION_ADMIN)', true],
  ])('loses no row that was acknowledged to %s, there and back', async (_name, privileged) => {
    pair = await startPair({ series });
    const { source, standby } = pair;
    const writer = await startWriter({ servers: [source, standby], privileged, everyMs: 5 });
    const there = await switchTo(standby, source, writer);
    agrees(there, handOver(writer, source, standby));
    expect([await isReadOnly(source), await isReadOnly(standby)]).toEqual([true, false]);
    // Not even an administrator's plain write gets through; before 5.7.8 SUPER is what nothing stops.
    if (traits.superReadOnly) await expect(source.query('INSERT INTO app.rows_written VALUES (-1, 1)')).rejects.toThrow(/read-only/);
    await until(() => hasAllOf(source, standby), 30_000, 'the old primary to follow');

    const back = await switchTo(source, standby, writer);
    agrees(back, handOver(writer, standby, source));
    const rows = await writer.stop();
    expect([await isReadOnly(source), await isReadOnly(standby)]).toEqual([false, true]);
    expect(await missingRows(source, rows)).toEqual([]);
    await until(() => hasAllOf(standby, source), 30_000, 'the standby to follow again');
    expect(await executed(standby)).toBe(await executed(source));
    expect(await missingRows(standby, rows)).toEqual([]);
    measured(`${series}, ${privileged ? 'privileged' : 'ordinary'}: ${there.outageMs?.toFixed(0)} and ${back.outageMs?.toFixed(0)} ms without writes, ${rows.length} rows`);
  });

  test('tells the time without writes as it was: a lock held the fence up', async () => {
    pair = await startPair({ series });
    const { source, standby } = pair;
    await source.query('CREATE TABLE app.locked (id INT PRIMARY KEY)');
    const writer = await startWriter({ servers: [source, standby], privileged: false, everyMs: 5 });
    const holder = await source.connect();
    await holder.query('LOCK TABLES app.locked WRITE');
    let released = 0;
    const stop = pair.app.tasks.onChange((task) => {
      if (released > 0 || task.steps.find((step) => step.id === 'fence')?.state !== 'running') return;
      released = 1;
      setTimeout(() => void holder.query('UNLOCK TABLES'), 1500);
    });
    const report = await switchTo(standby, source, writer);
    stop();
    holder.destroy();
    const gapMs = handOver(writer, source, standby);
    await writer.stop();
    expect(report.outageMs).toBeGreaterThan(1450);
    // Behind the waiting fence no row was acknowledged: here what the client saw is the whole of it.
    expect(gapMs).toBeGreaterThan((report.outageMs ?? 0) - 100);
    expect(report.outageMs).toBeGreaterThan(gapMs - 1000);
  });

  test('is kept over a restart of both servers, by themselves or by the lines that the report gives', async () => {
    pair = await startPair({ series });
    const { source, standby } = pair;
    const { report } = await promote(pair.app, request(pair.id(standby)));
    expect(report.outcome).toBe('done');
    const lines = (value: string): string[] =>
      traits.persist ? [] : [...(traits.superReadOnly ? [`super_read_only = ${value}`] : []), `read_only = ${value}`];
    expect(linesFor(report, source)).toEqual(lines('ON'));
    expect(linesFor(report, standby)).toEqual(lines('OFF'));
    for (const server of [source, standby]) appendFileSync(join(dirname(server.dataDir), 'my.cnf'), `\n[mysqld]\n${linesFor(report, server).join('\n')}\n`);
    await Promise.all([source.restart(), standby.restart()]);
    expect([await isReadOnly(source), await isReadOnly(standby)]).toEqual([true, false]);
    if (traits.superReadOnly) expect(Number(await source.scalar('SELECT @@GLOBAL.super_read_only'))).toBe(1);
    await standby.query('INSERT INTO app.rows_written VALUES (1, 1)');
    await until(() => hasAllOf(source, standby), 30_000, 'the old primary to follow after the restart');
  });
});
