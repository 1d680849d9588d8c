// A standby that was written to stops at a row of its source: the transaction is shown, passed over on the user's word,
// and the link carries a mark until a comparison finds both sides equal. Each case makes its own database and takes it away.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ConnectOptions, Session } from '../../electron/mysql/types';
import { purgeBinlogs } from '../fixtures/binlogs';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers } from '../fixtures/servers';
import { codeOf, SkipBench } from './skip-bench';
import { trouble, until } from './sync-bench';

const items = 'CREATE DATABASE c; CREATE TABLE c.items (id INT PRIMARY KEY, name VARCHAR(40) CHARACTER SET utf8mb4, price DECIMAL(10,2))';
const two = "INSERT INTO c.items VALUES (1, 'one', 1.50), (2, 'two', 2.50)";
const other = 'CREATE TABLE c.other (id INT PRIMARY KEY)';

eachSeries('sync-skip', (series, traits) => {
  let at: SkipBench;

  beforeAll(async () => {
    at = await SkipBench.open(series);
  });
  afterEach(() => at.putBack('c'));
  afterAll(async () => {
    await at?.close();
    await disposeServers();
  });

  const closed = (): Promise<number | undefined> => at.standby.scalar<number>(`SELECT @@GLOBAL.${traits.superReadOnly ? 'super_read_only' : 'read_only'}`);
  const othersArrive = (count: number): Promise<void> => until('the link goes on', async () => (await at.standby.query('SELECT id FROM c.other')).length === count);

  it('is not offered while the link runs', async () => {
    expect(await codeOf(at.bench.sync.skips.plan(at.id))).toBe('task-state');
    expect(at.view).toMatchObject({ needsVerification: null });
  });

  it('shows the transaction, refuses a wrong word and another GTID, passes it over, marks the link, and logs no value', async () => {
    await at.make([items, two, other].join('; '));
    await at.tamper("INSERT INTO c.items VALUES (7, 'stray', 0)");
    await at.source.query("BEGIN; INSERT INTO c.items VALUES (7, '七', 12.34); UPDATE c.items SET price = 9.99 WHERE id = 1; COMMIT");
    const gtid = await at.last();
    await at.source.query('INSERT INTO c.other VALUES (1)');
    await at.stopped();
    const { skips } = at.bench.sync;
    const plan = await skips.plan(at.id);
    expect(plan).toMatchObject({ gtid, errno: 1062, phrase: 'standby', unread: null, inTheWay: [{ gtid, errno: 1062 }] });
    expect(plan.transaction?.changes.map(({ table, kind, after }) => [table, kind, after?.map(({ value }) => value)]))
      .toEqual([['items', 'insert', ['7', '七', '12.34']], ['items', 'update', ['1', 'one', '9.99']]]);
    expect(plan.sql.map(({ sql }) => sql)).toContain(`SET SESSION gtid_next = '${gtid}'`);
    expect(await codeOf(skips.skip({ id: at.id, gtid, phrase: 'source' }))).toBe('confirm-mismatch');
    expect(await codeOf(skips.skip({ id: at.id, gtid: gtid.replace(/\d+$/, '1'), phrase: 'standby' }))).toBe('plan-outdated');
    expect((await at.status())['Replica_SQL_Running']).toBe('No');
    expect(at.view.needsVerification).toBeNull();

    const readOnly = await closed();
    const result = await skips.skip({ id: at.id, gtid, phrase: 'standby' });
    expect(result).toMatchObject({ outcome: 'runs', stopped: null, sync: { state: 'replicating', needsVerification: { gtids: [gtid] } } });
    expect(await closed()).toBe(readOnly);
    await othersArrive(1);
    // No errant transaction: everything that the standby executed is the source's.
    const executed = (await at.standby.scalar('SELECT @@GLOBAL.gtid_executed'))!;
    expect(await at.source.scalar('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [executed])).toBe(1);

    // The log names tables and counts, and no value.
    const lines = at.bench.audit.list(3);
    expect(lines.map(({ action, outcome }) => `${action} ${outcome}`).sort())
      .toEqual(['sync.skip-transaction done', 'sync.skip-transaction refused', 'sync.skip-transaction refused']);
    const done = lines.find(({ outcome }) => outcome === 'done');
    expect(done?.detail).toMatchObject({ standby: 'standby', gtid, tables: 'c.items +1 ~1', whole: true, inTheWay: `${gtid} 1062` });
    expect(JSON.stringify(done)).not.toContain('12.34');
  });

  it('is cleared only by a comparison that finds both sides equal', async () => {
    await at.make([items, other].join('; '));
    await at.tamper("INSERT INTO c.items VALUES (7, 'stray', 0)");
    await at.source.query("INSERT INTO c.items VALUES (7, '七', 12.34)");
    const gtid = await at.last();
    await at.stopped();
    await at.bench.sync.skips.skip({ id: at.id, gtid, phrase: 'standby' });
    expect(await at.verified()).toMatchObject({
      state: 'replicating', error: { code: 'content-differs', params: { tables: 'c.items' } }, needsVerification: { gtids: [gtid] },
    });
    // Every front draws its standing from its problems: a difference is one until it is gone.
    const problems = (): string[] => at.bench.fleet.view(at.bench.ids['standby']!).problems.map(({ code, severity }) => `${code} ${severity}`);
    expect(problems()).toContain('content-differs critical');
    expect((await at.status())['Replica_SQL_Running']).toBe('Yes');
    await at.tamper("REPLACE INTO c.items VALUES (7, '七', 12.34)");
    const equal = await at.verified();
    expect(equal, JSON.stringify(trouble(equal), null, 1)).toMatchObject({ state: 'replicating', error: null, needsVerification: null });
    expect(equal.verified?.gtidSet).toContain((await at.source.scalar('SELECT @@server_uuid'))!);
    expect(problems().filter((problem) => /content-differs|needs-verification/.test(problem))).toEqual([]);
    await at.source.query('INSERT INTO c.other VALUES (2)');
    await othersArrive(1);
  });

  it('goes on to the next one where several stand in the way', async () => {
    await at.make([items, two].join('; '));
    await at.tamper('DELETE FROM c.items');
    await at.source.query('DELETE FROM c.items WHERE id = 1');
    const first = await at.last();
    await at.source.query('DELETE FROM c.items WHERE id = 2');
    const second = await at.last();
    await at.stopped();
    const { skips } = at.bench.sync;
    expect(await skips.plan(at.id)).toMatchObject({ gtid: first, errno: 1032 });
    expect(await skips.skip({ id: at.id, gtid: first, phrase: 'standby' }))
      .toMatchObject({ outcome: 'stopped-again', stopped: { gtid: second, errno: 1032, inTheWay: [{ gtid: second }] }, sync: { state: 'stopped' } });
    expect(await skips.skip({ id: at.id, gtid: second, phrase: 'standby' }))
      .toMatchObject({ outcome: 'runs', sync: { needsVerification: { gtids: [first, second] } } });
    expect((await at.verified()).needsVerification).toBeNull();
  });

  it('is told without its content where the source has purged it, and marks all the same', async () => {
    await at.make(`CREATE DATABASE c; ${other}`);
    await at.tamper('INSERT INTO c.other VALUES (50)');
    await at.source.query('INSERT INTO c.other VALUES (50)');
    const gtid = await at.last();
    await at.stopped();
    await purgeBinlogs(at.source);
    expect(await at.bench.sync.skips.plan(at.id)).toMatchObject({ gtid, transaction: null, unread: { code: 'transaction-not-logged' } });
    expect(await at.bench.sync.skips.skip({ id: at.id, gtid, phrase: 'standby' })).toMatchObject({ outcome: 'runs', sync: { needsVerification: { gtids: [gtid] } } });
    expect((await at.verified()).needsVerification).toBeNull();
  });

  it('is the one at which the applier stands, whichever servers the waiting ones come from', async () => {
    await at.make(`CREATE DATABASE c; ${other}`);
    await at.tamper('INSERT INTO c.other VALUES (90)');
    const [chained, plain] = ['00000000-0000-0000-0000-00000000000a:1', 'ffffffff-0000-0000-0000-00000000000f:1'];
    const writer = await at.source.connect({ user: 'root' });
    for (const [gtid, row] of [[plain, 90], [chained, 91]] as const) {
      await writer.query(`SET SESSION gtid_next = '${gtid}'`);
      await writer.query(`INSERT INTO c.other VALUES (${String(row)})`);
      await writer.query("SET SESSION gtid_next = 'AUTOMATIC'");
    }
    await writer.end();
    await at.stopped();
    const { skips } = at.bench.sync;
    expect(await skips.plan(at.id)).toMatchObject({ gtid: plain, errno: 1062, transaction: { changes: [{ after: [{ column: 'id', value: '90' }] }] } });
    expect(await skips.skip({ id: at.id, gtid: plain, phrase: 'standby' })).toMatchObject({ outcome: 'runs' });
    expect((await at.verified()).needsVerification).toBeNull();
  });

  it('waits for nobody who is at work on the standby', async () => {
    await at.make(`CREATE DATABASE c; ${other}`);
    await at.tamper('INSERT INTO c.other VALUES (40)');
    await at.source.query('INSERT INTO c.other VALUES (40)');
    const gtid = await at.last();
    await at.stopped();
    const operator = await at.standby.connect();
    await operator.query("SELECT GET_LOCK('antipode', 1)");
    try {
      expect(await codeOf(at.bench.sync.skips.skip({ id: at.id, gtid, phrase: 'standby' }))).toBe('lock-held');
      expect(at.view.needsVerification).toBeNull();
    } finally {
      await operator.end();
    }
  });

  it('is refused for any other error', async () => {
    await at.make(`CREATE DATABASE c; ${other}`);
    await at.tamper('RENAME TABLE c.other TO c.elsewhere');
    await at.source.query('INSERT INTO c.other VALUES (60)');
    const gtid = await at.last();
    await at.stopped();
    expect(await codeOf(at.bench.sync.skips.plan(at.id))).toBe('not-skippable');
    expect(await codeOf(at.bench.sync.skips.skip({ id: at.id, gtid, phrase: 'standby' }))).toBe('not-skippable');
    expect(at.view.needsVerification).toBeNull();
    await at.tamper('RENAME TABLE c.elsewhere TO c.other');
    await at.bench.sync.resume(at.id);
    await othersArrive(1);
  });

  it('goes past a statement about an account that was here already, and the comparison names it until both sides have the same', async () => {
    await at.make('CREATE DATABASE c');
    await at.tamper("CREATE USER 'held'@'%' IDENTIFIED BY 'Pw-here-1'");
    try {
      await at.source.query("CREATE USER 'held'@'%' IDENTIFIED BY 'Pw-there-1'");
      const gtid = await at.last();
      await at.stopped();
      const { skips } = at.bench.sync;
      const plan = await skips.plan(at.id);
      expect(plan).toMatchObject({ gtid, errno: 1396, reason: 'accounts', accounts: ['held@%'], transaction: { statements: [{ text: 'CREATE USER … held@%' }] } });
      expect(await skips.skip({ id: at.id, gtid, phrase: 'standby' })).toMatchObject({ outcome: 'runs', sync: { needsVerification: { gtids: [gtid], accounts: ['held@%'] } } });
      const differs = await at.verified();
      expect(differs).toMatchObject({ error: { code: 'accounts-differ', params: { count: 1, accounts: 'held@% (password)' } }, needsVerification: { gtids: [gtid] } });
      await at.tamper("DROP USER 'held'@'%'");
      expect(await at.verified()).toMatchObject({ error: { code: 'accounts-differ', params: { accounts: 'held@% (source only)' } } });
      const [hash] = await at.source.query<{ plugin: string; hash: string }>(`SELECT plugin, ${traits.since57 ? 'authentication_string' : 'password'} AS hash FROM mysql.user WHERE user = 'held'`);
      // As it is on the source, to the bytes of its hash.
      const same = traits.since57 ? "CREATE USER 'held'@'%' IDENTIFIED WITH mysql_native_password BY 'Pw-there-1'" : `GRANT USAGE ON *.* TO 'held'@'%' IDENTIFIED BY PASSWORD '${hash?.hash ?? ''}'`;
      if (hash?.plugin !== 'caching_sha2_password') {
        await at.tamper(same);
        expect(await at.verified()).toMatchObject({ error: null, needsVerification: null });
      }
    } finally {
      await at.tamper(traits.since57 ? "DROP USER IF EXISTS 'held'@'%'" : "GRANT USAGE ON *.* TO 'held'@'%'; DROP USER 'held'@'%'");
      await at.source.query(`SET SESSION sql_log_bin = 0; DROP USER 'held'@'%'; SET SESSION sql_log_bin = 1`);
    }
  });

  // From 8.0 on an account statement does all or nothing.
  if (!traits.since80) {
    it('goes past what the source could not log', async () => {
      await at.make(`CREATE DATABASE c; ${other}; CREATE USER 'there'@'%' IDENTIFIED BY 'Pw-there-1'; GRANT SELECT ON c.* TO 'there'@'%'`);
      await at.source.query("REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'there'@'%', 'nobody'@'%'").catch(() => undefined);
      const gtid = await at.last();
      await at.source.query('INSERT INTO c.other VALUES (30)');
      await at.stopped();
      const { skips } = at.bench.sync;
      if (!traits.since57) {
        // It has no number of its own there: what follows it is never passed over in its place.
        expect(await codeOf(skips.plan(at.id))).toBe('not-skippable');
        await at.standby.kill();
        await at.standby.start(['--slave-skip-errors=1590']);
        return othersArrive(1);
      }
      expect(await skips.plan(at.id)).toMatchObject({ gtid, reason: 'incident', accounts: [], transaction: { incident: true, changes: [] } });
      expect(await skips.skip({ id: at.id, gtid, phrase: 'standby' })).toMatchObject({ outcome: 'runs', sync: { needsVerification: { gtids: [gtid] } } });
      await othersArrive(1);
      expect((await at.verified()).needsVerification).toBeNull();
      await at.source.query("DROP USER 'there'@'%'");
    });
  }

  // Of a list of accounts that failed in part on the source, and is done here altogether, a 5.7 says 3002, and counts it as executed.
  if (traits.since57 && !traits.since80) {
    it('goes on behind a statement about accounts that counts as executed', async () => {
      await at.make(`CREATE DATABASE c; ${other}`);
      await at.source.query("SET SESSION sql_log_bin = 0; CREATE USER 'held'@'%'; SET SESSION sql_log_bin = 1");
      await expect(at.source.query("CREATE USER 'came'@'%', 'held'@'%'")).rejects.toThrow();
      const gtid = await at.last();
      await at.source.query('INSERT INTO c.other VALUES (31)');
      await at.stopped();
      const { skips } = at.bench.sync;
      const plan = await skips.plan(at.id);
      expect(plan).toMatchObject({ gtid, errno: 3002, reason: 'accounts', isExecuted: true, accounts: ['came@%', 'held@%'], inTheWay: [{ gtid }] });
      expect(plan.sql.map(({ sql }) => sql).join()).not.toContain('gtid_next');
      // The application dies with both threads stopped: its next start has the receiver run again, and the applier stands where it stood.
      const { fleet, ids } = at.bench;
      const { withSession } = fleet;
      let isDead = false;
      fleet.withSession = <Result>(instance: string, use: (session: Session) => Promise<Result>, options?: ConnectOptions): Promise<Result> => {
        isDead ||= instance === ids['source'];
        return isDead ? Promise.reject(new Error('dead')) : withSession(instance, use, options);
      };
      await expect(skips.skip({ id: at.id, gtid, phrase: 'standby' })).rejects.toThrow('dead');
      expect(await at.status()).toMatchObject({ Replica_IO_Running: 'No', Replica_SQL_Running: 'No' });
      await at.restart();
      await until('the receiver runs again', async () => {
        await at.bench.fleet.refresh(at.bench.ids['standby']!);
        return (await at.status())['Replica_IO_Running'] === 'Yes';
      });
      expect(await at.status()).toMatchObject({ Replica_SQL_Running: 'No' });
      expect(at.bench.audit.list(50).map(({ action, outcome }) => `${action} ${outcome}`)).toContain('sync.start-receiver done');
      await at.bench.fleet.refresh(at.bench.ids['standby']!);
      expect(await at.bench.sync.skips.skip({ id: at.id, gtid, phrase: 'standby' })).toMatchObject({
        outcome: 'runs', sync: { needsVerification: { gtids: [gtid], accounts: ['came@%', 'held@%'] } },
      });
      await othersArrive(1);
      expect((await at.verified()).needsVerification).toBeNull();
      await at.source.query("DROP USER 'came'@'%', 'held'@'%'");
    });
  }

  it.each(['resume', 'cancel'] as const)('interrupted in the middle of a comparison, %s leaves a link that goes on', async (way) => {
    await at.make([items, two, other].join('; '));
    const blocker = await at.source.connect();
    try {
      await blocker.query('LOCK TABLES c.items WRITE');
      await at.bench.sync.skips.verify(at.id);
      await until('the comparison waits', async () => {
        const sessions = await at.source.query<{ Info: string | null; State: string }>('SHOW FULL PROCESSLIST');
        return sessions.some(({ State }) => /waiting for .*(lock|flush)/i.test(State));
      });
      await at.restart(() => blocker.end());
    } finally {
      blocker.destroy();
    }
    expect(at.view.state).toBe('interrupted');
    await at.bench.sync[way](at.id);
    await at.bench.sync.whenSettled(at.id);
    await at.bench.fleet.refresh(at.bench.ids['standby']!);
    expect(at.view, JSON.stringify(trouble(at.view), null, 1)).toMatchObject({ state: 'replicating', error: null });
    await at.source.query('INSERT INTO c.other VALUES (80)');
    await othersArrive(1);
  });

  it('keeps the mark over a restart of the app', async () => {
    await at.make(`CREATE DATABASE c; ${other}`);
    await at.tamper('INSERT INTO c.other VALUES (70)');
    await at.source.query('INSERT INTO c.other VALUES (70)');
    await at.stopped();
    const { gtid } = await at.bench.sync.skips.plan(at.id);
    await at.bench.sync.skips.skip({ id: at.id, gtid, phrase: 'standby' });
    await at.restart();
    expect(at.view.needsVerification?.gtids).toEqual([gtid]);
  });
});
