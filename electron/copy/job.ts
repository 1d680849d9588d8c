import type { Instance } from '../../shared/domain/fleet/instance';
import type { Scope } from '../../shared/domain/scope/scope';
import type { SyncSpec } from '../../shared/domain/sync/sync';
import type { FleetServers } from '../fleet/types';
import type { ConnectOptions } from '../mysql/types';
import type { StepContext } from '../tasks/types';
import type { ObjectList } from './rows/object-list';
import type { CopyJob, End } from './snapshot/sessions';

/** What is copied or compared: from whom, to whom, how much of it. */
export interface CopyContext {
  readonly fleet: FleetServers;
  readonly spec: Pick<SyncSpec, 'sourceId' | 'standbyId' | 'scope' | 'accounts'>;
  /** Told how far each table of a copy or a comparison is. */
  readonly objects?: ObjectList;
  /** What the standby follows already: a copy leaves it out. */
  readonly already?: Scope;
}

/** One end of a copy. Its statements may take hours: the step's signal is their limit. */
export function endOf(fleet: FleetServers, instance: Instance): End {
  return {
    name: instance.name,
    connect: (options?: ConnectOptions) => fleet.connect(instance.id, { queryTimeoutMs: Infinity, ...options }),
    target: () => fleet.loginOf(instance.id),
  };
}

export function copyJob({ fleet, spec, already, objects }: CopyContext, step: StepContext): CopyJob {
  return {
    step, source: endOf(fleet, fleet.instance(spec.sourceId)), target: endOf(fleet, fleet.instance(spec.standbyId)), scope: spec.scope,
    ...(spec.accounts === undefined ? {} : { accounts: spec.accounts }),
    ...(already === undefined ? {} : { already }),
    ...(objects === undefined ? {} : { objects }),
  };
}
