// A primary and a standby of two series: MySQL replicates from old to new only, so that the plan has to say what becomes of the way back.
import { afterAll, afterEach, expect, test } from 'vitest';
import { Failure } from '../../shared/errors/codes';
import { eachCrossing } from '../fixtures/matrix';
import { executed, hasAllOf, isReadOnly, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { traitsOf, wordsOf } from '../fixtures/series';
import { disposeServers, type TestServer } from '../fixtures/servers';
import { missingRows, startWriter } from '../fixtures/writer';

afterAll(disposeServers);

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(() => 'no failure', (thrown: unknown) => (thrown instanceof Failure ? thrown.error.code : String(thrown)));

eachCrossing('promotion-crossing', (from, to) => {
  let pair: PromotionPair;
  const oneSeries = to.startsWith(from) || from.startsWith(to);
  afterEach(() => pair.dispose());
  const look = async (): Promise<void> => {
    for (const server of [pair.source, pair.standby, ...pair.others]) await pair.app.fleet.refresh(pair.id(server));
  };

  test('planned: happens where the old primary can follow, and there alone', async () => {
    pair = await startPair({ series: from, standbySeries: to });
    const { source, standby, app } = pair;
    const plan = await app.promotion.plan(request(pair.id(standby)));
    const failed = plan.preconditions.filter(({ status }) => status === 'fail').map(({ id, remedy }) => [id, remedy?.params]);
    if (!oneSeries) {
      expect(failed).toEqual([['way-back', { source: 'primary', standby: 'standby' }]]);
      const before = await executed(source);
      expect(await codeOf(app.promotion.execute(plan.id, 'standby'))).toBe('precondition-failed');
      expect([await isReadOnly(source), await executed(source)]).toEqual([false, before]);
      return;
    }
    expect(failed).toEqual([]);
    const writer = await startWriter({ servers: [source, standby], privileged: true });
    const wrote = (server: TestServer): Promise<void> => until(() => Promise.resolve(writer.acknowledged().at(-1)?.port === server.port), 20_000, 'the writer to follow');
    const there = await promote(app, request(pair.id(standby)));
    expect([there.task.error, there.report.outcome]).toEqual([null, 'done']);
    await wrote(standby);
    // DDL and accounts of the newer release reach the older one, too.
    await standby.query("CREATE TABLE app.made_there (id INT PRIMARY KEY, note JSON) DEFAULT CHARACTER SET utf8mb4; ALTER TABLE app.made_there ADD COLUMN more INT DEFAULT 1");
    await standby.query("CREATE USER 'late'@'%' IDENTIFIED BY 'late-secret-1'; GRANT SELECT ON app.* TO 'late'@'%'");
    await until(() => hasAllOf(source, standby), 30_000, 'the older release to follow the newer one');
    await look();
    const back = await promote(app, request(pair.id(source)));
    expect([back.task.error, back.report.outcome]).toEqual([null, 'done']);
    await wrote(source);
    const rows = await writer.stop();
    expect(await missingRows(source, rows)).toEqual([]);
    await until(() => hasAllOf(standby, source), 30_000, 'the standby to follow again');
  });

  test('emergency: is allowed, says that the way back is closed, and points no older server at a newer one', async () => {
    pair = await startPair({ series: from, standbySeries: to, standbys: 2 });
    const { source, standby, app } = pair;
    const [other] = pair.others;
    if (other === undefined) throw new Error('three servers');
    await source.query('INSERT INTO app.rows_written VALUES (1, 1)');
    for (const server of [standby, other]) await until(() => hasAllOf(server, source), 20_000, 'the row');
    await look();
    await source.kill();
    const { plan, report } = await promote(app, request(pair.id(standby), { kind: 'emergency' }));
    expect([report.outcome, report.error]).toEqual(['done', null]);
    expect(await isReadOnly(standby)).toBe(false);
    const keys = [...plan.warnings, ...report.notes].map(({ key }) => key);
    const told = ['promotion.warning.no-way-back', 'promotion.warning.older-replicas', 'promotion.note.no-way-back', 'promotion.note.sibling-older'] as const;
    if (oneSeries) {
      for (const key of told) expect(keys).not.toContain(key);
      await standby.query('INSERT INTO app.rows_written VALUES (2, 2)');
      await until(async () => (await other.query('SELECT 1 FROM app.rows_written WHERE id = 2')).length === 1, 20_000, 'the other replica');
      return;
    }
    expect(keys).toEqual(expect.arrayContaining([...told]));
    expect(plan.bystanders?.map(({ name, fate }) => [name, fate])).toEqual([['other', 'older']]);
    // It goes on standing behind the old primary, and is told.
    const { column, source: word, showReplicaStatus } = wordsOf(from);
    const [status] = await other.query<Record<string, string>>(showReplicaStatus);
    expect(Number(status?.[`${word === 'SOURCE' ? 'Source' : 'Master'}_Port`])).toBe(source.port);
    expect(status?.[`${column}_IO_Running`]).not.toBe('No');
    expect(await isReadOnly(other)).toBe(true);
    expect(traitsOf(to)).not.toEqual(traitsOf(from));
  });
});
