import { message } from '../../i18n/message';
import { atLeast, formatVersion } from '../fleet/version';
import { both, defineCheck, listed, missed, passed, skipped, value, type CheckDefinition } from './define';
import { realChannels } from './load';
import { coverageAt } from './objects-scope';
import { estimateSeedSeconds } from './seed-estimate';
import { configure, isOn, logUpdatesName, numberOf, setVariables, shown, variable } from './variables';
import type { ServerReading } from './facts';

const HOUR = 3600;
const MIN_RETENTION_HOURS = 120;

export const binlogChecks: readonly CheckDefinition[] = [
  defineCheck({
    id: 'binlog.on', group: 'binlog', level: 'fail', needs: ['sourceServer', 'standbyServer'],
    decide: ({ sourceServer, standbyServer }) => {
      const measured = both(shown(sourceServer, 'log_bin'), shown(standbyServer, 'log_bin'));
      const lines = [['log_bin', 'binlog']] as const;
      if (!isOn(variable(sourceServer, 'log_bin'))) return missed('fail', measured, { needsRestart: true, remedy: configure('source', lines) });
      if (!isOn(variable(standbyServer, 'log_bin'))) {
        return missed('warn', measured, { needsRestart: true, remedy: configure('standby', lines, message('checks.binlog.on.fix-standby')) });
      }
      return passed(measured);
    },
  }),
  defineCheck({
    id: 'binlog.format', group: 'binlog', level: 'fail', needs: ['sourceServer', 'sourceFormats'],
    decide: ({ sourceServer, sourceFormats }) => {
      const format = variable(sourceServer, 'binlog_format');
      // A version that has done away with the variable knows rows only.
      if (format === undefined) return passed(value('ROW'));
      if (format === 'ROW') {
        // Sessions older than the change keep theirs. Those of our own login write nothing of an application's.
        const own = sourceServer.account.slice(0, sourceServer.account.lastIndexOf('@'));
        const old = (sourceFormats ?? []).filter(({ user }) => user !== own);
        if (old.length === 0) return passed(value(format));
        const items = old.map(({ id, user, host, format: theirs }) => `#${id} ${user}@${host}: ${theirs}`);
        const remedy = { on: 'source' as const, sql: old.map(({ id }) => `KILL ${id}`), text: message('checks.binlog.format.fix-sessions') };
        return missed('warn', message('checks.binlog.format.sessions', listed(items)), { items, remedy });
      }
      const remedy = setVariables('source', sourceServer.version, [['binlog_format', "'ROW'"]], message('checks.binlog.format.fix'));
      return missed('fail', value(format), { remedy, fixable: true });
    },
  }),
  defineCheck({
    id: 'binlog.image', group: 'binlog', level: 'fail', needs: ['sourceServer'],
    decide: ({ sourceServer }) => {
      const image = shown(sourceServer, 'binlog_row_image');
      if (image.toUpperCase() === 'FULL') return passed(value(image));
      const remedy = setVariables('source', sourceServer.version, [['binlog_row_image', "'FULL'"]], message('checks.binlog.format.fix'));
      return missed('fail', value(image), { remedy, fixable: true });
    },
  }),
  defineCheck({
    id: 'binlog.filters', group: 'binlog', level: 'fail', needs: ['sourceBinlog'],
    decide: ({ sourceBinlog }) => {
      if (sourceBinlog === null) return skipped(message('checks.skip.no-binlog'));
      const filters = [['binlog_do_db', sourceBinlog.doDb], ['binlog_ignore_db', sourceBinlog.ignoreDb]] as const;
      const found = filters.filter(([, databases]) => databases !== '').map(([name, databases]) => `${name}=${databases}`);
      if (found.length === 0) return passed(message('checks.binlog.filters.none'));
      return missed('fail', value(found.join(', ')), { needsRestart: true, remedy: { on: 'source', text: message('checks.binlog.filters.fix') } });
    },
  }),
  defineCheck({
    id: 'binlog.updates', group: 'binlog', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourceChannels'],
    decide: ({ sourceServer, standbyServer, sourceChannels }) => {
      const names = ['log_replica_updates', 'log_slave_updates'];
      const measured = both(shown(sourceServer, ...names), shown(standbyServer, ...names));
      const needed = (server: ServerReading): boolean => isOn(variable(server, 'log_bin')) || !atLeast(server.version, 5, 7, 5);
      const wrong = (server: ServerReading): boolean => needed(server) && !isOn(variable(server, ...names));
      const bad = wrong(standbyServer)
        ? (['standby', standbyServer] as const)
        : realChannels(sourceChannels).length > 0 && wrong(sourceServer) ? (['source', sourceServer] as const) : null;
      if (bad !== null) return missed('fail', measured, { needsRestart: true, remedy: configure(bad[0], [[logUpdatesName(bad[1]), 'ON']]) });
      return needed(standbyServer) ? passed(measured) : skipped(message('checks.binlog.updates.no-binlog'));
    },
  }),
  defineCheck({
    id: 'binlog.retention', group: 'binlog', level: 'warn', needs: ['sourceServer', 'sourceTables'],
    decide: ({ sourceServer, sourceTables }, { scope, seed }) => {
      if (!isOn(variable(sourceServer, 'log_bin'))) return skipped(message('checks.skip.no-binlog'));
      const coverage = coverageAt(sourceServer, scope);
      const bytes = sourceTables.filter(({ database, name }) => coverage.table(database, name)).reduce((sum, table) => sum + table.bytes, 0);
      const neededHours = Math.max(MIN_RETENTION_HOURS, Math.ceil((3 * estimateSeedSeconds(seed, bytes)) / HOUR));
      const required = message('checks.binlog.retention.hours-required', { hours: neededHours });
      const seconds = retentionSeconds(sourceServer);
      if (seconds === null) return skipped(message('checks.binlog.retention.unknown'));
      if (seconds === 0) return passed(message('checks.binlog.retention.forever'), { required });
      const measured = message('checks.binlog.retention.hours', { hours: Math.floor(seconds / HOUR) });
      if (seconds >= neededHours * HOUR) return passed(measured, { required });
      const setting = atLeast(sourceServer.version, 8, 0, 1)
        ? (['binlog_expire_logs_seconds', String(neededHours * HOUR)] as const)
        : (['expire_logs_days', String(Math.ceil(neededHours / 24))] as const);
      return missed('warn', measured, { required, remedy: setVariables('source', sourceServer.version, [setting]), fixable: true });
    },
  }),
  defineCheck({
    id: 'binlog.compress', group: 'binlog', level: 'fail', needs: ['sourceServer', 'standbyServer'],
    decide: ({ sourceServer, standbyServer }) => {
      const compress = variable(sourceServer, 'binlog_transaction_compression');
      const measured = message('checks.binlog.compress.measured', { value: compress ?? '—', version: formatVersion(standbyServer.version) });
      if (!isOn(compress) || atLeast(standbyServer.version, 8, 0, 20)) return passed(measured);
      const remedy = setVariables('source', sourceServer.version, [['binlog_transaction_compression', 'OFF']], message('checks.binlog.compress.fix'));
      return missed('fail', measured, { remedy, fixable: true });
    },
  }),
];

/** Seconds that the server keeps binary logs; 0: for ever; null: it does not say. */
function retentionSeconds(server: ServerReading): number | null {
  const purges = variable(server, 'binlog_expire_logs_auto_purge');
  if (purges !== undefined && !isOn(purges)) return 0;
  const seconds = numberOf(server, 'binlog_expire_logs_seconds');
  const days = numberOf(server, 'expire_logs_days');
  // Where both exist only one may be set; the other is 0.
  if (seconds !== null && seconds > 0) return seconds;
  if (days !== null) return days * 24 * HOUR;
  return seconds;
}
