import type { FailbackStage } from '../../../shared/domain/promotion/failback/failback';
import type { FailbackReading } from '../../../shared/domain/promotion/failback/reading';
import { isOtherServer } from '../../../shared/domain/promotion/failback/ways';
import { message, type Message } from '../../../shared/i18n/message';

interface Looked {
  readonly reading: FailbackReading;
  readonly stage: FailbackStage;
  /** Who the old primary was; null: not known. */
  readonly formerUuid: string | null;
}

const beforeRejoin: ReadonlySet<FailbackStage> = new Set(['secure', 'divergent', 'rejoin']);

/** What was seen of both servers, in words. `paused`: of those that are not watched, that they are not. */
export function sawOf(
  { reading: { servers }, stage, formerUuid }: Looked, names: { readonly old: string; readonly successor: string }, paused: readonly Message[],
): readonly Message[] {
  if (servers === null) return paused.length > 0 ? paused : [message('failback.saw.away', names)];
  return [
    ...(isOtherServer(servers, formerUuid) ? [message('failback.saw.other-server', names)] : []),
    // Once it follows it lacks, for moments, what it made before; and home again it is read first.
    ...(servers.setBack === 0 || !beforeRejoin.has(stage) ? [] : [message('failback.saw.set-back', { ...names, n: servers.setBack })]),
    // Once it follows, how long it keeps its log is its own affair.
    ...(stage === 'secure' ? servers.unsecured.map((part) => message(`failback.saw.${part}`, names)) : []),
    servers.divergence === null ? message('failback.saw.no-gtids', names) : message('failback.saw.divergence', { ...names, n: servers.divergence.count }),
    ...(servers.behind === null || stage === 'verify-forward' ? [] : [message('failback.saw.behind', { ...names, n: servers.behind })]),
    message(`failback.saw.follows-${servers.oldFollows}`, names),
    ...(servers.successorFollows === 'no' ? [] : [message('failback.saw.returned', names)]),
  ];
}
