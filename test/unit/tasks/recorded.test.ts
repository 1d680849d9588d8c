import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInput } from '../../../electron/backup/create/task';
import { openedInfile, restoreInput } from '../../../electron/backup/restore/task';
import { backupKey } from '../../../electron/backup/uses';
import { lookInput } from '../../../electron/backup/verify';
import { createdObjects } from '../../../electron/copy/created-objects';
import { objectsKept } from '../../../electron/copy/rows/object-list';
import { positionKey } from '../../../electron/operations/gtid/channels';
import { countsOf } from '../../../electron/operations/gtid/violations';
import { begunKey, charsetInput } from '../../../electron/operations/charset/input';
import { errorsKey, importInput, positionKey as importPosition } from '../../../electron/operations/import/input';
import { portInput, threadsKey } from '../../../electron/operations/port/work';
import { gtidInput } from '../../../electron/operations/gtid/work';
import { madeKey } from '../../../electron/operations/rollback/beside-copies';
import { backKey, copiedKey } from '../../../electron/operations/rollback/beside-run';
import { begunKey as begunRollback, rollbackInput } from '../../../electron/operations/rollback/work';
import { emergencyInput } from '../../../electron/promotion/emergency/context';
import { failbackInput, memory as failback } from '../../../electron/promotion/failback/work';
import { memory as promotion, notedScope } from '../../../electron/promotion/memory';
import { switchoverInput } from '../../../electron/promotion/switchover/context';
import { memory as sync } from '../../../electron/sync/memory';
import { createdAccounts } from '../../../electron/sync/run/account';
import { runInput } from '../../../electron/sync/run/recovery';
import { linkSet } from '../../../electron/sync/run/steps';
import { ownTransactions } from '../../../electron/sync/scope/steps';
import { prepared } from '../../../electron/sync/seed/prepare-standby';
import { standbyBefore } from '../../../electron/sync/seed/standby-settings';
import { verifyRunInput } from '../../../electron/verification/task';
import { createTaskEngine } from '../../../electron/tasks/engine';
import { readJournal } from '../../../electron/tasks/journal';
import { readMemory, type MemoryKey } from '../../../electron/tasks/memory';
import type { TaskModel } from '../../../electron/tasks/model';
import type { TaskEngine } from '../../../electron/tasks/types';
import { taskKinds, type TaskKind } from '../../../shared/domain/tasks/task';
import { delayChanged, delayInput, linkFound, outlookFound } from '../../../electron/operations/read-only/delay-run';
import { delayFound, runInput as readOnlyInput } from '../../../electron/operations/read-only/run';
import { definition, temporaryFolder, title } from './fixture';
import { acceptedWarnings } from '../../../electron/sync/run/procedure';
import { scopeRunInput } from '../../../electron/sync/scope/context';
import { roundsKept, rowsKept, spentKept, tablesKept } from '../../../electron/comparison/findings';
import { repairedKey, repairInput } from '../../../electron/verification/repair';

/** Journals as the application wrote them on real servers; statements and progress are left out, and no process has their pid. */
const recorded = (kind: TaskKind): string => join(import.meta.dirname, '..', '..', 'fixtures', 'journals', `${kind}.jsonl`);

interface Line {
  readonly t: string;
  readonly id?: string;
  readonly key?: string;
  readonly value?: unknown;
  readonly input?: unknown;
}
const linesOf = (kind: TaskKind): Line[] => readFileSync(recorded(kind), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Line);

const inputs: Readonly<Record<TaskKind, v.GenericSchema>> = {
  sync: runInput, scope: scopeRunInput, verify: verifyRunInput, repair: repairInput, switchover: switchoverInput, promotion: emergencyInput, failback: failbackInput, 'gtid-change': gtidInput, charset: charsetInput, 'port-change': portInput,
  backup: createInput, 'backup-verify': lookInput, 'backup-prove': lookInput, restore: restoreInput, rollback: rollbackInput, 'read-only': readOnlyInput, 'read-only-delay': delayInput,
  import: importInput,
};
const member = { id: '6eebea08-d000-4eff-a1ab-6365f13b6070', name: 'sh', mode: 'OFF', consistency: 'OFF', persisted: { mode: null, consistency: null }, configLines: [], links: [] } as const;
const keys: readonly MemoryKey<unknown>[] = [
  ...Object.values(promotion), ...Object.values(failback), ...Object.values(sync),
  roundsKept, rowsKept, spentKept, tablesKept, repairedKey,
  createdObjects, objectsKept, createdAccounts, acceptedWarnings, linkSet, ownTransactions, prepared, standbyBefore,
  backupKey, openedInfile, begunKey, threadsKey('f01748a5-e5ed-4a9e-a658-0d47e1593b69'), begunRollback, madeKey, copiedKey, backKey, delayFound, linkFound, outlookFound, delayChanged, importPosition, errorsKey,
  positionKey(member, { channel: '', sourceId: 'f01748a5-e5ed-4a9e-a658-0d47e1593b69', autoPosition: false }),
  countsOf(member.id), countsOf('f01748a5-e5ed-4a9e-a658-0d47e1593b69'),
];

let folder: { path: string; remove: () => void };
let engine: TaskEngine | null = null;
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder.path, 'tasks'), { recursive: true });
});
afterEach(async () => {
  await engine?.close();
  engine = null;
  folder.remove();
});

const journalOf = (kind: TaskKind): string => {
  const id = linesOf(kind)[0]?.id ?? '';
  copyFileSync(recorded(kind), join(folder.path, 'tasks', `${id}.jsonl`));
  return id;
};
const modelOf = (kind: TaskKind): TaskModel => {
  const model = readJournal(join(folder.path, 'tasks'), journalOf(kind));
  if (model === null) throw new Error('It could not be read');
  return model;
};

describe.each(taskKinds)('a recorded journal of kind %s', (kind) => {
  it('gives its input as it was written', () => {
    const { input } = modelOf(kind).created;
    expect(v.parse(inputs[kind], input)).toEqual(input);
  });

  it('gives what the task kept, every word of it', () => {
    const model = modelOf(kind);
    const kept = new Map(linesOf(kind).filter(({ t }) => t === 'memory').map(({ key, value }) => [key, value]));
    expect(kept.size).toBeGreaterThan(0);
    for (const [name, value] of kept) {
      const key = keys.find((one) => one.name === name);
      expect(key, name).toBeDefined();
      // What came to be kept later has a word of its own where an older journal holds none.
      expect([model.recall(key!)], name).toMatchObject([value]);
    }
  });

  it('is shown, judged and built again', async () => {
    const id = journalOf(kind);
    const path = join(folder.path, 'tasks', `${id}.jsonl`);
    // As it was in the middle of its first step.
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    writeFileSync(path, `${lines.slice(0, lines.findIndex((line) => line.includes('"t":"step"')) + 1).join('\n')}\n`);
    engine = createTaskEngine({ dataFolder: folder.path, watch: false });
    const given: unknown[] = [];
    engine.register({
      kind,
      input: inputs[kind],
      rebuild: async (input) => (given.push(input), definition([], { kind })),
      judge: async (_view, input) => (given.push(input), { verdict: 'can-resume', text: title }),
    });
    expect((await engine.recoverable()).map(({ task, verdict }) => [task.id, verdict])).toEqual([[id, 'can-resume']]);
    await engine.undoInterrupted(id);
    expect((await engine.whenEnded(id)).state).toBe('cancelled');
    const { input } = linesOf(kind)[0]!;
    expect(given).toEqual([input, input]);
  });

  it.each(['before', 'past'])('whose input nobody can read %s the point of no return stays in sight, says so by its name, and can be left', async (where) => {
    const id = journalOf(kind);
    const path = join(folder.path, 'tasks', `${id}.jsonl`);
    const [first, ...rest] = readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Line & { steps: object[]; step?: string; name: string });
    const steps = first!.steps.map((step, index) => ({ ...step, pointOfNoReturn: where === 'past' && index === 0 }));
    const running = rest.slice(0, rest.findIndex(({ t }) => t === 'step') + 1);
    const damaged = [{ ...first, steps, input: { standbyId: 7 } }, ...running];
    writeFileSync(path, `${damaged.map((line) => JSON.stringify(line)).join('\n')}\n`);
    engine = createTaskEngine({ dataFolder: folder.path, watch: false });
    const never = async (): Promise<never> => { throw new TypeError('nothing to build it from'); };
    engine.register({ kind, input: inputs[kind], rebuild: never, judge: never });
    expect(engine.list().map(({ state }) => state)).toEqual(['interrupted']);
    expect(await engine.recoverable()).toMatchObject([{ task: { id }, verdict: 'can-undo', text: { key: 'tasks.verdict.unreadable' } }]);
    const unreadable = { code: 'task-unreadable', params: { task: first!.name } };
    await expect(engine.resumeInterrupted(id)).rejects.toMatchObject({ error: unreadable });
    await engine.undoInterrupted(id);
    expect(engine.get(id)).toMatchObject({ state: 'failed', error: unreadable });
    expect(await engine.recoverable()).toEqual([]);
    // Nothing is held on its account.
    const next = await engine.start(definition([], { kind: 'switchover', instanceIds: engine.get(id).instanceIds, input: switchoverExample() }));
    expect((await engine.whenEnded(next.id)).state).toBe('done');
  });
});

const switchoverExample = (): unknown => linesOf('switchover')[0]?.input;

it('takes what versions before kept: events without a word for their state, and an input without what is new', () => {
  const event = { schema: 'shop', name: 'nightly', definer: 'root@%' };
  expect(readMemory(promotion.events, [event], 't')).toEqual([{ ...event, sqlMode: '', timeZone: '', state: 'enabled' }]);
  const { olderIds, closesWayBack, seenEvents, enableEvents, sourceScheduler, sourceEvents, ...before } = linesOf('promotion')[0]!.input as Record<string, unknown>;
  const { unseenFrom, keptAway, split, endsDelay, ...older } = before;
  expect([olderIds, closesWayBack, seenEvents, enableEvents, sourceScheduler, sourceEvents]).toEqual([[], false, { enabled: [], at: 1795739730000 }, [], 'ON', null]);
  expect([unseenFrom, keptAway, split, endsDelay]).toEqual([expect.any(Number), [], null, 0]);
  // A count of events told nobody which: it is not believed any more.
  const counted = { ...older, enabledEvents: 3 };
  const parsed = v.parse(emergencyInput, counted);
  expect(parsed).toMatchObject({ olderIds: [], closesWayBack: false, seenEvents: null, enableEvents: [], sourceScheduler: null, sourceEvents: null });
  expect(parsed).toMatchObject({ unseenFrom: null, keptAway: [], split: null, endsDelay: 0 });
});

describe('what a task keeps', () => {
  it('is gone where it was forgotten, and told by its name where it has another form', () => {
    expect(readMemory(linkSet, undefined, 'orders')).toBeUndefined();
    expect(readMemory(linkSet, null, 'orders')).toBeUndefined();
    expect(() => readMemory(linkSet, 'yes', 'orders')).toThrow(expect.objectContaining({ error: expect.objectContaining({ code: 'task-damaged', params: { task: 'orders', what: 'linkSet' } }) }));
    // Here nothing is a value of its own: the server does not count them.
    expect(readMemory(countsOf('i'), null, 'orders')).toBeNull();
    expect(notedScope({ recall: (key) => readMemory(key, undefined, 'orders') })).toEqual({ kind: 'instance' });
  });

  it('never tells what was found there: it may be anything', () => {
    expect(() => readMemory(createdAccounts, ['a', { password: 'hunter2' }], 'orders')).toThrow(expect.objectContaining({ error: expect.objectContaining({ detail: expect.not.stringContaining('hunter2') }) }));
  });
});
