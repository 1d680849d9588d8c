import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { failure } from '../../shared/errors/codes';
import type { Engine } from '../engine-types';
import { passwordRecord } from '../fleet/passwords';
import { backupSecretKey, instanceSecretKey } from '../fleet/secret-keys';

/** The variable that holds an instance's password for one run: `ANTIPODE_PASSWORD_` and the name, other characters as `_`. */
export function passwordVariable(name: string): string {
  return `ANTIPODE_PASSWORD_${name.replace(/[^A-Za-z0-9]/gu, '_').toUpperCase()}`;
}

/** Passwords by instance name from standard input, as one JSON object. */
export async function readPasswords(): Promise<Readonly<Record<string, string>>> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string())), await text(process.stdin));
  // The text itself may hold passwords: the error names the place only.
  if (!parsed.success) throw failure('invalid-input', { field: '--passwords-stdin', reason: 'JSON {"name": "password"}' });
  return parsed.output;
}

/** One password: the first line of standard input, or a variable of the environment. Never an argument. */
export async function onePassword(options: { passwordStdin?: boolean; passwordEnv?: string }): Promise<string> {
  if (options.passwordEnv !== undefined) {
    const value = process.env[options.passwordEnv];
    if (value === undefined) throw failure('invalid-input', { field: '--password-env', reason: `${options.passwordEnv}: no such variable` });
    return value;
  }
  if (options.passwordStdin === true) return (await text(process.stdin)).replace(/\r?\n[\s\S]*$/u, '');
  throw failure('invalid-input', { field: 'password', reason: '--password-stdin | --password-env VAR' });
}

/** The variable that holds, for one run, the passphrase of an instance's scheduled backups. */
export function backupPassphraseVariable(name: string): string {
  return passwordVariable(name).replace('PASSWORD', 'BACKUP_PASSPHRASE');
}

/** A passphrase, from a variable of the environment, never from an argument; null: none is named. */
export function passphraseOf({ passphraseEnv }: { passphraseEnv?: string }): string | null {
  if (passphraseEnv === undefined) return null;
  const value = process.env[passphraseEnv];
  if (value === undefined || value === '') throw failure('invalid-input', { field: '--passphrase-env', reason: `${passphraseEnv}: no such variable` });
  return value;
}

/** Hands the passwords of this run to the engine; they are not kept. */
export function providePasswords(engine: Engine, given: Readonly<Record<string, string>>): void {
  for (const instance of engine.fleet.instances()) {
    const value = given[instance.name] ?? process.env[passwordVariable(instance.name)];
    if (value !== undefined) engine.vault.provide(instanceSecretKey(instance.id), passwordRecord(instance, value));
    const passphrase = process.env[backupPassphraseVariable(instance.name)];
    if (passphrase !== undefined && passphrase !== '') engine.vault.provide(backupSecretKey(instance.id), passphrase);
  }
}
