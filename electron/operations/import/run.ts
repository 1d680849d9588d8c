import { partAt } from '../../../shared/domain/operations/import/parts';
import { failure } from '../../../shared/errors/codes';
import { message, type Message } from '../../../shared/i18n/message';
import type { FleetServers } from '../../fleet/types';
import type { LiveSession } from '../../mysql/types';
import type { StepContext } from '../../tasks/types';
import { Applier, isPassedOver, Refused, Unclear } from './applier';
import { readOptionsOf } from './draft';
import { Collected } from './collected';
import { Drops } from './drops';
import { shownName } from './folder';
import type { ImportInput, Position } from './input';
import { Noticed } from './noticed';
import { shownStatement } from './scan';
import { statementsIn, type FileStatement } from './statements';
import { Stretches, type ImportGuard, type ImportWork } from './stretches';

/** Brings a file of statements into a server, from where the server says that it is. */
export class ImportRun implements ImportWork<Applier> {
  readonly #collected: Collected;
  readonly #drops: Drops;
  readonly #noticed: Noticed;
  readonly #stretches: Stretches<Applier>;

  constructor(
    fleet: Pick<FleetServers, 'connect' | 'withSession'>, private readonly input: ImportInput, guard: ImportGuard, private readonly step: StepContext,
  ) {
    this.#collected = new Collected(step);
    this.#drops = new Drops(input, step);
    this.#noticed = new Noticed(step);
    this.#stretches = new Stretches(fleet, input, guard, step, this);
  }

  all(): Promise<void> {
    return this.#stretches.all();
  }

  stand(session: LiveSession, from: Position, doubtUpTo: number): Applier {
    return new Applier(session, this.input.importId, from, this.step.signal, doubtUpTo, this.input.onError);
  }

  async apply(session: LiveSession, applier: Applier, from: Position): Promise<void> {
    const { input, step } = this;
    const options = await readOptionsOf(session, input.database, input.characters);
    if (input.database !== null) await session.run(`USE \`${Buffer.from(input.database.replaceAll('`', '``')).toString('latin1')}\``);
    if (input.characters != null) await session.run(`SET NAMES ${input.characters}`);
    const statements = statementsIn(input.file, options, step.signal, { from: from.at })[Symbol.asyncIterator]();
    let next = statements.next();
    try {
      for (let one = await next; one.done !== true; one = await next) {
        // The next one is read while the server is at this one.
        next = statements.next();
        next.catch(() => undefined);
        await this.#one(session, applier, one.value, from);
        await this.#stretches.tell(applier, one.value.stored);
      }
    } finally {
      await next.catch(() => undefined);
      await statements.return?.(undefined);
    }
    await applier.finish();
    await this.#stretches.tellEnd(applier);
    await this.#noticed.keep();
    const { statements: count, rows } = applier.committed;
    step.log('info', 'import.log.done', { statements: count, rows });
    this.#noticed.told();
  }

  finished(): Promise<void> {
    this.#collected.told(this.input);
    return Promise.resolve();
  }

  progress({ at, statements, rows }: Position): Message {
    const told = { statements, all: this.input.statements, rows };
    const part = partAt(this.input.file.parts, at);
    return part === null ? message('import.progress', told) : message('import.progress.part', { ...told, part: part.name });
  }

  async #one(session: LiveSession, applier: Applier, one: FileStatement, from: Position): Promise<void> {
    this.step.checkpoint();
    if (one.at < from.at) return applier.replay(one);
    const { verdict } = one;
    switch (verdict.act) {
      case 'leave-out':
        applier.passed(one);
        return;
      case 'refuse':
        await applier.finish();
        throw failure('plan-outdated', { what: `${shownName(this.input.file, one.part)} · ${String(one.line)}` });
      case 'send':
        if (this.input.onError === 'collect' && (await this.#collected.leavesOut(one, verdict))) return applier.passed(one);
        await this.#drops.check(session, one, verdict);
        try {
          await applier.apply(one, verdict);
          if (applier.notice !== null) await this.#noticed.add(applier.notice);
        } catch (thrown) {
          if (!isPassedOver(this.input.onError, thrown)) throw thrown;
          await this.#collected.add(thrown, verdict);
          applier.passed(one);
        }
        return;
      default:
        verdict satisfies never;
    }
  }

  /** What is told of an end in the middle: which statement, and what is committed. */
  told(thrown: unknown, committed: Position): unknown {
    if (thrown instanceof Refused) {
      const { statement: { line, at, end, part }, reason } = thrown;
      const where = { file: shownName(this.input.file, part), line, statement: shownStatement(thrown.statement), errno: reason.errno };
      if (!thrown.whole) return failure('import-part', { ...where, at, end }, { server: this.input.name });
      // Of a setting that is done again what is behind it may be committed: it goes on from there.
      return failure('import-statement', { ...where, at: Math.max(at, committed.at) },
        { server: this.input.name, ...(reason.error.detail === undefined ? {} : { detail: reason.error.detail }) });
    }
    if (thrown instanceof Unclear) {
      const { line, at, end, part } = thrown.statement;
      const where = { file: shownName(this.input.file, part), line, at, end };
      return failure('import-unclear', { ...where, statement: shownStatement(thrown.statement) }, { server: this.input.name });
    }
    return thrown;
  }
}
