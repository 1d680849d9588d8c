// The policy of the operations on the role that a server has now.
import type { InstanceView } from '../../shared/domain/fleet/view';
import { permission, type Operation, type Permission } from '../../shared/domain/fleet/policy';
import { isReplicaRole } from '../../shared/domain/fleet/role';
import { errorOf, failure } from '../../shared/errors/codes';
import type { AuditDetail } from '../fleet/audited';
import type { FleetInventory, FleetObserved } from '../fleet/types';
import type { AuditLog } from '../storage/types';

/**
 * Reads the server again, concludes its role, and refuses what the policy locks, whatever a window shows. One that is not watched is left alone
 * where what was known of it is refused already.
 *
 * @throws Failure `operation-locked`, `role-unknown`, `watch-paused`
 */
export async function refuseLocked(fleet: FleetInventory & FleetObserved, instanceId: string, operation: Operation): Promise<InstanceView> {
  const known = fleet.view(instanceId);
  const view = known.paused !== null && !permissionOf(known, operation).allowed ? known : await fleet.refresh(instanceId);
  const allowed = permissionOf(view, operation);
  if (!allowed.allowed) throw refusal(fleet, view, operation, allowed.reason);
  return view;
}

/** Does what the policy may refuse, wherever it is asked for, and records that it did. @throws what `act` throws */
export async function refusalRecorded<Result>(
  { fleet, audit }: { readonly fleet: FleetInventory; readonly audit: Pick<AuditLog, 'append'> }, instanceId: string, operation: Operation, detail: AuditDetail,
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (thrown) {
    const { code } = errorOf(thrown);
    if (code === 'operation-locked' || code === 'role-unknown' || code === 'watch-paused') {
      audit.append({ action: `operation.${operation}`, target: fleet.instance(instanceId).name, outcome: 'refused', detail: { ...detail, code } });
    }
    throw thrown;
  }
}

/** The policy on the role as it is known now; a server that is not being read has no role to rely on. */
export function permissionOf(view: InstanceView, operation: Operation): Permission {
  return permission(view.health.state === 'reachable' ? view.role : keepLocked(view), operation);
}

/** While it is away, a replica stays locked as what it is; anything else is not known any more. */
function keepLocked({ role }: InstanceView): InstanceView['role'] {
  return isReplicaRole(role) || role === 'fenced' ? role : 'unknown';
}

type Reason = Exclude<Permission, { allowed: true }>['reason'];

function refusal(fleet: FleetInventory & FleetObserved, view: InstanceView, operation: Operation, reason: Reason): Error {
  const { name } = view.instance;
  if (view.paused !== null) return failure('watch-paused', { name, by: view.paused.by });
  if (reason === 'role-unknown') return failure('role-unknown', { name });
  const primaryId = primaryOf(fleet, view);
  return failure('operation-locked', { operation, name, primary: primaryId === null ? '—' : fleet.instance(primaryId).name });
}

/** The primary that a replica follows in the end: where the operation can be done instead. */
export function primaryOf(fleet: FleetInventory & FleetObserved, view: InstanceView): string | null {
  if (view.instance.intent.kind === 'fenced') return fleet.instances().some((one) => one.id === successorOf(view)) ? successorOf(view) : null;
  const seen = new Set([view.instance.id]);
  let next = view.sourceId;
  let last: string | null = null;
  while (next !== null && !seen.has(next)) {
    seen.add(next);
    last = next;
    next = fleet.view(next).sourceId;
  }
  return last;
}

function successorOf({ instance }: InstanceView): string | null {
  return instance.intent.kind === 'fenced' ? instance.intent.successorId : null;
}
