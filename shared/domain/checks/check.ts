import type { SharedAccount } from '../accounts/shared-accounts';
import type { AccountDifference } from '../accounts/state';
import type { Message } from '../../i18n/message';

export const checkGroups = ['connection', 'server', 'binlog', 'accounts', 'objects', 'load'] as const;
export type CheckGroup = (typeof checkGroups)[number];

/** What a miss means: `fail` stops the task, `warn` lets it start once accepted, `info` only tells. */
export type CheckLevel = 'fail' | 'warn' | 'info';

/** `error`: the check itself could not run; it counts as fail. */
export type CheckStatus = 'pass' | 'warn' | 'fail' | 'info' | 'skipped' | 'error';

/** How a miss is cured. `sql` runs as it stands on `on`; `config` are lines of the server's option file. */
export interface Remedy {
  readonly text: Message;
  readonly on?: 'source' | 'standby';
  readonly sql?: readonly string[];
  readonly config?: readonly string[];
  /** What, taken into the scope as well, cures it. */
  readonly addToScope?: readonly MissingObject[];
}

/** A table that a scope lacks; null: the whole database, because a view or a routine comes along with that only. */
export interface MissingObject {
  readonly database: string;
  readonly table: string | null;
}

/**
 * A section of the MySQL Reference Manual: its title below its chapter's, and the name of its page, which is the same in
 * an offline copy. Neither depends on the reader's language.
 */
export interface ManualSection {
  readonly title: string;
  readonly page: string;
}

/** One item of the verification of a sync task; ids are those of the check list (`gtid.mode`, `obj.pk`, …). */
export interface CheckResult {
  readonly id: string;
  readonly group: CheckGroup;
  readonly title: Message;
  readonly level: CheckLevel;
  readonly status: CheckStatus;
  readonly measured: Message;
  readonly required: Message;
  readonly why: Message;
  readonly remedy: Remedy | null;
  /** The remedy's SQL may be applied by the Fix button. */
  readonly fixable: boolean;
  readonly needsRestart: boolean;
  /** Where the requirement comes from; null: a limit of this app's own; absent: a report from before it was told. */
  readonly ref?: ManualSection | null;
  readonly tookMs: number;
  /** Everything the measurement names, one by one (`measured` has the count and the first few). Untrusted names. */
  readonly items?: readonly string[];
  /** The accounts that both servers have and that differ; the first ones. Untrusted names. */
  readonly accounts?: readonly AccountToTell[];
}

/** How an account of both servers differs, and what becomes of it. */
export interface AccountToTell {
  /** `user@host` */
  readonly account: string;
  readonly fate: SharedAccount['fate'];
  readonly differences: readonly AccountDifference[];
}

export interface CheckReport {
  readonly sourceId: string;
  readonly standbyId: string;
  readonly startedAt: number;
  readonly tookMs: number;
  readonly results: readonly CheckResult[];
  /** What the scope lacks to be whole, with all that this needs in turn; absent: nothing. */
  readonly missing?: readonly MissingObject[];
}

/** A check that says something else than before; null: it was not run. */
export interface ChangedCheck {
  readonly id: string;
  readonly title: Message;
  readonly was: CheckStatus | null;
  readonly is: CheckStatus | null;
}

/** The checks whose answer changed between two reports: a miss came, went, or became another one. Those that went come last. */
export function changedChecks(before: CheckReport, after: CheckReport): readonly ChangedCheck[] {
  const was = new Map(before.results.map((result) => [result.id, result]));
  const is = new Map(after.results.map((result) => [result.id, result]));
  const weight = (result: CheckResult | undefined): number =>
    result === undefined ? 0 : { fail: 2, error: 2, warn: 1, info: 0, pass: 0, skipped: 0 }[result.status];
  return [...new Set([...is.keys(), ...was.keys()])]
    .filter((id) => weight(was.get(id)) !== weight(is.get(id)))
    .sort((a, b) => weight(is.get(b)) - weight(is.get(a)))
    .flatMap((id) => {
      const title = (is.get(id) ?? was.get(id))?.title;
      return title === undefined ? [] : [{ id, title, was: was.get(id)?.status ?? null, is: is.get(id)?.status ?? null }];
    });
}

export interface CheckCounts {
  readonly pass: number;
  readonly warn: number;
  readonly fail: number;
  readonly skipped: number;
}

/** Counts of a report; `error` counts as fail, `info` as pass. */
export function countChecks(results: readonly CheckResult[]): CheckCounts {
  const counts = { pass: 0, warn: 0, fail: 0, skipped: 0 };
  for (const { status } of results) {
    if (status === 'error' || status === 'fail') counts.fail += 1;
    else if (status === 'info' || status === 'pass') counts.pass += 1;
    else counts[status] += 1;
  }
  return counts;
}
