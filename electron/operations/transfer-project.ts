import * as v from 'valibot';
import { id } from '../../shared/contract/inputs';
import { permission } from '../../shared/domain/fleet/policy';
import { failure } from '../../shared/errors/codes';
import type { FleetGroups, FleetObserved } from '../fleet/types';

const schema = v.object({
  projectId: v.nullable(id),
  /** More instances to move along with the one it is run on. */
  instanceIds: v.optional(v.pipe(v.array(id), v.maxLength(1000)), []),
});

/**
 * Moves an instance, or a selection, to a project; standbys and read-only instances follow their primary. Nothing
 * happens on a server. Every instance of the selection is held against the policy on its own, freshly read.
 */
export async function transferProject(fleet: FleetGroups & FleetObserved, instanceId: string, input: Record<string, unknown>): Promise<void> {
  const parsed = v.safeParse(schema, input);
  if (!parsed.success) throw failure('invalid-input', { field: v.getDotPath(parsed.issues[0]) ?? 'input', reason: parsed.issues[0].message });
  const { projectId, instanceIds } = parsed.output;
  const chosen = [...new Set([instanceId, ...instanceIds])];
  const others = await Promise.all(chosen.filter((one) => one !== instanceId).map((one) => fleet.refresh(one)));
  for (const { instance, role, health } of others) {
    // A replica in the selection may be there because its primary is; whether it is, the fleet says.
    if (health.state !== 'reachable' && (role === 'primary' || role === 'stand-alone')) throw failure('role-unknown', { name: instance.name });
    const allowed = permission(role, 'transfer-project');
    if (!allowed.allowed && allowed.reason === 'role-unknown') throw failure('role-unknown', { name: instance.name });
  }
  await fleet.transferProject(chosen, projectId);
}
