// A backup and its restore on one machine, beside mysqldump | zstd -3 and zstd -d | mysql. Run by `npm run bench -- backup`; prints seconds, how long
// writers were held up, the memory that it took, and what it came to on the disk.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useWorkersIn } from '../../electron/storage/worker-programs';
import { wholeInstance } from '../../shared/domain/scope/scope';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine } from '../fixtures/test-engine';
import { clientOf, fillSysbench, median, seconds, shown, type Tool } from './seed-tools';

const runs = Number(process.env['ANTIPODE_BENCH_RUNS'] ?? '3');
const rows = Number(process.env['ANTIPODE_BENCH_ROWS'] ?? '2000000');
const checkout = join(import.meta.dirname, '../..');

/** USER_HZ of Linux. */
const ticksPerSecond = 100;

/** Seconds of processor time that servers have used so far. */
function cpuOf(...servers: readonly TestServer[]): number {
  return servers.reduce((sum, { pid }) => {
    const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }, 0);
}

/** Seconds and seconds of processor time: on a machine that others use too, these say more. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** What an act cost, here and on a server; what it returns are seconds that its own programs used. */
async function costOf(server: TestServer, act: () => Promise<number>): Promise<Cost> {
  const [before, used] = [cpuOf(server), process.cpuUsage()];
  let programs = 0;
  const wall = await seconds(async () => void (programs = await act()));
  const { user, system } = process.cpuUsage(used);
  return { wall, cpu: cpuOf(server) - before + programs + (user + system) / 1e6 };
}

/** Runs two programs, the first into the second, in a shell that fails with either; the processor time that they used, seconds. */
async function piped(text: string, password: string): Promise<number> {
  const child = spawn('bash', ['-c', `set -o pipefail; ${text}; code=$?; times >&2; exit $code`], { env: { ...process.env, MYSQL_PWD: password }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(said.slice(-2000));
  // The last line is of the programs: `0m1.234s 0m0.120s`.
  const [, userMinutes, user, systemMinutes, system] = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(said) ?? [];
  return Number(userMinutes) * 60 + Number(user) + Number(systemMinutes) * 60 + Number(system);
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const commandOf = ({ command, args }: Tool, { host, port, user }: TestServer, options: readonly string[]): string =>
  [command, ...args, '--protocol=tcp', '-h', host, '-P', String(port), '-u', user, ...options].map(quoted).join(' ');

/** Backs up and restores in turn with both. */
export default async function backup(): Promise<void> {
  useWorkersIn(join(checkout, 'out/cli'));
  const options = { series: '9.7', durability: 'relaxed', bufferPoolMb: 512, args: ['--max-binlog-size=1G', '--local-infile=1'] } as const;
  const times = { ours: [] as Cost[], theirs: [] as Cost[], oursBack: [] as Cost[], theirsBack: [] as Cost[], locked: [] as number[] };
  let [bytes, theirBytes, memory] = [0, 0, 0];
  const folder = mkdtempSync(join(tmpdir(), 'antipode-dump-'));
  try {
    const { source, target } = await startServers({ source: options, target: options });
    await fillSysbench(source, rows);
    const app = await openTestEngine({ servers: { source, target } });
    const empty = async (): Promise<void> => void (await target.query('DROP DATABASE IF EXISTS sbtest'));
    const before = process.memoryUsage().rss;
    for (let turn = 0; turn < runs; turn++) {
      const watch = setInterval(() => (memory = Math.max(memory, process.memoryUsage().rss - before)), 50);
      const make = await app.engine.backups.create({ instanceId: app.id('source'), scope: wholeInstance, place: null, passphrase: null });
      times.ours.push(await costOf(source, async () => app.engine.tasks.whenEnded(make.id).then(() => 0)));
      const [made] = await app.engine.backups.list();
      if (made?.state !== 'complete') throw new Error(JSON.stringify(app.engine.tasks.get(make.id).error));
      bytes = made.storedBytes;
      times.locked.push((await app.engine.backups.show(made.id)).lockedMs);
      await empty();
      const order = { backupId: made.id, targetId: app.id('target'), scope: wholeInstance, renamings: [], accounts: 'none', asStandby: false, replace: false } as const;
      const plan = await app.engine.backups.planRestore(order, null);
      const task = await app.engine.backups.restore(plan.id, plan.phrase);
      times.oursBack.push(await costOf(target, async () => app.engine.tasks.whenEnded(task.id).then(() => 0)));
      if (app.engine.tasks.get(task.id).error !== null) throw new Error(JSON.stringify(app.engine.tasks.get(task.id).error));
      clearInterval(watch);
      await app.engine.backups.remove(made.id, made.id);
      await empty();
      const file = join(folder, 'dump.sql.zst');
      const dump = commandOf(clientOf()('mysqldump'), source, ['--single-transaction', '--set-gtid-purged=OFF', '--databases', 'sbtest']);
      times.theirs.push(await costOf(source, () => piped(`${dump} | zstd -q -f -3 -o ${quoted(file)}`, source.password)));
      theirBytes = statSync(file).size;
      times.theirsBack.push(await costOf(target, () => piped(`zstd -q -dc ${quoted(file)} | ${commandOf(clientOf()('mysql'), target, [])}`, target.password)));
    }
    await app.dispose();
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await disposeServers();
  }
  const mb = (count: number): string => `${(count / 1e6).toFixed(0)} MB`;
  const walls = (costs: readonly Cost[]): number[] => costs.map(({ wall }) => wall);
  const cpus = (costs: readonly Cost[]): number[] => costs.map(({ cpu }) => cpu);
  const row = (what: string, costs: readonly Cost[], more: string): string =>
    `  ${what.padEnd(22)} median ${median(walls(costs)).toFixed(1)} s   (${shown(walls(costs))}), of processors ${median(cpus(costs)).toFixed(1)} s   ${more}`;
  const ratio = (theirs: readonly Cost[], ours: readonly Cost[]): string =>
    `ratio ${(median(walls(theirs)) / median(walls(ours))).toFixed(2)}, of processors ${(median(cpus(theirs)) / median(cpus(ours))).toFixed(2)}`;
  console.log(
    [
      `backup, ${runs} runs, ${rows} rows of sysbench in one table, MySQL 9.7, both servers on one machine; ours with the content summed up and compared`,
      row('backup, ours:', times.ours, `${mb(bytes)}, writers held up ${shown(times.locked, 0)} ms`),
      row('mysqldump | zstd -3:', times.theirs, `${mb(theirBytes)}   ${ratio(times.theirs, times.ours)}`),
      row('restore, ours:', times.oursBack, `memory of both: at most + ${mb(memory)}`),
      row('zstd -d | mysql:', times.theirsBack, ratio(times.theirsBack, times.oursBack)),
    ].join('\n'),
  );
}
