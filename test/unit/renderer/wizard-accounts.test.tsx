// @vitest-environment happy-dom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../../../renderer/stores/ui';
import { definitionOf, resultOf } from '../../../shared/domain/checks';
import type { CheckResult } from '../../../shared/domain/checks/check';
import type { AccountChoice } from '../../../shared/domain/accounts/shared-accounts';
import type { Seed } from '../../../shared/domain/sync/sync';
import { message } from '../../../shared/i18n/message';
import { accountState, right } from '../../fixtures/accounts';
import { openWindow, violations, windowForEachTest } from '../../fixtures/renderer-window';
import { factsWith, inputWith } from '../checks/fixture';

windowForEachTest();

/** What the check says of two accounts, one of which administers the standby. */
function answer(accounts: AccountChoice | undefined): CheckResult {
  const check = definitionOf('priv.accounts');
  const facts = factsWith({
    sourceAccountStates: [accountState('app', { password: 'd2', rights: [right('SELECT', '`shop`.*')] }), accountState('dba', { locked: true })],
    standbyAccountStates: [accountState('app', { rights: [right('DELETE', '`shop`.*')] }), accountState('dba', { rights: [right('SUPER')] })],
    knownPrivileges: { source: new Set(['SELECT', 'DELETE', 'SUPER']), standby: new Set(['SELECT', 'DELETE', 'SUPER']) },
  });
  return resultOf(check, check.decide(facts, inputWith({ accounts: accounts ?? 'take-source' })), 1);
}

async function openChecks(seed: Seed = 'copy'): Promise<Awaited<ReturnType<typeof openWindow>>> {
  const bridge = await openWindow({
    handlers: {
      'sync.propose': () => ({ seed, reason: message('sync.seed.copy.fits'), estimateSeconds: 1, bytes: 1, alternatives: [], erases: [] }),
      'sync.check': ({ sourceId, standbyId, accounts }) => ({ sourceId, standbyId, startedAt: 0, tookMs: 1, results: [answer(accounts)] }),
      'sync.checkOne': ({ accounts }) => answer(accounts),
    },
  });
  openDialog({ kind: 'create-sync', sourceId: 'orders-gz', standbyId: 'spare-cd' });
  for (let page = 0; page < 2; page += 1) fireEvent.click(await screen.findByRole('button', { name: 'Next' }));
  await screen.findByRole('button', { name: 'Check again' }, { timeout: 20_000 });
  return bridge;
}

describe('the choice of accounts in the wizard', () => {
  it('shows how each account differs and what becomes of it, and asks the check again for the other choice', async () => {
    const bridge = await openChecks();
    const section = screen.getByRole('region', { name: 'Accounts that both servers have' });
    const row = (name: RegExp): HTMLElement => within(section).getByRole('row', { name });
    expect(row(/^app@%/).textContent).toBe('app@%passwordrights− DELETE ON `shop`.*+ SELECT ON `shop`.*as on the source');
    expect(row(/^dba@%/).textContent).toMatch(/administrator$/);
    const next = screen.getByRole('button', { name: 'Next' });
    expect(next.hasAttribute('disabled')).toBe(true);
    expect(within(section).getByRole<HTMLInputElement>('radio', { name: /Take the source’s/ }).checked).toBe(true);
    fireEvent.click(within(section).getByRole('radio', { name: /Keep the standby’s/ }));
    await waitFor(() => expect(row(/^app@%/).textContent).toMatch(/as on the standby$/));
    expect(bridge.calls.filter(({ method }) => method === 'sync.checkOne').map(({ input }) => (input as { accounts?: string }).accounts)).toEqual(['keep-standby']);
    expect(bridge.calls.filter(({ method }) => method === 'sync.check')).toHaveLength(1);
    // The user's own choice is no warning.
    expect(next.hasAttribute('disabled')).toBe(false);
    expect(await violations()).toEqual([]);
    fireEvent.click(next);
    expect(await screen.findByText('Keep the standby’s')).toBeTruthy();
  });

  it('is not offered where a clone replaces them all', async () => {
    await openChecks('clone');
    expect(screen.queryByRole('region', { name: 'Accounts that both servers have' })).toBeNull();
  });
});
