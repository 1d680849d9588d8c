import { errorOf, failure, Failure, type AppError } from '../../shared/errors/codes';

const secretFields: readonly string[] = ['password', 'passphrase'];

/** Whether a call brought a secret in, wherever in its input. */
export function bringsSecret(input: unknown): boolean {
  const open: unknown[] = [input];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner === 'string' && inner !== '' && secretFields.includes(key)) return true;
      if (inner !== undefined) open.push(inner);
    }
  }
  return false;
}

const withheld = '(withheld: the call brought a password)';

/**
 * What a call is answered where it fails. A failure of ours has its secrets in no place; what nobody foresaw may quote its input, and
 * where that held a secret its text is withheld as a whole.
 */
export function answeredError(thrown: unknown, hadSecret: boolean): AppError {
  const error = errorOf(thrown);
  return hadSecret && error.code === 'internal' ? failure('internal', { detail: withheld }).error : error;
}

/** The same for the log: where it happened stays, what was said of it goes. */
export function loggedText(thrown: unknown, hadSecret: boolean): string {
  if (!(thrown instanceof Error)) return hadSecret ? withheld : String(thrown);
  if (thrown instanceof Failure && !(hadSecret && thrown.error.code === 'internal')) return thrown.message;
  const stack = thrown.stack ?? thrown.message;
  return hadSecret ? [`${thrown.name}: ${withheld}`, ...stack.split('\n').filter((line) => line.startsWith('    at '))].join('\n') : stack;
}
