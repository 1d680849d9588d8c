import type { Mark } from '../../shared/domain/monitoring/monitoring';
import type { PromotionReport } from '../../shared/domain/promotion/promotion';
import type { TaskView } from '../../shared/domain/tasks/task';
import { message } from '../../shared/i18n/message';

/** Marks of an instance for what this program did to it: tasks by their time, promotions by their end. */
export function marksOfWork(instanceId: string, tasks: readonly TaskView[], promotions: readonly PromotionReport[]): readonly Mark[] {
  const reported = new Set(promotions.map(({ taskId }) => taskId));
  const ofTasks = tasks.filter((task) => task.instanceIds.includes(instanceId) && !reported.has(task.id)).flatMap((task): Mark[] => {
    const { startedAt, endedAt, state, name } = task;
    if (startedAt === null) return [];
    const severity = state === 'failed' ? 'warning' : 'info';
    return [{ instanceId, at: startedAt, until: endedAt, kind: 'task', severity, text: message('monitoring.mark.task', { name }) }];
  });
  const ofPromotions = promotions.filter(({ standbyId, sourceId }) => standbyId === instanceId || sourceId === instanceId).map((report): Mark => ({
    instanceId, at: report.startedAt, until: report.endedAt, kind: 'promotion', severity: report.outcome === 'done' ? 'info' : 'warning',
    text: message(`monitoring.mark.promotion.${report.outcome}`, { name: report.standbyName }),
  }));
  return [...ofTasks, ...ofPromotions];
}

/** Those that touch a range of time, oldest first. */
export function between(marks: readonly Mark[], from: number, to: number): readonly Mark[] {
  return marks.filter(({ at, until }) => at <= to && (until ?? at) >= from).sort((one, other) => one.at - other.at);
}
