import type { TransferPlan } from '../../../../shared/domain/operations/transfer/transfer';
import type { Outcome } from '../../../ui/many';
import type { MessageKey } from '../../../../shared/i18n/en';

/** A transfer of many, taken apart into one for each that is moved by itself. */
export interface TransferParts {
  /** Moved by itself; `followers`: how many move with it. */
  readonly heads: readonly { readonly id: string; readonly name: string; readonly followers: number }[];
  /** Chosen, and not moved by itself; `headId`: it moves if that one does. */
  readonly left: readonly { readonly id: string; readonly name: string; readonly reason: MessageKey; readonly headId?: string }[];
}

/** Every chosen instance is in one of the parts, none in both. Pure. `plan` null: nothing is known yet. */
export function transferParts(plan: TransferPlan | null, chosen: readonly string[], names: ReadonlyMap<string, string>): TransferParts {
  if (plan === null) return { heads: [], left: [] };
  const moving = new Map(plan.moves.map((move) => [move.instanceId, move]));
  const refused = new Map(plan.refused.map(({ name, reason }) => [name, reason]));
  const followers = new Map<string, number>();
  for (const { follows } of plan.moves) if (follows !== null) followers.set(follows, (followers.get(follows) ?? 0) + 1);
  const followersOf = (head: string): number => followers.get(head) ?? 0;
  const idOf = new Map([...names].map(([id, name]) => [name, id]));
  const headOf = (name: string): { readonly headId?: string } => {
    const headId = idOf.get(name);
    return headId === undefined ? {} : { headId };
  };
  const heads: TransferParts['heads'][number][] = [];
  const left: TransferParts['left'][number][] = [];
  for (const id of chosen) {
    const name = names.get(id) ?? id;
    const move = moving.get(id);
    const reason = refused.get(name);
    if (reason !== undefined) left.push({ id, name, reason: `transfer.refused.${reason}` });
    else if (move !== undefined && move.follows !== null) left.push({ id, name, reason: 'fleet.many.transfer.along', ...headOf(move.follows) });
    // One that is there already may have followers that are not.
    else if (move !== undefined || followersOf(name) > 0) heads.push({ id, name, followers: followersOf(name) });
    else left.push({ id, name, reason: 'fleet.many.transfer.there' });
  }
  return { heads, left };
}

/** What is said of one that moves with its primary, by what came of that one; null: nothing came of it yet. Pure. */
export function alongWith(head: Outcome | undefined): MessageKey | null {
  switch (head?.kind) {
    case 'done':
    case 'partly':
      return 'fleet.many.transfer.moved-along';
    case 'refused':
    case 'changed':
    case 'skipped':
      return 'fleet.many.transfer.stays';
    case 'waiting':
    case 'running':
    case 'asked':
    case undefined:
      return null;
    default:
      return head satisfies never;
  }
}
