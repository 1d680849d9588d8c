import { quoted } from '../../shared/domain/analysis/standing-text';
import type { FailbackView } from '../../shared/domain/promotion/failback/failback';

type Standing = Pick<FailbackView, 'stage' | 'startedAt' | 'outcome' | 'oldName' | 'taskId'> & {
  /** The task that is at work on it was interrupted, and nobody goes on with it by himself. */
  readonly isInterrupted: boolean;
};

/**
 * The commands that lead on from where a failback stands; none where it is another's turn, or over. The word that gives transactions up is left for
 * its reader to put in: whoever copies a line must not give up what was not looked at.
 */
export function nextCommands({ stage, startedAt, outcome, oldName, taskId, isInterrupted }: Standing): readonly string[] {
  const name = quoted(oldName);
  const confirmed = `${name} --confirm ${name}`;
  if (taskId !== null && isInterrupted) return [`antipode recover ${taskId} --resume`, `antipode recover ${taskId} --undo`];
  if (outcome === 'done' || taskId !== null) return [];
  // What was cancelled begins anew.
  if (startedAt === null || outcome === 'cancelled') return stage === 'away' || stage === 'unwatched' ? [] : [`antipode failback start ${confirmed} --wait`];
  switch (stage) {
    case 'away':
    case 'unwatched':
    case 'done':
      return [];
    case 'divergent':
      return [`antipode dossier ${name} --format md --out dossier.md`, `antipode failback go-on ${confirmed} --give-up-divergent WORD --wait`];
    case 'secure':
    case 'rejoin':
      return [`antipode failback go-on ${confirmed} --wait`];
    case 'catch-up':
      return [`antipode failback status ${name}`];
    case 'verify':
    case 'verify-forward':
      return [`antipode failback go-on ${name} --wait`];
    case 'switch-back':
      return [`antipode failback switch-back ${confirmed}`];
    default:
      return stage satisfies never;
  }
}
