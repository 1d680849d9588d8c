import { lossOfReport } from '../../../shared/domain/promotion/loss';
import type { PromotionReport } from '../../../shared/domain/promotion/promotion';
import { revisedLoss } from '../../../shared/domain/promotion/revised';
import { executedOf } from '../../../shared/domain/analysis/input';
import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import type { InstanceFacts } from '../../../shared/domain/fleet/facts';
import type { FleetInventory, FleetObserved } from '../../fleet/types';
import type { Reports } from './reports';

type Fleet = FleetInventory & FleetObserved;

/**
 * Holds each report of an emergency promotion against the old primary as it was read since: it is still the untrusted one that this
 * standby succeeded, and both were read after the promotion. Reads nothing itself: called whenever the fleet learned something.
 */
export function reviseReports(fleet: Fleet, reports: Reports): void {
  for (const report of reports.list()) {
    const read = returned(fleet, report);
    if (read === null) continue;
    const loss = revisedLoss(lossOfReport(report), parseGtidSet(report.promotionSet), {
      old: read.executed, readAt: read.old.sampledAt, closed: read.old.server.superReadOnly === true,
      successor: read.successorExecuted, successorUuid: read.successor.server.uuid,
    });
    if (loss !== null) reports.revise(report.id, loss, read.old.sampledAt);
  }
}

interface Returned {
  readonly old: InstanceFacts;
  readonly executed: GtidSet;
  readonly successor: InstanceFacts;
  readonly successorExecuted: GtidSet;
}

function returned(fleet: Fleet, report: PromotionReport): Returned | null {
  if (report.kind !== 'emergency' || report.outcome === 'undone' || report.promotionSet === '') return null;
  const oldId = report.oldPrimaryId ?? report.sourceId;
  const known = fleet.instances().find(({ id }) => id === oldId);
  if (known === undefined || known.intent.kind !== 'fenced' || known.intent.successorId !== report.standbyId) return null;
  if (!fleet.instances().some(({ id }) => id === report.standbyId)) return null;
  const [old, successor] = [fleet.view(known.id).facts, fleet.view(report.standbyId).facts];
  if (old === null || successor === null || old.sampledAt <= report.endedAt || successor.sampledAt <= report.endedAt) return null;
  const [executed, successorExecuted] = [executedOf(old), executedOf(successor)];
  return executed !== null && successorExecuted !== null ? { old, executed, successor, successorExecuted } : null;
}
