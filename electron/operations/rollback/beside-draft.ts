// Which way a rollback beside the originals goes.
import type { Precondition } from '../../../shared/domain/tasks/plan';
import { isExecutable } from '../../../shared/domain/tasks/plan';
import { errorOf, Failure, type ErrorCode } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { draftBackward, type BesideDraft, type BesideRequest } from './beside-plan';
import { draftForward } from './forward-plan';
import type { RollbackDeps } from './work';

/** Of these the other way may know nothing: a table that is gone today, more changes since than are undone. */
const onlyBackward: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['not-found', 'rollback-too-many']);

/**
 * The way that was asked for; of `auto` the one from the present, which needs no backup, where it leads there, else from a backup. Where none does both
 * say why.
 */
export async function draftBeside(deps: RollbackDeps, id: string, name: string, request: BesideRequest, signal?: AbortSignal): Promise<BesideDraft> {
  if (request.way === 'forward') return draftForward(deps, id, name, request, signal);
  if (request.way === 'backward') return draftBackward(deps, id, name, request, signal);
  const backward = await draftBackward(deps, id, name, request, signal).catch((thrown: unknown) => {
    if (thrown instanceof Failure && onlyBackward.has(thrown.error.code)) return thrown;
    throw thrown;
  });
  // A name that is taken is taken whichever way is gone.
  const isWay = ({ plan }: BesideDraft): boolean => plan.preconditions.every(({ id: of, status }) => status !== 'fail' || /^names:\d/.test(of));
  if (!(backward instanceof Failure) && isWay(backward)) return backward;
  const forward = await draftForward(deps, id, name, request, signal);
  const why = backward instanceof Failure ? [gone(backward)] : backward.plan.preconditions.filter(({ status }) => status === 'fail');
  if (isExecutable(forward.plan)) return withPreconditions(forward, [...why.map(passedBy), ...forward.plan.preconditions]);
  if (backward instanceof Failure) return withPreconditions(forward, [...why, ...forward.plan.preconditions]);
  return withPreconditions(backward, [...backward.plan.preconditions, ...forward.plan.preconditions.filter(({ status }) => status === 'fail')]);
}

function gone(thrown: Failure): Precondition {
  const { code, params } = errorOf(thrown);
  return { id: 'backward', title: message('rollback.precondition.range'), status: 'fail', measured: message(`errors.${code}`, params), remedy: null, sql: '' };
}

/** What kept the other way from being gone is told, and keeps nobody. */
const passedBy = (one: Precondition): Precondition => ({
  ...one, id: `backward:${one.id}`, title: message('rollback.precondition.backward'), status: 'pass', remedy: null,
});

function withPreconditions(draft: BesideDraft, preconditions: readonly Precondition[]): BesideDraft {
  return { ...draft, plan: { ...draft.plan, preconditions } };
}
