import { createMonitoring, type MonitoringParts } from './monitoring/service';
import { SlowQueries } from './monitoring/slow/service';
import type { SlowService } from './monitoring/slow/types';
import type { MonitoringService } from './monitoring/types';
import type { PromotionService } from './promotion/types';
import type { SettingsStore } from './storage/settings';
import type { TaskEngine } from './tasks/types';

/** The parts that servers are watched with. */
interface WatchingParts extends Pick<MonitoringParts, 'dataFolder' | 'fleet' | 'clock' | 'alert'> {
  readonly settings: Pick<SettingsStore, 'get'>;
  readonly tasks: TaskEngine;
  readonly promotion: PromotionService;
}

/** What is recorded of servers while the program runs: their series, and what their statements cost. */
export function createWatching({ settings, tasks, promotion, ...parts }: WatchingParts): {
  readonly monitoring: MonitoringService & Pick<ReturnType<typeof createMonitoring>, 'onLivePoint'>;
  readonly slow: SlowService;
  start(): void;
  close(): Promise<void>;
} {
  const monitoring = createMonitoring({
    ...parts, pollSeconds: () => settings.get().pollSeconds, tasks: () => tasks.list(), promotions: () => promotion.reports(),
  });
  const isOpen = (id: string): boolean => {
    const { watched, marked } = monitoring.view(id);
    return watched || marked;
  };
  const slow = new SlowQueries({ ...parts, isOpen });
  return {
    monitoring,
    slow,
    start() {
      monitoring.start();
      slow.startKeeping();
    },
    async close() {
      await slow.close();
      await monitoring.close();
    },
  };
}
