import type { Engine } from '../../electron/engine-types';
import { createHandlers, terminalPort } from '../../electron/api/handlers';
import { createRouter } from '../../electron/api/router';
import type { Router, RouterOptions, Sender } from '../../electron/api/router';
import type { InstanceView } from '../../shared/domain/fleet/view';
import type { Role } from '../../shared/domain/fleet/role';
import { instanceForm } from '../fixtures/instance-form';
import { openTestEngine } from '../fixtures/test-engine';

/** A window of the app, as the router sees it. */
export const trusted: Sender = { id: '1', origin: 'app://antipode', isMainFrame: true };

/** The real engine over an empty data folder, behind the real router; no server is reached. */
export interface Bench {
  readonly engine: Engine;
  readonly router: Router;
  readonly dataFolder: string;
  readonly logged: string[];
  close(): Promise<void>;
}

export async function openBench(isTrusted: RouterOptions['isTrusted'] = (sender) => sender.origin === trusted.origin && sender.isMainFrame): Promise<Bench> {
  const { engine, dataFolder, dispose } = await openTestEngine({ front: 'desktop' });
  const logged: string[] = [];
  const router = createRouter({
    handlers: createHandlers(engine, terminalPort), ...(isTrusted === undefined ? {} : { isTrusted }),
    log: (line) => logged.push(JSON.stringify(line)),
  });
  return {
    engine,
    router,
    dataFolder,
    logged,
    close: dispose,
  };
}

/** An instance of a role, as the fleet would show it after a reading. */
export function viewOf(id: string, role: Role, sourceId: string | null = null): InstanceView {
  return {
    instance: {
      id,
      ...instanceForm({ name: `orders-${id}`, host: '127.0.0.1', port: 3306, user: 'admin' }, { regionId: 'r-1' }),
      intent: sourceId === null ? { kind: 'none' } : { kind: 'replica', sourceId },
      serverUuid: null,
      createdAt: 1,
    },
    role,
    health: { state: 'reachable', lastSuccessAt: 1, lastAttemptAt: 1, failingSince: null },
    facts: null,
    lag: null,
    sourceId,
    head: null,
    followsSince: null,
    protectedBy: [],
    problems: [],
    paused: null,
    silenced: null,
    othersAtWork: [],
    standbyObstacle: null,
    passwordKnown: true,
  };
}
