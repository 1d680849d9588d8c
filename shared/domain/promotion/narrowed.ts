import { message } from '../../i18n/message';
import type { ChannelFilters, InstanceFacts } from '../fleet/facts';
import { filterText, filtersBeside, isNarrowed, logFilters } from '../scope/live-filters';
import type { Scope } from '../scope/scope';
import type { Precondition } from '../tasks/plan';

/** What may keep a part of the data away from the standby, or from the old primary on the way back, without any GTID telling it. */
export interface NarrowedReading {
  readonly scope: Scope;
  readonly standbyName: string;
  readonly sourceName: string;
  readonly standby: InstanceFacts;
  /** The primary as it was last read; null: never. */
  readonly source: InstanceFacts | null;
  /** The filters that the primary would replicate under; null: not read, or nothing goes back. */
  readonly wayBack: ChannelFilters | null;
  /** What the filters are read from. */
  readonly sql: string;
}

/** What keeps data away on the way to the standby: it is not there, and what is lost of it cannot be counted. Server text: untrusted. */
export function keptFromStandby({ scope, standby, source, standbyName, sourceName }: Omit<NarrowedReading, 'wayBack' | 'sql'>): readonly string[] {
  const logged = source === null ? '' : logFilters(source);
  const here = [...filtersBeside(standby, scope), ...errorsPassedOver(standby)];
  return [...here.map((line) => `${standbyName}: ${line}`), ...(logged === '' ? [] : [`${sourceName}: ${logged}`])];
}

/** The settings under which a server's appliers go on past errors: the transaction counts as applied, and what failed of it is not there. */
export function errorsPassedOver({ server }: Pick<InstanceFacts, 'server'>): readonly string[] {
  return server.passesOver ?? [];
}

/** What would keep data away once the roles have changed: filters of the way back, and what the new primary does not log. */
function keptFromTheOthers({ scope, standby, source, standbyName, sourceName, wayBack }: NarrowedReading): readonly string[] {
  const logged = logFilters(standby);
  // A part gets exactly its own filters when it follows; before 5.7.3 what the option file says is checked with the scope.
  const back = wayBack === null || scope.kind === 'partial' || !isNarrowed(wayBack) ? [] : [`${sourceName}: ${filterText(wayBack)}`];
  const passed = source === null ? [] : errorsPassedOver(source).map((line) => `${sourceName}: ${line}`);
  return [...(logged === '' ? [] : [`${standbyName}: ${logged}`]), ...back, ...passed];
}

/**
 * The live filters of every channel, and what either server leaves out of its binary log, whoever set them: they decide what the
 * standby holds. `accepted`: the user takes it that the rest is not on the new primary (an emergency only; a planned
 * switchover says that it loses nothing). What concerns only the time after the switch bars a planned one and warns in an emergency.
 */
export function nothingKeptAway(reading: NarrowedReading, kind: 'planned' | 'emergency', accepted: boolean): Precondition {
  const [missing, later] = [keptFromStandby(reading), keptFromTheOthers(reading)];
  const bars = kind === 'planned' ? missing.length + later.length > 0 : missing.length > 0 && !accepted;
  const lines = [...missing, ...later].join(' · ');
  return {
    id: 'filters',
    title: message('promotion.precondition.filters.title'),
    status: lines === '' ? 'pass' : bars ? 'fail' : 'warn',
    measured: lines === '' ? message('promotion.measured.none') : message('promotion.measured.value', { value: lines }),
    remedy: lines === '' ? null : message(`promotion.precondition.filters.remedy-${kind}`, { standby: reading.standbyName, source: reading.sourceName }),
    sql: reading.sql,
  };
}
