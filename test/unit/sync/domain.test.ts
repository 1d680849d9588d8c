import { describe, expect, it } from 'vitest';
import type { ChannelFilters } from '../../../shared/domain/fleet/facts';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import type { Scope } from '../../../shared/domain/scope/scope';
import { failedInPart, outsideStatement } from '../../../shared/domain/scope/outside';
import { filtersMatch, isDatabaseInScope, isInScope, isWholeDatabaseInScope, wildTablesOf } from '../../../shared/domain/scope/filters';
import { cloneWorthBytes, proposalOf, type ProposalFacts } from '../../../shared/domain/sync/proposal';
import { accepts, commandsOf, syncStateOf } from '../../../shared/domain/sync/state';
import type { StepState, TaskState, TaskView } from '../../../shared/domain/tasks/task';
import { parseServerVersion } from '../../../shared/domain/fleet/version';

const partial: Scope = { kind: 'partial', databases: [{ database: 'shop_1', tables: null }, { database: 'a%b', tables: ['t_1', 'back\\slash'] }] };

const noFilters: ChannelFilters = { doDb: [], ignoreDb: [], doTable: [], ignoreTable: [], wildDoTable: [], wildIgnoreTable: [], rewriteDb: [] };

describe('filters of a scope', () => {
  it('takes the wildcards out of names and lets the heartbeat through', () => {
    expect(wildTablesOf(partial)).toEqual(['shop\\_1.%', 'a\\%b.t\\_1', 'a\\%b.back\\\\slash', 'antipode.%']);
    expect(wildTablesOf({ kind: 'instance' })).toEqual([]);
  });

  it('matches what the server prints, in any order and cut at commas', () => {
    const scope: Scope = { kind: 'partial', databases: [{ database: 'a,b', tables: null }, { database: 'c', tables: null }] };
    expect(filtersMatch(scope, { ...noFilters, wildDoTable: ['c.%', 'a', 'b.%', 'antipode.%'] })).toBe(true);
    expect(filtersMatch(scope, { ...noFilters, wildDoTable: ['c.%', 'antipode.%'] })).toBe(false);
    expect(filtersMatch(scope, noFilters)).toBe(false);
    expect(filtersMatch(scope, { ...noFilters, wildDoTable: ['a,b.%', 'c.%', 'antipode.%'], ignoreDb: ['c'] })).toBe(false);
    expect(filtersMatch({ kind: 'instance' }, noFilters)).toBe(true);
    expect(filtersMatch({ kind: 'instance' }, { ...noFilters, doDb: ['x'] })).toBe(false);
  });

  it('knows what is in scope', () => {
    expect(isInScope(partial, 'shop_1', 'any')).toBe(true);
    expect(isInScope(partial, 'shopX1', 'any')).toBe(false);
    expect(isInScope(partial, 'a%b', 't_1')).toBe(true);
    expect(isInScope(partial, 'a%b', 'tX1')).toBe(false);
    expect(isInScope(partial, 'antipode', 'heartbeat')).toBe(true);
    expect(isDatabaseInScope(partial, 'a%b')).toBe(true);
    expect(isWholeDatabaseInScope(partial, 'a%b')).toBe(false);
    expect(isWholeDatabaseInScope({ kind: 'instance' }, 'a%b')).toBe(true);
  });
});

function task(state: TaskState, steps: Record<string, StepState> = {}, can = true): TaskView {
  return {
    id: 't', kind: 'sync', name: 'n', state, instanceIds: [], createdAt: 0, startedAt: null, endedAt: null, waitingFor: null, error: null, aftermath: null, isReported: false, canCancel: can, canPause: can, log: [],
    steps: Object.entries(steps).map(([id, stepState]) => ({ id, title: { key: 'sync.step.checks' }, state: stepState, pointOfNoReturn: false, startedAt: null, ms: null, sql: [], progress: null, error: null })),
  };
}

describe('state of a sync task', () => {
  it.each([
    ['created', 'created', null, null],
    ['created', 'checking', task('running', { checks: 'running', seed: 'pending' }), null],
    ['created', 'running', task('running', { checks: 'done', seed: 'running' }), null],
    ['created', 'running', task('undoing'), null],
    ['created', 'waiting', task('waiting'), null],
    ['created', 'failed', task('failed'), null],
    ['created', 'cancelled', task('cancelled'), null],
    ['created', 'interrupted', task('interrupted'), null],
    ['linked', 'replicating', task('done'), true],
    ['linked', 'stopped', task('done'), false],
    ['linked', 'replicating', task('done'), null],
    ['linked', 'stopped', null, false],
    ['linked', 'stopped', task('failed'), false],
    ['superseded', 'superseded', task('done'), true],
  ] as const)('%s → %s', (outcome, state, run, link) => {
    expect(syncStateOf(outcome, run, link)).toBe(state);
  });

  it('takes only the commands of its state, and no more than the run takes', () => {
    expect(commandsOf('created', null)).toEqual({ start: true, edit: true, pause: false, resume: false, cancel: false, remove: true, setCopyRate: false, changeScope: false, reapplyFilters: false, skipTransaction: false, verify: false });
    expect(commandsOf('running', task('running'))).toEqual({ start: false, edit: false, pause: true, resume: false, cancel: true, remove: false, setCopyRate: true, changeScope: false, reapplyFilters: false, skipTransaction: false, verify: false });
    expect(commandsOf('running', task('running', {}, false))).toEqual({ start: false, edit: false, pause: false, resume: false, cancel: false, remove: false, setCopyRate: true, changeScope: false, reapplyFilters: false, skipTransaction: false, verify: false });
    expect(commandsOf('replicating', null)).toEqual({ start: false, edit: false, pause: true, resume: false, cancel: false, remove: true, setCopyRate: false, changeScope: true, reapplyFilters: true, skipTransaction: false, verify: true });
    expect(commandsOf('superseded', null)).toEqual({ start: false, edit: false, pause: false, resume: false, cancel: false, remove: true, setCopyRate: false, changeScope: false, reapplyFilters: false, skipTransaction: false, verify: false });
    expect(commandsOf('stopped', null)).toMatchObject({ resume: true, skipTransaction: true, verify: false });
    expect(accepts('interrupted', 'remove', task('interrupted'))).toBe(false);
    expect(accepts('interrupted', 'cancel', task('interrupted', {}, false))).toBe(true);
  });
});

const a = '11111111-1111-1111-1111-111111111111';
const b = '22222222-2222-2222-2222-222222222222';

function facts(change: Partial<ProposalFacts> & { source?: string; standby?: string }): ProposalFacts {
  return {
    scope: { kind: 'instance' },
    sourceVersion: parseServerVersion(change.source ?? '9.7.0'),
    standbyVersion: parseServerVersion(change.standby ?? '9.7.0'),
    sourceExecuted: parseGtidSet(`${a}:1-100`),
    sourcePurged: parseGtidSet(''),
    standbyExecuted: parseGtidSet(''),
    standbyDatabases: [],
    endangered: [],
    foreignEngines: 0,
    bytes: 1024,
    ...change,
  };
}

describe('proposal of the first copy', () => {
  it('adopts only what is proven and holds data', () => {
    const restored = { standbyExecuted: parseGtidSet(`${a}:1-90`), standbyDatabases: ['shop'] };
    expect(proposalOf(facts(restored))).toMatchObject({ seed: 'adopt', erases: [], reason: { params: { missing: 10 } } });
    expect(proposalOf(facts({ ...restored, standbyDatabases: [] })).seed).toBe('copy');
    expect(proposalOf(facts({ ...restored, standbyExecuted: parseGtidSet(`${a}:1-90,${b}:1`), endangered: ['shop'] }))).toMatchObject({ seed: 'copy', erases: ['shop'] });
    expect(proposalOf(facts({ ...restored, sourcePurged: parseGtidSet(`${a}:1-95`) })).seed).toBe('copy');
  });

  it('clones large instances of one series, whole and InnoDB', () => {
    const large = { bytes: cloneWorthBytes };
    expect(proposalOf(facts(large)).seed).toBe('clone');
    expect(proposalOf(facts({})).seed).toBe('copy');
    expect(proposalOf(facts({ ...large, scope: partial })).seed).toBe('copy');
    expect(proposalOf(facts({ ...large, foreignEngines: 1 })).seed).toBe('copy');
    expect(proposalOf(facts({ ...large, source: '8.4.3', standby: '9.7.0' })).seed).toBe('copy');
    expect(proposalOf(facts({ ...large, source: '8.0.36', standby: '8.0.37' })).seed).toBe('copy');
    expect(proposalOf(facts({ ...large, source: '8.0.37', standby: '8.0.40' })).seed).toBe('clone');
    expect(proposalOf(facts({ ...large, source: '8.0.16', standby: '8.0.16' })).seed).toBe('copy');
    expect(proposalOf(facts({ ...large, source: '8.4.1', standby: '8.4.3' })).seed).toBe('clone');
  });

  it('says why the others do not fit', () => {
    const { alternatives } = proposalOf(facts({ source: '9.7.0', standby: '8.0.40' }));
    expect(alternatives.find(({ seed }) => seed === 'clone')).toMatchObject({ possible: false, reason: { key: 'sync.seed.clone.versions' } });
    expect(proposalOf(facts({ source: '9.7.0', standby: '8.0.40' })).reason.key).toBe('sync.seed.copy.older');
  });
});

describe('statements of databases outside of the scope', () => {
  it.each([
    ['CREATE DEFINER=`antipode`@`%` FUNCTION `new``out`.`f`() RETURNS int', '', 'new`out', 'FUNCTION'],
    ["create definer='a'@'%' procedure if not exists out_db . p () SELECT 1", 'shop_1', 'out_db', 'PROCEDURE'],
    ['DROP EVENT IF EXISTS e', 'out_db', 'out_db', 'EVENT'],
    ['ALTER PROCEDURE p COMMENT "x"', 'out_db', 'out_db', 'PROCEDURE'],
    ['DROP PROCEDURE `a%b`.old', '', 'a%b', 'PROCEDURE'],
    ['/* nightly */ DROP FUNCTION 外.f -- gone', '', '外', 'FUNCTION'],
    ['CREATE DEFINER = CURRENT_USER() EVENT out_db.e ON SCHEDULE EVERY 1 DAY DO DO 1', '', 'out_db', 'EVENT'],
    ['CREATE DEFINER=root@10.0.% PROCEDURE out_db.p() SELECT 1', '', 'out_db', 'PROCEDURE'],
  ])('may be passed over: %s', (text, database, outside, kind) => {
    expect(outsideStatement({ text, database }, 1049, partial)).toMatchObject({ database: outside, kind });
  });

  it.each([
    ['CREATE PROCEDURE shop_1.p () SELECT 1', 'out_db'],
    ['CREATE PROCEDURE p () SELECT 1', 'shop_1'],
    ['CREATE PROCEDURE p () SELECT 1', ''],
    ['CREATE VIEW shop_1.v AS SELECT * FROM out_db.t', ''],
    ['INSERT INTO shop_1.t SELECT 1 FROM out_db.t /* CREATE PROCEDURE out_db.p */', ''],
    ['CREATE FUNCTION antipode.f () RETURNS INT', ''],
    // A server that folds names takes it for shop_1.
    ['CREATE PROCEDURE SHOP_1.p () SELECT 1', ''],
    // Text for some versions, a comment for all others.
    ['DROP PROCEDURE /*!99999 out_db.p -- */ shop_1.q', ''],
    ['DROP PROCEDURE /*M!99999 out_db.p -- */ shop_1.q', ''],
  ])('stops the applier: %s', (text, database) => {
    expect(outsideStatement({ text, database }, 1049, partial)).toBeNull();
  });

  it('reads a statement under the sql_mode that its source read it under', () => {
    const text = "CREATE DEFINER='\\'@' PROCEDURE out_db.p() ' PROCEDURE shop_1.q() SELECT 1";
    expect(outsideStatement({ text, database: '', modes: { noBackslashEscapes: true } }, 1049, partial)).toBeNull();
    expect(outsideStatement({ text: 'DROP PROCEDURE "out_db"."p"', database: 'shop_1', modes: { ansiQuotes: true } }, 1305, partial)).toMatchObject({ database: 'out_db' });
    expect(outsideStatement({ text: 'DROP PROCEDURE "out_db"."p"', database: 'shop_1' }, 1305, partial)).toBeNull();
  });

  it('may be passed over: the end of a view that was never there', () => {
    const drop = (text: string, errno = 1051): unknown => outsideStatement({ text, database: '' }, errno, partial);
    expect(drop('DROP VIEW shop_1.v')).toEqual({ database: 'shop_1', name: 'v', kind: 'VIEW' });
    for (const query of ['DROP VIEW shop_1.v, shop_1.w', 'DROP TABLE shop_1.v', 'DROP TABLE `shop_1`.`v`,`out_db`.`t` /* generated by server */']) expect(drop(query), query).toBeNull();
    expect(drop('DROP VIEW shop_1.v', 1049)).toBeNull();
  });

  it('tells an event that comes into the scope by its new name', () => {
    const at = (text: string): unknown => outsideStatement({ text, database: 'out_db' }, 1049, partial);
    const cameIn = { kind: 'EVENT', database: 'shop_1', name: 'e2' };
    for (const text of ['ALTER EVENT e RENAME TO shop_1.e2', "ALTER EVENT out_db.e ON SCHEDULE EVERY 1 DAY RENAME TO `shop_1`.`e2` COMMENT 'x' DO SELECT 1"]) expect(at(text)).toMatchObject({ database: 'out_db', cameIn });
    for (const text of ['ALTER EVENT e RENAME TO e2', 'ALTER EVENT e RENAME TO other.e2', "ALTER EVENT e COMMENT 'RENAME TO shop_1.e2'", 'ALTER EVENT e DO SELECT 1']) expect(at(text)).not.toHaveProperty('cameIn');
    expect(at('ALTER EVENT shop_1.e RENAME TO out_db.e2')).toBeNull();
  });

  it('never happens to a whole instance', () => {
    expect(outsideStatement({ text: 'CREATE PROCEDURE o.p () SELECT 1', database: '' }, 1049, { kind: 'instance' })).toBeNull();
  });

  it('takes for failed in part what does several things one by one and holds no rows', () => {
    const failed = (text: string, errno = 1051): boolean => failedInPart({ text, database: '', errno });
    expect([
      'DROP VIEW a, b', 'DROP TABLE a, b', 'drop temporary table a', "DROP USER 'a', 'b'", "CREATE USER 'a', 'b'", "RENAME USER 'a' TO 'b', 'c' TO 'd'",
      "ALTER USER 'a' PASSWORD EXPIRE", "GRANT SELECT ON a.* TO 'a', 'b'", "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'a', 'b'",
    ].filter((text) => !failed(text))).toEqual([]);
    expect([
      'INSERT INTO a VALUES (1), (1)', 'UPDATE a SET b = 1', 'LOAD DATA INFILE \'x\' INTO TABLE a', 'DROP DATABASE a', 'ALTER TABLE a ADD b INT', 'CREATE TABLE a SELECT 1',
      'RENAME TABLE a TO b', 'TRUNCATE a', 'CALL a()', 'BEGIN', '/*!50001 DROP VIEW a, b */', 'DROP VIEW /*!99999 x.y, */ a', '',
    ].filter((text) => failed(text))).toEqual([]);
    expect(failed('DROP VIEW a, b', 0)).toBe(false);
    expect(failedInPart({ text: 'DROP VIEW a', database: '' })).toBe(false);
  });
});
