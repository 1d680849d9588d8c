import { describe, expect, it } from 'vitest';
import { failure } from '../../../shared/errors/codes';
import { checkDefinitions, checkIds, definitionOf, reportAsJson, reportAsMarkdown, resultOf, skipped, unreadable } from '../../../shared/domain/checks';
import type { CheckResult } from '../../../shared/domain/checks/check';
import { message } from '../../../shared/i18n/message';
import { translator } from '../../../shared/i18n/translate';
import { accountCases, binlogCases, connectionCases, loadCases, objectCases, serverCases, type Case } from './cases';
import { pairCases } from './cases-accounts';
import { computedCases } from './cases-computed';
import { factsWith, inputWith, server } from './fixture';

const cases: readonly Case[] = [
  ...connectionCases, ...serverCases, ...binlogCases, ...accountCases, ...objectCases, ...loadCases, ...pairCases, ...computedCases,
];
const languages = [translator('en'), translator('zh-CN')] as const;

function run(entry: Pick<Case, 'id' | 'facts' | 'input'>): CheckResult {
  const definition = definitionOf(entry.id);
  const input = inputWith(entry.input);
  const reason = definition.applies(input);
  return resultOf(definition, reason === null ? definition.decide(factsWith(entry.facts), input) : skipped(reason), 0);
}

/** Every text of a result, in one language. A placeholder without a value throws. */
function texts(result: CheckResult, language: (typeof languages)[number]): string[] {
  const { title, measured, required, why, remedy } = result;
  return [title, measured, required, why, ...(remedy === null ? [] : [remedy.text])].map((message) => language.message(message));
}

describe('preflight checks', () => {
  it('has every check of the list exactly once, in its order', () => {
    expect(checkDefinitions.map(({ id }) => id)).toEqual([...checkIds]);
    expect(new Set(checkIds).size).toBe(checkIds.length);
  });

  it.each(cases.map((entry) => [entry.id, entry.says, entry] as const))('%s: %s', (_id, _says, entry) => {
    const result = run(entry);
    expect(result.status).toBe(entry.status);
    if (entry.fixable !== undefined) expect(result.fixable).toBe(entry.fixable);
    if (entry.sql !== undefined) expect(result.remedy?.sql).toEqual(entry.sql);
    if (entry.measured !== undefined) expect(languages[0].message(result.measured)).toContain(entry.measured);
    for (const language of languages) {
      for (const text of texts(result, language)) {
        expect(text).not.toBe('');
        expect(text).not.toMatch(/undefined|\[object|\{[a-z]+\}/i);
      }
    }
  });

  it.each(checkDefinitions.filter(({ needs }) => needs.length > 0).map((definition) => [definition.id, definition] as const))('%s decides nothing without what it needs', (_id, definition) => {
    expect(() => definition.decide({}, inputWith({}))).toThrow(`Not read: ${definition.needs.join(', ')}`);
  });

  it.each(checkIds)('%s has a case that passes or does not apply, and one that misses', (id) => {
    const statuses = cases.filter((entry) => entry.id === id).map(({ status }) => status);
    // Free space is never measured, so that one neither passes nor misses.
    if (id !== 'server.disk') {
      expect(statuses.some((status) => status === 'pass' || status === 'skipped')).toBe(true);
      expect(statuses.some((status) => status === 'warn' || status === 'fail' || status === 'info')).toBe(true);
    }
  });

  it.each(checkIds)('%s says where its requirement comes from', (id) => {
    const { ref } = resultOf(definitionOf(id), skipped(message('checks.skip.adopt')), 0);
    // A limit of the app's own is no rule of MySQL's; there is one, and a second would have to be thought about.
    if (id === 'conn.rtt') expect(ref).toBeNull();
    else expect([ref?.title, ref?.page]).toEqual([expect.stringMatching(/^\S.* › \S.*\S$/), expect.stringMatching(/^[a-z0-9-]+\.html$/)]);
  });

  it.each(checkIds)('%s: a fail or warn tells its remedy', (id) => {
    for (const entry of cases.filter((one) => one.id === id && (one.status === 'fail' || one.status === 'warn'))) {
      const result = run(entry);
      // What the server refused to try explains itself by its own text.
      if (result.measured.key === 'checks.conn.probe.refused') continue;
      expect(result.remedy).not.toBeNull();
      if (result.fixable) expect(result.remedy?.sql?.length).toBeGreaterThan(0);
    }
  });

  it.each(checkIds)('%s: facts that cannot be read make it an error with the server’s text', (id) => {
    const definition = definitionOf(id);
    const { error } = failure('query-failed', { errno: 1142, sqlState: '42000' }, { detail: 'SELECT command denied', server: 'sh-1' });
    const result = resultOf(definition, unreadable(error), 0);
    expect(result.status).toBe('error');
    for (const language of languages) expect(texts(result, language)[1]).toContain('SELECT command denied');
  });

  it('a fixable remedy names its server', () => {
    for (const entry of cases) {
      const result = run(entry);
      if (result.fixable) expect(result.remedy?.on).toBeDefined();
    }
  });

  it('sets with SET PERSIST from 8.0 on, and before with SET GLOBAL and the lines of the option file', () => {
    const format = (version: string): CheckResult => {
      const entry = binlogCases.find(({ says }) => says === version);
      if (entry === undefined) throw new Error(version);
      return run(entry);
    };
    expect(format('MIXED').remedy?.config).toBeUndefined();
    expect(format('MIXED on 5.6').remedy?.config).toEqual(['[mysqld]', "binlog_format = 'ROW'"]);
  });

  it('offers the missing tables of a partial scope', () => {
    const entry = objectCases.find(({ id, status }) => id === 'obj.fk' && status === 'fail');
    if (entry === undefined) throw new Error('no case');
    expect(run(entry).remedy?.addToScope).toEqual([{ database: 'hr', table: 'staff' }]);
  });

  it('proposes a server_id that is neither 0 nor the other one', () => {
    const entry = serverCases.find(({ id, says }) => id === 'server.id' && says === 'same');
    if (entry === undefined) throw new Error('no case');
    const sql = run(entry).remedy?.sql?.[0] ?? '';
    const proposed = Number(/= (\d+)$/.exec(sql)?.[1]);
    expect(proposed).toBeGreaterThan(1);
    expect(proposed).toBeLessThanOrEqual(4_294_967_295);
  });

  it('5.6 partial scope: the lines of the option file are exactly the filters the link will want', () => {
    const entry = objectCases.find(({ says }) => says === '5.6 without the lines');
    if (entry === undefined) throw new Error('no case');
    expect(run(entry).remedy?.config).toEqual(['[mysqld]', 'replicate-wild-do-table = shop.%', 'replicate-wild-do-table = antipode.%']);
  });

  it('exports as JSON with the texts beside the keys', () => {
    const modes = run({ id: 'gtid.mode', facts: { sourceServer: server('9.7.0', 1, { gtid_mode: 'OFF' }) } });
    const [language] = languages;
    if (language === undefined) throw new Error('no language');
    const parsed: unknown = JSON.parse(reportAsJson({ sourceId: 's', standbyId: 't', startedAt: 0, tookMs: 12, results: [modes] }, { source: 'gz-1', standby: 'sh|1', at: '' }, language));
    expect(parsed).toMatchObject({ source: 'gz-1', standby: 'sh|1', startedAt: '1970-01-01T00:00:00.000Z', tookMs: 12, checks: [{ id: 'gtid.mode', status: 'fail', titleText: language.message(modes.title), remedyText: expect.any(String), ref: { page: 'replication-mode-change-online-enable-gtids.html' }, refText: expect.stringContaining('Enabling GTID Transactions Online') }] });
  });

  it('exports as Markdown in both languages, with hostile names kept as text', () => {
    const hostile = run({ id: 'obj.conflict', facts: { standbyObjects: { databases: ['a|b', '<img>', '```'], tables: [], programs: [] } } });
    const modes = run({ id: 'gtid.mode', facts: { sourceServer: server('9.7.0', 1, { gtid_mode: 'OFF' }) } });
    const report = { sourceId: 's', standbyId: 't', startedAt: 0, tookMs: 1234, results: [hostile, modes] };
    for (const language of languages) {
      const text = reportAsMarkdown(report, { source: 'gz-1', standby: 'sh|1', at: '2026-01-02 03:04' }, language);
      expect(text).toContain('sh\\|1');
      expect(text).toContain('a\\|b');
      expect(text).not.toContain('<img>');
      expect(text).toContain("SET PERSIST gtid_mode = 'ON';");
      expect(text).toMatch(/› Changing GTID Mode on Online Servers › Enabling GTID Transactions Online.+replication-mode-change-online-enable-gtids\.html/);
    }
  });
});
