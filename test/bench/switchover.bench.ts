// Time without writes of a planned switchover, beside the raw SQL floor on the same pair: a client in a process of its
// own writes every millisecond all the while. Run by `npm run bench`; prints both medians and their ratio.
import { hasAllOf, promote, replicateFrom, replication, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers, type TestServer } from '../fixtures/servers';
import { startWriter } from '../fixtures/writer';

const runs = Number(process.env['ANTIPODE_BENCH_RUNS'] ?? '7');
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const shown = (values: readonly number[]): string => values.map((value) => value.toFixed(1)).join(' ');

/** One after the other, no proof of anything, no journal: what the servers themselves need. */
async function rawSwitchover(source: TestServer, standby: TestServer): Promise<number> {
  const [s, t] = await Promise.all([source.connect(), standby.connect()]);
  try {
    const started = performance.now();
    await s.query('SET GLOBAL super_read_only = ON');
    const [rows] = await s.query('SELECT @@GLOBAL.gtid_executed AS executed');
    await t.query('SELECT WAIT_FOR_EXECUTED_GTID_SET(?, 10)', [(rows as { executed: string }[])[0]?.executed]);
    await t.query('STOP REPLICA');
    await t.query('SET GLOBAL super_read_only = OFF');
    await t.query('SET GLOBAL read_only = OFF');
    await t.query("REPLACE INTO antipode.probe (id, token, at_utc) VALUES (1, 'floor', UTC_TIMESTAMP(6))");
    return performance.now() - started;
  } finally {
    await Promise.all([s.end(), t.end()]);
  }
}

/** After a raw switchover: the old primary follows the new one, as ours does by itself. */
async function reverse(pair: PromotionPair, oldPrimary: TestServer, newPrimary: TestServer): Promise<void> {
  await newPrimary.query("SET PERSIST read_only = OFF; RESET REPLICA ALL");
  await replicateFrom(oldPrimary, newPrimary);
  await settled(pair, newPrimary, oldPrimary);
}

/** The next run begins with a caught-up pair that the application knows as it is. */
async function settled(pair: PromotionPair, primary: TestServer, standby: TestServer): Promise<void> {
  await until(() => hasAllOf(standby, primary), 20_000, 'the standby to catch up');
  const { fleet } = pair.app;
  await fleet.setSecret(`replication/${pair.id(primary)}`, JSON.stringify(replication));
  await fleet.setIntent(pair.id(primary), { kind: 'none' });
  await fleet.setIntent(pair.id(standby), { kind: 'replica', sourceId: pair.id(primary) });
  await Promise.all([primary, standby].map((server) => fleet.refresh(pair.id(server))));
}

/** Measures `runs` switchovers of ours and as many raw ones, in turn, on one pair. */
export default async function switchover(): Promise<void> {
  const pair = await startPair({ series: '9.7' });
  const ours: number[] = [];
  const gaps: number[] = [];
  const floor: number[] = [];
  let [primary, standby] = [pair.source, pair.standby];
  try {
    for (let run = 0; run < runs; run++) {
      const writer = await startWriter({ servers: [primary, standby], privileged: false, firstId: run * 1_000_000 + 1, everyMs: 1 });
      const { report } = await promote(pair.app, request(pair.id(standby)));
      if (report.outcome !== 'done') throw new Error(`The switchover ended as ${report.outcome}`);
      await until(() => Promise.resolve(writer.acknowledged().at(-1)?.port === standby.port), 20_000, 'the writer to follow');
      await writer.stop();
      ours.push(report.outageMs ?? Number.NaN);
      gaps.push(writer.longestGapMs());
      [primary, standby] = [standby, primary];
      await settled(pair, primary, standby);

      const other = await startWriter({ servers: [primary, standby], privileged: false, firstId: run * 1_000_000 + 500_001, everyMs: 1 });
      floor.push(await rawSwitchover(primary, standby));
      await other.stop();
      await reverse(pair, primary, standby);
      [primary, standby] = [standby, primary];
    }
  } finally {
    await pair.dispose();
    await disposeServers();
  }
  console.log(
    [
      `switchover, ${runs} runs, MySQL 9.7, two servers on one machine, one client writing every millisecond`,
      `  ours, fence to first write accepted: median ${median(ours).toFixed(1)} ms   (${shown(ours)})`,
      `  ours, longest gap the client saw:    median ${median(gaps).toFixed(1)} ms   (${shown(gaps)})`,
      `  raw SQL floor:                       median ${median(floor).toFixed(1)} ms   (${shown(floor)})`,
      `  ratio ours / floor: ${(median(ours) / median(floor)).toFixed(2)}`,
    ].join('\n'),
  );
}
