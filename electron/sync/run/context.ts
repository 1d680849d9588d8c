import type { Instance } from '../../../shared/domain/fleet/instance';
import type { Scope } from '../../../shared/domain/scope/scope';
import type { SyncSpec } from '../../../shared/domain/sync/sync';
import type { Fleet } from '../../fleet/types';
import type { ConnectOptions, Session } from '../../mysql/types';
import type { Followed } from '../../replication/outside-statements';
import type { StepContext } from '../../tasks/types';
import type { CopyJob, End } from '../../copy/snapshot/sessions';
import type { ObjectList } from '../../copy/rows/object-list';

/** What a run of a sync task stands on: the two instances and how to reach them. */
export interface Ground {
  readonly fleet: Fleet;
  readonly spec: SyncSpec;
  /** Told how far each table of a copy or a comparison is. */
  readonly objects?: ObjectList;
  /** The speed limit of the first copy as it is now, MB per second; absent, or undefined from it: none. */
  readonly copyRateMb?: () => number | undefined;
  /** What the standby follows already: a copy leaves it out. */
  readonly already?: Scope;
}

/** What is needed to know the two instances. */
export interface PairGround {
  readonly fleet: Pick<Fleet, 'instance'>;
  readonly spec: Pick<SyncSpec, 'sourceId' | 'standbyId'>;
}

export function sourceOf({ fleet, spec }: PairGround): Instance {
  return fleet.instance(spec.sourceId);
}

export function standbyOf({ fleet, spec }: PairGround): Instance {
  return fleet.instance(spec.standbyId);
}

/** One end for a copy. Its statements may take hours: the step's signal is their limit. */
function endOf(fleet: Fleet, instance: Instance): End {
  return {
    name: instance.name,
    connect: (options?: ConnectOptions) => fleet.connect(instance.id, { queryTimeoutMs: Infinity, ...options }),
    target: () => fleet.loginOf(instance.id),
  };
}

export function copyJob(ground: Ground, step: StepContext): CopyJob {
  return {
    step, source: endOf(ground.fleet, sourceOf(ground)), target: endOf(ground.fleet, standbyOf(ground)), scope: ground.spec.scope,
    ...(ground.already === undefined ? {} : { already: ground.already }),
    ...(ground.objects === undefined ? {} : { objects: ground.objects }),
  };
}

export function onSource<Result>(ground: Ground, step: StepContext, use: (session: Session, name: string) => Promise<Result>): Promise<Result> {
  const source = sourceOf(ground);
  return ground.fleet.withSession(source.id, (session) => use(session, source.name), { signal: step.signal });
}

export function onStandby<Result>(ground: Ground, step: StepContext, use: (session: Session, name: string) => Promise<Result>): Promise<Result> {
  const standby = standbyOf(ground);
  return ground.fleet.withSession(standby.id, (session) => use(session, standby.name), { signal: step.signal });
}

/** The link of a pair as the room of replication knows it. */
export function followed(ground: Ground, step: StepContext): Followed {
  return { scope: ground.spec.scope, onSource: (use) => onSource(ground, step, use) };
}

/** One global variable as text; null where the server has none of that name. */
export async function globalVariable(session: Session, name: string): Promise<string | null> {
  const [row] = await session.query<{ Value: string }>(`SHOW GLOBAL VARIABLES LIKE '${session.dialect.variableName(name).replaceAll('_', '\\_')}'`);
  return row?.Value ?? null;
}
