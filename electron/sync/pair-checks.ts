import type { CheckReport, CheckResult } from '../../shared/domain/checks/check';
import type { CheckRequest } from '../../shared/domain/checks/request';
import type { Scope } from '../../shared/domain/scope/scope';
import type { SeedProposal } from '../../shared/domain/sync/sync';
import { fixCheck, runCheck, runChecks, type CheckRun } from '../checks';
import { audited } from '../fleet/audited';
import type { FleetServers } from '../fleet/types';
import { knownLogin } from '../replication/login';
import type { AuditLog } from '../storage/types';
import { proposeSeed } from './seed/proposal';
import { refuseSamePair } from './seed/refusals';
import type { SyncChecks } from './types';

/** The checks of two servers for a link between them. */
export class PairChecks implements SyncChecks {
  readonly #fleet: FleetServers;
  readonly #audit: AuditLog;

  constructor(fleet: FleetServers, audit: AuditLog) {
    this.#fleet = fleet;
    this.#audit = audit;
  }

  propose = async (sourceId: string, standbyId: string, scope: Scope): Promise<SeedProposal> => {
    refuseSamePair(this.#fleet, { sourceId, standbyId });
    return proposeSeed(this.#fleet, { sourceId, standbyId, scope });
  };

  check = async (request: CheckRequest, signal?: AbortSignal): Promise<CheckReport> => {
    refuseSamePair(this.#fleet, request);
    return this.report(request, signal);
  };

  checkOne = async (request: CheckRequest, checkId: string): Promise<CheckResult> => runCheck(await this.#run(request), checkId);

  fix = async (request: CheckRequest, checkId: string): Promise<CheckResult> => {
    const nameOf = (id: string): string => this.#fleet.instance(id).name;
    const detail = { check: checkId, source: nameOf(request.sourceId) };
    return audited(this.#audit, 'sync.fix', nameOf(request.standbyId), detail, async () => fixCheck(await this.#run(request), checkId));
  };

  /** The report of a pair that a run has made sure of itself. */
  async report(request: CheckRequest, signal?: AbortSignal): Promise<CheckReport> {
    return runChecks(await this.#run(request, signal));
  }

  /** The way to the source is tried with the account the link will use, where there is one already. */
  async #run(request: CheckRequest, signal?: AbortSignal): Promise<CheckRun> {
    const fleet = this.#fleet;
    return { fleet, request, replicationAccount: await knownLogin(fleet, request.sourceId), ...(signal === undefined ? {} : { signal }) };
  }
}
