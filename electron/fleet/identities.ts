import { errorOf } from '../../shared/errors/codes';
import type { InventoryStore } from './inventory';

/** What polls tell of is written together, at most this often: each write is the whole inventory. */
const WRITE_EVERY_MS = 1_000;
/** While a crowd tells of itself, one after the other, it waits for the last of them, but no longer than this. */
const CROWD = 20;
const CROWD_WAITS_MS = 15_000;

/** The form of a server_uuid: what a server sends in its place is no identity, and would keep those of others out of the inventory with it. */
const uuidForm = /^[0-9a-f-]{1,64}$/i;

/** The identities of servers that were registered without one (an import): each is recognised by its first reading. */
export class Identities {
  readonly #inventory: Pick<InventoryStore, 'update'>;
  readonly #learned = new Map<string, string>();
  #timer: NodeJS.Timeout | null = null;
  /** How many had told when it was last thought of writing, and how long the first of them has waited. */
  #told = 0;
  #waitedMs = 0;

  constructor(inventory: Pick<InventoryStore, 'update'>) {
    this.#inventory = inventory;
  }

  /** Keeps what a reading told; it is in the inventory soon, with what others tell until then. */
  note(id: string, uuid: string): void {
    if (!uuidForm.test(uuid)) return;
    this.#learned.set(id, uuid);
    this.#timer ??= setTimeout(() => this.#writeAfterCrowd(), WRITE_EVERY_MS).unref();
  }

  #writeAfterCrowd(): void {
    const many = this.#learned.size;
    this.#waitedMs += WRITE_EVERY_MS;
    const isCrowd = many > CROWD && many > this.#told && this.#waitedMs < CROWD_WAITS_MS;
    if (!isCrowd) return this.write();
    this.#told = many;
    this.#timer = setTimeout(() => this.#writeAfterCrowd(), WRITE_EVERY_MS).unref();
  }

  /** Writes now what was kept. */
  write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    [this.#told, this.#waitedMs] = [0, 0];
    if (this.#learned.size === 0) return;
    const learned = new Map(this.#learned);
    this.#learned.clear();
    try {
      this.#inventory.update((current) => ({
        ...current,
        instances: current.instances.map((one) => (one.serverUuid === null && learned.has(one.id) ? { ...one, serverUuid: learned.get(one.id) ?? null } : one)),
      }));
    } catch (error) {
      // A full disk must not stop the polls; the next reading tries again, and the next change of the user's says it.
      if (errorOf(error).code === 'internal') throw error;
    }
  }

  /** Writes what was kept; nothing comes after. */
  close(): void {
    this.write();
  }
}
