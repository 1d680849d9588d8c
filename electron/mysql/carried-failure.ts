import { errorOf, Failure, type AppError } from '../../shared/errors/codes';
import { isConnectionLost, MysqlError } from './errors';

/** A failure as it crosses between threads. */
export interface CarriedFailure {
  readonly error: AppError;
  /** The server's; 0 and '': it is not one of a server. */
  readonly errno: number;
  readonly sqlState: string;
}

export function carried(thrown: unknown): CarriedFailure {
  const [errno, sqlState] = thrown instanceof MysqlError ? [thrown.errno, thrown.sqlState] : [0, ''];
  return { error: errorOf(thrown), errno, sqlState };
}

/** What is thrown on the other side. */
export function arrived({ error, errno, sqlState }: CarriedFailure): Failure {
  return errno === 0 && !isConnectionLost(new Failure(error)) ? new Failure(error) : new MysqlError(error, errno, sqlState);
}
