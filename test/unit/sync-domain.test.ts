import { describe, expect, it } from 'vitest';
import type { ChannelFilters } from '../../shared/domain/fleet/facts';
import { parseGtidSet } from '../../shared/domain/gtid/set';
import type { Scope } from '../../shared/domain/scope/scope';
import { changedChecks, type CheckReport, type CheckStatus } from '../../shared/domain/checks/check';
import { outsideStatement } from '../../shared/domain/scope/outside';
import { filtersMatch, isDatabaseInScope, isInScope, isWholeDatabaseInScope, wildTablesOf } from '../../shared/domain/scope/filters';
import { cloneWorthBytes, proposalOf, type ProposalFacts } from '../../shared/domain/sync/proposal';
import { accepts, commandsOf, syncStateOf } from '../../shared/domain/sync/state';
import type { StepState, TaskState, TaskView } from '../../shared/domain/tasks/task';
import { parseServerVersion } from '../../shared/domain/fleet/version';

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
    id: 't', kind: 'sync', name: 'n', state, instanceIds: [], createdAt: 0, startedAt: null, endedAt: null, waitingFor: null, error: null, isReported: false, canCancel: can, canPause: can, log: [],
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
  const error = (query: string, database = ''): string =>
    `Worker 1 failed executing transaction '${a}:34' at source log binlog.000001, end_log_pos 8377; Error 'Unknown database 'x'' on query. Default database: '${database}'. Query: '${query}'`;

  it.each([
    ['CREATE DEFINER=`antipode`@`%` FUNCTION `new``out`.`f`() RETURNS int', '', 'new`out', 'FUNCTION'],
    ["create definer='a'@'%' procedure if not exists out_db . p () SELECT 1", 'shop_1', 'out_db', 'PROCEDURE'],
    ['DROP EVENT IF EXISTS e', 'out_db', 'out_db', 'EVENT'],
    ['ALTER PROCEDURE p COMMENT "x"', 'out_db', 'out_db', 'PROCEDURE'],
    ['DROP PROCEDURE `a%b`.old', '', 'a%b', 'PROCEDURE'],
    ['/* nightly */ DROP FUNCTION 外.f -- gone', '', '外', 'FUNCTION'],
    ['CREATE DEFINER = CURRENT_USER() EVENT out_db.e ON SCHEDULE EVERY 1 DAY DO DO 1', '', 'out_db', 'EVENT'],
    ['CREATE DEFINER=root@10.0.% PROCEDURE out_db.p() SELECT 1', '', 'out_db', 'PROCEDURE'],
  ])('may be passed over: %s', (query, database, outside, kind) => {
    expect(outsideStatement(error(query, database), partial)).toEqual({ gtid: `${a}:34`, database: outside, kind });
  });

  it.each([
    ['CREATE PROCEDURE shop_1.p () SELECT 1', 'out_db'],
    ['CREATE PROCEDURE p () SELECT 1', 'shop_1'],
    ['CREATE PROCEDURE p () SELECT 1', ''],
    ['CREATE VIEW shop_1.v AS SELECT * FROM out_db.t', ''],
    ['INSERT INTO shop_1.t SELECT 1 FROM out_db.t /* CREATE PROCEDURE out_db.p */', ''],
    ['CREATE FUNCTION antipode.f () RETURNS INT', ''],
  ])('stops the applier: %s', (query, database) => {
    expect(outsideStatement(error(query, database), partial)).toBeNull();
  });

  it('may be passed over: the end of a view that was never there', () => {
    const unknown = (query: string): string => `Worker 1 failed executing transaction '${a}:34' at source log b.000002, end_log_pos 1; Error 'Unknown table 'shop_1.v'' on query. Default database: ''. Query: '${query}'`;
    expect(outsideStatement(unknown('DROP VIEW shop_1.v'), partial)).toEqual({ gtid: `${a}:34`, database: 'shop_1', kind: 'VIEW' });
    for (const query of ['DROP VIEW shop_1.v, shop_1.w', 'DROP TABLE shop_1.v', 'DROP TABLE `shop_1`.`v`,`out_db`.`t` /* generated by server */']) expect(outsideStatement(unknown(query), partial), query).toBeNull();
    expect(outsideStatement(error('DROP VIEW shop_1.v'), partial)).toBeNull();
  });

  it('never happens to a whole instance; a single-threaded applier before 5.7 does not name the transaction', () => {
    expect(outsideStatement(error('CREATE PROCEDURE o.p () SELECT 1'), { kind: 'instance' })).toBeNull();
    expect(outsideStatement("Error 'Unknown database 'o'' on query. Default database: ''. Query: 'CREATE PROCEDURE o.p () SELECT 1'", partial)).toEqual({ gtid: null, database: 'o', kind: 'PROCEDURE' });
  });
});

describe('what changed between two reports', () => {
  const report = (results: Record<string, CheckStatus>): CheckReport =>
    ({ results: Object.entries(results).map(([id, status]) => ({ id, status, title: { key: 'sync.step.checks' } })) }) as unknown as CheckReport;

  it('names misses that came, went or grew, the ones that matter first', () => {
    const before = report({ 'gtid.mode': 'fail', 'obj.pk': 'warn', 'server.time': 'pass', 'dst.clean': 'pass', 'conn.tls': 'error' });
    const after = report({ 'gtid.mode': 'pass', 'obj.pk': 'fail', 'server.time': 'info', 'dst.clean': 'warn', 'conn.tls': 'fail' });
    expect(changedChecks(before, after).map(({ id, was, is }) => [id, was, is])).toEqual([['obj.pk', 'warn', 'fail'], ['dst.clean', 'pass', 'warn'], ['gtid.mode', 'fail', 'pass']]);
  });

  it('names a miss of a check that was not run before, or is not any more', () => {
    expect(changedChecks(report({ 'dst.restart': 'warn' }), report({ 'obj.fk': 'fail', 'obj.pk': 'pass' })).map(({ id, was, is }) => [id, was, is])).toEqual([['obj.fk', null, 'fail'], ['dst.restart', 'warn', null]]);
  });
});
