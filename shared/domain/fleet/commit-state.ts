import type { WriteStalls, WriteWait } from './facts';

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

/**
 * The commits of a server that stand still; null: none is seen to. They hold the binary log: what asks where it stands hangs behind them, and on
 * 5.7 SHOW GLOBAL VARIABLES does, with every other reading of a variable behind it (seen on 5.7.44).
 */
export const standingCommitsOf = (stalls: WriteStalls | null | undefined): WriteWait | null =>
  stalls?.waits.find(({ cause }) => cause === 'disk' || cause === 'commit') ?? null;
