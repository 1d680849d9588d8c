import type { EngineEvent } from '../shared/contract/events';
import { message, type Message } from '../shared/i18n/message';
import { Backups } from './backup/service';
import { isSilenced } from './engine-alerts';
import { forwardEvents } from './engine-events';
import { createFailbackService } from './engine-failback';
import { collectEarly } from './lean-heap';
import type { FailbackService } from './promotion/failback/types';
import type { PromotionService } from './promotion/types';
import { createLabService } from './engine-lab';
import { createPractice } from './engine-practice';
import { createPromotionService } from './engine-promotion';
import { createScheduleService } from './engine-schedules';
import { createOperationServices } from './engine-operations';
import { createWatching } from './engine-watching';
import type { Engine, EngineOptions } from './engine-types';
import { createFleet } from './fleet/fleet';
import { createDossiers } from './promotion/report/dossier/service';
import { openAuditLog } from './storage/audit';
import { makeFolder } from './storage/make-folder';
import { placeFailure } from './storage/placed-file';
import { openSettings } from './storage/settings';
import { openVault } from './storage/vault';
import { StandingLinks } from './replication/standing';
import { createSync, type Sync } from './sync/service';
import { createTaskEngine } from './tasks/engine';
import { Verification } from './verification/service';

/**
 * Builds the engine from a data folder: the one place where services meet. Nothing here knows of windows; the same
 * engine runs in Electron's main process and in plain Node.
 *
 * @throws Failure `inventory-newer`, `storage-broken`, `storage-full`, `file-unwritable`, `data-folder-busy` where the folder cannot be used
 */
export async function createEngine({ dataFolder, front, keyring, poll, appVersion, around = (fleet) => fleet }: EngineOptions): Promise<Engine> {
  await makeFolder(dataFolder).catch((thrown: unknown) => { throw placeFailure(thrown, dataFolder); });
  collectEarly();
  const clock = Date.now;
  const listeners = new Set<(event: EngineEvent) => void>();
  const tell = (event: EngineEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  const alert = (severity: 'critical' | 'warning' | 'info', instanceId: string | null, text: Message): void => {
    if (!isSilenced(fleet, instanceId, clock())) tell({ type: 'alert', severity, instanceId, text });
  };
  const settings = openSettings(dataFolder);
  const vault = openVault({ dataFolder, keyring });
  const audit = openAuditLog({ dataFolder, front });
  const tasks = createTaskEngine({ dataFolder, watch: true, limit: () => settings.get().tasksAtOnce });
  const fleet = around(createFleet({ dataFolder, vault, settings, audit, clock, run: tasks.run }));
  const verification: Verification = new Verification({ dataFolder, fleet, tasks, audit, clock, owner: (standbyId) => sync.forStandby(standbyId) });
  const standing = new StandingLinks(dataFolder);
  const sync: Sync = createSync({ dataFolder, fleet, tasks, audit, clock, verification, alert, standing });
  const isUnproven = (standbyId: string): boolean => failback.isUnproven(standbyId);
  const promotion: PromotionService = createPromotionService({ dataFolder, fleet, tasks, audit, clock, sync, standing, isUnproven });
  const failback: FailbackService = createFailbackService({ dataFolder, fleet, tasks, audit, clock, sync, promotion, verification });
  const dossiers = createDossiers({ dataFolder, fleet, audit, clock, reports: () => promotion.reports() });
  const watching = createWatching({
    dataFolder, fleet, clock, settings, tasks, promotion, alert: (instanceId, text) => alert('warning', instanceId, text),
  });
  const backups = new Backups({ dataFolder, fleet, tasks, audit, clock, madeBy: `Antipode ${appVersion}`, practice: createPractice(), secrets: vault });
  const operating = createOperationServices({ dataFolder, fleet, tasks, audit, clock, sync, backups, hold: (id, held) => sync.hold(id, held), standing });
  const schedules = createScheduleService({ dataFolder, tasks, audit, clock, fleet, sync, verification, backups, alert });
  const lab = createLabService({ dataFolder, fleet, vault, changed: (status) => tell({ type: 'lab', status }) });

  const stops = forwardEvents({ settings, vault, tasks, sync, schedules, backups, monitoring: watching.monitoring, fleet, promotion }, tell);
  tasks.tidy(new Set(sync.list().flatMap(({ task }) => (task === null ? [] : [task.id]))), clock());
  let isWatching = false;
  const watch = (): void => {
    if (isWatching) return;
    isWatching = true;
    fleet.startPolling();
    watching.start();
    schedules.start();
  };
  if (poll) watch();

  return {
    fleet,
    sync,
    promotion,
    failback,
    dossiers,
    ...operating,
    verification,
    schedules,
    slow: watching.slow,
    monitoring: watching.monitoring,
    backups,
    tasks,
    audit,
    settings,
    vault,
    lab,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tellFault: (detail) => tell({ type: 'alert', severity: 'critical', instanceId: null, text: message('desktop.fault', { detail }) }),
    watch,
    async close() {
      for (const stop of stops) stop();
      listeners.clear();
      sync.close();
      dossiers.close();
      await schedules.close();
      await watching.close();
      await tasks.close();
      await fleet.close();
      await operating.sql.close();
    },
  };
}
