import { isStatement } from './known/variables';

/**
 * Who sets a variable, where it is not set here: another part of this program that must know of it, or nobody. What they would
 * break is said by `parameters.owner.<owner>`.
 */
export type ParameterOwner =
  | 'fence' | 'gtid' | 'link' | 'skip' | 'port' | 'data' | 'rescue' | 'server' | 'session' | 'secret';

const owners: Readonly<Record<string, ParameterOwner>> = {
  // A fence, and the opening of a standby, are these and nothing else: whoever sets them behind its back has two primaries, or none.
  read_only: 'fence', super_read_only: 'fence', offline_mode: 'fence', innodb_read_only: 'fence', transaction_read_only: 'fence',
  // One rung at a time, on every server of a topology together.
  gtid_mode: 'gtid', enforce_gtid_consistency: 'gtid', gtid_purged: 'gtid', gtid_next: 'gtid',
  // By these a link knows its servers, and keeps still after a restart.
  server_id: 'link', skip_replica_start: 'link', log_bin: 'link', relay_log: 'link',
  sql_replica_skip_counter: 'skip', replica_skip_errors: 'skip',
  port: 'port', report_port: 'port', admin_port: 'port', mysqlx_port: 'port', socket: 'port', bind_address: 'port', skip_networking: 'port',
  // The data directory was made with these, or is found by them: with others the server does not start.
  datadir: 'data', lower_case_table_names: 'data', innodb_page_size: 'data', innodb_data_file_path: 'data', innodb_data_home_dir: 'data',
  innodb_log_group_home_dir: 'data', innodb_undo_directory: 'data', innodb_force_recovery: 'data', basedir: 'data',
  persisted_globals_load: 'rescue',
  sql_log_bin: 'session', timestamp: 'session', insert_id: 'session', last_insert_id: 'session', pseudo_thread_id: 'session', pseudo_replica_mode: 'session',
  pseudo_slave_mode: 'session', rbr_exec_mode: 'session',
};

/** Who owns a variable, by its name of today; null: it is set here. */
export function ownerOf(name: string): ParameterOwner | null {
  return owners[name] ?? (isSecret(name) ? 'secret' : isStatement(name) ? 'server' : null);
}

/** Passwords, and what stands for one (a keyring's secret, a token, headers that carry it), some of which servers print: neither shown nor set here. */
export function isSecret(name: string): boolean {
  return /^report_password$|_(?:pwd|secret|secret_id|token|headers)$/.test(name);
}
