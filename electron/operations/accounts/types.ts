import type {
  AccountChange, AccountComparison, AccountDetail, AccountList, AccountName, AccountOutcome, AccountPlan, CarryPlan, TableAccessList,
} from '../../../shared/domain/operations/accounts/change';
import type { CarryRequest } from './carry';
import type { TableName } from '../../../shared/domain/accounts/reach';

/** An order to carry a plan out. */
export interface AccountOrder {
  readonly planId: string;
  readonly phrase: string;
  /** Where the plan needs one; it is in nothing that is kept or shown. */
  readonly password: string | null;
}

/** The accounts of a server: read on every role, changed where the policy allows it. */
export interface AccountService {
  list(instanceId: string, signal?: AbortSignal): Promise<AccountList>;
  show(instanceId: string, account: AccountName, signal?: AbortSignal): Promise<AccountDetail>;
  who(instanceId: string, table: TableName, signal?: AbortSignal): Promise<TableAccessList>;
  compare(leftId: string, rightId: string, signal?: AbortSignal): Promise<AccountComparison>;
  /** Statements that make these accounts elsewhere, without their passwords; none named: all but the server's own. */
  export(instanceId: string, accounts: readonly AccountName[], signal?: AbortSignal): Promise<string>;
  /** @throws Failure `operation-locked`, `role-unknown`, `not-found`, `name-taken`, `version-unsupported`, `invalid-input` */
  plan(instanceId: string, change: AccountChange, signal?: AbortSignal): Promise<AccountPlan>;
  /** Carries it out; recorded before the first statement. @throws what `plan` does, and `account-change-stopped` */
  execute(order: AccountOrder): Promise<AccountOutcome>;
  /** @throws Failure `operation-locked`, `role-unknown`, `not-found`, `invalid-input` */
  planCarry(request: CarryRequest, signal?: AbortSignal): Promise<CarryPlan>;
  /** Carries accounts over; recorded before the first statement. @throws what `planCarry` does, and `account-change-stopped` */
  carry(planId: string): Promise<AccountOutcome>;
}
