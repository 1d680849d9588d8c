import * as v from 'valibot';
import { scope } from '../../../shared/contract/inputs';
import type { Scope } from '../../../shared/domain/scope/scope';
import type { FleetServers } from '../../fleet/types';
import { ServerSessions, serverOf, type Server } from '../../replication/servers';
import { memoryKey } from '../../tasks/memory';
import { lockServers, type ServerLocks } from '../../tasks/server-lock';
import type { StepContext } from '../../tasks/types';

/** The durable input of a task of a failback: it makes the old primary safe, or lets it follow its successor, once what only it has was undone. No secrets. */
export interface FailbackInput {
  /** Of the failback. */
  readonly id: string;
  readonly act: 'secure' | 'follow' | 'undo';
  readonly oldId: string;
  readonly oldName: string;
  readonly successorId: string;
  readonly successorName: string;
  /** What the link carries: what the link had that the emergency ended. */
  readonly scope: Scope;
  /** What the user gave up, and nothing else is undone. */
  readonly givenUp?: string | undefined;
}

/** Its form in journals. */
export const failbackInput: v.GenericSchema<unknown, FailbackInput> = v.object({
  id: v.string(),
  act: v.picklist(['secure', 'follow', 'undo']),
  oldId: v.string(),
  oldName: v.string(),
  successorId: v.string(),
  successorName: v.string(),
  scope,
  givenUp: v.optional(v.string()),
});

/** What a task of a failback keeps durably. */
export const memory = {
  /** The account that was made for the link; it goes with an undo. */
  madeAccount: memoryKey('link-account', v.string()),
  /** A trial of the login was begun: one that was interrupted may have left its channel, which before 5.7.6 is the only one. */
  trial: memoryKey('trial-begun', v.boolean()),
  /** How the link is protected, as the trial found. */
  protection: memoryKey('link-protection', v.object({ tls: v.boolean(), caFile: v.string(), verifyCertificate: v.boolean() })),
  /** The link was changed from here on. */
  linking: memoryKey('link-begun', v.boolean()),
  /** Since when the old primary was cut off, until it became a standby. */
  fencedSince: memoryKey('fenced-since', v.number()),
};

/** A task of a failback under way: its locks and sessions. */
export class FailbackWork {
  readonly sessions: ServerSessions;
  readonly #locks: ServerLocks[] = [];

  constructor(
    readonly fleet: FleetServers,
    private readonly clock: () => number,
    readonly input: FailbackInput,
  ) {
    this.sessions = new ServerSessions(fleet);
  }

  old(context: StepContext): Server {
    return serverOf(this.sessions, context, this.input.oldId, this.input.oldName);
  }

  successor(context: StepContext): Server {
    return serverOf(this.sessions, context, this.input.successorId, this.input.successorName);
  }

  /** The old primary is ours alone; its successor serves others meanwhile. To make the old one safe nobody else is asked. */
  async open(): Promise<void> {
    const { oldId, oldName, successorId, successorName, act } = this.input;
    const target = (id: string, name: string, shared: boolean) => ({
      name, shared, connect: (options: Parameters<FleetServers['connect']>[1]) => this.fleet.connect(id, options),
    });
    const targets = [target(oldId, oldName, false), ...(act !== 'secure' ? [target(successorId, successorName, true)] : [])];
    this.#locks.push(await lockServers(targets, { kind: 'failback', name: oldName }, this.clock));
  }

  async check(): Promise<void> {
    await Promise.all(this.#locks.map((locks) => locks.check()));
  }

  async close(): Promise<void> {
    await this.sessions.close();
    await Promise.all(this.#locks.splice(0).map((locks) => locks.release()));
  }
}
