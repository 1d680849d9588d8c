import { actFor, type ProblemAct } from '../analysis/act';
import type { InstanceView } from '../fleet/view';
import type { PromotionKind } from './promotion';

/** What this program can do about a precondition that fails; null: its remedy is to be done on the servers, or by a choice in the dialog. */
export function actForPrecondition(id: string, kind: PromotionKind, standby: InstanceView): ProblemAct | null {
  const instanceId = standby.instance.id;
  const cureOf = (code: 'receiver-stopped' | 'applier-stopped' | 'not-auto-position'): ProblemAct | null => {
    const problem = standby.problems.find((one) => one.code === code);
    return problem === undefined ? null : actFor(standby, problem);
  };
  switch (id) {
    case 'source-reachable':
    case 'source-writes':
      return kind === 'planned' ? { kind: 'promote', instanceId } : null;
    case 'evidence':
      return kind === 'emergency' ? { kind: 'switch-over', instanceId } : null;
    case 'standby-read-only':
      return { kind: 'fence', instanceId };
    case 'receiver':
      return cureOf('receiver-stopped');
    case 'applier':
      return cureOf('applier-stopped');
    case 'gtid-mode':
    case 'auto-position':
      return { kind: 'enable-gtid', instanceId };
    default:
      return null;
  }
}
