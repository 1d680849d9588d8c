/**
 * Why statements are not counted, or not in full:
 * - `performance-schema`: it is off; only a restart turns it on. - `digests`: the consumer `statements_digest` is off. - `table-size`: the table of digests
 *   has no room at all. - `rights`: SELECT on performance_schema is missing. - `slow-log`: the slow query log is off. - `no-histograms`: the series has none.
 * - `log-table`: the log goes to a file, which cannot be read from here. - `log-rights`: SELECT on the log's table is missing.
 * - `log-throttled`: the server kept statements out of the log. - `instruments`: some kinds of statements are not counted, or not timed. - `actors`: the
 *   statements of some accounts are not. - `log-broken`: the table cannot be read. - `log-behind`: the log holds more than was read so far.
 * - `log-seconds`: it holds whole seconds. - `storage`: the disk of this machine takes or gives no snapshot. - `damaged`: some that were kept are gone.
 */
export type UnwatchedCause = 'performance-schema' | 'digests' | 'table-size' | 'rights' | 'slow-log' | 'no-histograms' | 'log-table' | 'log-rights'
  | 'instruments' | 'actors' | 'log-throttled' | 'log-broken' | 'log-behind' | 'log-seconds' | 'storage' | 'damaged';

export interface Unwatched {
  readonly cause: UnwatchedCause;
  /** What turns it on, to be copied: SQL, or lines of an option file. Empty: nothing does. */
  readonly cure: string;
  /** `blocks`: without it there is no list at all. */
  readonly severity: 'blocks' | 'notes';
}

/** What a server says of how it watches its statements; null: not told. */
export interface WatchSwitches {
  readonly performanceSchema: boolean;
  /** The consumer of digests, and the one on which it rests. */
  readonly digestConsumer: boolean | null;
  /** Kinds of statements that are not counted, or without their time. */
  readonly uncountedKinds: number;
  /** Whether the statements of every account are counted. */
  readonly countsEverybody: boolean;
  readonly mostDigests: number;
  readonly slowLog: boolean;
  readonly longQuerySeconds: number;
  readonly logOutput: string;
  readonly hasHistograms: boolean;
  readonly canPersist: boolean;
}

/** Whether the slow query log is written to a table, where it can be read. */
export function logsToTable({ slowLog, logOutput }: WatchSwitches): boolean {
  const outputs = logOutput.toUpperCase().split(',').map((one) => one.trim());
  // NONE beside others wins (manual: "Selecting General Query Log and Slow Query Log Output Destinations").
  return slowLog && outputs.includes('TABLE') && !outputs.includes('NONE');
}

/** The statements that have a server write its slow query log to the table. */
function logToTable({ logOutput, slowLog, canPersist }: WatchSwitches): string {
  const set = canPersist ? 'SET PERSIST' : 'SET GLOBAL';
  const outputs = logOutput.toUpperCase().includes('FILE') && slowLog ? 'TABLE,FILE' : 'TABLE';
  return `${set} log_output = '${outputs}';\n${set} long_query_time = 1;\n${set} slow_query_log = ON;`;
}

/** What keeps a server from telling, with the cure of each. `account`: `user@host` of the login. */
export function unwatchedOf(switches: WatchSwitches): readonly Unwatched[] {
  const { performanceSchema, digestConsumer, mostDigests, uncountedKinds, countsEverybody, slowLog, hasHistograms, canPersist } = switches;
  if (!performanceSchema) {
    const off: Unwatched = { cause: 'performance-schema', severity: 'blocks', cure: '[mysqld]\nperformance_schema = ON' };
    return logsToTable(switches) ? [off] : [off, { cause: 'log-table', severity: 'notes', cure: logToTable(switches) }];
  }
  const found: Unwatched[] = [];
  if (digestConsumer === false) {
    const cure = "UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME IN ('global_instrumentation', 'statements_digest');";
    found.push({ cause: 'digests', severity: 'blocks', cure });
  }
  if (mostDigests === 0) found.push({ cause: 'table-size', severity: 'blocks', cure: '[mysqld]\nperformance_schema_digests_size = 10000' });
  if (uncountedKinds > 0) {
    const cure = "UPDATE performance_schema.setup_instruments SET ENABLED = 'YES', TIMED = 'YES' WHERE NAME LIKE 'statement/%';";
    found.push({ cause: 'instruments', severity: 'notes', cure });
  }
  if (!countsEverybody) {
    found.push({ cause: 'actors', severity: 'notes', cure: "INSERT INTO performance_schema.setup_actors (HOST, USER, ROLE) VALUES ('%', '%', '%');" });
  }
  if (!slowLog) {
    const set = canPersist ? 'SET PERSIST' : 'SET GLOBAL';
    found.push({ cause: 'slow-log', severity: 'notes', cure: `${set} long_query_time = 1;\n${set} slow_query_log = ON;` });
  }
  if (!hasHistograms) found.push({ cause: 'no-histograms', severity: 'notes', cure: '' });
  return found;
}

/** The server kept statements out of its log, and logged how many at the end of a minute. */
export function logThrottled({ canPersist }: WatchSwitches): Unwatched {
  const cure = `SET ${canPersist ? 'PERSIST' : 'GLOBAL'} log_throttle_queries_not_using_indexes = 0;`;
  return { cause: 'log-throttled', severity: 'notes', cure };
}
