import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Alarms } from '../../../electron/monitoring/alarms';
import { MarkBook } from '../../../electron/monitoring/mark-book';
import { between, marksOfWork } from '../../../electron/monitoring/happenings';
import type { Problem } from '../../../shared/domain/fleet/problem';
import type { TaskView } from '../../../shared/domain/tasks/task';
import type { Threshold } from '../../../shared/domain/monitoring/thresholds';
import { viewOf } from '../../contract/fake-engine';
import { T0 } from '../../fixtures/facts';

let folder: string;
let now = T0;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-marks-')); now = T0; });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const threshold = (series: string): Problem => ({ code: 'threshold-crossed', severity: 'warning', instanceId: 'a', params: { series } });
const critical: Problem = { code: 'unreachable', severity: 'critical', instanceId: 'a', params: {} };
const lagging: Problem = { code: 'lagging', severity: 'warning', instanceId: 'a', params: {} };
const seen = (...problems: Problem[]) => ({ ...viewOf('a', 'primary'), problems });

describe('the book of marks', () => {
  it('marks what was alerted from its begin to its end, each threshold by itself', () => {
    const book = new MarkBook(folder, () => now);
    book.noteProblems(seen(critical, lagging, threshold('qps')));
    now += 10_000;
    book.noteProblems(seen(threshold('qps'), threshold('tps')));
    now += 10_000;
    book.noteProblems(seen());
    expect(book.between('a', T0, now).map(({ at, until, text }) => [at - T0, (until ?? 0) - T0, text.key, text.params?.['series']])).toEqual([
      [0, 10_000, 'problems.unreachable.title', undefined], [0, 20_000, 'problems.threshold-crossed.title', 'qps'], [10_000, 20_000, 'problems.threshold-crossed.title', 'tps'],
    ]);
    expect(book.between('a', T0 + 15_000, now).map(({ kind }) => kind)).toEqual(['alert', 'alert']);
    expect(book.between('b', T0, now)).toEqual([]);
  });

  it('tells a restart once, and keeps marks over a restart of the program', () => {
    const book = new MarkBook(folder, () => now);
    book.noteRestart('a', T0);
    book.noteRestart('a', T0 + 800);
    book.noteProblems(seen(critical));
    book.close();
    const again = new MarkBook(folder, () => now).between('a', T0 - 1_000, T0 + 60_000);
    // Nobody saw how long the problem lasted once the program had ended.
    expect(again.map(({ kind, until }) => [kind, until])).toEqual([['restart', null], ['alert', T0]]);
  });

  it('forgets an instance that is gone, and what is older than the values', () => {
    const book = new MarkBook(folder, () => now);
    book.noteRestart('a', T0);
    book.noteRestart('b', T0);
    book.forget('a');
    now += 31 * 86_400_000;
    book.noteRestart('b', now);
    expect([...book.between('a', 0, now), ...book.between('b', 0, now)].map(({ at }) => at)).toEqual([now]);
    book.close();
  });
});

it('tasks and promotions of an instance are marks of it, oldest first', () => {
  const task = (change: Partial<TaskView>): TaskView => ({
    id: 't', kind: 'sync', name: 'copy', state: 'done', instanceIds: ['a'], createdAt: T0, startedAt: T0 + 5, endedAt: T0 + 10, steps: [], waitingFor: null, error: null,
    aftermath: null, isReported: true, canCancel: false, canPause: false, log: [], ...change,
  });
  const marks = marksOfWork('a', [task({}), task({ id: 'f', state: 'failed', startedAt: T0 }), task({ instanceIds: ['b'] }), task({ startedAt: null })], []);
  expect(between(marks, T0, T0 + 60).map(({ at, until, kind, severity }) => [at - T0, (until ?? 0) - T0, kind, severity])).toEqual([[0, 10, 'task', 'warning'], [5, 10, 'task', 'info']]);
  expect(between(marks, T0 + 11, T0 + 60)).toEqual([]);
});

it('a threshold that is chosen anew is judged anew', () => {
  let thresholds: Threshold[] = [{ series: 'qps', instanceId: null, when: 'above', warning: 10, critical: null, forSeconds: 0, hysteresis: 0, on: true }];
  const alarms = new Alarms(() => thresholds);
  expect(alarms.judge('a', { qps: 20 }, T0)).toMatchObject([{ series: 'qps', severity: 'warning', limit: 10, value: 20 }]);
  thresholds = [{ series: 'qps', instanceId: null, when: 'above', warning: 15, critical: null, forSeconds: 60, hysteresis: 0, on: true }];
  expect(alarms.judge('a', { qps: 20 }, T0 + 1_000)).toEqual([]);
});
