import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Turns } from '../../../electron/fleet/turns';
import type { FleetServers } from '../../../electron/fleet/types';
import { createMonitoring } from '../../../electron/monitoring/service';
import type { MonitoringService } from '../../../electron/monitoring/types';
import { analyseFleet, noMemory } from '../../../shared/domain/analysis/analysis';
import type { FleetChange, InstanceView } from '../../../shared/domain/fleet/view';
import { failure } from '../../../shared/errors/codes';
import { facts, member, T0 } from '../../fixtures/facts';

let dataFolder = '';
let monitoring: MonitoringService | null = null;

beforeEach(() => { dataFolder = mkdtempSync(join(tmpdir(), 'antipode-test-')); });
afterEach(async () => {
  vi.restoreAllMocks();
  await monitoring?.close();
  monitoring = null;
  rmSync(dataFolder, { recursive: true, force: true });
});

/** Two servers as they were read so long after the start. */
function viewsAt(ms: number): readonly InstanceView[] {
  return analyseFleet([1, 2].map((number) => member(number, { facts: facts(number, { at: T0 + ms }) })), noMemory, T0 + ms, 30, 'own').views;
}

interface Played {
  readonly tell: (change: Pick<FleetChange, 'instances' | 'removedInstanceIds'>) => void;
  /** To whom a session was opened. */
  readonly connected: string[];
}

function play(): Played {
  const connected: string[] = [];
  const listeners = new Set<(change: FleetChange) => void>();
  const fleet: Pick<FleetServers, 'onChange' | 'snapshot' | 'connect' | 'noteBreaches'> = {
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: () => ({ seq: 0, at: T0, regions: [], projects: [], instances: viewsAt(0), topology: { links: [], unregistered: [] }, quarantined: [] }),
    connect: (id) => {
      connected.push(id);
      return Promise.reject(failure('connection-lost', { host: 'db', port: 3306 }));
    },
    noteBreaches: () => undefined,
  };
  monitoring = createMonitoring({
    dataFolder, fleet: fleet as FleetServers, clock: Date.now, pollSeconds: () => 5, tasks: () => [], promotions: () => [], alert: () => undefined,
  });
  monitoring.start();
  return { connected, tell: (change) => { for (const listener of listeners) listener({ seq: 1, at: T0, ...change }); } };
}

/** The first of them, which meanwhile is so. */
function firstAt(ms: number, change: Partial<InstanceView>): readonly InstanceView[] {
  return viewsAt(ms).slice(0, 1).map((view) => ({ ...view, ...change }));
}

const { health } = viewsAt(0)[0] ?? {};
const healthOf = (state: 'unknown' | 'unreachable'): Pick<InstanceView, 'health'> => ({
  health: { lastSuccessAt: null, lastAttemptAt: null, failingSince: null, ...health, state },
});

describe('a sample that waits for its turn', () => {
  const meanwhile: readonly (readonly [string, () => Pick<FleetChange, 'instances' | 'removedInstanceIds'>])[] = [
    ['cannot be reached', () => ({ instances: firstAt(1_000, healthOf('unreachable')) })],
    ['is watched no more', () => ({ instances: firstAt(1_000, { ...healthOf('unknown'), paused: { by: 'ann@desk', since: T0, until: null, note: '' } }) })],
    ['is told to be paused before anything else is', () => ({ instances: firstAt(1_000, { paused: { by: 'ann@desk', since: T0, until: null, note: '' } }) })],
    ['is registered no more', () => ({ removedInstanceIds: ['i1'] })],
  ];

  it.each(meanwhile)('opens no session to a server that meanwhile %s', async (_name, change) => {
    const { tell, connected } = play();
    tell({ instances: viewsAt(1_000) });
    tell(change());
    // Whoever waits behind it has its turn.
    await expect.poll(() => connected).toContain('i2');
    expect(connected).toEqual(['i2']);
  });

  it('waits once, however long it has to', async () => {
    const turns = vi.spyOn(Turns.prototype, 'take');
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    const { tell, connected } = play();
    for (const minutes of [1, 2, 3]) {
      clock.mockReturnValue(minutes * 60_000);
      tell({ instances: viewsAt(minutes * 60_000) });
    }
    clock.mockRestore();
    expect(turns).toHaveBeenCalledTimes(2);
    await expect.poll(() => connected).toEqual(['i1', 'i2']);
    // And afterwards again.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 600_000);
    tell({ instances: viewsAt(600_000) });
    expect(turns).toHaveBeenCalledTimes(4);
  });
});
