import type { Incident } from '../../../shared/domain/analysis/incident';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import type { InstanceProblem } from '../../ui/ProblemList';
import { compareNames } from '../../../shared/domain/fleet/names';

/** The notes of the whole fleet, by instance name. */
export function notesOf(instances: readonly InstanceView[]): readonly InstanceProblem[] {
  return instances
    .flatMap((view) => view.problems.filter(({ severity }) => severity === 'info').map((problem) => ({ view, problem })))
    .sort((a, b) => compareNames(a.view.instance.name, b.view.instance.name));
}

/** An incident that is more than one problem, or that takes a server away, has a card of its own; the others are lines. */
export const isCard = ({ kind, symptoms }: Incident): boolean => kind !== 'problem' || symptoms.length > 0;
