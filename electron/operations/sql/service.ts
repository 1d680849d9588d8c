import { classify } from '../../../shared/domain/operations/sql/classify';
import type { StatementPlan } from '../../../shared/domain/operations/sql/explain';
import { isDone, type AffectedRows, type SqlReport, type SqlRequest } from '../../../shared/domain/operations/sql/run';
import type { SqlClass } from '../../../shared/domain/operations/sql/statement-kind';
import { audited, type AuditDetail } from '../../fleet/audited';
import type { FleetServers } from '../../fleet/types';
import { withoutLiterals } from '../../mysql/statement';
import type { AuditLog } from '../../storage/types';
import { PlanDrafts } from '../../tasks/plan-drafts';
import { refusalRecorded, refuseLocked } from '../permission';
import { SqlBook } from './book';
import { draftSql, type SqlDraft } from './draft';
import { createKept } from './kept';
import { RunMemory } from './memory';
import { explainStatement } from './explain';
import { readNames } from './names';
import { ResultRows } from './results/result-rows';
import { createResults } from './results/service';
import { ResultStore } from './results/store';
import { SqlRun } from './run';
import { Running, type Elsewhere } from './running';
import { trackTransactions } from './statement';
import type { SqlService } from './types';
import { shownStatement } from './without-secrets';

interface SqlDeps {
  readonly dataFolder: string;
  readonly fleet: FleetServers;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

const operation = 'sql';
/** As the server gives it to any client: its sql_mode, its time zone. */
const asAnyClient = { profile: 'user', timeoutMs: 10_000 } as const;
const longestRecord = 4_000;
/** For a look at the session of a run, from beside it. */
const lookMs = 5_000;

/**
 * SQL operations (S7): only where the policy allows them, reading unless writing is asked for, and what is dangerous after its word. The plan is made
 * again when it is carried out; what ran is recorded without its literals.
 */
export function createSql({ dataFolder, fleet, audit, clock }: SqlDeps): SqlService {
  const book = new SqlBook(dataFolder);
  const store = new ResultStore(dataFolder);
  const running = new Map<string, Running>();
  const counted = new WeakMap<SqlRequest, ReadonlyMap<number, readonly AffectedRows[]>>();
  const drafts = new PlanDrafts<SqlRequest, SqlDraft>({
    clock,
    draft: async (id, request, signal) => {
      const { instance } = await refuseLocked(fleet, request.instanceId, operation);
      const options = signal === undefined ? asAnyClient : { ...asAnyClient, signal };
      const draft = await fleet.withSession(
        instance.id, (session) => draftSql(session, id, fleet.instance(instance.id), request, clock(), counted.get(request) ?? null), options,
      );
      counted.set(request, new Map(draft.plan.statements.map(({ affected }, at) => [at, affected])));
      return draft;
    },
    outdated: (shown, now) => (shown.basis === now.basis ? null : now.plan.name),
  });
  return {
    ...createKept(book, fleet, clock),
    forgetInstance: (instanceId) => book.forget(instanceId),
    names: (instanceId, database, signal) => fleet.withSession(
      instanceId, (session) => readNames(session, database), { timeoutMs: 5_000, ...(signal === undefined ? {} : { signal }) },
    ),
    explain: (order, signal) => refusalRecorded({ fleet, audit }, order.instanceId, operation, {}, async () => {
      const { instance } = await refuseLocked(fleet, order.instanceId, operation);
      const explained = (): Promise<StatementPlan> => fleet.withSession(
        instance.id, (session) => explainStatement(session, order, signal), signal === undefined ? asAnyClient : { ...asAnyClient, signal },
      );
      // It runs what it measures.
      if (order.form !== 'analyze') return explained();
      const record = recordOf([{ ...classify(order.text), sql: `EXPLAIN ANALYZE ${order.text}` }], false);
      return audited(audit, `operation.${operation}`, instance.name, record, explained);
    }),
    plan: (request, signal) => refusalRecorded({ fleet, audit }, request.instanceId, operation, {}, () => drafts.plan(request, signal)),
    execute: async (planId, phrase, signal) => {
      const { plan, statements, request } = drafts.find(planId);
      const sent = statements.map(({ sql }, at) => ({ ...(plan.statements[at] ?? classify(sql)), sql }));
      // Here already: what the window is that waits for it.
      const rows = new ResultRows(request.rows, request.keep === 'file' ? store : null);
      return audited(audit, `operation.${operation}`, plan.name, recordOf(sent, plan.write), async (note) => {
        const draft = await drafts.take(planId, phrase, () => undefined);
        const session = await fleet.connect(plan.instanceId, { ...asAnyClient, ...(signal === undefined ? {} : { signal }) });
        try {
          await trackTransactions(session);
          const run = new SqlRun(draft, session, signal, rows);
          // Only what may be sent is remembered as begun.
          await run.prepare();
          const memory = new RunMemory(book, draft, clock());
          const elsewhere: Elsewhere = (use) => fleet.withSession(plan.instanceId, use, { timeoutMs: lookMs });
          running.set(planId, new Running(session.connectionId, run, rows, draft.modes, elsewhere));
          const report = await run.all();
          const unremembered = memory.end(report);
          note(outcomeOf(report));
          return { ...report, unremembered };
        } catch (thrown) {
          // Nobody is told of its results.
          await rows.release();
          throw thrown;
        } finally {
          running.delete(planId);
          await session.close().catch(() => session.destroy());
        }
      });
    },
    progress: (planId, known = { result: 0, row: 0 }) => running.get(planId)?.progress(known) ?? null,
    results: createResults(store),
    close: () => store.close(),
  };
}

type Sent = Pick<SqlClass, 'kind' | 'reason'> & { readonly sql: string };

function recordOf(statements: readonly Sent[], write: boolean): AuditDetail {
  const shown = statements.map(({ sql, ...known }) => withoutLiterals(shownStatement(sql, known, true)));
  return { sql: shown.join('; ').slice(0, longestRecord), count: statements.length, write };
}

function outcomeOf(report: SqlReport): AuditDetail {
  const failed = report.statements.find(({ error }) => error !== null)?.error ?? report.error;
  return { ran: report.statements.filter(({ state }) => state === 'done').length, ...(isDone(report) || failed === null ? {} : { code: failed.code }) };
}
