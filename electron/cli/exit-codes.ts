import type { ErrorCode } from '../../shared/errors/codes';
import { isRefused } from '../../shared/errors/refusals';

/** Exit codes of the terminal: 0 done · 1 failed, state explained · 2 usage · 3 refused · 4 interrupted, can be resumed. */
export const exitCodes = { done: 0, failed: 1, usage: 2, refused: 3, interrupted: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const usage: readonly ErrorCode[] = ['invalid-input', 'confirm-missing', 'unknown-method', 'not-found'];

/** The exit code that a failure ends the terminal with. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  if (usage.includes(code)) return exitCodes.usage;
  if (isRefused(code)) return exitCodes.refused;
  if (code === 'cancelled') return exitCodes.interrupted;
  return exitCodes.failed;
}
