import { cureHarms, cureId, type Cure } from '../../../shared/domain/promotion/cure';
import { curePrecondition, cureWarning, type CurePlan } from '../../../shared/domain/promotion/cure-plan';
import { message } from '../../../shared/i18n/message';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import { failure } from '../../../shared/errors/codes';
import { audited } from '../../fleet/audited';
import { hasErrno } from '../../mysql/errors';
import { waitUntil } from '../../mysql/time';
import { reading, ServerSessions, serverOf, type Server } from '../../replication/servers';
import { PlanDrafts, planLifeMs } from '../../tasks/plan-drafts';
import { lockServers } from '../../tasks/server-lock';
import { changeDelay } from '../emergency/end-delay';
import type { CureRequest, PromotionDeps } from '../types';
import { readCure } from './reading';
import { runEach } from './run-each';

/** How long an obstacle is waited for to go, milliseconds. */
const GONE_LIMIT_MS = 5000;
const LOOK_MS = 50;

interface CureDraft {
  readonly plan: CurePlan;
  readonly request: CureRequest;
  readonly basis: string;
}

/**
 * What stands in the way of a promotion, taken away on the user's word: read, shown with the exact statements, read again when the word
 * was typed, done under the lock of the server, and read once more: it is done where the obstacle does not stand any more.
 * Only what a plan of this engine offers can be ordered. `preconditionsOf`: of such a plan.
 */
export class Cures {
  readonly #drafts: PlanDrafts<CureRequest, CureDraft>;

  constructor(
    private readonly deps: PromotionDeps,
    private readonly preconditionsOf: (planId: string) => readonly Precondition[],
  ) {
    this.#drafts = new PlanDrafts({
      clock: deps.clock,
      draft: (id, request) => this.#draft(id, request),
      outdated: (shown, now) => (shown.basis === now.basis ? null : now.plan.server),
    });
  }

  /** @throws Failure `not-found` where the plan is over, or offers no such cure */
  plan(request: CureRequest): Promise<CurePlan> {
    return this.#drafts.plan(request);
  }

  /** @throws Failure as `PlanDrafts.take`; `lock-held`; `cure-unproven` where the obstacle still stands */
  async execute(planId: string, phrase: string): Promise<void> {
    const { plan } = this.#drafts.find(planId);
    const { cure, instanceId, server } = plan;
    const sql = plan.steps.flatMap((step) => step.sql.map((one) => one.sql)).join('; ');
    await audited(this.deps.audit, 'promotion.cure', server, { cure: cureId(cure, server), sql }, async () => {
      const fresh = await this.#drafts.take(planId, phrase, () => undefined);
      await this.#carryOut(cure, server, fresh.basis);
    });
    await this.deps.fleet.refresh(instanceId);
  }

  /** Under the lock; while it was taken the obstacle may have changed, and is looked at once more just before. */
  async #carryOut(cure: Cure, name: string, basis: string): Promise<void> {
    const { fleet, clock, scopeOf } = this.deps;
    const { instanceId } = cure;
    const locks = await lockServers([{ name, connect: (options) => fleet.connect(instanceId, options) }], { kind: 'cure', name }, clock);
    try {
      await this.#withServer(cure, name, async (server) => {
        const { standing, statements } = await readCure(server, cure);
        // It went by itself a moment ago, as the other sessions of a backup do when the first of them is ended.
        if (standing.state === 'gone') return;
        if (standing.state !== 'stands' || standing.basis !== basis) throw failure('plan-outdated', { what: name });
        if (cure.kind === 'end-delay') await changeDelay({ signal: reading.signal, remember: async () => undefined }, server, 0, scopeOf(instanceId));
        else await runEach(name, statements, (statement) => server.sql('control', statement).catch(ifGone));
        const cured = await waitUntil(async () => (await readCure(server, cure)).standing.state === 'gone', { everyMs: LOOK_MS, limitMs: GONE_LIMIT_MS });
        if (!cured) throw failure('cure-unproven', { server: name }, { server: name });
      });
    } finally {
      await locks.release();
    }
  }

  async #withServer<Result>({ instanceId }: Cure, name: string, work: (server: Server) => Promise<Result>): Promise<Result> {
    const sessions = new ServerSessions(this.deps.fleet);
    try {
      return await work(serverOf(sessions, reading, instanceId, name));
    } finally {
      await sessions.close();
    }
  }

  async #draft(id: string, request: CureRequest): Promise<CureDraft> {
    const cure = this.preconditionsOf(request.planId).flatMap(({ cures }) => cures ?? []).find((one) => cureId(one) === request.cureId);
    if (cure === undefined) throw failure('not-found', { kind: 'cure', name: request.cureId });
    const { name } = this.deps.fleet.instance(cure.instanceId);
    const { standing, statements, sql } = await this.#withServer(cure, name, (server) => readCure(server, cure));
    const now = this.deps.clock();
    const warning = cureWarning(cure);
    return {
      request,
      basis: standing.basis,
      plan: {
        id, kind: 'cure', createdAt: now, expiresAt: now + planLifeMs, cure, instanceId: cure.instanceId, server: name,
        preconditions: [curePrecondition(standing, sql)],
        steps: [{
          id: cure.kind, title: message(`promotion.cure.${cure.kind}`, { server: name }), pointOfNoReturn: false, undoable: false,
          sql: statements.map((statement) => ({ server: name, sql: statement.redacted })),
        }],
        warnings: warning === null ? [] : [warning],
        phrase: cureHarms(cure) ? name : null,
      },
    };
  }
}

/** ER_NO_SUCH_THREAD: the session went by itself a moment ago. */
function ifGone(thrown: unknown): [] {
  if (hasErrno(thrown, 1094)) return [];
  throw thrown;
}
