import { useEffect, useState } from 'react';
import type { BackupPlace } from '../../../shared/domain/backup/backup';
import { api, type CallError, type Result } from '../../api';
import { loadBackups } from '../../stores/backups';

export interface Places {
  /** null: not read yet. */
  readonly places: readonly BackupPlace[] | null;
  readonly error: CallError | null;
  readonly busy: boolean;
  /** Asks for a folder, whose backups count from now on; null: none was chosen, or it failed. */
  add(): Promise<string | null>;
  /** Forgets a folder; what is in it stays. */
  forget(path: string): Promise<void>;
}

/** The folders that backups are in, read when they are first shown. */
export function usePlaces(): Places {
  const [places, setPlaces] = useState<readonly BackupPlace[] | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    void api.backup.places(undefined, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      if (answer.ok) setPlaces(answer.value);
      else setError(answer.error);
    });
    return () => stop.abort();
  }, []);
  const order = async (call: () => Promise<Result<readonly BackupPlace[]>>): Promise<boolean> => {
    setBusy(true);
    setError(null);
    const answer = await call();
    setBusy(false);
    if (!answer.ok) {
      setError(answer.error);
      return false;
    }
    setPlaces(answer.value);
    void loadBackups();
    return true;
  };
  return {
    places, error, busy,
    add: async () => {
      const chosen = await api.app.chooseFolder();
      if (!chosen.ok) {
        setError(chosen.error);
        return null;
      }
      const path = chosen.value;
      return path !== null && (await order(() => api.backup.addPlace({ path }))) ? path : null;
    },
    forget: async (path) => void (await order(() => api.backup.removePlace({ path }))),
  };
}
