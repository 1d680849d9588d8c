// @vitest-environment happy-dom
// The choices of a switch dialog, and the cures that it offers beside what stands in the way.
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { CurePlan } from '../../../shared/domain/promotion/cure-plan';
import { noLoss } from '../../../shared/domain/promotion/loss';
import type { PromotionKind, PromotionPlan, PromotionRequest } from '../../../shared/domain/promotion/promotion';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import { message } from '../../../shared/i18n/message';
import { sampleFleet } from '../../fixtures/renderer-fleet';
import { openWindow, violations, windowForEachTest } from '../../fixtures/renderer-window';

vi.setConfig({ testTimeout: 60_000 });
windowForEachTest();

const hostile = '<img src=x onerror=alert(1)>';

function planOf(kind: PromotionKind, preconditions: readonly Precondition[], more: Partial<PromotionPlan> = {}): PromotionPlan {
  const now = Date.now();
  return {
    id: `p-${Math.random().toString(36).slice(2)}`, kind: kind === 'planned' ? 'switchover' : 'promotion', createdAt: now, expiresAt: now + 60_000, steps: [], warnings: [], phrase: 'orders-sh',
    promotionKind: kind, standbyId: 'orders-sh', sourceId: 'orders-gz', beforeAfter: [], evidence: [], verdict: kind === 'planned' ? 'source-alive' : 'source-dead', blockers: [], candidates: [],
    forecastOutageMs: null, timeoutSeconds: 30, discardReceived: false, loss: noLoss(now), preconditions, ...more,
  };
}

const barred: Precondition = {
  id: 'opening', title: message('promotion.precondition.opening.title'), status: 'fail', measured: message('promotion.measured.value', { value: 'offline_mode = ON' }),
  remedy: message('promotion.precondition.opening.remedy', { standby: 'orders-sh' }), sql: 'SHOW GLOBAL VARIABLES',
  cures: [{ kind: 'turn-off', instanceId: 'orders-sh', variable: 'offline_mode' }],
};
const locked: Precondition = {
  id: 'standby-locks', title: message('promotion.precondition.standby-locks.title'), status: 'fail', measured: message('promotion.measured.value', { value: hostile }), remedy: null, sql: '',
  cures: [{ kind: 'end-session', instanceId: 'orders-sh', connectionId: 42, user: hostile, host: '10.0.0.9:4711' }],
};

function curePlan(change: Partial<CurePlan>): CurePlan {
  const now = Date.now();
  return {
    id: 'c-1', kind: 'cure', createdAt: now, expiresAt: now + 60_000, instanceId: 'orders-sh', server: 'orders-sh', cure: { kind: 'turn-off', instanceId: 'orders-sh', variable: 'offline_mode' },
    preconditions: [{ id: 'cure-stands', title: message('promotion.precondition.cure-stands.title'), status: 'pass', measured: message('promotion.measured.value', { value: `#42 ${hostile}` }), remedy: null, sql: '' }],
    steps: [{ id: 'x', title: message('promotion.cure.turn-off', { server: 'orders-sh' }), sql: [{ server: 'orders-sh', sql: 'SET GLOBAL offline_mode = OFF' }], pointOfNoReturn: false, undoable: false }],
    warnings: [], phrase: null, ...change,
  };
}

async function openSwitch(kind: PromotionKind): Promise<HTMLElement> {
  fireEvent.click(await screen.findByRole('treeitem', { name: /^orders-sh/ }));
  fireEvent.click(await screen.findByRole('button', { name: 'Switch to primary' }));
  fireEvent.click(await screen.findByRole('menuitem', { name: kind === 'planned' ? /Planned switchover/ : /Emergency promotion/ }));
  return screen.findByRole('dialog', { name: /orders-sh/ });
}

describe('what was entered', () => {
  it('is not lost to Escape unasked; an untouched dialog closes at once', async () => {
    await openWindow({ handlers: { 'promotion.plan': () => planOf('planned', []) } });
    const escape = (dialog: HTMLElement): void => void fireEvent.keyDown(dialog, { key: 'Escape' });
    escape(await openSwitch('planned'));
    await waitFor(() => expect(screen.queryByRole('dialog', { name: /orders-sh/ })).toBeNull());
    const dialog = await openSwitch('planned');
    fireEvent.input(await within(dialog).findByRole('textbox', { name: /^Type/ }), { target: { value: 'orders' } });
    escape(dialog);
    fireEvent.click(await within(dialog).findByRole('button', { name: 'Keep editing' }));
    expect(within(dialog).getByRole<HTMLInputElement>('textbox', { name: /^Type/ }).value).toBe('orders');
  });
});

describe('cures', () => {
  it('are buttons beside what fails; what is harmless needs no word, and the plan is read again afterwards', async () => {
    let cured = false;
    const asked: unknown[] = [];
    const plans: PromotionPlan[] = [];
    await openWindow({
      handlers: {
        'promotion.plan': () => {
          const plan = planOf('planned', cured ? [] : [barred]);
          plans.push(plan);
          return plan;
        },
        'promotion.planCure': (order) => { asked.push(order); return curePlan({}); },
        'promotion.cure': (order) => { asked.push(order); cured = true; return undefined; },
      },
    });
    const dialog = await openSwitch('planned');
    fireEvent.click(await within(dialog).findByRole('button', { name: 'Turn offline_mode off…' }));
    const over = await screen.findByRole('dialog', { name: 'Turn the setting off on orders-sh' });
    expect(await within(over).findByText(/SET GLOBAL offline_mode = OFF;/)).toBeTruthy();
    expect(within(over).getByText('antipode cure orders-sh turn-off:orders-sh:offline_mode --planned')).toBeTruthy();
    expect(document.querySelector('img[src="x"]')).toBeNull();
    expect(await violations()).toEqual([]);
    fireEvent.click(within(over).getByRole('button', { name: 'Turn the setting off on orders-sh' }));
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Turn offline_mode off…' })).toBeNull());
    expect(asked).toEqual([{ planId: plans[0]?.id, cureId: 'turn-off:orders-sh:offline_mode' }, { planId: 'c-1', phrase: '' }]);
    expect(plans).toHaveLength(2);
  });

  it('that end a session want the name of the server; one that is gone cannot be ended', async () => {
    const phrases: string[] = [];
    let stands = true;
    await openWindow({
      handlers: {
        'promotion.plan': () => planOf('planned', [locked]),
        'promotion.planCure': () => {
          const plan = curePlan({ phrase: 'orders-sh', cure: locked.cures?.[0] ?? { kind: 'end-delay', instanceId: 'orders-sh' } });
          return stands ? plan : { ...plan, preconditions: plan.preconditions.map((one) => ({ ...one, status: 'fail' as const, remedy: message('promotion.precondition.cure-stands.remedy') })) };
        },
        'promotion.cure': ({ phrase }) => { phrases.push(phrase); return undefined; },
      },
    });
    const dialog = await openSwitch('planned');
    const button = await within(dialog).findByRole('button', { name: `End session 42 of ${hostile}…` });
    fireEvent.click(button);
    const over = await screen.findByRole('dialog', { name: 'End the session on orders-sh' });
    await within(over).findByText(/#42/);
    const act = within(over).getByRole('button', { name: 'End the session on orders-sh' });
    expect(act.hasAttribute('disabled')).toBe(true);
    fireEvent.change(within(over).getByRole('textbox'), { target: { value: 'orders-sh' } });
    expect(act.hasAttribute('disabled')).toBe(false);
    fireEvent.click(act);
    await waitFor(() => expect(phrases).toEqual(['orders-sh']));
    stands = false;
    fireEvent.click(await within(dialog).findByRole('button', { name: `End session 42 of ${hostile}…` }));
    const again = await screen.findByRole('dialog', { name: 'End the session on orders-sh' });
    await within(again).findByText('It is gone, or is something else by now. Read the plan of the switch again.');
    fireEvent.change(within(again).getByRole('textbox'), { target: { value: 'orders-sh' } });
    expect(within(again).getByRole('button', { name: 'End the session on orders-sh' }).hasAttribute('disabled')).toBe(true);
  });
});

describe('the choices of an emergency', () => {
  const split: Precondition = { id: 'split', title: message('promotion.precondition.split.title'), status: 'fail', measured: message('promotion.measured.value', { value: 'x' }), remedy: null, sql: '' };

  async function openEmergency(plan: (asked: PromotionRequest) => PromotionPlan, delay = 0): Promise<{ dialog: HTMLElement; asked: PromotionRequest[] }> {
    const asked: PromotionRequest[] = [];
    const fleet = sampleFleet(Date.now());
    const instances = fleet.instances.map((view) => {
      const [channel] = view.facts?.channels ?? [];
      return view.instance.id !== 'orders-sh' || view.facts === null || channel === undefined ? view : { ...view, facts: { ...view.facts, channels: [{ ...channel, delaySeconds: delay }] } };
    });
    await openWindow({ fleet: { ...fleet, instances }, handlers: { 'promotion.plan': (order) => { asked.push(order); return plan(order); } } });
    return { dialog: await openSwitch('emergency'), asked };
  }

  it('events: none is on by default, and only what is ticked is asked for', async () => {
    const names = ['app.purge_old', `app.${hostile}`];
    const { dialog, asked } = await openEmergency((order) => planOf('emergency', [], { events: names.map((name) => ({ name, on: order.enableEvents?.includes(name) === true })) }));
    const box = await within(dialog).findByRole('checkbox', { name: 'app.purge_old' });
    expect((box as HTMLInputElement).checked).toBe(false);
    expect(asked.at(-1)?.enableEvents ?? []).toEqual([]);
    fireEvent.click(box);
    await waitFor(() => expect(asked.at(-1)?.enableEvents).toEqual(['app.purge_old']));
    await waitFor(() => expect((within(dialog).getByRole('checkbox', { name: 'app.purge_old' }) as HTMLInputElement).checked).toBe(true));
    fireEvent.click(within(dialog).getByRole('checkbox', { name: 'app.purge_old' }));
    await waitFor(() => expect(asked.at(-1)?.enableEvents).toEqual([]));
    expect(await violations()).toEqual([]);
  });

  it('a delay: the way that loses nothing stands before the one that discards', async () => {
    const { dialog, asked } = await openEmergency(() => planOf('emergency', []), 3600);
    const box = await within(dialog).findByRole('checkbox', { name: 'End the delay of 3600 s and apply what was received (nothing is lost)' });
    const labels = within(dialog).getAllByRole('checkbox').map((one) => (one as HTMLInputElement).labels?.[0]?.textContent ?? '');
    expect(labels.findIndex((label) => label.includes('End the delay'))).toBeLessThan(labels.findIndex((label) => label.includes('throw away')));
    fireEvent.click(box);
    await waitFor(() => expect(asked.at(-1)).toMatchObject({ endDelay: true, discardReceived: false }));
  });

  it('split histories: asked for only where the plan finds them, and never without a click', async () => {
    const { dialog, asked } = await openEmergency(({ acceptSplit }) => planOf('emergency', [{ ...split, status: acceptSplit === true ? 'warn' : 'fail' }]));
    const box = await within(dialog).findByRole('checkbox', { name: /^Each side holds transactions that the other lacks/ });
    expect(asked.every(({ acceptSplit }) => acceptSplit !== true)).toBe(true);
    fireEvent.click(box);
    await waitFor(() => expect(asked.at(-1)?.acceptSplit).toBe(true));
    await waitFor(() => expect(within(dialog).queryByRole('alert')).toBeNull());
  });
});
