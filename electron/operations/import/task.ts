import { basename, join } from 'node:path';
import { partAt } from '../../../shared/domain/operations/import/parts';
import { endedStates, isUnresolved, type TaskView } from '../../../shared/domain/tasks/task';
import { errorOf } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import type { FleetServers } from '../../fleet/types';
import { isUnreachable } from '../../mysql/errors';
import type { AuditLog } from '../../storage/types';
import { lockServers, type ServerLocks } from '../../tasks/server-lock';
import type { TaskDefinition, TaskEngine, TaskMemory, Verdict } from '../../tasks/types';
import { refuseLocked } from '../permission';
import { errorsKey, positionKey, type ImportInput, type Position } from './input';
import { placed } from './placed';
import { forgetMark, lockedMark, readMark } from './mark';
import { keptName, RowsRun, type RowsImport } from './rows/run';
import { forgetCounts, keptPathKey, refusedSoFar, sweepKept } from './rows/kept';
import { ImportRun } from './run';

export interface ImportDeps {
  readonly fleet: FleetServers;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Where what is refused of rows is kept. */
  readonly dataFolder: string;
  readonly tasks: Pick<TaskEngine, 'list' | 'memory'>;
}

/** Whether an import is one of rows. */
function isOfRows(input: ImportInput): input is RowsImport {
  return input.rows !== undefined && input.database !== null;
}

/** What imports keep that have not ended, and may be gone on with. */
function keptInUse(tasks: ImportDeps['tasks']): ReadonlySet<string> {
  const open = tasks.list().filter((task) => task.kind === 'import' && (!endedStates.includes(task.state) || isUnresolved(task)));
  return new Set(open.flatMap(({ id }) => tasks.memory(id).recall(keptPathKey) ?? []));
}

/** The task that brings a file into a server. What is committed stays so, whatever comes after. */
export function importDefinition({ fleet, audit, clock, dataFolder, tasks }: ImportDeps, input: ImportInput): TaskDefinition {
  const { instanceId, name, file } = input;
  let locks: ServerLocks | null = null;
  const take = async (): Promise<void> => {
    locks = await lockServers([{ name, connect: (options) => fleet.connect(instanceId, options) }], { kind: 'import', name }, clock);
    // Since the plan was read, the program died or the server was away, it may have become a standby.
    await refuseLocked(fleet, instanceId, 'import');
  };
  const release = async (): Promise<void> => {
    const held = locks;
    locks = null;
    await held?.release();
  };
  const check = async (): Promise<void> => locks?.check();
  const again = async (): Promise<boolean> => {
    try {
      await release();
      await take();
      return true;
    } catch (thrown) {
      // Our own lock may live on for a while where only the way to the server was lost; and what is not watched now may be so again.
      if (isUnreachable(thrown) || ['lock-held', 'role-unknown', 'watch-paused'].includes(errorOf(thrown).code)) return false;
      throw thrown;
    }
  };
  return {
    kind: 'import', name, instanceIds: [instanceId], input, check, open: take, close: release,
    steps: [{
      id: 'import', title: message('import.step.run', { file: basename(file.path) }),
      run: async (step) => {
        if (!isOfRows(input)) return new ImportRun(fleet, input, { check, again }, step).all();
        const folder = join(dataFolder, 'imports');
        const path = join(folder, keptName(input.importId, input.rows.form));
        await step.remember(keptPathKey, path);
        sweepKept(folder, keptInUse(tasks));
        return new RowsRun(fleet, input, { check, again }, step, path).all();
      },
    }],
    async ended(view, journal) {
      // What the server says of it is told before it is forgotten there; the journal may be behind.
      const mark = await standAtEnd(fleet, input);
      const { statements, rows, line, at } = mark ?? journal.recall(positionKey) ?? { statements: 0, rows: 0, line: 0, at: 0 };
      const kept = journal.recall(keptPathKey);
      audit.append({
        action: isOfRows(input) ? 'import.rows.end' : 'import.end', target: name, outcome: view.state === 'done' ? 'done' : 'failed',
        detail: {
          file: file.path, ...(isOfRows(input) ? { table: `${input.database}.${input.rows.table}` } : {}), state: view.state,
          statements, rows, line, byte: at, asked: mark !== undefined, errors: journal.recall(errorsKey)?.count ?? refusedSoFar(journal, kept).refused,
          code: view.error?.code ?? null,
        },
      });
      if (kept !== undefined) forgetCounts(kept);
      await fleet.refresh(instanceId);
    },
  };
}

/** Reads the mark and takes it away; null: there is none, undefined: the server cannot be asked now, and the row says nothing to anybody. */
async function standAtEnd(fleet: FleetServers, { instanceId, importId }: ImportInput): Promise<Position | null | undefined> {
  try {
    return await fleet.withSession(instanceId, async (session) => {
      const mark = await lockedMark(session, importId);
      await forgetMark(session, importId);
      return mark;
    }, { timeoutMs: 4_000, queryTimeoutMs: 5_000 });
  } catch (thrown) {
    if (errorOf(thrown).code === 'internal') throw thrown;
    return undefined;
  }
}

/** The server tells how far it is, and it goes on from there. */
export async function importVerdict(fleet: FleetServers, view: TaskView, input: ImportInput, memory: TaskMemory): Promise<Verdict> {
  if (!isUnresolved(view)) return { verdict: 'finished', text: message('import.judge.finished') };
  try {
    const mark = await fleet.withSession(input.instanceId, (session) => readMark(session, input.importId), { timeoutMs: 4_000, queryTimeoutMs: 20_000 });
    const { line, statements, at } = mark ?? memory.recall(positionKey) ?? { line: 0, statements: 0, at: 0 };
    const told = { line, statements, all: input.statements };
    const text = isOfRows(input) ? message('import.judge.rows', told) : message(...placed('import.judge.under-way', told, partAt(input.file.parts, at)));
    return { verdict: 'can-resume', text };
  } catch (thrown) {
    return { verdict: 'needs-attention', text: message('import.judge.away', { name: input.name, code: errorOf(thrown).code }) };
  }
}
