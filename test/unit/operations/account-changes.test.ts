import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributesProblem, canonicalJson, noteClause, noted, noteOf } from '../../../shared/domain/accounts/attribute';
import { partsOf } from '../../../shared/domain/accounts/right';
import { accountName, quotedName, rightText, type AccountRight, type AccountState } from '../../../shared/domain/accounts/state';
import { shownText, type AccountChange, type ChosenRight } from '../../../shared/domain/operations/accounts/change';
import { accountPreconditions, type ChangeFacts } from '../../../shared/domain/operations/accounts/preconditions';
import { effectOf, misplaced, optionFor, type AccountEffect, type AccountWords } from '../../../shared/domain/operations/accounts/statements';
import { accountState, right } from '../../fixtures/accounts';
import { applied, everything, randomAccount } from '../../fixtures/granted';

const known = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE USER', 'BACKUP_ADMIN', 'XA_RECOVER_ADMIN', 'EXECUTE', 'ALTER ROUTINE', 'GRANT OPTION', 'USAGE', 'PROXY'];
const words: AccountWords = { modern: true, roles: true, privileges: known };
const old: AccountWords = { modern: false, roles: false, privileges: known };

const chosen = (some: readonly AccountRight[]): readonly ChosenRight[] => some.flatMap((one) => {
  const parts = partsOf(one);
  if (parts === null) return [];
  const { kind, privilege, column, on } = parts;
  return [{ privilege: kind === 'handed-on' ? `${optionFor}${privilege}` : privilege, column, on }];
});

const plainOf = ({ rights }: AccountState): readonly AccountRight[] => rights.filter(({ kind }) => kind !== 'restricted');
const restrictedOf = ({ rights }: AccountState): readonly AccountRight[] => rights.filter(({ kind }) => kind === 'restricted');

/** The edit that makes the second of two accounts of the first. */
function edit(here: AccountState, there: AccountState, exact: boolean): Extract<AccountChange, { kind: 'rights' }> {
  const minus = (some: readonly AccountRight[], others: readonly AccountRight[]): readonly AccountRight[] => {
    return some.filter((one) => !others.some((other) => rightText(other) === rightText(one)));
  };
  const nameOf = (quoted: string): { user: string; host: string } => ({ user: quoted.slice(1, quoted.indexOf("'@'")), host: '%' });
  const newProxies = there.proxies.filter(({ as, grantOption }) => !here.proxies.some((held) => held.as === as && held.grantOption === grantOption));
  const asked = there.roles.filter(({ role, admin }) => !here.roles.some((held) => held.role === role && held.admin === admin));
  return {
    kind: 'rights', account: { user: here.user, host: here.host }, exact,
    // A partial revoke begins where its right is taken on the database, and ends where it is given there, or with the right on everything.
    give: [...chosen(minus(plainOf(there), plainOf(here))), ...chosen(minus(restrictedOf(here), restrictedOf(there)).filter(({ privilege }) => there.rights.some((one) => one.level === '*.*' && one.privilege === privilege)))],
    take: [...chosen(minus(plainOf(here), plainOf(there))), ...chosen(minus(restrictedOf(there), restrictedOf(here)))],
    giveRoles: asked.map(({ role, admin }) => ({ ...nameOf(role), admin })),
    takeRoles: here.roles.filter(({ role }) => !there.roles.some((held) => held.role === role)).map(({ role }) => nameOf(role)),
    defaultRoles: there.defaultRoles.map(nameOf), 
    giveProxies: newProxies.map(({ as, grantOption }) => ({ ...nameOf(as), grantOption })),
    takeProxies: here.proxies.filter(({ as }) => !there.proxies.some((held) => held.as === as)).map(({ as }) => nameOf(as)),
  };
}

const textsOf = ({ statements }: AccountEffect): readonly string[] => statements.map(shownText);
const run = (from: AccountState, statements: readonly string[]): readonly AccountState[] => {
  const states = [from];
  for (const sql of statements) states.push(applied(states.at(-1) ?? from, sql));
  return states;
};
/** What of these an account may not do. Sets, since thousands of accounts pass here. */
const absent = (rights: readonly string[], state: AccountState): readonly string[] => {
  const held = new Set(everything(state));
  return rights.filter((one) => !held.has(one));
};

describe('rights that are edited as a set', () => {
  it('become what is wanted, at no moment with fewer than both have in common', () => {
    fc.assert(fc.property(randomAccount, randomAccount, (here, there) => {
      const effect = effectOf(edit(here, there, false), here, words);
      const states = run(here, textsOf(effect));
      const [before, wanted] = [everything(here), new Set(everything(there))];
      const common = before.filter((one) => wanted.has(one));
      const missing = states.flatMap((state) => absent(common, state));
      const last = states.at(-1) ?? here;
      expect([...missing, ...absent([...wanted], last)]).toEqual([]);
      if (effect.kept.length === 0) expect(everything(last)).toEqual(everything(there));
    }), { numRuns: 5000 });
  }, 120_000);

  it('become exactly that where a moment without is allowed, and are taken back exactly', () => {
    fc.assert(fc.property(randomAccount, randomAccount, (here, there) => {
      const effect = effectOf(edit(here, there, true), here, words);
      const done = run(here, textsOf(effect)).at(-1) ?? here;
      expect(everything(done)).toEqual(everything(there));
      expect(effect.kept).toEqual([]);
      expect(everything(run(done, effect.undo).at(-1) ?? done)).toEqual(everything(here));
    }), { numRuns: 1000 });
  }, 120_000);

  it('take no statement where nothing differs, and one for what a server takes in one', () => {
    const app = accountState('app', { rights: [right('SELECT', '`d`.*')] });
    expect(textsOf(effectOf(edit(app, app, false), app, words))).toEqual([]);
    const wanted = accountState('app', { rights: [right('SELECT', '`d`.*'), right('INSERT', '`d`.*'), right('UPDATE', '`d`.*'), right('BACKUP_ADMIN', '*.*', 'dynamic'), right('XA_RECOVER_ADMIN', '*.*', 'dynamic')] });
    expect(textsOf(effectOf(edit(app, wanted, false), app, words))).toEqual([
      "GRANT INSERT, UPDATE ON `d`.* TO 'app'@'%'", "GRANT BACKUP_ADMIN, XA_RECOVER_ADMIN ON *.* TO 'app'@'%'",
    ]);
  });

  it('ALL PRIVILEGES gives what can be given there, and takes what is held there', () => {
    const app = accountState('app', { rights: [right('SELECT', '`d`.*'), right('EXECUTE', '`d`.*'), right('GRANT OPTION', '`d`.*')] });
    const all: ChosenRight = { privilege: 'ALL PRIVILEGES', column: null, on: { kind: 'database', pattern: 'd' } };
    const rights = { kind: 'rights', account: app, give: [], take: [], giveRoles: [], takeRoles: [], defaultRoles: null, giveProxies: [], takeProxies: [], exact: false } as const;
    expect(textsOf(effectOf({ ...rights, take: [all] }, app, words))).toEqual(["REVOKE SELECT, EXECUTE ON `d`.* FROM 'app'@'%'"]);
    expect(textsOf(effectOf({ ...rights, give: [all] }, app, words))).toEqual(["GRANT INSERT, UPDATE, DELETE, ALTER ROUTINE ON `d`.* TO 'app'@'%'"]);
  });

  it.each([
    ['SELECT', null, { kind: 'routine', routine: 'PROCEDURE', database: 'd', name: 'p' }], ['BACKUP_ADMIN', null, { kind: 'database', pattern: 'd' }],
    ['DELETE', 'a', { kind: 'table', database: 'd', table: 't' }], ['SELECT', 'a', { kind: 'database', pattern: 'd' }], ['NONSENSE', null, { kind: 'server' }],
    ['GRANT OPTION FOR SELECT', null, { kind: 'server' }], ['PROXY', null, { kind: 'server' }],
  ] as const)('%s on %s %j is no right that there is', (privilege, column, on) => {
    expect(misplaced([{ privilege, column, on }], known)).toMatchObject({ privilege });
  });
});

describe('the statements of a change', () => {
  const hostile = { user: "o'Brien\\", host: '10.0.%' };
  const app = accountState('app', { requires: 'SSL', rights: [right('SELECT', '`a_b`.*')], passwordRules: { 'PASSWORD EXPIRE INTERVAL': '0', 'PASSWORD HISTORY': null, FAILED_LOGIN_ATTEMPTS: '3', PASSWORD_LOCK_TIME: '-1' } });
  const limits = { MAX_QUERIES_PER_HOUR: 0, MAX_UPDATES_PER_HOUR: 0, MAX_CONNECTIONS_PER_HOUR: 0, MAX_USER_CONNECTIONS: 5 };
  const cases: readonly (readonly [string, AccountChange, AccountWords, readonly string[], readonly string[]])[] = [
    ['an account with quotes in its name', { kind: 'create', account: hostile, plugin: 'caching_sha2_password', requires: 'SSL', locked: true }, words,
      ["CREATE USER 'o''Brien\\\\'@'10.0.%' IDENTIFIED WITH 'caching_sha2_password' BY '***' REQUIRE SSL ACCOUNT LOCK"], ["DROP USER 'o''Brien\\\\'@'10.0.%'"]],
    ['an account before 5.7.6', { kind: 'create', account: { user: 'n', host: '%' }, plugin: null, requires: 'X509', locked: false }, old,
      ["CREATE USER 'n'@'%' IDENTIFIED BY '***'", "GRANT USAGE ON *.* TO 'n'@'%' REQUIRE X509"], ["DROP USER 'n'@'%'"]],
    ['a clone', { kind: 'clone', from: app, account: { user: 'n', host: '%' } }, words,
      ["CREATE USER 'n'@'%' IDENTIFIED WITH 'caching_sha2_password' BY '***' REQUIRE SSL PASSWORD EXPIRE NEVER FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME UNBOUNDED", "GRANT SELECT ON `a_b`.* TO 'n'@'%'"],
      ["DROP USER 'n'@'%'"]],
    ['a password beside the old one', { kind: 'password', account: app, keepOld: true }, words, ["ALTER USER 'app'@'%' IDENTIFIED WITH 'caching_sha2_password' BY '***' RETAIN CURRENT PASSWORD"], []],
    ['a password before 5.7.6', { kind: 'password', account: app, keepOld: false }, old, ["SET PASSWORD FOR 'app'@'%' = PASSWORD('***')"], []],
    ['limits', { kind: 'limits', account: app, limits }, words, ["ALTER USER 'app'@'%' WITH MAX_USER_CONNECTIONS 5"], ["ALTER USER 'app'@'%' WITH MAX_USER_CONNECTIONS 0"]],
    ['TLS', { kind: 'tls', account: app, requires: 'NONE' }, words, ["ALTER USER 'app'@'%' REQUIRE NONE"], ["ALTER USER 'app'@'%' REQUIRE SSL"]],
    ['a comment', { kind: 'attribute', account: app, comment: "it's\\", attributes: null }, words, ["ALTER USER 'app'@'%' COMMENT 'it''s\\\\'"], ["ALTER USER 'app'@'%' ATTRIBUTE '{\"comment\":null}'"]],
    ['attributes', { kind: 'attribute', account: app, comment: null, attributes: '{"b":{"c":1}}' }, words, ["ALTER USER 'app'@'%' ATTRIBUTE '{\"b\":{\"c\":1}}'"], ["ALTER USER 'app'@'%' ATTRIBUTE '{\"b\":null}'"]],
    ['a name', { kind: 'rename', account: app, to: hostile }, words, ["RENAME USER 'app'@'%' TO 'o''Brien\\\\'@'10.0.%'"], ["RENAME USER 'o''Brien\\\\'@'10.0.%' TO 'app'@'%'"]],
    ['the end of an account', { kind: 'drop', account: app }, words, ["DROP USER 'app'@'%'"],
      ["CREATE USER 'app'@'%' IDENTIFIED WITH 'caching_sha2_password' REQUIRE SSL PASSWORD EXPIRE NEVER FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME UNBOUNDED ACCOUNT LOCK", "GRANT SELECT ON `a_b`.* TO 'app'@'%'"]],
  ];
  it.each(cases)('%s', (_what, change, series, statements, undo) => {
    const effect = effectOf(change, change.kind === 'create' ? undefined : app, series);
    expect(textsOf(effect)).toEqual(statements);
    expect(effect.undo).toEqual(undo);
  });
});

describe('what stands in the way', () => {
  const root = accountState('root', { rights: [right('CREATE USER'), right('GRANT OPTION'), right('SELECT')] });
  const app = accountState('app', { rights: [right('SELECT', '`d`.*')] });
  const facts = (change: AccountChange, state: AccountState, more: Partial<ChangeFacts> = {}): ChangeFacts => ({
    change, states: [root, app], state, effect: effectOf(change, state, words), own: null, login: 'root@%', restricts: false, spillsOptions: false, sessions: 0, definer: null, ...more,
  });
  const failed = (given: ChangeFacts): readonly string[] => accountPreconditions(given).filter(({ status }) => status === 'fail').map(({ id }) => id);
  const rights = { kind: 'rights', account: root, give: [], take: [], giveRoles: [], takeRoles: [], defaultRoles: null, giveProxies: [], takeProxies: [], exact: true } as const;
  const onServer = { column: null, on: { kind: 'server' } } as const;

  it.each([
    ['drop', facts({ kind: 'drop', account: root }, root)], ['lock', facts({ kind: 'lock', account: root }, root)],
    ['take CREATE USER', facts({ ...rights, take: [{ privilege: 'CREATE USER', ...onServer }] }, root)],
    ['take GRANT OPTION', facts({ ...rights, take: [{ privilege: 'GRANT OPTION', ...onServer }] }, root)],
  ])('the last account able to grant: %s', (_what, given) => {
    expect(failed(given)).toEqual(['last-granter']);
  });

  it('is not in the way while another one can, by a role too', () => {
    const boss = accountState('boss', { roles: [{ role: quotedName(accountState('admins')), admin: false }] });
    const admins = accountState('admins', { locked: true, rights: root.rights });
    const states = [root, boss, admins];
    expect(failed(facts({ kind: 'drop', account: root }, root, { states }))).toEqual([]);
    // The role is the last that holds it.
    expect(failed(facts({ kind: 'drop', account: admins }, admins, { states: [boss, admins] }))).toEqual(['last-granter']);
    expect(failed(facts({ kind: 'drop', account: app }, app))).toEqual([]);
  });

  it('our own login is neither dropped, locked, renamed nor given less', () => {
    const two = [root, accountState('other', { rights: root.rights }), app];
    const to = { user: 'x', host: '%' };
    for (const change of [{ kind: 'drop', account: root }, { kind: 'lock', account: root }, { kind: 'rename', account: root, to }, { kind: 'password', account: root, keepOld: false }, { ...rights, take: [{ privilege: 'SELECT', ...onServer }] }] as const) {
      expect(failed(facts(change, root, { own: 'login', states: two })), change.kind).toEqual(['own']);
    }
    expect(failed(facts({ ...rights, give: [{ privilege: 'INSERT', ...onServer }] }, root, { own: 'login', states: two }))).toEqual([]);
  });

  it('nothing to change is no change, and an account of the server is left alone', () => {
    expect(failed(facts({ kind: 'unlock', account: app }, app))).toEqual(['unchanged']);
    const session = accountState('mysql.session', { locked: true });
    expect(failed(facts({ kind: 'unlock', account: session }, session))).toEqual(['reserved']);
    expect(accountName(session)).toBe('mysql.session@%');
  });

  it('open sessions and objects that run as it are told', () => {
    const told = accountPreconditions(facts({ kind: 'drop', account: app }, app, { sessions: 2, definer: 3 }));
    expect(told.filter(({ status }) => status === 'warn').map(({ id }) => id)).toEqual(['sessions', 'definer']);
  });

  it('a partial revoke needs a server that is set to them, and counts as a loss', () => {
    const take = [{ privilege: 'SELECT', column: null, on: { kind: 'database', pattern: 'd' } }] as const;
    const change = { ...rights, take };
    expect(failed(facts(change, root))).toEqual(['partial']);
    expect(failed(facts(change, root, { restricts: true }))).toEqual([]);
    expect(failed(facts(change, root, { restricts: true, own: 'login' }))).toEqual(['own']);
    expect(textsOf(effectOf(change, root, words))).toEqual(["REVOKE SELECT ON `d`.* FROM 'root'@'%'"]);
    const restricted = { ...root, rights: [...root.rights, right('SELECT', '`d`.*', 'restricted')] };
    expect(textsOf(effectOf({ ...rights, give: take }, restricted, words))).toEqual(["GRANT SELECT ON `d`.* TO 'root'@'%'"]);
    expect(textsOf(effectOf({ ...rights, take: [{ ...take[0], privilege: 'ALL PRIVILEGES' }] }, root, words))).toEqual(["REVOKE SELECT ON `d`.* FROM 'root'@'%'"]);
  });

  it('PROXY is given by who holds it with its option, and by everybody on itself', () => {
    const give = (user: string): AccountChange => ({ ...rights, account: app, giveProxies: [{ user, host: '%', grantOption: true }] });
    const failedFor = (proxies: AccountState['proxies'], change = give('p')): readonly string[] => failed(facts(change, app, { states: [{ ...root, proxies }, app] }));
    expect(failedFor([])).toEqual(['proxy']);
    expect(failedFor([{ as: "''@''", grantOption: false }])).toEqual(['proxy']);
    expect(failedFor([{ as: "''@''", grantOption: true }])).toEqual([]);
    expect(failedFor([{ as: "'p'@'%'", grantOption: true }])).toEqual([]);
    expect(failedFor([], give('root'))).toEqual([]);
  });

  it('a role that goes is told to be held, and comes back with whom it was given to, as they had it', () => {
    const role = accountState('r', { locked: true });
    const [held] = [{ ...app, roles: [{ role: "'r'@'%'", admin: true }, { role: "'x'@'%'", admin: false }], defaultRoles: ["'x'@'%'", "'r'@'%'"] }];
    const change = { kind: 'drop', account: role } as const;
    const effect = effectOf(change, role, words, [role, held, root]);
    expect(effect.undo.slice(-2)).toEqual(["GRANT 'r'@'%' TO 'app'@'%' WITH ADMIN OPTION", "SET DEFAULT ROLE 'x'@'%', 'r'@'%' TO 'app'@'%'"]);
    const warned = (states: readonly AccountState[]): readonly string[] =>
      accountPreconditions({ ...facts(change, role, { states }), effect }).filter(({ status }) => status === 'warn').map(({ id }) => id);
    expect(warned([role, held, root])).toContain('holders');
    expect(warned([role, app, root])).not.toContain('holders');
  });

  it('the grant option of a dynamic privilege that turns on that of everything is told before', () => {
    const change = { ...rights, account: app, give: [{ privilege: 'GRANT OPTION FOR BACKUP_ADMIN', column: null, on: { kind: 'server' } }], exact: false } as const;
    const warned = (spillsOptions: boolean, state = app): readonly string[] =>
      accountPreconditions(facts(change, state, { spillsOptions })).filter(({ status }) => status === 'warn').map(({ id }) => id);
    expect(warned(true)).toContain('option-spills');
    expect(warned(false)).not.toContain('option-spills');
    expect(warned(true, { ...app, rights: [right('GRANT OPTION', '*.*')] })).not.toContain('option-spills');
  });

  it('PROXY given again without its grant option: told where that takes it, and not where nothing goes or the server keeps it', () => {
    const holds = { ...app, proxies: [{ as: "'p'@'%'", grantOption: true }] };
    const toldFor = (grantOption: boolean, state = holds, modern = true): readonly string[] => {
      const change = { ...rights, account: app, giveProxies: [{ user: 'p', host: '%', grantOption }], exact: false };
      const given = { ...facts(change, state, { states: [root, state] }), effect: effectOf(change, state, { ...words, modern }) };
      return accountPreconditions(given).filter(({ status }) => status === 'warn').map(({ id }) => id);
    };
    expect(toldFor(false)).toContain('proxy-option');
    expect(toldFor(true)).not.toContain('proxy-option');
    expect(toldFor(false, { ...app, proxies: [] })).not.toContain('proxy-option');
    expect(toldFor(false, holds, false)).not.toContain('proxy-option');
  });
});

describe('what is noted at an account', () => {
  it.each([['', '', ''], ['{"comment":"x"}', 'x', ''], ['{"a":1,"comment":"x"}', 'x', '{"a":1}'], ['{"comment":3}', '', '{"comment":3}']])('%s', (attribute, comment, attributes) => {
    expect(noteOf(attribute)).toEqual({ comment, attributes });
    expect(noted(attribute, { comment: null, attributes: null })).toBe(attribute);
    expect(noted(attribute, { comment: '', attributes: '' })).toBe('');
  });

  it.each([['', null], ['{"a":[null]}', null], ['{', 'syntax'], ['[]', 'object'], ['{"comment":"x"}', 'comment'], ['{"a":{"b":null}}', 'null']])('%s as attributes: %s', (text, problem) => {
    expect(attributesProblem(text)).toBe(problem);
  });

  it('the clause, merged as the server does it, makes one of the other', () => {
    const json = fc.dictionary(fc.constantFrom('a', 'b', 'comment'), fc.oneof(fc.string(), fc.integer(), fc.dictionary(fc.constantFrom('c', 'd'), fc.integer())));
    fc.assert(fc.property(json, json, (from, to) => {
      const [here, there] = [noted(JSON.stringify(from), { comment: null, attributes: null }), noted(JSON.stringify(to), { comment: null, attributes: null })];
      const [, word, text] = /^(COMMENT|ATTRIBUTE) '(.*)'$/s.exec(noteClause(here, there)) ?? [];
      if (text === undefined) {
        expect(here).toBe(there);
        return;
      }
      const plain = text.replaceAll("''", "'").replaceAll('\\\\', '\\');
      const merged = (value: unknown, patch: unknown): unknown => {
        if (typeof patch !== 'object' || patch === null) return patch;
        const fields = new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}));
        for (const [name, one] of Object.entries(patch)) if (one === null) fields.delete(name); else fields.set(name, merged(fields.get(name), one));
        return Object.fromEntries(fields);
      };
      const after = merged(here === '' ? {} : JSON.parse(here), word === 'COMMENT' ? { comment: plain } : JSON.parse(plain));
      expect(canonicalJson(after).replace(/^\{\}$/, '')).toBe(there);
    }));
  });
});
