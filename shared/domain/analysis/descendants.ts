import type { InstanceView } from '../fleet/view';

const indexes = new WeakMap<readonly InstanceView[], ReadonlyMap<string, readonly InstanceView[]>>();

/** Who follows whom, indexed once per list. */
function followersIn(instances: readonly InstanceView[]): ReadonlyMap<string, readonly InstanceView[]> {
  let index = indexes.get(instances);
  if (index === undefined) {
    const found = new Map<string, InstanceView[]>();
    for (const view of instances) if (view.sourceId !== null) found.set(view.sourceId, [...(found.get(view.sourceId) ?? []), view]);
    indexes.set(instances, found);
    index = found;
  }
  return index;
}

/** What follows an instance, directly or through others, nearest first. */
export function descendantsOf(id: string, instances: readonly InstanceView[]): InstanceView[] {
  const followers = followersIn(instances);
  const found: InstanceView[] = [];
  const seen = new Set([id]);
  let open = [id];
  while (open.length > 0) {
    const next = open.flatMap((one) => followers.get(one) ?? []).filter(({ instance }) => !seen.has(instance.id));
    for (const { instance } of next) seen.add(instance.id);
    found.push(...next);
    open = next.map(({ instance }) => instance.id);
  }
  return found;
}

/** What an instance follows, its source first, up to the head of the chain. */
export function ancestorsOf(view: InstanceView, byId: ReadonlyMap<string, InstanceView>): InstanceView[] {
  const found: InstanceView[] = [];
  const seen = new Set([view.instance.id]);
  for (let id = view.sourceId; id !== null && !seen.has(id); ) {
    seen.add(id);
    const up = byId.get(id);
    if (up === undefined) break;
    found.push(up);
    id = up.sourceId;
  }
  return found;
}
