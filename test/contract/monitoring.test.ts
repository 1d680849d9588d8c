// Monitoring over the router: what is asked for within bounds, and what is chosen is kept.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defaultThresholds, type Threshold } from '../../shared/domain/monitoring/thresholds';
import { openBench, trusted, type Bench } from './fake-engine';

let bench: Bench;
beforeEach(async () => { bench = await openBench(); });
afterEach(() => bench.close());

const call = (method: string, input: unknown) => bench.router.receive(trusted, { method, input, callId: 'c' });
const range = { instanceId: 'nobody', series: ['qps'], from: 0, to: 1, maxPoints: 10 };

it.each([
  ['monitoring.view', { instanceId: 'nobody' }], ['monitoring.watch', { instanceId: 'nobody' }], ['monitoring.range', range], ['monitoring.setMarked', { instanceId: 'nobody', on: true }],
])('%s of an instance that is not there is refused', async (method, input) => {
  expect(await call(method, input)).toMatchObject({ ok: false, error: { code: 'not-found' } });
});

it.each([
  ['a series that is none', { ...range, series: ['speed'] }], ['too many points', { ...range, maxPoints: 1e9 }], ['a moment that is none', { ...range, from: Number.NaN }],
  ['a path for an id', { ...range, instanceId: '../../etc/passwd' }],
])('a range with %s is refused', async (_what, input) => {
  expect(await call('monitoring.range', input)).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
});

it('thresholds that are set take the place of their defaults, are kept, and leave a line in the audit log', async () => {
  expect(await call('monitoring.thresholds', undefined)).toMatchObject({ ok: true, value: defaultThresholds });
  const mine: Threshold = { series: 'qps', instanceId: null, when: 'above', warning: 100, critical: 200, forSeconds: 10, hysteresis: 0.1, on: true };
  const off: Threshold = { ...(defaultThresholds[0] as Threshold), on: false };
  expect(await call('monitoring.setThresholds', { thresholds: [mine, off] })).toMatchObject({ ok: true });
  const answer = await call('monitoring.thresholds', undefined);
  expect(answer).toMatchObject({ ok: true, value: expect.arrayContaining([mine, off]) as unknown });
  expect(bench.engine.monitoring.thresholds()).toHaveLength(defaultThresholds.length + 1);
  expect(bench.engine.audit.list(10).map(({ action }) => action)).toContain('monitoring.thresholds');
  expect(await call('monitoring.setThresholds', { thresholds: [{ ...mine, warning: -1 }] })).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
});
