import type { Plan, Precondition } from '../../shared/domain/tasks/plan';
import { failure } from '../../shared/errors/codes';
import type { Translator } from '../../shared/i18n/translate';
import type { Output } from './output';

/** A precondition with its texts beside the keys, for scripts. */
export function preconditionTexts(t: Translator, one: Precondition): Precondition & {
  readonly titleText: string; readonly measuredText: string; readonly remedyText: string | null;
} {
  return { ...one, titleText: t.message(one.title), measuredText: t.message(one.measured), remedyText: one.remedy === null ? null : t.message(one.remedy) };
}

/** A plan as `--json` gives it: everything that it holds, with the texts of what is shown. */
export function planTexts(t: Translator, plan: Plan): object {
  return {
    ...plan,
    preconditions: plan.preconditions.map((one) => preconditionTexts(t, one)),
    steps: plan.steps.map((step) => ({ ...step, titleText: t.message(step.title) })),
    warnings: plan.warnings.map((one) => t.message(one)),
  };
}

/** What was measured, with its mark, and what helps where it is not met. */
export function preconditionLine(t: Translator, one: Precondition): string {
  const remedy = one.remedy === null || one.status === 'pass' ? '' : `\n    ${t.message(one.remedy)}`;
  return `${one.status === 'pass' ? '✓' : one.status === 'warn' ? '!' : '✗'} ${t.message(one.title)}: ${t.message(one.measured)}${remedy}`;
}

/**
 * Where a plan cannot be carried out: people are shown it, with what helps, before; beside `--json`, what stands against it goes to stderr. `server`: of
 * several plans, whose it is.
 *
 * @throws Failure `precondition-failed`, with the first
 */
export function refuseFailed({ json, t, progress }: Output, { preconditions }: Pick<Plan, 'preconditions'>, show: () => void, server?: string): void {
  const failed = preconditions.filter(({ status }) => status === 'fail');
  const [first] = failed;
  if (first === undefined) return;
  if (json) for (const one of failed) progress(preconditionLine(t, one));
  else show();
  const params = { count: failed.length, first: `${t.message(first.title)}: ${t.message(first.measured)}` };
  throw failure('precondition-failed', params, server === undefined ? {} : { server });
}
