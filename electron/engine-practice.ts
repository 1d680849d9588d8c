// Servers of this machine that live for one proof.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { atLeast, compareVersions, type ServerVersion } from '../shared/domain/fleet/version';
import { failure } from '../shared/errors/codes';
import type { Practice } from './backup/types';
import { endStrays } from './lab/lab';
import { findRuntimes, versionOf, type MysqlRuntime } from './lab/runtimes';
import { LabServer } from './lab/server';

/** What an ended run of the program left in the folder for practice is swept away first. */
export function createPractice(): Practice {
  return {
    async start(version, lowerCaseTableNames, folder) {
      await sweep(dirname(folder));
      const runtime = process.platform === 'win32' ? undefined : bestFor(version, await findRuntimes());
      if (runtime === undefined) throw failure('practice-unavailable', { series: `${version.major}.${version.minor}` });
      const names = `--lower-case-table-names=${lowerCaseTableNames}`;
      const server = await LabServer.create({
        runtime, folder, name: 'practice', bufferPoolMb: 256, args: ['--local-infile=1', '--event-scheduler=OFF', names],
        ...(atLeast(versionOf(runtime), 8, 0) ? { initialise: [names] } : {}),
      });
      const { host, port, user, password } = server.record;
      return { target: { host, port, user, password, tls: { mode: 'preferred', ca: null } }, remove: () => server.remove() };
    },
  };
}

/** The oldest that is not older; else the newest of the same series: an older one may not know what the backup holds, and says so then. */
function bestFor(version: ServerVersion, runtimes: readonly MysqlRuntime[]): MysqlRuntime | undefined {
  const byAge = runtimes.filter(({ kind }) => kind === 'mysql').sort((a, b) => compareVersions(versionOf(a), versionOf(b)));
  return byAge.find((runtime) => compareVersions(versionOf(runtime), version) >= 0) ?? byAge.findLast((runtime) => isSeries(runtime, version));
}

function isSeries(runtime: MysqlRuntime, { major, minor }: ServerVersion): boolean {
  const own = versionOf(runtime);
  return own.major === major && own.minor === minor;
}

/** Folders are named by the process that made them. */
async function sweep(practice: string): Promise<void> {
  if (!existsSync(practice)) return;
  for (const name of readdirSync(practice)) {
    const pid = Number(name.split('-')[0]);
    if (!isRunning(pid)) await endStrays(join(practice, name));
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
