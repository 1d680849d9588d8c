import { message, type Message } from '../../i18n/message';
import { sameValue } from '../operations/parameters/compare';
import { charactersNoticed, noticedAfterSwitch } from '../operations/parameters/noticed';
import type { NoticedSettings } from '../fleet/facts';
import type { Precondition } from '../tasks/plan';
import type { AlignedSetting, Cure } from './cure';
import { withCures } from './link-cures';
import type { DriftItem, PromotionKind } from './promotion';

const kinds = [['parameter', noticedAfterSwitch], ['character-set', charactersNoticed]] as const;
/** More of a value is not shown: sql_mode alone has 120 characters. */
const SHOWN = 40;

/** What clients would notice: settings that both servers have and that differ. A name that one of them does not have is no difference. */
export function settingsDrift(source: NoticedSettings, standby: NoticedSettings): DriftItem[] {
  return kinds.flatMap(([kind, names]) => names.flatMap((name): DriftItem[] => {
    const [here, there] = [source[name], standby[name]];
    // The zone of the machine is the server's only where it says SYSTEM.
    if (name === 'system_time_zone' && [source, standby].some((one) => one['time_zone'] !== 'SYSTEM')) return [];
    return here === undefined || there === undefined || isSameSetting(name, here, there) ? [] : [{ kind, name, source: here, standby: there }];
  }));
}

/** Whether two values of a setting mean the same, as they are written here and there. */
export const isSameSetting = (name: string, a: string, b: string): boolean => sameValue(name, a, b) !== 'different';

/**
 * Those that can be set while a server runs, and that keep it no less safe. How durable it is and whom it trusts is not made as it is elsewhere;
 * the size of the buffer pool is a matter of its memory, and init_connect runs as code.
 */
const alignable: readonly string[] = [
  'max_connections', 'binlog_row_image', 'group_concat_max_len', 'innodb_lock_wait_timeout', 'wait_timeout', 'max_allowed_packet', 'sql_mode', 'time_zone',
  'default_storage_engine', 'default_password_lifetime', 'character_set_server', 'collation_server',
];
/** Numbers, words and lists of words: nothing that a server says may become anything else in a statement. */
const plainValue = /^[\w,.:+/-]{0,400}$/u;
/** Modes that are no more from 8.0 on, and names of utf8 that are not the same everywhere. */
const oldValue = /\b(?:NO_AUTO_CREATE_USER|DB2|MAXDB|MSSQL|MYSQL323|MYSQL40|ORACLE|POSTGRESQL|NO_(?:FIELD|KEY|TABLE)_OPTIONS)\b|^utf8(?:_|$)/iu;

/** What can be made on a standby as it is on its primary. More connections than there it may go on letting in. */
function alignedSettings(items: readonly DriftItem[]): readonly AlignedSetting[] {
  return items.flatMap(({ name, source, standby }) => {
    const lowers = name === 'max_connections' && Number(source) < Number(standby);
    return alignable.includes(name) && plainValue.test(source) && !oldValue.test(source) && !lowers ? [{ name, value: source }] : [];
  });
}

const cut = (text: string): string => (text === '' ? "''" : text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

function lineOf({ kind, name, source, standby }: DriftItem): string {
  return kind === 'accounts' || kind === 'events' ? name : `${name} ${cut(source)} → ${cut(standby)}`;
}

/**
 * What differs, each with what it was and what it becomes. `items` null: the settings of the old primary were never read, so nothing can be
 * said of them. Of a dead one only settings are compared, as they were last seen.
 */
export function driftPrecondition(kind: PromotionKind, items: readonly DriftItem[] | null, standbyId: string | null): Precondition {
  const measured: Message = items === null
    ? message('promotion.measured.settings-never-seen')
    : items.length === 0 ? message('promotion.measured.none') : message('promotion.measured.value', { value: items.map(lineOf).join(', ') });
  const passes = items?.length === 0;
  const settings = alignedSettings(items ?? []);
  const cures: readonly Cure[] = standbyId === null || settings.length === 0 ? [] : [{ kind: 'align', instanceId: standbyId, settings }];
  return withCures({
    id: 'drift',
    title: message(kind === 'planned' ? 'promotion.precondition.drift.title' : 'promotion.precondition.drift.title-emergency'),
    status: passes ? 'pass' : 'warn', measured, sql: 'SHOW GLOBAL VARIABLES',
    remedy: passes ? null : message('promotion.precondition.drift.remedy'),
  }, cures);
}
