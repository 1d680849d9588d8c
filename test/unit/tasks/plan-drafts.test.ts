import { beforeEach, describe, expect, it, vi } from 'vitest';
import { planLifeMs, PlanDrafts } from '../../../electron/tasks/plan-drafts';
import { errorOf } from '../../../shared/errors/codes';
import type { Plan, Precondition } from '../../../shared/domain/tasks/plan';
import { title } from './fixture';

interface Draft {
  readonly plan: Plan;
  readonly request: string;
  readonly basis: number;
}

let now = 1_000_000;
/** What the servers of the test stand at. */
let basis = 0;
let verdict: Precondition['status'] = 'pass';
let phrase: string | null = 'orders-sh';
const draft = vi.fn(async (id: string, request: string): Promise<Draft> => ({
  request,
  basis,
  plan: {
    id, kind: 'test', createdAt: now, expiresAt: now + planLifeMs, steps: [], warnings: [], phrase,
    preconditions: [{ id: 'reachable', title, status: verdict, measured: title, remedy: null, sql: '' }, { id: 'other', title, status: 'warn', measured: title, remedy: null, sql: '' }],
  },
}));
let drafts: PlanDrafts<string, Draft>;
const anything = (): void => undefined;
const errorFrom = async (work: Promise<unknown>): Promise<unknown> => work.then(() => null, errorOf);

beforeEach(() => {
  [now, basis, verdict, phrase] = [1_000_000, 0, 'pass', 'orders-sh'];
  draft.mockClear();
  drafts = new PlanDrafts<string, Draft>({ clock: () => now, draft, outdated: (shown, fresh) => (shown.basis === fresh.basis ? null : 'members') });
});

describe('a plan that was shown', () => {
  it('is made once more from what was asked for, and taken as it is then', async () => {
    const { id } = await drafts.plan('orders');
    now += 1000;
    const taken = await drafts.take(id, 'orders-sh', anything);
    expect(taken.plan).toMatchObject({ id, createdAt: now });
    expect(draft.mock.calls.map(([planId, request]) => [planId, request])).toEqual([[id, 'orders'], [id, 'orders']]);
  });

  it('is refused on another word, before any server is read, and still stands', async () => {
    const { id } = await drafts.plan('orders');
    for (const word of ['', 'orders-SH', 'orders-sh '])
      expect(await errorFrom(drafts.take(id, word, anything))).toMatchObject({ code: 'confirm-mismatch', params: { expected: 'orders-sh' } });
    expect(draft).toHaveBeenCalledTimes(1);
    expect((await drafts.take(id, 'orders-sh', anything)).plan.id).toBe(id);
  });

  it('needs no word where none is asked for', async () => {
    phrase = null;
    const { id } = await drafts.plan('orders');
    expect((await drafts.take(id, '', anything)).plan.id).toBe(id);
  });

  it('expires, and says so each time; the next plan clears it away', async () => {
    const { id } = await drafts.plan('orders');
    now += planLifeMs;
    const other = await drafts.plan('crm');
    expect(drafts.find(id).request).toBe('orders');
    now += 1;
    for (let times = 0; times < 2; times += 1) expect(await errorFrom(drafts.take(id, 'orders-sh', anything))).toMatchObject({ code: 'plan-expired', params: { seconds: planLifeMs / 1000 } });
    await drafts.plan('third');
    expect(await errorFrom(drafts.take(id, 'orders-sh', anything))).toMatchObject({ code: 'not-found' });
    expect((await drafts.take(other.id, 'orders-sh', anything)).request).toBe('crm');
  });

  it('is carried out once: in turn, and where two click at the same time', async () => {
    const first = await drafts.plan('orders');
    await drafts.take(first.id, 'orders-sh', anything);
    expect(await errorFrom(drafts.take(first.id, 'orders-sh', anything))).toMatchObject({ code: 'not-found', params: { kind: 'plan', name: first.id } });
    const second = await drafts.plan('orders');
    const both = await Promise.all([1, 2].map(() => errorFrom(drafts.take(second.id, 'orders-sh', anything))));
    expect(both).toEqual([null, expect.objectContaining({ code: 'not-found' })]);
  });

  it('is refused where the servers have changed since', async () => {
    const { id } = await drafts.plan('orders');
    basis = 1;
    expect(await errorFrom(drafts.take(id, 'orders-sh', anything))).toMatchObject({ code: 'plan-outdated', params: { what: 'members' } });
    // It stands again where they are as they were.
    basis = 0;
    expect(await errorFrom(drafts.take(id, 'orders-sh', anything))).toBeNull();
  });

  it('is refused where a precondition fails: as it was shown, or by now', async () => {
    verdict = 'fail';
    const shown = await drafts.plan('orders');
    expect(await errorFrom(drafts.take(shown.id, 'orders-sh', anything))).toMatchObject({ code: 'precondition-failed', params: { count: 1, first: 'reachable' } });
    expect(draft).toHaveBeenCalledTimes(1);
    verdict = 'pass';
    const { id } = await drafts.plan('orders');
    verdict = 'fail';
    expect(await errorFrom(drafts.take(id, 'orders-sh', anything))).toMatchObject({ code: 'precondition-failed' });
  });

  it('is kept where something else stands in its way, or a server cannot be read', async () => {
    const { id } = await drafts.plan('orders');
    await expect(drafts.take(id, 'orders-sh', ({ request }) => { throw new Error(`${request} is busy`); })).rejects.toThrow('orders is busy');
    draft.mockRejectedValueOnce(new Error('away'));
    await expect(drafts.take(id, 'orders-sh', anything)).rejects.toThrow('away');
    expect(await errorFrom(drafts.take(id, 'orders-sh', anything))).toBeNull();
  });
});
