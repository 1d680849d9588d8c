import { randomUUID } from 'node:crypto';
import { permission } from '../../../shared/domain/fleet/policy';
import { planTransfer, planTransferUndo, undoObstacle, type TransferMember, type TransferRecord } from '../../../shared/domain/operations/transfer/transfer';
import { failure } from '../../../shared/errors/codes';
import { audited } from '../../fleet/audited';
import type { FleetGroups, FleetInventory, FleetObserved } from '../../fleet/types';
import { actorName } from '../../storage/actor';
import type { AuditLog } from '../../storage/types';
import { refuseLocked } from '../permission';
import { TransferBook } from './book';
import type { TransferOrder, TransferService } from './types';

export interface TransferDeps {
  readonly dataFolder: string;
  readonly fleet: FleetInventory & FleetGroups & FleetObserved;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Moves instances between projects, and back. Every instance of a selection is held against the policy on its own, freshly read. */
export function createTransfer({ dataFolder, fleet, audit, clock }: TransferDeps): TransferService {
  const book = new TransferBook(dataFolder);
  const named = (ids: readonly string[]): string => ids.map((id) => fleet.instances().find((one) => one.id === id)?.name ?? id).join(', ');
  const projectName = (id: string | null): string | null => fleet.projects().find((one) => one.id === id)?.name ?? null;

  const move = async ({ instanceIds, projectId }: TransferOrder): Promise<TransferRecord> => {
    const chosen = [...new Set(instanceIds)];
    await refuseAlone(fleet, chosen);
    const before = fleet.instances();
    const planned = planTransfer(membersOf(fleet), chosen, projectId).moves;
    await fleet.transferProject(chosen, projectId);
    // What really moved is what an undo takes back.
    const moves = before.filter((one) => fleet.instance(one.id).projectId !== one.projectId).map(({ id, name, projectId: from }) => ({
      instanceId: id, name, from, follows: planned.find(({ instanceId }) => instanceId === id)?.follows ?? null,
    }));
    const record = { id: randomUUID(), at: clock(), actor: actorName(), to: projectId, toName: projectName(projectId), moves, undoneAt: null };
    if (moves.length > 0) book.add(record);
    return record;
  };

  return {
    plan: ({ instanceIds, projectId }) => planTransfer(membersOf(fleet), instanceIds, projectId),
    execute: (order) => audited(audit, 'operation.transfer-project', named(order.instanceIds), {}, () => move(order)),
    move,
    history: () => book.all(),
    undo: (id) => {
      const record = book.record(id);
      const names = record.moves.map(({ name }) => name).join(', ');
      return audited(audit, 'project.transfer-undo', names, { project: record.toName }, async () => {
        if (record.undoneAt !== null) throw failure('nothing-to-undo', { names });
        const undo = planTransferUndo(record, fleet.instances(), fleet.projects().map((one) => one.id));
        if (undo.back.length === 0) throw failure('nothing-to-undo', { names });
        const ids = undo.back.map(({ instanceId }) => instanceId);
        await Promise.all(ids.map((one) => fleet.refresh(one)));
        const obstacle = undoObstacle(record, undo, membersOf(fleet));
        if (obstacle !== null) throw failure('transfer-primary-changed', { ...obstacle });
        await refuseAlone(fleet, ids);
        await fleet.returnToProjects(new Map(undo.back.map(({ instanceId, from }) => [instanceId, from])));
        book.undone(id, clock());
        return undo;
      });
    },
  };
}

/** A replica may be in a selection because its primary is; whether it is, the fleet says. Everything else has to be free to move, as it is now. */
async function refuseAlone(fleet: TransferDeps['fleet'], ids: readonly string[]): Promise<void> {
  const views = await Promise.all(ids.map((id) => fleet.refresh(fleet.instance(id).id)));
  for (const { instance, role } of views) {
    const follows = role === 'standby' || role === 'local-replica' || role === 'read-only';
    if (follows && ids.length > 1) continue;
    const isLocked = follows || role === 'fenced' || !permission(role, 'transfer-project').allowed;
    if (isLocked || fleet.view(instance.id).health.state !== 'reachable') await refuseLocked(fleet, instance.id, 'transfer-project');
  }
}

function membersOf(fleet: TransferDeps['fleet']): readonly TransferMember[] {
  return fleet.snapshot().instances.map(({ instance: { id, name, projectId }, role, sourceId }) => ({ id, name, projectId, role, sourceId }));
}
