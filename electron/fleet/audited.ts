import { randomUUID } from 'node:crypto';
import { errorOf, failure, type AppError } from '../../shared/errors/codes';
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

/** How an act on one of many ended; `detail` adds to what is recorded of it. */
export interface AuditedEnd {
  readonly error: AppError | null;
  readonly detail?: AuditDetail | undefined;
}

/**
 * The same for one act on many: the beginning of each is on the disk before it is done, and the end of each is recorded, in one go. `act` answers
 * how it ended for each, in their order; where it throws, it ended so for all of them.
 *
 * @throws as `audited`
 */
export function auditedEach<End extends AuditedEnd>(
  audit: Pick<AuditLog, 'append'>, action: string, targets: readonly { readonly target: string; readonly detail: AuditDetail }[], act: () => readonly End[],
): readonly End[] {
  const lines = targets.map(({ target, detail }) => ({ action, target, act: randomUUID(), detail }));
  begin(audit, ...lines.map((line) => ({ ...line, outcome: 'begun' as const })));
  const end = (endOf: (at: number) => AuditedEnd): void => audit.append(...lines.map((line, at) => {
    const { error, detail } = endOf(at);
    const known = { ...line.detail, ...detail };
    if (error === null) return { ...line, outcome: 'done' as const, detail: known };
    return { ...line, outcome: isRefused(error.code) ? 'refused' as const : 'failed' as const, detail: { ...known, code: error.code } };
  }));
  let ends: readonly End[];
  try {
    ends = act();
  } catch (thrown) {
    const error = errorOf(thrown);
    end(() => ({ error }));
    throw thrown;
  }
  end((at) => ends[at] ?? { error: null });
  return ends;
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

function begin(audit: Pick<AuditLog, 'append'>, ...lines: Parameters<AuditLog['append']>): void {
  try {
    audit.append(...lines);
  } catch (thrown) {
    const { code, detail } = errorOf(thrown);
    const reason = code === 'storage-full' ? 'full' : code === 'data-folder-busy' ? 'busy' : 'other';
    throw failure('audit-unwritable', { reason }, { ...(detail === undefined ? {} : { detail }), cause: thrown });
  }
}
