// The two servers of a link, and how they are reached within a step.
import type { Instance } from '../../shared/domain/fleet/instance';
import type { Scope } from '../../shared/domain/scope/scope';
import type { SyncSpec } from '../../shared/domain/sync/sync';
import type { FleetServers } from '../fleet/types';
import { readTransaction } from '../mysql/binlog/transaction';
import type { Session } from '../mysql/types';
import type { StepContext } from '../tasks/types';
import { nothingLeftOut, type LeftOutRecord } from './left-out';
import type { Followed, LoggedLink } from './outside-statements';

/** What is needed to know the two instances. */
export interface PairContext {
  readonly fleet: Pick<FleetServers, 'instance'>;
  readonly spec: Pick<SyncSpec, 'sourceId' | 'standbyId'>;
}

/** What work on one link stands on. */
export interface LinkContext {
  readonly fleet: FleetServers;
  readonly spec: SyncSpec;
  /** What its first copy left out; absent: nothing is known of that. */
  readonly leftOut?: LeftOutRecord;
  /** Whether the user has stopped the link meanwhile: then nobody but the user starts it again. Absent: never. */
  readonly isHeld?: () => boolean;
  /** Whose filters the applier starts with, as its owner has them by then; null: no task owns it, and what is live stays. Absent: those of the spec. */
  readonly filterScope?: () => Scope | null;
}

export function sourceOf({ fleet, spec }: PairContext): Instance {
  return fleet.instance(spec.sourceId);
}

export function standbyOf({ fleet, spec }: PairContext): Instance {
  return fleet.instance(spec.standbyId);
}

export function onSource<Result>(link: LinkContext, step: StepContext, use: (session: Session, name: string) => Promise<Result>): Promise<Result> {
  const source = sourceOf(link);
  return link.fleet.withSession(source.id, (session) => use(session, source.name), { signal: step.signal });
}

export function onStandby<Result>(link: LinkContext, step: StepContext, use: (session: Session, name: string) => Promise<Result>): Promise<Result> {
  const standby = standbyOf(link);
  return link.fleet.withSession(standby.id, (session) => use(session, standby.name), { signal: step.signal });
}

/** What the link carries, and the way to its source within a step. */
export function followed(link: LinkContext, step: StepContext): Followed {
  return { ...loggedLink(link, step.signal), isHeld: () => link.isHeld?.() === true, onSource: (use) => onSource(link, step, use) };
}

/** What the link carries, and what its source's binary log says. */
export function loggedLink({ fleet, spec, leftOut = nothingLeftOut }: LinkContext, signal?: AbortSignal): LoggedLink {
  const options = signal === undefined ? {} : { signal };
  return {
    scope: spec.scope, leftOut,
    logged: (gtid) => readTransaction(() => fleet.connect(spec.sourceId, options), gtid, options),
    another: (use) => fleet.withSession(spec.standbyId, use),
  };
}
