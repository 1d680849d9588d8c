import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { serveAppFile } from '../../../electron/desktop/app-files';
import { dataFolderFrom, debuggingSwitch } from '../../../electron/desktop/arguments';
import { contentSecurityPolicy } from '../../../electron/desktop/content-policy';
import { defaultState, fitted, openWindowState } from '../../../electron/desktop/window-state';
import { createAlerts } from '../../../electron/engine-alerts';
import { createBatcher } from '../../../electron/ipc/batcher';
import type { EngineEvent, EventBatch } from '../../../shared/contract/events';
import { defaultSettings } from '../../../shared/domain/settings';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import type { SyncTaskNews } from '../../../shared/domain/sync/sync';
import type { TaskView } from '../../../shared/domain/tasks/task';
import type { ProblemCode, Severity } from '../../../shared/domain/fleet/problem';

let folder: string;
let root: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'antipode-desktop-'));
  root = join(folder, 'renderer');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'index.html'), '<meta nonce="__CSP_NONCE__" content="__CSP_NONCE__">');
  writeFileSync(join(root, 'assets/a.js'), 'const placeholder = "__CSP_NONCE__";');
  writeFileSync(join(root, 'notes.txt'), 'no kind of file a page has');
  writeFileSync(join(folder, 'secret.js'), 'outside');
  symlinkSync(join(folder, 'secret.js'), join(root, 'assets/link.js'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the app:// protocol', () => {
  const serve = (url: string, method = 'GET') => serveAppFile(root, { url, method }, () => 'n0nce');

  it('serves the page with its policy and a nonce of its own', async () => {
    const page = await serve('app://antipode/index.html');
    expect(page).toMatchObject({ status: 200, body: '<meta nonce="n0nce" content="n0nce">' });
    expect(page.headers['Content-Security-Policy']).toBe(contentSecurityPolicy('n0nce'));
    expect(page.headers['Content-Security-Policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-n0nce';/);
    expect(page.headers['Content-Security-Policy']).not.toMatch(/unsafe|\*|https?:/);
    expect((await serve('app://antipode/')).status).toBe(200);
    const script = await serve('app://antipode/assets/a.js?v=1#x');
    expect(script).toMatchObject({ status: 200, headers: { 'Content-Type': 'text/javascript; charset=utf-8', 'X-Content-Type-Options': 'nosniff' } });
    expect(String(script.body)).toContain('__CSP_NONCE__');
  });

  it.each([
    'app://antipode/../secret.js',
    'app://antipode/%2e%2e/secret.js',
    'app://antipode/..%2fsecret.js',
    'app://antipode/..%5csecret.js',
    'app://antipode/assets/../../secret.js',
    'app://antipode//etc/passwd',
    'app://antipode/assets/link.js',
    'app://antipode/assets',
    'app://antipode/notes.txt',
    'app://antipode/missing.js',
    'app://antipode/%00.js',
    'app://antipode/%E0%A4%A.js',
    'app://other/index.html',
    'app://antipode.example/index.html',
    'app://antipode:81/index.html',
    'http://antipode/index.html',
    'file:///etc/passwd',
    'nonsense',
  ])('does not serve %s', async (url) => {
    expect(await serve(url)).toMatchObject({ status: 404, body: '' });
  });

  it.each(['POST', 'PUT', 'HEAD'])('does not answer %s', async (method) => {
    expect((await serve('app://antipode/index.html', method)).status).toBe(404);
  });
});

it('finds the data folder among the arguments', () => {
  expect(dataFolderFrom(['antipode', '--no-sandbox', '--data', '/srv/dr'], '/home/me')).toBe('/srv/dr');
  expect(dataFolderFrom(['antipode', '--data=here'], '/home/me')).toBe('/home/me/here');
  expect(dataFolderFrom(['antipode', '--data'], '/home/me')).toBeNull();
  expect(dataFolderFrom(['antipode'], '/home/me')).toBeNull();
});

describe('where the window was', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1080 };
  it('is kept where it can still be seen, else forgotten', () => {
    const there = { x: 100, y: 80, width: 1000, height: 700, maximized: false };
    expect(fitted(there, [screen])).toEqual(there);
    expect(fitted({ ...there, x: 2500 }, [screen])).toMatchObject({ x: null, y: null, width: 1000 });
    expect(fitted({ ...there, x: 2500 }, [screen, { x: 1920, y: 0, width: 1920, height: 1080 }])).toMatchObject({ x: 2500 });
    expect(fitted({ ...there, y: -200 }, [screen])).toMatchObject({ x: null, y: null });
    expect(fitted({ ...there, width: 10, height: 10 }, [screen])).toMatchObject({ width: 720, height: 560 });
  });

  it('survives a broken file', () => {
    const data = mkdtempSync(join(folder, 'data-'));
    openWindowState(data).set({ ...defaultState, width: 900 });
    expect(openWindowState(data).get().width).toBe(900);
    writeFileSync(join(data, 'window.json'), '{"width": ');
    expect(openWindowState(data).get()).toEqual(defaultState);
  });
});

describe('event batches', () => {
  const task = (id: string, state: TaskView['state']): EngineEvent => ({ type: 'task', task: { id, state } as TaskView });
  const fleet = (seq: number): EngineEvent => ({ type: 'fleet', change: { seq, at: 0 } });

  it('are numbered, gathered, and hold the newest view of each thing; fleet changes are all there in order', () => {
    vi.useFakeTimers();
    try {
      const sent: EventBatch[] = [];
      const batcher = createBatcher((batch) => sent.push(batch), 250);
      for (const event of [task('a', 'running'), fleet(1), task('b', 'running'), fleet(2), task('a', 'done')]) batcher.push(event);
      expect(sent).toEqual([]);
      vi.advanceTimersByTime(250);
      expect(sent).toEqual([{ seq: 1, events: [fleet(1), task('b', 'running'), fleet(2), task('a', 'done')] }]);
      vi.advanceTimersByTime(1000);
      expect(sent).toHaveLength(1);
      batcher.push({ type: 'settings', settings: defaultSettings });
      batcher.flush();
      expect(sent[1]).toMatchObject({ seq: 2 });
      batcher.push(fleet(3));
      batcher.close();
      vi.advanceTimersByTime(1000);
      expect(sent).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('lose no report of a sync task that comes without it a moment later', () => {
    vi.useFakeTimers();
    try {
      const sent: EventBatch[] = [];
      const batcher = createBatcher((batch) => sent.push(batch), 250);
      const sync = (id: string, more: object): EngineEvent => ({ type: 'sync', sync: { id, ...more } as SyncTaskNews });
      const report = { startedAt: 1, endedAt: 2, results: [] };
      const events = [sync('a', { state: 'checking', lastReport: report }), sync('b', { lastReport: null }), sync('a', { state: 'running' }), sync('b', { lastReport: report })];
      for (const event of events) batcher.push(event);
      vi.advanceTimersByTime(250);
      expect(sent[0]?.events).toEqual([sync('a', { state: 'running', lastReport: report }), sync('b', { lastReport: report })]);
      batcher.push(sync('a', { state: 'running' }));
      vi.advanceTimersByTime(250);
      expect(sent[1]?.events).toEqual([sync('a', { state: 'running' })]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('alerts', () => {
  const view = (id: string, ...problems: [ProblemCode, Severity][]) =>
    ({ instance: { id }, problems: problems.map(([code, severity]) => ({ code, severity, instanceId: id, params: {} })) }) as unknown as InstanceView;

  it('tell of critical problems that are new, once, and again when they come back', () => {
    const alertsOf = createAlerts([view('a', ['unreachable', 'critical'])]);
    const change = (...instances: InstanceView[]) => alertsOf({ seq: 1, at: 0, instances }).map((alert) => `${alert.instanceId} ${alert.text.key}`);
    expect(change(view('a', ['unreachable', 'critical']))).toEqual([]);
    expect(change(view('a', ['unreachable', 'critical'], ['two-writable-members', 'critical'], ['lagging', 'warning']))).toEqual(['a problems.two-writable-members.title']);
    expect(change(view('a'))).toEqual([]);
    expect(change(view('a', ['unreachable', 'critical']), view('b', ['applier-stopped', 'critical']))).toEqual(['a problems.unreachable.title', 'b problems.applier-stopped.title']);
    expect(alertsOf({ seq: 2, at: 0, removedInstanceIds: ['b'] })).toEqual([]);
    expect(change(view('b', ['applier-stopped', 'critical']))).toHaveLength(1);
  });
});

describe('switches of debuggers', () => {
  it.each([
    [['--remote-debugging-port=9222'], '--remote-debugging-port'],
    [['--data', '/x', '--Remote-Debugging-Port=0'], '--remote-debugging-port'],
    [['-remote-debugging-pipe'], '--remote-debugging-pipe'],
    [['--inspect=0.0.0.0:9229'], '--inspect'],
    [['--inspect-brk'], '--inspect-brk'],
    [['--remote-allow-origins=*'], '--remote-allow-origins'],
    [['--data=/inspect', '--disable-gpu', '--no-sandbox'], null],
    [['--', '--inspect'], null],
    [[], null],
  ] as const)('%j: %s', (argv, found) => {
    expect(debuggingSwitch(['/opt/antipode', ...argv])).toBe(found);
  });
});
