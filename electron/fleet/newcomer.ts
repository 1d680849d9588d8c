import { analyseFleet, noMemory, type AnalysedMember } from '../../shared/domain/analysis/analysis';
import type { InstanceFacts } from '../../shared/domain/fleet/facts';
import type { Instance, InstanceForm } from '../../shared/domain/fleet/instance';
import type { Role } from '../../shared/domain/fleet/role';

export interface NewcomerSurroundings {
  /** The rest of the fleet. */
  readonly others: readonly AnalysedMember[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly lagWarningSeconds: number;
  /** Which engine asks. */
  readonly run: string;
}

/** The role a server would have in a fleet: of itself if it is registered (`known`), else as a newcomer. */
export function roleInFleet(form: InstanceForm, known: Instance | null, facts: InstanceFacts, around: NewcomerSurroundings): Role | null {
  const { others, now, lagWarningSeconds, run } = around;
  const instance: Instance = {
    id: known?.id ?? 'candidate', ...form, intent: known?.intent ?? { kind: 'none' }, serverUuid: facts.server.uuid, createdAt: now,
  };
  const candidate: AnalysedMember = {
    instance,
    health: { state: 'reachable', lastSuccessAt: now, lastAttemptAt: now, failingSince: null },
    error: null, previous: null, current: { facts, startedAt: now, endedAt: now }, passwordKnown: true,
  };
  const { views } = analyseFleet([...others, candidate], noMemory, now, lagWarningSeconds, run);
  return views.find((view) => view.instance.id === instance.id)?.role ?? null;
}
