import type { Suspicion } from './errant';
import type { Member, Thresholds } from './input';
import type { Relations } from './role';
import type { Problem, ProblemCode, Severity } from '../fleet/problem';
import type { Role } from '../fleet/role';

/** Everything the problems of one instance are found from. */
export interface ProblemContext {
  readonly members: ReadonlyMap<string, Member>;
  /** By server uuid as last read. */
  readonly byUuid: ReadonlyMap<string, readonly string[]>;
  readonly relations: Relations;
  readonly roles: ReadonlyMap<string, Role>;
  /** By link. */
  readonly suspicions: ReadonlyMap<string, Suspicion>;
  /** By link: since when transactions have been missing that were not even received. */
  readonly behindSince: ReadonlyMap<string, number>;
  /** By link: the source it last followed encrypted, where it goes on in the clear. */
  readonly tlsLost: ReadonlyMap<string, string>;
  /** By instance: when a restart was noticed. */
  readonly restartedAt: ReadonlyMap<string, number>;
  readonly thresholds: Thresholds;
  readonly now: number;
}

/** One finding, before it is tied to its instance. */
export type Found = readonly [code: ProblemCode, severity: Severity, params: Problem['params']];

/** The other members of an instance's cluster. */
export function clusterMates(member: Member, { members, relations }: ProblemContext): Member[] {
  const ids = relations.clusters.get(relations.clusterOf.get(member.instance.id) ?? '') ?? [];
  return ids.map((id) => members.get(id)).filter((other) => other !== undefined).filter((other) => other !== member);
}
