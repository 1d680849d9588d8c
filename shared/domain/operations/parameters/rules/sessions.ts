import type { ParameterRule } from './values';

const charsetOf = (collation: string): string => (collation === 'binary' ? 'binary' : collation.slice(0, collation.indexOf('_')));
const plain = (charset: string): string => charset.toLowerCase().replace(/^utf8$/, 'utf8mb3');

/** Who gets in, with what, and what is kept of it. */
export const sessionRules = [
  {
    id: 'packet-buffer', names: ['net_buffer_length', 'max_allowed_packet'], severity: 'refuse', bound: ['net_buffer_length', 'max_allowed_packet'],
    breaks: (v) => v.number('net_buffer_length') > v.number('max_allowed_packet'),
  },
  {
    id: 'concat-packet', names: ['group_concat_max_len', 'max_allowed_packet'], severity: 'warn', bound: ['group_concat_max_len', 'max_allowed_packet'],
    breaks: (v) => v.number('group_concat_max_len') > v.number('max_allowed_packet'),
  },
  {
    id: 'one-account-all', names: ['max_user_connections', 'max_connections'], severity: 'warn',
    breaks: (v) => v.number('max_user_connections') >= v.number('max_connections'),
  },
  {
    id: 'few-connections', names: ['max_connections'], severity: 'refuse',
    breaks: (v, { replicas }) => v.number('max_connections') < 10 + replicas,
  },
  {
    id: 'thread-cache', names: ['thread_cache_size', 'max_connections'], severity: 'warn',
    breaks: (v) => v.number('thread_cache_size') > v.number('max_connections'),
  },
  {
    id: 'prepared-statements', names: ['max_prepared_stmt_count', 'max_connections'], severity: 'warn',
    breaks: (v) => v.number('max_prepared_stmt_count') < v.number('max_connections'),
  },
  {
    id: 'mysqlx-connections', names: ['mysqlx_max_connections', 'max_connections'], severity: 'warn',
    breaks: (v) => v.number('mysqlx_max_connections') > v.number('max_connections'),
  },
  {
    id: 'timeouts', names: ['wait_timeout', 'interactive_timeout'], severity: 'warn',
    breaks: (v) => v.number('wait_timeout') < 30 || v.number('interactive_timeout') < 30,
  },
  {
    id: 'open-transactions', names: ['autocommit', 'wait_timeout'], severity: 'warn',
    breaks: (v) => v.isOff('autocommit') && v.number('wait_timeout') > 3600,
  },
  {
    id: 'hosts-blocked', names: ['max_connect_errors', 'host_cache_size'], severity: 'warn',
    breaks: (v) => v.number('max_connect_errors') < 10 && v.number('host_cache_size') > 0 && v.isOff('skip_name_resolve'),
  },
  {
    id: 'names-each-time', names: ['host_cache_size', 'skip_name_resolve'], severity: 'warn',
    breaks: (v) => v.number('host_cache_size') === 0 && v.isOff('skip_name_resolve'),
  },
  {
    id: 'transport-none', names: ['require_secure_transport', 'have_ssl'], severity: 'refuse',
    breaks: (v) => v.isOn('require_secure_transport') && (v.is('have_ssl', 'DISABLED', 'NO') || v.is('tls_version', '')),
  },
  {
    id: 'transport-own', names: ['require_secure_transport'], severity: 'refuse',
    breaks: (v, { encrypted }) => v.isOn('require_secure_transport') && !encrypted,
  },
  {
    id: 'transport-replicas', names: ['require_secure_transport', 'tls_version'], severity: 'warn',
    breaks: (v, { replicas }) => v.isOn('require_secure_transport') && replicas > 0,
  },
  {
    id: 'tls-old', names: ['tls_version', 'require_secure_transport'], severity: 'warn',
    breaks: (v) => v.isOn('require_secure_transport') && (v.holds('tls_version', 'TLSv1') || v.holds('tls_version', 'TLSv1.1')),
  },
  {
    id: 'passwords-expire', names: ['default_password_lifetime', 'disconnect_on_expired_password'], severity: 'warn',
    breaks: (v) => v.number('default_password_lifetime') > 0 && v.isOn('disconnect_on_expired_password'),
  },
  {
    id: 'password-policy', names: ['validate_password.length', 'validate_password.mixed_case_count', 'validate_password.number_count',
      'validate_password.special_char_count'], severity: 'warn',
    breaks: (v) => v.number('validate_password.length')
      < v.number('validate_password.number_count') + v.number('validate_password.special_char_count') + 2 * v.number('validate_password.mixed_case_count'),
  },
  {
    id: 'files-open', names: ['local_infile', 'secure_file_priv'], severity: 'warn',
    breaks: (v) => v.isOn('local_infile') && v.is('secure_file_priv', ''),
  },
  {
    id: 'log-nowhere', names: ['log_output', 'slow_query_log', 'general_log'], severity: 'refuse',
    breaks: (v) => v.holds('log_output', 'NONE') && (v.isOn('slow_query_log') || v.isOn('general_log')),
  },
  {
    id: 'log-table-grows', names: ['general_log', 'log_output'], severity: 'warn',
    breaks: (v) => v.isOn('general_log') && v.holds('log_output', 'TABLE'),
  },
  {
    id: 'log-everything', names: ['slow_query_log', 'long_query_time'], severity: 'warn',
    breaks: (v) => v.isOn('slow_query_log') && v.number('long_query_time') < 0.01,
  },
  {
    id: 'log-unindexed', names: ['log_queries_not_using_indexes', 'log_throttle_queries_not_using_indexes', 'slow_query_log'], severity: 'warn',
    breaks: (v) => v.isOn('slow_query_log') && v.isOn('log_queries_not_using_indexes') && v.number('log_throttle_queries_not_using_indexes') === 0,
  },
  {
    id: 'collation-of-other', names: ['character_set_server', 'collation_server'], severity: 'refuse', bound: ['character_set_server', 'collation_server'],
    breaks: (v) => {
      const [charset, collation] = [v.text('character_set_server'), v.text('collation_server')];
      return charset !== null && collation !== null && plain(charsetOf(collation)) !== plain(charset);
    },
  },
  {
    id: 'two-utf8-collations', names: ['default_collation_for_utf8mb4', 'collation_server'], severity: 'warn',
    breaks: (v) => v.is('character_set_server', 'utf8mb4') && v.has('default_collation_for_utf8mb4')
      && !v.is('collation_server', v.text('default_collation_for_utf8mb4') ?? ''),
  },
  {
    id: 'not-strict', names: ['sql_mode', 'innodb_strict_mode'], severity: 'warn',
    breaks: (v) => v.has('sql_mode') && !v.holds('sql_mode', 'STRICT_TRANS_TABLES') && !v.holds('sql_mode', 'STRICT_ALL_TABLES'),
  },
  {
    id: 'engine-substituted', names: ['sql_mode', 'default_storage_engine'], severity: 'warn',
    breaks: (v) => v.has('sql_mode') && !v.holds('sql_mode', 'NO_ENGINE_SUBSTITUTION'),
  },
  {
    id: 'zero-dates', names: ['sql_mode', 'explicit_defaults_for_timestamp'], severity: 'warn',
    breaks: (v) => v.holds('sql_mode', 'NO_ZERO_DATE') && v.isOff('explicit_defaults_for_timestamp'),
  },
  {
    id: 'recursion-stack', names: ['max_sp_recursion_depth', 'thread_stack'], severity: 'warn',
    breaks: (v) => v.number('max_sp_recursion_depth') > 32 && v.number('thread_stack') < 1_048_576,
  },
] as const satisfies readonly ParameterRule[];
