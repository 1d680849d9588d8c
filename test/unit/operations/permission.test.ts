import { describe, expect, it } from 'vitest';
import type { FleetInventory, FleetObserved } from '../../../electron/fleet/types';
import { refuseLocked } from '../../../electron/operations/permission';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { instanceView } from '../../fixtures/renderer-fleet';

const paused = { by: 'ann@desk', since: 1, until: null, note: '' };

/** A fleet of one server, and how often it was read. */
function fleetOf(view: InstanceView): { readonly fleet: FleetInventory & FleetObserved; reads: number } {
  const made = {
    reads: 0,
    fleet: {
      view: () => view,
      refresh: () => {
        made.reads += 1;
        return Promise.resolve(view);
      },
      instances: () => [view.instance],
    } as unknown as FleetInventory & FleetObserved,
  };
  return made;
}

describe('an operation that the policy may lock', () => {
  it('reads the server first', async () => {
    const made = fleetOf(instanceView(1, { id: 'p', region: 'gz', role: 'primary' }));
    expect((await refuseLocked(made.fleet, 'p', 'sql')).instance.id).toBe('p');
    expect(made.reads).toBe(1);
  });

  it('is refused on one that is not watched, which is left alone', async () => {
    const view = instanceView(1, { id: 'p', region: 'gz', role: 'primary', paused });
    const made = fleetOf({ ...view, health: { ...view.health, state: 'unknown' } });
    await expect(refuseLocked(made.fleet, 'p', 'sql')).rejects.toMatchObject({ error: { code: 'watch-paused', params: { by: 'ann@desk' } } });
    expect(made.reads).toBe(0);
  });
});
