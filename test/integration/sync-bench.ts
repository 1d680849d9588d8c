// Real servers as a fleet, with task engine and sync service: what the tests of sync tasks stand on.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFleet } from '../../electron/fleet/fleet';
import type { Fleet } from '../../electron/fleet/types';
import { openAuditLog } from '../../electron/storage/audit';
import type { AuditLog } from '../../electron/storage/types';
import { openSettings } from '../../electron/storage/settings';
import { openVault } from '../../electron/storage/vault';
import { createSync, type Sync } from '../../electron/sync/service';
import { createTaskEngine } from '../../electron/tasks/engine';
import type { TaskEngine } from '../../electron/tasks/types';
import type { SyncSpec, SyncTaskView } from '../../shared/domain/sync';
import type { Endpoint } from '../../shared/domain/instance';
import type { Message } from '../../shared/i18n/message';
import { translator } from '../../shared/i18n/translate';
import type { TestServer } from '../fixtures/servers';

/** How the app reaches a server; where it is given, replicas reach it by an endpoint of its own. */
export interface BenchServer extends Pick<TestServer, 'host' | 'port' | 'user' | 'password'> {
  readonly replication?: Endpoint;
}

export interface Bench {
  readonly folder: string;
  readonly fleet: Fleet;
  readonly tasks: TaskEngine;
  readonly sync: Sync;
  readonly audit: AuditLog;
  readonly alerts: Message[];
  /** Instance id by server name. */
  readonly ids: Record<string, string>;
  spec(source: string, standby: string, change?: Partial<SyncSpec>): SyncSpec;
  /** Runs a sync task to its end and says where it stands. */
  run(spec: SyncSpec, erase?: string): Promise<SyncTaskView>;
  close(): Promise<void>;
}

export async function openBench(servers: Readonly<Record<string, BenchServer>>, folder = mkdtempSync(join(tmpdir(), 'antipode-sync-'))): Promise<Bench> {
  const settings = openSettings(folder);
  const audit = openAuditLog({ dataFolder: folder, front: 'terminal' });
  const vault = openVault({ dataFolder: folder, keyring: null });
  const tasks = createTaskEngine({ dataFolder: folder, watch: false });
  const fleet = createFleet({ dataFolder: folder, vault, settings, audit, run: tasks.run });
  const alerts: Message[] = [];
  const sync = createSync({ dataFolder: folder, fleet, tasks, audit, clock: Date.now, alert: (_severity, _id, text) => alerts.push(text) });
  const ids: Record<string, string> = {};
  for (const [name, server] of Object.entries(servers)) {
    const known = fleet.instances().find((instance) => instance.name === name);
    if (known !== undefined) {
      ids[name] = known.id;
      await fleet.setPassword(known.id, server.password);
      continue;
    }
    const region = fleet.regions().find((one) => one.name === `region of ${name}`) ?? (await fleet.addRegion(`region of ${name}`));
    const { instance } = await fleet.addInstance(
      { name, regionId: region.id, projectId: null, admin: { host: server.host, port: server.port }, replication: server.replication ?? null, user: server.user, tls: { mode: 'preferred', ca: null }, note: { owner: '', hourlyCost: '', text: '' } },
      server.password,
    );
    ids[name] = instance.id;
  }
  return {
    folder, fleet, tasks, sync, audit, alerts, ids,
    spec: (source, standby, change = {}) => ({ name: `${source} to ${standby}`, sourceId: ids[source] ?? '', standbyId: ids[standby] ?? '', scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false, ...change }),
    async run(spec, erase) {
      const { id } = await sync.create(spec, true, erase ?? null);
      return sync.whenSettled(id);
    },
    async close() {
      sync.close();
      await tasks.close();
      await fleet.close();
    },
  };
}

/** Why a task did not go well, for messages of tests. */
export function trouble({ error, task, lastReport }: SyncTaskView): unknown {
  const t = translator('en');
  return {
    error,
    steps: task?.steps.map(({ id, state, error: stepError }) => `${id} ${state} ${stepError === null ? '' : JSON.stringify(stepError)}`),
    log: task?.log.map(({ text }) => t.message(text)),
    checks: lastReport?.results.filter(({ status }) => status === 'fail' || status === 'error').map((check) => `${check.id} ${check.status} ${t.message(check.measured)}`),
  };
}

/** Asks until it is so. */
export async function until(what: string, condition: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
  const began = Date.now();
  while (!(await condition())) {
    if (Date.now() - began > limitMs) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
