import type { FleetChange } from '../domain/fleet/view';
import type { LivePoint } from '../domain/monitoring/monitoring';
import type { ScheduleView } from '../domain/schedules/schedule';
import type { SecretStatus, Settings } from '../domain/settings';
import type { SyncTaskNews } from '../domain/sync/sync';
import type { TaskView } from '../domain/tasks/task';
import type { LabStatus } from '../domain/settings';
import type { Message } from '../i18n/message';

/** What the engine tells the fronts without being asked; batched, in order, numbered. */
export type EngineEvent =
  | { readonly type: 'fleet'; readonly change: FleetChange }
  | { readonly type: 'task'; readonly task: TaskView }
  | { readonly type: 'sync'; readonly sync: SyncTaskNews }
  | { readonly type: 'sync-removed'; readonly id: string }
  /** Something of the backups has changed: lists are read again. */
  | { readonly type: 'backups' }
  /** All of them, whenever one is other than it was. */
  | { readonly type: 'schedules'; readonly schedules: readonly ScheduleView[] }
  | { readonly type: 'settings'; readonly settings: Settings }
  | { readonly type: 'secrets'; readonly status: SecretStatus }
  | { readonly type: 'lab'; readonly status: LabStatus }
  /** Of an instance that a page watches, each second. */
  | { readonly type: 'live-point'; readonly point: LivePoint }
  | { readonly type: 'alert'; readonly severity: 'critical' | 'warning' | 'info'; readonly instanceId: string | null; readonly text: Message };

export interface EventBatch {
  /** Grows by one per batch; a gap means that one was missed. */
  readonly seq: number;
  readonly events: readonly EngineEvent[];
}

/** IPC channel names: one for calls, one to cancel them, one for events. */
export const channels = { call: 'antipode:call', cancel: 'antipode:cancel', events: 'antipode:events' } as const;
