import { useEffect } from 'react';
import { create } from 'zustand';
import type { BackupView } from '../../shared/domain/backup/backup';
import { backedUp, type BackedUp } from '../../shared/domain/backup/protection';
import { api } from '../api';
import type { CallError } from '../api';
import { useStretch } from './clock';
import { useFleet, type FleetState } from './fleet';
import { wholeOf } from './whole';

/** Every backup in the folders that are known. Read when something first shows them: it takes a look at each folder. */
export interface BackupsState {
  readonly status: 'unread' | 'ready' | 'failed';
  readonly error: CallError | null;
  readonly backups: readonly BackupView[];
}

export const useBackupsState = create<BackupsState>(() => ({ status: 'unread', error: null, backups: [] }));

let isWanted = false;
const whole = wholeOf<BackupsState>((make) => useBackupsState.setState(make), async () => {
  const answer = await api.backup.list();
  if (answer.ok) return () => ({ status: 'ready', error: null, backups: answer.value });
  return ({ status }) => ({ error: answer.error, status: status === 'ready' ? 'ready' : 'failed' });
});

/** Asks for all backups. */
export function loadBackups(): Promise<void> {
  isWanted = true;
  return whole.load();
}

/** Asks for them again where they are shown, or were: after a change, and after missed events. */
export async function reloadBackups(): Promise<void> {
  if (isWanted) await whole.load();
}

/** All backups; asks for them when what shows them appears. */
function useBackups(): BackupsState {
  useEffect(() => void loadBackups(), []);
  return useBackupsState();
}

/** One backup, or undefined once it is gone. */
export function useBackup(id: string): BackupView | undefined {
  return useBackupsState((state) => state.backups.find((backup) => backup.id === id));
}

/** How long a conclusion over all backups stands: transactions arrive every moment, and whole sets of them are compared. */
const standsMs = 10_000;
/** Who is there, and whom each follows. */
const structureOf = ({ instances }: FleetState): string =>
  instances.map(({ instance, sourceId, facts }) => `${instance.id} ${sourceId ?? ''} ${facts === null}`).join('\n');

interface Told {
  readonly structure: string;
  readonly backups: readonly BackupView[];
  readonly since: number;
  readonly value: ReadonlyMap<string, BackedUp>;
}
let told: Told | null = null;

/**
 * What the backups of each instance come to; null: not known yet. Concluded anew with every change of either, else from time to time, and once for
 * everybody who shows it: the instances themselves change with every reading.
 */
export function useBackedUp(): ReadonlyMap<string, BackedUp> | null {
  const { status, backups } = useBackups();
  const structure = useFleet(structureOf);
  const since = useStretch(standsMs);
  if (status !== 'ready') return null;
  if (told?.structure !== structure || told.backups !== backups || told.since !== since) {
    told = { structure, backups, since, value: backedUp(useFleet.getState().instances, backups, since) };
  }
  return told.value;
}
