import type { RollbackRecord } from '../../../shared/domain/operations/rollback/record';
import { message } from '../../../shared/i18n/message';
import type { TaskView } from '../../../shared/domain/tasks/task';
import type { Step, TaskDefinition, TaskMemory, Verdict } from '../../tasks/types';
import { besideSteps } from './beside-run';
import type { RollbackBook } from './book';
import { forwardSteps } from './forward-run';
import { swapStep } from './swap';
import { commitStep } from './undo-commit';
import { gtidOfUndo, wasCommitted } from './undo-proof';
import { undoStep } from './undo-run';
import { RollbackWork, type RollbackDeps, type RollbackInput } from './work';

/** The task of a rollback. `goesOn`: after a crash. */
export function rollbackDefinition(deps: RollbackDeps, book: RollbackBook, input: RollbackInput, goesOn: boolean): TaskDefinition {
  const work = new RollbackWork(deps, book, input);
  return {
    kind: 'rollback',
    name: input.name,
    instanceIds: [input.instanceId],
    input,
    steps: stepsOf(work, input),
    open: () => work.open(goesOn),
    check: () => work.check(),
    close: () => work.close(),
    async ended(view) {
      book.noteEnd(input.id, view, deps.clock());
      deps.audit.append({
        action: 'rollback.ended', target: input.name, outcome: view.state === 'done' ? 'done' : 'failed',
        detail: { way: input.way, state: view.state, rows: outcomeOf(book, input.id)?.rows ?? null, code: view.error?.code ?? null },
      });
      await deps.fleet.refresh(input.instanceId);
    },
  };
}

/** As long is the log read while somebody waits for the judgement. */
const judgeMs = 5_000;

function stepsOf(work: RollbackWork, input: RollbackInput): readonly Step[] {
  switch (input.way) {
    case 'undo':
    case 'copy-back':
      return [undoStep(work, input), commitStep(work, input)];
    case 'backward':
      return besideSteps(work, input);
    case 'forward':
      return forwardSteps(work, input);
    case 'swap':
      return [swapStep(work, input)];
  }
}

const outcomeOf = (book: RollbackBook, id: string): RollbackRecord['outcome'] => book.list(null).find((one) => one.id === id)?.outcome ?? null;

/** Where an interrupted rollback stands: what it writes on live tables is one transaction, of which the log tells whether it is there. */
export async function rollbackVerdict(deps: RollbackDeps, book: RollbackBook, view: TaskView, input: RollbackInput, memory: TaskMemory): Promise<Verdict> {
  // Copies that are half-way are of no use: they go, and it is begun anew.
  const isNaming = view.steps.some(({ id, state }) => id === 'name' && state !== 'pending');
  const isBeside = input.way === 'backward' || input.way === 'forward';
  if (isBeside && isNaming) return { verdict: 'can-resume', text: message('rollback.judge.names', { name: view.name }) };
  if (isBeside) return { verdict: 'can-undo', text: message('rollback.judge.copies', { name: view.name }) };
  if (input.way === 'swap') return { verdict: 'can-resume', text: message('rollback.judge.swap', { name: view.name }) };
  try {
    const work = new RollbackWork(deps, book, input);
    if (!(await wasCommitted(work, memory))) return { verdict: 'can-resume', text: message('rollback.judge.nothing', { name: view.name }) };
    // That it is there is known: where a long log does not tell its number soon, the step that goes on reads it.
    const gtid = await gtidOfUndo(work, memory, AbortSignal.timeout(judgeMs)).catch(() => null);
    return { verdict: 'can-resume', text: message('rollback.judge.committed', { name: view.name, gtid: gtid ?? '?' }) };
  } catch {
    // Whatever keeps the server from answering: for the judgement it is away, and the text says so.
    return { verdict: 'needs-attention', text: message('rollback.judge.away', { name: view.name }) };
  }
}
