// The opening fails at every cause, at the very moment of it: the end is told of both servers, and never is nobody able to write where a
// server could be asked. Planned and in an emergency, whose primary lives on here.
import { afterAll, afterEach, expect, test } from 'vitest';
import type { TaskView } from '../../shared/domain/tasks/task';
import type { PromotionReport } from '../../shared/domain/promotion/promotion';
import { translator } from '../../shared/i18n/translate';
import { eachSeries } from '../fixtures/matrix';
import { columns, measured } from '../fixtures/measured';
import { hasAllOf, isReadOnly, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers, type TestServer } from '../fixtures/servers';
import { missingRows, startWriter } from '../fixtures/writer';
import { watchStatements } from '../fixtures/watched-fleet';

interface Cause {
  readonly name: string;
  /** Before anything is planned. */
  prepare?(pair: PromotionPair): Promise<void>;
  /** Before which statement it strikes; the one that opens, where none is said. */
  readonly at?: RegExp;
  /** At the moment of the opening; what it returns is done once the task has ended. */
  strike(pair: PromotionPair): Promise<() => Promise<void>>;
  /** The server cannot be asked, so that it may be open: nobody writes until it can. */
  readonly silent?: boolean;
}

eachSeries('promotion-opening-faults', (series, traits, words) => {
  let pair: PromotionPair | null = null;
  const table: string[][] = [];
  afterEach(async () => {
    await pair?.dispose();
    await disposeServers();
    pair = null;
  });
  afterAll(() => measured(...columns(table)));

  /** The login that the application has on a server, in the words of the series. */
  const limit = (server: TestServer, updates: number): Promise<unknown> =>
    server.query(`${traits.since57 ? 'ALTER USER' : 'GRANT USAGE ON *.* TO'} '${server.user}'@'%' WITH MAX_UPDATES_PER_HOUR ${updates}`);
  const opening = /^SET GLOBAL read_only = (?:OFF|0)/;

  const causes: readonly Cause[] = [
    {
      name: 'kill standby',
      async strike({ standby }) {
        await standby.kill();
        // Before 8.0 a server keeps nothing of what was set: its option file closes it.
        const line = traits.superReadOnly ? '--super-read-only=ON' : '--read-only=ON';
        return () => standby.start(traits.persist ? [] : [line]);
      },
    },
    { name: 'hang', silent: true, strike: async ({ standby }) => { standby.freeze(); return async () => standby.thaw(); } },
    {
      name: 'max_connections',
      async strike({ standby }) {
        const keeper = await standby.connect({ user: 'root' });
        await keeper.query('SET GLOBAL max_connections = 1');
        return async () => {
          await keeper.query('SET GLOBAL max_connections = 151');
          keeper.destroy();
        };
      },
    },
    {
      name: 'quota of the account',
      // A quota counts for sessions that were opened while there was one.
      async prepare({ source, standby }) {
        await limit(source, 100_000);
        await until(() => hasAllOf(standby, source), 20_000, 'the quota');
      },
      at: /^REPLACE INTO antipode\.probe/,
      async strike({ standby }) {
        await standby.query(`SET SESSION sql_log_bin = 0; ${traits.since57 ? 'ALTER USER' : 'GRANT USAGE ON *.* TO'} '${standby.user}'@'%' WITH MAX_UPDATES_PER_HOUR 1`);
        return async () => {
          if (!(await isReadOnly(standby))) await limit(standby, 0);
        };
      },
    },
  ];
  const kinds = ['planned', 'emergency'] as const;
  const texts = (report: PromotionReport | null): string => (report?.notes ?? []).map((note) => translator('en').message(note)).join('\n');

  async function recover(app: PromotionPair['app']): Promise<string> {
    const said: string[] = [];
    for (let round = 0; round < 4; round++) {
      const left = await app.tasks.recoverable();
      if (left.length === 0) break;
      for (const { task, verdict } of left) {
        said.push(verdict);
        if (verdict === 'can-undo') await app.tasks.undoInterrupted(task.id);
        else await app.tasks.resumeInterrupted(task.id);
        await app.tasks.whenEnded(task.id);
      }
    }
    return said.join(', ');
  }

  test.each(causes.flatMap((cause) => kinds.map((kind) => ({ kind, cause, name: cause.name }))))('$kind: $name', async ({ kind, cause }) => {
    let struck: (() => Promise<void>) | null = null;
    let begun = false;
    const opened = await startPair({
      series,
      around: (fleet) => watchStatements(fleet, async (sql) => {
        if (begun || pair === null || !(cause.at ?? opening).test(sql)) return;
        begun = true;
        struck = await cause.strike(pair);
      }),
    });
    pair = opened;
    const { source, standby, app } = opened;
    await cause.prepare?.(opened);
    const writer = await startWriter({ servers: [source, standby], privileged: false });
    let report: PromotionReport | null = null;
    let task: TaskView;
    try {
      const plan = await app.promotion.plan(request(opened.id(standby), { kind, timeoutSeconds: 8 }));
      const { taskId } = await app.promotion.execute(plan.id, plan.phrase ?? '');
      task = await app.tasks.whenEnded(taskId);
      expect(begun, JSON.stringify(task.error)).toBe(true);
      report = app.promotion.reportForTask(taskId);
      const left = await app.tasks.recoverable();
      // Whatever it came to, it is told: by the report, with where both stand, and by what can be done next.
      expect(report, JSON.stringify(task.error)).not.toBeNull();
      if (report?.outcome !== 'done') expect(texts(report)).toMatch(/primary (?:takes|refuses|does not)|Read at the end/);
      const writes = (cause.silent === true || !standby.isRunning() ? [source] : [source, standby]).map((server) => isReadOnly(server));
      const nobody = (await Promise.all(writes)).every((readOnly) => readOnly);
      if (nobody) expect([cause.silent, left.length], `nobody can write: ${texts(report)}`).toEqual([true, 1]);
      await (struck as (() => Promise<void>) | null)?.();
      const said = await recover(app);
      const states = await Promise.all([source, standby].map(isReadOnly));
      table.push([kind, cause.name, `${task.state}${task.error === null ? '' : ` (${task.error.code})`}`, report?.outcome ?? '', nobody ? 'nobody, and told' : 'somebody', said]);
      expect(await app.tasks.recoverable()).toEqual([]);
      if (kind === 'planned') expect(states.filter((readOnly) => !readOnly), texts(report)).toHaveLength(1);
      else expect(states).toContain(false);
    } finally {
      const rows = await writer.stop();
      const writable = (await isReadOnly(source)) ? standby : source;
      if (kind === 'planned') expect(await missingRows(writable, rows)).toEqual([]);
    }
    // Taken back, the standby follows again.
    if (report?.outcome === 'undone' && standby.isRunning() && (await isReadOnly(standby))) {
      await standby.query(`START ${words.replica}`).catch(() => undefined);
      await until(() => hasAllOf(standby, source), 30_000, 'the standby to follow again');
    }
  });
});
