// Tables of a backup, by their names there and what they are made as.

/** A name of a table. */
export interface TableName {
  readonly database: string;
  readonly table: string;
}

/** By `tableKey` of what a table is called in the backup what it is made as. */
export type TablesAs = ReadonlyMap<string, TableName>;

export const tableKey = ({ database, table }: TableName): string => JSON.stringify([database, table]);
