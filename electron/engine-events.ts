import type { EngineEvent } from '../shared/contract/events';
import type { BackupService } from './backup/types';
import { createAlerts } from './engine-alerts';
import type { createWatching } from './engine-watching';
import type { Fleet } from './fleet/types';
import type { PromotionService } from './promotion/types';
import type { Schedules } from './schedules/types';
import type { SettingsStore } from './storage/settings';
import type { Vault } from './storage/types';
import type { Sync } from './sync/types';
import type { TaskEngine } from './tasks/types';

/** Those who have something to tell. */
interface Tellers {
  readonly settings: Pick<SettingsStore, 'onChange'>;
  readonly vault: Vault;
  readonly tasks: TaskEngine;
  readonly sync: Sync;
  readonly schedules: Schedules;
  readonly backups: Pick<BackupService, 'onChange'>;
  readonly monitoring: ReturnType<typeof createWatching>['monitoring'];
  readonly fleet: Fleet;
  readonly promotion: PromotionService;
}

/** What services tell, as the events of the engine; the answers end that, one each. */
export function forwardEvents(tellers: Tellers, tell: (event: EngineEvent) => void): readonly (() => void)[] {
  const { settings, vault, tasks, sync, schedules, backups, monitoring, fleet, promotion } = tellers;
  const alertsOf = createAlerts(fleet.snapshot().instances);
  return [
    settings.onChange((value) => {
      tell({ type: 'settings', settings: value });
      tasks.admit();
    }),
    vault.onChange((status) => tell({ type: 'secrets', status })),
    tasks.onChange((task) => tell({ type: 'task', task })),
    backups.onChange(() => tell({ type: 'backups' })),
    sync.onChange((_, news) => tell({ type: 'sync', sync: news })),
    monitoring.onLivePoint((point) => tell({ type: 'live-point', point })),
    sync.onRemoved((id) => tell({ type: 'sync-removed', id })),
    schedules.onChange((views) => tell({ type: 'schedules', schedules: views })),
    fleet.onChange((change) => {
      tell({ type: 'fleet', change });
      for (const alert of alertsOf(change)) tell(alert);
      if (change.instances?.some(({ instance }) => instance.intent.kind === 'fenced') === true) promotion.reviseReports();
    }),
  ];
}
