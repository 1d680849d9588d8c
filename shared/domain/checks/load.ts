import { message } from '../../i18n/message';
import { formatEndpoint } from '../fleet/instance';
import { isLeftOver } from './trial';
import { atLeast } from '../fleet/version';
import { defineCheck, listed, missed, passed, skipped, value, type CheckDefinition } from './define';
import { missingRights } from '../accounts/rights';
import { SqlCursor } from '../sql/cursor';
import { variable } from './variables';
import type { ChannelReading, ProcessReading, TransactionReading } from './facts';

const LONG_TRANSACTION_SECONDS = 60;
const serverUsers = new Set(['system user', 'event_scheduler', 'unauthenticated user', '']);

/** Channels other than a left-over of our own trials. */
export function realChannels(channels: readonly ChannelReading[]): readonly ChannelReading[] {
  return channels.filter((channel) => !isLeftOver(channel));
}

function described(process: ProcessReading): string {
  const statement = process.statement === '' ? process.state : process.statement;
  return `#${process.id} ${process.user}@${process.host} ${process.seconds} s${statement === '' ? '' : `: ${statement}`}`;
}

function transactionText(transaction: TransactionReading, processes: readonly ProcessReading[]): string {
  const process = processes.find(({ id }) => id === transaction.threadId);
  const who = process === undefined ? '' : ` ${process.user}@${process.host}`;
  return `#${transaction.threadId}${who} ${transaction.seconds} s${transaction.statement === '' ? '' : `: ${transaction.statement}`}`;
}

/** Statements that hold a table for themselves. */
function takesLock(statement: string): boolean {
  const sql = new SqlCursor(statement);
  if (sql.oneOf('ALTER', 'OPTIMIZE', 'TRUNCATE', 'DROP', 'RENAME') !== null) return true;
  if (sql.words('LOCK')) return sql.oneOf('TABLE', 'TABLES') !== null;
  if (!sql.words('CREATE')) return false;
  sql.oneOf('UNIQUE');
  return sql.words('INDEX');
}

export const loadChecks: readonly CheckDefinition[] = [
  defineCheck({
    id: 'load.longtrx', group: 'load', level: 'warn', needs: ['sourceTransactions', 'sourceProcesses'],
    decide: ({ sourceTransactions, sourceProcesses }) => {
      const long = sourceTransactions.filter(({ seconds }) => seconds > LONG_TRANSACTION_SECONDS);
      if (long.length === 0) return passed(value(0));
      const items = long.map((transaction) => transactionText(transaction, sourceProcesses));
      return missed('warn', message('checks.load.longtrx.found', listed(items)), { items, remedy: { on: 'source', text: message('checks.load.longtrx.fix') } });
    },
  }),
  defineCheck({
    id: 'load.lock', group: 'load', level: 'warn', needs: ['sourceProcesses'],
    decide: ({ sourceProcesses }) => {
      const waiting = sourceProcesses.filter(({ state, statement }) => /^Waiting for .*lock/i.test(state) || takesLock(statement));
      if (waiting.length === 0) return passed(value(0));
      const items = waiting.map(described);
      return missed('warn', message('checks.load.lock.found', listed(items)), { items, remedy: { on: 'source', text: message('checks.load.lock.fix') } });
    },
  }),
  defineCheck({
    id: 'load.xa', group: 'load', level: 'warn', needs: ['sourceXa', 'standbyXa'],
    decide: ({ sourceXa, standbyXa }, { seed }) => {
      // One that follows already has those of its source. On one that is seeded nothing can be dropped that they hold, whoever waits.
      if ((seed === 'copy' || seed === 'clone') && standbyXa !== null && standbyXa.length > 0) {
        const remedy = { on: 'standby', text: message('checks.load.xa.fix') } as const;
        return { ...missed('fail', message('checks.load.xa.standby', listed(standbyXa)), { items: standbyXa, remedy }), level: 'fail' };
      }
      if (sourceXa === null) return skipped(message('checks.load.xa.unseen'));
      if (sourceXa.length === 0) return passed(value(0));
      return missed(
        'warn',
        message('checks.load.xa.found', listed(sourceXa)),
        { items: sourceXa, remedy: { on: 'source', text: message('checks.load.xa.fix') } },
      );
    },
  }),
  defineCheck({
    id: 'dst.clean', group: 'load', level: 'fail', needs: ['standbyChannels', 'standbyServer'],
    decide: ({ standbyChannels, standbyServer }) => {
      const channels = realChannels(standbyChannels);
      if (channels.length === 0) return passed(message('checks.dst.clean.none'));
      const items = channels.map(({ name, host, port, user }) => `${name === '' ? '' : `${name}: `}${user}@${formatEndpoint({ host, port })}`);
      const word = atLeast(standbyServer.version, 8, 0, 22) ? 'REPLICA' : 'SLAVE';
      return missed('fail', message('checks.dst.clean.follows', listed(items)), {
        items, remedy: { on: 'standby', sql: [`STOP ${word}`, `RESET ${word} ALL`], text: message('checks.dst.clean.fix') },
      });
    },
  }),
  defineCheck({
    id: 'dst.replicas', group: 'load', level: 'fail', needs: ['standbyProcesses'],
    decide: ({ standbyProcesses }, { seed }) => {
      const items = standbyProcesses.filter(({ command }) => command.startsWith('Binlog Dump')).map(({ user, host }) => `${user}@${host}`);
      if (items.length === 0) return passed(value(0));
      const measured = message('checks.dst.replicas.found', listed(items));
      // Adopting leaves the data and the GTIDs as they are, so replicas behind it go on.
      if (seed === 'adopt') return missed('info', measured, { items });
      return missed('fail', measured, { items, remedy: { on: 'standby', text: message('checks.dst.replicas.fix') } });
    },
  }),
  defineCheck({
    id: 'dst.idle', group: 'load', level: 'warn', needs: ['standbyProcesses', 'standbyTransactions', 'standbyServer'],
    decide: ({ standbyProcesses, standbyTransactions, standbyServer }) => {
      const own = standbyServer.account.slice(0, standbyServer.account.lastIndexOf('@'));
      const writing = new Set(standbyTransactions.filter(({ rowsModified }) => rowsModified > 0).map(({ threadId }) => threadId));
      const sessions = standbyProcesses.filter(
        ({ id, user, command }) => writing.has(id) || (!serverUsers.has(user) && user !== own && !command.startsWith('Binlog Dump') && command !== 'Daemon'),
      );
      if (sessions.length === 0) return passed(value(0));
      const items = sessions.map(described);
      return missed('warn', message('checks.dst.idle.found', listed(items)), { items, remedy: { on: 'standby', text: message('checks.dst.idle.fix') } });
    },
  }),
  defineCheck({
    id: 'dst.readonly', group: 'load', level: 'fail', needs: ['standbyServer', 'standbyGrants'],
    decide: ({ standbyServer, standbyGrants }) => {
      const missing = missingRights(standbyGrants, [...standbyServer.rights['set-variables'], ...standbyServer.rights['kill-sessions']]);
      if (missing.length > 0) return missed(
        'fail',
        message('checks.dst.readonly.no-right', listed(missing)),
        { remedy: { on: 'standby', text: message('checks.dst.readonly.fix') } },
      );
      const name = variable(standbyServer, 'super_read_only') === undefined ? 'read_only' : 'super_read_only';
      return passed(message(name === 'read_only' ? 'checks.dst.readonly.old' : 'checks.dst.readonly.yes'));
    },
  }),
  defineCheck({
    id: 'dst.restart', group: 'load', level: 'warn', needs: [],
    applies: ({ seed }) => (seed === 'clone' ? null : message('checks.skip.clone-only')),
    decide: () => missed('warn', message('checks.dst.restart.unknown'), { remedy: { on: 'standby', text: message('checks.dst.restart.fix') } }),
  }),
];
