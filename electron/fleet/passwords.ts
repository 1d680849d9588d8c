import type { Instance } from '../../shared/domain/fleet/instance';
import { failure } from '../../shared/errors/codes';
import type { Vault } from '../storage/types';
import { instanceSecretKey } from './secret-keys';

/** The administrators' passwords of the inventory's servers, in the vault; their only reader. */
export class Passwords {
  readonly #vault: Vault;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** Throws `password-missing` where none is at hand. */
  async of(instance: Instance): Promise<string> {
    const password = await this.#vault.get(instanceSecretKey(instance.id));
    if (password === null) throw failure('password-missing', { name: instance.name });
    return password;
  }

  isKnown(instanceId: string): boolean {
    return this.#vault.has(instanceSecretKey(instanceId));
  }

  /**
   * Keeps a password in the vault. Where the keyring that the vault belongs to is not there (the terminal on a desktop's
   * data folder) it is known for this run only.
   */
  async remember(instanceId: string, password: string): Promise<void> {
    const { tier, keyringAvailable } = this.#vault.status();
    if (tier === 'keyring' && !keyringAvailable) this.#vault.provide(instanceSecretKey(instanceId), password);
    else await this.#vault.set(instanceSecretKey(instanceId), password);
  }

  forget(instanceId: string): Promise<void> {
    return this.#vault.set(instanceSecretKey(instanceId), null);
  }
}
