import { errorOf } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import type { TaskView } from '../../../shared/domain/tasks/task';
import type { FleetServers } from '../../fleet/types';
import type { Step, StepContext, TaskDefinition, TaskKindHandler, Verdict } from '../../tasks/types';
import { executedOn } from '../../replication/gtid';
import { attachStep, catchUpStep, loginStep, proveStep } from './follow';
import { secureStep } from './secure';
import { numbersStep, undoStep, type UndoBook } from './undo';
import { FailbackWork, failbackInput, memory, type FailbackInput } from './work';

/** What the tasks of a failback stand on. */
export interface FailbackRun extends UndoBook {
  readonly fleet: FleetServers;
  /** The old primary follows its successor: a sync task owns the link from now on. */
  readonly joined: (input: FailbackInput) => Promise<void>;
  /** Nothing of that is so: it is one again that was cut off, at that time. */
  readonly parted: (input: FailbackInput, fencedSince: number) => Promise<void>;
}

/** A task of a failback: the old primary is made safe, or follows its successor. */
export function failbackDefinition(run: FailbackRun, input: FailbackInput): TaskDefinition {
  const work = new FailbackWork(run.fleet, run.clock, input);
  const ids = [input.oldId, input.successorId];
  return {
    kind: 'failback',
    name: input.oldName,
    instanceIds: input.act === 'secure' ? [input.oldId] : ids,
    ...(input.act === 'secure' ? {} : { sharedInstanceIds: [input.successorId] }),
    input,
    steps: stepsOf(run, work),
    mayResume: async () => {
      for (const id of input.act === 'secure' ? [input.oldId] : ids) await run.fleet.loginOf(id);
    },
    open: () => work.open(),
    check: () => work.check(),
    close: () => work.close(),
  };
}

function stepsOf(run: FailbackRun, work: FailbackWork): readonly Step[] {
  if (work.input.act === 'secure') return [secureStep(work)];
  const undoing = work.input.act === 'undo' ? [undoStep(run, work), numbersStep(run, work)] : [];
  return [...undoing, proveStep(work), loginStep(work), attachStep(work), catchUpStep(work), ownStep(run, work)];
}

/** The fence becomes that of a standby, and a sync task owns the link. */
function ownStep(run: FailbackRun, work: FailbackWork): Step {
  return {
    id: 'own',
    title: message('failback.step.own', { server: work.input.oldName }),
    run: async (context: StepContext) => {
      // A last look: what is attached and holds more than its source is no standby.
      const [own, other] = [await executedOn(work.old(context)), await executedOn(work.successor(context))];
      const extra = own.subtract(other);
      if (!extra.isEmpty()) context.log(
        'warning',
        'promotion.note.old-has-more',
        { server: work.input.oldName, count: Number(extra.count()), set: extra.toLine() },
      );
      // What an undo makes it again, should the app die in the middle of this.
      const { intent } = run.fleet.instance(work.input.oldId);
      if (intent.kind === 'fenced') await context.remember(memory.fencedSince, intent.since);
      await run.joined(work.input);
    },
    undo: async (context: StepContext) => {
      const since = context.recall(memory.fencedSince);
      if (since !== undefined) await run.parted(work.input, since);
    },
  };
}

/** How an interrupted task of a failback is built again, and judged. Every step of it may run again; the fence stays whatever is chosen. */
export function failbackHandler(run: FailbackRun): TaskKindHandler<FailbackInput> {
  return {
    kind: 'failback',
    input: failbackInput,
    rebuild: async (input) => failbackDefinition(run, input),
    judge: (view, input) => judged(run.fleet, view, input),
  };
}

async function judged(fleet: FleetServers, view: TaskView, { oldId, oldName }: FailbackInput): Promise<Verdict> {
  const undoing = view.steps.some(({ state }) => state === 'undoing' || state === 'undone' || state === 'undo-failed');
  try {
    const { server } = await fleet.readFacts(oldId);
    const closed = server.superReadOnly ?? server.readOnly;
    return { verdict: undoing ? 'can-undo' : 'can-resume', text: message(closed ? 'failback.recover.closed' : 'failback.recover.open', { server: oldName }) };
  } catch (thrown) {
    return {
      verdict: undoing ? 'can-undo' : 'can-resume',
      text: message('failback.recover.away', { server: oldName, reason: errorOf(thrown).detail ?? errorOf(thrown).code }),
    };
  }
}
