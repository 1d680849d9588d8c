// Emergency promotion with the primary killed, frozen, or merely behind the standby's back.
import { afterAll, afterEach, expect, test } from 'vitest';
import { Failure } from '../../shared/errors/codes';
import { executed, hasAllOf, isReadOnly, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { holdRow, replicaStatus, setWorkers } from '../fixtures/applier-workers';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers } from '../fixtures/servers';
import { missingRows, startWriter, type Acknowledged, type Writer } from '../fixtures/writer';

afterAll(disposeServers);

const codeOf = (call: Promise<unknown>): Promise<string> => call.then(() => 'no failure', (thrown: unknown) => (thrown instanceof Failure ? thrown.error.code : String(thrown)));

/** The rows of a writer once none is added for a while: it tries on, and is refused. */
async function settled(writer: Writer): Promise<readonly Acknowledged[]> {
  for (let known = -1; known !== writer.acknowledged().length; await new Promise((resolve) => setTimeout(resolve, 500))) known = writer.acknowledged().length;
  return writer.acknowledged();
}

eachSeries('promotion-emergency', (series, traits, words) => {
  let pair: PromotionPair;
  const { replica, showReplicaStatus: status } = words;
  afterEach(() => pair.dispose());

  test('the primary is killed under load: the loss is what was said, and one promotion at a time', async () => {
    pair = await startPair({ series, standbys: 2, durability: 'full' });
    const { source, app } = pair;
    const replicas = [pair.standby, ...pair.others];
    const writer = await startWriter({ servers: [source], privileged: false });
    await until(() => Promise.resolve(writer.acknowledged().length > 100), 20_000, 'rows');
    await app.fleet.refresh(pair.id(source));
    await source.kill();
    const rows = await writer.stop();
    for (const replica of replicas) await until(async () => (await replica.query<Record<string, string>>(status))[0]?.[`${words.column}_IO_Running`] !== 'Yes', 20_000, 'the receiver to notice');

    const first = await app.promotion.plan(request(pair.id(pair.standby), { kind: 'emergency' }));
    expect(first.verdict).toBe('source-dead');
    expect(first.candidates.map((candidate) => candidate.instanceId).sort()).toEqual(replicas.map((replica) => pair.id(replica)).sort());
    // Which one received the last transaction of a source that dies is chance; one that is ahead of the new primary is
    // never forced to follow it, so the most advanced one is chosen, as an operator would.
    const [standby, other] = replicas.sort(
      (a, b) =>
        first.candidates.findIndex(({ instanceId }) => instanceId === pair.id(a)) -
        first.candidates.findIndex(({ instanceId }) => instanceId === pair.id(b)),
    );
    if (standby === undefined || other === undefined) throw new Error('two replicas');
    const asked = request(pair.id(standby), { kind: 'emergency' });
    const shown = await app.promotion.plan(asked);
    const rival = request(pair.id(other), { kind: 'emergency' });
    const earlier = await app.promotion.plan(rival);
    const { report, task } = await promote(app, asked);
    expect([task.error, report.outcome]).toEqual([null, 'done']);
    expect(await isReadOnly(standby)).toBe(false);
    await standby.query('INSERT INTO app.rows_written VALUES (9000001, 1)');
    await until(async () => (await other.query('SELECT 1 FROM app.rows_written WHERE id = 9000001')).length === 1, 20_000, 'the other replica to follow');
    expect(await standby.query(status)).toEqual([]);
    const lost = await missingRows(standby, rows);
    // The source was seen a moment before it died; what it took after that is the time that was told as blind.
    expect(shown.loss.blindSeconds).not.toBeNull();
    const unseen = rows.filter((row) => row.at > (shown.loss.sourceSeenAt ?? 0)).length;
    expect(lost.length).toBeLessThanOrEqual((report.lostTransactions ?? 0) + unseen);

    // Neither a plan from before nor a new one runs until somebody has read what this one did.
    const acknowledged = async (): Promise<string | undefined> => (await app.promotion.plan(rival)).preconditions.find(({ id }) => id === 'acknowledged')?.status;
    expect(await codeOf(app.promotion.execute(earlier.id, other.name))).toBe('promotion-pending');
    expect(await acknowledged()).toBe('fail');
    await app.promotion.acknowledge(report.id);
    expect(await codeOf(app.promotion.execute(earlier.id, other.name))).not.toBe('promotion-pending');
    expect(await acknowledged()).toBe('pass');
    expect(app.promotion.reports()[0]?.acknowledgedAt).not.toBeNull();

    // The old primary comes back as it was; it is not trusted, and it is fenced with one word.
    await source.start();
    expect(app.fleet.instance(pair.id(source)).intent.kind).toBe('fenced');
    expect(await isReadOnly(source)).toBe(false);
    expect(await codeOf(app.promotion.fence(pair.id(source), 'wrong'))).toBe('confirm-mismatch');
    await app.promotion.fence(pair.id(source), 'primary');
    expect(await isReadOnly(source)).toBe(true);
  });

  test('the loss is what the standby had not received: shown before, reported after, and missing in fact', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    await source.query('INSERT INTO app.rows_written VALUES (1, 1)');
    await until(() => hasAllOf(standby, source), 20_000, 'the row');
    await standby.query(`STOP ${replica} IO_THREAD`);
    for (let id = 2; id <= 26; id++) await source.query(`INSERT INTO app.rows_written VALUES (${id}, 1)`);
    await app.fleet.refresh(pair.id(source));
    const missing = String(await source.scalar('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', [await executed(standby)]));
    await source.kill();
    const { plan, report } = await promote(app, request(pair.id(standby), { kind: 'emergency' }));
    expect(plan.loss).toMatchObject({ notReceived: 25, notReceivedSet: missing, notApplied: 0 });
    expect(report).toMatchObject({ outcome: 'done', lostTransactions: 25, lostSet: missing });
    expect(report.notes).toContainEqual({ key: 'promotion.note.loss', params: { count: 25, seenAt: expect.stringMatching(/^20/) as string } });
    expect(Number(await standby.scalar('SELECT COUNT(*) FROM app.rows_written'))).toBe(1);
  });

  test.each([
    ['an ordinary client', false],
    ['a privileged client', true],
  ])('a primary that lives is fenced against %s, and what it alone holds is the loss to the row', async (_name, privileged) => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    const writer = await startWriter({ servers: [source], privileged });
    await until(() => Promise.resolve(writer.acknowledged().length > 50), 20_000, 'rows');
    // The standby stands back, so that there is a loss: its receiver is stopped while the primary goes on.
    await standby.query(`STOP ${replica} IO_THREAD`);
    const before = writer.acknowledged().length;
    await until(() => Promise.resolve(writer.acknowledged().length > before + 50), 20_000, 'rows that the standby has not received');
    const plan = await app.promotion.plan(request(pair.id(standby), { kind: 'emergency' }));
    const { taskId } = await app.promotion.execute(plan.id, plan.phrase ?? '');
    const task = await app.tasks.whenEnded(taskId);
    const report = app.promotion.reportForTask(taskId);
    expect(report?.outcome, JSON.stringify([task.error, task.steps, report])).toBe('done');
    const fencedNote = traits.superReadOnly ? 'promotion.note.source-fenced' : 'promotion.note.source-fenced-ordinary';
    expect(report?.notes.map((note) => note.key)).toEqual(expect.arrayContaining([fencedNote, 'promotion.note.loss-counted']));
    const endedAt = Date.now();
    // Not one row is acknowledged after the report is written, but where the version cannot refuse SUPER: there the report said so.
    const refused = traits.superReadOnly || !privileged;
    const rows = refused ? await settled(writer) : writer.acknowledged();
    if (refused) expect(rows.filter((row) => row.at > endedAt)).toEqual([]);
    const lost = await missingRows(standby, rows.filter((row) => row.at <= endedAt));
    expect(lost.length).toBeGreaterThan(0);
    if (refused) expect(report?.lostTransactions).toBe(lost.length);
    await writer.stop();
  });

  test('a STOP that the applier holds up is given up, and the way back waits until it is over: both threads run as before', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    await source.query('CREATE TABLE app.t (id INT PRIMARY KEY, more INT); INSERT INTO app.t VALUES (1, 1)');
    await until(() => hasAllOf(standby, source), 20_000, 'the row');
    // Workers finish what they have begun before a STOP takes hold; nothing but the row makes an end to this one.
    await setWorkers(standby, 2, false);
    const holder = await holdRow(standby, { database: 'app', id: 1 });
    await source.query('UPDATE app.t SET more = 2');
    await until(async () => Number(await standby.scalar('SELECT GTID_SUBSET(?, ?)', [await executed(source), `${await executed(standby)},${String((await replicaStatus(standby))['Retrieved_Gtid_Set'])}`])) === 1, 20_000, 'the change to be received');
    await app.fleet.refresh(pair.id(source));
    await source.kill();
    const stop = app.tasks.onChange((task) => {
      if (task.steps.find(({ id }) => id === 'stop')?.state === 'undoing') holder.destroy();
    });
    const { task, report } = await promote(app, request(pair.id(standby), { kind: 'emergency', discardReceived: true }));
    stop();
    expect([task.error?.code, report.outcome], JSON.stringify(task.steps)).toEqual(['may-take-hold', 'undone']);
    // It was stopped and started again, in this order: nothing of it comes later.
    expect(await standby.query("SELECT * FROM information_schema.PROCESSLIST WHERE INFO LIKE 'STOP%'")).toEqual([]);
    expect([(await replicaStatus(standby))['Replica_SQL_Running'], (await replicaStatus(standby))['Replica_IO_Running']]).toEqual(['Yes', 'Connecting']);
    await until(async () => Number(await standby.scalar('SELECT more FROM app.t')) === 2, 20_000, 'the change to be applied');
    expect(await isReadOnly(standby)).toBe(true);
  });

  test('the primary is frozen: nothing waits for it, and it is not awaited', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    await app.fleet.refresh(pair.id(source));
    source.freeze();
    try {
      const started = Date.now();
      const { report, plan } = await promote(app, request(pair.id(standby), { kind: 'emergency', timeoutSeconds: 10 }));
      expect(plan.verdict).not.toBe('source-alive');
      expect(report.outcome).toBe('done');
      expect(Date.now() - started).toBeLessThan(40_000);
      expect(await isReadOnly(standby)).toBe(false);
      expect(report.notes.map((note) => note.key)).toContain('promotion.note.source-not-fenced');
    } finally {
      source.thaw();
    }
  });

  test('what was received is applied before the standby opens', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    await standby.query(`STOP ${replica} SQL_THREAD`);
    for (let id = 1; id <= 200; id++) await source.query(`INSERT INTO app.rows_written VALUES (${id}, 1)`);
    await until(async () => Number((await standby.query<{ n: number }>(`SELECT GTID_SUBSET('${await source.scalar('SELECT @@GLOBAL.gtid_executed')}', '${(await standby.query<Record<string, string>>(status))[0]?.['Retrieved_Gtid_Set'] ?? ''},${await standby.scalar('SELECT @@GLOBAL.gtid_executed')}') AS n`))[0]?.n) === 1, 20_000, 'everything to be received');
    await app.fleet.refresh(pair.id(source));
    await source.kill();
    const { plan, report } = await promote(app, request(pair.id(standby), { kind: 'emergency' }));
    expect(plan.loss).toMatchObject({ notReceived: 0, notApplied: 200 });
    expect(report).toMatchObject({ outcome: 'done', lostTransactions: 0 });
    expect(Number(await standby.scalar('SELECT COUNT(*) FROM app.rows_written'))).toBe(200);
  });

  test('the user stops the waiting: the rest is discarded, and counted', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    await source.query('INSERT INTO app.rows_written VALUES (1, 1)');
    await until(async () => (await standby.query('SELECT 1 FROM app.rows_written')).length === 1, 20_000, 'the row');
    const holder = await standby.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM app.rows_written WHERE id = 1 LOCK IN SHARE MODE');
    await source.query('UPDATE app.rows_written SET at_ms = 2 WHERE id = 1');
    await until(async () => Number(await standby.scalar(`SELECT GTID_SUBSET('${await source.scalar('SELECT @@GLOBAL.gtid_executed')}', '${(await standby.query<Record<string, string>>(status))[0]?.['Retrieved_Gtid_Set'] ?? ''},${await standby.scalar('SELECT @@GLOBAL.gtid_executed')}')`)) === 1, 20_000, 'the update to be received');
    await app.fleet.refresh(pair.id(source));
    await source.kill();
    const plan = await app.promotion.plan(request(pair.id(standby), { kind: 'emergency', timeoutSeconds: 60 }));
    const { taskId } = await app.promotion.execute(plan.id, 'standby');
    await until(() => Promise.resolve(app.tasks.get(taskId).steps.find((step) => step.id === 'drain')?.progress !== null), 20_000, 'the drain to wait');
    expect(await codeOf(app.promotion.stopWaiting(taskId, 'nonsense'))).toBe('confirm-mismatch');
    await app.promotion.stopWaiting(taskId, 'standby');
    setTimeout(() => void holder.query('ROLLBACK').then(() => holder.end()), 1500);
    await app.tasks.whenEnded(taskId);
    const report = app.promotion.reportForTask(taskId);
    // The applier that was let go may have come to it before it stopped: what is told is what is so.
    const lost = (await standby.query('SELECT 1 FROM app.rows_written WHERE id = 1 AND at_ms = 2')).length === 0;
    expect(report).toMatchObject({ outcome: 'done', lostTransactions: lost ? 1 : 0 });
    expect(report?.notes.some((note) => note.key === 'promotion.note.discarded')).toBe(lost);
  });

  test('a primary that answers: a warning that offers the planned way, no bar; it is fenced', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    const { plan, report } = await promote(app, request(pair.id(standby), { kind: 'emergency' }));
    expect(plan.verdict).toBe('source-alive');
    expect(plan.warnings.map((warning) => warning.key)).toContain('promotion.warning.source-answers');
    expect(report.outcome).toBe('done');
    expect([await isReadOnly(source), await isReadOnly(standby)]).toEqual([true, false]);
    expect(report.notes.map((note) => note.key)).toContain(traits.superReadOnly ? 'promotion.note.source-fenced' : 'promotion.note.source-fenced-ordinary');
    expect(report).toMatchObject({ lostTransactions: 0, lostSet: '' });
  });
});
