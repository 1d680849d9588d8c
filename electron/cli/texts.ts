import { holderParams, type LockHolder } from '../../shared/domain/tasks/lock-holder';
import type { Lag } from '../../shared/domain/fleet/lag';
import type { Holder } from '../../shared/domain/tasks/task';
import { pausedMessage, quietMessage, silencedMessage } from '../../shared/domain/fleet/attention-text';
import type { Problem } from '../../shared/domain/fleet/problem';
import type { InstanceView } from '../../shared/domain/fleet/view';
import type { MessageKey } from '../../shared/i18n/en';
import { moment } from './output';
import type { Translator } from '../../shared/i18n/translate';

/** Lag in one line: time first, then transactions; never a number where nothing replicates. */
export function lagText(t: Translator, lag: Lag): string {
  if (lag.state === 'not-replicating' || lag.state === 'unknown') return t(`terminal.lag.${lag.state}`);
  return t('terminal.lag.line', {
    seconds: lag.seconds === null ? '?' : lag.seconds.toFixed(lag.measure === 'applier-timestamps' ? 2 : 0),
    toReceive: lag.toReceive ?? '?',
    toApply: lag.toApply ?? '?',
  });
}

/** Who else works on a server, in the words in which its lock would be refused. */
export function atWorkText(t: Translator, holder: LockHolder): string {
  return t('errors.lock-held', holderParams(holder));
}

/** Who or what holds an operation that was left half-way. */
export function holderLine(t: Translator, { server, kind, session, user, host, statement, since }: Holder): string {
  const what = t('tasks.holder', { server, kind: kind.replaceAll('-', '') });
  const who = session === null ? '' : t('tasks.holder.session', { id: session, user, host });
  return [what, who, since === null ? '' : moment(since), statement].filter((part) => part !== '').join(' · ');
}

/** What is said about watching an instance, in lines; none where nothing is. */
export function attentionLines(t: Translator, { paused, silenced }: Pick<InstanceView, 'paused' | 'silenced'>): readonly string[] {
  return [
    ...(paused === null ? [] : [`? ${t.message(pausedMessage(paused))}`]),
    ...(silenced === null ? [] : [`· ${t.message(silencedMessage(silenced))}`]),
  ];
}

/** A problem with its cure, for people. */
export function problemText(t: Translator, problem: Problem): string {
  const title: MessageKey = `problems.${problem.code}.title`;
  const cure: MessageKey = `problems.${problem.code}.cure`;
  const quiet = problem.quiet === undefined ? '' : `\n    ${t.message(quietMessage(problem.quiet))}`;
  const mark = { critical: '✗', warning: '!', info: '·' }[problem.severity];
  return `${mark} ${t(title, problem.params)}${quiet}\n    ${t(cure, problem.params)}`;
}
