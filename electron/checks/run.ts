import { defaultAccountChoice } from '../../shared/domain/accounts/shared-accounts';
import { failure, errorOf } from '../../shared/errors/codes';
import type { CheckReport, CheckResult, MissingObject } from '../../shared/domain/checks/check';
import {
  checkDefinitions, definitionOf, factsFor, isCheckId, missingFrom, resultOf, skipped, unreadable, type CheckDefinition, type CheckInput, type CheckOutcome,
  type CheckSide, type Reach,
} from '../../shared/domain/checks';
import { replicationEndpoint } from '../../shared/domain/fleet/instance';
import { verifiedBy } from '../../shared/domain/fleet/trust';
import { compareVersions, isMysql, MINIMUM_VERSION } from '../../shared/domain/fleet/version';
import { message } from '../../shared/i18n/message';
import type { FleetAccess, FleetInventory } from '../fleet/types';
import { limit } from '../mysql/time';
import type { CheckRequest } from '../../shared/domain/checks/request';
import type { ReplicationLogin } from '../replication/login';
import { Facts } from './facts';

export interface CheckRun {
  readonly fleet: FleetInventory & FleetAccess;
  readonly request: CheckRequest;
  readonly signal?: AbortSignal;
  /** The account the link will use, where it exists: the way to the source is then tried with it. */
  readonly replicationAccount?: ReplicationLogin | null;
}

/** Limit of one check, its readings included, milliseconds. */
const checkLimitMs = 60_000;

/**
 * Runs every check. A check that cannot run is `error` with the server's text; the report itself always comes, except
 * on cancel. Where a server cannot be reached at all, the connection checks say so and the others are skipped.
 *
 * @throws Failure `cancelled`, `not-found`
 */
export async function runChecks(run: CheckRun): Promise<CheckReport> {
  const startedAt = Date.now();
  const began = performance.now();
  const input = inputOf(run);
  const { results, missing } = await withFacts(run, async (facts) => {
    const reaches = await Promise.all([facts.source.reach(), facts.standby.reach()]);
    const away = !reaches.every(usable);
    const { only } = run.request;
    const asked = only === undefined ? checkDefinitions : checkDefinitions.filter(({ id }) => only.includes(id));
    const results = await Promise.all(asked.map((definition) => {
      if (away && needsBoth(definition)) return resultOf(definition, skipped(message('checks.skip.not-reached')), 0);
      return runOne(definition, facts, input);
    }));
    const incomplete = results.some(({ remedy }) => remedy?.addToScope !== undefined);
    // A fact that cannot be read is the error of the check that asked for it.
    const known = incomplete ? await facts.pick(dependencyFacts).catch(() => null) : null;
    return { results, missing: known === null ? [] : missingFrom(factsFor(known, dependencyFacts), run.request.scope) };
  });
  return {
    sourceId: run.request.sourceId, standbyId: run.request.standbyId, startedAt, tookMs: Math.round(performance.now() - began),
    results, ...(missing.length === 0 ? {} : { missing }),
  };
}

const dependencyFacts = ['sourceServer', 'sourceForeignKeys', 'sourceTables', 'sourcePrograms'] as const;

/** What a scope lacks to be whole, as the source's catalogue says now. */
export async function findMissing(run: CheckRun): Promise<readonly MissingObject[]> {
  return withFacts(run, async (facts) => missingFrom(factsFor(await facts.pick(dependencyFacts), dependencyFacts), run.request.scope));
}

/**
 * Runs one check anew.
 *
 * @throws Failure `cancelled`, `not-found`
 */
export async function runCheck(run: CheckRun, checkId: string): Promise<CheckResult> {
  if (!isCheckId(checkId)) throw failure('not-found', { kind: 'check', name: checkId });
  const definition = definitionOf(checkId);
  const input = inputOf(run);
  return withFacts(run, (facts) => runOne(definition, facts, input));
}

/** Everything but the checks of the connections themselves and those over the request alone. */
function needsBoth({ needs }: CheckDefinition): boolean {
  return needs.some((name) => name !== 'sourceReach' && name !== 'standbyReach');
}

/** A server that answered and is one that can take part at all. */
function usable(reach: Reach): boolean {
  return reach.reached && isMysql(reach.version) && compareVersions(reach.version, MINIMUM_VERSION) >= 0;
}

async function withFacts<Result>(run: CheckRun, use: (facts: Facts) => Promise<Result>): Promise<Result> {
  const { fleet, request, signal, replicationAccount } = run;
  const facts = new Facts({ fleet, request, signal, login: replicationAccount ?? null });
  try {
    const result = await use(facts);
    if (signal?.aborted === true) throw failure('cancelled', { what: 'checks' });
    return result;
  } finally {
    await facts.close();
  }
}

async function runOne(definition: CheckDefinition, facts: Facts, input: CheckInput): Promise<CheckResult> {
  const began = performance.now();
  const outcome = await decided(definition, facts, input);
  return resultOf(definition, outcome, Math.round(performance.now() - began));
}

async function decided(definition: CheckDefinition, facts: Facts, input: CheckInput): Promise<CheckOutcome> {
  const reason = definition.applies(input);
  if (reason !== null) return skipped(reason);
  const late = (): CheckOutcome => ({ status: 'error', measured: message('checks.time-limit', { seconds: checkLimitMs / 1000 }) });
  try {
    return await limit(facts.pick(definition.needs).then((picked) => definition.decide(picked, input)), checkLimitMs, late);
  } catch (thrown) {
    return unreadable(errorOf(thrown));
  }
}

function inputOf({ fleet, request, replicationAccount }: CheckRun): CheckInput {
  const sideOf = (id: string): CheckSide => {
    const instance = fleet.instance(id);
    return { name: instance.name, admin: instance.admin, replication: replicationEndpoint(instance) };
  };
  return {
    source: sideOf(request.sourceId),
    standby: sideOf(request.standbyId),
    scope: request.scope,
    seed: request.seed,
    eraseTarget: request.eraseTarget,
    dropped: request.dropped ?? [],
    accounts: request.accounts ?? defaultAccountChoice,
    verifies: verifiedBy(fleet.instance(request.sourceId).tls),
    replicationUser: replicationAccount?.user ?? null,
  };
}
