import { isProvenNone } from '../../../shared/domain/promotion/loss';
import type { Loss } from '../../../shared/domain/promotion/promotion';
import type { Tone } from '../../ui/StatusBadge';

/** Green is a loss of none that is proven; 0 that nobody has proven is grey, and whatever is known lost is red. `shown`: the number in sight. */
export function lossTone(loss: Loss, shown: number | null = loss.count): Tone {
  if (isProvenNone(loss)) return 'good';
  return shown === 0 ? 'mute' : 'bad';
}

/** The number of a loss: `≥` where more may be, `?` where nothing can be told. */
export function lossFigure({ kind, count }: Loss, number: (value: number) => string): string {
  if (kind === 'unknown') return '?';
  return kind === 'exact' ? number(count) : `≥ ${number(count)}`;
}
