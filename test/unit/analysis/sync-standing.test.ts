// How a sync task stands, as the window and the terminal say it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkStandingOf } from '../../../shared/domain/analysis/standing';
import { syncStandingOf, syncStandingText } from '../../../shared/domain/analysis/sync-standing';
import { translator } from '../../../shared/i18n/translate';
import { fleetCases, fleetOf, now, wellFleet, wellStandby, type StandbyCase } from '../../fixtures/standing-cases';

const clock = { now, staleAfterMs: 10_000 };
const [en, zh] = [translator('en'), translator('zh-CN')];

describe('a sync task', () => {
  it.each<[string, Partial<StandbyCase>, string, string]>([
    ['that follows', {}, 'good', 'Replicating'],
    ['whose source does not answer its receiver', { link: 'connecting' }, 'bad', 'not replicating'],
    ['whose applier stands at an error', { link: 'applier-error' }, 'bad', 'not replicating'],
    ['whose standby was last read a while ago', { seen: 'old' }, 'mute', 'Standby not seen'],
  ])('%s: never better than its link', (_, standby, tone, text) => {
    const view = fleetOf({ ...wellFleet, standbys: [{ ...wellStandby, ...standby }] }).instances.find(({ instance }) => instance.id === 'i2');
    const standing = syncStandingOf({ state: 'replicating' }, view, clock);
    expect([standing.tone, syncStandingText(en, standing)]).toEqual([tone, text]);
    expect(syncStandingText(zh, standing)).toMatch(/[^\x20-\x7e]/);
  });

  it('says what its run does while it has no link to speak of', () => {
    expect(syncStandingText(en, syncStandingOf({ state: 'waiting' }, undefined, clock))).toBe('Waiting for you');
    expect(syncStandingOf({ state: 'failed' }, undefined, clock).tone).toBe('bad');
  });

  it('is good only where its standby was read just now and follows, whatever the fleet', () => {
    fc.assert(fc.property(fleetCases, (of) => {
      for (const view of fleetOf(of).instances.filter(({ role }) => role === 'standby')) {
        const { tone } = syncStandingOf({ state: 'replicating' }, view, clock);
        if (tone === 'good') expect([view.health.state, view.lag === null ? null : linkStandingOf(view, view.lag, clock).tone]).toEqual(['reachable', 'good']);
      }
    }));
  });
});
