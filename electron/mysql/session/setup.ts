import type { Readable } from 'node:stream';
import { atLeast, isMysql, type ServerVersion } from '../../../shared/domain/fleet/version';

/**
 * For a reading before the session is set up: a max_execution_time of milliseconds, which every new session begins with, would end it
 * (3024). A hint of 0 would leave it at that. Manual: "Statement Execution Time Optimizer Hints"; before 5.7.7 a comment.
 */
export const unhurried = '/*+ MAX_EXECUTION_TIME(600000) */';

/** One statement that makes the session the same on every server. Manual: "Server System Variables". */
export function setUp(version: ServerVersion, profile: 'engine' | 'user'): string {
  const names = 'SET NAMES utf8mb4';
  if (profile === 'user' || !isMysql(version)) return names;
  const settings = [
    names,
    'autocommit = 1',
    "time_zone = '+00:00'",
    "sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'",
    'wait_timeout = 28800',
    'net_read_timeout = 600',
    'net_write_timeout = 600',
    'sql_safe_updates = 0',
    'sql_big_selects = 1',
    'sql_select_limit = 18446744073709551615',
  ];
  if (atLeast(version, 5, 7, 8)) settings.push('max_execution_time = 0');
  // A primary key that the server made by itself is a column like any other to who copies or reads the binary log.
  if (atLeast(version, 8, 0, 30)) settings.push('show_gipk_in_create_table_and_information_schema = ON');
  return settings.join(', ');
}

/** A server may ask for a file whenever it likes; it gets one only while a LOAD statement of ours runs. */
export function onlyWhileLoading(
  localInfile: ((name: string) => Readable) | undefined,
  running: { readonly sql: string },
): ((name: string) => Readable) | undefined {
  if (localInfile === undefined) return undefined;
  return (name) => {
    if (!/^\s*LOAD\s+(DATA|XML)\b/i.test(running.sql)) throw new Error('the server asked for a file without a LOAD statement');
    return localInfile(name);
  };
}
