// @vitest-environment happy-dom
// Tasks that were left half-way, and the stores that the banner and the lists follow.
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { App } from '../../../renderer/app/App';
import { features } from '../../../renderer/app/features';
import { connect } from '../../../renderer/stores/connection';
import { useTasks } from '../../../renderer/stores/tasks';
import { isUnresolved, type StepState, type TaskState, type TaskView, type Recoverable } from '../../../shared/domain/tasks/task';
import { failure, type AppError } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { installFakeBridge, type FakeBridge } from '../../fixtures/renderer-fake-api';
import { newStores } from '../../fixtures/renderer-stores';

// The whole window is rendered; a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000 });

let disconnect: (() => void) | null = null;

function task(state: TaskState, change: Partial<TaskView> & { readonly step?: StepState } = {}): TaskView {
  const { step = 'done', ...more } = change;
  return {
    id: 't-1', kind: 'sync', name: 'orders', state, instanceIds: [], createdAt: 1, startedAt: 1, endedAt: null, waitingFor: null, error: null, aftermath: null, isReported: false,
    canCancel: false, canPause: false, log: [],
    steps: [{ id: 'seed', title: message('tasks.title'), state: step, pointOfNoReturn: false, startedAt: null, ms: null, sql: [], progress: null, error: null }],
    ...more,
  };
}

const lockHeld: AppError = failure('lock-held', { holder: 'zhang@ops-2', since: '2026-01-01T00:00:00Z', kind: 'other', what: 'orders' }).error;

function open(handlers: Parameters<typeof installFakeBridge>[0]): FakeBridge {
  const bridge = installFakeBridge({ settings: { language: 'en', theme: 'dark' }, ...handlers });
  disconnect = connect();
  render(<App features={features} />);
  return bridge;
}

beforeEach(newStores);
afterEach(() => {
  disconnect?.();
  cleanup();
});

describe('a task that was left half-way', () => {
  const recoverable = (of: TaskView, verdict: Recoverable['verdict'] = 'can-resume'): Recoverable => ({ task: of, verdict, text: message('tasks.title'), holders: [], phrase: 'orders-sh' });

  it('is one that was interrupted, or that could not be taken back, and no other', () => {
    expect(isUnresolved(task('interrupted'))).toBe(true);
    expect(isUnresolved(task('failed', { step: 'undo-failed' }))).toBe(true);
    expect(isUnresolved(task('failed', { step: 'undone' }))).toBe(false);
    expect(isUnresolved(task('running'))).toBe(false);
    const [seed] = task('failed').steps;
    expect(isUnresolved(task('failed', { steps: [{ ...seed!, pointOfNoReturn: true }, { ...seed!, id: 'x', state: 'pending' }] }))).toBe(true);
    expect(isUnresolved(task('failed', { steps: [{ ...seed!, pointOfNoReturn: true }] }))).toBe(false);
  });

  it('goes from the banner when its undo has begun, and says there why it could not', async () => {
    let now = task('interrupted');
    const bridge = open({ handlers: { 'tasks.list': () => [now], 'tasks.recoverable': () => [recoverable(now)], 'tasks.undo': () => undefined } });
    fireEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    // Begun and given up within one batch: the state is the same again, the reason is new.
    now = task('interrupted', { error: lockHeld });
    bridge.send([{ type: 'task', task: now }]);
    expect(await screen.findByText(/zhang@ops-2/)).toBeTruthy();
    bridge.send([{ type: 'task', task: task('undoing') }]);
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull());
    expect(screen.queryByText(/zhang@ops-2/)).toBeNull();
  });

  it('keeps what was refused in sight, also where the list is read again', async () => {
    const now = task('interrupted');
    let list = [recoverable(now)];
    const bridge = open({
      handlers: {
        'tasks.list': () => [now], 'tasks.recoverable': () => list,
        'tasks.undo': () => {
          throw failure('lock-held', { holder: 'li@ops-3', since: '2026-01-01T00:00:00Z', kind: 'other', what: 'orders' });
        },
      },
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    expect(await screen.findByText(/li@ops-3/)).toBeTruthy();
    list = [recoverable(now, 'can-undo')];
    bridge.send([{ type: 'secrets', status: { tier: 'passphrase', keyringAvailable: false, locked: true, broken: false } }]);
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Go on' })).toBeNull());
    expect(screen.getByText(/li@ops-3/)).toBeTruthy();
  });

  it('names what holds it, and is ended by hand on the typed word', async () => {
    const now = task('interrupted');
    const holder = { server: 'orders-sh', kind: 'read-lock', session: 42, user: '<b>backup</b>', host: '10.0.0.9', statement: 'FLUSH TABLES WITH READ LOCK', since: Date.now() - 60_000 } as const;
    const words: string[] = [];
    open({
      handlers: {
        'tasks.list': () => [now], 'tasks.recoverable': () => [{ ...recoverable(now, 'needs-attention'), holders: [holder] }],
        'tasks.endByHand': ({ phrase }) => { words.push(phrase); },
      },
    });
    expect(await screen.findByText(/session 42, <b>backup<\/b>@10\.0\.0\.9/)).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'End by hand…' }));
    const dialog = await screen.findByRole('dialog');
    const act = within(dialog).getByRole('button', { name: 'End it by hand' });
    expect(act.hasAttribute('disabled')).toBe(true);
    fireEvent.change(within(dialog).getByRole('textbox'), { target: { value: 'orders-sh' } });
    fireEvent.click(act);
    await waitFor(() => expect(words).toEqual(['orders-sh']));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('is offered also where only its undo missed', async () => {
    const now = task('failed', { step: 'undo-failed' });
    open({ handlers: { 'tasks.list': () => [now], 'tasks.recoverable': () => [recoverable(now, 'can-undo')] } });
    expect(await screen.findByRole('button', { name: 'Undo' })).toBeTruthy();
  });
});

describe('what the engine tells while everything is asked for', () => {
  it('is not overwritten by an answer that is older', async () => {
    let answer: (tasks: readonly TaskView[]) => void = () => undefined;
    const bridge = open({ handlers: { 'tasks.list': () => new Promise<readonly TaskView[]>((resolve) => { answer = resolve; }), 'secrets.status': () => new Promise(() => undefined) } });
    await waitFor(() => expect(bridge.calls.some(({ method }) => method === 'tasks.list')).toBe(true));
    bridge.send([
      { type: 'task', task: task('cancelled') }, { type: 'task', task: task('done', { id: 't-2' }) },
    ]);
    answer([task('interrupted')]);
    await waitFor(() => expect(useTasks.getState().status).toBe('ready'));
    expect([...useTasks.getState().tasks.values()].map(({ id, state }) => `${id} ${state}`)).toEqual(['t-1 cancelled', 't-2 done']);
  });

  it('is asked for once more where batches were missed meanwhile', async () => {
    const answers: ((tasks: readonly TaskView[]) => void)[] = [];
    const bridge = open({ handlers: { 'tasks.list': () => new Promise<readonly TaskView[]>((resolve) => answers.push(resolve)) } });
    await waitFor(() => expect(answers).toHaveLength(1));
    bridge.send([{ type: 'task', task: task('running') }]);
    bridge.send([], 3);
    answers[0]!([task('interrupted')]);
    await waitFor(() => expect(answers).toHaveLength(2));
    answers[1]!([task('cancelled')]);
    await waitFor(() => expect(useTasks.getState().tasks.get('t-1')?.state).toBe('cancelled'));
  });
});
