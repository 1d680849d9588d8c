// `antipode gtid` as its users run it.
import { afterAll, beforeAll, expect } from 'vitest';
import { followByPosition, followed, running, rungs, standOf } from '../fixtures/gtid-topology';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { startServer, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal, type TerminalAnswer } from '../fixtures/terminal';
import { waitUntil } from '../fixtures/wait';

interface GtidAnswer {
  readonly ok: boolean;
  readonly state?: string;
  readonly startedInBackground?: boolean;
  readonly plan?: {
    readonly phrase: string;
    readonly servers: readonly { readonly name: string; readonly configLines: readonly string[] }[];
    readonly steps: readonly {
      readonly id: string;
      readonly titleText: string;
      readonly wayBackText: string;
      readonly sql: readonly { readonly server: string; readonly sql: string }[];
    }[];
    readonly preconditions: readonly { readonly id: string; readonly status: string; readonly measuredText: string; readonly remedyText: string | null }[];
  };
}

const answerOf = (answer: TerminalAnswer): GtidAnswer => answer.json as unknown as GtidAnswer;

eachSeries('gtid-terminal', (series, _traits, words) => {
  const { off, on } = rungs(series);
  let gz: TestServer;
  let sh: TestServer;
  let old: TestServer;
  let terminal: Terminal;
  beforeAll(async () => {
    [gz, sh, old] = await Promise.all([startServer({ series, name: 'gz', gtid: false }), startServer({ series, name: 'sh', gtid: false }), startServer({ series: '5.6', name: 'old', gtid: false })]);
    await gz.query(words.makeAccount("repl@'%'", 'repl-Passw0rd!', 'REPLICATION SLAVE ON *.*'));
    await followByPosition(sh, gz);
    await gz.query('CREATE DATABASE app; CREATE TABLE app.t (id INT PRIMARY KEY)');
    terminal = openTerminal();
    await terminal.register('orders-gz', 'Guangzhou', gz);
    await terminal.register('orders-sh', 'Shanghai', sh);
    await terminal.register('old-cd', 'Chengdu', old);
  });
  afterAll(async () => {
    terminal?.dispose();
    await Promise.all([gz, sh, old].map((server) => server?.dispose()));
  });

  const step = journey('GTIDs are turned on from the terminal');

  step('prints the plan, asked of any server of the topology', async () => {
    const answer = await terminal.run('gtid', 'plan', 'orders-sh');
    expect(answer.code).toBe(0);
    const { ok, plan } = answerOf(answer);
    expect(ok).toBe(true);
    expect(plan?.phrase).toBe('orders-gz');
    expect(plan?.servers.map(({ name }) => name)).toEqual(['orders-gz', 'orders-sh']);
    expect(plan?.steps.map(({ id }) => id)).toEqual(['warn', 'watch', 'enforce', 'off-permissive', 'on-permissive', 'drain', 'on', 'auto-position', 'confirm']);
    expect(plan?.steps.find(({ id }) => id === 'auto-position')?.sql.map(({ server, sql }) => `${server}> ${sql}`)).toContain(`orders-sh> ${words.changeSource} ${words.source}_AUTO_POSITION = 1 FOR CHANNEL ''`);
  });

  step('refuses 5.6 with the lines for its option file', async () => {
    const answer = await terminal.run('gtid', 'plan', 'old-cd');
    expect(answer.code).toBe(3);
    const { ok, plan } = answerOf(answer);
    expect(ok).toBe(false);
    expect(plan?.servers).toMatchObject([{ name: 'old-cd', configLines: ['gtid_mode = ON', 'enforce_gtid_consistency = ON'] }]);
    expect(plan?.preconditions.find(({ id }) => id === 'versions')).toMatchObject({ status: 'fail', remedyText: expect.stringContaining('option file') as string });
    expect(await terminal.run('gtid', 'enable', 'old-cd', '--confirm', 'old-cd', '--wait')).toMatchObject({ code: 3, json: { ok: false, error: { code: 'precondition-failed' } } });
  });

  step('asks for the name of the source, and changes nothing without it', async () => {
    expect(await terminal.run('gtid', 'enable', 'orders-gz')).toMatchObject({ code: 2, json: { error: { code: 'confirm-missing' } } });
    expect(await terminal.run('gtid', 'enable', 'orders-gz', '--confirm', 'orders-sh', '--wait')).toMatchObject({ code: 3, json: { error: { code: 'confirm-mismatch' } } });
    const dry = await terminal.run('gtid', 'enable', 'orders-gz', '--dry-run');
    expect(dry).toMatchObject({ code: 0, json: { ok: true, dryRun: true } });
    expect(await Promise.all([gz, sh].map(standOf))).toEqual([off, off]);
  });

  step('without --wait it runs in the background to its end', async () => {
    const answer = await terminal.run('gtid', 'enable', 'orders-gz', '--confirm', 'orders-gz', '--watch', '1');
    expect(answer).toMatchObject({ code: 0, json: { ok: true, startedInBackground: true } });
    await waitUntil('both to be on', async () => (await Promise.all([gz, sh].map(standOf))).every((stand) => stand === on), 60_000);
    await waitUntil('the replica to follow by GTID', async () => JSON.stringify(await followed(sh)) === JSON.stringify(running('1')), 60_000);
    await waitUntil('the record of it', async () => (await terminal.run('audit')).json.entries.some(({ action, outcome }) => action === 'gtid.change' && outcome === 'done'), 60_000, 500);
    // Then there is nothing left to do.
    const again = await terminal.run('gtid', 'enable', 'orders-gz', '--confirm', 'orders-gz', '--wait');
    expect(again).toMatchObject({ code: 3, json: { error: { code: 'precondition-failed' } } });
  });

  step('with --wait it ends when the change has', async () => {
    const alone = await startServer({ series, name: 'alone', gtid: false });
    try {
      await terminal.register('alone-cd', 'Chengdu', alone);
      const done = await terminal.run('gtid', 'enable', 'alone-cd', '--confirm', 'alone-cd', '--watch', '0', '--wait');
      expect(done).toMatchObject({ code: 0, json: { ok: true, state: 'done' } });
      expect(done.stderr).toContain('ON_PERMISSIVE');
      expect(await standOf(alone)).toBe(on);
    } finally {
      await alone.dispose();
    }
  });
});
