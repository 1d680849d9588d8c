import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SetupError } from './report.mjs';
import { npm, run, tail } from './run.mjs';

async function sha512(file) {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return `sha512-${hash.digest('base64')}`;
}

/**
 * Fetches one package as a tarball with npm's own configuration, proves its content against the pinned hash, unpacks it.
 * @returns {Promise<string>} the unpacked package directory
 */
export async function fetchNpmPackage({ name, version, integrity, scratch, step, say }) {
  const download = join(scratch, 'download');
  const unpacked = join(scratch, 'unpacked');
  mkdirSync(download, { recursive: true });
  mkdirSync(unpacked, { recursive: true });
  say(`${step}: fetching ${name}@${version} through npm`);
  const packed = await run(npm, ['pack', '--loglevel=error', '--no-update-notifier', '--pack-destination', download, `${name}@${version}`], { cwd: scratch });
  const tarball = readdirSync(download).find((file) => file.endsWith('.tgz'));
  if (packed.code !== 0 || tarball === undefined) {
    throw new SetupError(step, tail(packed.stderr || packed.stdout),
      `Check that this machine reaches its npm registry ("npm ping"), then run "npm run setup" again.`);
  }
  const found = await sha512(join(download, tarball));
  if (found !== integrity) {
    throw new SetupError(step, `the content of ${name}@${version} has hash ${found}, expected ${integrity}`,
      'Do not use this download. Clear the npm cache ("npm cache clean --force") and run "npm run setup" again; '
      + 'if it stays so, the registry serves a changed package.');
  }
  say(`${step}: hash verified, unpacking`);
  const tar = await run('tar', ['--no-same-owner', '-xzf', join(download, tarball), '-C', unpacked]);
  const directory = join(unpacked, 'package');
  if (tar.code !== 0 || !existsSync(directory)) {
    throw new SetupError(step, tail(tar.stderr), 'Make sure "tar" is installed and the disk is not full, then run "npm run setup" again.');
  }
  return directory;
}
