import { useState } from 'react';
import type { RowsInspection } from '../../../../shared/domain/operations/import/rows/form';
import { api, type CallError } from '../../../api';
import { useReading } from '../../../stores/reading';
import type { ImportWish } from './wish';

/**
 * What the beginning of a file of rows shows, as far as it was chosen; null: of another file, or of none. What was read before stays until it is read
 * anew with another choice.
 */
export function useInspection(instanceId: string, { path, kind, table, form }: ImportWish): {
  readonly inspection: RowsInspection | null; readonly error: CallError | null;
} {
  const file = kind === 'rows' ? path : null;
  const { value, error } = useReading<RowsInspection | null>(JSON.stringify([instanceId, file, table, form]), async () => {
    if (file === null) return { ok: true, value: null };
    return api.import.inspect({ instanceId, path: file, database: table?.database ?? null, table: table?.table ?? null, form });
  });
  const [last, setLast] = useState<RowsInspection | null>(null);
  if (value !== null && value !== last) setLast(value);
  const shown = value ?? last;
  return { inspection: shown !== null && shown.file.path === file ? shown : null, error: file === null ? null : error };
}
