/**
 * Engines whose tables are a window on another server. What is written to one is written there, and by a standby that replays it a second
 * time. Manual: "The FEDERATED Storage Engine"; the others come with forks and plugins.
 */
const elsewhere: readonly string[] = ['FEDERATED', 'CONNECT', 'SPIDER', 'SPHINX', 'OQGRAPH'];
/** Engines that show rows of other tables of the same server. Manual: "The MERGE Storage Engine". */
const collected: readonly string[] = ['MRG_MYISAM', 'MERGE'];

export function writesElsewhere(engine: string): boolean {
  return elsewhere.includes(engine.toUpperCase());
}

/** False where a table's rows are kept in other tables or on another server: its definition is all there is to copy. */
export function holdsRows(engine: string): boolean {
  return !writesElsewhere(engine) && !collected.includes(engine.toUpperCase());
}
