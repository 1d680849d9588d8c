// How much later than an empty window of the same runtime the app can be used, with a thousand servers that are read from its first moment
// on: from the start of the process to the tree and the table with their rows, and to the first letter typed into the search. Run by
// `npm run bench -- start`; ANTIPODE_BENCH_SERVERS=1000 and ANTIPODE_BENCH_RUNS=5 choose.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type Page } from 'playwright';
import { appFolder, displayName, driverLoader, stopDisplay } from '../e2e/app';
import { fill, recording } from './scripted-fleet';
import { median, shown } from './seed-tools';

export const needs = ['electron', 'mysql-9.7'];

const count = Number(process.env['ANTIPODE_BENCH_SERVERS'] ?? '1000');
const runs = Number(process.env['ANTIPODE_BENCH_RUNS'] ?? '5');
/** What the product is held to, seconds. */
const most = 0.4;
const passphrase = 'a passphrase of the bench';

interface Bridge {
  call(method: string, input: unknown, callId: string): Promise<{ readonly ok: boolean; readonly value?: unknown; readonly error?: unknown }>;
}
declare const window: Window & { readonly api: Bridge };

async function ask(page: Page, method: string, input?: unknown): Promise<unknown> {
  const answer = await page.evaluate(([name, argument]) => window.api.call(name, argument, crypto.randomUUID()), [method, input] as const);
  if (!answer.ok) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
  return answer.value;
}

interface Opened {
  readonly page: Page;
  close(): Promise<void>;
}

/** A program of this runtime, and its first window. */
async function open(program: string, folder: string, args: readonly string[]): Promise<Opened> {
  const display = await displayName();
  const env = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== 'ELECTRON_RUN_AS_NODE'));
  const electron = await _electron.launch({
    executablePath: program, env: { ...env, ...(display === null ? {} : { DISPLAY: display }) },
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '-r', driverLoader(), folder, ...args],
  });
  return { page: await electron.firstWindow(), close: () => electron.close() };
}

/** Passwords of all servers, kept as somebody keeps them who has no keyring. */
async function register(program: string, data: string): Promise<void> {
  const app = await open(program, appFolder, ['--data', data]);
  try {
    await app.page.waitForFunction(() => 'api' in window);
    await ask(app.page, 'secrets.choose', { tier: 'passphrase', passphrase });
    const { instances } = (await ask(app.page, 'fleet.snapshot')) as { readonly instances: readonly { readonly instance: { readonly id: string } }[] };
    for (const { instance } of instances) await ask(app.page, 'fleet.setPassword', { id: instance.id, password: 'secret' });
  } finally {
    await app.close();
  }
}

function emptyProgram(folder: string): string {
  writeFileSync(join(folder, 'package.json'), '{"name":"empty-window","main":"main.cjs"}');
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Empty</title><input id="tree-search"><p role="treeitem">Empty</p>');
  writeFileSync(join(folder, 'main.cjs'), `const { app, BrowserWindow } = require('electron');
app.whenReady().then(() => new BrowserWindow({ width: 1280, height: 800 }).loadFile(require('node:path').join(__dirname, 'index.html')));`);
  return folder;
}

/** The passphrase is given as soon as somebody could: from then on all of them are read. */
async function unlocked(page: Page): Promise<void> {
  await page.waitForFunction(() => 'api' in window);
  await ask(page, 'secrets.unlock', { passphrase });
}

interface Times {
  readonly rows: number;
  readonly typed: number;
}

/** Seconds from the start of the process until rows are painted, and until a letter in the search is. */
async function timed(opening: () => Promise<Opened>, meanwhile: (page: Page) => Promise<void>): Promise<Times> {
  const began = performance.now();
  const opened = await opening();
  try {
    const { page } = opened;
    const other = meanwhile(page);
    await page.waitForFunction(() => document.querySelector('[role=treeitem]') !== null && document.querySelector('#tree-search') !== null, null, { polling: 'raf' });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    const rows = (performance.now() - began) / 1000;
    await page.locator('#tree-search').press('0');
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    const typed = (performance.now() - began) / 1000;
    await other;
    return { rows, typed };
  } finally {
    await opened.close();
  }
}

export default async function start({ electron: program }: { readonly electron?: string | undefined }): Promise<void> {
  if (program === undefined) throw new Error('there is no Electron runtime yet: npm run setup');
  const answers = await recording();
  const folder = mkdtempSync(join(tmpdir(), 'antipode-start-'));
  const script = join(folder, 'answers.json');
  writeFileSync(script, JSON.stringify(answers));
  const servers = fork(join(import.meta.dirname, 'scripted-servers.mjs'), [script]);
  try {
    const [{ port }] = (await once(servers, 'message')) as [{ readonly port: number }];
    const data = join(folder, 'data');
    fill(data, count, port, 5);
    await register(program, data);
    const empty = emptyProgram(mkdtempSync(join(folder, 'empty-')));
    const ours: Times[] = [];
    const theirs: Times[] = [];
    for (let run = 0; run < runs; run += 1) {
      theirs.push(await timed(() => open(program, empty, []), () => Promise.resolve()));
      ours.push(await timed(() => open(program, appFolder, ['--data', data]), unlocked));
    }
    const told = (name: keyof Times, what: string): void => {
      const [mine, other] = [ours.map((one) => one[name]), theirs.map((one) => one[name])];
      const more = median(mine) - median(other);
      console.log(`  ${what.padEnd(18)} ${shown(mine, 2)}, an empty window ${shown(other, 2)}: ${more.toFixed(2)} s more   at most ${String(most)} s: ${more <= most ? 'met' : 'MISSED'}`);
    };
    console.log(`the app with ${String(count)} servers, ${String(runs)} starts, each beside one of an empty window`);
    told('rows', 'rows are shown:');
    told('typed', 'a letter is shown:');
  } finally {
    servers.kill();
    await stopDisplay();
    rmSync(folder, { recursive: true, force: true });
  }
}
