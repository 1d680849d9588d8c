import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { startServer, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';

/** Waits for a condition; fails with what was seen last. */
async function until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean, limitMs = 20_000): Promise<Value> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > end) throw new Error(`Not so within ${limitMs} ms; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

// The main job from the terminal.
eachSeries('terminal-journey', (series, { superReadOnly }) => {
  let north: TestServer;
  let south: TestServer;
  let terminal: Terminal;

  beforeAll(async () => {
    [north, south] = await Promise.all([startServer({ series, name: 'north' }), startServer({ series, name: 'south' })]);
    terminal = openTerminal();
    await north.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(64)) ENGINE=InnoDB');
    await north.query("INSERT INTO shop.orders (note) VALUES ('one'), ('two'), ('three')");
    await north.query("CREATE USER 'app'@'%' IDENTIFIED BY 'app-password'; GRANT ALL ON shop.* TO 'app'@'%'");
  });
  afterAll(async () => {
    terminal.dispose();
    await Promise.all([north.dispose(), south.dispose()]);
  });

  const step = journey('registered, protected, switched over and back, and promoted once the primary is dead');

  /** The operations by their own commands, as they are used on an instance. */
  const operationsOn = (name: string, gtid = '00000000-0000-0000-0000-000000000001:1'): readonly (readonly [string, ...string[]])[] => [
    ['project', 'transfer', name, '--out'],
    ['account', 'grant', name, 'app@%', 'PROCESS ON *.*'],
    ['param', 'set', name, 'max_connections=321'],
    ['charset', 'plan', name, '--to', 'utf16', '--scope', 'shop', '--no-tables'],
    ['sql', name, '--write', '-e', "INSERT INTO shop.orders (id, note) VALUES (1000, 'by sql')"],
    ['rollback', 'undo', name, gtid, '--dry-run'],
  ];

  step('registers both, and refuses the same server under another name', async () => {
    expect(await terminal.register('orders-gz', 'Guangzhou', north)).toMatchObject({ code: 0, json: { ok: true, region: 'Guangzhou', role: 'stand-alone' } });
    expect(await terminal.register('orders-sh', 'Shanghai', south)).toMatchObject({ code: 0, json: { ok: true } });
    const again = await terminal.register('orders-copy', 'Chengdu', north);
    expect(again).toMatchObject({ code: 3, json: { ok: false, error: { code: 'same-server', params: { name: 'orders-gz' } } } });
    const list = await terminal.run('instance', 'list');
    expect(list.json.instances.map((one) => one.name).sort()).toEqual(['orders-gz', 'orders-sh']);
    // The region of the refused one is not left behind.
    expect((await terminal.run('region', 'list')).json.regions.map((one) => one.name).sort()).toEqual(['Guangzhou', 'Shanghai']);
  });

  step('checks the pair', async () => {
    const answer = await terminal.run('check', 'orders-gz', 'orders-sh');
    const failed = answer.json.checks.filter((one) => one.status === 'fail' || one.status === 'error');
    expect(failed).toEqual([]);
    expect(answer.code).toBe(0);
  });

  step('adds the standby; rows that were there and rows that come arrive', async () => {
    const answer = await terminal.run('sync', 'create', 'orders-gz', 'orders-sh', '--name', 'orders', '--start', '--accept-warnings', '--wait');
    expect(answer, answer.stderr + answer.stdout).toMatchObject({ code: 0, json: { state: 'replicating' } });
    expect(await south.scalar('SELECT COUNT(*) FROM shop.orders')).toBe(3);
    await north.query("INSERT INTO shop.orders (note) VALUES ('four')");
    await until(() => south.scalar<number>('SELECT COUNT(*) FROM shop.orders'), (count) => count === 4);
    const status = await terminal.run('status', 'orders-sh');
    expect(status.json).toMatchObject({ role: 'standby', source: 'orders-gz', lag: { state: 'caught-up', toReceive: 0, toApply: 0 } });
    expect((await terminal.run('status', 'orders-gz')).json).toMatchObject({ role: 'primary', protectedBy: ['orders-sh'] });
  });

  step('locks the ten operations on the standby, in the engine too', async () => {
    const list = await terminal.run('operation', 'list', 'orders-sh');
    expect(list.json.operations).toHaveLength(10);
    for (const { operation, state, reason } of list.json.operations) {
      expect({ operation, state, reason }).toEqual({ operation, state: 'locked', reason: 'standby' });
      expect(await terminal.run('operation', 'run', 'orders-sh', operation)).toMatchObject({ code: 3, json: { error: { code: 'operation-locked' } } });
    }
    // Each by its own command as well.
    for (const command of [...operationsOn('orders-sh'), ['port', 'plan', 'orders-sh', '--report', '3399'], ['read-only', 'add', 'orders-sh', 'orders-gz']]) {
      const answer = await terminal.run(...command);
      expect(answer, `${command.join(' ')}: ${answer.stdout}${answer.stderr}`).toMatchObject({ code: 3, json: { error: { code: 'operation-locked' } } });
    }
  });

  step('switches over as planned: nothing lost, the old primary refuses and follows', async () => {
    expect(await terminal.run('promote', 'orders-sh', '--planned', '--confirm', 'orders-gz')).toMatchObject({ code: 3, json: { error: { code: 'confirm-mismatch' } } });
    const plan = await terminal.run('promote', 'orders-sh', '--planned', '--dry-run');
    expect(plan, plan.stdout).toMatchObject({ code: 0, json: { dryRun: true } });
    const answer = await terminal.run('promote', 'orders-sh', '--planned', '--confirm', 'orders-sh');
    expect(answer, answer.stdout).toMatchObject({ code: 0, json: { ok: true, lostTransactions: 0 } });
    expect(answer.json.outageMs).toBeGreaterThan(0);
    expect(answer.json.steps.every((step) => step.id !== '' && step.ms >= 0 && Array.isArray(step.sql))).toBe(true);

    const writer = await south.connect();
    await writer.query("INSERT INTO shop.orders (note) VALUES ('written on the new primary')");
    await writer.end();
    await until(() => north.scalar<number>('SELECT COUNT(*) FROM shop.orders'), (count) => count === 5);
    const application = await north.connect({ user: 'app', password: 'app-password' });
    await expect(application.query("INSERT INTO shop.orders (note) VALUES ('on the old primary')")).rejects.toMatchObject({ errno: 1290 });
    await application.end();
    expect((await terminal.run('status', 'orders-gz')).json).toMatchObject({ role: 'standby', source: 'orders-sh' });
    expect((await terminal.run('operation', 'list', 'orders-sh')).json.operations.every((one) => one.state === 'allowed')).toBe(true);
  });

  step('unlocks every operation with it: each is used on the new primary, and refused on the old one', async () => {
    const uuid = String(await south.scalar('SELECT @@server_uuid'));
    const executed = String(await south.scalar('SELECT @@GLOBAL.gtid_executed')).replaceAll(/\s/g, '').split(',');
    // The last one is the row that was written on the new primary.
    const own = `${uuid}:${executed.find((one) => one.startsWith(uuid))?.split(/[:-]/).at(-1) ?? ''}`;
    for (const command of operationsOn('orders-sh', own)) {
      const answer = await terminal.run(...command);
      expect(answer, `${command.join(' ')}: ${answer.stdout}${answer.stderr}`).toMatchObject({ code: 0 });
    }
    // Planned: whether its port comes from the command line is another matter.
    expect(await terminal.run('port', 'plan', 'orders-sh', '--report', '3399')).toMatchObject({ json: { plan: { wanted: { report_port: 3399 } } } });
    for (const command of operationsOn('orders-gz')) expect(await terminal.run(...command), command.join(' ')).toMatchObject({ code: 3, json: { error: { code: 'operation-locked' } } });
    expect(await south.scalar("SELECT Process_priv FROM mysql.user WHERE User = 'app'")).toBe('Y');
    expect(await south.scalar('SELECT @@GLOBAL.max_connections')).toBe(321);
    expect(await terminal.run('sql', 'orders-sh', '--write', '-e', "DELETE FROM shop.orders WHERE note = 'by sql'")).toMatchObject({ code: 0 });
  });

  step('switches back in the same way, with what was written meanwhile', async () => {
    const answer = await terminal.run('promote', 'orders-gz', '--planned', '--confirm', 'orders-gz');
    expect(answer, answer.stdout).toMatchObject({ code: 0, json: { ok: true, lostTransactions: 0 } });
    const writer = await north.connect();
    await writer.query("INSERT INTO shop.orders (note) VALUES ('at home again')");
    await writer.end();
    await until(() => south.scalar<number>('SELECT COUNT(*) FROM shop.orders'), (count) => count === 6);
    expect((await terminal.run('status', 'orders-sh')).json).toMatchObject({ role: 'standby', source: 'orders-gz', lag: { state: 'caught-up' } });
  });

  step('promotes in an emergency once the primary is dead, and says what was lost', async () => {
    const rows = await south.scalar<number>('SELECT COUNT(*) FROM shop.orders');
    await north.kill();
    // What the task once reached is not what its link does now.
    await until(async () => (await terminal.text('sync', 'list')).stdout, (text) => /^orders +orders-gz → orders-sh +not replicating/m.test(text));
    const answer = await terminal.run('promote', 'orders-sh', '--emergency', '--confirm', 'orders-sh');
    expect(answer, answer.stdout).toMatchObject({ code: 0, json: { ok: true, kind: 'emergency' } });
    expect(answer.json).toHaveProperty('lostTransactions');
    const writer = await south.connect();
    await writer.query("INSERT INTO shop.orders (note) VALUES ('after the fire')");
    await writer.end();
    expect(await south.scalar('SELECT COUNT(*) FROM shop.orders')).toBe((rows ?? 0) + 1);
    expect((await terminal.run('audit')).json.entries.length).toBeGreaterThan(3);
  });

  step('fences the old primary that came back writable, on its typed name', async () => {
    await north.start();
    await north.query('SET GLOBAL read_only = OFF');
    const application = await north.connect({ user: 'app', password: 'app-password' });
    await application.query("INSERT INTO shop.orders (note) VALUES ('split brain')");
    expect(await terminal.run('fence', 'orders-gz', '--confirm', 'orders-sh')).toMatchObject({ code: 3, json: { error: { code: 'confirm-mismatch' } } });
    const fenced = await terminal.run('fence', 'orders-gz', '--confirm', 'orders-gz');
    expect(fenced, fenced.stdout).toMatchObject({ code: 0, json: { ok: true } });
    application.destroy();
    const again = await north.connect({ user: 'app', password: 'app-password' });
    await expect(again.query("INSERT INTO shop.orders (note) VALUES ('refused')")).rejects.toMatchObject({ errno: 1290 });
    await again.end();
    expect(await north.scalar<number>('SELECT @@GLOBAL.read_only')).toBe(1);
    if (superReadOnly) expect(await north.scalar<number>('SELECT @@GLOBAL.super_read_only')).toBe(1);
  });

  step('comes home: what only the old primary has is given up by its word, it is seeded anew, proven equal, and switched back to', async () => {
    const plan = await terminal.run('failback', 'plan', 'orders-gz');
    expect(plan, plan.stdout).toMatchObject({ code: 0, json: { failback: { startedAt: null, oldName: 'orders-gz', successorName: 'orders-sh' } } });
    expect(plan.json.failback.divergence?.count).toBeGreaterThan(0);
    expect(await terminal.run('failback', 'start', 'orders-gz', '--confirm', 'orders-sh')).toMatchObject({ code: 3, json: { error: { code: 'confirm-mismatch' } } });
    expect(await terminal.run('failback', 'start', 'orders-gz')).toMatchObject({ code: 2, json: { error: { code: 'confirm-missing', params: { expected: 'orders-gz' } } } });
    expect(await terminal.run('failback', 'start', 'orders-gz', '--dry-run')).toMatchObject({ code: 0, json: { dryRun: true, failback: { startedAt: null, next: plan.json.failback.next } } });
    const begun = await terminal.run('failback', 'start', 'orders-gz', '--confirm', 'orders-gz', '--wait');
    expect(begun, begun.stdout).toMatchObject({ code: 0, json: { failback: { stage: 'divergent', unsecured: [] } } });
    expect((await terminal.text('failback', 'status', 'orders-gz')).stdout).toContain(begun.json.failback.divergence?.word);
    const wrong = await terminal.run('failback', 'go-on', 'orders-gz', '--give-up-divergent', '1-00000000');
    expect(wrong).toMatchObject({ code: 3, json: { error: { code: 'confirm-mismatch' } } });

    // What is given up is looked at first, and kept.
    const lost = await terminal.run('dossier', 'orders-gz');
    expect(lost, lost.stdout).toMatchObject({ code: 0, json: { dossier: { transactions: { total: begun.json.failback.divergence?.count } } } });
    expect(lost.json.dossier.counts.filter(({ database }) => database === 'shop')).toMatchObject([{ table: 'orders', entries: 1 }]);
    const kept = join(terminal.dataFolder, 'lost.md');
    expect(await terminal.run('dossier', 'orders-gz', '--format', 'md', '--out', kept)).toMatchObject({ code: 0, json: { file: kept } });
    expect(readFileSync(kept, 'utf8')).toContain('split brain');
    // Its key was taken meanwhile: nothing is written over what is there.
    expect((await terminal.text('dossier', 'orders-gz', '--format', 'sql')).stdout).toMatch(/^-- insert-taken: 1$/m);
    expect(await terminal.run('dossier', 'orders-gz', '--apply', 'everything', '--confirm', 'orders-sh')).toMatchObject({ code: 2 });
    expect(await terminal.run('dossier', 'orders-sh')).toMatchObject({ code: 3, json: { error: { code: 'not-succeeded' } } });

    const word = begun.json.failback.divergence?.word ?? '';
    const on = await terminal.run('failback', 'go-on', 'orders-gz', '--give-up-divergent', word, '--confirm', 'orders-gz', '--wait');
    expect(on, on.stdout + on.stderr).toMatchObject({ code: 0, json: { failback: { stage: 'switch-back', divergence: { count: 0 } } } });
    expect(await north.scalar("SELECT COUNT(*) FROM shop.orders WHERE note = 'split brain'")).toBe(0);
    expect(await terminal.run('verify', 'orders-sh', 'orders-gz', '--wait')).toMatchObject({ code: 0, json: { ok: true, equal: true } });
    expect(await terminal.run('verify', 'orders-sh', 'orders-gz', '--last')).toMatchObject({ code: 0, json: { proof: { method: 'position' } } });
    // Nothing was written since: only that is looked at, and it is no proof of the rest.
    const proven = (await terminal.run('verify', 'orders-sh', 'orders-gz', '--last')).json.proof?.gtidSet ?? '';
    const since = await terminal.run('verify', 'orders-sh', 'orders-gz', '--touched-since', proven, '--wait');
    expect(since, since.stdout).toMatchObject({ code: 0, json: { ok: true, equal: true, touchedSince: proven, tables: [] } });
    expect(await terminal.run('verify', 'orders-gz', 'orders-sh', '--last')).toMatchObject({ code: 1, json: { proof: null } });
    const dry = await terminal.run('failback', 'switch-back', 'orders-gz', '--dry-run');
    expect(dry, dry.stdout).toMatchObject({ code: 0, json: { ok: true, dryRun: true, plan: { kind: 'switchover', phrase: 'orders-gz' } } });
    expect(await north.scalar<number>('SELECT @@GLOBAL.read_only')).toBe(1);
    const back = await terminal.run('failback', 'switch-back', 'orders-gz', '--confirm', 'orders-gz');
    expect(back, back.stdout).toMatchObject({ code: 0, json: { ok: true, lostTransactions: 0 } });
    const done = await terminal.run('failback', 'go-on', 'orders-gz', '--wait');
    expect(done, done.stdout).toMatchObject({ code: 0, json: { failback: { stage: 'done', outcome: 'done' } } });
    expect((await terminal.run('status', 'orders-sh')).json).toMatchObject({ role: 'standby', source: 'orders-gz' });
    // The task of before owns the link again.
    expect((await terminal.run('sync', 'status', 'orders')).json.state).toBe('replicating');
    const rows = 'SELECT id, note FROM shop.orders ORDER BY id';
    expect(await south.query(rows)).toEqual(await north.query(rows));
  });
});

describe('a sync task that the terminal leaves running', () => {
  let north: TestServer;
  let south: TestServer;
  let terminal: Terminal;

  beforeAll(async () => {
    [north, south] = await Promise.all([startServer({ series: '9.7', name: 'north' }), startServer({ series: '9.7', name: 'south' })]);
    terminal = openTerminal();
    await north.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1), (2)');
    await north.query('CREATE DATABASE other; CREATE TABLE other.things (id INT PRIMARY KEY)');
    await terminal.register('a', 'North', north);
    await terminal.register('b', 'South', south);
  });
  afterAll(async () => {
    terminal.dispose();
    await Promise.all([north.dispose(), south.dispose()]);
  });

  const step = journey('runs in the background, is paused, resumed, removed and made anew');

  step('goes on in the background, with its passwords, until the link stands', async () => {
    const created = await terminal.run('sync', 'create', 'a', 'b', '--name', 'part', '--scope', 'shop', '--accept-warnings', '--start');
    expect(created, created.stdout).toMatchObject({ code: 0, json: { startedInBackground: true } });
    const status = await until(() => terminal.run('sync', 'status', 'part'), (answer) => ['replicating', 'failed'].includes(answer.json.state), 60_000);
    expect(status.json.state, status.stdout).toBe('replicating');
    await north.query('INSERT INTO shop.orders VALUES (3); INSERT INTO other.things VALUES (1)');
    await until(() => south.scalar<number>('SELECT COUNT(*) FROM shop.orders'), (count) => count === 3);
    expect(await south.query("SHOW DATABASES LIKE 'other'")).toEqual([]);
  });

  step('is paused, resumed and removed, the link with it', async () => {
    expect((await terminal.run('sync', 'pause', 'part')).code).toBe(0);
    expect((await terminal.run('status', 'b')).json).toMatchObject({ role: 'standby', lag: { state: 'not-replicating', seconds: null } });
    expect((await terminal.run('sync', 'resume', 'part')).code).toBe(0);
    await until(() => terminal.run('sync', 'status', 'part'), (answer) => answer.json.state === 'replicating');
    expect(await terminal.run('sync', 'remove', 'part', '--confirm', 'b', '--stop-replication')).toMatchObject({ code: 3, json: { error: { code: 'confirm-mismatch' } } });
    expect((await terminal.run('sync', 'remove', 'part', '--confirm', 'part', '--stop-replication')).code).toBe(0);
    expect((await terminal.run('sync', 'create', 'a', 'b', '--name', 'later')).code).toBe(0);
    expect(await terminal.run('sync', 'edit', 'later', '--rename', 'sooner', '--seed', 'adopt', '--copy-rate', '20')).toMatchObject({ code: 0, json: { ok: true, name: 'sooner', state: 'created' } });
    expect(await terminal.run('sync', 'edit', 'sooner', '--erase-target', 'a')).toMatchObject({ code: 3, json: { error: { code: 'confirm-mismatch' } } });
    expect((await terminal.run('sync', 'remove', 'sooner', '--confirm', 'sooner')).code).toBe(0);
    expect(await south.query('SHOW REPLICA STATUS')).toEqual([]);
  });

  it('says what it needs where the words are wrong, and changes nothing', async () => {
    expect(await terminal.run('instance', 'remove', 'a')).toMatchObject({ code: 2 });
    expect(await terminal.run('status', 'nobody')).toMatchObject({ code: 2, json: { ok: false, error: { code: 'not-found' } } });
    expect(await terminal.run('promote', 'b', '--planned', '--emergency', '--confirm', 'b')).toMatchObject({ code: 2 });
    expect(await terminal.run('promote', 'a', '--planned', '--confirm', 'a')).toMatchObject({ code: 3 });
    const report = join(mkdtempSync(join(tmpdir(), 'antipode-report-')), 'checks.md');
    terminal.passwords.set('b', 'not the password');
    try {
      expect(await terminal.run('check', 'a', 'b', '--report', report)).toMatchObject({ code: 3, json: { ok: false } });
    } finally {
      terminal.passwords.set('b', south.password);
    }
    expect(readFileSync(report, 'utf8')).toMatch(/^# .*a.*b/);
    rmSync(dirname(report), { recursive: true });
    expect((await terminal.run('check', 'a', 'b', '--report', 'checks.txt')).code).toBe(2);
    expect((await terminal.run('instance', 'list')).json.instances).toHaveLength(2);
  });
});
