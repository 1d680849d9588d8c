import { describe, expect, it } from 'vitest';
import { AfterPromotion } from '../../../electron/sync/after-promotion';
import { newRecord, type SyncRecord } from '../../../electron/sync/records';
import type { Fleet } from '../../../electron/fleet/types';

const fleet: Pick<Fleet, 'instance' | 'secret' | 'setSecret'> = { instance: (id) => ({ id, name: id }) as ReturnType<Fleet['instance']>, secret: async () => null, setSecret: async () => undefined };

const over = (records: SyncRecord[]): AfterPromotion => new AfterPromotion(fleet as Fleet, {
  all: () => records,
  owner: (standbyId) => records.find(({ spec, outcome }) => spec.standbyId === standbyId && outcome !== 'superseded') ?? null,
  change: (id, change) => records.splice(records.findIndex((one) => one.id === id), 1, change(records.find((one) => one.id === id) as SyncRecord)),
  add: (record) => void records.push(record),
}, () => 2);

describe('the link that a switchover turned round', () => {
  it.each([[null], [{ since: 5, gtids: ['3e11fa47-71ca-11e1-9e33-c80aa9429562:7'], accounts: [] }]])('needs verification where the one before it did: %j', async (mark) => {
    const forward: SyncRecord = { ...newRecord('f', { name: 'orders', sourceId: 'gz', standbyId: 'sh', scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false }, 1), outcome: 'linked', needsVerification: mark };
    const records = [forward];
    const promotion = over(records);
    await promotion.adoptReversedLink('gz', 'sh');
    expect(records.map(({ outcome, spec, needsVerification }) => [outcome, spec.standbyId, needsVerification])).toEqual([['superseded', 'sh', mark], ['linked', 'gz', mark]]);
  });

  it('is owned by the task of before once it is turned back, which is proven of nothing then, and may erase nothing', async () => {
    const spec = { name: 'orders', sourceId: 'gz', standbyId: 'sh', scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: true } as const;
    const records: SyncRecord[] = [{ ...newRecord('f', spec, 1), outcome: 'linked', verified: { at: 1, gtidSet: 'x' } }];
    const promotion = over(records);
    for (const [old, now] of [['gz', 'sh'], ['sh', 'gz'], ['gz', 'sh'], ['sh', 'gz']] as const) await promotion.adoptReversedLink(old, now);
    expect(records.map(({ id, outcome, spec: { standbyId, eraseTarget }, verified }) => [id === 'f', outcome, standbyId, eraseTarget, verified])).toEqual([
      [true, 'linked', 'sh', false, null], [false, 'superseded', 'gz', false, null],
    ]);
  });
});
