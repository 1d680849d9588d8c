import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../renderer/features/lab/next-step';
import type { LabServerView } from '../../../shared/domain/settings';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { lag, sampleFleet } from '../../fixtures/renderer-fleet';

const now = 1_700_000_000_000;
const [first] = sampleFleet(now).instances;
const view = (id: string, over: Partial<InstanceView>): InstanceView => {
  if (first === undefined) throw new Error('The sample fleet is empty.');
  return { ...first, lag: null, sourceId: null, ...over, instance: { ...first.instance, id, name: id } };
};
const server = (id: string, running = true): LabServerView => ({ name: id, region: id, port: 1, version: '9.7.0', running, instanceId: id });
const kindOf = (servers: readonly LabServerView[], views: readonly InstanceView[]): string | null =>
  nextStep(servers, new Map(views.map((one) => [one.instance.id, one])))?.kind ?? null;

const gz = view('gz', { role: 'stand-alone' });
const sh = view('sh', { role: 'standby', sourceId: 'gz', lag: lag(now, 0) });

describe('what to practise next', () => {
  it.each<[string, readonly LabServerView[], readonly InstanceView[], string | null]>([
    ['nothing runs', [server('gz', false)], [gz], null],
    ['nothing is registered yet', [server('gz')], [], null],
    ['a fresh lab', [server('gz'), server('sh')], [gz, view('sh', { role: 'stand-alone' })], 'protect'],
    ['a standby that is being made', [server('gz'), server('sh')], [view('gz', { role: 'primary' }), view('sh', { role: 'standby', sourceId: 'gz', lag: lag(now, null) })], 'wait'],
    ['a pair', [server('gz'), server('sh')], [view('gz', { role: 'primary' }), sh], 'practise'],
    ['a primary that was lost', [server('gz', false), server('sh')], [view('gz', { role: 'primary' }), sh], 'promote'],
    ['a third server that stands still', [server('gz'), server('sh'), server('cd', false)], [view('gz', { role: 'primary' }), sh, view('cd', {})], 'restart'],
    ['an old primary that is back', [server('gz'), server('sh')], [view('gz', { role: 'fenced' }), view('sh', { role: 'primary' })], 'returned'],
  ])('%s', (_, servers, views, expected) => {
    expect(kindOf(servers, views)).toBe(expected);
  });
});
