// Folders as the fronts see them.
import type { BackupDetail, BackupFinding, BackupView } from '../../shared/domain/backup/backup';
import { wholeInstance } from '../../shared/domain/scope/scope';
import { parseServerVersion } from '../../shared/domain/fleet/version';
import { failure } from '../../shared/errors/codes';
import type { FoundBackup } from './folder';
import type { Manifest } from './manifest';

/** What is known of a backup beside its folder. */
export interface KnownOfBackup {
  readonly verified: BackupFinding | null;
  readonly proven: BackupFinding | null;
  /** A task writes it now. */
  readonly isRunning: boolean;
  /** The registered instance that it is of, by the id in it or the uuid of its server; null: none. */
  readonly instanceOf: (instanceId: string, uuid: string) => string | null;
}

export function viewOf(found: FoundBackup, known: KnownOfBackup): BackupView {
  const { id, folder } = found;
  const looks = { verified: known.verified, proven: known.proven };
  const nothing = {
    id, folder, instanceId: null, instanceName: '', serverUuid: '', version: '', scope: wholeInstance, gtidSet: '', startedAt: 0, endedAt: null,
    storedBytes: 0, plainBytes: 0, tables: 0, rows: 0, encrypted: false, ...looks,
  };
  switch (found.state) {
    case 'damaged':
    case 'newer': {
      const { instanceId, instanceName, uuid, startedAt } = found.told;
      return { ...nothing, state: found.state, instanceId: known.instanceOf(instanceId, uuid), instanceName, startedAt };
    }
    case 'begun': {
      const state = known.isRunning ? 'running' : 'incomplete';
      if (found.started === null) return { ...nothing, state };
      const { instanceId, instanceName, scope, startedAt, encrypted } = found.started;
      return { ...nothing, state, instanceId: known.instanceOf(instanceId, ''), instanceName, scope, startedAt, encrypted };
    }
    case 'whole':
      return { ...nothing, ...factsOf(found.manifest, known), state: 'complete' };
    default:
      return found satisfies never;
  }
}

function factsOf(manifest: Manifest, { instanceOf }: KnownOfBackup): Partial<BackupView> {
  const { server, scope, gtidSet, startedAt, endedAt, files, tables, encryption } = manifest;
  const { major, minor, patch } = parseServerVersion(server.version);
  const sum = (of: (file: (typeof files)[number]) => number): number => files.reduce((total, file) => total + of(file), 0);
  return {
    instanceId: instanceOf(server.instanceId, server.uuid), instanceName: server.name, serverUuid: server.uuid, version: `${major}.${minor}.${patch}`,
    scope, gtidSet, startedAt, endedAt, storedBytes: sum(({ storedBytes }) => storedBytes), plainBytes: sum(({ plainBytes }) => plainBytes),
    tables: tables.length, rows: tables.reduce((total, { rows }) => total + rows, 0), encrypted: encryption !== null,
  };
}

/** @throws Failure `backup-incomplete`, `backup-damaged`, `backup-newer` where nothing can be said of what is in it */
export function detailOf(found: FoundBackup, view: BackupView): BackupDetail {
  switch (found.state) {
    case 'begun':
      throw failure('backup-incomplete', { name: found.id });
    case 'newer':
      throw failure('backup-newer', { name: found.id });
    case 'damaged':
      throw failure('backup-damaged', { name: found.id, detail: found.detail }, { detail: found.detail });
    case 'whole':
      return { ...view, ...contentsOf(found.manifest) };
    default:
      return found satisfies never;
  }
}

function contentsOf(manifest: Manifest): Omit<BackupDetail, keyof BackupView> {
  const bytes = new Map(manifest.files.map(({ path, plainBytes }) => [path, plainBytes]));
  const { databases, programs, accounts, leftOut, lockedMs } = manifest;
  return {
    databases, programs, accounts, leftOut, lockedMs,
    contents: manifest.tables.map(({ database, table, rows, files }) => ({
      database, table, rows, plainBytes: files.reduce((sum, { path }) => sum + (bytes.get(path) ?? 0), 0),
    })),
  };
}
