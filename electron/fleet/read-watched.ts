import type { InstanceView } from '../../shared/domain/fleet/view';
import type { FleetObserved } from './types';

/** Reads a server that is watched. One that is not is left alone: what is answered of it is what was known. */
export async function readWatched(fleet: Pick<FleetObserved, 'refresh' | 'view'>, id: string): Promise<InstanceView> {
  const view = fleet.view(id);
  return view.paused === null ? fleet.refresh(id) : view;
}
