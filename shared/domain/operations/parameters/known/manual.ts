import type { ServerVersion } from '../../../fleet/version';
import { nameOfToday } from '../../../sql/variable-names';

/** Where the reference manual of a server's series describes a variable. */
export interface ManualPlace {
  /** Of the manual: `8.0`. */
  readonly series: string;
  /** The title of its section, which the manual has in English only. */
  readonly section: string;
  /** The place within the section. */
  readonly anchor: string;
}

/** By the beginnings of names; the first that fits. Titles are those of the manuals from 5.6 to 9.7. */
const sections: readonly (readonly [RegExp, string])[] = [
  [/^(?:innodb_|ignore_builtin_innodb$|daemon_memcached_)/, 'InnoDB Startup Options and System Variables'],
  [/^performance_schema/, 'Performance Schema System Variables'],
  [/^mysqlx_/, 'X Plugin Options and System Variables'],
  [/^group_replication_/, 'Group Replication System Variables'],
  [/^clone_/, 'Clone System Variables'],
  [/^validate_password/, 'Password Validation Options and Variables'],
  [/^connection_control_/, 'Connection Control System and Status Variables'],
  [/^(?:gtid_|enforce_gtid_consistency$|binlog_gtid_simple_recovery$|simplified_binlog_gtid_recovery$)/, 'Global Transaction ID System Variables'],
  [/^(?:auto_increment_|rpl_semi_sync_(?:master|source)_|(?:immediate|original)_server_version$|show_replica_auth_info$)/, 'Replication Source Options and Variables'],
  [/^(?:replica_|slave_|relay_log|rpl_|report_|init_replica$|skip_replica_start$|sql_replica_skip_counter$)/, 'Replica Server Options and Variables'],
  [/^(?:sync_(?:relay_log|source_info)|max_relay_log_size$|master_info_repository$)/, 'Replica Server Options and Variables'],
  [/^(?:binlog_|binlogging_|log_bin|max_binlog_|sync_binlog$|sql_log_bin$|expire_logs_days$)/, 'Binary Logging Options and Variables'],
  [/^(?:log_replica_updates|source_verify_checksum)$/, 'Binary Logging Options and Variables'],
];

/** Where to read what a variable is for; null: it is one of a component or plugin whose section is not known here. */
export function manualPlace({ major, minor }: ServerVersion, name: string, isKnown: boolean): ManualPlace | null {
  const today = nameOfToday(name);
  const section = sections.find(([names]) => names.test(today) || names.test(name))?.[1] ?? (isKnown ? 'Server System Variables' : null);
  return section === null ? null : { series: `${String(major)}.${String(minor)}`, section, anchor: `sysvar_${name}` };
}
