// A link that is compared on a schedule: for real, with a clock that the test turns.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createScheduleService } from '../../electron/engine-schedules';
import type { Schedules, Timer } from '../../electron/schedules/types';
import type { Message } from '../../shared/i18n/message';
import { message } from '../../shared/i18n/message';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { copySpec } from '../fixtures/sync-spec';
import { waitUntil } from '../fixtures/wait';

describe('a comparison on a schedule (9.7)', () => {
  let source: TestServer;
  let standby: TestServer;
  let app: TestEngine;
  let schedules: Schedules;
  let subject: string;
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
  /** Turns the clock to a moment, and waits until all that is due then was dealt with. */
  async function turnTo(moment: number): Promise<void> {
    now = moment;
    const due = timers.filter(({ at }) => at <= now);
    timers = timers.filter(({ at }) => at > now);
    for (const { act } of due) act();
    await waitUntil('the next timer', () => timers.length > 0);
  }
  const only = () => schedules.list()[0];

  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series: '9.7', durability: 'relaxed' }, standby: { series: '9.7', durability: 'relaxed' } }));
    await source.query("CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(40)); INSERT INTO shop.orders VALUES (1, 'a'), (2, 'b')");
    app = await openTestEngine({ servers: { source, standby } });
    const { sync, tasks, audit, fleet, verification, backups } = app.engine;
    const created = await sync.create(copySpec('link', app.id('source'), app.id('standby')), true, null);
    subject = created.id;
    expect((await sync.whenSettled(subject)).state).toBe('replicating');
    schedules = createScheduleService({
      dataFolder: app.dataFolder, tasks, audit, fleet, sync, verification, backups, clock: () => now, timer, localZone: () => 'UTC', alert: (_severity, _id, text) => void alerts.push(text),
    });
    schedules.start();
    await schedules.save(null, { kind: 'verification', subject, pattern: '0 * * * *', timeZone: 'local', enabled: true, catchUp: false });
    await waitUntil('the timer', () => timers.length > 0);
  });
  afterAll(async () => {
    await schedules?.close();
    await app?.dispose();
    await disposeServers();
  });

  it('starts a real one at its minute, and what it finds is kept; then says why it cannot', async () => {
    expect(app.engine.verification.history()).toEqual([]);
    await turnTo(Date.parse('2026-11-28T03:00:00Z'));
    const first = only();
    expect(first).toMatchObject({ name: 'link', lastOutcome: { kind: 'started', dueAt: now }, nextRunAt: Date.parse('2026-11-28T04:00:00Z') });
    const taskId = first?.lastTaskId ?? '';
    expect((await app.engine.tasks.whenEnded(taskId)).error).toBeNull();
    await waitUntil('the result', () => app.engine.verification.history().length === 1);
    expect(app.engine.verification.history()).toMatchObject([{ id: taskId, equal: true, tableCount: 1, rowCount: 2, scope: '*' }]);
    expect(app.engine.verification.proof(app.id('source'), app.id('standby'))).not.toBeNull();
    expect(app.engine.sync.get(subject).verified).not.toBeNull();
    expect(only()?.lastTask).toEqual({ state: 'done', error: null });

    // A row of the standby is not as its source has it: the run of an hour later finds that.
    await standby.query("SET GLOBAL super_read_only = OFF; SET SESSION sql_log_bin = 0; UPDATE shop.orders SET note = 'x' WHERE id = 2; SET SESSION sql_log_bin = 1; SET GLOBAL super_read_only = ON");
    await turnTo(Date.parse('2026-11-28T04:00:00Z'));
    await app.engine.tasks.whenEnded(only()?.lastTaskId ?? '');
    await waitUntil('the difference', () => app.engine.verification.history().at(-1)?.equal === false);
    expect(only()?.lastTask).toMatchObject({ state: 'failed', error: { code: 'content-differs' } });
    expect(alerts.map(({ key }) => key)).toEqual(['schedules.alert.failed']);

    // Somebody works on the standby: refused, with who it is.
    let letGo: () => void = () => undefined;
    const holds = new Promise<void>((resolve) => { letGo = resolve; });
    const { syncId, spec } = { syncId: '', spec: copySpec('held', app.id('source'), app.id('standby')) };
    const holder = await app.engine.tasks.start({
      kind: 'verify', name: 'held', instanceIds: [app.id('standby')], input: { syncId, spec }, steps: [{ id: 'hold', title: message('tasks.title'), run: () => holds }],
    });
    await turnTo(Date.parse('2026-11-28T05:00:00Z'));
    expect(only()?.lastOutcome).toMatchObject({ kind: 'refused', error: { code: 'lock-held', params: { what: 'held' } } });
    letGo();
    await app.engine.tasks.whenEnded(holder.id);

    // The link stands still: both sides would differ, and nothing is compared.
    await standby.query('STOP REPLICA SQL_THREAD');
    await turnTo(Date.parse('2026-11-28T06:00:00Z'));
    expect(only()?.lastOutcome).toMatchObject({ kind: 'refused', error: { code: 'link-idle', params: { name: 'link' } } });
    expect(alerts.map(({ key }) => key).slice(1)).toEqual(['schedules.alert.refused', 'schedules.alert.refused']);
    await standby.query('START REPLICA');

    expect(app.engine.verification.history()).toHaveLength(2);
    // The link goes, and its schedule with it.
    await app.engine.sync.remove(subject, 'link', false);
    expect(schedules.list()).toEqual([]);
  });
});
