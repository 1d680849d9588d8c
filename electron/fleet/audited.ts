import { randomUUID } from 'node:crypto';
import { errorOf, failure, type ErrorCode } from '../../shared/errors/codes';
import type { AuditLog } from '../storage/types';

/** Codes by which something was refused before anything happened; every other failure is a failed attempt. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  'invalid-input', 'not-found', 'name-taken', 'not-empty', 'confirm-mismatch', 'product-unsupported', 'version-unsupported', 'same-server',
  'different-server', 'has-standbys', 'has-task', 'password-missing', 'password-elsewhere', 'operation-locked', 'operation-unavailable', 'role-unknown',
  'standby-cannot-move', 'inventory-newer', 'inventory-broken', 'vault-locked', 'plan-expired', 'plan-outdated', 'precondition-failed', 'promotion-pending', 'lock-held', 'task-state', 'task-unreadable',
  'scope-unchanged', 'scope-not-partial', 'scope-beyond-source', 'scope-has-replicas', 'filters-at-start-only', 'not-a-standby', 'not-succeeded', 'target-is-source', 'not-skippable', 'stop-unclear',
  'failback-stage', 'failback-not-secured', 'failback-foreign', 'failback-diverged', 'failback-log-gone', 'failback-no-way', 'failback-unproven',
]);

export type AuditDetail = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Runs a change and records it in the audit log: that it begins, on the disk before it does, and how it ended: done, refused or failed, with
 * the code. `note` adds to what is recorded of the end: what ran, what it found.
 *
 * @throws Failure `audit-unwritable` where the beginning cannot be recorded; then nothing was done. Else what `act` throws
 */
export async function audited<Result>(
  audit: Pick<AuditLog, 'append'>,
  action: string,
  target: string,
  detail: AuditDetail,
  act: (note: (more: AuditDetail) => void) => Result | Promise<Result>,
): Promise<Result> {
  let known = detail;
  const note = (more: AuditDetail): void => {
    known = { ...known, ...more };
  };
  const line = { action, target, act: randomUUID() };
  begin(audit, { ...line, outcome: 'begun', detail });
  let result: Result;
  try {
    result = await act(note);
  } catch (thrown) {
    const { code } = errorOf(thrown);
    audit.append({ ...line, outcome: refusals.has(code) ? 'refused' : 'failed', detail: { ...known, code } });
    throw thrown;
  }
  audit.append({ ...line, outcome: 'done', detail: known });
  return result;
}

/**
 * A run of statements that the program orders by itself, and that may turn out to have nothing to do: its beginning is recorded before its
 * first statement, its end where there was a beginning.
 */
export class AuditedRun {
  readonly #audit: Pick<AuditLog, 'append'>;
  readonly #line: { readonly action: string; readonly target: string; readonly act: string };
  #begun = false;

  constructor(audit: Pick<AuditLog, 'append'>, action: string, target: string) {
    this.#audit = audit;
    this.#line = { action, target, act: randomUUID() };
  }

  /** @throws Failure `audit-unwritable`; then the statement must not run */
  before(detail: AuditDetail): void {
    if (this.#begun) return;
    begin(this.#audit, { ...this.#line, outcome: 'begun', detail });
    this.#begun = true;
  }

  done(detail: AuditDetail): void {
    if (this.#begun) this.#audit.append({ ...this.#line, outcome: 'done', detail });
  }
}

/**
 * Records what protects and must not wait for a disk: it is done whatever becomes of the log, and recorded as soon as that can be written.
 */
export function recordedAfter(audit: Pick<AuditLog, 'append'>, action: string, target: string, detail: AuditDetail): void {
  audit.append({ action, target, outcome: 'done', detail, act: randomUUID() });
}

function begin(audit: Pick<AuditLog, 'append'>, line: Parameters<AuditLog['append']>[0]): void {
  try {
    audit.append(line);
  } catch (thrown) {
    const { code, detail } = errorOf(thrown);
    const reason = code === 'storage-full' ? 'full' : code === 'data-folder-busy' ? 'busy' : 'other';
    throw failure('audit-unwritable', { reason }, { ...(detail === undefined ? {} : { detail }), cause: thrown });
  }
}
