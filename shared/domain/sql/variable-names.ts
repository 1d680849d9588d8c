import { atLeast, type ServerVersion, type VersionTriple } from '../fleet/version';

/** Variables that were renamed: today's name → the old name and the first version that has today's. */
const renamed = {
  log_replica_updates: { was: 'log_slave_updates', since: [8, 0, 26] },
  log_slow_replica_statements: { was: 'log_slow_slave_statements', since: [8, 0, 26] },
  init_replica: { was: 'init_slave', since: [8, 0, 26] },
  replica_checkpoint_group: { was: 'slave_checkpoint_group', since: [8, 0, 26] },
  replica_checkpoint_period: { was: 'slave_checkpoint_period', since: [8, 0, 26] },
  replica_compressed_protocol: { was: 'slave_compressed_protocol', since: [8, 0, 26] },
  replica_exec_mode: { was: 'slave_exec_mode', since: [8, 0, 26] },
  replica_load_tmpdir: { was: 'slave_load_tmpdir', since: [8, 0, 26] },
  replica_max_allowed_packet: { was: 'slave_max_allowed_packet', since: [8, 0, 26] },
  replica_net_timeout: { was: 'slave_net_timeout', since: [8, 0, 26] },
  replica_parallel_type: { was: 'slave_parallel_type', since: [8, 0, 26] },
  replica_parallel_workers: { was: 'slave_parallel_workers', since: [8, 0, 26] },
  replica_pending_jobs_size_max: { was: 'slave_pending_jobs_size_max', since: [8, 0, 26] },
  replica_preserve_commit_order: { was: 'slave_preserve_commit_order', since: [8, 0, 26] },
  replica_skip_errors: { was: 'slave_skip_errors', since: [8, 0, 26] },
  replica_sql_verify_checksum: { was: 'slave_sql_verify_checksum', since: [8, 0, 26] },
  replica_transaction_retries: { was: 'slave_transaction_retries', since: [8, 0, 26] },
  replica_type_conversions: { was: 'slave_type_conversions', since: [8, 0, 26] },
  rpl_stop_replica_timeout: { was: 'rpl_stop_slave_timeout', since: [8, 0, 26] },
  skip_replica_start: { was: 'skip_slave_start', since: [8, 0, 26] },
  source_verify_checksum: { was: 'master_verify_checksum', since: [8, 0, 26] },
  sql_replica_skip_counter: { was: 'sql_slave_skip_counter', since: [8, 0, 26] },
  transaction_isolation: { was: 'tx_isolation', since: [5, 7, 20] },
  transaction_read_only: { was: 'tx_read_only', since: [5, 7, 20] },
} as const satisfies Record<string, { was: string; since: VersionTriple }>;

export type RenamedVariable = keyof typeof renamed;

const today: ReadonlyMap<string, string> = new Map(Object.entries(renamed).map(([name, { was }]) => [was, name]));

/** A variable's name on a server of a version, from its name of today; names that never changed pass through. */
export function nameOnServer(version: ServerVersion, name: string): string {
  const entry = (renamed as Record<string, { readonly was: string; readonly since: VersionTriple } | undefined>)[name];
  return entry === undefined || atLeast(version, ...entry.since) ? name : entry.was;
}

/** Its name of today, from whichever name a server has for it. */
export function nameOfToday(name: string): string {
  return today.get(name) ?? name;
}
