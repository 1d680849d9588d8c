import * as v from 'valibot';
import { tlsModes, type Instance } from '../../shared/domain/fleet/instance';
import { mayGoTo, trustOf, type Trust } from '../../shared/domain/fleet/trust';
import { failure } from '../../shared/errors/codes';
import type { Vault } from '../storage/types';
import { instanceSecretKey } from './secret-keys';

/** Where an instance is reached, and how that is protected. */
type Reached = Pick<Instance, 'id' | 'name' | 'admin' | 'tls'>;

const FORM = 'antipode-password-1';

/** What a password was given for stands within the sealed record: whoever changes the inventory's file does not change that. */
const bound = v.object({
  form: v.literal(FORM),
  for: v.object({ host: v.string(), port: v.number(), mode: v.picklist(tlsModes), ca: v.nullable(v.string()) }),
  password: v.string(),
});

/** The record of a password, with what it was given for. */
export function passwordRecord(reached: Pick<Instance, 'admin' | 'tls'>, password: string): string {
  return JSON.stringify({ form: FORM, for: trustOf(reached), password } satisfies v.InferInput<typeof bound>);
}

interface Kept {
  /** null: it was kept before records said so. */
  readonly trust: Trust | null;
  readonly password: string;
}

function keptIn(record: string): Kept {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), bound), record);
  return parsed.success ? { trust: parsed.output.for, password: parsed.output.password } : { trust: null, password: record };
}

/**
 * The administrators' passwords of the inventory's servers, in the vault; their only reader. A password goes only where it was given for: to
 * that address, with at least as much proven of the server first. A changed form, or a changed file of the inventory, is asked for it again.
 */
export class Passwords {
  readonly #vault: Vault;
  /** Instances whose password was found to be for somewhere else. */
  readonly #elsewhere = new Set<string>();

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /**
   * The password of an instance as it is registered. One that was kept before records named their server is bound to what is registered now.
   *
   * @throws Failure `password-missing` where none is at hand, `password-elsewhere` where it was given for another address or other TLS settings
   */
  async of(instance: Reached): Promise<string> {
    const key = instanceSecretKey(instance.id);
    const record = await this.#vault.get(key);
    if (record === null) throw failure('password-missing', { name: instance.name });
    const { trust, password } = keptIn(record);
    if (trust === null) this.#vault.replace(key, passwordRecord(instance, password));
    else if (!mayGoTo(trust, trustOf(instance))) {
      this.#elsewhere.add(instance.id);
      throw failure('password-elsewhere', { name: instance.name });
    }
    this.#elsewhere.delete(instance.id);
    return password;
  }

  /**
   * The password of a registered instance for what a form says of it.
   *
   * @throws Failure as {@link of}; what the form says is judged by what the password was given for
   */
  async forForm(instance: Reached, form: Pick<Instance, 'admin' | 'tls'>): Promise<string> {
    const password = await this.of(instance);
    if (!mayGoTo(trustOf(instance), trustOf(form))) throw failure('password-elsewhere', { name: instance.name });
    return password;
  }

  /** A password that was proven at a stricter setting is for that setting from now on. */
  rebind(instanceId: string, reached: Pick<Instance, 'admin' | 'tls'>, password: string): void {
    this.#vault.replace(instanceSecretKey(instanceId), passwordRecord(reached, password));
  }

  isKnown(instanceId: string): boolean {
    return this.known()(instanceId);
  }

  /** The same for many: the vault is looked at once. */
  known(): (instanceId: string) => boolean {
    const atHand = this.#vault.atHand();
    return (instanceId) => !this.#elsewhere.has(instanceId) && atHand(instanceSecretKey(instanceId));
  }

  /**
   * Keeps a password for the server that it was given for. Where the keyring that the vault belongs to is not there (the terminal on a
   * desktop's data folder) it is known for this run only.
   */
  async remember(instanceId: string, reached: Pick<Instance, 'admin' | 'tls'>, password: string): Promise<void> {
    const { tier, keyringAvailable } = this.#vault.status();
    if (tier === 'keyring' && !keyringAvailable) this.#vault.provide(instanceSecretKey(instanceId), passwordRecord(reached, password));
    else await this.#vault.set(instanceSecretKey(instanceId), passwordRecord(reached, password));
    this.#elsewhere.delete(instanceId);
  }

  async forget(instanceId: string): Promise<void> {
    await this.#vault.set(instanceSecretKey(instanceId), null);
    this.#elsewhere.delete(instanceId);
  }
}
