import * as v from 'valibot';
import type { RestoreOrder } from '../../../shared/domain/backup/backup';
import {
  nothingNoted, readOnlyView, type Frozen, type PendingPage, type PendingTransaction, type ReadOnlyNote,
} from '../../../shared/domain/operations/read-only/read-only';
import { taskInTheWay, type RestartOutlook } from '../../../shared/domain/operations/read-only/restart';
import { wholeInstance, type Scope } from '../../../shared/domain/scope/scope';
import type { TaskView } from '../../../shared/domain/tasks/task';
import { Failure, failure } from '../../../shared/errors/codes';
import { audited, recordedAfter } from '../../fleet/audited';
import type { FleetServers } from '../../fleet/types';
import type { ConnectOptions, Session, Statement } from '../../mysql/types';
import { isRefusal } from '../../mysql/reading';
import { linkOf } from '../../replication/delay';
import { executedOn } from '../../replication/gtid';
import { openDocument } from '../../storage/document';
import type { AuditLog } from '../../storage/types';
import { lockServers } from '../../tasks/server-lock';
import type { TaskEngine } from '../../tasks/types';
import { refuseLocked } from '../permission';
import { pendingSet, readPending } from './pending';
import { delayChangesOf, delayDefinition, delayHandler, outlookFound } from './delay-run';
import { pendingOrder, readRun, refuseOther } from './plan-run';
import { runDefinition, runHandler, stopApplier, type RunDeps } from './run';
import type { FishOrder, LinkMaker, ReadOnlyService, TableCarrier } from './types';

export interface ReadOnlyDeps extends RunDeps {
  readonly dataFolder: string;
  readonly fleet: FleetServers;
  readonly tasks: TaskEngine;
  readonly audit: AuditLog;
  readonly sync: LinkMaker;
  readonly backups: TableCarrier;
}

const notes = v.object({ notes: v.array(v.object({ instanceId: v.string(), weight: v.string(), lagLimitSeconds: v.nullable(v.number()) })) });

/** Most transactions that are shown at once. */
const mostShown = 500;
/** What a freeze waits for a connection, milliseconds. */
const connectMs = 5000;

type Do = (statement: Statement) => Promise<void>;

/** Read-only instances of primaries. What lets one of them apply more is held against the policy on its primary, freshly read; what stops one is not. */
export function createReadOnly(deps: ReadOnlyDeps): ReadOnlyService {
  const { fleet, tasks, audit, sync } = deps;
  tasks.register(runHandler(deps));
  tasks.register(delayHandler({ ...deps, isHeld: (id) => sync.isHeld(id) }));
  const book = openDocument({ dataFolder: deps.dataFolder, name: 'read-only', version: 1, schema: notes, empty: { notes: [] } });
  const noteOf = (id: string): ReadOnlyNote => book.get().notes.find(({ instanceId }) => instanceId === id) ?? nothingNoted;
  const shown = (id: string): ReturnType<typeof readOnlyView> => readOnlyView(fleet.view(id), noteOf(id), {
    kept: deps.standing.isKept(id), delayChanges: delayChangesOf(tasks, id),
  });
  const orders = new LinkOrders(deps);

  return {
    add: ({ primaryId, targetId, name, delaySeconds, acceptWarnings }) =>
      audited(audit, 'operation.read-only-instance', fleet.instance(primaryId).name, { standby: fleet.instance(targetId).name }, async () => {
        const { instance } = await refuseLocked(fleet, primaryId, 'read-only-instance');
        const target = fleet.instance(targetId);
        if (target.regionId !== instance.regionId) throw failure('read-only-elsewhere', { name: target.name, region: fleet.regionName(instance.regionId) });
        await sync.addStandby(primaryId, targetId);
        const spec = { name, sourceId: primaryId, standbyId: targetId, scope: wholeInstance, seed: 'auto', acceptWarnings, eraseTarget: false } as const;
        return sync.create(delaySeconds === 0 ? spec : { ...spec, delaySeconds }, true, null);
      }),
    list: (primaryId) => fleet.replicasOf(primaryId).filter(({ id }) => fleet.view(id).role === 'read-only').map(({ id }) => shown(id)),
    note: (instanceId, note) => audited(audit, 'readonly.note', fleet.instance(instanceId).name, { weight: note.weight, seconds: note.lagLimitSeconds }, () => {
      refuseOther(fleet, instanceId);
      book.update(({ notes: old }) => ({ notes: [...old.filter((one) => one.instanceId !== instanceId), { instanceId, ...note }] }));
      return shown(instanceId);
    }),
    freeze: (instanceId) => freeze(deps, instanceId),
    stop: (instanceId) => orders.order(instanceId, 'readonly.stop', {}, async (session, run) => {
      await heldWhenLate(deps, instanceId, run, (held) => held(session.dialect.stopReplica()));
      deps.hold(instanceId, true);
      return deps.standing.keep(session, instanceId, run);
    }),
    start: async (instanceId) => {
      await refusePrimary(fleet, instanceId);
      refusePartial(deps, instanceId);
      await orders.order(instanceId, 'readonly.start', {}, (session, run) => alone(deps, instanceId, async () => {
        await run(session.dialect.stopReplica({ threads: 'applier' }));
        await run(session.dialect.startReplica());
        deps.hold(instanceId, false);
        await deps.standing.release(session, instanceId, run);
      }));
    },
    setDelay: (instanceId, seconds) => setDelay(deps, instanceId, seconds),
    pending: (instanceId, options, signal) => pendingPage(deps, instanceId, options, signal),
    planRun: async (instanceId, target, signal) => (await readRun(fleet, instanceId, target, signal)).plan,
    run: async (instanceId, target, last) => {
      await refusePrimary(fleet, instanceId);
      refusePartial(deps, instanceId);
      const name = fleet.instance(instanceId).name;
      const { plan, wanted, edge, gtid } = await readRun(fleet, instanceId, target);
      if ((plan.last?.gtid ?? null) !== last) throw failure('plan-outdated', { what: name });
      return audited(audit, 'readonly.run', name, { gtid, before: edge === 'before' }, () =>
        tasks.start(runDefinition(deps, { instanceId, edge, gtid, wanted, delaySeconds: plan.delaySeconds })));
    },
    fishOut: (order) => fishOut(deps, order),
  };
}

/** Backs the table up from the instance, which stands still, and restores it on its primary: two tasks, each with its own way back. */
async function fishOut(deps: ReadOnlyDeps, order: FishOrder): Promise<TaskView> {
  const { fleet, audit, backups } = deps;
  const { instanceId, database, table, into } = order;
  const { name } = fleet.instance(instanceId);
  return audited(audit, 'readonly.fish', name, { object: `${database}.${table}`, into }, async () => {
    const primaryId = await refusePrimary(fleet, instanceId);
    const scope = { kind: 'partial', databases: [{ database, tables: [table] }] } as const;
    const backupId = await readStill(deps, instanceId, scope);
    const restore: RestoreOrder = {
      backupId, targetId: primaryId, scope, renamings: [{ from: database, to: into }], accounts: 'none', asStandby: false, replace: false,
    };
    const plan = await backups.planRestore(restore, null);
    const [obstacle] = plan.obstacles;
    if (obstacle !== undefined) throw new Failure(obstacle);
    return backups.restore(plan.id, plan.phrase);
  });
}

/**
 * A backup of an instance that stood where it stands from before it began to after it ended; its id. Nobody else who asks for the lock starts it
 * meanwhile, and whoever does not ask is found out.
 */
async function readStill({ fleet, tasks, backups, clock }: ReadOnlyDeps, instanceId: string, scope: Scope): Promise<string> {
  const { name } = fleet.instance(instanceId);
  const where = (): Promise<string> => fleet.withSession(instanceId, async (session) => {
    if ((await linkOf(session, name)).applierRuns) throw failure('read-only-runs', { name });
    return (await executedOn(session)).toLine();
  });
  const target = { name, shared: true, connect: (options: Pick<ConnectOptions, 'purpose'>) => fleet.connect(instanceId, options) };
  const locks = await lockServers([target], { kind: 'read-only', name }, clock);
  try {
    const before = await where();
    const made = await tasks.whenEnded((await backups.create({ instanceId, scope, place: null, passphrase: null })).id);
    if (made.error !== null || made.state !== 'done') throw new Failure(made.error ?? failure('cancelled', { what: name }).error);
    const backup = backups.backupOf(made.id);
    if (backup === null) throw failure('not-found', { kind: 'backup', name });
    if ((await where()) !== before) throw failure('read-only-runs', { name });
    return backup;
  } finally {
    await locks.release();
  }
}

async function pendingPage(
  { fleet, clock }: ReadOnlyDeps, instanceId: string, { search, ddl }: { readonly search: string; readonly ddl: boolean }, signal?: AbortSignal,
): Promise<PendingPage> {
  await fleet.refresh(instanceId);
  const order = pendingOrder(fleet, instanceId);
  const wanted = search.trim().toLowerCase();
  const page: PendingTransaction[] = [];
  let [found, total] = [0, 0];
  const wordsOf = ({ gtid, statement, tables }: PendingTransaction): string =>
    [gtid, statement ?? '', ...tables.map(({ database, table }) => `${database}.${table}`)].join(' ').toLowerCase();
  const fits = (one: PendingTransaction): boolean => (!ddl || one.isDdl) && (wanted === '' || wordsOf(one).includes(wanted));
  const source = await fleet.refresh(order.sourceId);
  const end = await readPending(fleet, order, await pendingSet(fleet, order), (one) => {
    total += 1;
    if (!fits(one)) return;
    found += 1;
    page.push(one);
    if (page.length > mostShown) page.shift();
  }, signal);
  return { transactions: page, found, total, isPurged: end === 'purged', readAt: clock(), clockAheadMs: source.facts?.clockOffsetMs ?? 0 };
}

/** Holds the operation against the policy on the primary, freshly read; returns it. */
async function refusePrimary(fleet: FleetServers, instanceId: string): Promise<string> {
  await fleet.refresh(instanceId);
  refuseOther(fleet, instanceId);
  const { sourceId } = fleet.view(instanceId);
  if (sourceId === null) throw failure('not-a-standby', { name: fleet.instance(instanceId).name });
  await refuseLocked(fleet, sourceId, 'read-only-instance');
  return sourceId;
}

/** Filters of a part are gone with a restart of the server: its sync task sets them before it starts the link, and nothing here does. */
function refusePartial({ fleet, sync }: ReadOnlyDeps, instanceId: string): void {
  if (sync.scopeOf(instanceId).kind === 'partial') throw failure('read-only-partial', { name: fleet.instance(instanceId).name });
}

/**
 * Nothing stands before the statement but a connection. Right after it a restart is kept from starting the applier again; what was done is
 * recorded, and the link held, as soon as it can be, whatever becomes of the rest.
 */
async function freeze({ fleet, audit, hold, standing }: ReadOnlyDeps, instanceId: string): Promise<Frozen> {
  const began = performance.now();
  const { name } = fleet.instance(instanceId);
  if (fleet.view(instanceId).role !== 'read-only') await fleet.refresh(instanceId);
  refuseOther(fleet, instanceId);
  const frozen = await fleet.withSession(instanceId, async (session) => {
    await heldWhenLate({ hold }, instanceId, async (statement) => void await session.run(statement), (run) => stopApplier(session, name, run));
    const ms = performance.now() - began;
    let restart: RestartOutlook;
    try {
      restart = await standing.keep(session, instanceId, (statement) => session.run(statement));
    } finally {
      try {
        hold(instanceId, true);
      } finally {
        recordedAfter(audit, 'readonly.freeze', name, { ms: Math.round(ms) });
      }
    }
    // Who had it stopped for work of its own may have started it just before it was held; nobody does from here on.
    await stopApplier(session, name, (statement) => session.run(statement));
    return { ms, restart, executed: (await executedOn(session)).toLine() };
  }, { timeoutMs: connectMs });
  await fleet.refresh(instanceId);
  return frozen;
}

/**
 * A stop that the server took and has not done in time, as it is in a large transaction, is done when that ends: nobody starts the link again
 * then. One that was refused holds nothing.
 */
async function heldWhenLate({ hold }: Pick<ReadOnlyDeps, 'hold'>, instanceId: string, run: Do, stop: (run: Do) => Promise<void>): Promise<void> {
  let isTaken = false;
  try {
    await stop(async (statement) => {
      isTaken = true;
      await run(statement).catch((thrown: unknown) => {
        isTaken = !isRefusal(thrown);
        throw thrown;
      });
    });
  } catch (thrown) {
    if (isTaken) hold(instanceId, true);
    throw thrown;
  }
}

/** Does it while nobody else works on the instance: under the lock of its server, with no task that has its link in its hands. */
async function alone<Result>({ fleet, tasks, clock }: ReadOnlyDeps, instanceId: string, act: () => Promise<Result>): Promise<Result> {
  await refusePrimary(fleet, instanceId);
  const { name } = fleet.instance(instanceId);
  const locks = await lockServers([{ name, connect: (options) => fleet.connect(instanceId, options) }], { kind: 'read-only', name }, clock);
  try {
    const task = taskInTheWay(tasks.list(), instanceId);
    if (task !== null) throw failure('has-task', { name, task: task.name });
    return await act();
  } finally {
    await locks.release();
  }
}

/** Another delay, as a task that is waited for. Nothing begins while a task has the link in its hands. */
async function setDelay(deps: ReadOnlyDeps, instanceId: string, seconds: number): Promise<RestartOutlook | null> {
  const { fleet, tasks, audit, sync } = deps;
  await refusePrimary(fleet, instanceId);
  const { name } = fleet.instance(instanceId);
  return audited(audit, 'readonly.delay', name, { seconds }, async (note) => {
    const task = taskInTheWay(tasks.list(), instanceId);
    if (task !== null) throw failure('has-task', { name, task: task.name });
    const from = (await fleet.withSession(instanceId, (session) => linkOf(session, name))).delaySeconds;
    const { id } = await tasks.start(delayDefinition({ ...deps, isHeld: (one) => sync.isHeld(one) }, { instanceId, from, to: seconds }));
    const ended = await tasks.whenEnded(id);
    note({ from, sql: ended.steps.flatMap(({ sql }) => sql.map((one) => one.sql)).join('; ') });
    if (ended.error !== null || ended.state !== 'done') throw new Failure(ended.error ?? failure('cancelled', { what: name }).error);
    return tasks.memory(id).recall(outlookFound) ?? null;
  });
}

/** Orders on the link of a read-only instance; each statement is in the audit log. */
class LinkOrders {
  constructor(private readonly deps: ReadOnlyDeps) {}

  async order<Result>(
    instanceId: string, action: string, detail: Readonly<Record<string, string | number>>, work: (session: Session, run: Do) => Promise<Result>,
  ): Promise<Result> {
    const { fleet, audit } = this.deps;
    const { name } = fleet.instance(instanceId);
    const result = await audited(audit, action, name, detail, async (note) => {
      refuseOther(fleet, instanceId);
      return fleet.withSession(instanceId, (session) => {
        const ran: string[] = [];
        return work(session, async (statement) => {
          await session.run(statement);
          ran.push(statement.redacted);
          note({ sql: ran.join('; ') });
        });
      });
    });
    await fleet.refresh(instanceId);
    return result;
  }
}
