import type { Incident } from './incident';
import { groupIncidents, type IncidentGroup } from './incident-groups';
import { keyOfEach } from '../fleet/problem';
import type { InstanceView } from '../fleet/view';
import { message, type Message } from '../../i18n/message';

/** Something critical that is new, as the engine told it. */
export interface NewAlert {
  readonly instanceId: string | null;
  readonly text: Message;
}

/** What is told at once: all new alerts of one incident, or of one cause in a region. */
export interface AlertNotice {
  /** Stays the same while the incident, or the region's trouble, does: what comes later takes the place of what was told. */
  readonly id: string;
  /** The instance that it is about; null: a region, or none. */
  readonly instanceId: string | null;
  readonly group: IncidentGroup | null;
  readonly alerts: readonly NewAlert[];
}

/** New alerts as they are told, the worst first, and how many incidents more there are than are told one by one. */
export interface AlertNotices {
  readonly told: readonly AlertNotice[];
  readonly more: number;
}

/** More than these at once nobody reads. */
const toldAtOnce = 3;

/**
 * New alerts by what they come from: a server that is gone is told once with what follows from it, and a region that is gone once for
 * all its servers. Every alert is in one of the notices, or counted; what is over by now is told by itself. Pure.
 */
export function tellTogether(alerts: readonly NewAlert[], incidents: readonly Incident[], instances: readonly InstanceView[]): AlertNotices {
  const unitOf = new Map<string, { readonly id: string; readonly instanceId: string | null; readonly group: IncidentGroup | null }>();
  const order = new Map<string, number>();
  // Groups as they are shown: a warning is told with no critical one.
  for (const [at, told] of groupIncidents(incidents.filter(({ severity }) => severity === 'critical'), instances).entries()) {
    const unit = { id: told.id, instanceId: told.kind === 'one' ? told.incident.cause.view.instance.id : null, group: told.kind === 'group' ? told : null };
    order.set(told.id, at);
    for (const { cause, symptoms } of told.kind === 'group' ? told.incidents : [told.incident]) {
      for (const { view, problem: { code, params } } of [cause, ...symptoms]) {
        unitOf.set(`${view.instance.id}/${keyOfEach(`problems.${code}.title`, params)}`, unit);
      }
    }
  }
  const notices = new Map<string, AlertNotice & { readonly alerts: NewAlert[] }>();
  for (const alert of alerts) {
    const key = `${alert.instanceId ?? ''}/${keyOfEach(alert.text.key, alert.text.params ?? {})}`;
    const unit = unitOf.get(key) ?? { id: key, instanceId: alert.instanceId, group: null };
    const notice = notices.get(unit.id);
    if (notice === undefined) notices.set(unit.id, { ...unit, alerts: [alert] });
    else notice.alerts.push(alert);
  }
  const sorted = [...notices.values()].sort((a, b) => (order.get(a.id) ?? Infinity) - (order.get(b.id) ?? Infinity) || 0);
  // One more is told itself: a line that says "one more" needs as much room.
  const shown = sorted.length <= toldAtOnce + 1 ? sorted : sorted.slice(0, toldAtOnce);
  return { told: shown, more: sorted.length - shown.length };
}

/** Of incidents that are not told one by one. */
export const moreNotice = (more: number): Message => message('incident.more', { n: more });
