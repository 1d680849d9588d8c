// What an interrupted command asks for and orders.
import { describe, expect, it, vi } from 'vitest';
import { createRun, onInterrupt, type Run } from '../../../electron/cli/run';
import { createOutput, terminalTranslator } from '../../../electron/cli/output';
import type { Engine } from '../../../electron/engine-types';

/** A run whose engine answers `promotion.plan` when it is told to, and notes what it is ordered. */
function runWith() {
  const interrupt = new AbortController();
  const ordered: string[] = [];
  const order = (what: string) => (): Promise<object> => { ordered.push(what); return Promise.resolve({ taskId: 't' }); };
  let answer: (plan: object) => void = () => undefined;
  const engine = {
    audit: { append: () => undefined },
    promotion: { plan: () => new Promise((resolve) => { answer = resolve; }), execute: order('promotion.execute') },
    tasks: { cancel: order('tasks.cancel'), list: () => [{ id: 't' }], get: () => ({ id: 't', kind: 'promotion', instanceIds: [] }) },
  } as unknown as Engine;
  const run: Run = createRun({
    engine, out: createOutput(true, terminalTranslator('en')), passwords: {}, dataFolder: '', given: ['promote', 'orders-sh', '--emergency'], signal: interrupt.signal,
  });
  const plan = (): Promise<unknown> => run.call('promotion.plan', { standbyId: 's', kind: 'emergency', timeoutSeconds: 30, discardReceived: false, acceptPartial: false });
  const execute = (): Promise<unknown> => run.call('promotion.execute', { planId: 'p', phrase: 'orders-sh' });
  return { run, interrupt, ordered, plan, execute, answer: () => answer({ id: 'p' }) };
}

describe('an interrupted command', () => {
  it('waits for no plan any more, and carries none out', async () => {
    const { interrupt, plan, execute, ordered } = runWith();
    const planned = plan();
    interrupt.abort();
    await expect(planned).rejects.toMatchObject({ error: { code: 'cancelled', params: { what: 'promote orders-sh --emergency' } } });
    await expect(execute()).rejects.toMatchObject({ error: { code: 'cancelled' } });
    expect(ordered).toEqual([]);
  });

  it('still stops what it began, and reads what it tells of it', async () => {
    const { run, interrupt, plan, execute, answer, ordered } = runWith();
    await execute();
    interrupt.abort();
    await run.call('tasks.cancel', { id: 't' });
    expect(ordered).toEqual(['promotion.execute', 'tasks.cancel']);
    const planned = plan();
    await vi.waitFor(() => { answer(); });
    await expect(planned).resolves.toEqual({ id: 'p' });
  });

  it('is heard once by whoever listens, also where it was before', () => {
    const { run, interrupt } = runWith();
    const heard = vi.fn();
    onInterrupt(run, heard)();
    const before = onInterrupt(run, heard);
    interrupt.abort();
    before();
    onInterrupt(run, heard);
    expect(heard).toHaveBeenCalledTimes(2);
  });
});
