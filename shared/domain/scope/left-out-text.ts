import type { Translator } from '../../i18n/translate';
import { objectText, type LeftOut, type PassedStatements, type RefusedRights } from './left-out';
import type { NamedObject } from './named-objects';

/** Something by kind and name. Names are untrusted. */
export function objectName(t: Translator, object: NamedObject): string {
  return t('sync.left-out.one', { kind: object.kind, name: objectText(object) });
}

/** What was left out and why, as far as somebody said why. */
export function leftOutText(t: Translator, one: LeftOut): string {
  const what = objectName(t, one);
  return one.why === null ? what : t('sync.left-out.why', { what, why: one.why });
}

/** Rights that a standby would not take: the statement, and what was said of it. */
export function refusedText(t: Translator, { sql, why }: RefusedRights): string {
  return t('sync.left-out.rights', { sql, why });
}

/** How many statements were passed over, and the last of them; null: none was. */
export function passedText(t: Translator, { count, last }: PassedStatements): string | null {
  const latest = last.at(-1);
  return latest === undefined ? null : t('sync.protection.passed', { count, name: objectText(latest.object), gtid: latest.gtid });
}
