import type { Role } from '../../../shared/domain/fleet/role';
import type { InstanceView } from '../../../shared/domain/fleet/view';

/** Whether a standby really follows its source now: reachable, and its link carries data. */
export function followsNow(view: Pick<InstanceView, 'health' | 'lag'>): boolean {
  return view.health.state === 'reachable' && view.lag !== null && (view.lag.state === 'caught-up' || view.lag.state === 'behind');
}

/** S13: what takes part in the protection of something has an icon that opens its dependency view. */
export function hasDependencies(role: Role): boolean {
  return role === 'primary' || role === 'standby' || role === 'local-replica';
}
