import { create } from 'zustand';
import type { FleetChange, FleetSnapshot, InstanceView } from '../../shared/domain/fleet/view';
import type { Project, Region } from '../../shared/domain/fleet/instance';
import { compareNames } from '../../shared/domain/fleet/names';
import type { SyncLink, Topology } from '../../shared/domain/fleet/topology';
import { api } from '../api';
import type { CallError } from '../api';
import { lagHistory } from './lag-history';
import { recordBacklogs } from './task-rates';

/** The engine's fleet as this window knows it: a snapshot, kept up to date by numbered changes. */
export interface FleetState {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly error: CallError | null;
  readonly seq: number;
  /** When the engine made the last change that is in here. */
  readonly at: number;
  readonly regions: readonly Region[];
  readonly projects: readonly Project[];
  readonly instances: readonly InstanceView[];
  readonly byId: ReadonlyMap<string, InstanceView>;
  readonly topology: Topology;
  readonly quarantined: readonly string[];
}

const nothing: FleetState = {
  status: 'loading',
  error: null,
  seq: 0,
  at: 0,
  regions: [],
  projects: [],
  instances: [],
  byId: new Map(),
  topology: { links: [], unregistered: [] },
  quarantined: [],
};

export const useFleet = create<FleetState>(() => nothing);

const index = (instances: readonly InstanceView[]): ReadonlyMap<string, InstanceView> => new Map(instances.map((view) => [view.instance.id, view]));
const sorted = (instances: readonly InstanceView[]): readonly InstanceView[] => [...instances].sort((a, b) => compareNames(a.instance.name, b.instance.name));

/** The list in its order with newer views in it. Most readings leave every server and its name as they were: then nothing is sorted. */
function inPlace(state: FleetState, byId: ReadonlyMap<string, InstanceView>): readonly InstanceView[] {
  if (byId.size !== state.instances.length) return sorted([...byId.values()]);
  const next = state.instances.map((view) => byId.get(view.instance.id));
  const whole = next.filter((view, at): view is InstanceView => view !== undefined && view.instance.name === state.instances[at]?.instance.name);
  return whole.length === next.length ? whole : sorted([...byId.values()]);
}

/** The topology with newer views of some of its links, each in its place. */
function withLinks(topology: Topology, changed: readonly SyncLink[] | undefined): Topology {
  if (changed === undefined) return topology;
  const byId = new Map(changed.map((link) => [link.id, link]));
  return { ...topology, links: topology.links.map((link) => byId.get(link.id) ?? link) };
}

/** State after a snapshot. Pure. */
export function withSnapshot(snapshot: FleetSnapshot): FleetState {
  const instances = sorted(snapshot.instances);
  const { seq, at, regions, projects, topology, quarantined } = snapshot;
  return { status: 'ready', error: null, seq, at, regions, projects, instances, byId: index(instances), topology, quarantined };
}

/**
 * State after a change. Pure. `gap`: the change does not follow what is known, ask for a snapshot.
 * A change older than the snapshot is already in it and changes nothing.
 */
export function withChange(state: FleetState, change: FleetChange): FleetState | 'gap' {
  if (state.status !== 'ready') return 'gap';
  if (change.seq <= state.seq) return state;
  if (change.seq !== state.seq + 1) return 'gap';
  let { instances, byId } = state;
  if (change.instances !== undefined || change.removedInstanceIds !== undefined) {
    const next = new Map(byId);
    for (const view of change.instances ?? []) next.set(view.instance.id, view);
    for (const id of change.removedInstanceIds ?? []) next.delete(id);
    byId = next;
    instances = inPlace(state, next);
  }
  return {
    ...state,
    seq: change.seq,
    at: change.at,
    instances,
    byId,
    regions: change.regions ?? state.regions,
    projects: change.projects ?? state.projects,
    topology: change.topology ?? withLinks(state.topology, change.links),
  };
}

let asking: Promise<void> | null = null;
let askAgain = false;

/** Asks for the whole fleet; calls while one is under way are folded into one more. */
export function loadFleet(): Promise<void> {
  if (asking !== null) {
    askAgain = true;
    return asking;
  }
  asking = (async () => {
    do {
      askAgain = false;
      const answer = await api.fleet.snapshot();
      if (answer.ok) {
        lagHistory.record(answer.value.instances, answer.value.at);
        useFleet.setState(withSnapshot(answer.value), true);
      } else {
        // What is known stays on the screen; only a window that knows nothing yet shows the failure in its place.
        useFleet.setState((state) => ({ error: answer.error, status: state.status === 'ready' ? 'ready' : 'failed' }));
      }
    } while (askAgain);
  })().finally(() => {
    asking = null;
  });
  return asking;
}

/** Takes a change from the event stream; on a gap the snapshot is asked for again. */
export function applyFleetChange(change: FleetChange): void {
  const next = withChange(useFleet.getState(), change);
  if (next === 'gap') {
    void loadFleet();
    return;
  }
  if (change.instances !== undefined) {
    lagHistory.record(change.instances, change.at);
    recordBacklogs(change.instances);
  }
  useFleet.setState(next, true);
}

/** One instance, or undefined once it is gone. */
export function useInstance(id: string | null): InstanceView | undefined {
  return useFleet((state) => (id === null ? undefined : state.byId.get(id)));
}

/** Name of a region; the id itself where the region is not known (any more). */
export function useRegionName(id: string): string {
  return useFleet((state) => state.regions.find((region) => region.id === id)?.name ?? id);
}

/** Puts one view in place at once, from the answer of a command, without waiting for its event. */
export function putInstance(view: InstanceView): void {
  useFleet.setState((state) => {
    const byId = new Map(state.byId).set(view.instance.id, view);
    return { byId, instances: inPlace(state, byId) };
  });
}
