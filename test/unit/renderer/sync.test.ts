import { describe, expect, it } from 'vitest';
import type { CheckReport, CheckResult, CheckStatus } from '../../../shared/domain/checks/check';
import type { Problem, ProblemCode, Severity } from '../../../shared/domain/fleet/problem';
import { chosenOf, isTableChosen, scopeLines, toggleDatabase, toggleTable, withMissing } from '../../../renderer/features/sync/scope/scope-choice';
import { linkProblems } from '../../../renderer/features/sync/task/link-problems';
import { syncTone } from '../../../shared/domain/analysis/sync-standing';
import { scopeText, shortened } from '../../../renderer/features/sync/sync-text';
import { firstRegion, targetsIn } from '../../../renderer/features/sync/create/add-standby';
import { canLeave, draftOf, eraseConfirmation, erasedBy, lacksEraseWord, newDraft, proposedName, settingsOf } from '../../../renderer/features/sync/create/wizard';
import type { Draft } from '../../../renderer/features/sync/create/wizard';
import { isEverything, isFound, isInState } from '../../../renderer/features/sync/list/sync-filter';
import { everySync as everything, stateFilters } from '../../../renderer/stores/lists';
import { firstChoice, mayChange } from '../../../renderer/features/sync/scope/scope-change';
import { shownFirst } from '../../../renderer/features/sync/task/copied-objects';
import { mayGoOn, verdictOf } from '../../../renderer/features/sync/checks/verdict';
import type { DatabaseObjects, InstanceView } from '../../../shared/domain/fleet/view';
import { wholeInstance } from '../../../shared/domain/scope/scope';
import type { CopiedObject, SeedProposal, SyncSpec, SyncTaskState } from '../../../shared/domain/sync/sync';
import type { PartialScope } from '../../../shared/domain/scope/change';
import { message } from '../../../shared/i18n/message';
import { translator } from '../../../shared/i18n/translate';
import { instanceView, sampleFleet } from '../../fixtures/renderer-fleet';

describe('choosing databases and tables', () => {
  it('takes a whole database in and out', () => {
    const shop = toggleDatabase([], 'shop');
    expect(shop).toEqual([{ database: 'shop', tables: null }]);
    expect(chosenOf(shop, 'shop')).toBe('all');
    expect(toggleDatabase(shop, 'shop')).toEqual([]);
  });

  it('keeps the others by name when one table leaves a whole database', () => {
    const chosen = toggleTable([{ database: 'shop', tables: null }], 'shop', 'b', ['a', 'b', 'c']);
    expect(chosen).toEqual([{ database: 'shop', tables: ['a', 'c'] }]);
    expect(chosenOf(chosen, 'shop')).toBe('some');
    expect(isTableChosen(chosen, 'shop', 'b')).toBe(false);
  });

  it('forgets a database with its last table', () => {
    expect(toggleTable([{ database: 'shop', tables: ['a'] }], 'shop', 'a', ['a'])).toEqual([]);
  });

  it('puts in the tables that a check misses, each once, and leaves a whole database whole', () => {
    expect(withMissing([{ database: 'shop', tables: ['a'] }, { database: 'crm', tables: null }], [{ database: 'shop', table: 'b' }, { database: 'shop', table: 'b' }, { database: 'crm', table: 'x' }]))
      .toEqual([{ database: 'crm', tables: null }, { database: 'shop', tables: ['a', 'b'] }]);
  });
});

describe('problems of a link', () => {
  it('are all of the standby and those of the source that reach it, worst first, without notes', () => {
    const [template] = sampleFleet(Date.now()).instances;
    if (template === undefined) throw new Error('no instance');
    const problem = (code: ProblemCode, severity: Severity): Problem => ({ code, severity, instanceId: template.instance.id, params: {} });
    const source = { ...template, problems: [problem('unprotected', 'warning'), problem('retention-short', 'critical')] };
    const standby = { ...template, problems: [problem('lagging', 'warning'), problem('server-restarted', 'info'), problem('applier-stopped', 'critical')] };
    expect(linkProblems(source, standby).map(({ view, problem: { code } }) => [view === standby, code])).toEqual([[true, 'applier-stopped'], [false, 'retention-short'], [true, 'lagging']]);
    expect(linkProblems(undefined, undefined)).toEqual([]);
  });
});

const result = (status: CheckStatus): CheckResult => ({
  id: 'x', group: 'server', level: 'fail', status, title: message('common.none'), measured: message('common.none'), required: message('common.none'), why: message('common.none'), remedy: null, fixable: false, needsRestart: false, tookMs: 1,
});
const reportOf = (...statuses: CheckStatus[]): CheckReport => ({ sourceId: 'a', standbyId: 'b', startedAt: 0, tookMs: 1, results: statuses.map(result) });

describe('checks altogether', () => {
  it.each<[CheckStatus[], string, boolean, boolean]>([
    [[], 'pass', true, true],
    [['pass', 'info', 'skipped'], 'pass', true, true],
    [['pass', 'warn'], 'warn', false, true],
    [['warn', 'fail'], 'fail', false, false],
    [['error'], 'fail', false, false],
  ])('%j say %s', (statuses, verdict, plain, accepted) => {
    const { results } = reportOf(...statuses);
    expect(verdictOf(results)).toBe(verdict);
    expect([mayGoOn(results, false), mayGoOn(results, true)]).toEqual([plain, accepted]);
  });
});

const databaseOf = (name: string, ...tables: string[]): DatabaseObjects => ({
  name, tables: tables.map((table) => ({ name: table, engine: 'InnoDB', rows: 1, bytes: 10 })), views: 0, routines: 0, triggers: 0, events: 0,
});
const objects = [databaseOf('shop', 'orders', 'items'), databaseOf('crm', 'leads')];

describe('the tree of databases and tables', () => {
  const keys = (open: string[], search: string): string[] => scopeLines(objects, new Set(open), search).map(({ key }) => key);
  it('shows the tables of the databases that are open', () => {
    expect(keys([], '')).toEqual(['shop', 'crm']);
    expect(keys(['shop'], '')).toEqual(['shop', 'shop\0orders', 'shop\0items', 'crm']);
  });

  it('finds databases and, in those that do not match themselves, the tables that do', () => {
    expect(keys([], ' SHOP ')).toEqual(['shop']);
    expect(keys([], 'ead')).toEqual(['crm', 'crm\0leads']);
    expect(keys([], 'nothing')).toEqual([]);
  });
});

describe('a change of scope', () => {
  const from: PartialScope = { kind: 'partial', databases: [{ database: 'crm', tables: null }, { database: 'shop', tables: null }] };
  it('begins with the scope as it is, less what it was opened to go on without', () => {
    expect(firstChoice(from, [], objects)).toBe(from.databases);
    expect(firstChoice(from, [{ database: 'shop', name: 'items' }], null)).toBe(from.databases);
    expect(firstChoice(from, [{ database: 'shop', name: 'items' }], objects)).toEqual([{ database: 'crm', tables: null }, { database: 'shop', tables: ['orders'] }]);
  });

  it('needs checks that allow it, and the word where one is asked for', () => {
    expect(mayChange({ report: reportOf('pass'), phrase: null }, false, '')).toBe(true);
    expect(mayChange({ report: reportOf('warn'), phrase: null }, false, '')).toBe(false);
    expect(mayChange({ report: reportOf('warn'), phrase: 'shop' }, true, '')).toBe(false);
    expect(mayChange({ report: reportOf('warn'), phrase: 'shop' }, true, 'shop')).toBe(true);
    expect(mayChange({ report: reportOf('fail'), phrase: 'shop' }, true, 'shop')).toBe(false);
  });
});

describe('a new standby', () => {
  const now = Date.now();
  const regions = ['gz', 'sh', 'cd'].map((id) => ({ id, name: id }));
  const source = instanceView(now, { id: 'p', region: 'gz', role: 'primary' });
  const instances = [
    source,
    instanceView(now, { id: 'near', region: 'gz', role: 'stand-alone' }),
    instanceView(now, { id: 'taken', region: 'sh', role: 'standby' }),
    instanceView(now, { id: 'free', region: 'cd', role: 'stand-alone' }),
    instanceView(now, { id: 'away', region: 'cd', role: 'unknown' }),
  ];
  it('is offered in another region that has a server for it, a local replica in that of its source', () => {
    expect(firstRegion(source, false, regions, instances)).toBe('cd');
    expect(firstRegion(source, false, regions, [source])).toBe('sh');
    expect(firstRegion(source, true, regions, instances)).toBe('gz');
    expect(firstRegion(source, false, [], instances)).toBe('');
  });

  it('can be what is nothing yet, never the source itself', () => {
    expect(targetsIn('cd', instances, 'p').map(({ instance }) => instance.id)).toEqual(['free', 'away']);
    expect(targetsIn('cd', instances, 'free').map(({ instance }) => instance.id)).toEqual(['away']);
    expect(targetsIn('sh', instances, 'p')).toEqual([]);
  });
});

describe('the list of sync tasks', () => {
  const fleet = sampleFleet(Date.now());
  const byId = new Map(fleet.instances.map((view) => [view.instance.id, view]));
  const spec: SyncSpec = { name: 'nightly', sourceId: 'orders-gz', standbyId: 'orders-sh', scope: wholeInstance, seed: 'auto', acceptWarnings: false, eraseTarget: false };

  it.each([['', true], ['NIGHT', true], [' orders-gz ', true], ['orders-sh', true], ['billing', false]])('finds by %j: %s', (words, found) => {
    expect(isFound({ ...everything, words }, { spec }, byId)).toBe(found);
  });

  it('finds by the region of the standby', () => {
    expect(isFound({ ...everything, regionId: 'sh' }, { spec }, byId)).toBe(true);
    expect(isFound({ ...everything, regionId: 'gz' }, { spec }, byId)).toBe(false);
  });

  it('tells what works from what needs its user', () => {
    const shown = (state: SyncTaskState) => stateFilters.filter((filter) => isInState(filter, { state }, undefined, { now: 0, staleAfterMs: 1 }));
    expect(shown('running')).toEqual(['all', 'active']);
    expect(shown('failed')).toEqual(['all', 'attention']);
    expect(shown('replicating')).toEqual(['all']);
  });

  it('tells links of which nothing is known now, whether their standby was never read, fell silent or is gone', () => {
    const clock = { now: 1_000_000, staleAfterMs: 10_000 };
    const of = (change: object, at = clock.now): InstanceView => ({ ...instanceView(at, { id: 's', region: 'sh', role: 'standby', source: 'p' }), ...change });
    const isUnseen = (standby: InstanceView | undefined, state: SyncTaskState = 'replicating'): boolean => isInState('unseen', { state }, standby, clock);
    expect(isUnseen(of({}))).toBe(false);
    expect(isUnseen(of({}), 'stopped')).toBe(false);
    expect(isUnseen(of({ facts: null, lag: null }))).toBe(true);
    expect(isUnseen(of({}, clock.now - 60_000))).toBe(true);
    expect(isUnseen(of({ health: { state: 'unreachable', lastSuccessAt: 1, lastAttemptAt: 2, failingSince: 2 } }), 'stopped')).toBe(true);
    expect(isUnseen(undefined)).toBe(true);
    expect(isUnseen(of({ facts: null }), 'running')).toBe(false);
  });

  it('knows when nothing is left out', () => {
    expect(isEverything(everything)).toBe(true);
    expect([{ state: 'active' as const }, { words: 'x' }, { regionId: 'sh' }].map((part) => isEverything({ ...everything, ...part }))).toEqual([false, false, false]);
  });
});

describe('the tables of a copy', () => {
  const object = (name: string, state: CopiedObject['state'], bytes: number): CopiedObject => ({ database: 'shop', table: name, state, bytes, rows: 0, estimatedRows: null });
  it('stand with what moves first, then the largest, and are found by name', () => {
    const all = [object('a', 'compared', 9), object('b', 'waiting', 1), object('d', 'waiting', 5), object('c', 'waiting', 5), object('e', 'copying', 0)];
    expect(shownFirst(all, '').map((one) => one.table)).toEqual(['e', 'c', 'd', 'b', 'a']);
    expect(shownFirst(all, ' SHOP.b').map((one) => one.table)).toEqual(['b']);
  });
});

describe('the wizard', () => {
  const draft: Draft = { name: 'n', sourceId: 'a', standbyId: 'b', scope: { kind: 'instance' }, seed: 'auto', proposal: null, report: null, acceptWarnings: false, eraseWord: '', erase: false, copyRateMb: null, accounts: 'take-source' };
  const checked = (...statuses: CheckStatus[]): Draft => ({ ...draft, report: reportOf(...statuses) });

  it('begins with what is known', () => {
    expect(newDraft({ name: 'n', sourceId: 'a', standbyId: 'b', scope: wholeInstance })).toEqual(draft);
    expect(proposedName('orders-gz', undefined)).toBe('orders-gz');
    expect(proposedName('a'.repeat(40), 'b'.repeat(40))).toHaveLength(64);
  });

  it('tells the engine of a task what it was told of it', () => {
    const settings = { name: 'n', scope: wholeInstance, seed: 'copy' as const, acceptWarnings: true, eraseTarget: true, copyRateMb: 20 };
    expect(settingsOf(draftOf({ ...settings, sourceId: 'a', standbyId: 'b' }))).toEqual(settings);
    expect(settingsOf({ ...draft, name: ' n ' })).toEqual({ name: 'n', scope: wholeInstance, seed: 'auto', acceptWarnings: false, eraseTarget: false });
  });

  it('erases where the whole instance is copied over what is there, and not without the word', () => {
    const proposal: SeedProposal = { seed: 'copy', reason: message('common.none'), alternatives: [], bytes: null, estimateSeconds: null, erases: ['old'] };
    expect(erasedBy(draft)).toEqual([]);
    expect(erasedBy({ ...draft, proposal })).toEqual(['old']);
    expect(erasedBy({ ...draft, proposal: { ...proposal, seed: 'adopt' } })).toEqual([]);
    expect(erasedBy({ ...draft, proposal, scope: { kind: 'partial', databases: [] } })).toEqual([]);
    expect([lacksEraseWord(draft, 'b'), eraseConfirmation(draft)]).toEqual([false, null]);
    const erasing = { ...draft, erase: true, eraseWord: 'b' };
    expect([lacksEraseWord(erasing, 'b'), eraseConfirmation(erasing)]).toEqual([false, 'b']);
    expect([lacksEraseWord(erasing, 'other'), lacksEraseWord(erasing, undefined)]).toEqual([true, true]);
  });

  it('needs a name and two different ends', () => {
    expect(canLeave('ends', draft)).toBe(true);
    expect(canLeave('ends', { ...draft, name: '  ' })).toBe(false);
    expect(canLeave('ends', { ...draft, standbyId: 'a' })).toBe(false);
  });

  it('needs something chosen', () => {
    expect(canLeave('objects', { ...draft, scope: { kind: 'partial', databases: [] } })).toBe(false);
  });

  it.each<[CheckStatus, boolean, boolean]>([['pass', true, true], ['info', true, true], ['skipped', true, true], ['warn', false, true], ['fail', false, false], ['error', false, false]])(
    'a check that says %s lets it go on: %s, with warnings accepted: %s', (status, plain, accepted) => {
      expect(canLeave('checks', checked(status))).toBe(plain);
      expect(canLeave('checks', { ...checked(status), acceptWarnings: true })).toBe(accepted);
    });

  it('does not pass without a report', () => {
    expect(canLeave('checks', draft)).toBe(false);
  });
});

describe('a sync task in words', () => {
  it('never shows a stopped or failed task as healthy', () => {
    expect(syncTone('replicating')).toBe('good');
    for (const state of ['stopped', 'failed'] as const) expect(syncTone(state)).toBe('bad');
    for (const state of ['waiting', 'interrupted', 'paused'] as const) expect(syncTone(state)).toBe('warn');
  });

  it('names the first of many, and counts the rest', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c', 'd']].map((names) => shortened(names, 2))).toEqual(['', 'a', 'a, b', 'a, b … (+2)']);
  });

  it('names the scope', () => {
    expect(scopeText(translator('en'), { kind: 'instance' })).toBe('Whole instance');
    expect(scopeText(translator('en'), { kind: 'partial', databases: [{ database: 'a', tables: null }, { database: 'b', tables: ['x', 'y'] }] })).toBe('2 databases, 2 tables chosen');
  });
});
