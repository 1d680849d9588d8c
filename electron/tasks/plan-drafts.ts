import { randomUUID } from 'node:crypto';
import { isExecutable, type Plan } from '../../shared/domain/tasks/plan';
import { failure } from '../../shared/errors/codes';

/** A plan may be executed for this long, milliseconds. */
export const planLifeMs = 300_000;

/** A plan with what was asked for; what it stands on, and what would be run, is its maker's. */
interface DraftOf<Request> {
  readonly plan: Plan;
  readonly request: Request;
}

interface Maker<Request, Draft extends DraftOf<Request>> {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Reads the servers and plans; changes nothing. */
  draft(id: string, request: Request, signal?: AbortSignal): Promise<Draft>;
  /** What of that which the plan stood on is not so any more; null: it stands. */
  outdated(shown: Draft, now: Draft): string | null;
}

/**
 * Plans that were shown and wait for their word. The servers are the truth: when the word was typed the plan is made once
 * more and held against what was shown; and each plan is carried out once.
 */
export class PlanDrafts<Request, Draft extends DraftOf<Request>> {
  private readonly drafts = new Map<string, Draft>();

  constructor(private readonly maker: Maker<Request, Draft>) {}

  async plan(request: Request, signal?: AbortSignal): Promise<Draft['plan']> {
    for (const [id, draft] of this.drafts) if (this.isExpired(draft)) this.drafts.delete(id);
    const draft = await this.maker.draft(randomUUID(), request, signal);
    this.drafts.set(draft.plan.id, draft);
    return draft.plan;
  }

  has(planId: string): boolean {
    return this.drafts.has(planId);
  }

  /** Throws `not-found` where there is none, or where it was carried out. */
  find(planId: string): Draft {
    const draft = this.drafts.get(planId);
    if (draft === undefined) throw failure('not-found', { kind: 'plan', name: planId });
    return draft;
  }

  /**
   * Takes a plan to be carried out, as it is by what the servers say now. `mayBegin`: throws where something else stands
   * in its way.
   *
   * @throws Failure `not-found`, `plan-expired`, `confirm-mismatch`, `precondition-failed`, `plan-outdated`
   */
  async take(planId: string, phrase: string, mayBegin: (shown: Draft) => void): Promise<Draft> {
    const shown = this.find(planId);
    const { plan } = shown;
    if (this.isExpired(shown)) throw failure('plan-expired', { seconds: (plan.expiresAt - plan.createdAt) / 1000 });
    if (plan.phrase !== null && phrase !== plan.phrase) throw failure('confirm-mismatch', { expected: plan.phrase });
    mayBegin(shown);
    refuseUnfit(plan);
    const fresh = await this.maker.draft(planId, shown.request);
    refuseUnfit(fresh.plan);
    const what = this.maker.outdated(shown, fresh);
    if (what !== null) throw failure('plan-outdated', { what });
    // A second click, while the servers were read for the first one, finds none.
    if (!this.drafts.delete(planId)) throw failure('not-found', { kind: 'plan', name: planId });
    return fresh;
  }

  private isExpired({ plan }: Draft): boolean {
    return plan.expiresAt < this.maker.clock();
  }
}

function refuseUnfit(plan: Plan): void {
  if (isExecutable(plan)) return;
  const failed = plan.preconditions.filter(({ status }) => status === 'fail');
  throw failure('precondition-failed', { count: failed.length, first: failed[0]?.id ?? '' });
}
