import { tableText } from '../../../shared/domain/operations/charset/facts';
import { oneCharsetName } from '../../../shared/domain/sql/charset-name';
import type { PlannedStep } from '../../../shared/domain/tasks/plan';
import { isUnresolved, type TaskView } from '../../../shared/domain/tasks/task';
import { errorOf, failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import type { FleetServers } from '../../fleet/types';
import { hasErrno } from '../../mysql/errors';
import type { LiveSession, Session, Statement } from '../../mysql/types';
import type { AuditLog } from '../../storage/types';
import { lockServers, type ServerLocks } from '../../tasks/server-lock';
import type { Step, StepContext, TaskDefinition, TaskMemory, Verdict } from '../../tasks/types';
import { dialectFor } from '../../mysql/dialect/dialect';
import { databaseStatement, lockStatement, serverStatements, stepsOf, tableStatement } from './draft';
import { begunKey, type CharsetInput, type TableInput } from './input';
import { readCollations } from './read';

export interface CharsetDeps {
  readonly fleet: FleetServers;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** So long a change stands in the queue for its table, and everybody else behind it, seconds; then it steps aside and tries again. */
const queueSeconds = 2;
const againMs = 3000;
/** ER_LOCK_WAIT_TIMEOUT. */
const lockWait = 1205;

/** The task that changes character sets: defaults, then tables, one after the other. What is converted stays so, whatever comes after. */
export function charsetDefinition({ fleet, audit, clock }: CharsetDeps, input: CharsetInput, planned: readonly PlannedStep[]): TaskDefinition {
  let locks: ServerLocks | null = null;
  const work = new CharsetWork(fleet, input);
  const { instanceId, name } = input;
  return {
    kind: 'charset', name, instanceIds: [instanceId], input,
    steps: planned.map((one): Step => ({ id: one.id, title: one.title, sql: one.sql, ...actsOf(work, one.id) })),
    async open() {
      locks = await lockServers([{ name, connect: (options) => fleet.connect(instanceId, options) }], { kind: 'charset', name }, clock);
    },
    async check() {
      await locks?.check();
    },
    async close() {
      await locks?.release();
      locks = null;
    },
    async ended(view) {
      const tables = input.components.reduce((sum, one) => sum + one.tables.length, 0);
      audit.append({
        action: 'charset.change', target: name, outcome: view.state === 'done' ? 'done' : 'failed',
        detail: { state: view.state, charset: input.collation, tables, code: view.error?.code ?? null },
      });
      await fleet.refresh(instanceId);
    },
  };
}

/** The steps of a task whose plan is not at hand any more. */
export async function plannedAgain(fleet: FleetServers, input: CharsetInput): Promise<readonly PlannedStep[]> {
  const { version } = await fleet.withSession(input.instanceId, (session) => Promise.resolve(session));
  return stepsOf({ dialect: dialectFor(version) }, input);
}

/** Each table is as it was or as it is to be: from anywhere it goes on. */
export async function charsetVerdict(fleet: FleetServers, view: TaskView, input: CharsetInput, memory: TaskMemory): Promise<Verdict> {
  if (!isUnresolved(view)) return { verdict: 'finished', text: message('charset.judge.finished') };
  try {
    const tables = input.components.flatMap((one) => one.tables);
    const done = await fleet.withSession(input.instanceId, async (session) => {
      let count = 0;
      for (const one of tables) if ((await stateOf(session, one)) === 'done') count += 1;
      return count;
    }, { timeoutMs: 4000, queryTimeoutMs: 20_000 });
    const begun = memory.recall(begunKey) ?? [];
    return begun.length > 0
      ? { verdict: 'can-resume', text: message('charset.judge.apart', { tables: begun.join(', ') }) }
      : { verdict: 'can-resume', text: message('charset.judge.under-way', { done, tables: tables.length }) };
  } catch (thrown) {
    return { verdict: 'needs-attention', text: message('charset.judge.away', { name: input.name, code: errorOf(thrown).code }) };
  }
}

type Acts = Pick<Step, 'run' | 'undo'>;

function actsOf(work: CharsetWork, id: string): Acts {
  const { input } = work;
  const [kind = '', at = '0'] = id.split('-');
  if (kind === 'server') return {
    run: (step) => work.with((session) => work.all(step, session, serverStatements(session, input.charset, input.collation).statements)),
    undo: (step) => work.with((session) => work.all(step, session, serverStatements(session, input.server?.charset ?? '',
      input.server?.collation ?? '').statements)),
  };
  const database = input.databases[Number(at)];
  if (kind === 'database' && database !== undefined) return {
    run: (step) => work.database(step, database.database, input.collation),
    undo: (step) => work.database(step, database.database, database.collation),
  };
  const component = input.components[Number(at)];
  return { run: (step) => (component === undefined ? Promise.resolve() : work.convert(step, component)) };
}

type TableState = 'before' | 'bytes' | 'done' | 'gone';

/** Where a table stands, by its collations. */
async function stateOf(session: Session, { columns, collation, ...table }: TableInput): Promise<TableState> {
  const now = await readCollations(session, table);
  if (now === null) return 'gone';
  const same = (a: string | null | undefined, b: string): boolean => typeof a === 'string' && oneCharsetName(a) === oneCharsetName(b);
  if (columns.some(({ name, reread }) => reread && now.columns.get(name) === null)) return 'bytes';
  return same(now.table, collation) && columns.every(({ name, to }) => same(now.columns.get(name), to)) ? 'done' : 'before';
}

class CharsetWork {
  #doneBytes = 0;
  readonly #since = performance.now();
  readonly #allBytes: number;

  constructor(private readonly fleet: FleetServers, readonly input: CharsetInput) {
    this.#allBytes = input.components.flatMap(({ tables }) => tables).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async with<Result>(use: (session: LiveSession) => Promise<Result>): Promise<Result> {
    const session = await this.fleet.connect(this.input.instanceId, { timeoutMs: 10_000, queryTimeoutMs: Infinity });
    try {
      return await use(session);
    } finally {
      await session.close().catch(() => session.destroy());
    }
  }

  /** From 8.0 on it waits for every transaction that uses a table of the database, and others wait behind it. */
  database(step: StepContext, database: string, collation: string): Promise<void> {
    return this.with(async (session) => {
      await session.run(`SET SESSION lock_wait_timeout = ${queueSeconds}`);
      await this.patient(step, session, databaseStatement(database, collation), database);
    });
  }

  async all(step: StepContext, session: Session, statements: readonly Statement[]): Promise<void> {
    for (const statement of statements) await step.sql(session, this.input.name, statement);
  }

  /** Converts the tables of one component. Where foreign keys bind them nobody else gets at them before all are converted, or none is. */
  convert(step: StepContext, { bound, tables }: CharsetInput['components'][number]): Promise<void> {
    return this.with(async (session) => {
      // With STRICT_TRANS_TABLES alone a table without transactions would take what it cannot hold, cut short.
      await session.run("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ALLOW_INVALID_DATES'");
      await session.run(`SET SESSION lock_wait_timeout = ${queueSeconds}`);
      if (bound) await session.run('SET SESSION foreign_key_checks = 0');
      if (bound) await this.patient(step, session, lockStatement(tables), tables.map(tableText).join(', '));
      if (bound) await step.remember(begunKey, tables.map(tableText));
      try {
        await this.each(step, session, tables, bound);
        if (bound) await step.forget(begunKey);
      } finally {
        if (bound && !session.closed) await session.run('UNLOCK TABLES');
      }
    });
  }

  private async each(step: StepContext, session: Session, tables: readonly TableInput[], closed: boolean): Promise<void> {
    const begun: TableInput[] = [];
    try {
      for (const table of tables) {
        // A cancel is heard between two tables; between those that are bound it would leave them apart.
        if (!closed) step.checkpoint();
        begun.push(table);
        await this.one(step, session, table);
      }
    } catch (thrown) {
      if (closed) await this.putBack(step, session, begun, thrown);
      throw thrown;
    }
  }

  private async one(step: StepContext, session: Session, table: TableInput): Promise<void> {
    const state = await stateOf(session, table);
    if (state === 'gone') {
      step.log('warning', 'charset.log.gone', { table: tableText(table) });
      return;
    }
    const started = performance.now();
    const changes = state === 'done' ? [] : state === 'bytes' ? table.changes.slice(1) : table.changes;
    for (const change of changes) await this.patient(step, session, tableStatement(table, change), tableText(table));
    if ((await stateOf(session, table)) !== 'done') throw failure('step-failed', { step: tableText(table), server: this.input.name },
      { server: this.input.name });
    this.#doneBytes += table.bytes;
    step.log('info', 'charset.log.done', { table: tableText(table), seconds: Math.round((performance.now() - started) / 100) / 10 });
    const rate = this.#doneBytes / Math.max(0.001, (performance.now() - this.#since) / 1000);
    step.progress({
      text: null, done: this.#doneBytes, total: this.#allBytes, unit: 'bytes', rate,
      etaSeconds: rate === 0 ? null : (this.#allBytes - this.#doneBytes) / rate,
    });
  }

  /** A change that stands behind somebody's transaction steps aside after some seconds, for those behind it, and tries again. */
  private async patient(step: StepContext, session: Session, statement: Statement, what: string): Promise<void> {
    const attempt = async (): Promise<boolean> => {
      try {
        // An end from here ends the statement and not the session, which may hold what keeps the others out.
        await step.sql(session, this.input.name, statement, [], { timeoutMs: Infinity, cancel: 'kill' });
        return true;
      } catch (thrown) {
        if (hasErrno(thrown, lockWait)) return false;
        throw thrown;
      }
    };
    if (!(await attempt())) await step.waitFor(message('charset.wait.table', { what }), attempt, { everyMs: againMs });
  }

  /** Some of what is bound is converted and the rest is not: all of it goes back, behind the same lock. */
  private async putBack(step: StepContext, session: Session, begun: readonly TableInput[], why: unknown): Promise<void> {
    for (const table of [...begun].reverse()) {
      try {
        const state = await stateOf(session, table);
        // Its first change made it bytes; the last of its way back names them again.
        const back = state === 'done' ? table.back : state === 'bytes' ? table.back.slice(-1) : [];
        for (const change of back) await session.run(tableStatement(table, change), [], { timeoutMs: Infinity });
        if (back.length > 0) step.log('warning', 'charset.log.back', { table: tableText(table) });
      } catch (thrown) {
        step.log('error', 'charset.log.stuck', { table: tableText(table), detail: errorOf(thrown).detail ?? errorOf(thrown).code });
        throw failure('undo-failed', { step: tableText(table), server: this.input.name },
          { server: this.input.name, detail: errorOf(why).detail ?? errorOf(why).code });
      }
    }
  }
}
