import { failure, Failure } from '../../../shared/errors/codes';
import { hasErrno } from '../../mysql/errors';
import type { TableToCopy } from '../rows/chunks';
import type { ReadJob } from '../snapshot/sessions';

/** 1412: changed since the snapshot. 1146, 1049, 1054, 1176: the table, its database, a column or its key is gone. */
const changedErrnos = [1412, 1146, 1049, 1054, 1176];

/** What a statement on a table of the source threw; where somebody changed that table meanwhile, it says so by name. */
export function changedOr(thrown: unknown, { source }: Pick<ReadJob, 'source'>, { database, table }: Pick<TableToCopy, 'database' | 'table'>): unknown {
  if (!hasErrno(thrown, ...changedErrnos)) return thrown;
  const { error } = thrown as Failure;
  return failure('table-changed', { table: `${database}.${table}`, name: source.name }, {
    server: source.name, ...(error.detail === undefined ? {} : { detail: error.detail }),
  });
}

/** The table that was changed by DDL between the snapshot and its reading, where that is what was thrown: only a new snapshot helps. */
export function changedTable(thrown: unknown): string | null {
  return thrown instanceof Failure && thrown.error.code === 'table-changed' ? thrown.error.params.table : null;
}
