// Real servers in an engine, with their sync tasks at hand: what the tests of those stand on.
import { rmSync } from 'node:fs';
import type { Engine } from '../../electron/engine-types';
import type { SyncSpec, SyncTaskView } from '../../shared/domain/sync/sync';
import type { Message } from '../../shared/i18n/message';
import { copySpec } from '../fixtures/sync-spec';
import { openTestEngine, type EngineServer } from '../fixtures/test-engine';

export { trouble } from '../fixtures/sync-trouble';

export type BenchServer = EngineServer;

export interface Bench extends Pick<Engine, 'fleet' | 'tasks' | 'sync' | 'promotion' | 'audit' | 'verification'> {
  readonly folder: string;
  /** What the sync tasks alerted people to; the alerts that a problem of the fleet raises by itself are not among them. */
  readonly alerts: Message[];
  /** Instance id by server name. */
  readonly ids: Readonly<Record<string, string>>;
  spec(source: string, standby: string, change?: Partial<SyncSpec>): SyncSpec;
  /** Runs a sync task to its end and says where it stands. */
  run(spec: SyncSpec, erase?: string): Promise<SyncTaskView>;
  /** Ends the application as a crash does; the folder stays. */
  close(): Promise<void>;
}

/** Opens an engine over a new data folder, or the one of a bench that was closed. */
export async function openBench(servers: Readonly<Record<string, BenchServer>>, folder?: string): Promise<Bench> {
  const alerts: Message[] = [];
  const app = await openTestEngine({
    servers,
    ...(folder === undefined ? {} : { dataFolder: folder }),
    onEvent: (event) => {
      if (event.type === 'alert' && event.text.key.startsWith('sync.alert.')) alerts.push(event.text);
    },
  });
  const { ids } = app;
  const { fleet, tasks, sync, promotion, audit, verification } = app.engine;
  return {
    folder: app.dataFolder, fleet, tasks, sync, promotion, audit, verification, alerts, ids,
    spec: (source, standby, change = {}) => copySpec(`${source} to ${standby}`, ids[source] ?? '', ids[standby] ?? '', change),
    async run(spec, erase) {
      const { id } = await sync.create(spec, true, erase ?? null);
      return sync.whenSettled(id);
    },
    close: app.crash,
  };
}

/** Asks until it is so. */
export async function until(what: string, condition: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
  const began = Date.now();
  while (!(await condition())) {
    if (Date.now() - began > limitMs) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
