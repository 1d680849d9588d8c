import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { InventoryStore } from '../../../electron/fleet/inventory';
import { Registered } from '../../../electron/fleet/registered';
import type { AuditEntry } from '../../../shared/domain/settings';
import { member } from '../../fixtures/facts';

let folder = '';
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-test-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const [burnt, fresh, other] = [idOf(11), idOf(12), idOf(13)];

it('an identity is taken over once, however often it is seen, and not where another instance has it', async () => {
  const store = new InventoryStore(folder);
  const audit: Pick<AuditEntry, 'action' | 'outcome'>[] = [];
  const registered = new Registered(store, { append: (...lines) => { audit.push(...lines); } }, () => 0);
  const known = (number: number, serverUuid: string) => ({ ...member(number).instance, id: idOf(number), regionId: idOf(9), serverUuid });
  store.update((current) => ({ ...current, regions: [{ id: idOf(9), name: 'guangzhou' }], instances: [known(1, burnt), known(2, other)] }));

  await Promise.all([registered.acceptIdentity(idOf(1), fresh), registered.acceptIdentity(idOf(1), fresh)]);
  expect(registered.instance(idOf(1)).serverUuid).toBe(fresh);
  expect(audit.map(({ action, outcome }) => [action, outcome])).toEqual([['instance.identity', 'begun'], ['instance.identity', 'done']]);

  await registered.acceptIdentity(idOf(1), other.toUpperCase());
  expect(registered.instance(idOf(1)).serverUuid).toBe(fresh);
  expect(audit).toHaveLength(2);
});
