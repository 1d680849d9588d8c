// Random schemas of everything that a series has, copied, and both sides held against each other by MySQL's own clients. A long run:
// ANTIPODE_HOSTILE_SEEDS=500 (from 1 on), or a list such as =15,18,200..299.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyData } from '../../electron/copy/copy';
import { compareCopy } from '../../electron/comparison/copied';
import { connect } from '../../electron/mysql/session/session';
import type { CopyJob, End } from '../../electron/copy/snapshot/sessions';
import type { ConnectTarget } from '../../electron/mysql/types';
import { errorOf } from '../../shared/errors/codes';
import { databasesOf } from '../fixtures/content';
import { differencesOf, told, type Difference } from '../fixtures/hostile-schema/judge';
import { hostileSchema, type HostileSchema } from '../fixtures/hostile-schema/schema';
import { quoteName, type HostileStatement } from '../fixtures/hostile-schema/text';
import { loneStep } from '../fixtures/lone-step';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';

/** Seeds of the daily run: three that no series has found anything in lately, before those that once did. */
const daily = [1, 2, 3, ...[15, 32, 37, 76, 136, 592]];

function seedsToRun(): readonly number[] {
  const wanted = process.env['ANTIPODE_HOSTILE_SEEDS'];
  if (wanted === undefined) return daily;
  if (/^\d+$/.test(wanted)) return Array.from({ length: Number(wanted) }, (_, at) => 1 + at);
  return wanted.split(',').flatMap((part) => {
    const [, first, last] = /^(\d+)(?:\.\.(\d+))?$/.exec(part) ?? [];
    if (first === undefined) throw new Error(`ANTIPODE_HOSTILE_SEEDS is a number, or a list of seeds and of FROM..TO, not ${wanted}`);
    return Array.from({ length: Number(last ?? first) - Number(first) + 1 }, (_, at) => Number(first) + at);
  });
}

/** What a copy may say of any schema. */
const harmless = ['sync.log.rowsByInsert', 'sync.log.loadRefused'];
/** What it may say before 8.0 too: a server cannot be asked for what stands in a document under an empty name. */
const harmlessBefore80 = 'sync.log.jsonPlaces';

eachSeries('copy-hostile', (series, { since80 }) => {
  let source: TestServer;
  let target: TestServer;
  // A table of CSV with dates that a strict session refuses is told as crashed to the judge.
  const args = ['--sql-mode='];
  beforeAll(async () => {
    ({ source, target } = await startServers({ source: { series, durability: 'relaxed', args }, target: { series, durability: 'relaxed', args } }));
    await target.query('SET GLOBAL local_infile = ON');
    // What the checks ask for.
    for (const server of [source, target]) await server.query('SET GLOBAL log_bin_trust_function_creators = ON');
  });
  afterAll(disposeServers);

  /** Gives the statements that the server refused: they are no part of the schema. */
  const make = async (statements: readonly HostileStatement[]): Promise<readonly string[]> => {
    const session = await source.connect();
    const refused: string[] = [];
    try {
      for (const { sql } of statements) await session.query(sql).catch((thrown: unknown) => refused.push(`${String((thrown as Error).message).slice(0, 200)} <- ${sql.slice(0, 600)}`));
    } finally {
      await session.end();
    }
    return refused;
  };
  const empty = async (server: TestServer): Promise<void> => {
    const session = await server.connect();
    await session.query('SET SESSION sql_log_bin = 0');
    await session.query('SET SESSION foreign_key_checks = 0');
    const databases = await databasesOf(server);
    if (isAtLeast(series, [8, 0, 22])) for (const name of databases) await session.query(`ALTER DATABASE ${quoteName(name)} READ ONLY = 0`);
    for (const name of databases) await session.query(`DROP DATABASE ${quoteName(name)}`);
    const accounts = await server.query<{ u: string }>("SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) AS u FROM mysql.user WHERE User LIKE 'h\\_%'");
    for (const { u } of accounts) await session.query(`DROP USER ${u}`);
    await session.end();
  };
  const end = (server: TestServer): End => {
    const login: ConnectTarget = { host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } };
    return { name: server.name, connect: (options = {}) => connect(login, { queryTimeoutMs: Infinity, ...options }), target: () => Promise.resolve(login) };
  };
  /** Everything that the copy told as a warning, `key name detail`. */
  const copy = async (): Promise<readonly string[]> => {
    const warnings: string[] = [];
    const step = loneStep({ log: (level, key, params) => { if (level === 'warning' && !harmless.includes(key) && (since80 || key !== harmlessBefore80)) warnings.push(`${key} ${Object.values(params ?? {}).join(' ')}`); } });
    const job: CopyJob = { step, source: end(source), target: end(target), scope: { kind: 'instance' } };
    const copied = await copyData(job, { parallel: 2, taskName: 't' });
    await compareCopy(job, copied).finally(() => copied.snapshot.close());
    return warnings;
  };

  const told1 = (value: unknown): string => (JSON.stringify(value, null, 1) ?? 'nothing').slice(0, 4000);
  /** The smallest part of the schema that has to do with a difference. */
  const explained = (schema: HostileSchema, found: readonly Difference[]): string =>
    found.slice(0, 6).map(({ what, source: here, target: there }) => {
      const about = schema.statements.filter((statement) => what.endsWith(statement.about.slice(statement.about.indexOf(' ')))).map(({ sql }) => `    ${sql.slice(0, 1500)}`);
      return `${what}\n  source: ${told1(here)}\n  target: ${told1(there)}\n  made by:\n${about.join('\n')}`;
    }).join('\n\n');

  it.each(seedsToRun())('copies the random schema %i as it is', async (seed) => {
    await empty(source);
    await empty(target);
    const schema = hostileSchema(seed, series);
    await source.query(`SET GLOBAL time_zone = '${schema.zone}'`);
    const refused = await make(schema.statements);
    if (process.env['ANTIPODE_HOSTILE_REFUSED'] !== undefined) process.stderr.write(`${seed}: ${refused.length} of ${schema.statements.length} refused\n${refused.map((one) => `  ${one}\n`).join('')}`);
    const warnings = await copy().catch((thrown: unknown) => {
      throw new Error(`seed ${seed} on ${series}: the copy failed: ${JSON.stringify(errorOf(thrown))}`, { cause: thrown });
    });
    const isLeft = (one: string, view: { readonly database: string; readonly name: string }): boolean => one.startsWith(`sync.log.viewLeft ${view.database}.${view.name} `);
    expect(warnings.filter((one) => !schema.broken.some((view) => isLeft(one, view))), `seed ${seed} on ${series}`).toEqual([]);
    const left = schema.broken.filter((view) => warnings.some((one) => isLeft(one, view)));
    const found = differencesOf(await told(source, schema.accounts, schema.users), await told(target, schema.accounts, schema.users), left);
    expect(found.map(({ what }) => what), `seed ${seed} on ${series}\n${explained(schema, found)}`).toEqual([]);
  });
});
