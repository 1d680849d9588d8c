/**
 * Why statements are not counted, or not in full:
 * - `performance-schema`: it is off; only a restart turns it on. - `digests`: the consumer `statements_digest` is off. - `table-size`: the table of digests
 *   has no room at all. - `rights`: SELECT on performance_schema is missing. - `slow-log`: the slow query log is off. - `no-histograms`: the series has none.
 * - `storage`: the disk of this machine takes or gives no snapshot. - `damaged`: some that were kept are gone.
 */
type UnwatchedCause = 'performance-schema' | 'digests' | 'table-size' | 'rights' | 'slow-log' | 'no-histograms' | 'storage' | 'damaged';

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
  readonly digestConsumer: boolean | null;
  readonly mostDigests: number;
  readonly slowLog: boolean;
  readonly longQuerySeconds: number;
  readonly logOutput: string;
  readonly hasHistograms: boolean;
  readonly canPersist: boolean;
}

/** What keeps a server from telling, with the cure of each. `account`: `user@host` of the login. */
export function unwatchedOf(switches: WatchSwitches): readonly Unwatched[] {
  const { performanceSchema, digestConsumer, mostDigests, slowLog, hasHistograms, canPersist } = switches;
  if (!performanceSchema) return [{ cause: 'performance-schema', severity: 'blocks', cure: '[mysqld]\nperformance_schema = ON' }];
  const found: Unwatched[] = [];
  if (digestConsumer === false) {
    const cure = "UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'statements_digest';";
    found.push({ cause: 'digests', severity: 'blocks', cure });
  }
  if (mostDigests === 0) found.push({ cause: 'table-size', severity: 'blocks', cure: '[mysqld]\nperformance_schema_digests_size = 10000' });
  if (!slowLog) {
    const set = canPersist ? 'SET PERSIST' : 'SET GLOBAL';
    found.push({ cause: 'slow-log', severity: 'notes', cure: `${set} long_query_time = 1;\n${set} slow_query_log = ON;` });
  }
  if (!hasHistograms) found.push({ cause: 'no-histograms', severity: 'notes', cure: '' });
  return found;
}
