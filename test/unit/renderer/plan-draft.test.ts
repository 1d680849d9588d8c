// @vitest-environment happy-dom
import { act, renderHook } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { Result } from '../../../renderer/api';
import { planPhase, usePlanDraft, type PlanPhase, type PlanState } from '../../../renderer/stores/plan-draft';
import type { Plan, Precondition } from '../../../shared/domain/tasks/plan';
import { message } from '../../../shared/i18n/message';

const none = message('common.none');
const precondition = (status: Precondition['status']): Precondition => ({ id: status, title: none, status, measured: none, remedy: null, sql: '' });
const plan: Plan = { id: 'p1', kind: 'k', createdAt: 0, expiresAt: 1000, preconditions: [precondition('pass'), precondition('warn')], steps: [], warnings: [], phrase: 'orders-sh' };
const refused: Plan = { ...plan, preconditions: [precondition('fail')] };

describe('the phase of a dialog over a plan', () => {
  const state: PlanState = { plan, isReading: false, isStarting: false, isOutdated: false, word: 'orders-sh', phrase: 'orders-sh' };
  it.each<[string, Partial<PlanState>, number, PlanPhase]>([
    ['all holds, to its very end', {}, 1000, 'ready'],
    ['the first reading', { plan: null, isReading: true }, 0, 'reading'],
    ['a reading over a plan', { isReading: true }, 0, 'reading-again'],
    ['nothing could be read', { plan: null }, 0, 'failed'],
    ['it starts', { isStarting: true }, 2000, 'starting'],
    ['a precondition fails, however old it is', { plan: refused }, 2000, 'refused'],
    ['too old', {}, 1001, 'expired'],
    ['other choices than those of the plan', { isOutdated: true }, 0, 'outdated'],
    ['another word', { word: 'Orders-sh' }, 0, 'needs-word'],
    ['no word', { word: '' }, 0, 'needs-word'],
    ['no word where none can be known', { word: '', phrase: null }, 0, 'needs-word'],
  ])('%s', (_name, change, now, phase) => {
    expect(planPhase({ ...state, ...change }, now)).toBe(phase);
  });
});

/** A draft over answers that the test gives when it wants. */
function openDraft() {
  const asked: { options: string; signal: AbortSignal; answer: (result: Result<Plan>) => void }[] = [];
  const ended = { onBusy: vi.fn(), onStarted: vi.fn(), execute: vi.fn(), onRead: vi.fn() };
  const hook = renderHook(() =>
    usePlanDraft<Plan, string>('first', {
      read: (options, signal) => new Promise((answer) => asked.push({ options, signal, answer })),
      ...ended,
    }));
  const answer = (index: number, result: Result<Plan>): Promise<void> => act(async () => asked[index]!.answer(result));
  return { ...hook, asked, answer, ...ended };
}
const failed: Result<never> = { ok: false, error: { code: 'internal', params: { detail: '' }, correlationId: 'c', retry: false } };

describe('a plan that is read, confirmed and started', () => {
  it('is read once at opening, and a later question gives up the one under way', async () => {
    const { result, asked, answer, onRead } = openDraft();
    expect(asked.map(({ options }) => options)).toEqual(['first']);
    act(() => void result.current.read('second'));
    expect(asked.map(({ options, signal }) => [options, signal.aborted])).toEqual([['first', true], ['second', false]]);
    await answer(1, { ok: true, value: { ...plan, id: 'p2' } });
    await answer(0, { ok: true, value: plan });
    expect(result.current).toMatchObject({ options: 'second', plan: { id: 'p2' }, isReading: false, error: null });
    expect(onRead).toHaveBeenCalledTimes(1);
  });

  it('keeps no plan that could not be read again', async () => {
    const { result, answer } = openDraft();
    await answer(0, { ok: true, value: plan });
    act(() => void result.current.read());
    expect(result.current.plan).toBe(plan);
    await answer(1, failed);
    expect(result.current).toMatchObject({ plan: null, isReading: false, error: { code: 'internal' } });
  });

  it('is given up with the dialog', () => {
    const { unmount, asked } = openDraft();
    unmount();
    expect(asked[0]?.signal.aborted).toBe(true);
  });

  it('starts with the word that was typed, and stays with the error where the start fails', async () => {
    const { result, answer, execute, onBusy, onStarted } = openDraft();
    await answer(0, { ok: true, value: plan });
    act(() => result.current.setWord('orders-sh'));
    execute.mockResolvedValueOnce(failed).mockResolvedValueOnce({ ok: true, value: { taskId: 't1' } });
    await act(() => result.current.execute());
    expect(result.current).toMatchObject({ plan, word: 'orders-sh', isStarting: false, error: { code: 'internal' } });
    expect(onStarted).not.toHaveBeenCalled();
    await act(() => result.current.execute());
    expect(execute).toHaveBeenCalledWith({ planId: 'p1', phrase: 'orders-sh' });
    expect(onStarted).toHaveBeenCalledWith('t1', plan);
    expect(onBusy.mock.calls).toEqual([[true], [false], [true], [false]]);
  });
});
