// What bars an opening, where both servers stand afterwards, and what is said of it: pure deciders, by cases and by properties.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGrants } from '../../../shared/domain/accounts/grants';
import { couldOperate } from '../../../shared/domain/accounts/rights';
import { isLeftOver, trialName } from '../../../shared/domain/checks/trial';
import { barsOf, obstaclesOf, type OpeningReading } from '../../../shared/domain/promotion/opening';
import type { Blocker } from '../../../shared/domain/promotion/promotion';
import { outcomeOf, standingNotes, standingOf, verdictOf, type Ran, type ServerReading } from '../../../shared/domain/promotion/standing';
import { translator } from '../../../shared/i18n/translate';
import { retires } from '../../../electron/replication/login';
import { freeToOpen } from '../../fixtures/opening-reading';

const held = (kind: Blocker['kind'], connectionId = 7): Blocker => ({
  kind, connectionId, user: 'bak', host: '10.0.0.9:4', seconds: 34, statement: 'FLUSH TABLES WITH READ LOCK',
});
const withVariables = (change: Readonly<Record<string, string>>): Partial<OpeningReading> => ({
  variables: new Map([...freeToOpen.variables, ...Object.entries(change)]),
});

const unlimitedAccount = { queriesPerHour: 0, updatesPerHour: 0, connectionsPerHour: 0, connectionsAtOnce: 0 };

describe('what bars an opening', () => {
  test('nothing bars a free standby', () => expect(obstaclesOf(freeToOpen)).toEqual([]));

  const cases: ReadonlyArray<readonly [string, Partial<OpeningReading>, boolean, RegExp, number]> = [
    ['read-only transactions', withVariables({ transaction_read_only: 'ON', tx_read_only: 'ON' }), true, /^transaction_read_only = ON$/, 1],
    ['their old name', { variables: new Map([['tx_read_only', 'ON']]) }, true, /^tx_read_only = ON$/, 1],
    ['offline_mode', withVariables({ offline_mode: 'ON' }), true, /offline_mode = ON/, 1],
    ['InnoDB started read-only', withVariables({ innodb_read_only: 'ON' }), true, /innodb_read_only/, 0],
    ['InnoDB in recovery', withVariables({ innodb_force_recovery: '1' }), true, /innodb_force_recovery = 1/, 0],
    ['a setting that comes back at the next start', { persisted: new Map([['offline_mode', 'ON']]) }, false, /SET PERSIST/, 1],
    ['a read lock, by its session', { locks: [held('read-lock')] }, true, /#7 bak@10\.0\.0\.9:4, 34 s: FLUSH/, 1],
    ['a backup lock', { locks: [held('backup-lock')] }, true, /LOCK INSTANCE FOR BACKUP \(#7/, 1],
    ['a lock that the server does not tell', { trial: { kind: 'waited' }, idle: [held('client-session', 8), held('client-session', 9)] }, true, /#8 .*#9 /, 2],
    ['too few connections for the operation', withVariables({ max_connections: '9' }), true, /max_connections = 9, Threads_connected = 5/, 0],
    ['too few for the clients that come next', { clients: 500 }, false, /\+500/, 0],
    ['an account with fewer connections than it takes', { quotas: { ...unlimitedAccount, connectionsAtOnce: 4 } }, true, /^MAX_USER_CONNECTIONS 4 < 5$/, 0],
    ['an account with a share of each hour', { quotas: { ...unlimitedAccount, updatesPerHour: 10 } }, false, /^MAX_UPDATES_PER_HOUR 10$/, 0],
    ['a full disk', { commitStalls: [held('client-session')] }, true, /COMMIT … \(#7/, 0],
    ['a commit that stands, and what waits behind it', { commitStalls: [held('client-session')], trial: { kind: 'waited' }, idle: [held('client-session', 8)] }, true, /COMMIT … \(#7/, 0],
    ['a write that a setting refuses', { ...withVariables({ transaction_read_only: 'ON' }), trial: { kind: 'refused', text: 'no' } }, true, /^transaction_read_only = ON$/, 1],
    ['a write that was refused', { trial: { kind: 'refused', text: 'no' } }, true, /^no$/, 0],
  ];
  test.each(cases)('%s', (_name, change, bars, found, cures) => {
    const obstacles = obstaclesOf({ ...freeToOpen, ...change });
    expect(obstacles.map((one) => [one.bars, one.cures.length])).toEqual([[bars, cures]]);
    expect(obstacles[0]?.found).toMatch(found);
    expect(barsOf(obstacles) !== '').toBe(bars);
  });

  test('a table lock bars nothing', () => expect(obstaclesOf({ ...freeToOpen, locks: [held('table-lock')] })).toEqual([]));
});

const server = (change: Partial<NonNullable<ServerReading>> = {}): ServerReading => ({ readOnly: true, hindering: [], executed: '', link: 'running', ...change });
const names = { source: 'S', standby: 'T' };
const anyServer = fc.option(fc.record({ readOnly: fc.boolean(), hindering: fc.constantFrom([], ['offline_mode = ON']), executed: fc.constant(''), link: fc.constantFrom('running', 'stopped', null) } as const), { nil: null });
const anyRun = fc.record({ kind: fc.constantFrom('planned', 'emergency'), finished: fc.boolean(), mayBeOpen: fc.boolean(), mayBeFenced: fc.boolean(), undoMissed: fc.boolean() } as const);

describe('where both stand', () => {
  const ran = (change: Partial<Ran> = {}): Ran => ({ kind: 'planned', finished: false, mayBeOpen: true, mayBeFenced: true, undoMissed: false, ...change });

  test.each<[string, ServerReading, ServerReading, Ran, 'done' | 'undone' | 'failed', string]>([
    ['everything went back', server({ readOnly: false, link: null }), server(), ran(), 'undone', 'source'],
    ['nobody can write', server(), server({ link: 'stopped' }), ran(), 'failed', 'nobody'],
    ['the standby is open and nothing can be written there', server(), server({ readOnly: false, hindering: ['transaction_read_only = ON'] }), ran(), 'failed', 'nobody'],
    ['it was done, and new sessions cannot write', server(), server({ readOnly: false, hindering: ['offline_mode = ON'] }), ran({ finished: true }), 'failed', 'nobody'],
    ['both take writes', server({ readOnly: false }), server({ readOnly: false }), ran(), 'failed', 'both'],
    ['the standby that may be open is away', server(), null, ran(), 'failed', 'unknown'],
    ['the old primary was gone before anything was done', null, server(), ran({ mayBeOpen: false, mayBeFenced: false }), 'undone', 'unknown'],
    ['the old primary was fenced and is away', null, server(), ran({ mayBeOpen: false }), 'failed', 'unknown'],
    ['an emergency that went back', null, server(), ran({ kind: 'emergency' }), 'undone', 'unknown'],
    ['done', server(), server({ readOnly: false, link: null }), ran({ finished: true }), 'done', 'standby'],
  ])('%s', (_name, source, standby, run, outcome, writes) => {
    const standing = standingOf(source, standby);
    expect([outcomeOf(standing, run), standing.writes]).toEqual([outcome, writes]);
  });

  test('"nothing was switched" is never said while the standby may be open, nor of a planned one while nobody writes on the old primary', () => {
    fc.assert(fc.property(anyServer, anyServer, anyRun, (source, standby, run) => {
      const standing = standingOf(source, standby);
      if (outcomeOf(standing, run) !== 'undone') return;
      expect(standing.standby === 'read-only' || !run.mayBeOpen).toBe(true);
      if (run.kind === 'planned' && run.mayBeFenced) expect(standing.source).toBe('writable');
    }));
  });

  test('a report says it wherever nobody can write, or both can, and every text can be told in both languages', () => {
    fc.assert(fc.property(anyServer, anyServer, (source, standby) => {
      const standing = standingOf(source, standby);
      const keys = standingNotes(standing, names).map(({ key }) => key);
      expect(keys.includes('promotion.note.nobody-writes')).toBe(standing.writes === 'nobody');
      expect(keys.includes('promotion.note.both-write')).toBe(standing.writes === 'both');
      for (const language of ['en', 'zh-CN'] as const) for (const one of standingNotes(standing, names)) expect(translator(language).message(one)).not.toMatch(/[{}]/);
    }));
  });

  test('recovery always has a verdict, and never offers to undo what may be open', () => {
    fc.assert(fc.property(anyServer, anyServer, fc.constantFrom('planned', 'emergency'), fc.boolean(), fc.constantFrom(true, false, null), (source, standby, kind, openingBegun, complete) => {
      const { verdict } = verdictOf(standingOf(source, standby), { kind, openingBegun, complete }, names);
      if (openingBegun) expect(verdict).not.toBe('can-undo');
    }));
  });
});

describe('who counts as the holder of a lock', () => {
  test.each<[string, readonly string[], boolean]>([
    ['USAGE alone', ["GRANT USAGE ON *.* TO 'a'@'%'"], false],
    ['everything in one database', ["GRANT USAGE ON *.* TO 'a'@'%'", "GRANT ALL PRIVILEGES ON `app`.* TO 'a'@'%'"], false],
    ['a monitor', ["GRANT PROCESS, REPLICATION CLIENT, SELECT ON *.* TO 'a'@'%'"], false],
    ['SUPER', ["GRANT SUPER ON *.* TO 'a'@'%'"], true],
    ['one of what SUPER became', ["GRANT REPLICATION_SLAVE_ADMIN ON *.* TO `a`@`%`"], true],
    ['everything', ["GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION"], true],
    ['a role may bring anything', ["GRANT USAGE ON *.* TO `a`@`%`", 'GRANT `dba`@`%` TO `a`@`%`'], true],
  ])('%s', (_name, lines, could) => expect(couldOperate(parseGrants(lines))).toBe(could));
});

test('a link that applies is no left-over of a trial, whatever its name is', () => {
  expect([true, false].map((applies) => isLeftOver({ name: trialName, user: 'repl', applies }))).toEqual([false, true]);
  expect(isLeftOver({ name: '', user: 'repl', applies: false })).toBe(false);
});

test('only an account that was made here is ever to go, and only once another took its place', () => {
  expect([retires('antipode_0a1b2c', 'antipode_ffffff'), retires('antipode_0a1b2c', null), retires('antipode_0a1b2c', 'antipode_0a1b2c'), retires('repl', 'antipode_ffffff'), retires('antipode_repl', 'antipode_ffffff')])
    .toEqual([true, false, false, false, false]);
});
