import { create } from 'zustand';
import type { EngineEvent } from '../../shared/contract/events';
import type { Message } from '../../shared/i18n/message';
import { api, bridge } from '../api';
import { subscribe } from '../api/events';
import { reloadBackups } from './backups';
import { applyFleetChange, loadFleet } from './fleet';
import { tellLivePoint } from './live-points';
import { loadSchedules, putSchedules } from './schedules';
import { loadSettings, putSettings } from './settings';
import { dropSync, loadTasks, putSync, putTask } from './tasks';
import { say } from './ui';

/** An alert the engine raised and the user has not dismissed. */
export interface Alert {
  readonly id: number;
  readonly at: number;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly instanceId: string | null;
  readonly text: Message;
}

export interface ConnectionState {
  /** `lost`: the engine answers no more; what is on the screen is of `lastAliveAt`. */
  readonly state: 'live' | 'lost';
  readonly lastAliveAt: number;
  readonly alerts: readonly Alert[];
}

export const useConnection = create<ConnectionState>(() => ({ state: 'live', lastAliveAt: 0, alerts: [] }));

const silenceMs = 10_000;
const probeLimitMs = 5_000;
let alertId = 0;

function take(event: EngineEvent): void {
  switch (event.type) {
    case 'fleet':
      applyFleetChange(event.change);
      return;
    case 'task':
      putTask(event.task);
      return;
    case 'sync':
      putSync(event.sync);
      return;
    case 'sync-removed':
      dropSync(event.id);
      return;
    case 'backups':
      void reloadBackups();
      return;
    case 'schedules':
      putSchedules(event.schedules);
      return;
    case 'settings':
      putSettings({ settings: event.settings });
      return;
    case 'secrets':
      putSettings({ secrets: event.status });
      return;
    case 'lab':
      putSettings({ lab: event.status });
      return;
    case 'live-point':
      tellLivePoint(event.point);
      return;
    case 'alert': {
      const { severity, instanceId, text } = event;
      alertId += 1;
      const alert: Alert = { id: alertId, at: Date.now(), severity, instanceId, text };
      useConnection.setState((state) => ({ alerts: [alert, ...state.alerts].slice(0, 50) }));
      say(text);
      return;
    }
    default: {
      const unknown: never = event;
      throw new Error(`Unknown event ${JSON.stringify(unknown)}`);
    }
  }
}

export function dismissAlert(id: number): void {
  useConnection.setState((state) => ({ alerts: state.alerts.filter((alert) => alert.id !== id) }));
}

/** Asks for everything; at start, after missed events, and when the engine is back. */
async function loadEverything(): Promise<void> {
  await Promise.all([loadSettings(), loadFleet(), loadTasks(), reloadBackups(), loadSchedules()]);
}

function alive(at: number): void {
  const wasLost = useConnection.getState().state === 'lost';
  useConnection.setState({ state: 'live', lastAliveAt: at });
  if (wasLost) void loadEverything();
}

/** Asks the engine for a sign of life where it has been silent; silence alone is normal for an empty fleet. */
async function probe(now: () => number): Promise<void> {
  const aborter = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), probeLimitMs);
  });
  const answer = await Promise.race([api.app.info(undefined, { signal: aborter.signal }), limit]);
  clearTimeout(timer);
  if (answer !== 'late' && answer.ok) alive(now());
  else {
    aborter.abort();
    useConnection.setState({ state: 'lost' });
  }
}

/**
 * Connects this window to the engine: listens first, then loads, so that nothing falls between. Watches that the engine
 * still answers. Returns the way to stop.
 */
export function connect(now: () => number = Date.now): () => void {
  useConnection.setState({ lastAliveAt: now() });
  const unsubscribe = subscribe(bridge, { onEvent: take, onGap: () => void loadEverything(), onAlive: alive }, now);
  void loadEverything();
  const timer = setInterval(() => {
    if (now() - useConnection.getState().lastAliveAt >= silenceMs) void probe(now);
  }, silenceMs / 2);
  return () => {
    clearInterval(timer);
    unsubscribe();
  };
}
