import { expect, it } from 'vitest';
import { analyseFleet, noMemory } from '../../../shared/domain/analysis/analysis';
import { linkStandingOf } from '../../../shared/domain/analysis/standing';
import type { ReplicaChannel } from '../../../shared/domain/fleet/facts';
import { facts, member, standby, T0 } from '../../fixtures/facts';

const clock = { now: T0, staleAfterMs: 10_000 };
const failed = { errno: 1062, text: 'duplicate', at: null };

/** How the link of a replica stands: one in its primary's region, or in another. */
function toneOf(region: string, change: Partial<ReplicaChannel>) {
  const members = [member(1, { region: 'r1', facts: facts(1) }), member(2, { region, facts: standby(1, change) })];
  const view = analyseFleet(members, noMemory, T0, 30, 'run').views.find(({ instance }) => instance.id === 'i2');
  if (view?.lag == null) throw new Error('no lag');
  return [view.role, linkStandingOf(view, view.lag, clock).tone];
}

it.each([
  ['a read-only instance that stands on somebody\'s order wants a look', 'r1', { applier: 'stopped' }, ['read-only', 'warn']],
  ['one that stopped at an error is broken', 'r1', { applier: 'stopped', applierError: failed }, ['read-only', 'bad']],
  ['one that does not receive is broken', 'r1', { applier: 'stopped', receiver: 'stopped' }, ['read-only', 'bad']],
  ['a standby that stands protects less, whoever ordered it', 'r2', { applier: 'stopped' }, ['standby', 'bad']],
  ['one that runs is well', 'r1', {}, ['read-only', 'good']],
] as const)('%s', (_what, region, change, expected) => {
  expect(toneOf(region, change)).toEqual(expected);
});
