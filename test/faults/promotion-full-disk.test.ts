// The disk of the standby is full: found before anything is fenced, by what is read and tried; where it fills up only as the standby is
// opened the way back is taken, and the report says where both stand. A disk of a few megabytes holds its binary log, and where a test says
// so the pages of temporary tables, which lie beside the data from 8.0.13 on.
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { PromotionReport } from '../../shared/domain/promotion/promotion';
import { errorOf } from '../../shared/errors/codes';
import { translator } from '../../shared/i18n/translate';
import { eachSeries } from '../fixtures/matrix';
import { columns, measured } from '../fixtures/measured';
import { hasAllOf, isReadOnly, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, type TestServer } from '../fixtures/servers';
import { smallDisk, whyNoSmallDisk, type SmallDisk } from '../fixtures/small-disk';
import { watchStatements } from '../fixtures/watched-fleet';

/** A file may always grow to the end of the last page that it has. */
const PAGE = 4096;

const logSize = (path: string): number => {
  const newest = readdirSync(path).filter((name) => /^binlog\.\d+$/.test(name)).sort().at(-1) ?? '';
  return statSync(join(path, newest)).size;
};

/** Writes at the primary until the binary log of the standby ends `bytes` before the end of a page. */
async function leaveInPage({ source, standby }: Pick<PromotionPair, 'source' | 'standby'>, path: string, bytes: number): Promise<void> {
  const arrived = (): Promise<void> => until(() => hasAllOf(standby, source), 20_000, 'the padding');
  await arrived();
  const pad = async (size: number): Promise<number> => {
    const before = logSize(path);
    await source.query('INSERT INTO app.padding (v) VALUES (REPEAT(?, ?))', ['x', size]);
    await arrived();
    return logSize(path) - before - size;
  };
  const frame = await pad(1000);
  await pad((2 * PAGE - bytes - ((logSize(path) + frame) % PAGE)) % PAGE);
}

if (whyNoSmallDisk() !== null) measured(`NO FULL DISK WAS TRIED: ${whyNoSmallDisk() ?? ''}`);
else eachSeries('promotion-full-disk', (series, traits) => {
  let pair: PromotionPair | null = null;
  let disk: SmallDisk | null = null;
  const table: string[][] = [];
  afterAll(() => measured(...columns(table)));
  afterEach(async () => {
    disk?.free();
    await pair?.dispose();
    await disposeServers();
    disk?.dispose();
    [pair, disk] = [null, null];
  });

  const hasTemporary = isAtLeast(series, [8, 0, 13]);
  const kinds = ['planned', 'emergency'] as const;
  const texts = (report: PromotionReport): string => report.notes.map((note) => translator('en').message(note)).join('\n');

  type Before = (sql: string, path: string) => Promise<void>;
  /** `before`: ahead of every statement of the services. */
  async function start(before: Before = () => Promise.resolve(), temporary = false): Promise<PromotionPair & { readonly disk: SmallDisk }> {
    const small = smallDisk(24);
    disk = small;
    if (temporary) mkdirSync(join(small.path, 'temporary'));
    const made = await startPair({
      series,
      standbyArgs: [`--log-bin=${small.path}/binlog`, `--log-bin-index=${small.path}/binlog.index`, ...(temporary ? [`--innodb-temp-tablespaces-dir=${small.path}/temporary`] : [])],
      around: (fleet) => watchStatements(fleet, (sql) => before(sql, small.path)),
    });
    pair = made;
    await made.source.query('CREATE TABLE app.padding (id INT AUTO_INCREMENT PRIMARY KEY, v LONGBLOB)');
    await leaveInPage(made, small.path, 100);
    return Object.assign(made, { disk: small });
  }

  /** The primary takes writes, and the standby does not. */
  async function stands({ source, standby }: { source: TestServer; standby: TestServer }): Promise<void> {
    await source.query('REPLACE INTO app.rows_written VALUES (777, 1)');
    expect([await isReadOnly(source), await isReadOnly(standby)]).toEqual([false, true]);
  }

  test('an applier whose commit waits for the disk: neither is begun, and the plans say why', async () => {
    const { source, standby, app, id, disk: small } = await start();
    small.fill();
    await source.query('INSERT INTO app.padding (v) VALUES (REPEAT(?, 9000))', ['x']);
    const standing = "SELECT 1 FROM information_schema.PROCESSLIST WHERE USER = 'system user' AND TIME >= 2 AND STATE IN ('waiting for handler commit', 'query end', 'System lock')";
    await until(async () => (await standby.query(standing)).length > 0, 20_000, 'a commit that stands');
    for (const kind of kinds) {
      const plan = await app.promotion.plan(request(id(standby), { kind })).catch(errorOf);
      // Where the log stands is told behind the lock that the write to it holds; before 8.0 that is all that shows.
      if ('code' in plan) expect([kind, plan.code, String((plan.params as { found?: string }).found)]).toEqual([kind, 'opening-barred', expect.stringMatching(/^(?:SHOW MASTER STATUS|COMMIT … \(#\d+ system user)/)]);
      else expect([kind, plan.preconditions.find((one) => one.id === 'opening')?.status]).toEqual([kind, 'fail']);
      table.push([kind, 'an applier waits for it', 'code' in plan ? plan.code : 'plan: refused']);
    }
    await stands({ source, standby });
  });

  if (hasTemporary) test('a standby at rest with no room beside its data answers no reading any more: both plans say so', async () => {
    const { source, standby, app, id, disk: small } = await start(undefined, true);
    small.fill();
    for (const kind of kinds) {
      await expect(app.promotion.plan(request(id(standby), { kind }))).rejects.toMatchObject({ error: { code: 'disk-full', server: 'standby' } });
      table.push([kind, 'at rest', 'disk-full']);
    }
    small.free();
    expect((await app.promotion.plan(request(id(standby)))).preconditions.find((one) => one.id === 'opening')?.status).toBe('pass');
    await stands({ source, standby });
  });

  test('planned: a standby at rest whose disk is full takes no row of the journal, and nothing is fenced', async () => {
    const { source, standby, app, id, disk: small } = await start();
    small.fill();
    const { report, task } = await promote(app, request(id(standby), { timeoutSeconds: 5 }));
    expect([report.outcome, task.steps.find((step) => step.id === 'fence')?.state], texts(report)).toEqual(['undone', 'pending']);
    table.push(['planned', 'at rest', `${task.state} ${report.outcome} ${report.error?.code ?? ''}`]);
    await stands({ source, standby });
  });

  test.each(kinds)('%s: it fills up as the standby is opened: the old primary takes writes again, and the report says where both stand', async (kind) => {
    let [aligned, filled] = [false, false];
    const made = await start(async (sql, path) => {
      // The row that tells what begins still goes through; what comes behind it finds less than its own room.
      if (kind === 'planned' && !aligned && pair !== null && sql.startsWith('INSERT IGNORE INTO antipode.journal')) {
        aligned = true;
        await leaveInPage(pair, path, 520);
      }
      if (filled || !/^SET GLOBAL read_only = (?:OFF|0)/.test(sql)) return;
      filled = true;
      disk?.fill();
    });
    const { source, standby, app, id } = made;
    const { report, task } = await promote(app, request(id(standby), { kind, timeoutSeconds: 10 }));
    table.push([kind, 'as it is opened', `${task.state} ${report.outcome} ${report.outageMs ?? ''}`, report.notes.map(({ key }) => key.replace('promotion.note.', '')).join(' ')]);
    // Nobody can say of a server that has ended that it is closed: not undone, but told.
    expect([report.outcome, report.notes.map(({ key }) => key)], texts(report)).toEqual(['failed', expect.arrayContaining(['promotion.note.opened-ended', 'promotion.note.standing'])]);
    expect(texts(report)).toMatch(/primary takes writes.*standby/);
    await source.query('REPLACE INTO app.rows_written VALUES (777, 1)');
    // With room it starts again, read-only, has nothing that the primary has not, and follows.
    made.disk.free();
    await until(() => Promise.resolve(!standby.isRunning()), 20_000, 'the standby to have ended');
    await standby.start(traits.persist ? [] : ['--super-read-only=ON']);
    expect([await isReadOnly(standby), await hasAllOf(source, standby)]).toEqual([true, true]);
    for (const { task: left } of await app.tasks.recoverable()) {
      await app.tasks.undoInterrupted(left.id);
      const ended = await app.tasks.whenEnded(left.id);
      expect([ended.state, ended.error]).toEqual(['cancelled', null]);
    }
    expect([await isReadOnly(source), await isReadOnly(standby)]).toEqual([false, true]);
    await until(() => hasAllOf(standby, source), 40_000, 'the standby to follow');
  });

  test('emergency of a dead primary: the new one is not ended by us, and takes writes as soon as there is room', async () => {
    let filled = false;
    const made = await start((sql) => {
      if (!filled && /^SET GLOBAL read_only = (?:OFF|0)/.test(sql)) {
        filled = true;
        disk?.fill();
      }
      return Promise.resolve();
    });
    const { source, standby, app, id } = made;
    for (const server of [source, standby]) await app.fleet.refresh(id(server));
    await source.kill();
    const { report } = await promote(app, request(id(standby), { kind: 'emergency', timeoutSeconds: 10 }));
    expect([report.outcome, report.notes.map(({ key }) => key)], texts(report)).toEqual(['failed', expect.arrayContaining(['promotion.note.opened-stalled'])]);
    expect(standby.isRunning()).toBe(true);
    const [left] = await app.tasks.recoverable();
    // Before 8.0 its settings cannot be read any more while it stands so.
    if (traits.since80) expect([left?.verdict, translator('en').message(left?.text ?? { key: 'promotion.measured.none' })]).toEqual(['can-resume', expect.stringMatching(/COMMIT/)]);
    else expect(left?.verdict).not.toBe('can-undo');
    made.disk.free();
    // It looks for space once a minute.
    await until(async () => (await standby.query("SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE IN ('waiting for handler commit', 'query end')")).length === 0, 90_000, 'the commit to go on');
    if (left !== undefined) {
      await app.tasks.resumeInterrupted(left.task.id);
      const ended = await app.tasks.whenEnded(left.task.id);
      expect([ended.state, ended.error]).toEqual(['done', null]);
    }
    expect(await isReadOnly(standby)).toBe(false);
    await standby.query('INSERT INTO app.rows_written VALUES (888, 1)');
    table.push(['emergency', 'as it is opened, of a dead primary', 'stalled, then done']);
  });
});

if (whyNoSmallDisk() === null) eachSeries('promotion-full-primary', (series) => {
  test('commits of a primary stand: a switchover is refused before it asks anything of it, an emergency opens the standby, and the old primary still answers', async () => {
    const disk = smallDisk(24);
    const pair = await startPair({ series, sourceArgs: [`--log-bin=${disk.path}/binlog`, `--log-bin-index=${disk.path}/binlog.index`] });
    try {
      const { source, standby, app, id } = pair;
      await source.query('CREATE TABLE app.padding (id INT PRIMARY KEY, v LONGTEXT)');
      disk.fill();
      const writer = await source.connect({ user: 'root' });
      writer.on('error', () => undefined);
      void writer.query("INSERT INTO app.padding VALUES (1, REPEAT('x', 60000))").catch(() => undefined);
      const standing = "SELECT 1 FROM information_schema.PROCESSLIST WHERE TIME >= 2 AND STATE IN ('waiting for handler commit', 'query end')";
      await until(async () => (await source.query(standing)).length > 0, 20_000, 'a commit that stands');
      const plan = await app.promotion.plan(request(id(standby)));
      expect(plan.preconditions.filter(({ status }) => status === 'fail').map((one) => one.id)).toEqual(['source-writes']);
      expect(plan.verdict).toBe('source-alive');
      await expect(promote(app, request(id(standby)))).rejects.toMatchObject({ error: { code: 'precondition-failed', params: { first: 'source-writes' } } });
      const { report } = await promote(app, request(id(standby), { kind: 'emergency', timeoutSeconds: 10 }));
      const texts = report.notes.map((note) => translator('en').message(note)).join('\n');
      // Its fence waits for the same disk: nobody may believe that it is closed.
      expect([report.outcome, report.loss?.kind, texts]).toEqual(['done', 'at-least', expect.stringMatching(/primary is not fenced/)]);
      expect([await isReadOnly(standby), await isReadOnly(source)]).toEqual([false, false]);
      await standby.query('REPLACE INTO app.rows_written VALUES (777, 1)');
      writer.destroy();
    } finally {
      await pair.dispose();
      await disposeServers();
      disk.dispose();
    }
  });
});
