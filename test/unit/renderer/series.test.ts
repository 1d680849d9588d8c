import { describe, expect, it } from 'vitest';
import { timelineOf } from '../../../renderer/features/sync/task/timeline';
import { axisStep } from '../../../renderer/charts/axis';
import { Series } from '../../../renderer/stores/series';
import { backlogs, copyRates, recordBacklogs, recordRate } from '../../../renderer/stores/task-rates';
import type { StepView, TaskView } from '../../../shared/domain/tasks/task';
import { message } from '../../../shared/i18n/message';
import { instanceView, lag } from '../../fixtures/renderer-fleet';

const step = (more: Partial<StepView>): StepView => ({ id: 'copy', title: message('sync.step.checks'), state: 'running', sql: [], startedAt: null, ms: null, error: null, progress: null, ...more }) as StepView;
const task = (more: Partial<TaskView>): TaskView => ({ id: 'task', steps: [], log: [], ...more }) as TaskView;

describe('readings over time', () => {
  it('keeps them in order, takes none twice, and tells a value that is missing', () => {
    const series = new Series(2);
    series.add('a', 1, [5]);
    series.add('a', 1, [6, 6]);
    series.add('a', 0, [7, 7]);
    series.add('a', 2, [8, 9]);
    expect(series.read('a')).toEqual([{ at: 1, values: [5, Number.NaN] }, { at: 2, values: [8, 9] }]);
    expect(series.read('b')).toEqual([]);
  });

  it('keeps the newest and never more than it has room for', () => {
    const series = new Series(1);
    for (let at = 1; at <= 3000; at += 1) series.add('a', at, [at]);
    const points = series.read('a');
    expect(points).toHaveLength(1200);
    expect(points[0]).toEqual({ at: 1801, values: [1801] });
    expect(points.at(-1)).toEqual({ at: 3000, values: [3000] });
  });

  it('takes the rate of the step that moves bytes, and of no other', () => {
    recordRate(task({ id: 'rows', steps: [step({ progress: { unit: 'rows', done: 1, total: 2, rate: 9 } as StepView['progress'] })] }), 1);
    recordRate(task({ id: 'ended', steps: [step({ state: 'done', progress: { unit: 'bytes', done: 2, total: 2, rate: 9 } as StepView['progress'] })] }), 1);
    recordRate(task({ id: 'copy', steps: [step({ progress: { unit: 'bytes', done: 1, total: 2, rate: 9 } as StepView['progress'] })] }), 1);
    expect(['rows', 'ended', 'copy'].map((id) => copyRates.read(id).map(({ values }) => values))).toEqual([[], [], [[9]]]);
  });

  it('takes the backlog of every standby at the time it was read', () => {
    const now = 1_800_000_000_000;
    recordBacklogs([instanceView(now, { id: 'alone', region: 'gz', role: 'primary' }), instanceView(now, { id: 's', region: 'sh', role: 'standby', lag: { ...lag(now - 5, 1), toReceive: 3, toApply: 4 } })]);
    expect(backlogs.read('alone')).toEqual([]);
    expect(backlogs.read('s')).toEqual([{ at: now - 5, values: [3, 4] }]);
  });
});

describe('what happened in a task', () => {
  it('puts its log and the begin and end of its steps into one order, newest first', () => {
    const text = message('sync.step.checks');
    const events = timelineOf(
      task({
        steps: [step({ state: 'done', startedAt: 10, ms: 5 }), step({ state: 'failed', startedAt: 20, ms: 2, error: { code: 'cancelled', params: {} } as StepView['error'] }), step({ state: 'waiting' as StepView['state'] })],
        log: [{ at: 12, level: 'warning', text }],
      }),
    );
    expect(events.map(({ at, kind, level }) => [at, kind, level])).toEqual([
      [22, 'step-failed', 'error'],
      [20, 'step-began', 'info'],
      [15, 'step-ended', 'info'],
      [12, 'log', 'warning'],
      [10, 'step-began', 'info'],
    ]);
  });
});

describe('the axis of a chart', () => {
  it.each([[1, 1000, 0.5], [4, 1000, 2], [70, 1000, 50], [1_000_000, 1000, 500_000], [29 * 1024, 1024, 10 * 1024], [2 * 1024 ** 2, 1024, 1024 ** 2], [900, 1024, 500]] as const)('of %d at base %d has lines every %d', (top, base, step) => {
    expect(axisStep(top, base)).toBe(step);
  });
});
