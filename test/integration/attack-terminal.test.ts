// The terminal to its end: its object is whole through a slow reader, a reader that goes away ends nothing, and what nobody caught is
// told as an object too, with the tasks left to be recovered.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { play, stopPlaying } from '../fixtures/greeting';

const program = fileURLToPath(new URL('../../out/cli/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'antipode-pipe-'));
const regions = 4_000;

function start(words: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [program, '--data', folder, '--json', ...words], { env: { ...process.env, LANG: 'en_US.UTF-8', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

const ended = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => void child.once('exit', resolve));

async function finished(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => { said.stdout += chunk.toString(); });
  child.stderr?.on('data', (chunk: Buffer) => { said.stderr += chunk.toString(); });
  const code = await new Promise<number | null>((resolve) => void child.once('close', resolve));
  return { code, ...said };
}

beforeAll(async () => {
  const file = join(folder, 'fleet.json');
  writeFileSync(file, JSON.stringify({ format: 'antipode-inventory', version: 1, regions: Array.from({ length: regions }, (_, index) => `region ${String(index)} ${'x'.repeat(40)}`), projects: [], instances: [] }));
  expect((await finished(start(['inventory', 'import', file]))).code).toBe(0);
});
afterAll(() => {
  stopPlaying();
  rmSync(folder, { recursive: true, force: true });
});

describe('a reader of the terminal', () => {
  it('that is slow gets the whole object', async () => {
    const child = start(['region', 'list']);
    const exit = ended(child);
    const pieces: Buffer[] = [];
    // Nothing is taken before the pipe is full, and then a little at a time.
    await new Promise((resolve) => void child.stdout?.once('readable', resolve));
    for await (const piece of child.stdout!.iterator({ destroyOnReturn: false })) {
      pieces.push(piece as Buffer);
      if (pieces.length < 20) await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
    expect(await exit).toBe(0);
    const text = Buffer.concat(pieces).toString();
    expect(text.length).toBeGreaterThan(4 * 64 * 1024);
    expect((JSON.parse(text) as { regions: unknown[] }).regions).toHaveLength(regions);
  });

  it('that goes away ends it without a fault', async () => {
    const child = start(['region', 'list']);
    const stderr: Buffer[] = [];
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect(await ended(child)).toBe(0);
    expect(Buffer.concat(stderr).toString()).toBe('');
  });
});

describe('a fault that nobody caught', () => {
  /** It happens a moment after the command has asked for its first connection: by then it is at work, on a slow machine too. */
  const planted = (code: string): NodeJS.ProcessEnv => {
    const module = `import { Socket } from 'node:net'; const { connect } = Socket.prototype; Socket.prototype.connect = function (...given) { setTimeout(() => { ${code} }, 100); return connect.apply(this, given); };`;
    return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(module)}`, ANTIPODE_PASSWORD_SILENT: 'p' };
  };

  it.each([
    ['an exception', 'throw new TypeError("planted")'],
    ['a rejection', 'Promise.reject(new TypeError("planted"))'],
    ['two of them', 'Promise.reject(new TypeError("planted")); throw new TypeError("planted too")'],
  ])('%s is told as an object, and where it came from', async (_what, code) => {
    // A server that takes connections and says nothing keeps the command at work.
    const silent = await play(() => undefined);
    const child = start(['instance', 'add', 'silent', '--region', `region 1 ${'x'.repeat(40)}`, '--host', silent.host, '--port', String(silent.port), '--user', 'u', '--password-env', 'ANTIPODE_PASSWORD_SILENT', '--tls', 'off'], planted(code));
    const { code: exit, stdout, stderr } = await finished(child);
    expect(exit).toBe(1);
    const answer = JSON.parse(stdout) as { ok: boolean; error: { code: string; detail: string } };
    expect(answer).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(answer.error.detail).toContain('planted');
    expect(stderr).toContain('planted');
  });
});
