/**
 * In which stage a session stands whose commit cannot be written to the binary log: seen on 5.6.24 and 5.7.22 (`query end`), 8.0.15,
 * 8.0.31 and 9.7 (`waiting for handler commit`) with a full disk. `Waiting for disk space` is shown by none of them there.
 */
export const committingStates = ['waiting for handler commit', 'query end', 'Waiting for disk space'] as const;

/**
 * A commit that waits for space on the disk of the binary log must not be killed by the way: 5.7.22, 8.0.15, 8.0.31 and 9.7 end the
 * whole server then (binlog_error_action = ABORT_SERVER, the default), tried with a full disk.
 */
export const standsInCommit = (state: string): boolean => (committingStates as readonly string[]).includes(state);
