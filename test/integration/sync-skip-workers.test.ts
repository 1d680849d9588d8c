// Several workers of an applier fail side by side: of the transactions in the way the first in the source's order is named, whichever
// failed first or last and whatever it is numbered, and the others are listed.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { applyInOrder, failSideBySide, holdRow, setWorkers, toldToFail, writeApart } from '../fixtures/applier-workers';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import { SkipBench } from './skip-bench';

// One database each: before 5.7 workers share them out.
const databases = ['c0', 'c1', 'c2', 'c3'];
const rivals = databases.map((database) => ({ database, id: 1 }));

eachSeries('sync-skip-workers', (series, traits) => {
  let at: SkipBench;
  let takeBack: (() => Promise<void>) | null = null;

  beforeAll(async () => {
    at = await SkipBench.open(series);
  });
  afterEach(async () => {
    await at.putBack(...databases);
    await takeBack?.();
    takeBack = null;
    await at.putBack(...databases);
  });
  afterAll(async () => {
    await at?.close();
    await disposeServers();
  });

  /** Four tables, of which the standby holds a row of its own in those that are named. */
  const plant = async (keepsOrder: boolean, tampered: readonly string[]): Promise<void> => {
    takeBack = await setWorkers(at.standby, 4, keepsOrder);
    await at.make(databases.map((database) => `CREATE DATABASE ${database}; CREATE TABLE ${database}.t (id INT PRIMARY KEY)`).join('; '));
    await at.tamper(tampered.map((database) => `INSERT INTO ${database}.t VALUES (1)`).join('; '));
  };

  /** No record says which failed: nothing is named before one worker has met them in their order. */
  const refusesToGuess = async (count = databases.length): Promise<void> => {
    await expect(at.bench.sync.skips.plan(at.id)).rejects.toMatchObject({ error: { code: 'stop-unclear', params: { name: 'standby', count } } });
    await applyInOrder(at.standby);
  };

  describe.each(traits.since57 ? [true, false] : [false])('order of commits kept: %s', (keepsOrder) => {
    it('names the first in the order of the source and lists the others, until none is left', async () => {
      await plant(keepsOrder, databases);
      const gtids = await failSideBySide(at.source, at.standby, rivals, [1, 3, 0, 2]);
      const { skips } = at.bench.sync;
      const left = [...gtids];
      let told = await toldToFail(at.standby, gtids);
      if (told.length === 0) {
        await refusesToGuess();
        told = gtids.slice(0, 1);
      }
      const plan = await skips.plan(at.id);
      if (traits.since80) expect(told).toEqual(gtids);
      const first = gtids.indexOf(told[0]!);
      expect(plan).toMatchObject({ gtid: gtids[first], errno: 1062, transaction: { changes: [{ database: databases[first] }] } });
      // What stands before the first that is told was not applied either.
      expect(plan.inTheWay.map(({ gtid, errno }) => [gtid, errno]))
        .toEqual([...gtids.slice(0, first).map((gtid) => [gtid, null]), ...told.map((gtid) => [gtid, 1062])]);
      for (let { gtid } = plan; ;) {
        const { outcome, stopped, sync } = await skips.skip({ id: at.id, gtid, phrase: 'standby' });
        left.splice(left.indexOf(gtid), 1);
        if (outcome === 'runs') {
          expect(sync.needsVerification?.gtids.toSorted()).toEqual(gtids.toSorted());
          break;
        }
        if (stopped === null) await refusesToGuess(left.length);
        const next = stopped ?? (await skips.plan(at.id));
        expect(next.inTheWay.every((one) => left.includes(one.gtid)), JSON.stringify(next)).toBe(true);
        ({ gtid } = next);
      }
      expect(left).toEqual([]);
      expect((await at.verified()).needsVerification).toBeNull();
    });

    it('goes by the order of the log where the numbers are of several servers', async () => {
      await plant(keepsOrder, databases);
      const stamp = String(Date.now()).padStart(12, '0').slice(-12);
      const foreign = ['ffffffff', '00000000', '99999999', '11111111'].map((start) => `${start}-0000-0000-0000-${stamp}:1`);
      await failSideBySide(at.source, at.standby, rivals.map((rival, index) => ({ ...rival, gtid: foreign[index]! })), [3, 1, 2, 0]);
      let [first] = await toldToFail(at.standby, foreign);
      if (first === undefined) {
        await refusesToGuess();
        [first] = foreign;
      }
      const { gtid, inTheWay } = await at.bench.sync.skips.plan(at.id);
      expect([gtid, inTheWay[0]?.gtid]).toEqual([first, foreign[0]]);
      if (traits.since80) expect(inTheWay.map((one) => one.gtid)).toEqual(foreign);
    });

    it('leaves out what failed in none but waits for its turn', async () => {
      await plant(keepsOrder, ['c0']);
      const holder = await holdRow(at.standby, rivals[0]!);
      const gtids = await writeApart(at.source, rivals);
      // The others are applied, or stand before their commit.
      await waitUntil('the others are as far as they come', async () => {
        const executed = (await at.standby.scalar('SELECT @@GLOBAL.gtid_executed'))!;
        const waiting = await at.standby.query<{ State: string }>("SELECT STATE AS State FROM information_schema.PROCESSLIST WHERE USER = 'system user'");
        const done = await at.standby.scalar<number>('SELECT GTID_SUBSET(?, ?)', [gtids.slice(1).join(','), executed]);
        return done === 1 || waiting.filter(({ State }) => /preceding transaction to commit/i.test(State)).length === 3;
      }, 180_000);
      await holder.end();
      await at.stopped();
      const plan = await at.bench.sync.skips.plan(at.id);
      expect(plan).toMatchObject({ gtid: gtids[0], errno: 1062 });
      expect(plan.inTheWay.map(({ gtid }) => gtid)).toEqual([gtids[0]]);
      // What the reading of the fleet shows is that one too.
      const view = await at.bench.fleet.refresh(at.bench.ids['standby']!);
      expect(view.facts?.channels[0]?.applierError).toMatchObject({ errno: 1062, text: expect.stringContaining('c0.t') as string });
      expect(await at.bench.sync.skips.skip({ id: at.id, gtid: gtids[0]!, phrase: 'standby' })).toMatchObject({ outcome: 'runs' });
      await at.caughtUp();
    });
  });
});
