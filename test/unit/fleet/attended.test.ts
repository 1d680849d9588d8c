// A word about watching many: what of it is taken, when it is not as it was seen, and that it is one write with a record of each.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Attended } from '../../../electron/fleet/attended';
import { InventoryStore } from '../../../electron/fleet/inventory';
import { seenOf } from '../../../shared/domain/fleet/attention';
import type { Problem } from '../../../shared/domain/fleet/problem';
import type { FleetChange } from '../../../shared/domain/fleet/view';
import type { AuditEntry } from '../../../shared/domain/settings';
import { failure } from '../../../shared/errors/codes';
import { facts } from '../../fixtures/facts';
import { instanceForm } from '../../fixtures/instance-form';
import { instanceView } from '../../fixtures/renderer-fleet';

let folder: string;
let inventory: InventoryStore;
let attended: Attended;
let problems: Map<string, readonly Problem[]>;
/** What one call recorded in one go. */
let recorded: (readonly Pick<AuditEntry, 'target' | 'outcome' | 'detail'>[])[];
let writes: number;
let guarded: ReadonlySet<string>;
/** What the readings of this process make known. */
let tell: (change: FleetChange) => void;

const problem = (instanceId: string, code: Problem['code'], params: Problem['params'] = {}): Problem => ({ code, severity: 'warning', instanceId, params });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'antipode-attended-'));
  problems = new Map();
  recorded = [];
  writes = 0;
  guarded = new Set();
  inventory = new InventoryStore(folder);
  const instance = (id: string) => ({
    ...instanceForm({ name: id, host: '127.0.0.1', port: 1, user: 'u' }, { regionId: 'r' }), id, intent: { kind: 'none' as const }, serverUuid: null, createdAt: 1,
  });
  inventory.update(() => ({ regions: [{ id: 'r', name: 'North' }], projects: [], instances: ['a', 'b', 'c'].map(instance) }));
  inventory.onUpdate(() => void (writes += 1));
  attended = new Attended({
    inventory, now: () => 1_000,
    audit: { append: (...lines) => void recorded.push(lines), list: () => [], export: () => '', verify: () => Promise.reject(new Error('not asked')) },
    observed: {
      view: (id) => {
        const found = inventory.get().instances.find((one) => one.id === id);
        if (found === undefined) throw failure('not-found', { kind: 'instance', name: id });
        return { ...instanceView(1_000, { id, region: 'r', role: 'primary' }), instance: found, problems: problems.get(id) ?? [] };
      },
      snapshot: () => ({ seq: 0, at: 1_000, instances: [], regions: [], projects: [], topology: { links: [], unregistered: [] }, quarantined: [] }),
      onChange: (listener) => {
        tell = listener;
        return () => undefined;
      },
      guardsFilters: (id) => guarded.has(id),
    },
  });
});

afterEach(() => {
  attended.close();
  rmSync(folder, { recursive: true });
});

it('what is new or worse between the look and the press is not acknowledged with it', async () => {
  const [lag, skew] = [problem('a', 'lagging', { by: 'time', seconds: 60 }), problem('a', 'clock-skew', { seconds: 5 })];
  const seen = [lag, skew].map(seenOf);
  problems.set('a', [problem('a', 'lagging', { by: 'time', seconds: 600 }), skew, problem('a', 'applier-stopped', { errno: 1062 })]);
  problems.set('b', [problem('b', 'lagging', { by: 'time', seconds: 600 })]);
  const answer = await attended.acknowledge([{ id: 'a', problems: seen }, { id: 'b', problems: [seenOf(lag)] }, { id: 'c', problems: seen }], { until: null, note: '' });
  expect(answer).toMatchObject([
    { id: 'a', error: null, changed: ['lagging'] },
    { id: 'b', error: { code: 'problems-changed', params: { name: 'b', problems: 'lagging' } } },
    { id: 'c', error: { code: 'nothing-to-acknowledge' } },
  ]);
  const said = inventory.get().instances.map(({ attention }) => attention?.acknowledged?.map(({ key }) => key));
  expect(said).toEqual([['clock-skew'], undefined, undefined]);
  expect(recorded.map((lines) => lines.map(({ target, outcome }) => `${target} ${outcome}`))).toEqual([['a begun', 'b begun', 'c begun'], ['a done', 'b refused', 'c refused']]);
  expect(recorded[1]?.[0]?.detail).toMatchObject({ problems: 'clock-skew' });
});

it('one act on many is one write, and ends as one', async () => {
  guarded = new Set(['b']);
  expect(await attended.pauseWatching(['a', 'b', 'c'], { until: null, note: 'x' })).toMatchObject([{ error: null }, { error: { code: 'watch-needed' } }, { error: null }]);
  expect(writes).toBe(1);
  expect(await attended.silence(['a', 'gone'], { until: 5_000, note: '' })).toMatchObject([{ error: null }, { id: 'gone', error: { code: 'not-found' } }]);
  expect(writes).toBe(2);
  await attended.endAttention(['a', 'b', 'c'], 'pause', null);
  expect(writes).toBe(3);
  expect(inventory.get().instances.map(({ attention }) => Object.keys(attention ?? {}))).toEqual([['silenced'], [], []]);
});

it('a word that does not hold is refused for all of them, and recorded so for each', async () => {
  await expect(attended.silence(['a', 'b'], { until: 999, note: '' })).rejects.toMatchObject({ error: { code: 'invalid-input' } });
  expect([writes, recorded.map((lines) => lines.map(({ outcome }) => outcome))]).toEqual([0, [['begun', 'begun'], ['refused', 'refused']]]);
});

it('a word of another process outlives a reading of this one that is older than it, and ends by one that is not', async () => {
  attended.start();
  const seen = problem('a', 'lagging', { by: 'time', seconds: 60 });
  // The other one has read the server, found a lag, and says so to the same inventory; here the last reading is from before that.
  problems.set('a', [seen]);
  expect(await attended.acknowledge([{ id: 'a', problems: [seenOf(seen)] }], { until: null, note: '' })).toMatchObject([{ error: null }]);
  const keys = () => inventory.get().instances.map(({ attention }) => attention?.acknowledged?.map(({ key }) => key));
  const read = (sampledAt: number) => {
    const instance = inventory.get().instances.find(({ id }) => id === 'a');
    if (instance === undefined) throw new Error('not registered');
    tell({ seq: 1, at: sampledAt, instances: [{ ...instanceView(1_000, { id: 'a', region: 'r', role: 'primary' }), instance, facts: facts(1, { at: sampledAt }), problems: [] }] });
  };
  for (const at of [400, 1_000]) {
    read(at);
    expect(keys()).toEqual([['lagging'], undefined, undefined]);
  }
  read(1_001);
  expect(keys()).toEqual([undefined, undefined, undefined]);
});
