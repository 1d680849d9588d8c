// Fetches one archive of a Maven repository with Maven's own client and configuration, so that no host is named here. The client is
// installed where that can be done without asking (Debian, as root); elsewhere the archive is said to be out of reach, with the reason.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ArchiveUnavailable, SetupError } from './report.mjs';
import { run, tail } from './run.mjs';
import { installProgram } from './system.mjs';

/** A repository that is not in reach lets Maven's client wait for minutes, one attempt after the other. */
const FETCH_LIMIT_MS = 300_000;

const windows = process.platform === 'win32';

function findMaven() {
  const name = windows ? 'mvn.cmd' : 'mvn';
  return (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)).find((file) => existsSync(file));
}

async function provideMaven(step, report) {
  const there = findMaven();
  if (there !== undefined) return there;
  const obstacle = await installProgram('maven', report);
  const installed = findMaven();
  if (installed !== undefined) return installed;
  throw new ArchiveUnavailable(step, `Maven's client ("mvn") is not on this machine: ${obstacle ?? 'its package does not bring it'}`,
    'Install Maven, then run "npm run setup" again. Everything else works without this server.');
}

async function sha256(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/**
 * @param {{ group: string, artifact: string, version: string, sha256: string, scratch: string, step: string, report: import('./report.mjs').Report }} wanted
 * @returns {Promise<string>} the jar, its content proven against the pinned hash
 */
export async function fetchMavenJar({ group, artifact, version, sha256: pinned, scratch, step, report }) {
  const maven = await provideMaven(step, report);
  const download = join(scratch, 'download');
  mkdirSync(download, { recursive: true });
  report.say(`${step}: fetching ${group}:${artifact}:${version} through Maven`);
  const args = ['-B', '-q', 'dependency:copy', `-Dartifact=${group}:${artifact}:${version}`, `-DoutputDirectory=${download}`, '-Dmdep.overWriteReleases=true'];
  const copied = await run(maven, args, { cwd: scratch, timeoutMs: FETCH_LIMIT_MS });
  const jar = readdirSync(download).find((file) => file.endsWith('.jar'));
  if (copied.code !== 0 || jar === undefined) {
    const said = copied.timedOut ? `no answer within ${FETCH_LIMIT_MS / 1000} s` : tail(copied.stdout || copied.stderr, 4);
    throw new ArchiveUnavailable(step, `${group}:${artifact}:${version} could not be fetched: ${said}`,
      'Check that Maven reaches its repository ("mvn dependency:get"), then run "npm run setup" again. Everything else works without this server.');
  }
  const found = await sha256(join(download, jar));
  if (found !== pinned) {
    throw new SetupError(step, `the content of ${group}:${artifact}:${version} has SHA-256 ${found}, expected ${pinned}`,
      'Do not use this download. Remove it from Maven\'s local repository and run "npm run setup" again; '
      + 'if it stays so, the repository serves a changed archive.');
  }
  report.say(`${step}: hash verified, unpacking`);
  return join(download, jar);
}
