import type { AuditEntry, SecretStatus, SecretTier } from '../../shared/domain/settings';

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
  has(key: string): boolean;
  unlock(passphrase: string): Promise<SecretStatus>;
  /** Moves every secret to another tier. */
  choose(tier: SecretTier, passphrase?: string): Promise<SecretStatus>;
  /** A secret for this run only, whatever the tier: passwords given to the terminal per run. */
  provide(key: string, value: string): void;
  onChange(listener: (status: SecretStatus) => void): () => void;
}

/** Append-only record of who did what; one JSON object per line, never rewritten. */
export interface AuditLog {
  append(entry: Omit<AuditEntry, 'at' | 'actor' | 'front'>): void;
  list(limit: number): readonly AuditEntry[];
  export(format: 'json' | 'csv'): string;
}
