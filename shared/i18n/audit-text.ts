import type { AuditEntry } from '../domain/settings';
import type { MessageParams } from './message';
import { en } from './en';
import type { MessageKey } from './en';
import { isMessageKey } from './translate';
import type { Translator } from './translate';

const operationAction = /^operation\.(.+)$/;

/** What a sentence or an error asks for; `counted`: it must be a number. Words of a branch are among the names, and harm nobody. */
function asked(key: MessageKey): { readonly names: readonly string[]; readonly counted: ReadonlySet<string> } {
  const counted = [...en[key].matchAll(/\{(\w+), (?:plural|number)/g)].map(([, name = '']) => name);
  return { names: [...en[key].matchAll(/\{(\w+)/g)].map(([, name = '']) => name), counted: new Set(counted) };
}

/** Params for a text, from a line that may be older than it: what is not there is a dash; null: a number is missing. */
function paramsFor(key: MessageKey, entry: AuditEntry, known: Readonly<Record<string, string>>): MessageParams | null {
  const { names, counted } = asked(key);
  const filled = names.map((name): [string, string | number | null] => {
    const value = entry.detail[name];
    if (typeof value === 'number') return [name, value];
    if (counted.has(name)) return [name, null];
    return [name, known[name] ?? (value === null || value === undefined ? '–' : String(value))];
  });
  return filled.some(([, value]) => value === null) ? null : Object.fromEntries(filled.map(([name, value]) => [name, value ?? '–']));
}

/** What a line of the audit log says, as a sentence; an action that this version does not know stays its code. */
export function auditSentence(t: Translator, entry: AuditEntry): string {
  const code = operationAction.exec(entry.action)?.[1] ?? null;
  const name = `operations.name.${code ?? ''}`;
  const key = code === null ? `audit.did.${entry.action}` : 'audit.did.operation';
  const operation = code === null ? {} : { operation: isMessageKey(name) ? t(name) : code };
  const known = { target: entry.target, done: entry.outcome === 'done' ? 'yes' : 'no', ...operation };
  const params = isMessageKey(key) ? paramsFor(key, entry, known) : null;
  return isMessageKey(key) && params !== null ? t(key, params) : `${entry.action} ${entry.target}`.trim();
}

/** Why it was refused or failed, in the words of the error; null: it was done, or the line does not say. */
export function auditReason(t: Translator, entry: AuditEntry): string | null {
  const { code } = entry.detail;
  if (typeof code !== 'string') return null;
  const key = `errors.${code}`;
  // Most errors name a server, an instance or what was expected: the line's target.
  const { target } = entry;
  const params = isMessageKey(key) ? paramsFor(key, entry, { name: target, server: target, expected: target, standby: target }) : null;
  return isMessageKey(key) && params !== null ? t(key, params) : t('common.error.code', { code });
}

/** The rest of a line in words: what is named and how it was. The code of an error is said by {@link auditReason}. */
export function auditDetails(t: Translator, entry: AuditEntry): readonly string[] {
  return Object.entries(entry.detail).flatMap(([key, value]) => {
    if (key === 'code' || value === null || value === '') return [];
    const name = `audit.key.${key}`;
    const said = typeof value === 'boolean' ? t(value ? 'audit.yes' : 'audit.no') : String(value);
    return [`${isMessageKey(name) ? t(name) : key}: ${said}`];
  });
}
