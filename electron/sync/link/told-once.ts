import { errorOf, type ErrorCode } from '../../../shared/errors/codes';
import type { AuditLog } from '../../storage/types';

/**
 * What is tried again at every reading fails again at every reading: while a server is away, for a night, and for another
 * reason each time. The audit log gets the first failure of each kind, and the next ones only after it went well.
 */
export class ToldOnce {
  readonly #told = new Map<string, Set<ErrorCode>>();

  constructor(
    private readonly audit: AuditLog,
    private readonly action: string,
  ) {}

  /** Follows an attempt; `key` tells one thing that is tried from another. Where nothing is tried there is no attempt. */
  try(key: string, target: string, attempt: Promise<unknown>): void {
    attempt.then(
      () => void this.#told.delete(key),
      (thrown: unknown) => {
        const { code } = errorOf(thrown);
        const told = this.#told.get(key) ?? new Set();
        if (told.has(code)) return;
        this.#told.set(key, told.add(code));
        this.audit.append({ action: this.action, target, outcome: 'failed', detail: { code } });
      },
    );
  }
}
