import { errorOf } from '../../../shared/errors/codes';
import type { AuditLog } from '../../storage/types';

/**
 * What is tried again at every reading fails again at every reading: while a server is away, for a night. The audit log gets the
 * first failure of a kind, and the next one only after it went well or failed otherwise.
 */
export class ToldOnce {
  readonly #told = new Map<string, string>();

  constructor(
    private readonly audit: AuditLog,
    private readonly action: string,
  ) {}

  /** Tries; `key` tells one thing that is tried from another. */
  try(key: string, target: string, attempt: Promise<unknown>): void {
    attempt.then(
      () => void this.#told.delete(key),
      (thrown: unknown) => {
        const { code } = errorOf(thrown);
        if (this.#told.get(key) === code) return;
        this.#told.set(key, code);
        this.audit.append({ action: this.action, target, outcome: 'failed', detail: { code } });
      },
    );
  }
}
