import type { LabServerView } from '../../../shared/domain/settings';
import type { InstanceView } from '../../../shared/domain/fleet/view';

/** What there is to practise next. Ids are of instances; `name` is a server's name in the lab. */
export type NextStep =
  | { readonly kind: 'protect'; readonly primary: InstanceView }
  | { readonly kind: 'wait' | 'practise' | 'promote'; readonly primary: InstanceView; readonly standby: InstanceView }
  | { readonly kind: 'returned'; readonly old: InstanceView }
  | { readonly kind: 'restart'; readonly name: string };

/**
 * The next thing to do with the practice servers, by what they are now: an old primary that is back comes before everything, a
 * primary that is lost before a server that merely stands still, and an unprotected one last. Null: nothing runs, or nothing is known. Pure.
 */
export function nextStep(servers: readonly LabServerView[], byId: ReadonlyMap<string, InstanceView>): NextStep | null {
  const known = servers.flatMap((server) => {
    const view = server.instanceId === null ? undefined : byId.get(server.instanceId);
    return view === undefined ? [] : [{ server, view }];
  });
  const running = known.filter(({ server }) => server.running).map(({ view }) => view);
  if (running.length === 0) return null;
  const old = running.find(({ role }) => role === 'fenced');
  if (old !== undefined) return { kind: 'returned', old };
  const standbyOf = (primary: InstanceView): InstanceView | undefined =>
    running.find((view) => view.role === 'standby' && view.sourceId === primary.instance.id);
  for (const { server, view } of known) {
    const standby = standbyOf(view);
    if (!server.running && standby !== undefined) return { kind: 'promote', primary: view, standby };
  }
  const stopped = servers.find((server) => !server.running);
  if (stopped !== undefined) return { kind: 'restart', name: stopped.name };
  for (const primary of running) {
    const standby = standbyOf(primary);
    if (standby === undefined) continue;
    const follows = standby.lag !== null && (standby.lag.state === 'caught-up' || standby.lag.state === 'behind');
    return { kind: follows ? 'practise' : 'wait', primary, standby };
  }
  const primary = running.find(({ role }) => role === 'primary') ?? running.find(({ role }) => role === 'stand-alone');
  return primary === undefined ? null : { kind: 'protect', primary };
}
