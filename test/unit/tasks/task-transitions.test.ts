import { describe, expect, it } from 'vitest';
import { taskNotice } from '../../../shared/domain/tasks/notice';
import { endedStates, taskStates } from '../../../shared/domain/tasks/task';
import { isActive, nextTaskState, taskEvents, taskTransitions } from '../../../shared/domain/tasks/transitions';

describe('the transitions of a task', () => {
  it('lead from pending to every state, and from every state that has not ended to an end', () => {
    const reached = new Set(['pending']);
    for (let size = 0; size !== reached.size; ) {
      size = reached.size;
      for (const state of taskStates) if (reached.has(state)) for (const next of Object.values(taskTransitions[state])) reached.add(next);
    }
    expect([...reached].sort()).toEqual([...taskStates].sort());
    const ends = new Set<string>(endedStates);
    for (const state of taskStates.filter((one) => !endedStates.includes(one))) {
      expect(Object.values(taskTransitions[state]).some((next) => ends.has(next) || next === 'undoing'), state).toBe(true);
    }
  });

  it('leave done and cancelled never, and failed only to go on or back', () => {
    for (const event of taskEvents) {
      expect(nextTaskState('done', event)).toBeNull();
      expect(nextTaskState('cancelled', event)).toBeNull();
    }
    expect(Object.keys(taskTransitions.failed)).toEqual(['run', 'undo', 'fail']);
  });

  it.each([
    ['running', 'wait', 'waiting'],
    ['waiting', 'proceed', 'running'],
    ['running', 'ask-pause', 'pausing'],
    ['pausing', 'rest', 'paused'],
    ['paused', 'run', 'running'],
    ['pausing', 'ask-cancel', 'cancelling'],
    ['cancelling', 'undo', 'undoing'],
    ['undoing', 'taken-back', 'cancelled'],
    ['undoing', 'ask-cancel', null],
    ['undoing', 'ask-pause', null],
    ['interrupted', 'run', 'running'],
    ['interrupted', 'ask-cancel', null],
    ['pending', 'finish', null],
  ] as const)('%s, on %s, becomes %s', (state, event, next) => {
    expect(nextTaskState(state, event)).toBe(next);
  });

  it('count as interrupted only where somebody had worked', () => {
    expect(taskStates.filter(isActive)).toEqual(['pending', 'running', 'waiting', 'pausing', 'cancelling', 'undoing']);
  });
});

describe('what the desktop tells of a task', () => {
  it('is its end, its interruption and its waiting, once, and nothing of tasks that were there before', () => {
    const task = (state: (typeof taskStates)[number]) => ({ name: 'orders', state });
    expect(taskNotice('running', task('done'))).toEqual({ key: 'tasks.notice.done', params: { name: 'orders' } });
    expect(taskNotice('undoing', task('failed'))?.key).toBe('tasks.notice.failed');
    expect(taskNotice('running', task('interrupted'))?.key).toBe('tasks.notice.interrupted');
    expect(taskNotice('running', task('waiting'))?.key).toBe('tasks.notice.waiting');
    expect(taskNotice('done', task('done'))).toBeNull();
    expect(taskNotice(undefined, task('failed'))).toBeNull();
    expect(taskNotice('undoing', task('cancelled'))).toBeNull();
  });
});
