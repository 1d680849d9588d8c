import { message } from '../../shared/i18n/message';
import type { TaskView } from '../../shared/domain/tasks/task';
import { parseGtidSet } from '../../shared/domain/gtid/set';
import type { FleetServers } from '../fleet/types';
import type { TaskMemory, Verdict } from '../tasks/types';
import type { EmergencyInput } from './emergency/context';
import { memory as keys } from './memory';
import type { SwitchoverInput } from './switchover/context';

type Stand = 'writable' | 'read-only' | 'away';

const READ_LIMIT_MS = 4000;

interface Look {
  readonly stand: Stand;
  readonly executed: string | null;
}

async function look(fleet: FleetServers, instanceId: string): Promise<Look> {
  try {
    return await fleet.withSession(
      instanceId,
      async (session) => {
        const [row] = await session.query<{ ro: number | string; executed: string }>('SELECT @@GLOBAL.read_only AS ro, @@GLOBAL.gtid_executed AS executed');
        return { stand: Number(row?.ro) === 0 ? 'writable' : 'read-only', executed: row?.executed ?? '' } as const;
      },
      { timeoutMs: READ_LIMIT_MS, queryTimeoutMs: READ_LIMIT_MS },
    );
  } catch {
    // Whatever keeps it from answering: for the judgement it is away, and the text says so.
    return { stand: 'away', executed: null };
  }
}

/**
 * Where an interrupted switchover stands, by what the servers say now and the journal said then.
 * Before the point of no return it can be undone (writes go on on the old primary); after it, it can only go on.
 */
export async function switchoverVerdict(fleet: FleetServers, view: TaskView, input: SwitchoverInput, memory: TaskMemory): Promise<Verdict> {
  const [source, standby] = await Promise.all([look(fleet, input.sourceId), look(fleet, input.standbyId)]);
  const params = { source: input.sourceName, standby: input.standbyName };
  if (memory.recall(keys.retreated) === true) return { verdict: 'finished', text: message('promotion.judge.retreated', params) };
  const begun = view.steps.some((step) => step.pointOfNoReturn && step.state !== 'pending' && step.state !== 'skipped');
  if (source.stand === 'writable' && standby.stand === 'writable') return { verdict: 'needs-attention', text: message('promotion.judge.two-writable', params) };
  if (!begun) {
    if (source.stand === 'away') return { verdict: 'needs-attention', text: message('promotion.judge.source-away', params) };
    return { verdict: 'can-undo', text: message(source.stand === 'writable' ? 'promotion.judge.nothing-fenced' : 'promotion.judge.fenced', params) };
  }
  if (standby.stand === 'away') return { verdict: 'needs-attention', text: message('promotion.judge.standby-away', params) };
  if (standby.stand === 'writable') return { verdict: 'can-resume', text: message('promotion.judge.opened', params) };
  const written = memory.recall(keys.promotionSet);
  const complete = written !== undefined && standby.executed !== null && parseGtidSet(written).isSubsetOf(parseGtidSet(standby.executed));
  return complete ? { verdict: 'can-resume', text: message('promotion.judge.about-to-open', params) } : { verdict: 'needs-attention', text: message('promotion.judge.incomplete', params) };
}

/** Where an interrupted emergency promotion stands. */
export async function emergencyVerdict(fleet: FleetServers, view: TaskView, input: EmergencyInput): Promise<Verdict> {
  const standby = await look(fleet, input.standbyId);
  const params = { source: input.sourceName, standby: input.standbyName };
  const begun = view.steps.some((step) => step.pointOfNoReturn && step.state !== 'pending' && step.state !== 'skipped');
  if (standby.stand === 'away') return { verdict: 'needs-attention', text: message('promotion.judge.standby-away', params) };
  if (!begun) return { verdict: 'can-undo', text: message('promotion.judge.not-opened', params) };
  return { verdict: 'can-resume', text: message(standby.stand === 'writable' ? 'promotion.judge.opened' : 'promotion.judge.about-to-open', params) };
}
