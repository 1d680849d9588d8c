import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { auditDetails, auditReason, auditSentence } from '../../../shared/i18n/audit-text';
import type { AuditEntry } from '../../../shared/domain/settings';
import { isMessageKey, translator } from '../../../shared/i18n/translate';

const entry = (over: Partial<AuditEntry>): AuditEntry => ({ at: 0, actor: 'ann@desk', front: 'desktop', action: 'sync.create', target: 'orders', outcome: 'done', detail: {}, ...over });
const en = translator('en');
const zh = translator('zh-CN');

/** Every action that the engine writes, as its source names it. */
function actionsOfTheEngine(): readonly string[] {
  const folder = join(import.meta.dirname, '../../../electron');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const found = files.flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return [
      ...text.matchAll(/\baudited(?:UnlessDone)?\(\s*(?:this\.#|deps\.)?audit,\s*'([\w.-]+)'/g), ...text.matchAll(/audit\.append\(\{\s*action: '([\w.-]+)'/g),
      ...text.matchAll(/onTask\('([\w.-]+)'/g), ...text.matchAll(/this\.orders\(spec, (?:\w+ \? )?'([\w.-]+)'(?: : '[\w.-]+')?/g),
    ].map(([, action = '']) => action);
  });
  return [...new Set(found)];
}

describe('the audit log in words', () => {
  it('has a sentence for every action that is written', () => {
    const actions = actionsOfTheEngine();
    expect(actions.length).toBeGreaterThan(30);
    expect(actions.filter((action) => !isMessageKey(`audit.did.${action}`))).toEqual([]);
  });

  it('says what was done and what was tried', () => {
    const detail = { source: 'gz', standby: 'sh', seed: 'copy', erase: false };
    expect(auditSentence(en, entry({ detail }))).toBe('Created the sync task orders: gz → sh');
    expect(auditSentence(en, entry({ detail, outcome: 'refused' }))).toBe('Tried to create the sync task orders: gz → sh');
    expect(auditSentence(zh, entry({ detail }))).toBe('已创建同步任务“orders”：gz → sh');
    expect(auditSentence(zh, entry({ detail, outcome: 'failed' }))).toBe('尝试创建同步任务“orders”：gz → sh');
  });

  it('names an operation by its name', () => {
    expect(auditSentence(en, entry({ action: 'operation.port', target: 'gz' }))).toBe('Carried out “Change port” on gz');
    expect(auditSentence(zh, entry({ action: 'operation.port', target: 'gz', outcome: 'refused' }))).toBe('尝试在“gz”上执行“更改端口”');
  });

  it('gives the reason in the words of the error, with the name of what it was about', () => {
    const refused = entry({ action: 'promotion.fence', target: 'gz', outcome: 'refused', detail: { code: 'confirm-mismatch' } });
    expect(auditReason(en, refused)).toBe('What was typed is not "gz". Nothing was done.');
    expect(auditReason(zh, refused)).toContain('gz');
    expect(auditReason(en, entry({}))).toBeNull();
  });

  it('makes up no number: an error that counts stays a code', () => {
    expect(auditReason(en, entry({ outcome: 'refused', detail: { code: 'checks-failed' } }))).toBe('Code checks-failed');
  });

  it('reads lines of another version: an unknown action stays its code, what is missing is a dash', () => {
    expect(auditSentence(en, entry({ action: 'moon.land', target: 'x' }))).toBe('moon.land x');
    expect(auditSentence(en, entry({ detail: {} }))).toBe('Created the sync task orders: – → –');
  });

  it('puts details into words, without the code', () => {
    expect(auditDetails(en, entry({ detail: { erase: true, code: 'x', source: 'gz', project: null, odd: 3 } }))).toEqual(['erase the standby: yes', 'source: gz', 'odd: 3']);
    expect(auditDetails(zh, entry({ detail: { erase: false } }))).toEqual(['清空灾备实例: 否']);
  });

  it('takes hostile names as text', () => {
    expect(auditSentence(en, entry({ action: 'instance.add', target: '{count, plural, one {#}}<b>' }))).toContain('{count, plural, one {#}}<b>');
  });
});
