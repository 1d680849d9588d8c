import { expect, it } from 'vitest';
import type { Fleet } from '../../../electron/fleet/types';
import { nothingLeftOut } from '../../../electron/replication/left-out';
import type { ScopeRunDeps, ScopeRunInput } from '../../../electron/sync/scope/context';
import { scopeHandler } from '../../../electron/sync/scope/definition';
import type { CheckRequest } from '../../../shared/domain/checks/request';
import { channel, facts } from '../../fixtures/facts';
import { fakeSession } from '../../fixtures/fake-session';
import { instanceView } from '../../fixtures/renderer-fleet';
import { loneStep } from '../../fixtures/lone-step';
import { copySpec } from '../../fixtures/sync-spec';

const scope: ScopeRunInput['to'] = { kind: 'partial', databases: [{ database: 'crm', tables: null }, { database: 'shop', tables: ['t', 'u'] }] };
const to: ScopeRunInput['to'] = { kind: 'partial', databases: [{ database: 'shop', tables: ['t'] }] };

/** What is asked of the checks by a change that goes on after a crash. */
async function askedAgain(dropRemoved: boolean): Promise<CheckRequest | undefined> {
  const asked: CheckRequest[] = [];
  const fleet: Partial<Fleet> = {
    instance: (id) => ({ ...instanceView(1, { id, region: 'gz', role: 'standby' }).instance, name: id }),
    readFacts: (id) => Promise.resolve(id === 'source' ? facts(1) : facts(2, { channels: [channel(1)] })),
    withSession: async (id, use) => use(fakeSession(id, () => [])),
  };
  const deps: ScopeRunDeps = {
    fleet: fleet as Fleet, clock: () => 1, objects: new Map(), copyRateMb: () => undefined, leftOut: () => nothingLeftOut,
    checked: () => undefined, accepted: () => undefined, linked: () => undefined, isHeld: () => false, reported: () => undefined, scopeChanged: () => undefined,
    runChecks: (request) => {
      asked.push(request);
      return Promise.reject(new Error('as far as this goes'));
    },
  };
  const input: ScopeRunInput = { syncId: 'sync', spec: { ...copySpec('link', 'source', 'standby'), scope }, to, inTheWay: [], dropRemoved, acceptWarnings: true };
  const { steps } = await scopeHandler(deps).rebuild(input, loneStep());
  await expect(steps[0]?.run(loneStep())).rejects.toThrow('as far as this goes');
  return asked[0];
}

it('a change of scope that goes on after a crash knows what it drops, and does not warn of that', async () => {
  expect((await askedAgain(true))?.dropped).toEqual([
    { database: 'crm', tables: null, except: [] }, { database: 'shop', tables: ['u'], except: [] },
  ]);
  expect((await askedAgain(false))?.dropped).toEqual([]);
});
