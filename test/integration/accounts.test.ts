// Account management on real servers: what is planned is what the server then says itself, on every series, and what one lacks is told.
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { partsOf } from '../../shared/domain/accounts/right';
import type { AccountChange, AccountOutcome, AccountPlan, ChosenRight } from '../../shared/domain/operations/accounts/change';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

eachSeries('accounts', (series, { since80, since57 }) => {
  let server: TestServer;
  let other: TestServer;
  let app: TestEngine;
  let terminal: Terminal;
  let id: string;
  beforeAll(async () => {
    ({ server, other } = await startServers({ server: { series, durability: 'relaxed' }, other: { series, durability: 'relaxed' } }));
    await server.query('CREATE DATABASE shop; CREATE DATABASE shop_1; CREATE DATABASE shopx');
    await server.query('CREATE TABLE shop.orders (id INT PRIMARY KEY, note TEXT); CREATE TABLE shop_1.orders (id INT PRIMARY KEY, note TEXT)');
    app = await openTestEngine({ servers: { server, other } });
    id = app.id('server');
    terminal = openTerminal();
    await terminal.register('db', 'Here', server);
    await terminal.register('far', 'Here', other);
  });
  beforeEach(async () => {
    for (const { user, host } of await server.query<{ user: string; host: string }>("SELECT User AS user, Host AS host FROM mysql.user WHERE User LIKE 't\\_%' OR User LIKE '%''%'")) {
      await server.query('DROP USER ?@?', [user, host]);
    }
  });
  afterAll(async () => {
    terminal?.dispose();
    await app?.dispose();
    await disposeServers();
  });

  const password = 'Pw-of-nobody-1';
  const app1 = { user: 't_app', host: '%' };
  const plan = (change: AccountChange): Promise<AccountPlan> => app.engine.accounts.plan(id, change);
  const carryOut = async (change: AccountChange, differs: readonly string[] = []): Promise<AccountPlan & AccountOutcome> => {
    const planned = await plan(change);
    expect(planned.preconditions.filter(({ status }) => status === 'fail')).toEqual([]);
    const outcome = await app.engine.accounts.execute({ planId: planned.id, phrase: planned.phrase ?? '', password: planned.needsPassword ? password : null });
    expect(outcome.differs).toEqual(differs);
    return { ...planned, ...outcome };
  };
  const create = (account = app1): Promise<unknown> => carryOut({ kind: 'create', account, plugin: null, requires: 'NONE', locked: false });
  const rights = (give: readonly ChosenRight[], take: readonly ChosenRight[] = [], more: object = {}): Extract<AccountChange, { kind: 'rights' }> => ({
    kind: 'rights', account: app1, give, take, giveRoles: [], takeRoles: [], defaultRoles: null, giveProxies: [], takeProxies: [], exact: false, ...more,
  });
  const chosen = (privilege: string, level: string, column: string | null = null): ChosenRight => {
    const on = partsOf({ kind: 'static', privilege, level })?.on;
    if (on === undefined) throw new Error(level);
    return { privilege, column, on };
  };
  /** The server's own words, in one order. */
  const shown = async (who: string): Promise<readonly string[]> => {
    return (await server.query(`SHOW GRANTS FOR ${who}`)).map((row) => String(Object.values(row)[0]).replace(/ IDENTIFIED BY PASSWORD .*$/, '')).sort();
  };
  const refused = (action: Promise<unknown>): Promise<string> => action.then(() => 'done', (thrown: { error?: { code: string } }) => thrown.error?.code ?? String(thrown));

  it('an account is made, its password is its own, and it is gone when it is dropped', async () => {
    await create();
    await (await server.connect({ user: 't_app', password })).end();
    expect((await app.engine.accounts.list(id)).accounts.find(({ user }) => user === 't_app')).toMatchObject({ locked: since57 ? false : null, hasPassword: true, own: null });
    await carryOut({ kind: 'password', account: app1, keepOld: false });
    const dropped = await carryOut({ kind: 'drop', account: app1 });
    expect(dropped.phrase).toBe('t_app@%');
    expect(await server.scalar("SELECT COUNT(*) FROM mysql.user WHERE User = 't_app'")).toEqual(0);
    expect(JSON.stringify([app.engine.audit.list(50), dropped])).not.toContain(password);
    expect(app.engine.audit.list(1)).toMatchObject([{ action: 'operation.accounts', outcome: 'done', detail: { change: 'drop', account: 't_app@%' } }]);
  });

  it('rights are given and taken as a set, in the fewest statements, and taken back', async () => {
    await create();
    const before = await shown("t_app@'%'");
    const given = await carryOut(rights([
      chosen('SELECT', '`shop\\_1`.*'), chosen('INSERT', '`shop\\_1`.*'), chosen('UPDATE', '`shop`.`orders`', 'note'), chosen('DELETE', '`shop`.`orders`'), chosen('PROCESS', '*.*'),
    ]));
    expect(given.sql).toHaveLength(3);
    const after = await shown("t_app@'%'");
    expect(after.join('\n')).toMatch(/GRANT SELECT, INSERT ON `shop\\_1`\.\*[^]*UPDATE \(`?note`?\)|UPDATE \(`?note`?\)[^]*GRANT SELECT, INSERT ON `shop\\_1`\.\*/);
    const changed = await carryOut(rights([chosen('DELETE', '`shop\\_1`.*')], [chosen('INSERT', '`shop\\_1`.*')]));
    expect(changed.sql.map(({ sql }) => sql)).toEqual(["GRANT DELETE ON `shop\\_1`.* TO 't_app'@'%'", "REVOKE INSERT ON `shop\\_1`.* FROM 't_app'@'%'"]);
    for (const { sql } of changed.undo) await server.query(sql);
    expect(await shown("t_app@'%'")).toEqual(after);
    for (const { sql } of given.undo) await server.query(sql);
    expect(await shown("t_app@'%'")).toEqual(before);
    expect(await refused(plan(rights([chosen('PROCESS', '`shop`.*')])))).toBe('invalid-input');
  });

  it('a clone has what the other one has, an export makes it again, and a comparison finds no difference', async () => {
    await create();
    await carryOut(rights([chosen('SELECT', '`shop%`.*'), chosen('GRANT OPTION', '`shop`.`orders`'), chosen('REPLICATION CLIENT', '*.*')]));
    await carryOut({ kind: 'limits', account: app1, limits: { MAX_QUERIES_PER_HOUR: 7, MAX_UPDATES_PER_HOUR: 0, MAX_CONNECTIONS_PER_HOUR: 0, MAX_USER_CONNECTIONS: 3 } });
    await carryOut({ kind: 'clone', from: app1, account: { user: 't_two', host: '%' } });
    const asOne = (await shown("t_two@'%'")).map((line) => line.replaceAll('t_two', 't_app'));
    expect(asOne).toEqual(await shown("t_app@'%'"));
    await (await server.connect({ user: 't_two', password })).end();
    const sql = await app.engine.accounts.export(id, [app1]);
    await carryOut({ kind: 'drop', account: app1 });
    await server.query(sql);
    expect(await shown("t_app@'%'")).toEqual(asOne);
    const detail = await app.engine.accounts.show(id, app1);
    expect(detail.limits).toMatchObject({ MAX_QUERIES_PER_HOUR: 7, MAX_USER_CONNECTIONS: 3 });
    expect(detail.tree.find(({ level }) => level === '`shop%`.*')?.matches?.toSorted()).toEqual(['shop', 'shop_1', 'shopx']);
    expect(await app.engine.accounts.compare(id, id)).toMatchObject({ accounts: [] });
  });

  it('names with quotes are changed as well as any', async () => {
    const odd = { user: "o'B\"`\\n", host: '10.0.%' };
    await carryOut({ kind: 'create', account: odd, plugin: null, requires: 'NONE', locked: false });
    await carryOut({ ...rights([chosen('SELECT', '`shop`.*')]), account: odd });
    const { sql } = await carryOut({ kind: 'rename', account: odd, to: { user: "t'2", host: '%' } });
    expect(sql).toHaveLength(1);
    expect((await app.engine.accounts.show(id, { user: "t'2", host: '%' })).tree).toMatchObject([{ level: '`shop`.*', privileges: ['SELECT'] }]);
  });

  it('the last account able to grant, our own login and a plan that is outdated are refused', async () => {
    const { accounts } = await app.engine.accounts.list(id);
    const mine = accounts.find(({ own }) => own === 'login');
    expect(mine).toMatchObject({ administers: true });
    if (mine === undefined) return;
    for (const kind of ['drop', 'expire'] as const) {
      const planned = await plan({ kind, account: { user: mine.user, host: mine.host } });
      expect(planned.preconditions.filter(({ status }) => status === 'fail').map(({ id: check }) => check)).toContain('own');
      expect(await refused(app.engine.accounts.execute({ planId: planned.id, phrase: planned.phrase ?? '', password: null }))).toBe('precondition-failed');
    }
    await create();
    const planned = await plan(rights([chosen('SELECT', '`shop`.*')]));
    await server.query("GRANT SELECT ON `shop`.* TO t_app@'%'");
    expect(['plan-outdated', 'precondition-failed']).toContain(await refused(app.engine.accounts.execute({ planId: planned.id, phrase: '', password: null })));
    expect(isExecutable(planned)).toBe(true);
  });

  it('what the series lacks is told with the version that has it', async () => {
    await create();
    expect(await refused(plan({ kind: 'lock', account: app1 }))).toBe(since57 ? 'done' : 'version-unsupported');
    expect(await refused(plan({ kind: 'create-role', account: { user: 't_role', host: '%' } }))).toBe(since80 ? 'done' : 'version-unsupported');
    expect(await refused(plan({ kind: 'password', account: app1, keepOld: true }))).toBe(isAtLeast(series, [8, 0, 14]) ? 'done' : 'version-unsupported');
    if (!since57) return;
    await carryOut({ kind: 'lock', account: app1 });
    expect(await server.connect({ user: 't_app', password }).then(() => 'in', () => 'kept out')).toBe('kept out');
    await carryOut({ kind: 'unlock', account: app1 });
    await carryOut({ kind: 'tls', account: app1, requires: 'X509' });
    await carryOut({ kind: 'tls', account: app1, requires: 'NONE' });
    await carryOut({ kind: 'expire', account: app1 });
    if (!isAtLeast(series, [8, 0, 14])) return;
    await carryOut({ kind: 'password', account: app1, keepOld: true });
    expect((await app.engine.accounts.show(id, app1)).hasSecondPassword).toBe(true);
    await carryOut({ kind: 'discard-old', account: app1 });
    const role = { user: 't_role', host: '%' };
    await carryOut({ kind: 'create-role', account: role });
    await carryOut({ ...rights([chosen('SELECT', '`shop`.*')]), account: role });
    // Before 8.0.16 the option of one privilege turns on that of all: read again, it is told.
    const beyond = isAtLeast(series, [8, 0, 16]) ? [] : ['rights: + GRANT OPTION ON *.*'];
    const given = await carryOut(rights([chosen('GRANT OPTION FOR BACKUP_ADMIN', '*.*')], [], { giveRoles: [{ ...role, admin: true }], defaultRoles: [role] }), beyond);
    expect(given.preconditions.some((one) => one.id === 'option-spills')).toBe(beyond.length > 0);
    expect(await shown("t_app@'%'")).toEqual(expect.arrayContaining([expect.stringMatching(/BACKUP_ADMIN.* WITH GRANT OPTION/), expect.stringMatching(/t_role.* WITH ADMIN OPTION/)]));
    // Without the moment it cannot be taken alone.
    expect((await plan(rights([], [chosen('GRANT OPTION FOR BACKUP_ADMIN', '*.*')]))).kept).toHaveLength(1);
    await carryOut(rights([], [chosen('GRANT OPTION FOR BACKUP_ADMIN', '*.*')], { exact: true }));
    // Dropped, it goes from everybody; taken back, it comes back to them, by default as well.
    const held = await shown("t_app@'%'");
    const dropped = await carryOut({ kind: 'drop', account: role });
    expect(dropped.preconditions.filter(({ status }) => status === 'warn').map((one) => one.id)).toContain('holders');
    expect(await shown("t_app@'%'")).not.toEqual(held);
    for (const { sql } of dropped.undo) await server.query(sql);
    expect(await shown("t_app@'%'")).toEqual(held);
    expect(await server.query("SELECT DEFAULT_ROLE_USER AS r FROM mysql.default_roles WHERE USER = 't_app'")).toEqual([{ r: role.user }]);
    expect(await refused(plan({ kind: 'create-role', account: { user: 't_end ', host: '%' } }))).toBe('invalid-input');
  });

  it('PROXY is given and taken with its own option, by who may', async () => {
    await create();
    const proxies = (more: object): AccountChange => ({ ...rights([], []), ...more });
    const give = proxies({ giveProxies: [{ user: 't_other', host: '%', grantOption: true }] });
    const mine = (await app.engine.accounts.list(id)).accounts.find(({ own }) => own === 'login');
    if (mine === undefined) throw new Error('no login');
    expect((await plan(give)).preconditions.filter(({ status }) => status === 'fail').map((one) => one.id)).toEqual(['proxy']);
    const root = await createConnection({ socketPath: server.socket, user: 'root', password: server.password });
    await root.query("GRANT PROXY ON ''@'' TO ?@? WITH GRANT OPTION", [mine.user, mine.host]);
    const before = await shown("t_app@'%'");
    const given = await carryOut(give);
    expect((await app.engine.accounts.show(id, app1)).proxies).toEqual([{ user: 't_other', host: '%', grantOption: true }]);
    const less = proxies({ giveProxies: [{ user: 't_other', host: '%', grantOption: false }] });
    // 5.6 keeps the option where PROXY is given again: it goes with PROXY alone.
    const lessPlan = await plan(less);
    expect(lessPlan.kept).toHaveLength(since57 ? 0 : 1);
    expect(lessPlan.preconditions.some((one) => one.id === 'proxy-option' && one.status === 'warn')).toBe(since57);
    await carryOut({ ...less, exact: true } as AccountChange);
    await carryOut(proxies({ takeProxies: [{ user: 't_other', host: '%' }] }));
    expect(await shown("t_app@'%'")).toEqual(before);
    // With its option comes the right to hand everything on, which is taken again.
    expect(given.sql).toHaveLength(2);
    await root.query("REVOKE PROXY ON ''@'' FROM ?@?", [mine.user, mine.host]);
    await root.end();
  });

  it('a privilege on everything is taken on one database where partial_revokes is on, and comments are set, merged and cleared', async () => {
    await create();
    await carryOut(rights([chosen('SELECT', '*.*'), chosen('INSERT', '*.*')]));
    const take = rights([], [chosen('SELECT', '`shop_1`.*')]);
    const note = (comment: string | null, attributes: string | null): AccountChange => ({ kind: 'attribute', account: app1, comment, attributes });
    if (!isAtLeast(series, [8, 0, 21])) expect(await refused(plan(note('x', null)))).toBe('version-unsupported');
    else {
      await carryOut(note("it's \\ \" 备注", '{"team":{"name":"a","floor":3}}'));
      const changed = await carryOut(note(null, '{"team":{"name":"b"}}'));
      expect(await app.engine.accounts.show(id, app1)).toMatchObject({ comment: "it's \\ \" 备注", attribute: '{"team":{"name":"b"}}' });
      for (const { sql } of changed.undo) await server.query(sql);
      expect((await app.engine.accounts.show(id, app1)).attribute).toBe('{"team":{"floor":3,"name":"a"}}');
      await carryOut(note('', ''));
      expect(await app.engine.accounts.show(id, app1)).toMatchObject({ comment: '', attribute: '' });
      expect(await refused(plan(note(null, '{"a":null}')))).toBe('invalid-input');
    }
    if (!isAtLeast(series, [8, 0, 16])) return expect(await refused(plan(take))).toBe('version-unsupported');
    expect((await plan(take)).preconditions.filter(({ status }) => status === 'fail')).toMatchObject([{ id: 'partial' }]);
    await server.query('SET GLOBAL partial_revokes = ON');
    try {
      const before = await shown("t_app@'%'");
      const taken = await carryOut(take);
      expect(taken.sql.map(({ sql }) => sql)).toEqual(["REVOKE SELECT ON `shop_1`.* FROM 't_app'@'%'"]);
      const session = await server.connect({ user: 't_app', password });
      await expect(session.query('SELECT * FROM shop_1.orders')).rejects.toThrow();
      await session.query('SELECT * FROM shop.orders');
      await session.end();
      // On the database instead of everything: the end of the partial revoke, and then the right.
      await carryOut(rights([chosen('SELECT', '`shop_1`.*')]));
      expect(await shown("t_app@'%'")).toEqual(before);
    } finally {
      await server.query("DROP USER t_app@'%'; SET GLOBAL partial_revokes = OFF");
    }
  });

  it('accounts are carried to another server with the hash of their password, and made the same there by the fewest statements', async () => {
    await other.query('CREATE DATABASE IF NOT EXISTS shop; CREATE TABLE IF NOT EXISTS shop.orders (id INT PRIMARY KEY, note TEXT)');
    const names = [app1, ...(since80 ? [{ user: 't_role', host: '%' }] : [])];
    const toOther = { fromId: id, toId: app.id('other'), accounts: [], allMissing: true };
    const carry = async (request: Parameters<typeof app.engine.accounts.planCarry>[0]): Promise<readonly string[]> => {
      const planned = await app.engine.accounts.planCarry(request);
      expect(planned.preconditions.filter(({ status }) => status === 'fail')).toEqual([]);
      expect((await app.engine.accounts.carry(planned.id)).differs).toEqual([]);
      return planned.sql.map(({ sql }) => sql);
    };
    await create();
    if (since80) {
      await carryOut({ kind: 'create-role', account: { user: 't_role', host: '%' } });
      await carryOut({ ...rights([chosen('SELECT', '*.*'), chosen('GRANT OPTION FOR BACKUP_ADMIN', '*.*')]), account: { user: 't_role', host: '%' } }, isAtLeast(series, [8, 0, 16]) ? [] : ['rights: + GRANT OPTION ON *.*']);
      await carryOut(rights([], [], { giveRoles: [{ user: 't_role', host: '%', admin: true }], defaultRoles: [{ user: 't_role', host: '%' }] }));
      expect((await app.engine.accounts.planCarry({ ...toOther, accounts: [app1], allMissing: false })).preconditions).toMatchObject([{ id: 'roles', status: 'fail' }, {}]);
    }
    await carryOut(rights([chosen('SELECT', '`shop\\_1`.*'), chosen('UPDATE', '`shop`.`orders`', 'note')]));
    const made = await carry(toOther);
    expect(made.join('\n')).not.toMatch(/\$A\$|\*[0-9A-F]{40}/);
    await (await other.connect({ user: 't_app', password })).end();
    for (const { user, host } of names) expect(await other.query('SHOW GRANTS FOR ?@?', [user, host])).toEqual(await server.query('SHOW GRANTS FOR ?@?', [user, host]));
    expect((await app.engine.accounts.planCarry({ ...toOther, accounts: names, allMissing: true })).preconditions).toMatchObject([{ id: 'unchanged', status: 'fail' }]);
    await carryOut(rights([chosen('DELETE', '`shop`.*'), chosen('SELECT', '`shop_1`.`orders`')], [chosen('SELECT', '`shop\\_1`.*')]));
    await carryOut({ kind: 'password', account: app1, keepOld: false });
    const planned = await app.engine.accounts.planCarry({ ...toOther, accounts: [app1] });
    expect(planned.preconditions.find((one) => one.id === 'left')?.measured.params).toMatchObject({ rights: expect.stringContaining('SELECT ON `shop_1`.`orders`') as string });
    expect(planned.sql.slice(-2).map(({ sql }) => sql)).toEqual(["GRANT DELETE ON `shop`.* TO 't_app'@'%'", "REVOKE SELECT ON `shop\\_1`.* FROM 't_app'@'%'"]);
    expect((await app.engine.accounts.carry(planned.id)).differs).toEqual([]);
    for (const { user, host } of names.toReversed()) await other.query('DROP USER ?@?', [user, host]);
    expect((await terminal.run('account', 'carry', 'db', 'far', 't_app', '--dry-run')).code).toBe(since80 ? 3 : 0);
    expect(await terminal.run('account', 'carry', 'db', 'far', '--all-missing')).toMatchObject({ code: 0, json: { ok: true } });
    await (await other.connect({ user: 't_app', password })).end();
    expect(app.engine.audit.list(1)).toMatchObject([{ action: 'operation.accounts', outcome: 'done', detail: { change: 'carry', from: 'server' } }]);
    for (const { user, host } of names) await other.query('DROP USER ?@?', [user, host]);
  });

  it('who can touch a table: whoever the server then lets read it, and nobody else', async () => {
    const users: Readonly<Record<string, string>> = {
      t_all: 'SELECT ON *.*', t_name: 'SELECT ON `shop\\_1`.*', t_like: 'SELECT ON `shop_1`.*', t_far: 'SELECT ON `shop%`.*', t_other: 'SELECT ON `shopx`.*', t_tab: 'SELECT ON `shop_1`.`orders`',
      t_col: 'SELECT (`id`) ON `shop_1`.`orders`', t_write: 'INSERT ON `shop_1`.*',
    };
    for (const [user, right] of Object.entries(users)) await server.query(`CREATE USER ${user}@'%' IDENTIFIED BY '${password}'; GRANT ${right} TO ${user}@'%'`);
    // The pattern that is closest counts: the name beside a pattern, and one pattern beside another.
    await server.query("CREATE USER t_both@'%' IDENTIFIED BY 'Pw-of-nobody-1'; GRANT SELECT ON `shop%`.* TO t_both@'%'; GRANT INSERT ON `shop\\_1`.* TO t_both@'%'");
    await server.query("CREATE USER t_pats@'%' IDENTIFIED BY 'Pw-of-nobody-1'; GRANT SELECT ON `sho%`.* TO t_pats@'%'; GRANT INSERT ON `shop%`.* TO t_pats@'%'");
    const { accounts, exists } = await app.engine.accounts.who(id, { database: 'shop_1', table: 'orders' });
    expect(exists).toBe(true);
    for (const user of [...Object.keys(users), 't_both', 't_pats']) {
      const session = await server.connect({ user, password });
      const may = await session.query('SELECT id FROM shop_1.orders').then(() => true, () => false);
      const writes = await session.query("INSERT INTO shop_1.orders VALUES (1, 'x')").then(() => true, (thrown: { errno?: number }) => thrown.errno === 1062);
      await session.end();
      const told = accounts.find((one) => one.user === user);
      expect({ user, may: told?.privileges.includes('SELECT') === true || told?.columns.includes('SELECT (id)') === true, writes: told?.privileges.includes('INSERT') === true }).toEqual({ user, may, writes });
    }
  });

  it('the terminal does all of it, and takes no password as an argument', async () => {
    terminal.passwords.set('new', password);
    const made = await terminal.run('account', 'create', 'db', 't_app@%', '--password-env', 'ANTIPODE_PASSWORD_NEW');
    expect(made, made.stdout).toMatchObject({ code: 0, json: { ok: true } });
    expect(made.stdout).not.toContain(password);
    const granted = await terminal.text('account', 'grant', 'db', 't_app', 'SELECT, INSERT ON shop.*', 'UPDATE (note) ON shop_1.orders');
    expect(granted).toMatchObject({ code: 0, stderr: '' });
    expect(granted.stdout).toContain("GRANT SELECT, INSERT ON `shop`.* TO 't_app'@'%'");
    expect((await terminal.text('account', 'who', 'db', 'shop.orders')).stdout).toMatch(/t_app@% +SELECT, INSERT/);
    expect((await terminal.text('account', 'drop', 'db', 't_app', '--confirm', 'nobody')).code).toBe(3);
    expect((await terminal.text('account', 'grant', 'db', 't_app', 'NONSENSE ON shop.*')).code).toBe(2);
    expect((await terminal.text('account', 'drop', 'db', 't_app', '--confirm', 't_app@%')).code).toBe(0);
  });
});
