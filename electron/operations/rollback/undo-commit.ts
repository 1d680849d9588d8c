// The end of an undo: its one transaction is committed, and the server, not the way in which a statement failed, says whether it is.
import { commitOutcome } from '../../../shared/domain/operations/rollback/commit';
import { errorOf, failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { hasErrno } from '../../mysql/errors';
import { sleep } from '../../mysql/time';
import { TakenBack } from '../../tasks/taken-back';
import type { Step, StepContext } from '../../tasks/types';
import { wasCommitted, gtidOfUndo, isProven } from './undo-proof';
import { takeBack } from './undo-run';
import { begunKey, type RollbackWork, type UndoInput } from './work';

/** How long a server that took a COMMIT and went away is waited for. */
const askMs = 60_000;
/** No such table, or no such database. */
const noTable = [1146, 1049] as const;

export function commitStep(work: RollbackWork, input: UndoInput): Step {
  return {
    id: 'commit', title: message('rollback.step.commit', { name: input.name }), pointOfNoReturn: true,
    run: (context) => commitUndo(work, input, context),
  };
}

/** Nobody cancels from here on. @throws TakenBack where it is proven that nothing of it is there; Failure `rollback-unclear` where nobody knows */
async function commitUndo(work: RollbackWork, input: UndoInput, context: StepContext): Promise<void> {
  const { name } = input;
  if (work.uncommitted === null) {
    // Its session is gone: an earlier run got here.
    if (await wasCommitted(work, context, context.signal)) return tell(work, input, context);
    await orTakenBack(() => takeBack(work, input, context));
  }
  const writer = work.uncommitted;
  let [answered, missed]: [boolean, unknown] = [false, null];
  try {
    if (writer === null) throw failure('internal', { detail: 'nothing is to be committed' });
    await context.sql(writer, name, 'COMMIT');
    answered = true;
  } catch (thrown) {
    missed = thrown;
  }
  const found = answered ? null : await proofSoon(work, context);
  switch (commitOutcome({ answered, found })) {
    case 'done':
      await tell(work, input, context);
      break;
    case 'not-done':
      throw new TakenBack(missed instanceof Error ? missed : failure('internal', { detail: String(missed) }));
    case 'unclear':
      throw failure('rollback-unclear', { name }, { server: name });
  }
  work.endSessions();
}

/** What misses before COMMIT has left nothing. */
async function orTakenBack(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    throw thrown instanceof Error ? new TakenBack(thrown) : thrown;
  }
}

/** null: the server did not say in good time. */
async function proofSoon(work: RollbackWork, context: StepContext): Promise<boolean | null> {
  // What holds the row, if it is still there, is of no more use.
  work.endSessions();
  for (const until = performance.now() + askMs; ;) {
    try {
      return await isProven(work, context.signal);
    } catch (thrown) {
      context.log('warning', 'rollback.log.asked-in-vain', { name: work.input.name, code: errorOf(thrown).code });
      if (hasErrno(thrown, ...noTable) || performance.now() >= until) return null;
      await sleep(1_000, context.signal);
    }
  }
}

/** It is done, whatever can be said of it. */
async function tell(work: RollbackWork, { id, name }: UndoInput, context: StepContext): Promise<void> {
  const { rows, left } = context.recall(begunKey) ?? {};
  let gtid: string | null = null;
  try {
    gtid = await gtidOfUndo(work, context, context.signal);
  } catch (thrown) {
    context.log('warning', 'rollback.log.asked-in-vain', { name, code: errorOf(thrown).code });
  }
  if (rows === undefined || left === undefined) {
    context.log('info', 'rollback.log.committed-before', { name });
    return;
  }
  work.book.noteOutcome(id, { gtid, rows, left });
  context.log('info', 'rollback.log.undone', { name, rows, left, gtid: gtid ?? '?' });
}
