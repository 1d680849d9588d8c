import { randomUUID } from 'node:crypto';
import { errorOf, failure } from '../../shared/errors/codes';
import { isRefused } from '../../shared/errors/refusals';
import type { AuditLog } from '../storage/types';

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
    audit.append({ ...line, outcome: isRefused(code) ? 'refused' : 'failed', detail: { ...known, code } });
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
