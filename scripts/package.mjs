// npm run package: the app as a folder that runs, in release/. Arguments after "--" go to electron-builder (for example
// "--linux AppImage deb" on a connected release machine).
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale, checkout } from './lib/build.mjs';
import { main } from './lib/outcome.mjs';
import { scratchDirectory } from './setup/cache.mjs';
import { findElectron } from './setup/electron.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  await setup({ only: ['dependencies', 'system', 'electron'] });
  await buildIfStale('app');
  await buildIfStale('cli');
  const given = process.argv.slice(2);
  const electron = findElectron();
  const scratch = scratchDirectory('package');
  const options = given.length > 0 ? given : ['--dir'];
  try {
    const folderOnly = options.includes('--dir');
    // For anything but a folder the official runtime is left to the builder, which knows it for every system.
    if (folderOnly || electron.origin !== 'official') {
      process.stderr.write(
        `Packaging with Electron ${electron.version}${electron.official ? '' : ', a runtime for development and tests: do not ship the result'}.\n`,
      );
      const dist = join(scratch, 'dist');
      cpSync(electron.dist, dist, { recursive: true, preserveTimestamps: true });
      // The app takes their place.
      for (const name of ['resources/app', 'resources/default_app.asar', 'runtime.json']) rmSync(join(dist, name), { recursive: true, force: true });
      options.push(`-c.electronDist=${dist}`, `-c.electronVersion=${electron.version}`);
    }
    // A folder is what the tests drive, and they speak to the main process through this fuse; a release keeps it off.
    // `debuggable` tells the app the same of the switches that Chromium takes.
    if (given.length === 0) options.push('-c.electronFuses.enableNodeCliInspectArguments=true', '-c.extraMetadata.debuggable=true');
    const result = spawnSync(process.execPath, [
      join(checkout, 'node_modules/electron-builder/out/cli/cli.js'), '--config', 'electron-builder.yml', '--publish', 'never', ...options,
    ], {
      cwd: checkout, stdio: 'inherit', env: { ...process.env, ELECTRON_RUN_AS_NODE: '' },
    });
    return result.status ?? 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});
