import { sameButCharset } from '../../../shared/domain/operations/charset/definition';
import { tableText } from '../../../shared/domain/operations/charset/facts';
import { oneCharsetName } from '../../../shared/domain/sql/charset-name';
import type { PlannedStep } from '../../../shared/domain/tasks/plan';
import { isUnresolved, type TaskView } from '../../../shared/domain/tasks/task';
import { errorOf, failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import type { FleetServers } from '../../fleet/types';
import { refuseLocked } from '../permission';
import { hasErrno } from '../../mysql/errors';
import type { LiveSession, Session, Statement } from '../../mysql/types';
import type { AuditLog } from '../../storage/types';
import { lockServers, type ServerLocks } from '../../tasks/server-lock';
import type { Step, StepContext, TaskDefinition, TaskMemory, Verdict } from '../../tasks/types';
import { dialectFor } from '../../mysql/dialect/dialect';
import { setDatabaseDefault } from '../../mysql/default-collation';
import { isToBeSet, isToGoBack, readDatabaseDefault, readServerDefault, serverToDo, serverToUndo } from './defaults';
import { lineOf, lockStatement, stepsOf, tableStatement } from './draft';
import { begunKey, type CharsetInput, type TableInput } from './input';
import { readCollations, readTable } from './read';
import { restoreViews, viewsKey, viewsWithLetters } from './views';

export interface CharsetDeps {
  readonly fleet: FleetServers;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** So long a change stands in the queue for its table, and everybody else behind it, seconds; then it steps aside and tries again. */
const queueSeconds = 2;
const againMs = 3000;
/** A copy that was thrown away at its end, for somebody who used the table then, is made again with more patience, seconds; not for ever. */
const patienceSeconds = [30, 120] as const;
const day = 86_400_000;
/** ER_LOCK_WAIT_TIMEOUT. */
const lockWait = 1205;

/** The task that changes character sets: defaults, then tables, one after the other. What is converted stays so, whatever comes after. */
export function charsetDefinition({ fleet, audit, clock }: CharsetDeps, input: CharsetInput, planned: readonly PlannedStep[]): TaskDefinition {
  let locks: ServerLocks | null = null;
  const work = new CharsetWork(fleet, input);
  const { instanceId, name } = input;
  return {
    kind: 'charset', name, instanceIds: [instanceId], input,
    steps: planned.map((one): Step => ({ id: one.id, title: one.title, sql: one.sql, undoLimitMs: day, ...actsOf(work, one.id) })),
    async open() {
      locks = await lockServers([{ name, connect: (options) => fleet.connect(instanceId, options) }], { kind: 'charset', name }, clock);
      // Since the plan was read, or the program died, it may have become a standby: a definition changed there is its own transaction.
      await refuseLocked(fleet, instanceId, 'character-set');
    },
    async check() {
      await locks?.check();
    },
    async close() {
      work.close();
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
  if (kind === 'server' && input.server !== null) {
    const { server } = input;
    return { run: (step) => work.server(step, server, 'run'), undo: (step) => work.server(step, server, 'undo') };
  }
  const database = input.databases[Number(at)];
  if (kind === 'database' && database !== undefined) return {
    run: (step) => work.database(step, database, 'run'),
    undo: (step) => work.database(step, database, 'undo'),
  };
  const component = input.components[Number(at)];
  if (component === undefined) return { run: () => Promise.resolve() };
  return { run: (step) => work.convert(step, component), undo: (step) => work.putTogether(step, component) };
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

/** With STRICT_TRANS_TABLES alone a table without transactions would take what it cannot hold, cut short. */
const strictMode = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ALLOW_INVALID_DATES'";

class CharsetWork {
  #doneBytes = 0;
  /** The session of a bound group that was not finished, with its locks: nobody else gets at the tables until all are one thing. */
  #held: LiveSession | null = null;
  #running: Promise<void> = Promise.resolve();
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

  /** The default of the server, there or back, where nobody has chosen another one in between. */
  server(step: StepContext, before: NonNullable<CharsetInput['server']>, way: 'run' | 'undo'): Promise<void> {
    return this.with(async (session) => {
      const now = await readServerDefault(session);
      await this.all(step, session, way === 'run' ? serverToDo(session, before, this.input, now)
        : serverToUndo(step, session, before, this.input.collation, now));
    });
  }

  /** The default of a database, there or back. From 8.0 on it waits for every transaction that uses a table of it, and others wait behind it. */
  database(step: StepContext, { database, collation }: CharsetInput['databases'][number], way: 'run' | 'undo'): Promise<void> {
    return this.with(async (session) => {
      const found = { what: database, from: collation, to: this.input.collation, now: await readDatabaseDefault(session, database) };
      if (way === 'run' ? isToBeSet(found) : isToGoBack(step, found)) {
        await this.patient(step, session, setDatabaseDefault(database, way === 'run' ? this.input.collation : collation), database);
      }
    });
  }

  private async all(step: StepContext, session: Session, statements: readonly Statement[]): Promise<void> {
    for (const statement of statements) await step.sql(session, this.input.name, statement);
  }

  /** Converts the tables of one component. Where foreign keys bind them nobody else gets at them before all are converted, or none is. */
  convert(step: StepContext, component: CharsetInput['components'][number]): Promise<void> {
    const running = this.viewsKept(step, () => (component.bound ? this.convertBound(step, component.tables) : this.convertEach(step, component.tables)));
    this.#running = running.catch(() => undefined);
    return running;
  }

  /** What servers make of the views above a table that is altered is put right, also where the program died in between. */
  private async viewsKept(step: StepContext, work: () => Promise<void>): Promise<void> {
    const views = step.recall(viewsKey) ?? await this.with(viewsWithLetters);
    if (views.length > 0) await step.remember(viewsKey, [...views]);
    await work();
    await this.viewsBack(step);
  }

  private async viewsBack(step: StepContext): Promise<void> {
    const views = step.recall(viewsKey) ?? [];
    if (views.length === 0) return;
    await this.with((session) => restoreViews(step, session, this.input.name, views));
    await step.forget(viewsKey);
  }

  private convertEach(step: StepContext, tables: readonly TableInput[]): Promise<void> {
    return this.with(async (session) => {
      await session.run(strictMode);
      for (const table of tables) {
        // A cancel is heard between two tables.
        step.checkpoint();
        await this.one(step, session, table);
      }
    });
  }

  private async convertBound(step: StepContext, tables: readonly TableInput[]): Promise<void> {
    const session = await this.closedTo(step, tables);
    try {
      await step.remember(begunKey, tables.map(tableText));
      for (const table of tables) await this.one(step, session, table);
      await step.forget(begunKey);
    } catch (thrown) {
      // The undo puts them together again behind the same locks.
      if (!session.closed) this.#held = session;
      throw thrown;
    }
    await session.close().catch(() => session.destroy());
  }

  /** A session that keeps everybody else out of these tables. */
  private async closedTo(step: StepContext, tables: readonly TableInput[]): Promise<LiveSession> {
    const session = await this.fleet.connect(this.input.instanceId, { timeoutMs: 10_000, queryTimeoutMs: Infinity });
    try {
      await session.run(strictMode);
      await session.run('SET SESSION foreign_key_checks = 0');
      await this.patient(step, session, lockStatement(tables), tables.map(tableText).join(', '));
      return session;
    } catch (thrown) {
      session.destroy();
      throw thrown;
    }
  }

  /**
   * What foreign keys bind goes back together where it was left apart: behind the locks that still stand, or behind new ones where the
   * session was lost. What was converted whole stays so.
   */
  async putTogether(step: StepContext, { bound, tables }: CharsetInput['components'][number]): Promise<void> {
    await this.#running;
    if (bound && (step.recall(begunKey) ?? []).length > 0) {
      const session = this.#held !== null && !this.#held.closed ? this.#held : await this.closedTo(step, tables);
      this.#held = null;
      try {
        await this.refuseMovedOn(step, session, tables);
        await this.putBack(step, session, tables);
        await step.forget(begunKey);
      } finally {
        await session.close().catch(() => session.destroy());
      }
    }
    await this.viewsBack(step);
  }

  close(): void {
    this.#held?.destroy();
    this.#held = null;
  }

  private async one(step: StepContext, session: Session, table: TableInput): Promise<void> {
    const state = await stateOf(session, table);
    if (state === 'gone') {
      step.log('warning', 'charset.log.gone', { table: tableText(table) });
      return;
    }
    if (state === 'before') await this.refuseChanged(session, table);
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

  /** The statements name whole columns: what somebody changed of them since the plan was read would silently go back. */
  private async refuseChanged(session: Session, table: TableInput): Promise<void> {
    const now = await readTable(session, table);
    const collationOf = (name: string): string => oneCharsetName(now.columns.find((one) => one.name === name)?.collation ?? '');
    // A column without a word of its own follows its table: only its collation says that somebody converted it to a third one.
    const isOther = ({ name, line, from }: TableInput['columns'][number]): boolean => lineOf(now, name) !== line
      || (from !== undefined && from !== '' && collationOf(name) !== oneCharsetName(from));
    if (table.columns.some(isOther)) throw failure('plan-outdated', { what: tableText(table) });
  }

  /** The way back names whole columns too: where somebody changed one since it was converted, none of the tables is touched, and that is told. */
  private async refuseMovedOn(step: StepContext, session: Session, tables: readonly TableInput[]): Promise<void> {
    for (const table of tables) {
      if ((await stateOf(session, table)) !== 'done') continue;
      const now = await readTable(session, table);
      const moved = table.columns.filter(({ name, line }) => !sameButCharset(lineOf(now, name), line)).map(({ name }) => name);
      if (moved.length === 0) continue;
      step.log('error', 'charset.log.stuck', { table: tableText(table), detail: moved.join(', ') });
      throw failure('plan-outdated', { what: `${tableText(table)}: ${moved.join(', ')}` });
    }
  }

  /**
   * A change that stands behind somebody's transaction steps aside after some seconds, for those behind it, and tries again. A copy that ran
   * and was thrown away at its end waits longer there the next times.
   */
  private async patient(step: StepContext, session: Session, statement: Statement, what: string): Promise<void> {
    let thrownAway = 0;
    const attempt = async (): Promise<boolean> => {
      const began = performance.now();
      const patience = thrownAway === 0 ? queueSeconds : patienceSeconds[thrownAway - 1] ?? queueSeconds;
      await session.run(`SET SESSION lock_wait_timeout = ${patience}`);
      try {
        // An end from here ends the statement and not the session, which may hold what keeps the others out.
        await step.sql(session, this.input.name, statement, [], { timeoutMs: Infinity, cancel: 'kill' });
        return true;
      } catch (thrown) {
        if (!hasErrno(thrown, lockWait)) throw thrown;
        if (performance.now() - began > (patience + 5) * 1000) {
          thrownAway += 1;
          if (thrownAway > patienceSeconds.length) throw thrown;
        }
        return false;
      }
    };
    if (!(await attempt())) await step.waitFor(message('charset.wait.table', { what }), attempt, { everyMs: againMs });
  }

  /** Some of what is bound may be converted and the rest not: all of it goes back. */
  private async putBack(step: StepContext, session: Session, tables: readonly TableInput[]): Promise<void> {
    for (const table of [...tables].reverse()) {
      try {
        const state = await stateOf(session, table);
        // Its first change made it bytes; the last of its way back names them again.
        const back = state === 'done' ? table.back : state === 'bytes' ? table.back.slice(-1) : [];
        for (const change of back) await step.sql(session, this.input.name, tableStatement(table, change), [], { timeoutMs: Infinity });
        if (back.length > 0) step.log('warning', 'charset.log.back', { table: tableText(table) });
      } catch (thrown) {
        step.log('error', 'charset.log.stuck', { table: tableText(table), detail: errorOf(thrown).detail ?? errorOf(thrown).code });
        throw thrown;
      }
    }
  }
}
