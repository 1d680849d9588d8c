import { charsetOf } from '../../shared/domain/operations/charset/definition';
import { quoteId } from './quote';
import { plain } from './statement';
import type { Statement } from './types';

/** Sets what tables of a database get that are made without a character set. `collation`: the name of one, as a server has it. */
export const setDatabaseDefault = (database: string, collation: string): Statement =>
  plain(`ALTER DATABASE ${quoteId(database)} CHARACTER SET ${charsetOf(collation)} COLLATE ${collation}`);
