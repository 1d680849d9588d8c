import * as v from 'valibot';
import { consistencyLevels, levelsOf, type GtidConsistency, type GtidMember } from '../../../shared/domain/operations/gtid-change';
import type { GtidMode } from '../../../shared/domain/fleet/facts';
import { errorOf, failure } from '../../../shared/errors/codes';
import type { FleetAccess } from '../../fleet/types';
import { isConnectionLost } from '../../mysql/errors';
import { sleep } from '../../mysql/time';
import type { Session, Statement } from '../../mysql/types';
import { lockServers, type ServerLocks } from '../../tasks/server-lock';
import type { StepContext } from '../../tasks/types';
import { ServerSessions } from '../../replication/servers';

/** From which the task is built, again after a crash as well; no secrets. */
export interface GtidInput {
  readonly sourceId: string;
  readonly sourceName: string;
  readonly watchSeconds: number;
  /** Every server of the topology as it stood before the first step; sources first. */
  readonly members: readonly GtidMember[];
}

const modes = v.picklist(['OFF', 'OFF_PERMISSIVE', 'ON_PERMISSIVE', 'ON']);
const consistency = v.picklist(consistencyLevels);

/** Its form in journals. */
export const gtidInput: v.GenericSchema<unknown, GtidInput> = v.object({
  sourceId: v.string(),
  sourceName: v.string(),
  watchSeconds: v.number(),
  members: v.array(
    v.object({
      id: v.string(),
      name: v.string(),
      mode: modes,
      consistency,
      persisted: v.object({ mode: v.nullable(v.string()), consistency: v.nullable(v.string()) }),
      configLines: v.array(v.string()),
      links: v.array(v.object({ channel: v.string(), sourceId: v.string(), autoPosition: v.boolean() })),
    }),
  ),
});

export interface GtidStand {
  readonly mode: GtidMode;
  readonly consistency: GtidConsistency;
}

const connectLimitMs = 5000;
/** How long the connections of a run that died may go on holding its locks: a busy server clears them away late. */
const deadRunMs = 20_000;

/** The change of one topology under way: its locks and one connection per server, opened again where it was lost. */
export class GtidWork {
  /** From the sources down. */
  readonly levels: readonly (readonly GtidMember[])[];
  #sessions: ServerSessions;
  #locks: ServerLocks | null = null;

  constructor(
    readonly fleet: FleetAccess,
    readonly input: GtidInput,
    private readonly clock: () => number,
  ) {
    this.levels = levelsOf(input.members) ?? [input.members];
    this.#sessions = new ServerSessions(fleet);
  }

  /** Takes the lock of every server. `goesOn`: after a crash, when the locks of the dead run may linger. */
  async open(goesOn: boolean): Promise<void> {
    this.#sessions = new ServerSessions(this.fleet);
    const until = performance.now() + (goesOn ? deadRunMs : 0);
    for (;;) {
      try {
        this.#locks = await lockServers(
          this.input.members.map(({ id, name }) => ({ name, connect: (options) => this.fleet.connect(id, { timeoutMs: connectLimitMs, ...options }) })),
          { kind: 'gtid-change', name: this.input.sourceName },
          this.clock,
        );
        return;
      } catch (thrown) {
        if (errorOf(thrown).code !== 'lock-held' || performance.now() >= until) throw thrown;
        await sleep(500);
      }
    }
  }

  async check(): Promise<void> {
    await this.#locks?.check();
  }

  async close(): Promise<void> {
    await this.#sessions.close();
    await this.#locks?.release();
    this.#locks = null;
  }

  member(id: string): GtidMember {
    const found = this.input.members.find((member) => member.id === id);
    if (found === undefined) throw failure('internal', { detail: `${id} is not of this topology` });
    return found;
  }

  /** Runs `use` with the server's connection; one that turns out lost is forgotten, so that the next use opens a new one. */
  async on<Result>(id: string, use: (session: Session) => Promise<Result>): Promise<Result> {
    const session = await this.#sessions.get(id, 'control');
    try {
      return await use(session);
    } catch (thrown) {
      if (isConnectionLost(thrown) || session.closed) await this.#sessions.drop(id, 'control');
      throw thrown;
    }
  }

  /** A statement that belongs to the step: journaled. */
  sql<Row = Record<string, unknown>>(
    step: StepContext, { id, name }: Pick<GtidMember, 'id' | 'name'>, statement: (session: Session) => string | Statement,
  ): Promise<Row[]> {
    return this.on(id, (session) => step.sql<Row>(session, name, statement(session)));
  }

  /** Where a server stands now. */
  stand(id: string): Promise<GtidStand> {
    return this.on(id, readStand);
  }
}

export async function readStand(session: Session): Promise<GtidStand> {
  const [row] = await session.query<{ mode: GtidMode; consistency: string }>(
    'SELECT @@GLOBAL.gtid_mode AS mode, @@GLOBAL.enforce_gtid_consistency AS consistency',
  );
  if (row === undefined) throw failure('internal', { detail: 'gtid_mode could not be read' }, { server: session.label });
  return { mode: row.mode, consistency: row.consistency as GtidConsistency };
}
