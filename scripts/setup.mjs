// Makes a checkout ready to run: dependencies, system libraries, the Electron runtime, servers for practice and tests.
//   node scripts/setup.mjs [--only dependencies,system,electron,mysql-9.7,mysql-8.0,mysql-8.0.15,mysql-5.7,mysql-5.6,mariadb,mydumper,percona-toolkit]
//       [--quiet]
// Everything fetched is kept in a cache outside of the checkout. Running it again, or twice at once, does no harm.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sweepScratch } from './setup/cache.mjs';
import { provideDependencies } from './setup/dependencies.mjs';
import { provideElectron } from './setup/electron.mjs';
import { ArchiveUnavailable, createReport, SetupError } from './setup/report.mjs';
import { provideMariadb, provideMysql56, provideMysql97, provideRepackedMysql } from './setup/servers.mjs';
import { provideSystem } from './setup/system.mjs';
import { provideMydumper, providePerconaToolkit } from './setup/tools.mjs';

// In this order: the runtime for Electron uses a library of the dependencies and is tried out with the system's.
const steps = {
  dependencies: provideDependencies,
  system: provideSystem,
  electron: provideElectron,
  'mysql-9.7': provideMysql97,
  'mysql-8.0': provideRepackedMysql('mysql-8.0'),
  'mysql-8.0.15': provideRepackedMysql('mysql-8.0.15'),
  'mysql-5.7': provideRepackedMysql('mysql-5.7'),
  'mysql-5.6': provideMysql56,
  mariadb: provideMariadb,
  mydumper: provideMydumper,
  'percona-toolkit': providePerconaToolkit,
};

export const stepNames = Object.keys(steps);
/** The servers that tests run on, and the program whose dumps they import. */
export const serverSteps = stepNames.filter((name) => name.startsWith('mysql-') || ['mariadb', 'mydumper'].includes(name));
/** Only measurements need it: fetched when it is asked for. */
const onRequest = ['percona-toolkit'];

/**
 * @param {{ only?: string[], quiet?: boolean }} [options]
 * @returns {Promise<{ step: string, why: string }[]>} what is out of this machine's reach, where the rest can go on without it
 */
export async function setup({ only = stepNames.filter((name) => !onRequest.includes(name)), quiet = false } = {}) {
  const unknown = only.filter((name) => !stepNames.includes(name));
  if (unknown.length > 0) throw new SetupError('options', `no such step: ${unknown.join(', ')}`, `The steps are: ${stepNames.join(', ')}.`);
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new SetupError('node', `Node.js ${process.versions.node} is too old`, 'Install Node.js 20.19 or newer.');
  }
  const report = createReport({ quiet });
  sweepScratch();
  const unavailable = [];
  for (const name of stepNames.filter((step) => only.includes(step))) {
    try {
      await steps[name](report);
    } catch (error) {
      if (!(error instanceof ArchiveUnavailable)) throw error;
      report.warn(`${name} is not to be had here: ${error.reason}\n  ${error.cure}`);
      unavailable.push({ step: name, why: error.reason });
    }
  }
  return unavailable;
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
