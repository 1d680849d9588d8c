// The checks and the first copy of a schema of everything in great numbers, tables that refer to each other, views on views, programs, accounts, where
// it is statements and not rows that count, beside mysqldump | mysql of the same without its accounts. Run by `npm run bench -- seed-schema`.
import { join } from 'node:path';
import { useWorkersIn } from '../../electron/storage/worker-programs';
import { runChecks } from '../../electron/checks';
import { blocking, loginOf, pairOf } from '../integration/checks-pair';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { clientOf, median, mysqldump, ours, seconds, shown, type Ours } from './seed-tools';

const runs = Number(process.env['ANTIPODE_BENCH_RUNS'] ?? '3');
const tables = Number(process.env['ANTIPODE_BENCH_TABLES'] ?? '5000');
const [programs, accounts] = [tables / 10, (tables / 10) * 4];
/** What the product is held to. */
const most = { checksSeconds: 5, tableMs: 20, stallMs: 50 };
const checkout = join(import.meta.dirname, '../..');

const many = (count: number, of: (at: number) => string): string => Array.from({ length: count }, (_, at) => of(at)).join('; ');

async function inBatches(source: TestServer, count: number, of: (at: number) => string): Promise<void> {
  for (let first = 0; first < count; first += 100) await source.query(many(Math.min(100, count - first), (at) => of(first + at)));
}

/** One by one: of a trigger that is made among other statements a server keeps the semicolon behind it, which no dump of it gets over. */
async function oneByOne(source: TestServer, count: number, of: (at: number) => string): Promise<void> {
  for (let at = 0; at < count; at++) await source.query(of(at));
}

async function fill(source: TestServer): Promise<void> {
  await source.query('CREATE DATABASE many; SET GLOBAL log_bin_trust_function_creators = ON');
  // Each table refers to one before it and to itself.
  const parent = (at: number): number => Math.floor(at / 2);
  await inBatches(source, tables, (at) =>
    `CREATE TABLE many.t${at} (id INT PRIMARY KEY, parent INT, self INT, note VARCHAR(50), KEY note (note),
       FOREIGN KEY (parent) REFERENCES many.t${parent(at)} (id), FOREIGN KEY (self) REFERENCES many.t${at} (id));
     INSERT INTO many.t${at} VALUES (1, ${at === 0 ? 'NULL' : '1'}, 1, 'row ${at}')`);
  await inBatches(source, programs, (at) => `CREATE VIEW many.v${at} AS SELECT id, note FROM many.${at % 3 === 0 ? `t${at}` : `v${at - 1}`}`);
  const kinds = [
    (at: number) => `CREATE PROCEDURE many.p${at} (n INT) SELECT COUNT(*) FROM many.t${at} WHERE id > n`,
    (at: number) => `CREATE FUNCTION many.f${at} (n INT) RETURNS INT DETERMINISTIC RETURN n + ${at}`,
    (at: number) => `CREATE TRIGGER many.g${at} BEFORE INSERT ON many.t${at} FOR EACH ROW SET NEW.note = CONCAT('t', NEW.id)`,
    (at: number) => `CREATE EVENT many.e${at} ON SCHEDULE EVERY 1 DAY DO DELETE FROM many.t${at} WHERE id < 0`,
  ];
  await oneByOne(source, programs, (at) => kinds[at % kinds.length]?.(at) ?? '');
  await inBatches(source, accounts, (at) => `CREATE USER u${at}@'10.0.%' IDENTIFIED BY 'Pw-account-${at}'; GRANT SELECT, INSERT ON many.* TO u${at}@'10.0.%'; GRANT UPDATE ON many.t${at} TO u${at}@'10.0.%'`);
}

/** Copies in turn with both, each time onto an empty server. */
export default async function seedSchema(): Promise<void> {
  useWorkersIn(join(checkout, 'out/cli'));
  const options = { series: '9.7', durability: 'relaxed', bufferPoolMb: 256 } as const;
  const checks: number[] = [];
  const copies: Ours[] = [];
  const theirs: number[] = [];
  try {
    const { source } = await startServers({ source: options });
    await fill(source);
    for (let run = 0; run < runs; run++) {
      const { target } = await startServers({ target: options });
      await target.query('SET GLOBAL log_bin_trust_function_creators = ON');
      const pair = pairOf(loginOf(source), loginOf(target));
      let wrong: readonly string[] = [];
      checks.push(await seconds(async () => { wrong = blocking((await runChecks(pair)).results); }));
      if (wrong.length > 0) throw new Error(`The pair is not good: ${wrong.join('; ')}`);
      copies.push(await ours(source, target, null));
      const arrived = await target.scalar("SELECT CONCAT_WS(' ', (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'many'), (SELECT COUNT(*) FROM mysql.user WHERE User LIKE 'u%'))");
      if (arrived !== `${tables + programs} ${accounts}`) throw new Error(`tables and views, and accounts that arrived: ${String(arrived)}`);
      await target.dispose();
      const { other } = await startServers({ other: options });
      await other.query('SET GLOBAL log_bin_trust_function_creators = ON');
      theirs.push(await seconds(() => mysqldump(clientOf(), source, other, 'many', ['--routines', '--events'])));
      await other.dispose();
    }
  } finally {
    await disposeServers();
  }
  const [check, copy] = [median(checks), median(copies.map((one) => one.copy))];
  const tableMs = (copy * 1000) / tables;
  const stalls = copies.map(({ stallMs }) => stallMs);
  const met = (isMet: boolean): string => (isMet ? 'met' : 'MISSED');
  console.log(
    [
      `${tables} tables that refer to each other, ${programs} views, ${programs} programs, ${accounts} accounts, ${runs} runs, MySQL 9.7, server to server on one machine`,
      `  checks:                median ${check.toFixed(1)} s   (${shown(checks)})   at most ${most.checksSeconds} s: ${met(check <= most.checksSeconds)}`,
      `  first copy:            median ${copy.toFixed(1)} s   (${shown(copies.map((one) => one.copy))}), ${tableMs.toFixed(1)} ms a table   at most ${most.tableMs} ms: ${met(tableMs <= most.tableMs)}`,
      `  its comparison:        median ${median(copies.map((one) => one.check)).toFixed(1)} s`,
      `  longest stall:         ${shown(stalls, 0)} ms (an idle thread beside it ${shown(copies.map((one) => one.idleStallMs), 0)} ms)   at most ${most.stallMs} ms: ${met(median(stalls) <= most.stallMs)}`,
      `  mysqldump | mysql:     median ${median(theirs).toFixed(1)} s   (${shown(theirs)}), without the accounts   ours is ${(copy / median(theirs)).toFixed(2)} of it`,
    ].join('\n'),
  );
}
