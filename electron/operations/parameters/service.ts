import { randomUUID } from 'node:crypto';
import { driftOf } from '../../../shared/domain/operations/parameters/drift';
import { isUndoable, type EntryState, type ParameterEntry, type ParameterReport } from '../../../shared/domain/operations/parameters/history';
import { readOptionFile } from '../../../shared/domain/operations/parameters/option-file';
import type { ParameterList } from '../../../shared/domain/operations/parameters/parameter';
import { ownerOf } from '../../../shared/domain/operations/parameters/owners';
import { templateOf, type ParameterTemplate } from '../../../shared/domain/operations/parameters/template';
import { nameOfToday } from '../../../shared/domain/sql/variable-names';
import { errorOf, Failure, failure, type AppError } from '../../../shared/errors/codes';
import { audited } from '../../fleet/audited';
import type { FleetServers } from '../../fleet/types';
import type { Session } from '../../mysql/types';
import { actorName } from '../../storage/actor';
import type { AuditLog } from '../../storage/types';
import { PlanDrafts } from '../../tasks/plan-drafts';
import { lockServers } from '../../tasks/server-lock';
import { refusalRecorded, refuseLocked } from '../permission';
import { applySet, changedAlong, readBack, recordedAhead } from './apply';
import { ParameterBook } from './book';
import { draftParameters, type ParameterDraft, type ParameterRequest } from './draft';
import { readOldSessions, readParameters } from './read';
import { optionLines } from './statements';
import type { ParametersService } from './types';

interface ParameterDeps {
  readonly dataFolder: string;
  readonly fleet: FleetServers;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

const limits = { timeoutMs: 5000, queryTimeoutMs: 20_000 };

/** The parameters of servers: read, compared, changed as a set, taken back. See {@link ParametersService}. */
export function createParameters(deps: ParameterDeps): ParametersService {
  const { fleet, audit, clock } = deps;
  const book = new ParameterBook(deps.dataFolder);
  const drafts = new PlanDrafts<ParameterRequest, ParameterDraft>({
    clock,
    draft: async (id, request, signal) => {
      const { instance } = await refuseLocked(fleet, request.instanceId, 'parameters');
      const { name } = instance;
      const replicas = fleet.replicasOf(instance.id).length;
      return withServer(fleet, instance.id, (session) => draftParameters(session, { id, request, name, replicas, now: clock() }), signal);
    },
    outdated: (shown, now) => (shown.basis === now.basis ? null : now.plan.name),
  });

  return {
    list: (instanceId, signal) => readList(fleet, instanceId, signal),
    oldSessions: (instanceId, names, signal) => withServer(fleet, instanceId, (session) => readOldSessions(session, names), signal),
    plan: (instanceId, changes, signal) =>
      refusalRecorded(deps, instanceId, 'parameters', { name: changes.map((one) => one.name).join(', ').slice(0, 500) },
        () => drafts.plan({ kind: 'change', instanceId, changes }, signal)),
    planUndo: async (entryId, signal) => {
      const entry = book.entry(entryId);
      if (!isUndoable(entry)) throw failure('task-state', { name: entry.name, state: entry.state, action: 'undo' });
      return refusalRecorded(deps, entry.instanceId, 'parameters', {}, () => drafts.plan({ kind: 'undo', instanceId: entry.instanceId, entry }, signal));
    },

    async execute(planId, acceptWarnings) {
      const { plan } = drafts.find(planId);
      const sql = plan.steps.flatMap((step) => step.sql.map((one) => one.sql)).join('; ').slice(0, 4000);
      let report: ParameterReport | null = null;
      const carryOut = async (): Promise<void> => {
        const draft = await drafts.take(planId, '', (shown) => refuseUnaccepted(shown, acceptWarnings));
        report = await carryOutDraft(deps, book, draft);
        if (report.entry.error !== null) throw new Failure(report.entry.error);
      };
      try {
        // The words differ, and are literals so that each is known to have its sentence.
        if (plan.purpose === 'undo') await audited(audit, 'parameters.undo', plan.name, { sql }, carryOut);
        else await audited(audit, 'parameters.set', plan.name, { sql }, carryOut);
      } catch (thrown) {
        // What the server refused is told in the report, with what became of the others.
        if (report === null) throw thrown;
      }
      await fleet.refresh(plan.instanceId);
      return report ?? Promise.reject(failure('internal', { detail: 'no report' }));
    },

    history: (instanceId) => book.history(fleet.instance(instanceId).id),
    drift: async (instanceIds, signal) => {
      const lists = await Promise.all(instanceIds.map((id) => readList(fleet, id, signal)));
      return driftOf(lists.map(({ instanceId, name, version, parameters }) => ({
        instanceId, name, version, values: new Map(parameters.map((one) => [one.name, one.value])),
      })));
    },
    ...templateActs(deps, book),
    readFile: readOptionFile,
  };
}

function withServer<Result>(fleet: FleetServers, instanceId: string, use: (session: Session) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
  return fleet.withSession(instanceId, use, signal === undefined ? limits : { ...limits, signal });
}

async function readList(fleet: FleetServers, instanceId: string, signal?: AbortSignal): Promise<ParameterList> {
  const { name } = fleet.instance(instanceId);
  return withServer(fleet, instanceId, async (session) => ({
    instanceId, name, version: session.version.raw, persists: session.dialect.features.hasSetPersist, parameters: await readParameters(session),
  }), signal);
}

function refuseUnaccepted({ plan }: ParameterDraft, acceptWarnings: boolean): void {
  const warned = plan.preconditions.filter(({ status }) => status === 'warn');
  if (acceptWarnings || warned.length === 0) return;
  throw failure('warnings-not-accepted', { count: warned.length, first: warned[0]?.id ?? '' });
}

/** Under the lock of the server, with the entry on the disk before the first statement and after the last. */
async function carryOutDraft({ fleet, clock }: ParameterDeps, book: ParameterBook, draft: ParameterDraft): Promise<ParameterReport> {
  const { plan, request, stated, before } = draft;
  const { instanceId, name } = plan;
  const begun: ParameterEntry = {
    id: randomUUID(), instanceId, name, at: clock(), actor: actorName(), state: 'begun', changes: recordedAhead(stated), optionLines: plan.optionLines,
    undoes: request.kind === 'undo' ? request.entry.id : null, error: null,
  };
  const locks = await lockServers([{ name, connect: (options) => fleet.connect(instanceId, options) }], { kind: 'parameters', name }, clock);
  try {
    book.note(begun);
    const applied = await applySet(stated, () => fleet.connect(instanceId, limits));
    const read = await readAfter(fleet, instanceId, stated.map(({ change }) => change.name));
    const changes = read === null ? applied.changes : readBack(stated, applied.changes, read.after);
    const entry: ParameterEntry = { ...begun, changes, error: applied.error, state: stateOf(changes, applied.error) };
    book.note(entry);
    if (request.kind === 'undo' && entry.state === 'done') book.note({ ...request.entry, state: 'undone' });
    return { entry, along: read === null ? [] : changedAlong(stated, before, read.after), oldSessions: read?.oldSessions ?? [] };
  } finally {
    await locks.release();
  }
}

function stateOf(changes: ParameterEntry['changes'], error: AppError | null): EntryState {
  if (changes.some(({ outcome }) => outcome === 'stuck')) return 'stuck';
  return error === null ? 'done' : 'taken-back';
}

/** null: the server does not answer by now; then nothing is claimed of how it came out. */
async function readAfter(fleet: FleetServers, instanceId: string, names: readonly string[]) {
  try {
    return await withServer(fleet, instanceId, async (session) => ({
      after: await readParameters(session), oldSessions: await readOldSessions(session, names),
    }));
  } catch (thrown) {
    if (errorOf(thrown).code === 'internal') throw thrown;
    return null;
  }
}

function templateActs(
  { fleet, audit, clock }: ParameterDeps, book: ParameterBook,
): Pick<ParametersService, 'templates' | 'saveTemplate' | 'saveTemplateOf' | 'removeTemplate' | 'exportTemplate'> {
  const save: ParametersService['saveTemplate'] = (name, settings, from) => audited(audit, 'parameters.save-template', name, {}, () => {
    // What belongs to one server alone, or to another part of the program, is in no template.
    const kept = settings.filter((one) => ownerOf(nameOfToday(one.name)) === null);
    if (kept.length === 0) throw failure('invalid-input', { field: 'settings', reason: 'none that can be set on another server' });
    const template: ParameterTemplate = { id: randomUUID(), name, settings: kept, savedAt: clock(), from };
    book.saveTemplate(template);
    return template;
  });
  return {
    templates: () => book.templates(),
    saveTemplate: save,
    saveTemplateOf: async (name, instanceId) => {
      const { parameters, name: from } = await readList(fleet, instanceId);
      return save(name, templateOf(parameters), from);
    },
    removeTemplate: async (id) => {
      const { name } = book.template(id);
      await audited(audit, 'parameters.remove-template', name, {}, () => book.removeTemplate(id));
    },
    exportTemplate: (id) => {
      const { settings } = book.template(id);
      return `[mysqld]\n${optionLines(settings).join('\n')}\n`;
    },
  };
}
