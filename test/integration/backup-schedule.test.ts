// An instance that is backed up on a schedule: for real, with a clock that the test turns for the schedules.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupKey } from '../../electron/backup/uses';
import { createScheduleService } from '../../electron/engine-schedules';
import type { Schedules, Timer } from '../../electron/schedules/types';
import type { BackupView } from '../../shared/domain/backup/backup';
import { backupStanding } from '../../shared/domain/backup/standing';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import { message, type Message } from '../../shared/i18n/message';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { waitUntil } from '../fixtures/wait';

describe('backups on a schedule (9.7)', () => {
  let gz: TestServer;
  let sh: TestServer;
  let app: TestEngine;
  let schedules: Schedules;
  let elsewhere: string;
  let now = Date.parse('2026-11-28T02:59:30Z');
  let timers: { readonly at: number; readonly act: () => void }[] = [];
  const alerts: Message[] = [];
  const timer: Timer = {
    after(ms, act) {
      const one = { at: now + ms, act };
      timers.push(one);
      return () => { timers = timers.filter((other) => other !== one); };
    },
  };
  async function turnTo(moment: number): Promise<void> {
    now = moment;
    const due = timers.filter(({ at }) => at <= now);
    timers = timers.filter(({ at }) => at > now);
    for (const { act } of due) act();
    await waitUntil('the next timer', () => timers.length > 0);
  }
  const only = () => schedules.list()[0];
  const all = (): Promise<readonly BackupView[]> => app.engine.backups.list();
  const ids = async (): Promise<string[]> => (await all()).map(({ id }) => id).sort();
  const taken = async (name: string, scope: Scope = wholeInstance, place: string | null = null): Promise<string> => {
    const before = new Set(await ids());
    const { id } = await app.engine.backups.create({ instanceId: app.id(name), scope, place, passphrase: null });
    expect((await app.engine.tasks.whenEnded(id)).error).toBeNull();
    return (await ids()).find((one) => !before.has(one)) ?? '';
  };
  /** The run of the next hour, to its end. */
  const runNext = async (): Promise<void> => {
    await turnTo((only()?.nextRunAt ?? 0));
    expect(only()?.lastOutcome).toMatchObject({ kind: 'started', dueAt: now });
    expect((await app.engine.tasks.whenEnded(only()?.lastTaskId ?? '')).error).toBeNull();
  };
  const policies = (): readonly unknown[] => (JSON.parse(readFileSync(join(app.dataFolder, 'backups.json'), 'utf8')) as { policies: readonly unknown[] }).policies;
  const expiries = () => app.engine.audit.list(100).filter(({ action, outcome }) => action === 'backup.expire' && outcome !== 'begun');

  beforeAll(async () => {
    elsewhere = mkdtempSync(join(tmpdir(), 'antipode-elsewhere-'));
    ({ gz, sh } = await startServers({ gz: { series: '9.7', durability: 'relaxed' }, sh: { series: '9.7', durability: 'relaxed' } }));
    for (const server of [gz, sh]) await server.query("CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(40)); INSERT INTO shop.orders VALUES (1, 'a'), (2, 'b')");
    app = await openTestEngine({ servers: { gz, sh } });
    const { sync, tasks, audit, fleet, verification, backups } = app.engine;
    await backups.addPlace(elsewhere);
    schedules = createScheduleService({
      dataFolder: app.dataFolder, tasks, audit, fleet, sync, verification, backups, clock: () => now, timer, localZone: () => 'UTC', alert: (_severity, _id, text) => void alerts.push(text),
    });
    schedules.start();
    await waitUntil('the timer', () => timers.length > 0);
  });
  afterAll(async () => {
    await schedules?.close();
    await app?.dispose();
    if (elsewhere !== undefined) rmSync(elsewhere, { recursive: true, force: true });
    await disposeServers();
  });

  it('takes a real one when it is due, and deletes of this instance what its policy does not keep', async () => {
    const { backups } = app.engine;
    const manual = [await taken('gz'), await taken('gz'), await taken('gz')] as const;
    const others = [await taken('sh'), await taken('gz', wholeInstance, elsewhere), await taken('gz', { kind: 'partial', databases: [{ database: 'shop', tables: null }] })];
    await backups.setPolicy({ instanceId: app.id('gz'), place: null, keepCount: 2, keepDays: null, encrypted: false, proveDays: null }, null);
    // By hand, nothing goes: not even when a policy would let it.
    expect(await ids()).toEqual([...manual, ...others].sort());
    const proof = await backups.prove(manual[0], null);
    expect((await app.engine.tasks.whenEnded(proof.id)).error).toBeNull();

    await schedules.save(null, { kind: 'backup', subject: app.id('gz'), pattern: '0 * * * *', timeZone: 'local', enabled: true, catchUp: false });
    await runNext();
    await waitUntil('the retention', () => expiries().length === 1);
    const left = await all();
    const fresh = left.filter(({ id }) => ![...manual, ...others].includes(id));
    expect(fresh).toMatchObject([{ state: 'complete', instanceName: 'gz', scope: { kind: 'instance' }, encrypted: false, rows: 2 }]);
    // Kept: the new one and the newest by hand by their number, the oldest because it was proven.
    expect(await ids()).toEqual([manual[0], manual[2], ...fresh.map(({ id }) => id), ...others].sort());
    expect(expiries()).toMatchObject([{ target: manual[1], outcome: 'done', detail: { keepCount: 2, keepDays: null } }]);
    expect(existsSync(join(app.dataFolder, 'backups', manual[1]))).toBe(false);
    expect(only()?.lastTask).toEqual({ state: 'done', error: null });
    expect(alerts).toEqual([]);
  });

  it('goes where its policy says, and leaves one that is in use until the next time', async () => {
    const { backups, tasks } = app.engine;
    const inPlace = async (): Promise<string[]> => (await all()).filter(({ folder }) => folder.startsWith(elsewhere)).map(({ id }) => id).sort();
    await backups.setPolicy({ instanceId: app.id('gz'), place: elsewhere, keepCount: 1, keepDays: null, encrypted: false, proveDays: null }, null);
    const [old = ''] = await inPlace();
    let letGo: () => void = () => undefined;
    const holds = new Promise<void>((resolve) => { letGo = resolve; });
    const holder = await tasks.start({
      kind: 'backup-verify', name: 'held', instanceIds: [], input: { id: old, folder: join(elsewhere, old), instanceId: app.id('gz'), instanceName: 'gz' },
      steps: [{ id: 'hold', title: message('tasks.title'), async run(step) { await step.remember(backupKey, old); await holds; } }],
    });
    await waitUntil('it is in use', () => tasks.memory(holder.id).recall(backupKey) === old);
    await runNext();
    const first = (await inPlace()).find((id) => id !== old) ?? '';
    expect(await backups.expire(app.id('gz'))).toEqual({ removed: [], failed: [] });
    expect(await inPlace()).toEqual([old, first].sort());
    letGo();
    await tasks.whenEnded(holder.id);
    await runNext();
    await waitUntil('both older ones are gone', async () => (await inPlace()).length === 1);
    expect(await inPlace()).not.toContain(first);
    expect(alerts).toEqual([]);
  });

  it('is encrypted with the passphrase that is kept, and proven where none was proven for long: what is amber heals by itself', async () => {
    const { backups, tasks, vault } = app.engine;
    const secret = 'correct horse battery';
    const id = app.id('gz');
    const policy = { instanceId: id, place: elsewhere, keepCount: 2, keepDays: null, encrypted: true, proveDays: 7 };
    await expect(backups.setPolicy(policy, secret)).rejects.toMatchObject({ error: { code: 'passphrase-not-kept' } });
    await vault.choose('passphrase', 'of the vault itself');
    await backups.setPolicy(policy, secret);
    const proofs = () => tasks.list().filter(({ kind, instanceIds, createdAt }) => kind === 'backup-prove' && instanceIds.includes(id) && createdAt > begun);
    const begun = Date.now();
    const standing = async () => backupStanding((await all()).filter(({ instanceId }) => instanceId === id), Date.now()).kind;
    for (const { id: old } of (await all()).filter(({ proven }) => proven !== null)) await backups.remove(old, old);
    expect(await standing()).toBe('unproven');
    await runNext();
    await waitUntil('it is proven', async () => (await standing()) === 'good');
    const [newest] = (await all()).filter(({ encrypted }) => encrypted);
    expect(newest).toMatchObject({ encrypted: true, rows: 2, proven: { ok: true } });
    expect((await tasks.whenEnded((await backups.verify(newest?.id ?? '', secret)).id)).error).toBeNull();
    await expect(backups.verify(newest?.id ?? '', null)).rejects.toMatchObject({ error: { code: 'backup-passphrase' } });
    expect(proofs()).toHaveLength(1);
    await runNext();
    expect(await backups.proveDue(id)).toBeNull();
    expect(proofs()).toHaveLength(1);
    const files = readdirSync(app.dataFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files.filter((file) => readFileSync(file).includes(secret))).toEqual([]);
    expect(JSON.stringify([alerts, schedules.list()])).not.toContain(secret);
    // Without it nothing is taken, and nothing in the clear.
    await vault.set(`backup-schedule/${id}`, null);
    const before = await ids();
    await turnTo(only()?.nextRunAt ?? 0);
    expect(only()?.lastOutcome).toMatchObject({ kind: 'refused', error: { code: 'passphrase-missing' } });
    // What the run before let go of may go meanwhile.
    expect(before).toEqual(expect.arrayContaining(await ids()));
    expect(alerts.splice(0)).toEqual([{ key: 'schedules.alert.refused', params: { kind: 'backup', name: 'gz' } }]);
    await backups.setPolicy({ ...policy, encrypted: false, proveDays: null }, null);
    await runNext();
  });

  it('is told once where it fails again and again, and why', async () => {
    await app.engine.backups.removePlace(elsewhere);
    for (let turn = 0; turn < 2; turn += 1) {
      await turnTo(only()?.nextRunAt ?? 0);
      expect(only()?.lastOutcome).toMatchObject({ kind: 'refused', error: { code: 'not-found', params: { kind: 'place', name: elsewhere } } });
    }
    expect(alerts).toEqual([{ key: 'schedules.alert.refused', params: { kind: 'backup', name: 'gz' } }]);
    // With the folder its own, and the server gone, it starts and fails; whoever is told of the first needs no word of the second.
    await app.engine.backups.setPolicy({ instanceId: app.id('gz'), place: null, keepCount: 1, keepDays: null, encrypted: false, proveDays: null }, null);
    const before = await ids();
    await gz.stop();
    for (let turn = 0; turn < 2; turn += 1) {
      await turnTo(only()?.nextRunAt ?? 0);
      expect((await app.engine.tasks.whenEnded(only()?.lastTaskId ?? '')).state).toBe('failed');
    }
    expect(alerts.slice(1)).toEqual([{ key: 'schedules.alert.failed', params: { kind: 'backup', name: 'gz' } }]);
    expect(await ids()).toEqual(expect.arrayContaining(before));
    expect(only()?.lastTask?.state).toBe('failed');
  });

  it('goes with its instance; what it took stays', async () => {
    const before = await ids();
    expect(policies()).toHaveLength(1);
    await app.engine.fleet.removeInstance(app.id('gz'), 'gz', false);
    await waitUntil('the policy is gone', () => policies().length === 0);
    expect(schedules.list()).toEqual([]);
    await turnTo(now + 60_000);
    expect(app.engine.audit.list(20).map(({ action }) => action)).toContain('schedule.remove');
    expect(await ids()).toEqual(before);
  });
});
