import type { Problem } from '../../shared/domain/fleet/problem';
import { isMessageKey } from '../../shared/i18n/translate';
import type { Translator } from '../../shared/i18n/translate';

function part(t: Translator, problem: Problem, which: 'title' | 'meaning' | 'cure'): string | null {
  const key = `problems.${problem.code}.${which}`;
  return isMessageKey(key) ? t(key, problem.params) : null;
}

/** The problem in a few words. */
export function problemTitle(t: Translator, problem: Problem): string {
  return part(t, problem, 'title') ?? problem.code;
}

/** What it means for the data and the service; null where there is no text. */
export function problemMeaning(t: Translator, problem: Problem): string | null {
  return part(t, problem, 'meaning');
}

/** What to do about it; null where there is no text. */
export function problemCure(t: Translator, problem: Problem): string | null {
  return part(t, problem, 'cure');
}
