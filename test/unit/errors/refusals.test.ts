import { describe, expect, it } from 'vitest';
import { exitCodeOf, exitCodes } from '../../../electron/cli/exit-codes';
import { audited } from '../../../electron/fleet/audited';
import { failure, type ErrorCode } from '../../../shared/errors/codes';
import { isRefused } from '../../../shared/errors/refusals';

/** What the audit log says of an act that ended with a code. */
async function recorded(code: ErrorCode): Promise<unknown> {
  const outcomes: unknown[] = [];
  const refusedBy = async (): Promise<never> => {
    throw Object.assign(failure('not-found', { kind: 'x', name: 'y' }), { error: { code, params: {} } });
  };
  await audited({ append: ({ outcome }) => { outcomes.push(outcome); } }, 'x', 'y', {}, refusedBy).catch(() => undefined);
  return outcomes.at(-1);
}

describe('what was refused before anything was changed', () => {
  // Each of these was a refusal to the one and a failure to the other.
  it.each(['different-server', 'not-skippable', 'gtid-off', 'target-fenced', 'read-only-server', 'checks-failed', 'past-no-return', 'failback-undo-impossible'] as const)(
    '%s is refused to the audit log and to the terminal alike', async (code) => {
      expect([isRefused(code), exitCodeOf(code), await recorded(code)]).toEqual([true, exitCodes.refused, 'refused']);
    },
  );

  it.each(['connection-lost', 'step-failed', 'undo-failed', 'storage-full', 'content-differs', 'internal'] as const)('%s is a failure to both', async (code) => {
    expect([isRefused(code), exitCodeOf(code), await recorded(code)]).toEqual([false, exitCodes.failed, 'failed']);
  });

  it('keeps the codes of its own that a wrong input and a cancelling have in the terminal', () => {
    expect([exitCodeOf('invalid-input'), exitCodeOf('not-found'), exitCodeOf('cancelled')]).toEqual([exitCodes.usage, exitCodes.usage, exitCodes.interrupted]);
  });
});
