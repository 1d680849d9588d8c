import { Notification } from 'electron';
import type { EngineEvent } from '../../shared/contract/events';
import type { TaskState } from '../../shared/domain/tasks/task';
import { taskNotice } from '../../shared/domain/tasks/notice';
import type { Translator } from '../../shared/i18n/translate';

interface NoticeOptions {
  readonly translate: () => Translator;
  readonly nameOf: (instanceId: string) => string | null;
  readonly inFront: () => boolean;
  /** The user wants to hear of tasks. */
  readonly ofTasks: () => boolean;
  /** Brings the window to the front. */
  readonly open: () => void;
}

/** A task that waits for less than this is not worth a call, milliseconds. */
const waitingMs = 15_000;

/**
 * Tells the desktop, while the window is not in front, of critical alerts and of tasks that ended or need their user.
 * Returns the listener for the engine's events.
 */
export function notifyDesktop(options: NoticeOptions): (event: EngineEvent) => void {
  const states = new Map<string, TaskState>();
  const waits = new Map<string, NodeJS.Timeout>();
  const show = (title: string, body: string, urgency: 'normal' | 'critical'): void => {
    if (options.inFront() || !Notification.isSupported()) return;
    const notification = new Notification({ title, body, urgency });
    notification.on('click', options.open);
    notification.show();
  };
  return (event) => {
    if (event.type === 'alert' && event.severity === 'critical') {
      const name = event.instanceId === null ? null : options.nameOf(event.instanceId);
      show(name ?? 'Antipode', options.translate().message(event.text), 'critical');
    }
    if (event.type !== 'task') return;
    const { task } = event;
    const notice = taskNotice(states.get(task.id), task);
    states.set(task.id, task.state);
    if (task.state !== 'waiting') clearTimeout(waits.get(task.id));
    if (notice === null || !options.ofTasks()) return;
    const tell = (): void => show('Antipode', options.translate().message(notice), task.state === 'done' ? 'normal' : 'critical');
    if (task.state === 'waiting') waits.set(task.id, setTimeout(tell, waitingMs).unref());
    else tell();
  };
}
