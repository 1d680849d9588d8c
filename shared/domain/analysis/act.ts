import type { Problem } from '../fleet/problem';
import type { InstanceView } from '../fleet/view';

/** What this program can do about a problem, where it does. */
export type ProblemAct =
  | { readonly kind: 'promote' | 'switch-over' | 'fence' | 'password' | 'enable-gtid' | 'add-standby' | 'rejoin' | 'open'; readonly instanceId: string }
  | { readonly kind: 'create-sync'; readonly sourceId: string; readonly standbyId: string }
  | { readonly kind: 'register'; readonly host: string; readonly port: number }
  /** In the hands of the sync task that owns the link of this standby. */
  | { readonly kind: 'sync'; readonly instanceId: string; readonly order: 'start' | 'reapply' | 'verify' };

/** The cure of a problem that this program has; null: it has none, the text says what to do on the server. */
export function actFor(view: InstanceView, { code, params }: Problem): ProblemAct | null {
  const instanceId = view.instance.id;
  switch (code) {
    case 'fenced-writable':
    case 'fence-partial':
    case 'writable-standby':
      return { kind: 'fence', instanceId };
    case 'login-refused':
      return { kind: 'password', instanceId };
    case 'gtid-off':
    case 'not-auto-position':
      return { kind: 'enable-gtid', instanceId };
    case 'unprotected':
      return Number(params['standbys']) === 0 && view.standbyObstacle === null ? { kind: 'add-standby', instanceId } : null;
    case 'not-synchronised':
      return view.instance.intent.kind === 'replica' ? { kind: 'create-sync', sourceId: view.instance.intent.sourceId, standbyId: instanceId } : null;
    case 'unknown-source':
      return typeof params['host'] === 'string' ? { kind: 'register', host: params['host'], port: Number(params['port']) } : null;
    case 'filter-drift':
      return { kind: 'sync', instanceId, order: 'reapply' };
    case 'needs-verification':
    case 'content-differs':
      return { kind: 'sync', instanceId, order: 'verify' };
    // One that stopped with an error stops there again.
    case 'applier-stopped':
    case 'receiver-stopped':
      return params['errno'] === 0 ? { kind: 'sync', instanceId, order: 'start' } : null;
    default:
      return null;
  }
}
