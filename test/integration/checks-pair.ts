import { connect } from '../../electron/mysql/session/session';
import type { CheckRun } from '../../electron/checks';
import type { CheckRequest } from '../../shared/domain/checks/request';
import type { Fleet } from '../../electron/fleet/types';
import type { CheckResult } from '../../shared/domain/checks/check';
import { wholeInstance } from '../../shared/domain/scope/scope';
import type { Endpoint, Instance, TlsSettings } from '../../shared/domain/fleet/instance';
import { instanceForm } from '../fixtures/instance-form';
import type { TestServer } from '../fixtures/servers';

export interface Member {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Two servers as the checks see them: what of the fleet they use, over real sessions. */
export function pairOf(
  source: Member,
  standby: Member,
  /** `tls`: what the user chose to be proven of the source. */
  replication: { readonly source?: Endpoint; readonly standby?: Endpoint; readonly tls?: TlsSettings } = {},
): { readonly fleet: Fleet; readonly request: CheckRequest } {
  const members = { 'gz-1': source, 'sh-1': standby };
  const memberOf = (id: string): Member => {
    const member = id === 'gz-1' ? members['gz-1'] : id === 'sh-1' ? members['sh-1'] : undefined;
    if (member === undefined) throw new Error(`no instance ${id}`);
    return member;
  };
  const instance = (id: string): Instance => {
    return {
      id, ...instanceForm({ ...memberOf(id), name: id }, { regionId: 'r', replication: (id === 'gz-1' ? replication.source : replication.standby) ?? null }),
      ...(id === 'gz-1' && replication.tls !== undefined ? { tls: replication.tls } : {}),
      intent: { kind: 'none' }, serverUuid: null, createdAt: 0,
    };
  };
  const used: Pick<Fleet, 'instance' | 'connect' | 'withSession'> = {
    instance,
    connect: (id, options) => connect({ ...memberOf(id), tls: { mode: 'preferred', ca: null } }, { label: id, ...options }),
    withSession: async (id, use, options) => {
      const session = await used.connect(id, options);
      try {
        return await use(session);
      } finally {
        await session.close();
      }
    },
  };
  const request: CheckRequest = { sourceId: 'gz-1', standbyId: 'sh-1', scope: wholeInstance, seed: 'copy', eraseTarget: false };
  // The checks use no more of the fleet than this; anything else they reached for would be a fault, and show as one.
  return { fleet: used as Fleet, request };
}

/** Results that stop a task, with what they measured: the failure message of a test tells them. */
export function blocking(results: readonly CheckResult[]): readonly string[] {
  return results.filter(({ status }) => status === 'fail' || status === 'error').map(({ id, status, measured }) => `${id} ${status} ${JSON.stringify(measured.params ?? measured.key)}`);
}

/** The same servers, asked for something else. */
export function asking(run: CheckRun, changes: Partial<CheckRequest>): CheckRun {
  return { ...run, request: { ...run.request, ...changes } };
}

/** A scope of these databases, whole. */
export function databases(...names: readonly string[]): CheckRequest['scope'] {
  return { kind: 'partial', databases: names.map((database) => ({ database, tables: null })) };
}

export function loginOf({ host, port, user, password }: TestServer): Member {
  return { host, port, user, password };
}
