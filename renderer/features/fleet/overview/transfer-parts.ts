import type { TransferPlan } from '../../../../shared/domain/operations/transfer/transfer';
import type { MessageKey } from '../../../../shared/i18n/en';

/** A transfer of many, taken apart into one for each that is moved by itself. */
export interface TransferParts {
  /** Moved by itself; `followers`: how many move with it. */
  readonly heads: readonly { readonly id: string; readonly name: string; readonly followers: number }[];
  /** Chosen, and not moved by itself. */
  readonly left: readonly { readonly id: string; readonly name: string; readonly reason: MessageKey }[];
}

/** Every chosen instance is in one of the parts, none in both. Pure. `plan` null: nothing is known yet. */
export function transferParts(plan: TransferPlan | null, chosen: readonly string[], names: ReadonlyMap<string, string>): TransferParts {
  if (plan === null) return { heads: [], left: [] };
  const moving = new Map(plan.moves.map((move) => [move.instanceId, move]));
  const refused = new Map(plan.refused.map(({ name, reason }) => [name, reason]));
  const followers = new Map<string, number>();
  for (const { follows } of plan.moves) if (follows !== null) followers.set(follows, (followers.get(follows) ?? 0) + 1);
  const followersOf = (head: string): number => followers.get(head) ?? 0;
  const heads: TransferParts['heads'][number][] = [];
  const left: TransferParts['left'][number][] = [];
  for (const id of chosen) {
    const name = names.get(id) ?? id;
    const move = moving.get(id);
    const reason = refused.get(name);
    if (reason !== undefined) left.push({ id, name, reason: `transfer.refused.${reason}` });
    else if (move !== undefined && move.follows !== null) left.push({ id, name, reason: 'fleet.many.transfer.along' });
    // One that is there already may have followers that are not.
    else if (move !== undefined || followersOf(name) > 0) heads.push({ id, name, followers: followersOf(name) });
    else left.push({ id, name, reason: 'fleet.many.transfer.there' });
  }
  return { heads, left };
}
