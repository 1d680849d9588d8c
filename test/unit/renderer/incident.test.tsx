// @vitest-environment happy-dom
// The incident in the window: its headline and act, a report that is read again, a plan that is blocked.
import { noLoss } from '../../../shared/domain/promotion/loss';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { reportAsJson, reportAsMarkdown } from '../../../shared/domain/promotion/report-text';
import type { PromotionPlan, PromotionReport } from '../../../shared/domain/promotion/promotion';
import { message } from '../../../shared/i18n/message';
import { translator } from '../../../shared/i18n/translate';
import { instanceView, lag, sampleFleet } from '../../fixtures/renderer-fleet';
import { openWindow, violations, windowForEachTest } from '../../fixtures/renderer-window';

vi.setConfig({ testTimeout: 60_000 });
windowForEachTest();

const hostile = 'a`b | <img src=x onerror=alert(1)>\n# no heading';
const report: PromotionReport = {
  id: 'r-1', taskId: 't-1', kind: 'emergency', outcome: 'done', startedAt: 1_700_000_000_000, endedAt: 1_700_000_002_000, standbyId: 'orders-sh', standbyName: 'orders-sh',
  sourceId: 'orders-gz', sourceName: hostile, outageMs: null, lostTransactions: 3, lostSet: '3e11fa47-71ca-11e1-9e33-c80aa9429562:7-9', promotionSet: '', error: null, acknowledgedAt: null,
  steps: [{ id: 'open', title: message('promotion.step.open'), ms: 4.2, sql: [{ server: 'orders-sh', sql: 'SET GLOBAL read_only = OFF' }] }],
  notes: [message('promotion.note.source-not-fenced', { source: hostile, reason: '' })],
};

/** The sample fleet with the primary of orders gone: one standby lost it too, the other is nowhere. */
function deadPrimary(now: number) {
  const fleet = sampleFleet(now);
  const reach = { code: 'unreachable', severity: 'critical', params: { endpoint: 'orders-gz.db.internal:3306', error: 'connect ECONNREFUSED', code: 'tcp-refused', since: now - 6000 } } as const;
  const lost = { code: 'receiver-connecting', severity: 'critical', params: { source: 'orders-gz', errno: 2003, error: 'error connecting' } } as const;
  const instances = fleet.instances.map((view) => {
    if (view.instance.id === 'orders-gz') {
      return { ...view, facts: { ...view.facts!, sampledAt: now - 9000 }, health: { ...view.health, state: 'unreachable' as const, failingSince: now - 6000 }, problems: [{ ...reach, instanceId: 'orders-gz' }] };
    }
    if (view.instance.id !== 'orders-sh' || view.facts === null) return view;
    const [channel] = view.facts.channels;
    const executed = fleet.instances.find(({ instance }) => instance.id === 'orders-gz')!.facts!.gtid.executed;
    return {
      ...view, lag: lag(now, null), problems: [{ ...lost, instanceId: 'orders-sh' }],
      facts: { ...view.facts, gtid: { ...view.facts.gtid, executed }, channels: [{ ...channel!, receiver: 'connecting' as const, receiverError: { errno: 2003, text: '', at: null }, lastHeartbeatAgeSeconds: 30 }] },
    };
  }).filter(({ instance }) => instance.id !== 'orders-cd' && instance.id !== 'pair-sh' && instance.id !== 'orders-gz-ro');
  return { ...fleet, instances };
}

describe('an incident', () => {
  it('has one headline on the fleet page and on the dead primary’s own, the act beside it, what follows folded', async () => {
    await openWindow({ fleet: deadPrimary(Date.now()) });
    const main = screen.getByRole('main');
    const card = await within(main).findByRole('region', { name: /^Primary orders-gz has been down since \d/ });
    expect(within(card).getByText('1 replica agrees')).toBeTruthy();
    expect(within(card).getByText(/best: orders-sh, 0 known lost, ≤ 3\.0 s of writes unseen/)).toBeTruthy();
    expect(within(card).queryByText('Receiver cannot connect')).toBeNull();
    fireEvent.click(within(card).getByRole('button', { name: /1 thing follows from it/ }));
    expect(within(card).getByText('Receiver cannot connect')).toBeTruthy();
    expect(await violations()).toEqual([]);
    // The first of three acts; the word and the confirmation are the others.
    fireEvent.click(within(card).getByRole('button', { name: 'Promote orders-sh…' }));
    expect(await screen.findByRole('dialog', { name: /Emergency promotion of orders-sh/ })).toBeTruthy();
    fireEvent.keyDown(document.body, { key: 'Escape' });
    fireEvent.click(screen.getByRole('treeitem', { name: /^orders-gz/ }));
    expect(await within(main).findByRole('region', { name: /^Primary orders-gz has been down since/ })).toBeTruthy();
  });

  it('stays in sight on other pages, the worst on top, and not where it is shown anyway', async () => {
    await openWindow({ fleet: deadPrimary(Date.now()) });
    const log = screen.getByRole('log', { name: 'Incidents' });
    expect(log.textContent).toBe('');
    fireEvent.click(screen.getByRole('button', { name: 'Settings' }));
    await waitFor(() => expect(log.textContent).toContain('Primary orders-gz has been down'));
    expect(within(log).getAllByRole('button', { name: 'See the incident' })[0]?.closest('div')?.textContent).toContain('orders-gz');
    fireEvent.click(within(log).getAllByRole('button', { name: 'Dismiss' })[0]!);
    expect(log.textContent).not.toContain('Primary orders-gz has been down');
  });
});

describe('a report', () => {
  it('is opened from its banner, read as a page, saved and printed', async () => {
    const saved: string[] = [];
    const print = vi.fn();
    Object.defineProperty(window, 'print', { value: print, configurable: true });
    await openWindow({ handlers: { 'promotion.reports': () => [report], 'app.saveText': ({ suggestedName }) => { saved.push(suggestedName); return suggestedName; } } });
    fireEvent.click(await screen.findByRole('button', { name: 'Open the report' }));
    expect(await screen.findByRole('heading', { level: 1, name: /^Emergency promotion: / })).toBeTruthy();
    expect(document.querySelector('img[src="x"]')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Save as Markdown…' }));
    fireEvent.click(screen.getByRole('button', { name: 'Save as JSON…' }));
    await waitFor(() => expect(saved).toEqual(['antipode-orders-sh-2023-11-14.md', 'antipode-orders-sh-2023-11-14.json']));
    fireEvent.click(screen.getByRole('button', { name: 'Print…' }));
    expect(print).toHaveBeenCalledOnce();
    expect(await violations()).toEqual([]);
  });

  it('keeps hostile names as text in Markdown, and everything in JSON, in both languages', () => {
    for (const language of ['en', 'zh-CN'] as const) {
      const text = reportAsMarkdown(report, (at) => new Date(at).toISOString(), translator(language));
      expect(text.split('\n').filter((line) => line.startsWith('# '))).toHaveLength(1);
      expect(text).not.toMatch(/(^|[^\\])<img/);
      expect(text).toContain('SET GLOBAL read_only = OFF;');
      expect(JSON.parse(reportAsJson(report, translator(language)))).toMatchObject({ source: hostile, lostTransactions: 3, notes: [expect.any(String)] });
    }
  });
});

describe('a plan that cannot run', () => {
  it('says so first with the cure, and promises no time without writes and nothing safe', async () => {
    const now = Date.now();
    const plan: PromotionPlan = {
      id: 'p', kind: 'switchover', createdAt: now, expiresAt: now + 60_000, steps: [], warnings: [], phrase: 'orders-sh', promotionKind: 'planned', standbyId: 'orders-sh', sourceId: 'orders-gz',
      beforeAfter: [], evidence: [], verdict: 'source-alive', blockers: [], candidates: [], forecastOutageMs: 28, timeoutSeconds: 30, discardReceived: false,
      loss: noLoss(now),
      preconditions: [
        { id: 'backlog', title: message('promotion.precondition.backlog.title'), status: 'fail', measured: message('promotion.measured.backlog', { count: 388, seconds: 97 }), remedy: message('promotion.precondition.backlog.remedy', { seconds: 30 }), sql: '' },
        { id: 'standby-read-only', title: message('promotion.precondition.standby-read-only.title'), status: 'fail', measured: message('promotion.measured.none'), remedy: null, sql: '' },
      ],
    };
    await openWindow({ handlers: { 'promotion.plan': () => plan } });
    fireEvent.click(await screen.findByRole('treeitem', { name: /^orders-sh/ }));
    fireEvent.click(await screen.findByRole('button', { name: 'Switch to primary' }));
    fireEvent.click(await screen.findByRole('menuitem', { name: /Planned switchover/ }));
    const dialog = await screen.findByRole('dialog');
    const blocked = await within(dialog).findByRole('alert');
    expect(within(blocked).getByText('2 preconditions fail: nothing will be switched')).toBeTruthy();
    expect(within(blocked).getByText(/388 transactions, about 97 s/)).toBeTruthy();
    expect(within(blocked).getByRole('button', { name: 'Fence orders-sh…' })).toBeTruthy();
    expect(within(dialog).queryByText(/28/)).toBeNull();
    expect(within(dialog).getByText('388')).toBeTruthy();
    expect(within(dialog).getByText('No forecast while a precondition fails.')).toBeTruthy();
    expect(await violations()).toEqual([]);
  });
});

describe('a fenced old primary', () => {
  it('leads to the way home', async () => {
    const now = Date.now();
    const fleet = sampleFleet(now);
    const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429599';
    const old = instanceView(now, { id: 'old-gz', region: 'gz', role: 'fenced' });
    const fenced = {
      ...old, instance: { ...old.instance, intent: { kind: 'fenced' as const, since: now, successorId: 'orders-gz' } },
      facts: { ...old.facts!, server: { ...old.facts!.server, readOnly: true, superReadOnly: true }, gtid: { executed: `${uuid}:1-4`, purged: '' } },
    };
    await openWindow({ fleet: { ...fleet, instances: [...fleet.instances, fenced] } });
    fireEvent.click(await screen.findByRole('treeitem', { name: /^old-gz, Old primary · fenced, confirmed/ }));
    fireEvent.click(await screen.findByRole('button', { name: 'Bring it back…' }));
    expect(await screen.findByRole('heading', { level: 1, name: /^Failback of/ })).toBeTruthy();
  });
});
