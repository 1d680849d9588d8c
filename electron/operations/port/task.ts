import { persistedSince, portAfter, portNames, type PersistedPort } from '../../../shared/domain/operations/port/plan';
import { isSettled, type ReplicaStanding } from '../../../shared/domain/operations/port/replica';
import type { PlannedStep } from '../../../shared/domain/tasks/plan';
import type { TaskView } from '../../../shared/domain/tasks/task';
import { errorOf, failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { hasErrno, isConnectionLost, isUnreachable } from '../../mysql/errors';
import type { LiveSession, Statement } from '../../mysql/types';
import { lockServers, type ServerLocks } from '../../tasks/server-lock';
import type { Step, StepContext, TaskDefinition, Verdict } from '../../tasks/types';
import { refuseLocked } from '../permission';
import { forgetStatements, persistStatements } from './draft';
import { pointToPort, standingOf } from './replica';
import type { PortDeps } from './types';
import { endpointsOf, locate, openAt, portsAfterRestart, type Located, type PortInput } from './work';

const everyMs = 250;
/** How long the lock of the restarted server is waited for, milliseconds. */
const lockLimitMs = 120_000;
/** ER_RESTART_SERVER_FAILED: nobody is there who would start it again. */
const noSupervisor = 3707;

/** Where the server may be: at its new port first, and at that by which the inventory reaches it. */
const portsOf = (input: PortInput, admin: number): readonly number[] => {
  const { from, to } = input;
  const reached = endpointsOf(input);
  return [...new Set([to.port, reached.after, from.port, reached.before, admin].filter((one) => one !== null))];
};

/** The task that changes ports: what is persisted, the restart, the proof, and everybody who has to follow. */
export function portDefinition(deps: PortDeps, input: PortInput, planned: readonly PlannedStep[]): TaskDefinition {
  const work = new PortWork(deps, input);
  const { fleet, audit } = deps;
  return {
    kind: 'port-change', name: input.name, instanceIds: [input.instanceId, ...new Set(input.replicas.map(({ id }) => id))], input,
    steps: planned.map(({ id, title, sql, pointOfNoReturn }): Step => ({ id, title, sql, pointOfNoReturn, ...work.acts(id) })),
    open: () => work.open(),
    check: () => work.check(),
    close: () => work.close(),
    async ended(view) {
      audit.append({
        action: 'port.change', target: input.name, outcome: view.state === 'done' ? 'done' : 'failed',
        detail: { state: view.state, ports: portsText(input), code: view.error?.code ?? null },
      });
      await Promise.all([input.instanceId, ...input.replicas.map(({ id }) => id)].map((id) => fleet.refresh(id)));
    },
  };
}

export const portsText = ({ from, to }: PortInput): string =>
  portNames.flatMap((name) => (to[name] === null ? [] : [`${name} ${from[name] ?? '?'} → ${to[name]}`])).join(', ');

/** Where an interrupted change stands: by the port at which the server answers. */
export async function portVerdict(deps: PortDeps, _view: TaskView, input: PortInput): Promise<Verdict> {
  const { admin } = deps.fleet.instance(input.instanceId);
  const found = await locate(deps, input, portsOf(input, admin.port)).catch(() => null);
  if (found === null) return { verdict: 'needs-attention', text: message('port.judge.away', { ports: portsOf(input, admin.port).join(', ') }) };
  return isThere(found, input)
    ? { verdict: 'can-resume', text: message('port.judge.there', { port: found.port }) }
    : { verdict: 'can-resume', text: message('port.judge.before', { port: found.port }) };
}

const isThere = (found: Located, input: PortInput): boolean => portsAfterRestart(found, input, 0) === 'there';

class PortWork {
  #locks: ServerLocks[] = [];
  #source: ServerLocks | null = null;

  constructor(private readonly deps: PortDeps, private readonly input: PortInput) {}

  async open(): Promise<void> {
    const { input } = this;
    await this.lockSource().catch((thrown: unknown) => { if (!isUnreachable(thrown)) throw thrown; });
    for (const { id, name } of new Map(input.replicas.map((one) => [one.id, one])).values()) {
      try {
        this.#locks.push(await this.lock(id, name));
      } catch (thrown) {
        // A replica that is away keeps nobody else from following; its own step tells.
        if (!isUnreachable(thrown)) throw thrown;
      }
    }
  }

  async check(): Promise<void> {
    await Promise.all([...this.#locks, ...(this.#source === null ? [] : [this.#source])].map((one) => one.check()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#locks, ...(this.#source === null ? [] : [this.#source])].map((one) => one.release()));
    this.#locks = [];
    this.#source = null;
  }

  acts(id: string): Pick<Step, 'run' | 'undo'> {
    switch (id) {
      case 'persist':
        return {
          run: async (step) => {
            await this.refuseLocked();
            await this.at(async (session) => {
              const [moved] = persistedSince(await this.persistedNow(session), this.input.to).moved;
              if (moved !== undefined) throw failure('plan-outdated', { what: `${moved.name}: ${moved.now ?? '-'}` });
              await this.all(step, session, persistStatements(session.dialect, this.input));
            });
          },
          undo: (step) => this.at(async (session) => {
            const { ours, moved } = persistedSince(await this.persistedNow(session), this.input.to);
            for (const { name, now } of moved) step.log('warning', 'port.log.moved-on', { name: `${name}: ${now ?? '-'}` });
            await this.all(step, session, forgetStatements(session.dialect, this.input, ours));
          }),
        };
      case 'restart':
        return { run: (step) => this.restart(step) };
      case 'inventory':
        return { run: (step) => this.inventory(step) };
      case 'confirm':
        return { run: (step) => this.confirm(step) };
      default:
        return { run: (step) => this.replica(step, id.replace(/^replica-/, '')) };
    }
  }

  /** It may have become a standby since the plan was shown: a standby follows its primary, and keeps its ports. */
  private async refuseLocked(): Promise<void> {
    await refuseLocked(this.deps.fleet, this.input.instanceId, 'port');
  }

  /** What the server keeps for its next start, of what this change persists. */
  private async persistedNow(session: LiveSession): Promise<readonly PersistedPort[]> {
    const rows = await session.query<{ name: string; value: string }>(
      'SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.persisted_variables');
    return this.input.persist.map(({ name, before }) => {
      const found = rows.find((one) => one.name === name);
      return { name, before, now: found === undefined ? null : Number(found.value) };
    });
  }

  private lock(id: string, name: string): Promise<ServerLocks> {
    const { fleet, clock } = this.deps;
    return lockServers([{ name, connect: (options) => fleet.connect(id, { timeoutMs: 5000, ...options }) }], { kind: 'port-change', name: this.input.name },
      clock);
  }

  private async lockSource(): Promise<void> {
    this.#source ??= await this.lock(this.input.instanceId, this.input.name);
  }

  private ports(): readonly number[] {
    return portsOf(this.input, this.deps.fleet.instance(this.input.instanceId).admin.port);
  }

  private async at(use: (session: LiveSession) => Promise<void>): Promise<void> {
    const found = await locate(this.deps, this.input, this.ports());
    if (found === null) throw failure('step-failed', { step: 'persist', server: this.input.name });
    const session = await openAt(this.deps, this.input.instanceId, found.port);
    try {
      await use(session);
    } finally {
      session.destroy();
    }
  }

  private async all(step: StepContext, session: LiveSession, statements: readonly Statement[]): Promise<void> {
    for (const statement of statements) await step.sql(session, this.input.name, statement);
  }

  /** Restarts it, or waits for whoever does; proven by what it says itself over TCP at its new port, and by its uuid. */
  private async restart(step: StepContext): Promise<void> {
    const { input } = this;
    const already = await locate(this.deps, input, this.ports());
    if (already !== null && isThere(already, input)) return;
    if (input.restart) await this.refuseLocked();
    // The lock ends with the server.
    await this.#source?.release();
    this.#source = null;
    const asked = performance.now();
    const restarted = input.restart && await this.order(step);
    const what = restarted ? message('port.wait.restart', { name: input.name, port: input.to.port ?? input.from.port ?? already?.port ?? 0 })
      : message('port.wait.by-hand', { name: input.name, file: input.optionFile === '' ? 'my.cnf' : input.optionFile, lines: input.optionLines.join('; ') });
    let up: number | null = null;
    const look = async (): Promise<boolean> => {
      const found = await locate(this.deps, input, this.ports());
      if (found === null) return false;
      if (isThere(found, input)) return true;
      const now = performance.now();
      if (!restarted || found.uptime >= (now - asked) / 1000) return false;
      up ??= now;
      if (portsAfterRestart(found, input, now - up) === 'not-taken') throw failure('port-not-taken', { name: input.name, port: found.port });
      return false;
    };
    await step.waitFor(what, look, { everyMs });
    step.log('info', 'port.log.proven', { name: input.name, ports: portsText(input), seconds: Math.round((performance.now() - asked) / 100) / 10 });
  }

  /** false: nobody would start it again, and it goes on running. */
  private async order(step: StepContext): Promise<boolean> {
    try {
      await this.at(async (session) => void await step.sql(session, this.input.name, 'RESTART'));
    } catch (thrown) {
      if (hasErrno(thrown, noSupervisor)) {
        step.log('warning', 'port.log.no-supervisor', { name: this.input.name });
        return false;
      }
      if (!isConnectionLost(thrown)) throw thrown;
    }
    return true;
  }

  /** The inventory, and with it the password's binding, follow; the server is asked for its uuid once more on the way. */
  private async inventory(step: StepContext): Promise<void> {
    const { fleet } = this.deps;
    const { instanceId } = this.input;
    const { name, regionId, projectId, admin, replication, connectsFrom, user, tls, note } = fleet.instance(instanceId);
    const port = endpointsOf(this.input).after ?? admin.port;
    const follows = replication === null ? null : { ...replication, port: portAfter(replication.port, this.input) };
    if (admin.port !== port || replication?.port !== follows?.port) {
      const { password } = await fleet.loginOf(instanceId);
      await fleet.updateInstance(instanceId, {
        name, regionId, projectId, admin: { ...admin, port }, replication: follows, connectsFrom, user, tls, note,
      }, password);
    }
    // Somebody may have been quicker when the server came back: what is left waits for them.
    await step.waitFor(message('port.wait.lock', { name }), async () => {
      try {
        await this.lockSource();
        return true;
      } catch (thrown) {
        if (errorOf(thrown).code !== 'lock-held') throw thrown;
        return false;
      }
    }, { everyMs: 500, limitMs: lockLimitMs });
  }

  /** One that cannot follow keeps none of the others from it; what it lacks is told, and asked for again at the end. */
  private async replica(step: StepContext, id: string): Promise<void> {
    for (const replica of this.input.replicas.filter((one) => one.id === id)) await this.point(step, replica);
  }

  private async point(step: StepContext, replica: PortInput['replicas'][number]): Promise<void> {
    try {
      await pointToPort(this.deps, step, replica, this.input);
    } catch (thrown) {
      const { code, detail } = errorOf(thrown);
      if (code === 'cancelled') throw thrown;
      step.log('error', 'port.log.replica', { name: replica.name, port: this.input.to.port ?? 0, detail: detail === undefined ? code : `${code}: ${detail}` });
    }
  }

  /** A replica that is right is left alone; another is pointed once more, and told of where it does not prove itself. */
  private async confirmed(step: StepContext, replica: PortInput['replicas'][number]): Promise<boolean> {
    const standing = (): Promise<ReplicaStanding> => standingOf(this.deps, step, replica, this.input).catch((thrown: unknown) => {
      if (['cancelled', 'internal'].includes(errorOf(thrown).code)) throw thrown;
      return 'gone';
    });
    if (isSettled(await standing())) return true;
    await this.point(step, replica);
    const now = await standing();
    if (!isSettled(now)) step.log('error', 'port.log.left', { name: replica.name, port: this.input.to.port ?? 0, why: now.replace('-', '') });
    return isSettled(now);
  }

  private async confirm(step: StepContext): Promise<void> {
    const { input, deps } = this;
    const found = await locate(deps, input, this.ports());
    if (found === null || !isThere(found, input)) throw failure('port-not-taken', { name: input.name, port: found?.port ?? 0 });
    const behind: string[] = [];
    for (const replica of input.replicas) if (!await this.confirmed(step, replica)) behind.push(replica.name);
    if (behind.length > 0) throw failure('port-replicas-left', { replicas: behind.join(', '), port: input.to.port ?? 0 });
    if (input.to.port !== null) step.log('info', 'port.log.clients', { port: input.to.port });
  }
}
