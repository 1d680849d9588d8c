import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backupCommands } from '../../../electron/cli/backup-commands';
import { runTerminal } from '../../../electron/cli/program';
import type { Run, Start } from '../../../electron/cli/run';
import type { TaskView } from '../../../shared/domain/tasks/task';
import { failure, type AppError } from '../../../shared/errors/codes';
import { translator } from '../../../shared/i18n/translate';

/** What a command says of a task that ended so: its lines and its error. */
async function saidOf(command: 'verify' | 'prove', ended: Pick<TaskView, 'state' | 'error'>): Promise<{ lines: readonly string[]; ok: boolean | null; error: AppError | null }> {
  const lines: string[] = [];
  let ok: boolean | null = null;
  const task = { id: 't', name: 'b', steps: [], ...ended };
  const run = {
    call: () => Promise.resolve(task), signal: new AbortController().signal,
    engine: { tasks: { onChange: () => () => undefined, whenEnded: () => Promise.resolve(task) } },
    out: {
      json: false, t: translator('en'), line: (text: string) => { lines.push(text); }, progress: () => undefined,
      result: (value: { ok: boolean }, human: () => void) => { ok = value.ok; human(); },
    },
  } as unknown as Run;
  const start: Start = (action) => async (...given) => { await action(run, ...given); };
  const program = new Command().exitOverride();
  backupCommands(program, start);
  try {
    await program.parseAsync(['backup', command, 'b-1'], { from: 'user' });
    return { lines, ok, error: null };
  } catch (thrown) {
    return { lines, ok, error: (thrown as { error: AppError }).error };
  }
}

describe.each(['verify', 'prove'] as const)('backup %s', (command) => {
  it('says that it is good of one that was looked through to its end, and of no other', async () => {
    expect(await saidOf(command, { state: 'done', error: null })).toMatchObject({ ok: true, lines: [expect.stringContaining('b-1')], error: null });
    expect(await saidOf(command, { state: 'cancelled', error: null })).toMatchObject({ ok: null, lines: [], error: { code: 'cancelled' } });
    const full = failure('storage-full', { file: 'x' }).error;
    expect(await saidOf(command, { state: 'failed', error: full })).toMatchObject({ ok: null, lines: [], error: full });
  });
});

describe('what an argument has to be', () => {
  const ended = async (...given: readonly string[]): Promise<{ code: number; said: string }> => {
    const folder = mkdtempSync(join(tmpdir(), 'arguments-'));
    const said: string[] = [];
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    try {
      return { code: await runTerminal(['--data', folder, '--lang', 'en', ...given.map((word) => word.replace('FOLDER', folder))]), said: said.join('') };
    } finally {
      vi.restoreAllMocks();
      rmSync(folder, { recursive: true, force: true });
    }
  };

  it('is said of a moment to restore to', async () => {
    for (const until of ['nonsense', '620f3520-3f71-4793-9d1a-12ee08b3eb90:1-2', '620f3520-3f71-4793-9d1a-12ee08b3eb90']) {
      expect(await ended('backup', 'restore', 'x', '--into', 'y', '--until', until)).toMatchObject({ code: 2, said: expect.stringContaining('UUID:N | latest') });
    }
    expect((await ended('backup', 'restore', 'x', '--into', 'y', '--until', ' 620F3520-3f71-4793-9d1a-12ee08b3eb90:7')).said).toContain('"y"');
  });

  it('is said of a folder to look for backups in, which is not made', async () => {
    expect(await ended('backup', 'list', '--from', 'FOLDER/none')).toMatchObject({ code: 2, said: expect.stringContaining('none') });
    expect(await ended('backup', 'list', '--from', 'FOLDER')).toMatchObject({ code: 0, said: '' });
  });
});

describe('a command that runs on in the background', () => {
  const program = process.argv[1] ?? '';
  let folder: string;
  let said: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'background-'));
    said = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  });
  afterEach(() => { process.argv[1] = program; vi.restoreAllMocks(); rmSync(folder, { recursive: true, force: true }); });

  /** A backup of an instance by the name of a command, with this in the place of the program that runs on. */
  async function inBackground(source: string): Promise<number> {
    const file = join(folder, 'inventory.json');
    writeFileSync(file, JSON.stringify({
      format: 'antipode-inventory', version: 1, exportedAt: '2026-01-01T00:00:00.000Z', regions: ['South'], projects: [],
      instances: [{
        name: 'backup', region: 'South', project: null, admin: { host: '127.0.0.1', port: 1 }, replication: null, user: 'u', tls: { mode: 'off', ca: null },
        note: { owner: '', hourlyCost: '', text: '' }, serverUuid: null, follows: null,
      }],
    }));
    const data = join(folder, 'backup');
    expect(await runTerminal(['--data', data, 'inventory', 'import', file])).toBe(0);
    said.length = 0;
    process.argv[1] = join(folder, 'program.mjs');
    writeFileSync(process.argv[1], `import { writeFileSync } from 'node:fs';\n${source.replaceAll('FILE', JSON.stringify(join(folder, 'written')))}`);
    return runTerminal(['--data', data, '--lang', 'en', 'backup', 'create', 'backup', '--scope', 'a.b', '--to', 'verify']);
  }
  const written = (): string => readFileSync(join(folder, 'written'), 'utf8');

  it('is given what was said behind its name, whatever the options before it hold', async () => {
    expect(await inBackground('writeFileSync(FILE, JSON.stringify(process.argv.slice(2)));')).toBe(0);
    const words = JSON.parse(written()) as string[];
    expect(words.slice(words.indexOf('--passwords-stdin') + 1)).toEqual(['backup', 'create', 'backup', '--scope', 'a.b', '--to', 'verify', '--wait']);
    expect(said.join('')).toContain(join(folder, 'backup', 'logs'));
  });

  it('lives on once it is under way, without the one that started it', async () => {
    const waits = `process.send('under-way'); process.once('disconnect', () => { writeFileSync(FILE, 'alone'); });`;
    expect(await inBackground(`${waits} setInterval(() => { if (!process.connected) process.exit(0); }, 20);`)).toBe(0);
    await vi.waitFor(() => expect(written()).toBe('alone'), { timeout: 25_000, interval: 20 });
    expect(said.join('')).toContain('in the background');
  });

  it('is not told as begun where it ends before: its error and its exit code are told', async () => {
    const result = JSON.stringify({ ok: false, error: { code: 'storage-full', params: { file: 'x' } } }, null, 2);
    expect(await inBackground(`console.error('running  a step\\n{'); console.log(${JSON.stringify(result)}); process.exitCode = 3;`)).toBe(3);
    expect(said.join('')).toContain('x could not be written');
    expect(said.join('')).not.toContain('in the background, process');
  });

  it('is not told as begun where it ends before without a word', async () => {
    expect(await inBackground('process.exit(4);')).toBe(4);
    expect(said.join('')).toContain('with exit code 4');
  });

  it('has failed where it was killed before', async () => {
    expect(await inBackground("process.kill(process.pid, 'SIGKILL');")).toBe(1);
  });
});
