// What an account may do, by the lines that its server shows: those of every version, with names that hold anything.
import { describe, expect, it } from 'vitest';
import { parseGrantLine, parseGrants } from '../../../shared/domain/accounts/grants';
import { hasRight, mayGrant, missingRights } from '../../../shared/domain/accounts/rights';

describe('lines of SHOW GRANTS', () => {
  const everything = { kind: 'everything' };

  it.each([
    ["GRANT SUPER ON *.* TO 'su'@'%' IDENTIFIED BY PASSWORD '*D821809F681A40A6E379B50D0463EFAE20BDD122'", { kind: 'grant', privileges: ['SUPER'], on: everything, grantOption: false }],
    ["GRANT ALL PRIVILEGES ON *.* TO 'al'@'%' IDENTIFIED BY PASSWORD <secret> WITH GRANT OPTION", { kind: 'grant', privileges: ['ALL PRIVILEGES'], on: everything, grantOption: true }],
    ["GRANT SELECT ON *.* TO 'a'@'%' IDENTIFIED BY PASSWORD '*X' REQUIRE ISSUER '/O=O'Reilly' WITH GRANT OPTION MAX_QUERIES_PER_HOUR 5 MAX_USER_CONNECTIONS 2", { kind: 'grant', privileges: ['SELECT'], on: everything, grantOption: true }],
    ["GRANT SELECT ON *.* TO 'x' WITH GRANT OPTION'@'%'", { kind: 'grant', privileges: ['SELECT'], on: everything, grantOption: false }],
    ["GRANT SELECT ON *.* TO 'o'x'@'%'", { kind: 'grant', privileges: ['SELECT'], on: everything, grantOption: false }],
    ['GRANT BACKUP_ADMIN,CLONE_ADMIN ON *.* TO `u`@`%` WITH GRANT OPTION', { kind: 'grant', privileges: ['BACKUP_ADMIN', 'CLONE_ADMIN'], on: everything, grantOption: true }],
    ['GRANT EVENT, TRIGGER ON `we``ird`.* TO `c`@`%`', { kind: 'grant', privileges: ['EVENT', 'TRIGGER'], on: { kind: 'database', pattern: 'we`ird' }, grantOption: false }],
    ['GRANT EVENT ON `` ON *.* TO ```.* TO `c`@`%`', null],
    ['GRANT EVENT ON ` ON *.* TO `.* TO `c`@`%`', { kind: 'grant', privileges: ['EVENT'], on: { kind: 'database', pattern: ' ON *.* TO ' }, grantOption: false }],
    ['GRANT INSERT ON "sh""op\\_1".* TO "u"@"%"', { kind: 'grant', privileges: ['INSERT'], on: { kind: 'database', pattern: 'sh"op\\_1' }, grantOption: false }],
    ['GRANT INSERT ON shop.orders TO u@localhost', { kind: 'grant', privileges: ['INSERT'], on: { kind: 'table', database: 'shop', name: 'orders' }, grantOption: false }],
    ['GRANT SELECT (`a`, `b,(`), INSERT (`x) ON *.*`), UPDATE ON `s`.`t` TO `c`@`%`', { kind: 'grant', privileges: ['UPDATE'], on: { kind: 'table', database: 's', name: 't' }, grantOption: false }],
    ["GRANT SELECT (a, b), INSERT (x), SUPER ON *.* TO 'y) ON `s`.`t` TO 'c'@'%'", null],
    ['GRANT EXECUTE ON PROCEDURE `s`.`p` TO `c`@`%` WITH GRANT OPTION', { kind: 'grant', privileges: ['EXECUTE'], on: { kind: 'routine', database: 's', name: 'p' }, grantOption: true }],
    ['REVOKE SELECT ON `hr`.* FROM `u`@`%`', { kind: 'revoke', privileges: ['SELECT'], on: { kind: 'database', pattern: 'hr' }, grantOption: false }],
    ['GRANT `ra`@`%`,`r``b`@`x` TO `u`@`%` WITH ADMIN OPTION', { kind: 'role', roles: ['ra@%', 'r`b@x'], adminOption: true }],
    ["GRANT PROXY ON ''@'' TO 'root'@'localhost' WITH GRANT OPTION", { kind: 'proxy' }],
    ['no grant', null],
    ['', null],
  ])('%s', (line, grant) => {
    expect(parseGrantLine(line)?.grant ?? null).toEqual(grant);
  });

  it('can be given right by right', () => {
    expect(parseGrantLine('GRANT SELECT, SHOW VIEW (`a`,`b`),BINLOG_ADMIN ON `s`.`t` TO `a`@`%` WITH GRANT OPTION'))
      .toMatchObject({ items: ['SELECT', 'SHOW VIEW (`a`,`b`)', 'BINLOG_ADMIN'], rest: 'ON `s`.`t` TO `a`@`%` WITH GRANT OPTION' });
  });
});

describe('rights', () => {
  const grants = parseGrants([
    'GRANT SELECT, RELOAD, REPLICATION CLIENT ON *.* TO `u`@`%`',
    'GRANT BACKUP_ADMIN,CLONE_ADMIN ON *.* TO `u`@`%` WITH GRANT OPTION',
    'GRANT INSERT, SELECT (`id`, `a,b`) ON `shop\\_1`.* TO `u`@`%`',
    'GRANT UPDATE ON `shop_1`.`orders` TO `u`@`%`',
    'GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `u`@`%`',
    "GRANT PROXY ON ''@'' TO `u`@`%` WITH GRANT OPTION",
    'GRANT TRIGGER ON `we``ird`.* TO `u`@`%`',
    'GRANT INSERT ON `shop\\_1`.* TO `u`@`%`',
  ]);

  it.each([
    [['RELOAD', 'BACKUP_ADMIN'], null, []],
    [['PROCESS'], null, ['PROCESS']],
    [['INSERT'], null, ['INSERT']],
    [['INSERT'], ['shop_1'], []],
    [['INSERT'], ['shopX1'], ['INSERT']],
    [['UPDATE'], ['shop_1'], ['UPDATE']],
    [['EXECUTE'], ['shop'], ['EXECUTE']],
    [['TRIGGER'], ['we`ird'], []],
    [['RELOAD', 'PROCESS', 'PROCESS'], ['shop_1'], ['PROCESS']],
  ] as const)('%j on %j: lacks %j', (wanted, databases, missing) => {
    expect(missingRights(grants, wanted, databases)).toEqual(missing);
  });

  it.each([
    ["5.6", "GRANT SUPER ON *.* TO 'u'@'%' IDENTIFIED BY PASSWORD '*X'"],
    ['5.7', "GRANT SUPER ON *.* TO 'u'@'%'"],
    ['8.0 and later', 'GRANT SUPER ON *.* TO `u`@`%`'],
  ])('SUPER of %s holds what was split out of it, and nothing else', (_version, line) => {
    const wanted = [
      'SUPER', 'REPLICATION CLIENT', 'REPLICATION_SLAVE_ADMIN', 'SYSTEM_VARIABLES_ADMIN', 'SESSION_VARIABLES_ADMIN', 'CONNECTION_ADMIN', 'BINLOG_ADMIN', 'SET_USER_ID', 'SET_ANY_DEFINER',
      'RELOAD', 'PROCESS', 'CREATE USER', 'REPLICATION SLAVE', 'BACKUP_ADMIN', 'CLONE_ADMIN', 'XA_RECOVER_ADMIN', 'PERSIST_RO_VARIABLES_ADMIN', 'SYSTEM_USER', 'SELECT',
    ];
    expect(missingRights(parseGrants([line]), wanted)).toEqual(wanted.slice(wanted.indexOf('RELOAD')));
  });

  it('ALL holds everything on what it is given, and a partial revoke takes away', () => {
    expect(missingRights(parseGrants(["GRANT SUPER ON *.* TO 'u'@'%'"]), ['CONNECTION_ADMIN', 'RELOAD'])).toEqual(['RELOAD']);
    expect(missingRights(parseGrants(["GRANT ALL PRIVILEGES ON *.* TO 'u'@'%' WITH GRANT OPTION"]), ['SELECT', 'CLONE_ADMIN'])).toEqual([]);
    const database = parseGrants(['GRANT USAGE ON *.* TO `u`@`%`', 'GRANT ALL PRIVILEGES ON `shop`.* TO `u`@`%`']);
    expect([missingRights(database, ['SELECT', 'RELOAD'], ['shop']), missingRights(database, ['SELECT'])]).toEqual([['RELOAD'], ['SELECT']]);
    const revoked = parseGrants(['GRANT SELECT ON *.* TO `u`@`%`', 'REVOKE SELECT ON `hr`.* FROM `u`@`%`']);
    expect(missingRights(revoked, ['SELECT'])).toEqual(['SELECT']);
    expect(missingRights(revoked, ['SELECT'], ['shop'])).toEqual([]);
    expect(missingRights(revoked, ['SELECT'], ['hr'])).toEqual(['SELECT']);
    expect(missingRights(parseGrants(['GRANT SELECT ON *.* TO `u`@`%`', 'REVOKE SELECT ON `mysql`.* FROM `u`@`%`']), ['SELECT'])).toEqual([]);
  });

  it('on everything are not those on a database, and not those of a role that is merely granted', () => {
    const all = parseGrants(["GRANT ALL PRIVILEGES ON *.* TO 'a'@'%' IDENTIFIED BY PASSWORD '*X' WITH GRANT OPTION"]);
    expect(hasRight(all, 'PROCESS')).toBe(true);
    const some = parseGrants(['GRANT SELECT, PROCESS, REPLICATION CLIENT ON *.* TO `a`@`%`', 'GRANT BACKUP_ADMIN,CLONE_ADMIN ON *.* TO `a`@`%`', 'GRANT EVENT ON `d`.* TO `a`@`%`', 'GRANT `role`@`%` TO `a`@`%`']);
    expect(['PROCESS', 'REPLICATION CLIENT', 'CLONE_ADMIN', 'EVENT'].map((right) => hasRight(some, right))).toEqual([true, true, true, false]);
    expect(hasRight(parseGrants(["GRANT USAGE ON *.* TO 'a'@'%'"]), 'SELECT')).toBe(false);
  });

  it('of several patterns the name itself decides, and else what all of them give', () => {
    const lines = ['GRANT SELECT ON `shop%`.* TO `u`@`%`', 'GRANT INSERT ON `shop\\_1`.* TO `u`@`%`', 'GRANT SELECT, DELETE ON `s%`.* TO `u`@`%`'];
    const on = (database: string, also: readonly string[] = [], arePatternsNames = false): boolean[] =>
      ['SELECT', 'INSERT', 'DELETE'].map((right) => hasRight(parseGrants([...lines, ...also], { arePatternsNames }), right, [database]));
    expect(on('shop_1')).toEqual([false, true, false]);
    expect(on('shopx1')).toEqual([true, false, false]);
    expect(on('sx')).toEqual([true, false, true]);
    expect(on('shop_1', ['GRANT `r`@`%` TO `u`@`%`'])).toEqual([false, false, false]);
    // Under partial_revokes no character stands for another.
    expect([on('shopx1', [], true), on('shop%', [], true), on('shop_1', [], true), on('shop\\_1', [], true)]).toEqual([[false, false, false], [true, false, false], [false, false, false], [false, true, false]]);
  });

  it('are handed on by who holds them with the option, each dynamic one by its own', () => {
    const own = parseGrants(['GRANT SELECT, SUPER ON *.* TO `dg`@`%`', 'GRANT CONNECTION_ADMIN ON *.* TO `dg`@`%`', 'GRANT BACKUP_ADMIN ON *.* TO `dg`@`%` WITH GRANT OPTION']);
    expect(['SELECT', 'CONNECTION_ADMIN', 'BACKUP_ADMIN'].map((right) => mayGrant(own, right))).toEqual([false, false, true]);
    expect(mayGrant(parseGrants(["GRANT ALL PRIVILEGES ON *.* TO 'u'@'%' WITH GRANT OPTION"]), 'REPLICATION SLAVE')).toBe(true);
    expect(mayGrant(parseGrants(['GRANT SUPER ON *.* TO `u`@`%` WITH GRANT OPTION']), 'CONNECTION_ADMIN')).toBe(false);
  });
});
