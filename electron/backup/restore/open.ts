// A backup, opened: what is believed of it has been proven.
import { join } from 'node:path';
import { failure } from '../../../shared/errors/codes';
import type { ExpectedFile } from '../../copy/files/frames';
import { fileKey } from '../../copy/files/sealing';
import { readWhole } from '../../copy/files/transfers';
import { deriveKey } from '../../storage/vault-crypto';
import type { FoundBackup } from '../folder';
import { isSealedBy, type Manifest, type ManifestFile } from '../manifest';
import { readSqlFile, type ReadEntry } from '../sql-file';

/** One whose manifest is what was written, as far as that can be proven. */
export interface OpenBackup {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly key: Buffer | null;
}

/**
 * Opens a whole backup.
 *
 * @throws Failure `backup-incomplete`, `backup-damaged`, `backup-newer`; `backup-passphrase` where it is encrypted and this is not its passphrase (or
 * its manifest was changed, which nobody can tell apart)
 */
export async function openBackup(found: FoundBackup, passphrase: string | null): Promise<OpenBackup> {
  switch (found.state) {
    case 'begun':
      throw failure('backup-incomplete', { name: found.id });
    case 'damaged':
      throw failure('backup-damaged', { name: found.id, detail: found.detail }, { detail: found.detail });
    case 'newer':
      throw failure('backup-newer', { name: found.id });
    case 'whole': {
      const { folder, manifest } = found;
      if (manifest.encryption === null) return { folder, manifest, key: null };
      if (passphrase === null) throw failure('backup-passphrase', { name: found.id });
      const key = await deriveKey(passphrase, manifest.encryption.kdf);
      if (!isSealedBy(manifest, key)) throw failure('backup-passphrase', { name: found.id });
      return { folder, manifest, key };
    }
    default:
      return found satisfies never;
  }
}

/** A file of it as it must be found. */
export function expectedFile({ folder, key }: OpenBackup, file: ManifestFile): ExpectedFile {
  const { path, ...facts } = file;
  return { ...facts, path: join(folder, path), compressed: /\.zst(?:\.enc)?$/.test(path), key: key === null ? null : fileKey(key, path) };
}

/** A file of definitions, whole; empty where the backup has none of that name. */
export async function definitionsIn(backup: OpenBackup, name: 'schema.sql' | 'programs.sql' | 'accounts.sql'): Promise<readonly ReadEntry[]> {
  const file = backup.manifest.files.find(({ path }) => path === name || path === `${name}.enc`);
  if (file === undefined) return [];
  const bytes = await readWhole(expectedFile(backup, file));
  try {
    return readSqlFile(bytes);
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    throw failure('backup-damaged', { name: file.path, detail }, { detail, cause: thrown });
  }
}
