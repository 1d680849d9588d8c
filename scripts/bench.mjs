// npm run bench: measurements on real servers.
//   npm run bench -- [name …]    runs test/bench/<name>.bench.ts, or all of them; each exports `default async function`
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildIfStale, checkout } from './lib/build.mjs';
import { main } from './lib/outcome.mjs';
import { setup } from './setup.mjs';
import { findElectron } from './setup/electron.mjs';
import { readMydumper, readPerconaToolkit } from './setup/tools.mjs';

await main(async () => {
  await setup({ only: ['dependencies', 'mysql-9.7', 'mysql-5.6'] });
  const folder = join(checkout, 'test/bench');
  const there = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.bench.ts')).map((name) => basename(name, '.bench.ts')).sort() : [];
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !there.includes(name));
  if (unknown.length > 0) throw new Error(`No such measurement: ${unknown.join(', ')}. There are: ${there.join(', ') || 'none'}.`);
  await buildIfStale('cli');
  // Only there once the dependencies are.
  const { runnerImport } = await import('vite');
  for (const name of asked.length > 0 ? asked : there) {
    process.stdout.write(`\n── ${name} ──\n`);
    const { module } = await runnerImport(join(folder, `${name}.bench.ts`), {
      configFile: false,
      root: checkout,
      logLevel: 'warn',
      resolve: { alias: { electron: join(checkout, 'electron/storage/without-electron.ts') } },
      // It asks for "electron" itself, and has to be given the stand-in as well.
      environments: { inline: { resolve: { noExternal: ['electron-store'] } } },
    });
    if (module.needs !== undefined) await setup({ only: module.needs });
    // What it is measured beside where that is to be had; where not, the measurement says so.
    for (const wanted of module.wants ?? []) await setup({ only: [wanted] }).catch((error) => process.stdout.write(`${wanted}: ${error.message}\n`));
    await module.default({ mydumper: readMydumper(), perconaToolkit: readPerconaToolkit(), electron: findElectron()?.executable });
  }
  // Connections of a measurement that was cut short must not keep the script from ending.
  setTimeout(() => process.exit(), 1_000).unref();
});
