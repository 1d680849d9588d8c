import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDefinitions, checkIds } from '../../../shared/domain/checks';
import { accountCases, binlogCases, connectionCases, loadCases, objectCases, serverCases } from './cases';
import { pairCases } from './cases-accounts';
import { computedCases } from './cases-computed';

const cases = [...connectionCases, ...serverCases, ...binlogCases, ...accountCases, ...objectCases, ...loadCases, ...pairCases, ...computedCases];
const statusesOf = (id: string): ReadonlySet<string> => new Set(cases.filter((entry) => entry.id === id).map(({ status }) => status));

const folder = join(import.meta.dirname, '../../integration');
/** The tests that set real servers up wrong and cure them. */
const onServers = readdirSync(folder).filter((name) => /^checks-cured-\w+\.test\.ts$/.test(name)).map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');

describe('nothing is left out', () => {
  it.each(checkDefinitions.map(({ id, level }) => [id, level] as const))('%s has a case of what its level (%s) means', (id, level) => {
    // Free space is never measured. A clone's restart under a supervisor cannot be seen, so it always warns.
    if (id === 'server.disk') return;
    expect(statusesOf(id)).toContain(level);
  });

  it.each(checkIds.filter((id) => statusesOf(id).has('fail')))('%s can stop a task: real servers show that, and its cure', (id) => {
    expect(onServers).toMatch(new RegExp(`\\b(fails|fixes)\\('${id}'|\\['${id}'`));
    expect(onServers).toMatch(new RegExp(`\\b(cured|fixes)\\('${id}'|\\['${id}'`));
  });
});
