// A child of `npm test -- --busy`: keeps one core busy, or the disk, until its parent ends it or is gone.
//   node load.mjs core
//   node load.mjs disk FOLDER
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const MIB = 1024 * 1024;
const FILE_BYTES = 128 * MIB;
const SPIN_MS = 50;

const [what, folder = ''] = process.argv.slice(2);
const slices = { core: spin, disk: writeAndDelete };

function spin() {
  const until = performance.now() + SPIN_MS;
  let x = 1;
  while (performance.now() < until) for (let i = 0; i < 10_000; i++) x = (x * 1103515245 + 12345) % 2147483648;
  return x;
}

const block = Buffer.alloc(MIB, 0xa5);
let written = 0;
let file = -1;
const path = join(folder, 'load');

// A slice writes one block only, so that the end of the parent is noticed soon on a slow disk as well.
function writeAndDelete() {
  if (file === -1) file = openSync(path, 'w', 0o600);
  written += writeSync(file, block);
  fsyncSync(file);
  if (written < FILE_BYTES) return;
  closeSync(file);
  rmSync(path, { force: true });
  file = -1;
  written = 0;
}

// The pipe from the parent closes with it, however it ended.
process.stdin.on('end', () => {
  if (what === 'disk') rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
process.stdin.resume();
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => { /* a terminal's Ctrl-C reaches the whole group: the parent ends us */ });

function run() {
  slices[what]();
  setImmediate(run);
}
run();
