import { message } from '../../i18n/message';
import type { WriteWait } from '../fleet/facts';
import type { Precondition } from '../tasks/plan';

/**
 * Whether commits of the old primary go through. Whoever waits for its disk waits in a fence too, and in what the fence is prepared with:
 * a switchover could be neither made nor taken back. Seen on 9.7, 8.0.31 and 5.6.24 with a full disk of the binary log.
 */
export function sourceWrites(source: string, standing: WriteWait | 'unread' | null): Precondition {
  const stands = standing !== null && standing !== 'unread';
  const status = stands ? 'fail' : standing === 'unread' ? 'warn' : 'pass';
  return {
    id: 'source-writes',
    title: message('promotion.precondition.source-writes.title'),
    status,
    measured: stands
      ? message('promotion.measured.standing-commits', { sessions: standing.sessions, seconds: standing.seconds, statement: standing.statement })
      : message(standing === 'unread' ? 'promotion.measured.sessions-unread' : 'promotion.measured.none'),
    remedy: status === 'pass' ? null : message('promotion.precondition.source-writes.remedy', { source }),
    sql: 'SELECT … FROM information_schema.PROCESSLIST',
  };
}
