// Makes a checkout ready to run: dependencies, system libraries, the Electron runtime, servers for practice and tests.
//   node scripts/setup.mjs [--only dependencies,system,electron,mysql-9.7,mysql-5.6,mariadb,mydumper] [--quiet]
// Everything fetched is kept in a cache outside of the checkout. Running it again, or twice at once, does no harm.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sweepScratch } from './setup/cache.mjs';
import { provideDependencies } from './setup/dependencies.mjs';
import { provideElectron } from './setup/electron.mjs';
import { createReport, SetupError } from './setup/report.mjs';
import { provideMariadb, provideMysql56, provideMysql97 } from './setup/servers.mjs';
import { provideSystem } from './setup/system.mjs';
import { provideMydumper } from './setup/tools.mjs';

// In this order: the runtime for Electron uses a library of the dependencies and is tried out with the system's.
const steps = {
  dependencies: provideDependencies,
  system: provideSystem,
  electron: provideElectron,
  'mysql-9.7': provideMysql97,
  'mysql-5.6': provideMysql56,
  mariadb: provideMariadb,
  mydumper: provideMydumper,
};

export const stepNames = Object.keys(steps);
/** Only measurements need these: fetched when they are asked for. */
const onRequest = ['mydumper'];

/**
 * @param {{ only?: string[], quiet?: boolean }} [options]
 * @returns {Promise<void>}
 */
export async function setup({ only = stepNames.filter((name) => !onRequest.includes(name)), quiet = false } = {}) {
  const unknown = only.filter((name) => !stepNames.includes(name));
  if (unknown.length > 0) throw new SetupError('options', `no such step: ${unknown.join(', ')}`, `The steps are: ${stepNames.join(', ')}.`);
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new SetupError('node', `Node.js ${process.versions.node} is too old`, 'Install Node.js 20.19 or newer.');
  }
  const report = createReport({ quiet });
  sweepScratch();
  for (const name of stepNames) if (only.includes(name)) await steps[name](report);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string' }, quiet: { type: 'boolean', default: false } } });
    await setup({ quiet: values.quiet, ...(values.only ? { only: values.only.split(',').map((name) => name.trim()) } : {}) });
    if (!values.quiet) process.stderr.write('[setup] everything is in place\n');
  } catch (error) {
    process.stderr.write(`${error instanceof SetupError ? error.message : (error?.stack ?? error)}\n`);
    process.exitCode = 1;
  }
}
