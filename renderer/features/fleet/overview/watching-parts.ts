import type { Problem } from '../../../../shared/domain/fleet/problem';
import { openProblems, watchDutyOf } from '../../../../shared/domain/fleet/attention';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { MessageKey } from '../../../../shared/i18n/en';
import type { WatchingAct } from '../../../stores/ui';

/** Many instances, taken apart by whether a word about watching them means anything now. */
export interface WatchingParts {
  /** `problems`: those of it that an acknowledgement is about. */
  readonly take: readonly { readonly id: string; readonly name: string; readonly problems: readonly Problem[] }[];
  readonly left: readonly { readonly id: string; readonly name: string; readonly reason: MessageKey }[];
}

/** Every one of them is in one of the parts. Pure. */
export function watchingParts(views: readonly InstanceView[], act: WatchingAct, only?: string): WatchingParts {
  const take: WatchingParts['take'][number][] = [];
  const left: WatchingParts['left'][number][] = [];
  for (const view of views) {
    const { id, name } = view.instance;
    const reason = obstacle(view, act, only);
    if (reason === null) take.push({ id, name, problems: openProblems(view, only) });
    else left.push({ id, name, reason });
  }
  return { take, left };
}

function obstacle(view: InstanceView, act: WatchingAct, only?: string): MessageKey | null {
  switch (act) {
    case 'acknowledge':
      return openProblems(view, only).length === 0 ? 'attention.left.nothing' : null;
    case 'silence':
      return null;
    case 'pause':
      if (view.paused !== null) return 'attention.left.paused';
      // Whether its filters are guarded the engine knows, and says.
      return watchDutyOf(view.instance, false) === null ? null : 'attention.left.fenced';
    case 'end-silence':
      return view.silenced === null ? 'attention.left.silent' : null;
    case 'resume':
      return view.paused === null ? 'attention.left.watched' : null;
    default:
      return act satisfies never;
  }
}
