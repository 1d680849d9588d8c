import * as v from 'valibot';
import { lossOfReport, nothingLost } from '../../../shared/domain/promotion/loss';
import { isPendingReport, type Loss, type PromotionKind, type PromotionReport } from '../../../shared/domain/promotion/promotion';
import type { AppError } from '../../../shared/errors/codes';
import { outcomeOf, standingNotes, type Standing } from '../../../shared/domain/promotion/standing';
import { isPastReturn, type TaskView } from '../../../shared/domain/tasks/task';
import { openDocument } from '../../storage/document';
import { isFields, keptMessage } from '../../storage/records';
import type { AuditLog } from '../../storage/types';
import type { TaskMemory } from '../../tasks/types';
import type { EmergencyInput } from '../emergency/context';
import { keptLoss, memory as keys } from '../memory';
import type { SwitchoverInput } from '../switchover/context';

const nullable = <Schema extends v.GenericSchema>(schema: Schema) => v.nullable(schema);

const reportSchema = v.object({
  id: v.string(),
  taskId: v.string(),
  kind: v.picklist(['planned', 'emergency']),
  outcome: v.picklist(['done', 'undone', 'failed']),
  startedAt: v.number(),
  endedAt: v.number(),
  standbyId: v.string(),
  standbyName: v.string(),
  sourceId: nullable(v.string()),
  sourceName: v.string(),
  outageMs: nullable(v.number()),
  lostTransactions: nullable(v.number()),
  lostSet: v.string(),
  loss: v.optional(keptLoss),
  revised: v.optional(v.object({ at: v.number(), was: keptLoss })),
  oldPrimaryId: v.optional(v.nullable(v.string())),
  split: v.optional(v.object({ sourceOnly: v.string(), standbyOnly: v.string() })),
  promotionSet: v.string(),
  steps: v.array(v.object({ id: v.string(), title: keptMessage, ms: v.number(), sql: v.array(v.object({ server: v.string(), sql: v.string() })) })),
  notes: v.array(keptMessage),
  error: nullable(v.custom<AppError>((value) => isFields(value) && typeof value['code'] === 'string')),
  acknowledgedAt: v.nullable(v.number()),
  clusterIds: v.array(v.string()),
});

/** The reports of switchovers and promotions, kept for ever in the data folder. */
export class Reports {
  readonly #document;
  readonly #audit: AuditLog;

  constructor(dataFolder: string, audit: AuditLog) {
    this.#audit = audit;
    this.#document = openDocument({
      dataFolder, name: 'promotion-reports', version: 1, schema: v.object({ reports: v.array(reportSchema) }), empty: { reports: [] },
    });
  }

  /** Newest first. */
  list(): readonly PromotionReport[] {
    return [...this.#document.get().reports].sort((a, b) => b.endedAt - a.endedAt);
  }

  forTask(taskId: string): PromotionReport | null {
    return this.list().find((report) => report.taskId === taskId) ?? null;
  }

  /** The emergency promotion of a cluster that waits to be acknowledged; null: none does. */
  pendingFor(clusterIds: readonly string[]): PromotionReport | null {
    return this.list().find((report) => isPendingReport(report) && (report.clusterIds ?? []).some((id) => clusterIds.includes(id))) ?? null;
  }

  /** False where there is no such report. */
  acknowledge(id: string, at: number): boolean {
    if (!this.list().some((report) => report.id === id)) return false;
    this.#document.update((value) => ({
      ...value,
      reports: value.reports.map((report) => (report.id === id ? { ...report, acknowledgedAt: report.acknowledgedAt ?? at } : report)),
    }));
    return true;
  }

  /** Tells the loss of a report anew; what it said at first is kept beside it. */
  revise(id: string, loss: Loss, at: number): void {
    const known = this.list().find((report) => report.id === id);
    if (known === undefined) return;
    const was = known.revised?.was ?? lossOfReport(known);
    this.#document.update((value) => ({
      ...value,
      reports: value.reports.map((report) => (report.id === id ? { ...report, ...lossFields(loss), revised: { at, was } } : report)),
    }));
    this.#audit.append({
      action: 'promotion.loss-revised', target: known.standbyName, outcome: 'done',
      detail: { source: known.sourceName, report: id, kind: loss.kind, lostTransactions: loss.count, lostSet: loss.set, before: was.count },
    });
  }

  /** Writes the report of a task that has ended, over where both servers say that they stand; once more where a failed one was taken up again. */
  write(kind: PromotionKind, input: SwitchoverInput | EmergencyInput, view: TaskView, memory: TaskMemory, standing: Standing): void {
    const report = reportOf(kind, input, view, memory, standing);
    this.#document.update((value) => {
      const known = value.reports.find((candidate) => candidate.id === report.id);
      const kept = { ...report, acknowledgedAt: known?.acknowledgedAt ?? null };
      return { ...value, reports: [...value.reports.filter((candidate) => candidate.id !== report.id), kept] };
    });
    this.#audit.append({
      action: kind === 'planned' ? 'promotion.switchover' : 'promotion.emergency',
      target: report.standbyName,
      outcome: report.outcome === 'done' ? 'done' : 'failed',
      detail: {
        source: report.sourceName, outcome: report.outcome, outageMs: report.outageMs, lostTransactions: report.lostTransactions,
        promotionSet: report.promotionSet, report: report.id,
      },
    });
  }
}

type StoredReport = v.InferOutput<typeof reportSchema>;

function reportOf(kind: PromotionKind, input: SwitchoverInput | EmergencyInput, view: TaskView, memory: TaskMemory, standing: Standing): StoredReport {
  const outcome = outcomeOf(standing, {
    kind,
    finished: view.state === 'done',
    // Journals of earlier versions say so by the step alone.
    mayBeOpen: memory.recall(keys.openingAt) !== undefined || view.steps.some(isPastReturn),
    mayBeFenced: memory.recall(keys.fenceSentAt) !== undefined,
    undoMissed: view.steps.some((step) => step.state === 'undo-failed'),
  });
  const opened = outcome !== 'undone';
  const loss = kind === 'planned' || !opened ? nothingLost : (memory.recall(keys.loss) ?? neverSeen);
  return {
    id: input.id,
    taskId: view.id,
    kind,
    outcome,
    startedAt: view.startedAt ?? view.createdAt,
    endedAt: view.endedAt ?? view.createdAt,
    standbyId: input.standbyId,
    standbyName: input.standbyName,
    sourceId: input.sourceId,
    sourceName: input.sourceName,
    outageMs: memory.recall(keys.outageMs) ?? null,
    ...lossFields(loss),
    oldPrimaryId: 'oldPrimaryId' in input ? input.oldPrimaryId : input.sourceId,
    ...('split' in input && input.split !== null ? { split: { ...input.split } } : {}),
    promotionSet: memory.recall(keys.promotionSet) ?? '',
    steps: view.steps.map((step) => ({
      id: step.id, title: step.title, ms: step.ms ?? 0, sql: step.state === 'pending' ? [] : step.sql.map(({ server, sql }) => ({ server, sql })),
    })),
    notes: [
      ...(memory.recall(keys.notes) ?? []), ...(outcome === 'done' ? [] : standingNotes(standing, { source: input.sourceName, standby: input.standbyName })),
    ],
    error: view.error,
    acknowledgedAt: null,
    clusterIds: [...input.clusterIds],
  };
}

const neverSeen: Loss = { kind: 'unknown', count: 0, set: '', unseenFrom: null, filtered: false };

/** A loss as a report keeps it, beside the two fields that it always had. */
function lossFields(loss: Loss): Pick<StoredReport, 'lostTransactions' | 'lostSet' | 'loss'> {
  return { lostTransactions: loss.kind === 'unknown' ? null : loss.count, lostSet: loss.set, loss };
}
