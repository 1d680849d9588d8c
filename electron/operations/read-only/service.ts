import * as v from 'valibot';
import type { RestoreOrder } from '../../../shared/domain/backup/backup';
import {
  nothingNoted, readOnlyView, type Frozen, type PendingPage, type PendingTransaction, type ReadOnlyNote,
} from '../../../shared/domain/operations/read-only/read-only';
import { wholeInstance } from '../../../shared/domain/scope/scope';
import type { TaskView } from '../../../shared/domain/tasks/task';
import { Failure, failure } from '../../../shared/errors/codes';
import { audited, recordedAfter } from '../../fleet/audited';
import type { FleetServers } from '../../fleet/types';
import type { Session, Statement } from '../../mysql/types';
import { linkOf, setDelayOfStopped } from '../../replication/delay';
import { executedOn } from '../../replication/gtid';
import { openDocument } from '../../storage/document';
import type { AuditLog } from '../../storage/types';
import type { TaskEngine } from '../../tasks/types';
import { refuseLocked } from '../permission';
import { pendingSet, readPending } from './pending';
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
  const book = openDocument({ dataFolder: deps.dataFolder, name: 'read-only', version: 1, schema: notes, empty: { notes: [] } });
  const noteOf = (id: string): ReadOnlyNote => book.get().notes.find(({ instanceId }) => instanceId === id) ?? nothingNoted;
  const shown = (id: string): ReturnType<typeof readOnlyView> => readOnlyView(fleet.view(id), noteOf(id));
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
    stop: (instanceId) => orders.order(instanceId, 'readonly.stop', {}, async (session, run) => run(session.dialect.stopReplica()), { held: true }),
    start: async (instanceId) => {
      await refusePrimary(fleet, instanceId);
      await orders.order(instanceId, 'readonly.start', {}, async (session, run) => {
        await run(session.dialect.stopReplica({ threads: 'applier' }));
        await run(session.dialect.startReplica());
      }, { held: false });
    },
    setDelay: async (instanceId, seconds) => {
      await refusePrimary(fleet, instanceId);
      await orders.order(instanceId, 'readonly.delay', { seconds }, (session, run, name) => changeDelay(session, name, seconds, run), {});
    },
    pending: (instanceId, options, signal) => pendingPage(deps, instanceId, options, signal),
    planRun: async (instanceId, target, signal) => (await readRun(fleet, instanceId, target, signal)).plan,
    run: async (instanceId, target, last) => {
      await refusePrimary(fleet, instanceId);
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
async function fishOut({ fleet, audit, tasks, backups }: ReadOnlyDeps, { instanceId, database, table, into }: FishOrder): Promise<TaskView> {
  const { name } = fleet.instance(instanceId);
  return audited(audit, 'readonly.fish', name, { object: `${database}.${table}`, into }, async () => {
    const primaryId = await refusePrimary(fleet, instanceId);
    const stands = await fleet.withSession(instanceId, async (session) => !(await linkOf(session, name)).applierRuns);
    if (!stands) throw failure('read-only-runs', { name });
    const scope = { kind: 'partial', databases: [{ database, tables: [table] }] } as const;
    const made = await tasks.whenEnded((await backups.create({ instanceId, scope, place: null, passphrase: null })).id);
    if (made.error !== null || made.state !== 'done') throw new Failure(made.error ?? failure('cancelled', { what: name }).error);
    const backup = (await backups.list()).find((one) => one.instanceId === instanceId);
    if (backup === undefined) throw failure('not-found', { kind: 'backup', name });
    const order: RestoreOrder = {
      backupId: backup.id, targetId: primaryId, scope, renamings: [{ from: database, to: into }], accounts: 'none', asStandby: false, replace: false,
    };
    const plan = await backups.planRestore(order, null);
    const [obstacle] = plan.obstacles;
    if (obstacle !== undefined) throw new Failure(obstacle);
    return backups.restore(plan.id, plan.phrase);
  });
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
  const end = await readPending(fleet, order, await pendingSet(fleet, order), (one) => {
    total += 1;
    if (!fits(one)) return;
    found += 1;
    page.push(one);
    if (page.length > mostShown) page.shift();
  }, signal);
  return { transactions: page, found, total, isPurged: end === 'purged', readAt: clock() };
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

/** Nothing stands before the statement but a connection; what was done is recorded as soon as it can be. */
async function freeze({ fleet, audit, hold }: ReadOnlyDeps, instanceId: string): Promise<Frozen> {
  const began = performance.now();
  const { name } = fleet.instance(instanceId);
  if (fleet.view(instanceId).role !== 'read-only') await fleet.refresh(instanceId);
  refuseOther(fleet, instanceId);
  hold(instanceId, true);
  const frozen = await fleet.withSession(instanceId, async (session) => {
    await stopApplier(session, name, (statement) => session.run(statement));
    const ms = performance.now() - began;
    return { ms, executed: (await executedOn(session)).toLine() };
  }, { timeoutMs: connectMs });
  recordedAfter(audit, 'readonly.freeze', name, { ms: Math.round(frozen.ms) });
  await fleet.refresh(instanceId);
  return frozen;
}

/** A delay of a link that may run: its applier stands still for the change, and runs again where it did. */
async function changeDelay(session: Session, name: string, seconds: number, run: Do): Promise<void> {
  const { applierRuns } = await linkOf(session, name);
  if (applierRuns) await stopApplier(session, name, run);
  try {
    await setDelayOfStopped(session, name, seconds, run);
  } finally {
    if (applierRuns) await run(session.dialect.startReplica({ threads: 'applier' }));
  }
}

/** Orders on the link of a read-only instance; each statement is in the audit log. */
class LinkOrders {
  constructor(private readonly deps: ReadOnlyDeps) {}

  async order(
    instanceId: string, action: string, detail: Readonly<Record<string, string | number>>,
    work: (session: Session, run: Do, name: string) => Promise<void>, { held }: { readonly held?: boolean },
  ): Promise<void> {
    const { fleet, audit, hold } = this.deps;
    const { name } = fleet.instance(instanceId);
    await audited(audit, action, name, detail, async (note) => {
      refuseOther(fleet, instanceId);
      await fleet.withSession(instanceId, async (session) => {
        const ran: string[] = [];
        await work(session, async (statement) => {
          await session.run(statement);
          ran.push(statement.redacted);
          note({ sql: ran.join('; ') });
        }, name);
        if (held !== undefined) hold(instanceId, held);
      });
    });
    await fleet.refresh(instanceId);
  }
}
