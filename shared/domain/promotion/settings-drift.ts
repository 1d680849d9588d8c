import { message, type Message } from '../../i18n/message';
import { charactersNoticed, noticedAfterSwitch } from '../operations/parameters/noticed';
import { oneCharsetName } from '../sql/charset-name';
import type { NoticedSettings } from '../fleet/facts';
import type { Precondition } from '../tasks/plan';
import type { DriftItem, PromotionKind } from './promotion';

const kinds = [['parameter', noticedAfterSwitch], ['character-set', charactersNoticed]] as const;
/** More of a value is not shown: sql_mode alone has 120 characters. */
const SHOWN = 40;

/** What clients would notice: settings that both servers have and that differ. A name that one of them does not have is no difference. */
export function settingsDrift(source: NoticedSettings, standby: NoticedSettings): DriftItem[] {
  return kinds.flatMap(([kind, names]) => names.flatMap((name): DriftItem[] => {
    const [here, there] = [source[name], standby[name]];
    return here === undefined || there === undefined || oneCharsetName(here) === oneCharsetName(there) ? [] : [{ kind, name, source: here, standby: there }];
  }));
}

const cut = (text: string): string => (text === '' ? "''" : text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

function lineOf({ kind, name, source, standby }: DriftItem): string {
  return kind === 'accounts' || kind === 'events' ? name : `${name} ${cut(source)} → ${cut(standby)}`;
}

/**
 * What differs, each with what it was and what it becomes. `items` null: the settings of the old primary were never read, so nothing can be
 * said of them. Of a dead one only settings are compared, as they were last seen.
 */
export function driftPrecondition(kind: PromotionKind, items: readonly DriftItem[] | null): Precondition {
  const measured: Message = items === null
    ? message('promotion.measured.settings-never-seen')
    : items.length === 0 ? message('promotion.measured.none') : message('promotion.measured.value', { value: items.map(lineOf).join(', ') });
  const passes = items?.length === 0;
  return {
    id: 'drift',
    title: message(kind === 'planned' ? 'promotion.precondition.drift.title' : 'promotion.precondition.drift.title-emergency'),
    status: passes ? 'pass' : 'warn', measured, sql: 'SHOW GLOBAL VARIABLES',
    remedy: passes ? null : message('promotion.precondition.drift.remedy'),
  };
}
