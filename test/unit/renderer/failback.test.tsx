// @vitest-environment happy-dom
// The way home in the window: each stage names one act, and what cannot be taken back asks for its word.
import { fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { failbackWay, type FailbackStage, type FailbackView } from '../../../shared/domain/promotion/failback/failback';
import { message } from '../../../shared/i18n/message';
import { go } from '../../../renderer/stores/ui';
import { openWindow, violations, windowForEachTest } from '../../fixtures/renderer-window';

vi.setConfig({ testTimeout: 60_000 });
windowForEachTest();

const names = { old: 'orders-gz', successor: 'orders-sh' };
const lost = { count: 2, set: '3e11fa47-71ca-11e1-9e33-c80aa9429562:7-8', word: '2-9f8e7d6c', givenUp: false };

function view(stage: FailbackStage, over: Partial<FailbackView> = {}): FailbackView {
  return {
    oldId: 'orders-gz', oldName: names.old, successorId: 'orders-sh', successorName: names.successor, stage, startedAt: 1, saw: [message('failback.saw.follows-no', names)],
    next: message(`failback.next.${stage}`, { ...names, way: 'copy' }), sql: [], isOther: false, oldFollows: 'no', error: null, unsecured: [], divergence: null, ways: [], way: null, proven: null, proofMinutes: 60,
    taskId: null, syncId: null, reached: [], outcome: stage === 'done' ? 'done' : null, ...over,
  };
}

async function open(shown: FailbackView, handlers: Parameters<typeof openWindow>[0] = {}) {
  const bridge = await openWindow({ handlers: { 'failback.show': () => shown, ...handlers.handlers } });
  go({ id: 'failback', instanceId: 'orders-gz' });
  await screen.findByRole('heading', { level: 1, name: /Failback of orders-gz/ });
  return bridge;
}

describe('the page of a failback', () => {
  it.each([
    ['secure', 'Go on'], ['divergent', 'Give these transactions up'], ['verify', 'Go on'], ['switch-back', 'Switch back…'], ['verify-forward', 'Go on'],
    ['away', null], ['unwatched', null], ['catch-up', null], ['done', null],
  ] as const)('has one act at stage %s', async (stage, act) => {
    await open(view(stage, { divergence: stage === 'divergent' ? lost : null }));
    const main = screen.getByRole('main');
    expect(within(main).queryAllByRole('button', { name: /^(Go on|Give these|Erase|Switch back…|Begin)/ }).map((one) => one.textContent)).toEqual(act === null ? [] : [act]);
    expect(await violations()).toEqual([]);
  });

  it('marks the stages that are behind, now and to come', async () => {
    await open(view('rejoin', { way: 'follow', reached: [{ stage: 'secure', at: 1_700_000_000_000 }] }));
    const stages = within(screen.getByRole('list', { name: 'Stages' })).getAllByRole('listitem');
    expect(stages.map((one) => one.dataset['state'])).toEqual(['past', 'past', 'now', 'ahead', 'ahead', 'ahead', 'ahead', 'ahead']);
    expect(stages).toHaveLength(failbackWay.length);
  });

  it('begins on the typed name, and gives transactions up by the word that is bound to them', async () => {
    let shown = view('secure', { startedAt: null, unsecured: ['writes'] });
    const becomes = (next: FailbackView) => () => (shown = next);
    const handlers = { 'failback.show': () => shown, 'failback.start': becomes(view('divergent', { divergence: lost })), 'failback.giveUp': becomes(view('rejoin', { way: 'copy' })) };
    const started = await open(shown, { handlers });
    fireEvent.click(screen.getByRole('button', { name: 'Begin: make it safe' }));
    const dialog = await screen.findByRole('dialog', { name: 'Begin the failback of orders-gz' });
    fireEvent.change(within(dialog).getByRole('textbox'), { target: { value: 'orders-gz' } });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Begin: make it safe' }));
    fireEvent.click(await screen.findByRole('button', { name: 'Give these transactions up' }));
    const word = await screen.findByRole('dialog', { name: 'Give up what only orders-gz has' });
    const confirm = within(word).getByRole('button', { name: 'Give these transactions up' });
    fireEvent.change(within(word).getByRole('textbox'), { target: { value: 'orders-gz' } });
    expect((confirm as HTMLButtonElement).disabled).toBe(true);
    fireEvent.change(within(word).getByRole('textbox'), { target: { value: lost.word } });
    fireEvent.click(confirm);
    await screen.findByRole('button', { name: 'Erase and re-seed' });
    expect(started.calls.filter(({ method }) => method.startsWith('failback.') && method !== 'failback.show').map(({ method, input }) => [method, input])).toEqual([
      ['failback.start', { oldId: 'orders-gz', phrase: 'orders-gz', way: null, proofMinutes: 60 }], ['failback.giveUp', { oldId: 'orders-gz', word: lost.word }],
    ]);
  });
});
