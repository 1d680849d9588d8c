import { useEffect, useState } from 'react';
import type { BackupDetail } from '../../../shared/domain/backup/backup';
import { api, type CallError } from '../../api';

/** What is in a backup, read when a dialog about it opens; both null: not yet. */
export function useBackupDetail(backupId: string): { readonly detail: BackupDetail | null; readonly error: CallError | null } {
  const [detail, setDetail] = useState<BackupDetail | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    void api.backup.show({ backupId }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      if (answer.ok) setDetail(answer.value);
      else setError(answer.error);
    });
    return () => stop.abort();
  }, [backupId]);
  return { detail, error };
}
