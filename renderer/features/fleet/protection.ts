import type { InstanceView } from '../../../shared/domain/fleet/view';

/** Whether a standby really follows its source now: reachable, and its link carries data. */
export function followsNow(view: Pick<InstanceView, 'health' | 'lag'>): boolean {
  return view.health.state === 'reachable' && view.lag !== null && (view.lag.state === 'caught-up' || view.lag.state === 'behind');
}
