import { isPartial } from '../../../shared/domain/analysis/standing';
import type { InstanceFacts } from '../../../shared/domain/fleet/facts';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import type { CandidateReading } from '../../../shared/domain/promotion/loss';
import type { PromotionDeps } from '../types';

/** What a standby that could take over holds; a part by its task, or by the filters in force, which a restart of the server may have taken away. */
export function candidateOf({ scopeOf }: Pick<PromotionDeps, 'scopeOf'>, instanceId: string, facts: InstanceFacts): CandidateReading {
  const channel = facts.channels[0];
  const errors = [channel?.receiverError?.text, channel?.applierError?.text].filter((text) => text !== undefined && text !== '');
  return {
    instanceId,
    received: parseGtidSet(channel?.received ?? ''),
    executed: parseGtidSet(facts.gtid.executed),
    isPartial: scopeOf(instanceId).kind === 'partial' || isPartial({ facts }),
    problems: errors.map(String),
  };
}
