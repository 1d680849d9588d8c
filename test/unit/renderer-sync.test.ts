import { describe, expect, it } from 'vitest';
import type { CheckResult, CheckStatus } from '../../shared/domain/checks/check';
import type { Problem, ProblemCode, Severity } from '../../shared/domain/fleet/problem';
import { chosenOf, isTableChosen, toggleDatabase, toggleTable, withMissing } from '../../renderer/features/sync/scope/scope-choice';
import { linkProblems } from '../../renderer/features/sync/task/link-problems';
import { scopeText, syncTone } from '../../renderer/features/sync/sync-text';
import { canLeave } from '../../renderer/features/sync/create/wizard';
import type { Draft } from '../../renderer/features/sync/create/wizard';
import { message } from '../../shared/i18n/message';
import { translator } from '../../shared/i18n/translate';
import { sampleFleet } from '../fixtures/renderer-fleet';

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

describe('the wizard', () => {
  const result = (status: CheckStatus): CheckResult => ({
    id: 'x', group: 'server', level: 'fail', status, title: message('common.none'), measured: message('common.none'), required: message('common.none'), why: message('common.none'), remedy: null, fixable: false, needsRestart: false, tookMs: 1,
  });
  const draft: Draft = { name: 'n', sourceId: 'a', standbyId: 'b', scope: { kind: 'instance' }, seed: 'auto', proposal: null, report: null, acceptWarnings: false, eraseWord: '', erase: false, copyRateMb: null };
  const checked = (...statuses: CheckStatus[]): Draft => ({ ...draft, report: { sourceId: 'a', standbyId: 'b', startedAt: 0, tookMs: 1, results: statuses.map(result) } });

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

  it('names the scope', () => {
    expect(scopeText(translator('en'), { kind: 'instance' })).toBe('Whole instance');
    expect(scopeText(translator('en'), { kind: 'partial', databases: [{ database: 'a', tables: null }, { database: 'b', tables: ['x', 'y'] }] })).toBe('2 databases, 2 tables chosen');
  });
});
