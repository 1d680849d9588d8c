// Projects of instances: which ones a transfer moves, and what takes it back. Nothing happens on a server.
import { isReplicaRole, type Role } from '../../fleet/role';

/** An instance as far as its project is concerned. */
export interface TransferMember {
  readonly id: string;
  readonly name: string;
  readonly projectId: string | null;
  readonly role: Role;
  readonly sourceId: string | null;
}

/** One instance of a transfer. */
export interface TransferMove {
  readonly instanceId: string;
  readonly name: string;
  /** The project it comes from; null: none. */
  readonly from: string | null;
  /** The name of what it follows, where it moves for that reason; null: it was chosen. */
  readonly follows: string | null;
}

/** What a transfer would do. */
export interface TransferPlan {
  readonly moves: readonly TransferMove[];
  /** Chosen, and in that project already with all that follows them. */
  readonly unchanged: readonly string[];
  /** Chosen, and not to be moved: a replica goes where its primary goes, and what is not known is locked. */
  readonly refused: readonly { readonly name: string; readonly reason: 'follows' | 'fenced' | 'unknown' }[];
}

/** A transfer that was made. */
export interface TransferRecord {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: string;
  readonly to: string | null;
  /** What the project was called then; null: none. */
  readonly toName: string | null;
  readonly moves: readonly TransferMove[];
  /** When it was taken back; null: it was not. */
  readonly undoneAt: number | null;
}

/** What taking a transfer back does. */
export interface TransferUndo {
  readonly back: readonly TransferMove[];
  /** Stays where it is: it was removed, moved on since, or its old project is gone. */
  readonly left: readonly { readonly name: string; readonly reason: 'removed' | 'moved-on' | 'project-gone' }[];
}

/** The instances that follow one, and those that follow these. */
function followersOf(id: string, bySource: ReadonlyMap<string, readonly TransferMember[]>): readonly TransferMember[] {
  const found = new Map<string, TransferMember>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const member of bySource.get(next) ?? []) {
      if (member.id === id || found.has(member.id)) continue;
      found.set(member.id, member);
      open.push(member.id);
    }
  }
  return [...found.values()];
}

/** Which instances move to `to` where these are chosen; what follows a chosen one moves with it. */
export function planTransfer(members: readonly TransferMember[], chosen: readonly string[], to: string | null): TransferPlan {
  const chosenIds = new Set(chosen);
  const wanted = members.filter(({ id }) => chosenIds.has(id));
  const bySource = new Map<string, TransferMember[]>();
  for (const member of members) {
    if (member.sourceId === null) continue;
    const followers = bySource.get(member.sourceId);
    if (followers === undefined) bySource.set(member.sourceId, [member]);
    else followers.push(member);
  }
  const heads = wanted.filter(({ role }) => role === 'primary' || role === 'stand-alone');
  const following = new Map<string, { readonly member: TransferMember; readonly follows: string | null }>();
  for (const head of heads) following.set(head.id, { member: head, follows: null });
  for (const head of heads) {
    for (const member of followersOf(head.id, bySource)) if (!following.has(member.id)) following.set(member.id, { member, follows: head.name });
  }
  const moving = [...following.values()].filter(({ member }) => member.projectId !== to);
  const touched = new Set(moving.map(({ member, follows }) => follows ?? member.name));
  return {
    moves: moving.map(({ member, follows }) => ({ instanceId: member.id, name: member.name, from: member.projectId, follows })),
    unchanged: heads.filter(({ name }) => !touched.has(name)).map(({ name }) => name),
    refused: wanted.filter(({ id }) => !following.has(id))
      .map(({ name, role }) => ({ name, reason: isReplicaRole(role) ? 'follows' : role === 'fenced' ? 'fenced' : 'unknown' })),
  };
}

/** Why a transfer is not taken back: of `name` another is in charge, it is so itself by now, or its primary does not go back. */
export interface UndoObstacle {
  readonly how: 'other' | 'itself' | 'stays';
  readonly name: string;
  /** Its primary when it was moved, and now. */
  readonly was: string;
  readonly primary: string;
}

/**
 * What keeps a transfer from being taken back: a replica would be taken away from its primary. After a switchover or a promotion it is the new
 * primary that says where the instances belong, and after a part of them was moved on, the part that holds the primary. null: nothing.
 */
export function undoObstacle(
  { moves }: Pick<TransferRecord, 'moves'>, { back }: Pick<TransferUndo, 'back'>, members: readonly TransferMember[],
): UndoObstacle | null {
  for (const { instanceId, name, follows } of back) {
    const was = follows === null ? { instanceId, name } : moves.find((move) => move.follows === null && move.name === follows);
    const head = headOf(instanceId, members);
    // Its primary was in that project before, and stays there as it did.
    if (head === null || (was === undefined && head.name === follows)) continue;
    const told = { name, was: follows ?? name, primary: head.name };
    if (was?.instanceId !== head.id) return { ...told, how: head.id === instanceId ? 'itself' : 'other' };
    if (head.id !== instanceId && !back.some((move) => move.instanceId === head.id)) return { ...told, how: 'stays' };
  }
  return null;
}

/** Whom an instance follows in the end; itself where it follows nobody. null: it is not known, or they follow each other. */
function headOf(id: string, members: readonly TransferMember[]): TransferMember | null {
  const seen = new Set<string>();
  let found = members.find((one) => one.id === id) ?? null;
  while (found?.sourceId != null && !seen.has(found.id)) {
    seen.add(found.id);
    const { sourceId } = found;
    found = members.find((one) => one.id === sourceId) ?? null;
  }
  return found === null || seen.has(found.id) ? null : found;
}

/** What taking a transfer back does, as the inventory is now: what somebody moved on since is not moved again. */
export function planTransferUndo(
  { moves, to }: Pick<TransferRecord, 'moves' | 'to'>, members: readonly Pick<TransferMember, 'id' | 'projectId'>[], projectIds: readonly string[],
): TransferUndo {
  const reasonOf = ({ instanceId, from }: TransferMove): TransferUndo['left'][number]['reason'] | null => {
    const member = members.find(({ id }) => id === instanceId);
    if (member === undefined) return 'removed';
    if (member.projectId !== to) return 'moved-on';
    return from !== null && !projectIds.includes(from) ? 'project-gone' : null;
  };
  return {
    back: moves.filter((move) => reasonOf(move) === null),
    left: moves.flatMap((move) => {
      const reason = reasonOf(move);
      return reason === null ? [] : [{ name: move.name, reason }];
    }),
  };
}
