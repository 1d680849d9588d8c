import type { TaskView } from '../../../shared/domain/tasks/task';
import { message } from '../../../shared/i18n/message';
import type { FleetAccess } from '../../fleet/types';
import type { Verdict } from '../../tasks/types';
import { readStand, type GtidInput } from './work';

const readLimitMs = 4000;

/**
 * Where an interrupted change stands, by what the servers say now. Every rung is a state they can stay in: it may go on or
 * back from each, but only with all of them.
 */
export async function gtidChangeVerdict(fleet: FleetAccess, view: TaskView, input: GtidInput): Promise<Verdict> {
  const stands = await Promise.all(input.members.map(async ({ id, name }) => {
    try {
      return { name, stand: await fleet.withSession(id, readStand, { timeoutMs: readLimitMs, queryTimeoutMs: readLimitMs }) };
    } catch {
      // Whatever keeps it from answering: for the judgement it is away, and the text says so.
      return { name, stand: null };
    }
  }));
  const away = stands.filter(({ stand }) => stand === null).map(({ name }) => name);
  const at = stands.map(({ name, stand }) => `${name}: ${stand === null ? '?' : `${stand.mode}, ${stand.consistency}`}`).join('; ');
  if (away.length > 0) return { verdict: 'needs-attention', text: message('gtid.judge.away', { names: away.join(', '), stands: at }) };
  const wentBack = view.steps.some(({ state }) => state === 'undoing' || state === 'undone' || state === 'undo-failed');
  return wentBack ? {
    verdict: 'can-undo', text: message('gtid.judge.back', { stands: at }),
  } : { verdict: 'can-resume', text: message('gtid.judge.under-way', { stands: at }) };
}
