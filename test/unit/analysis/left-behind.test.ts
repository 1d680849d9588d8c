// Old primaries that did not come home yet, as the page of their successor tells them.
import { expect, test } from 'vitest';
import { leftBehindBy } from '../../../shared/domain/analysis/left-behind';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { instanceView } from '../../fixtures/renderer-fleet';

const now = 1_800_000_000_000;
const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const successor = withSet(instanceView(now, { id: 'sh', region: 'sh', role: 'primary' }), `${uuid}:1-10`);

function withSet(view: InstanceView, executed: string | null): InstanceView {
  return { ...view, facts: view.facts === null || executed === null ? null : { ...view.facts, gtid: { executed, purged: '' } } };
}

function old(id: string, over: Partial<InstanceView['health']>, executed: string | null, successorId = 'sh'): InstanceView {
  const view = withSet(instanceView(now, { id, region: 'gz', role: 'fenced', health: over }), executed);
  return { ...view, instance: { ...view.instance, intent: { kind: 'fenced', since: now - 60_000, successorId } } };
}

test.each([
  ['gone before it was replaced', { state: 'unreachable', failingSince: now - 90_000 }, `${uuid}:1-17`, { goneSince: now - 90_000, atRisk: 7 }],
  ['seen to be gone by a later start of the program alone', { state: 'unreachable', failingSince: now - 10 }, `${uuid}:1-9`, { goneSince: now - 60_000, atRisk: 0 }],
  ['not looked at yet', { state: 'unknown', failingSince: null }, null, { goneSince: now - 60_000, atRisk: null }],
  ['back', { state: 'reachable', failingSince: null }, `${uuid}:1-11`, { goneSince: null, atRisk: 1 }],
] as const)('one that is %s', (_what, health, executed, expected) => {
  expect(leftBehindBy(successor, [successor, old('gz', health, executed)])).toMatchObject([expected]);
});

test('those of others are none of it, and what is gone comes first', () => {
  const [back, gone, foreign] = [old('back', {}, null), old('gone', { state: 'unreachable' }, null), old('foreign', {}, null, 'other')];
  expect(leftBehindBy(successor, [back, gone, foreign, successor]).map((one) => one.old.instance.id)).toEqual(['gone', 'back']);
});
