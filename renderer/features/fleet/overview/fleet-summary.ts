import type { InstanceView } from '../../../../shared/domain/fleet/view';
import { severityRank } from '../../../ui/instance-tone';
import type { InstanceProblem } from '../../../ui/ProblemList';
import { followsNow } from '../protection';

/** Problems of the whole fleet, worst first, then by instance name; notes last. */
export function problemsOf(instances: readonly InstanceView[]): readonly InstanceProblem[] {
  return instances
    .flatMap((view) => view.problems.map((problem) => ({ view, problem })))
    .sort((a, b) => severityRank[b.problem.severity] - severityRank[a.problem.severity] || a.view.instance.name.localeCompare(b.view.instance.name));
}

/** Figures of the fleet page's head. */
export interface FleetFigures {
  readonly instances: number;
  readonly primaries: number;
  /** Primaries with at least one DR standby that really follows. */
  readonly protectedPrimaries: number;
  readonly critical: number;
  readonly warning: number;
  readonly unknown: number;
}

export function fleetFigures(instances: readonly InstanceView[]): FleetFigures {
  const figures = { instances: instances.length, primaries: 0, protectedPrimaries: 0, critical: 0, warning: 0, unknown: 0 };
  const following = new Set(instances.filter(followsNow).map((view) => view.instance.id));
  for (const view of instances) {
    if (view.role === 'primary') {
      figures.primaries += 1;
      if (view.protectedBy.some((id) => following.has(id))) figures.protectedPrimaries += 1;
    }
    if (view.health.state === 'unknown') figures.unknown += 1;
    for (const { severity } of view.problems) {
      if (severity === 'critical') figures.critical += 1;
      else if (severity === 'warning') figures.warning += 1;
    }
  }
  return figures;
}
