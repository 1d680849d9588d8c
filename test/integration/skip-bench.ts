// A pair with a link, whose standby is written to behind its source's back: what the tests of skipped transactions stand on.
import { expect } from 'vitest';
import { parseGtidSet } from '../../shared/domain/gtid/set';
import type { SyncTaskView } from '../../shared/domain/sync/sync';
import { errorOf } from '../../shared/errors/codes';
import { applierStopped, replicaStatus } from '../fixtures/applier-workers';
import { commitEmpty } from '../fixtures/empty-transaction';
import { traitsOf, wordsOf, type Series } from '../fixtures/series';
import { startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

export const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (thrown) {
    return errorOf(thrown).code;
  }
  return 'none';
};

export class SkipBench {
  private constructor(
    readonly source: TestServer,
    readonly standby: TestServer,
    /** The application that runs. */
    public bench: Bench,
    /** Of the sync task. */
    readonly id: string,
  ) {}

  static async open(series: Series): Promise<SkipBench> {
    const { source, standby } = await startServers({ source: { series, durability: 'relaxed' }, standby: { series, durability: 'relaxed' } });
    await source.query('CREATE DATABASE kept; CREATE TABLE kept.t (id INT PRIMARY KEY)');
    const bench = await openBench({ source, standby });
    const view = await bench.run(bench.spec('source', 'standby'));
    expect(view.state, JSON.stringify(trouble(view), null, 1)).toBe('replicating');
    return new SkipBench(source, standby, bench, view.id);
  }

  async close(): Promise<void> {
    await this.bench.close();
    remove(this.bench.folder);
  }

  get view(): SyncTaskView {
    return this.bench.sync.get(this.id);
  }

  /** Starts the application anew over the same folder; `between`: while none runs. */
  async restart(between: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.bench.close();
    await between().finally(async () => {
      this.bench = await openBench({ source: this.source, standby: this.standby }, this.bench.folder);
    });
  }

  /** Writes on the standby as nobody should. */
  async tamper(sql: string): Promise<void> {
    const [open, closed] = traitsOf(this.standby.series).superReadOnly ? ['SET GLOBAL super_read_only = OFF; ', '; SET GLOBAL super_read_only = ON'] : ['', ''];
    await this.standby.query(`${open}SET SESSION sql_log_bin = 0; ${sql}; SET SESSION sql_log_bin = 1${closed}`);
  }

  status(): Promise<Readonly<Record<string, unknown>>> {
    return replicaStatus(this.standby);
  }

  stopped(): Promise<void> {
    return applierStopped(this.standby);
  }

  /** Runs statements on the source and waits until the standby has them. */
  async make(sql: string): Promise<void> {
    await this.source.query(sql);
    await this.caughtUp();
  }

  async caughtUp(): Promise<void> {
    const target = (await this.source.scalar('SELECT @@GLOBAL.gtid_executed'))!;
    await until('the standby has what the source has', async () => (await this.standby.scalar<number>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [target])) === 1, 60_000);
  }

  /** The transaction that the source numbered last. */
  async last(): Promise<string> {
    const uuid = (await this.source.scalar('SELECT @@server_uuid'))!;
    const executed = parseGtidSet((await this.source.scalar('SELECT @@GLOBAL.gtid_executed'))!);
    return `${uuid}:${String(executed.onlyFrom(uuid).byUuid()[0]?.intervals.at(-1)?.[1])}`;
  }

  async verified(): Promise<SyncTaskView> {
    await this.bench.sync.skips.verify(this.id);
    return this.bench.sync.whenSettled(this.id);
  }

  /** Whatever a case left: what waits is passed over, its databases go on both sides, the link runs and bears no mark. */
  async putBack(...databases: readonly string[]): Promise<void> {
    const { replica } = wordsOf(this.standby.series);
    if ((await this.status())['Replica_SQL_Running'] === 'No') {
      await this.passWaiting();
      await this.standby.query(`START ${replica} SQL_THREAD`);
    }
    await this.make(databases.map((name) => `DROP DATABASE IF EXISTS ${name}`).join('; '));
    await this.bench.fleet.refresh(this.bench.ids['standby']!);
    if (this.view.needsVerification !== null) expect(await this.verified()).toMatchObject({ needsVerification: null });
    expect(this.view, JSON.stringify(trouble(this.view), null, 1)).toMatchObject({ state: 'replicating', needsVerification: null });
  }

  private async passWaiting(): Promise<void> {
    const { Retrieved_Gtid_Set: received, Executed_Gtid_Set: executed } = await this.status();
    const waiting = parseGtidSet(String(received)).subtract(parseGtidSet(String(executed)));
    for (const { uuid, intervals } of waiting.byUuid()) {
      for (const [first, end] of intervals) {
        for (let number = first; number <= end; number += 1n) await commitEmpty(this.standby, `${uuid}:${String(number)}`);
      }
    }
  }
}
