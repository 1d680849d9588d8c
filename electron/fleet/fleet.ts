import type { Settings } from '../../shared/domain/settings';
import type { AuditLog, Vault } from '../storage/types';
import { Access } from './access';
import { Attended } from './attended';
import { Groups } from './groups';
import { InventoryStore } from './inventory';
import { Observed } from './observed';
import { Passwords } from './passwords';
import { Registered } from './registered';
import { Registration } from './registration';
import type { Fleet } from './types';

export interface FleetOptions {
  readonly dataFolder: string;
  readonly vault: Vault;
  readonly settings: { get(): Settings };
  readonly audit: AuditLog;
  /** Which engine it belongs to: its own operations on servers are told from those of others by it. */
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** 0 to 1; spreads polls. */
  readonly random?: () => number;
}

/** Opens the fleet of a data folder. See `openDocument` for what a broken or newer inventory throws. */
export function createFleet({ dataFolder, vault, settings, audit, run, clock: now = Date.now, random = Math.random }: FleetOptions): Fleet {
  const inventory = new InventoryStore(dataFolder);
  const passwords = new Passwords(vault);
  const access = new Access({ inventory, passwords, vault, run, onOwnLock: (id, connectionId) => observed.noteOwnLock(id, connectionId) });
  const observed = new Observed({ dataFolder, inventory, access, passwords, settings, run, now, random });
  const attended = new Attended({ inventory, audit, observed, now });
  const stopListening = vault.onChange(() => observed.passwordsChanged());
  return {
    // What each of them promises is kept in properties, not in methods: so it can be put together here, and the compiler misses none.
    ...new Registered(inventory, audit, now),
    ...new Groups(inventory, audit, observed),
    ...new Registration({ inventory, passwords, audit, observed, now }),
    ...access,
    ...observed,
    ...attended,
    startPolling: () => {
      observed.start();
      attended.start();
    },
    close: async () => {
      stopListening();
      attended.close();
      await observed.close();
    },
  };
}
