import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openAuditLog } from '../../../electron/storage/audit';
import { openDocument } from '../../../electron/storage/document';
import { withLockFile } from '../../../electron/storage/lock-file';
import { openSettings } from '../../../electron/storage/settings';
import { storageFailure } from '../../../electron/storage/storage-failure';
import { Failure } from '../../../shared/errors/codes';
import { defaultSettings } from '../../../shared/domain/settings';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-storage-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

const schema = v.object({ title: v.string(), items: v.array(v.object({ name: v.string(), size: v.number() })), byKey: v.record(v.string(), v.number()) });
const empty = { title: 'none', items: [], byKey: {} };
const open = (version = 1) => openDocument({ dataFolder: folder, name: 'things', version, schema, empty, migrations: { 2: (old) => ({ ...old, title: `${String(old['title'])}!` }) } });
const path = (name = 'things.json') => join(folder, name);
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof Failure ? error.error.code : String(error);
  }
  return 'nothing thrown';
};

describe('a document', () => {
  it('starts empty, writes nothing by being read, and is found again', () => {
    const document = open();
    expect(document.get()).toEqual(empty);
    expect(existsSync(path())).toBe(false);
    document.set({ title: 'a', items: [{ name: 'x', size: 1 }], byKey: { k: 2 } });
    expect(open().get()).toEqual({ title: 'a', items: [{ name: 'x', size: 1 }], byKey: { k: 2 } });
    expect(statSync(path()).mode & 0o077).toBe(0);
  });

  it('sets broken records aside with the reason and keeps the others', () => {
    writeFileSync(path(), JSON.stringify({ version: 1, title: 'a', items: [{ name: 'good', size: 1 }, { name: 'bad', size: 'big' }, null], byKey: { one: 1, two: 'zwei' } }));
    const document = open();
    expect(document.get()).toEqual({ title: 'a', items: [{ name: 'good', size: 1 }], byKey: { one: 1 } });
    expect(document.quarantined).toEqual(['bad (things.quarantine.jsonl)', 'items[2] (things.quarantine.jsonl)', 'two (things.quarantine.jsonl)']);
    const lines = readFileSync(path('things.quarantine.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => line['reason'])).toEqual(['size: expected number', 'items[2]: expected Object', 'byKey.two: expected number']);
    expect(lines[0]?.['record']).toEqual({ name: 'bad', size: 'big' });
    // Moved, not copied again at every start.
    expect(open().quarantined).toEqual([]);
    expect(readFileSync(path('things.quarantine.jsonl'), 'utf8').trim().split('\n')).toHaveLength(3);
  });

  it.each([['cut in half', '{"version":1,"title":"a","items":[{"na'], ['empty', ''], ['something else', '[1,2]'], ['without a version', '{"title":"a"}']])('sets a file aside that is %s, and says so', (_what, text) => {
    writeFileSync(path(), text);
    const document = open();
    expect(document.get()).toEqual(empty);
    const [kept] = document.quarantined;
    expect(kept).toMatch(/^things\.broken-.*\.json$/);
    expect(readFileSync(path(kept), 'utf8')).toBe(text);
    document.set({ ...empty, title: 'new' });
    expect(readFileSync(path(kept), 'utf8')).toBe(text);
    expect(open().setAside()).toEqual([kept]);
  });

  it('refuses a file of a newer version and does not touch it', () => {
    const text = JSON.stringify({ version: 3, title: 'from the future', extra: true });
    writeFileSync(path(), text);
    const before = statSync(path(), { bigint: true });
    expect(codeOf(() => open())).toBe('inventory-newer');
    expect(readFileSync(path(), 'utf8')).toBe(text);
    expect(statSync(path(), { bigint: true }).mtimeNs).toBe(before.mtimeNs);
    expect(readdirSync(folder)).toEqual(['things.json']);
  });

  it('refuses to write over a file that a newer version wrote while it ran', () => {
    const document = open();
    document.set({ ...empty, title: 'mine' });
    const text = JSON.stringify({ version: 9, title: 'theirs' });
    writeFileSync(path(), text);
    expect(document.get().title).toBe('mine');
    expect(codeOf(() => document.set({ ...empty, title: 'again' }))).toBe('inventory-newer');
    expect(readFileSync(path(), 'utf8')).toBe(text);
  });

  it('migrates an older form and keeps the file as it was', () => {
    const text = JSON.stringify({ version: 1, title: 'old', items: [] });
    writeFileSync(path(), text);
    expect(open(2).get().title).toBe('old!');
    expect(readFileSync(path('things.v1.json'), 'utf8')).toBe(text);
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toMatchObject({ version: 2, title: 'old!' });
  });

  it('sees what another process wrote, and changes that, not its own older copy', () => {
    const [desktop, terminal] = [open(), open()];
    desktop.set({ ...empty, title: 'first' });
    terminal.update((value) => ({ ...value, items: [{ name: 'theirs', size: 1 }] }));
    desktop.update((value) => ({ ...value, title: 'second' }));
    expect(terminal.get()).toEqual({ title: 'second', items: [{ name: 'theirs', size: 1 }], byKey: {} });
    expect(terminal.get()).toBe(terminal.get());
  });

  it('keeps what it knows when the file is cut in half under its hands', () => {
    const document = open();
    document.set({ ...empty, title: 'known' });
    writeFileSync(path(), '{"version":1,"ti');
    expect(document.get().title).toBe('known');
    expect(open().get().title).toBe('known');
    expect(document.quarantined).toHaveLength(1);
  });

  it('does not write what its own schema refuses', () => {
    const document = open();
    document.set({ ...empty, title: 'good' });
    expect(codeOf(() => document.set({ ...empty, title: 7 as unknown as string }))).toBe('internal');
    expect(open().get().title).toBe('good');
  });

  it('calls a full disk full', () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    expect(storageFailure(full, '/somewhere/things.json').error).toMatchObject({ code: 'storage-full', params: { file: 'things.json' } });
  });
});

const canMount = (() => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const probe = mkdtempSync(join(tmpdir(), 'antipode-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
})();

// A small disk of its own can be mounted by root only.
if (canMount) describe('on a disk that is full', () => {
  beforeEach(() => { execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]); });
  afterEach(() => { execFileSync('umount', [folder]); });

  it('says so, and the document stays as it was', () => {
    const document = open();
    document.set({ ...empty, title: 'safe' });
    const huge = Array.from({ length: 5000 }, (_none, index) => ({ name: `item number ${index}`, size: index }));
    expect(codeOf(() => document.set({ ...empty, items: huge }))).toBe('storage-full');
    expect(document.get().title).toBe('safe');
    expect(open().get().title).toBe('safe');
    document.set({ ...empty, title: 'goes on' });
    expect(open().get().title).toBe('goes on');
  });
});

it('brings back the state before when a crash cut its replacement in half', () => {
  open().set({ ...empty, title: 'before' });
  renameSync(path(), path('things.json.previous'));
  writeFileSync(path(), '{"version":1,"title":"aft');
  const document = open();
  expect(document.get().title).toBe('before');
  expect(document.quarantined).toHaveLength(1);
  expect(open().get().title).toBe('before');
});

describe('the lock file', () => {
  it('breaks the lock of a process that has died', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const pid = child.pid;
    await new Promise((resolve) => { child.once('exit', resolve); });
    const { hostname } = await import('node:os');
    writeFileSync(path('things.lock'), JSON.stringify({ pid, host: hostname(), since: Date.now() }));
    expect(withLockFile(path('things.lock'), () => 'ran')).toBe('ran');
    expect(existsSync(path('things.lock'))).toBe(false);
  });

  it('waits for a living holder, and in the end names it', async () => {
    const { hostname } = await import('node:os');
    writeFileSync(path('things.lock'), JSON.stringify({ pid: process.pid, host: hostname(), since: Date.now() }));
    // It waits without giving way to anything else, so its clock runs twenty times as fast.
    const now = Date.now;
    const before = now();
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => before + 20 * (now() - before));
    expect(codeOf(() => withLockFile(path('things.lock'), () => 'ran'))).toBe('data-folder-busy');
    expect(Date.now() - before).toBeGreaterThan(4_000);
    clock.mockRestore();
    expect(existsSync(path('things.lock'))).toBe(true);
  });

  it('is released when the change throws', () => {
    const document = open();
    expect(() => document.update(() => { throw new Error('no'); })).toThrow('no');
    expect(document.set({ ...empty, title: 'after' }).title).toBe('after');
  });
});

describe('the audit log', () => {
  const log = () => openAuditLog({ dataFolder: folder, front: 'terminal', now: () => 1_700_000_000_000 });
  const entry = { action: 'instance.add', target: 'orders', outcome: 'done', detail: { host: 'db1' } } as const;

  it('only ever grows, lists the newest first, and names who', () => {
    log().append(entry);
    const first = readFileSync(path('audit.jsonl'), 'utf8');
    log().append({ ...entry, target: 'crm', outcome: 'refused' });
    expect(readFileSync(path('audit.jsonl'), 'utf8').startsWith(first)).toBe(true);
    expect(log().list(10).map((one) => one.target)).toEqual(['crm', 'orders']);
    expect(log().list(1)).toHaveLength(1);
    expect(log().list(1)[0]?.actor).toMatch(/^.+@.+$/);
  });

  it('passes over a line that a crash has torn, and starts the next one on a line of its own', () => {
    log().append(entry);
    appendFileSync(path('audit.jsonl'), '{"at":17000,"actor":"me');
    expect(log().list(10).map((one) => one.target)).toEqual(['orders']);
    log().append({ ...entry, target: 'after' });
    expect(log().list(10).map((one) => one.target)).toEqual(['after', 'orders']);
  });

  it('reads the end of a long log across its blocks', () => {
    const audit = log();
    for (let index = 0; index < 900; index++) audit.append({ ...entry, target: `灾备-${index}`, detail: { filler: 'x'.repeat(200) } });
    expect(audit.list(900).map((one) => one.target)).toEqual(Array.from({ length: 900 }, (_none, index) => `灾备-${899 - index}`));
    expect(audit.list(3).map((one) => one.target)).toEqual(['灾备-899', '灾备-898', '灾备-897']);
  });

  it('exports a table that no spreadsheet takes for formulas, and JSON', () => {
    log().append({ ...entry, target: '=HYPERLINK("http://x")', detail: { text: 'a "quoted" word' } });
    log().append({ ...entry, target: '+1' });
    const csv = log().export('csv').split('\r\n');
    expect(csv[0]).toBe('"at","actor","front","action","target","outcome","detail"');
    expect(csv[1]).toContain('"\'=HYPERLINK(""http://x"")"');
    expect(csv[1]).toContain('"2023-11-14T22:13:20.000Z"');
    expect(csv[2]).toContain('"\'+1"');
    expect((JSON.parse(log().export('json')) as { target: string }[]).map((one) => one.target)).toEqual(['=HYPERLINK("http://x")', '+1']);
  });
});

describe('the settings', () => {
  it('start with their defaults, change one by one, and tell their listeners', () => {
    const settings = openSettings(folder);
    expect(settings.get()).toEqual(defaultSettings);
    const seen: number[] = [];
    settings.onChange((now) => seen.push(now.pollSeconds));
    settings.set({ pollSeconds: 5 });
    expect(openSettings(folder).get()).toEqual({ ...defaultSettings, pollSeconds: 5 });
    expect(seen).toEqual([5]);
  });

  it('take a setting on disk that is out of bounds for not set', () => {
    writeFileSync(path('settings.json'), JSON.stringify({ version: 1, ...defaultSettings, theme: 'dark', pollSeconds: 0.001 }));
    expect(openSettings(folder).get()).toEqual({ ...defaultSettings, theme: 'dark' });
  });
});
