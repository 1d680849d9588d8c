import type { AuditEntry, AuditProof, SecretStatus, SecretTier } from '../../shared/domain/settings';

/** A document of the data folder: a versioned JSON file that is read through a schema, written atomically. */
export interface Document<Value> {
  get(): Value;
  /** Replaces the value; returns it. Throws `storage-full` where the disk is. */
  set(value: Value): Value;
  update(change: (value: Value) => Value): Value;
  /** Records that did not pass the schema and were set aside beside the file, not lost. */
  readonly quarantined: readonly string[];
}

/** Encrypts with the operating system's keyring (Electron's safeStorage in the desktop; none in the terminal). */
export interface Keyring {
  /** False where there is none, or where it would only scramble (`basic_text`, `unknown`). */
  available(): boolean;
  encrypt(text: string): Buffer;
  decrypt(data: Buffer): string;
}

/** Passwords by key. Never listed, never logged, never sent to a window. */
export interface Vault {
  status(): SecretStatus;
  get(key: string): Promise<string | null>;
  set(key: string, value: string | null): Promise<void>;
  /** Changes the record of a secret that is at hand, where it is: one for this run only stays for this run only. */
  replace(key: string, value: string): void;
  has(key: string): boolean;
  /** The same for many: one look at the store, as it is now. */
  atHand(): (key: string) => boolean;
  unlock(passphrase: string): Promise<SecretStatus>;
  /** Puts the store as it is aside, as a file that stays, and begins an empty one. For one that is damaged, or whose passphrase is lost. */
  startOver(): Promise<SecretStatus>;
  /** Moves every secret to another tier. */
  choose(tier: SecretTier, passphrase?: string): Promise<SecretStatus>;
  /** A secret for this run only, whatever the tier: passwords given to the terminal per run. */
  provide(key: string, value: string): void;
  onChange(listener: (status: SecretStatus) => void): () => void;
}

/** Append-only record of who did what; one JSON object per line, never rewritten, each line bound to the one before it. */
export interface AuditLog {
  /**
   * Writes lines, together on the disk when it returns. The ends of acts (`act`, and not `begun`) that cannot be written now are kept and written
   * before the next line: what was done does not become undone by it, and nothing new begins before.
   *
   * @throws Failure `storage-full`, `storage-broken`, `data-folder-busy`
   */
  append(...entries: Omit<AuditEntry, 'at' | 'actor' | 'front'>[]): void;
  /** Reads the whole log, and says whether its lines hold together. */
  verify(): Promise<AuditProof>;
  list(limit: number): readonly AuditEntry[];
  export(format: 'json' | 'csv'): string;
}
