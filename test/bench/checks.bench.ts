// The whole preflight check over very many tables, against its target, beside the same questions asked one after the
// other in one session for each server, as a script of a user's own would. MySQL Shell, whose checks are the nearest
// thing there is, is not part of the server's packages. Run by `npm run bench -- checks`.
import type { Fleet } from '../../electron/fleet/types';
import type { LiveSession } from '../../electron/mysql/session/session';
import { runChecks, type CheckRun } from '../../electron/checks';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { blocking, loginOf, pairOf } from '../integration/checks-pair';
import { median, seconds, shown } from './seed-tools';

const runs = Number(process.env['ANTIPODE_BENCH_RUNS'] ?? '5');
const tables = Number(process.env['ANTIPODE_BENCH_TABLES'] ?? '2000');
const targetSeconds = 3;

async function fill(source: TestServer): Promise<void> {
  for (let first = 0; first < tables; first += 100) {
    const database = `many_${first / 100}`;
    const batch = Array.from({ length: Math.min(100, tables - first) }, (_, at) => `CREATE TABLE ${database}.t${at} (id INT PRIMARY KEY, a VARCHAR(20), b DATETIME, UNIQUE KEY a (a)${at === 0 ? '' : `, FOREIGN KEY (id) REFERENCES ${database}.t0 (id)`})`);
    await source.query(`CREATE DATABASE ${database}; ${batch.join('; ')}; CREATE VIEW ${database}.v AS SELECT t0.id FROM ${database}.t0 JOIN ${database}.t1 ON t1.id = t0.id`);
  }
}

/** A question only: what asks and changes nothing. */
const isQuestion = (statement: unknown): statement is string => typeof statement === 'string' && /^\s*(SELECT|SHOW)\b/i.test(statement) && !/GET_LOCK|RELEASE_LOCK/.test(statement);

/** The run, and the questions that it asked of each server. */
function listening({ fleet, request }: CheckRun): { readonly run: CheckRun; readonly asked: ReadonlyMap<string, string[]> } {
  const asked = new Map<string, string[]>();
  const connect = async (id: string, options?: Parameters<Fleet['connect']>[1]): Promise<LiveSession> => {
    const session = await fleet.connect(id, options);
    const list = asked.get(id) ?? [];
    asked.set(id, list);
    return new Proxy(session, {
      get: (of, name) => {
        const value: unknown = Reflect.get(of, name, of);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (name === 'query' && isQuestion(args[0]) && (args[1] === undefined || (Array.isArray(args[1]) && args[1].length === 0))) list.push(args[0]);
          return Reflect.apply(value, of, args);
        };
      },
    });
  };
  return { run: { fleet: { ...fleet, connect }, request }, asked };
}

async function oneByOne(servers: readonly (readonly [TestServer, readonly string[]])[]): Promise<void> {
  for (const [server, questions] of servers) {
    const session = await server.connect();
    // Else the server answers with the figures it keeps for a day, in no time.
    await session.query('SET SESSION information_schema_stats_expiry = 0');
    for (const question of questions) await session.query(question);
    await session.end();
  }
}

export default async function checks(): Promise<void> {
  const ours: number[] = [];
  const partial: number[] = [];
  const script: number[] = [];
  try {
    const options = { series: '9.7', durability: 'relaxed', bufferPoolMb: 256 } as const;
    const { source, standby } = await startServers({ source: options, standby: options });
    await fill(source);
    const whole = pairOf(loginOf(source), loginOf(standby));
    const half: CheckRun = { ...whole, request: { ...whole.request, scope: { kind: 'partial', databases: Array.from({ length: Math.floor(tables / 200) }, (_, at) => ({ database: `many_${at}`, tables: null })) } } };
    const { run, asked } = listening(whole);
    const timed = async (what: CheckRun): Promise<number> => {
      let wrong: readonly string[] = [];
      const took = await seconds(async () => { wrong = blocking((await runChecks(what)).results); });
      if (wrong.length > 0) throw new Error(`The pair is not good: ${wrong.join('; ')}`);
      return took;
    };
    // The first run is a run like the others for a user; that it lists its questions costs nothing.
    ours.push(await timed(run));
    const ends = [[source, whole.request.sourceId], [standby, whole.request.standbyId]] as const;
    const questions = ends.map(([server, id]) => [server, [...(asked.get(id) ?? [])]] as const);
    for (let at = 1; at < runs; at++) ours.push(await timed(whole));
    for (let at = 0; at < runs; at++) partial.push(await timed(half));
    for (let at = 0; at < runs; at++) script.push(await seconds(() => oneByOne(questions)));
    const best = median(ours);
    console.log(
      [
        `the whole check over ${tables} tables, ${runs} runs, MySQL 9.7, over loopback, replication tried from both servers`,
        `  whole instance:  median ${best.toFixed(2)} s   (${shown(ours, 2)})   target ${targetSeconds} s: ${best < targetSeconds ? 'met' : 'MISSED'}`,
        `  half of it:      median ${median(partial).toFixed(2)} s   (${shown(partial, 2)})`,
        `  its ${questions.reduce((sum, [, list]) => sum + list.length, 0)} questions one after the other, without the trial of replication and without a verdict on any: median ${median(script).toFixed(2)} s   (${shown(script, 2)})`,
      ].join('\n'),
    );
  } finally {
    await disposeServers();
  }
}
