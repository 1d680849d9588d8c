// npm run demo: three real MySQL servers on this machine, a ready inventory, the app open on it. Ctrl-C leaves nothing running.
//   npm run demo -- [--screenshots DIR] [--lang en|zh-CN] [--mysql 9.7|5.6] [--servers N] [--keep]
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfStale, checkout, cliProgram } from './lib/build.mjs';
import { provideDisplay } from './lib/display.mjs';
import { endChild, startApp } from './lib/electron-app.mjs';
import { main, onStop } from './lib/outcome.mjs';
import { cacheRoot } from './setup/cache.mjs';
import { setup } from './setup.mjs';

const say = (text) => process.stderr.write(`[demo] ${text}\n`);

/** A process of this demo; in a group of its own, so that Ctrl-C reaches it through us and in order. */
function startNode(args, { env = {}, stdio = 'inherit' } = {}) {
  const child = spawn(process.execPath, args, { stdio, env: { ...process.env, ...env }, detached: true });
  const ended = new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code, signal) => done(signal ? 130 : (code ?? 1)));
  });
  return { child, ended };
}

/** The terminal program on a data folder. */
const antipode = (data, args, options) => startNode([cliProgram, '--data', data, ...args], options);

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Ends the servers of a demo and deletes its data, whatever its inventory and tasks say: they go as well. */
async function removeDemo(data) {
  if (existsSync(join(data, 'lab'))) {
    const { runnerImport } = await import('vite');
    const { module } = await runnerImport(join(checkout, 'electron/lab/lab.ts'), { configFile: false, root: checkout, logLevel: 'error' });
    await new module.Lab(data).remove();
  }
  rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

// A demo that was killed could not tidy up after itself: the next one does.
async function removeAbandoned(parent) {
  for (const name of existsSync(parent) ? readdirSync(parent) : []) {
    const data = join(parent, name);
    let owner = 0;
    try {
      owner = Number(readFileSync(join(data, 'demo.pid'), 'utf8'));
    } catch { /* interrupted before it was noted */ }
    if (owner > 0 && isAlive(owner)) continue;
    say('removing what an interrupted demo left behind');
    await removeDemo(data).catch((error) => say(`could not remove ${data}: ${error.message}`));
  }
}

await main(async () => {
  const { values } = parseArgs({
    options: {
      screenshots: { type: 'string' },
      lang: { type: 'string' },
      mysql: { type: 'string', default: '9.7' },
      servers: { type: 'string', default: '3' },
      keep: { type: 'boolean', default: false },
    },
  });
  let stopping = false;
  let current;
  onStop(() => {
    stopping = true;
    say('stopping …');
    if (current) void endChild(current);
  });

  await setup({ only: ['dependencies', 'system', 'electron', `mysql-${values.mysql}`] });
  await buildIfStale('cli');
  await buildIfStale('app');
  const parent = join(cacheRoot(), 'demo');
  await removeAbandoned(parent);
  if (stopping) return 130;

  const data = join(parent, `${Date.now()}-${process.pid}`);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(join(data, 'demo.pid'), String(process.pid));
  let display;
  try {
    say(`starting ${values.servers} MySQL servers, the first with a sample schema under load`);
    current = antipode(data, ['lab', 'up', '--servers', values.servers, '--mysql', values.mysql]);
    const started = await current.ended;
    if (stopping) return 130;
    if (started !== 0) throw new Error(`The servers could not be started (exit code ${started}).`);
    display = await provideDisplay(values.screenshots === undefined ? { once: true } : { always: true });
    if (display.virtual) say(`no display is used: the app runs on a virtual one (${display.env.DISPLAY})`);
    // The app follows the language of the system unless its user chose one.
    const language = values.lang
      ? { LANGUAGE: values.lang.replace('-', '_'), LANG: `${values.lang === 'en' ? 'en_US' : values.lang.replace('-', '_')}.UTF-8` }
      : {};
    if (values.screenshots !== undefined) {
      const target = resolve(process.env.INIT_CWD ?? '.', values.screenshots);
      const script = fileURLToPath(new URL('./screenshots.mjs', import.meta.url));
      current = startNode([script, '--data', data, '--to', target], { env: { ...display.env, ...language, ANTIPODE_SCREENSHOTS: target } });
    } else {
      current = startApp(['--data', data], { ...display.env, ...language });
      say('the app is open; close it or press Ctrl-C to end the demo');
    }
    const code = await current.ended;
    return stopping ? 130 : code;
  } finally {
    display?.stop();
    if (values.keep) say(`the servers go on; end them with: npm run -s antipode -- --data ${data} lab remove`);
    else {
      say('ending the servers');
      await removeDemo(data);
      say('nothing is left running');
    }
  }
});
