import { Notification } from 'electron';
import type { EngineEvent } from '../../shared/contract/events';
import type { Translator } from '../../shared/i18n/translate';

/**
 * Tells the desktop of critical alerts while the window is not in front. `open` brings it there. Returns the listener
 * for the engine's events.
 */
export function notifyOfAlerts(options: { readonly translate: () => Translator; readonly nameOf: (instanceId: string) => string | null; readonly inFront: () => boolean; readonly open: () => void }): (event: EngineEvent) => void {
  return (event) => {
    if (event.type !== 'alert' || event.severity !== 'critical' || options.inFront() || !Notification.isSupported()) return;
    const name = event.instanceId === null ? null : options.nameOf(event.instanceId);
    const notification = new Notification({ title: name ?? 'Antipode', body: options.translate().message(event.text), urgency: 'critical' });
    notification.on('click', options.open);
    notification.show();
  };
}
