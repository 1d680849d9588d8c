import { Notification } from 'electron';
import type { EngineEvent } from '../../shared/contract/events';
import { incidentGroupText } from '../../shared/domain/analysis/group-text';
import { incidentsOf } from '../../shared/domain/analysis/incident';
import { staleAfterMs } from '../../shared/domain/analysis/standing';
import { moreNotice, tellTogether, type AlertNotice, type NewAlert } from '../../shared/domain/analysis/told-alerts';
import type { FleetSnapshot } from '../../shared/domain/fleet/view';
import type { TaskState } from '../../shared/domain/tasks/task';
import { taskNotice } from '../../shared/domain/tasks/notice';
import type { Settings } from '../../shared/domain/settings';
import type { Translator } from '../../shared/i18n/translate';

interface NoticeOptions {
  readonly translate: () => Translator;
  /** The fleet as it is known now. */
  readonly fleet: () => FleetSnapshot;
  readonly inFront: () => boolean;
  readonly settings: () => Settings;
  /** Brings the window to the front. */
  readonly open: () => void;
}

/** A task that waits for less than this is not worth a call, milliseconds. */
const waitingMs = 15_000;

/** So long alerts are gathered before they are told, and so long between two times that they are: a region that goes is not a hundred calls. */
const gatherMs = 1_500;
const restMs = 5_000;

type Urgency = 'normal' | 'critical';

/** Shows notifications; one of an id takes the place of the one before. */
class Shown {
  readonly #options: NoticeOptions;
  readonly #byId = new Map<string, Notification>();

  constructor(options: NoticeOptions) {
    this.#options = options;
  }

  show(title: string, body: string, urgency: Urgency, id?: string): void {
    if (this.#options.inFront() || !Notification.isSupported()) return;
    const before = id === undefined ? undefined : this.#byId.get(id);
    before?.close();
    const notification = new Notification({ title, body, urgency, silent: before !== undefined });
    if (id !== undefined) {
      this.#byId.set(id, notification);
      notification.on('close', () => {
        if (this.#byId.get(id) === notification) this.#byId.delete(id);
      });
    }
    notification.on('click', this.#options.open);
    notification.show();
  }

  close(id: string): void {
    this.#byId.get(id)?.close();
    this.#byId.delete(id);
  }
}

/** Gathers alerts and tells them by what they come from. */
function gatherAlerts(options: NoticeOptions, shown: Shown): (alert: NewAlert) => void {
  let gathered: NewAlert[] = [];
  let timer: NodeJS.Timeout | null = null;
  let toldAt = -Infinity;
  const tell = (): void => {
    timer = null;
    toldAt = performance.now();
    const alerts = gathered;
    gathered = [];
    const t = options.translate();
    const { instances, regions, at } = options.fleet();
    const incidents = incidentsOf(instances, { now: at, staleAfterMs: staleAfterMs(options.settings().pollSeconds) });
    const { told, more } = tellTogether(alerts, incidents, instances);
    const nameOf = (id: string): string => instances.find(({ instance }) => instance.id === id)?.instance.name ?? 'Antipode';
    const clock = new Intl.DateTimeFormat(t.language, {
      hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', ...zoneOf(options.settings()),
    });
    const bodyOf = ({ group, alerts: own }: AlertNotice): string => (group === null
      ? [...new Set(own.map(({ text }) => t.message(text)))].join(' · ')
      : incidentGroupText(t, group, regions.find(({ id }) => id === group.regionId)?.name ?? group.regionId, (moment) => clock.format(moment)));
    for (const notice of told) {
      // Told one by one before they were many.
      for (const { id } of notice.group?.incidents ?? []) shown.close(id);
      shown.show(notice.instanceId === null ? 'Antipode' : nameOf(notice.instanceId), bodyOf(notice), 'critical', notice.id);
    }
    if (more > 0) shown.show('Antipode', t.message(moreNotice(more)), 'critical', 'more');
  };
  return (alert) => {
    gathered.push(alert);
    timer ??= setTimeout(tell, Math.max(gatherMs, toldAt + restMs - performance.now())).unref();
  };
}

const zoneOf = ({ timeZone }: Settings): Intl.DateTimeFormatOptions => (timeZone === 'utc' ? { timeZone: 'UTC' } : {});

/**
 * Tells the desktop, while the window is not in front, of critical alerts and of tasks that ended or need their user.
 * Returns the listener for the engine's events.
 */
export function notifyDesktop(options: NoticeOptions): (event: EngineEvent) => void {
  const states = new Map<string, TaskState>();
  const waits = new Map<string, NodeJS.Timeout>();
  const shown = new Shown(options);
  const alert = gatherAlerts(options, shown);
  return (event) => {
    if (event.type === 'alert' && event.severity === 'critical') alert(event);
    if (event.type !== 'task') return;
    const { task } = event;
    const notice = taskNotice(states.get(task.id), task);
    states.set(task.id, task.state);
    if (task.state !== 'waiting') clearTimeout(waits.get(task.id));
    if (notice === null || !options.settings().notices) return;
    const tell = (): void => shown.show('Antipode', options.translate().message(notice), task.state === 'done' ? 'normal' : 'critical');
    if (task.state === 'waiting') waits.set(task.id, setTimeout(tell, waitingMs).unref());
    else tell();
  };
}
