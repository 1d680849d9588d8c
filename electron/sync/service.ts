import type { CopiedObject } from '../../shared/domain/sync/sync';
import { failure } from '../../shared/errors/codes';
import { keptObjects } from '../copy/rows/object-list';
import { AfterPromotion } from './after-promotion';
import { SyncBook } from './book';
import { Replication } from './link/orders';
import { leftOutRecord } from './left-out';
import { LinkWatch } from './link/watch';
import { TaskOrders } from './orders';
import { PairChecks } from './pair-checks';
import { withScope } from './records';
import { syncHandler } from './run/recovery';
import { Protections } from './scope/coverage';
import { scopeHandler } from './scope/definition';
import { ScopeOrders } from './scope/service';
import { SkipOrders } from './skip/service';
import { startReceiverAgain } from './skip/receiver';
import type { Sync, SyncDeps } from './types';
import { changingTo } from './view';
import type { ScopeRunDeps } from './scope/context';

export type { Sync, SyncDeps } from './types';

/** Sync tasks: from registering a standby to a link that runs and is watched. */
export function createSync(deps: SyncDeps): Sync {
  const { dataFolder, fleet, tasks, audit, clock, verification } = deps;
  const book = new SyncBook({ dataFolder, fleet, tasks });
  const checks = new PairChecks(fleet, audit);
  const replication = new Replication(fleet, audit, deps.standing);
  const protections = new Protections(fleet, audit, clock, (id) => leftOutRecord(book, id, clock), ({ id, spec }) => {
    const now = book.owner(spec.standbyId);
    return now?.id === id && now.outcome === 'linked' && changingTo(now, book.taskOf(now)) === null;
  });
  const run = runDeps(deps, book, checks);
  tasks.register(syncHandler(run));
  tasks.register(scopeHandler(run));
  fleet.guardRemoval(async (instanceId) => refuseRemoval(deps, book, instanceId));
  const unfollow = follow(deps, book, replication, protections);
  verification.knowLeftOut((id) => leftOutRecord(book, id, clock));
  verification.knowHeld(book.isHeld);
  verification.knowFilters((standbyId) => {
    const owner = book.owner(standbyId);
    // One that has set no link yet has no filters on what stands there.
    return owner?.outcome === 'linked' ? owner.spec.scope : null;
  });
  verification.knowPassedAccounts((id) => book.all().find((record) => record.id === id)?.needsVerification?.accounts ?? []);
  const unlisten = verification.onCompared({
    verified: (id, gtidSet) => void book.change(id, (record) => ({ ...record, needsVerification: null, differs: null, verified: { at: clock(), gtidSet } })),
    differs: (id, tables) => void book.change(id, (record) => ({ ...record, differs: { at: clock(), tables }, verified: null })),
  });
  const parts = { fleet, tasks, audit, clock, book, run, replication, protections, verification };
  return {
    // What each of them promises is kept in properties, not in methods: so it can be put together here, and the compiler misses none.
    ...book,
    ...checks,
    ...new TaskOrders(parts),
    objects: (id) => copiedObjects(deps, book, run.objects, id),
    scopes: new ScopeOrders(parts),
    skips: new SkipOrders(parts),
    hold: (standbyId, held) => {
      const record = book.owner(standbyId);
      if (record !== null) book.change(record.id, (current) => ({ ...current, held }));
    },
    afterPromotion: new AfterPromotion(fleet, book, clock),
    close() {
      unlisten();
      unfollow();
    },
  };
}

/** What the runs of sync tasks need of the records, and what they have written into them. */
function runDeps({ fleet, audit, clock }: SyncDeps, book: SyncBook, checks: PairChecks): ScopeRunDeps {
  const nameOf = (id: string): string => fleet.instance(id).name;
  return {
    fleet,
    clock,
    objects: new Map(),
    runChecks: (request, signal) => checks.report(request, signal),
    copyRateMb: (id) => book.record(id).spec.copyRateMb,
    checked: (id, lastReport, seed) => book.change(id, (record) => ({ ...record, lastReport, seed })),
    accepted: ({ name, sourceId, standbyId }, ids) => {
      const detail = { source: nameOf(sourceId), standby: nameOf(standbyId), checks: ids };
      audit.append({ action: 'sync.accept-warnings', target: name, outcome: 'done', detail });
    },
    leftOut: (id) => leftOutRecord(book, id, clock),
    linked: (id) => book.change(id, (record) => ({ ...record, outcome: 'linked' })),
    isHeld: book.isHeld,
    reported: (id, lastReport) => book.change(id, (record) => ({ ...record, lastReport })),
    scopeChanged: (id, scope, removed) => book.change(id, (record) => withScope(record, scope, removed)),
  };
}

/** Follows the runs and the readings of the standbys: tells what changed, and sets links right that left their scope. Returns how to stop. */
function follow({ fleet, tasks, audit, alert, clock }: SyncDeps, book: SyncBook, replication: Replication, protections: Protections): () => void {
  const watch = new LinkWatch({
    fleet, audit, alert, protections,
    leftOut: (id) => leftOutRecord(book, id, clock),
    changing: (record) => changingTo(record, book.taskOf(record)),
    reapply: async (standbyId, start) => {
      const owner = book.owner(standbyId);
      if (owner === null) throw failure('not-found', { kind: 'sync', name: standbyId });
      await replication.reapply(owner.spec, start, true);
    },
    startReceiver: (record) => startReceiverAgain({
      fleet, audit, clock,
      record: (id) => book.all().find((one) => one.id === id) ?? null,
      settled: (id) => book.change(id, (current) => ({ ...current, receiverDue: false })),
    }, record),
  });
  for (const record of book.all()) watch.expectFilters(record);
  book.onWrite((record) => watch.expectFilters(record));
  const stops = [
    tasks.onChange((task) => {
      const record = book.all().find(({ taskId }) => taskId === task.id);
      if (record === undefined) return;
      watch.expectFilters(record);
      book.tell(record);
    }),
    fleet.onChange((change) => {
      for (const view of change.instances ?? []) {
        const record = book.owner(view.instance.id);
        if (record === null) continue;
        book.tell(record);
        watch.look(record, view);
      }
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Removing an instance would leave its sync task without an end. */
function refuseRemoval({ fleet }: SyncDeps, book: SyncBook, instanceId: string): void {
  const record = book.all().find(({ spec, outcome }) => outcome !== 'superseded' && (spec.sourceId === instanceId || spec.standbyId === instanceId));
  if (record !== undefined) throw failure('has-task', { name: fleet.instance(instanceId).name, task: record.spec.name });
}

/** The tables of the copy that runs in this process, else of the last one as its journal kept them. */
function copiedObjects({ tasks, verification }: SyncDeps, book: SyncBook, running: ScopeRunDeps['objects'], id: string): readonly CopiedObject[] {
  const task = book.taskOf(book.record(id));
  const live = (task?.kind === 'verify' ? verification.objects(id) : running.get(id))?.list() ?? [];
  return live.length > 0 || task === null ? live : keptObjects(tasks.memory(task.id));
}
