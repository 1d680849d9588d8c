// Made-up fleets of servers that answer as real ones did: what is asked of a real 9.7 pair is recorded, and `scripted-servers.mjs` plays it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../electron/mysql/session/session';
import { keepOutOfSlowLog } from '../../electron/mysql/session/quiet';
import { clockExpression } from '../../electron/mysql/status/clock';
import { readFacts } from '../../electron/mysql/status/status';
import { Collector } from '../../electron/monitoring/collector';
import { newRecord } from '../../electron/sync/records';
import type { CheckReport } from '../../shared/domain/checks/check';
import { recordAnswers, type Answers } from '../fixtures/answers';
import { follow } from '../fixtures/replication';
import { disposeServers, startServers } from '../fixtures/servers';
import { copySpec } from '../fixtures/sync-spec';

/** A file that keeps what real servers answered: alternating runs of two versions are asked to read the same. */
const kept = process.env['ANTIPODE_BENCH_RECORDING'];
/** Six digits: what grows keeps its length. */
const transactions = 900_000;
const regions = 8;
const projects = 40;

export interface Recording {
  readonly recordedAt: number;
  readonly transactions: number;
  readonly uuids: readonly string[];
  readonly answers: readonly Answers[];
}

/** What was recorded before, where it is kept. */
export async function recording(): Promise<Recording> {
  if (kept !== undefined && existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as Recording;
  const made = await record();
  if (kept !== undefined) writeFileSync(kept, JSON.stringify(made));
  return made;
}

/** The answers of a real pair to all that is asked of a server while it is watched. */
async function record(): Promise<Recording> {
  const { primary, standby } = await startServers({ primary: { series: '9.7' }, standby: { series: '9.7' } });
  const uuids = await Promise.all([primary, standby].map(async (server) => String(await server.scalar('SELECT @@server_uuid'))));
  for (const server of [primary, standby]) {
    await server.query('RESET BINARY LOGS AND GTIDS');
    await server.query(`SET GLOBAL gtid_purged = '${uuids[0] ?? ''}:1-${String(transactions - 1)}'`);
  }
  await follow(standby, primary);
  await primary.query(`SET gtid_next = '${uuids[0] ?? ''}:${String(transactions)}'; COMMIT; SET gtid_next = 'AUTOMATIC'`);
  await sleep(3_000);
  const recordedAt = Date.now();
  const answers = await Promise.all([primary, standby].map(async (server) => {
    const recorder = await recordAnswers(server);
    const target = { host: '127.0.0.1', port: recorder.port, user: server.user, password: server.password, tls: { mode: 'off', ca: null } } as const;
    const limits = { timeoutMs: 10_000, signal: new AbortController().signal };
    const session = await keepOutOfSlowLog(await connect(target, { label: 'recorded' }), limits);
    for (let time = 0; time < 2; time += 1) {
      await readFacts(session);
      await new Collector(session, () => ({ questions: 0, selects: 0 })).collect({ ...limits, withReport: true });
    }
    // Asked for by itself only behind an answer that took its time.
    await session.query(`SELECT ${clockExpression} AS \`clock\``);
    await session.close();
    recorder.close();
    return recorder.answers();
  }));
  await disposeServers();
  return { recordedAt, transactions, uuids, answers };
}

/** A data folder of so many servers, half of them standbys in another region. */
export function fill(folder: string, count: number, port: number, pollSeconds: number, withTasks = false): void {
  const id = (kind: number, at: number): string => `${String(kind).repeat(8)}-0000-4000-8000-${at.toString(16).padStart(12, '0')}`;
  const write = (name: string, value: object): void => writeFileSync(join(folder, `${name}.json`), JSON.stringify({ version: 1, ...value }));
  mkdirSync(folder, { recursive: true });
  const named = (kind: number, many: number, name: string): object[] => Array.from({ length: many }, (_, at) => ({ id: id(kind, at), name: `${name}-${String(at + 1)}` }));
  write('settings', {
    language: 'en', theme: 'system', timeZone: 'local', pollSeconds, lagWarningSeconds: 30, tasksAtOnce: 3, notices: true, savedFilters: [],
  });
  write('inventory', {
    regions: named(1, regions, 'region'), projects: named(2, projects, 'project'),
    instances: Array.from({ length: count }, (_, at) => ({
      id: id(3, at), name: `order-service-${at % 2 === 0 ? 'primary' : 'standby'}-${String(at >> 1).padStart(4, '0')}`,
      regionId: id(1, ((at >> 1) + (at % 2)) % regions), projectId: id(2, (at >> 1) % projects),
      admin: { host: `127.1.${String(at >> 8)}.${String(at & 255)}`, port }, replication: null, user: 'admin',
      tls: { mode: 'off', ca: null }, intent: at % 2 === 0 ? { kind: 'none' } : { kind: 'replica', sourceId: id(3, at - 1) },
      serverUuid: null, note: { owner: '', hourlyCost: '', text: '' }, createdAt: 1,
    })),
  });
  if (!withTasks) return;
  const results = Array.from({ length: 120 }, (_, at) => ({ id: `check-${String(at)}`, status: 'pass', text: 'x'.repeat(200) }));
  const lastReport = { startedAt: 1, endedAt: 2, results } as unknown as CheckReport;
  write('sync', {
    tasks: Array.from({ length: count >> 1 }, (_, pair) => ({
      ...newRecord(id(4, pair), copySpec(`task-${String(pair)}`, id(3, pair * 2), id(3, pair * 2 + 1)), 1), outcome: 'linked', lastReport,
    })),
  });
}
