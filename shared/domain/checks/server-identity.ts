import { message } from '../../i18n/message';
import { atLeast, canClone, compareVersions, formatVersion, isMysql, MINIMUM_VERSION, replicationOrder, seriesOf, type ServerVersion } from '../fleet/version';
import { both, defineCheck, missed, passed, value, type CheckDefinition, type CheckOutcome } from './define';
import { numberOf, setVariables, shown, variable } from './variables';
import type { Reach, ServerReading } from './facts';

/** What a server says it is, or what it was refused as. */
function productOf(reach: Reach): { readonly name: string; readonly accepted: boolean } | null {
  if (reach.reached) return { name: productName(reach.version), accepted: isMysql(reach.version) };
  if (reach.error.code === 'product-unsupported') return { name: reach.error.params.product, accepted: false };
  // Too old is still MySQL; that is for the version's own check.
  if (reach.error.code === 'version-unsupported') return { name: `MySQL ${reach.error.params.version}`, accepted: true };
  return null;
}

function productName(version: ServerVersion): string {
  switch (version.product) {
    case 'mysql':
      return `MySQL ${formatVersion(version)}`;
    case 'percona':
      return `Percona Server ${formatVersion(version)}`;
    case 'mariadb':
      return `MariaDB ${formatVersion(version)}`;
    case 'other':
      return version.raw;
    default: {
      const never: never = version.product;
      return never;
    }
  }
}

function versionOf(reach: Reach): { readonly text: string; readonly enough: boolean } | null {
  if (reach.reached) return { text: formatVersion(reach.version), enough: compareVersions(reach.version, MINIMUM_VERSION) >= 0 };
  if (reach.error.code === 'version-unsupported') return { text: reach.error.params.version, enough: false };
  return null;
}

function unreached(reaches: readonly Reach[]): CheckOutcome {
  const failed = reaches.find((reach) => !reach.reached);
  const text = failed?.reached === false ? (failed.error.detail ?? failed.error.code) : '';
  return { status: 'error', measured: message('checks.unreadable', { text }) };
}

export const serverIdentityChecks: readonly CheckDefinition[] = [
  defineCheck({
    id: 'server.product', group: 'server', level: 'fail', needs: ['sourceReach', 'standbyReach'],
    decide: ({ sourceReach, standbyReach }) => {
      const source = productOf(sourceReach);
      const standby = productOf(standbyReach);
      const measured = both(source?.name ?? '—', standby?.name ?? '—');
      const refused = [source, standby].find((product) => product !== null && !product.accepted);
      if (refused !== undefined) return missed('fail', measured, { remedy: { text: message('checks.server.product.fix') } });
      return source === null || standby === null ? unreached([sourceReach, standbyReach]) : passed(measured);
    },
  }),
  defineCheck({
    id: 'server.version.min', group: 'server', level: 'fail', needs: ['sourceReach', 'standbyReach'],
    decide: ({ sourceReach, standbyReach }) => {
      const source = versionOf(sourceReach);
      const standby = versionOf(standbyReach);
      const measured = both(source?.text ?? '—', standby?.text ?? '—');
      if (source?.enough === false || standby?.enough === false) {
        return missed('fail', measured, { remedy: { text: message('checks.server.version.min.fix') } });
      }
      return source === null || standby === null ? unreached([sourceReach, standbyReach]) : passed(measured);
    },
  }),
  defineCheck({
    id: 'server.version.order', group: 'server', level: 'fail', needs: ['sourceServer', 'standbyServer'],
    decide: ({ sourceServer, standbyServer }, { seed }) => {
      const measured = both(formatVersion(sourceServer.version), formatVersion(standbyServer.version));
      const order = replicationOrder(sourceServer.version, standbyServer.version);
      if (seed === 'clone' && !canClone(sourceServer.version, standbyServer.version)) {
        return missed('fail', measured, { remedy: { text: message('checks.server.version.order.fix-clone') } });
      }
      switch (order) {
        case 'same':
          // Releases of 8.0 brought features and words of their own; those of other series mend faults only.
          if (seriesOf(sourceServer.version) === '8.0' && sourceServer.version.patch > standbyServer.version.patch) {
            return missed('warn', measured, { remedy: { text: message('checks.server.version.order.fix-release') } });
          }
          return passed(measured);
        case 'next':
          return passed(message('checks.server.version.order.next', measured.params));
        case 'far':
          // Seen: a CREATE USER of 5.6 is in its binary log as IDENTIFIED BY PASSWORD, which 8.0 no longer reads.
          if (!atLeast(sourceServer.version, 5, 7, 6) && atLeast(standbyServer.version, 8, 0)) {
            return missed('fail', measured, { remedy: { text: message('checks.server.version.order.fix-accounts', measured.params) } });
          }
          return missed('warn', measured, { remedy: { text: message('checks.server.version.order.fix-far') } });
        case 'older':
          return missed('fail', measured, { remedy: { text: message('checks.server.version.order.fix-older') } });
        default: {
          const never: never = order;
          return never;
        }
      }
    },
  }),
  defineCheck({
    id: 'server.id', group: 'server', level: 'fail', needs: ['sourceServer', 'standbyServer'],
    decide: ({ sourceServer, standbyServer }) => {
      const source = numberOf(sourceServer, 'server_id') ?? 0;
      const standby = numberOf(standbyServer, 'server_id') ?? 0;
      const measured = both(source, standby);
      if (source !== 0 && standby !== 0 && source !== standby) return passed(measured);
      const [on, server, other] = source === 0 ? (['source', sourceServer, standby] as const) : (['standby', standbyServer, source] as const);
      const remedy = setVariables(on, server.version, [['server_id', String(proposedServerId(server, other))]], message('checks.server.id.fix'));
      return missed('fail', measured, { remedy, fixable: true });
    },
  }),
  defineCheck({
    id: 'server.uuid', group: 'server', level: 'fail', needs: ['sourceServer', 'standbyServer'],
    decide: ({ sourceServer, standbyServer }) => {
      const source = variable(sourceServer, 'server_uuid') ?? '';
      const standby = variable(standbyServer, 'server_uuid') ?? '';
      if (source !== '' && source !== standby) return passed(both(source, standby));
      return missed('fail', both(source, standby), {
        needsRestart: true, remedy: { on: 'standby', text: message('checks.server.uuid.fix', { folder: shown(standbyServer, 'datadir') }) },
      });
    },
  }),
  defineCheck({
    id: 'server.lctn', group: 'server', level: 'fail', needs: ['sourceServer', 'standbyServer'],
    decide: ({ sourceServer, standbyServer }) => {
      const measured = both(shown(sourceServer, 'lower_case_table_names'), shown(standbyServer, 'lower_case_table_names'));
      if (variable(sourceServer, 'lower_case_table_names') === variable(standbyServer, 'lower_case_table_names')) return passed(measured);
      const needed = shown(sourceServer, 'lower_case_table_names');
      const key = standbyServer.version.major >= 8 ? 'checks.server.lctn.fix-init' : 'checks.server.lctn.fix';
      return missed('fail', measured, {
        needsRestart: true, remedy: { on: 'standby', config: ['[mysqld]', `lower_case_table_names = ${needed}`], text: message(key, { value: needed }) },
      });
    },
  }),
  defineCheck({
    id: 'server.time', group: 'server', level: 'warn', needs: ['sourceClock', 'standbyClock'],
    decide: ({ sourceClock, standbyClock }) => {
      const difference = standbyClock.offsetMs - sourceClock.offsetMs;
      const uncertainty = sourceClock.uncertaintyMs + standbyClock.uncertaintyMs;
      const measured = message('checks.server.time.measured', { seconds: (difference / 1000).toFixed(3), uncertainty: (uncertainty / 1000).toFixed(3) });
      return Math.abs(difference) < 1000 ? passed(measured) : missed('warn', measured, { remedy: { text: message('checks.server.time.fix') } });
    },
  }),
  defineCheck({
    id: 'server.size', group: 'server', level: 'info', needs: ['sourceServer', 'standbyServer'],
    decide: ({ sourceServer, standbyServer }) => {
      const source = mebibytes(sourceServer);
      const standby = mebibytes(standbyServer);
      if (source === null || standby === null) return missed('info', value('—'));
      const processors = { source: sourceServer.processors, standby: standbyServer.processors };
      const measured = message('checks.server.size.measured', {
        source, standby, sourceProcessors: processors.source ?? '—', standbyProcessors: processors.standby ?? '—',
      });
      const enough = processors.source === null || processors.standby === null || processors.standby * 2 >= processors.source;
      return enough && standby * 2 >= source ? passed(measured) : missed('info', measured, { remedy: { text: message('checks.server.size.fix') } });
    },
  }),
];

function mebibytes(server: ServerReading): number | null {
  const bytes = numberOf(server, 'innodb_buffer_pool_size');
  return bytes === null ? null : Math.round(bytes / 1024 / 1024);
}

/** A number out of the server's own uuid, so that it is stable and hardly ever taken; never 0 and never the other side's. */
function proposedServerId(server: ServerReading, taken: number): number {
  let hash = 2166136261;
  for (const character of variable(server, 'server_uuid') ?? '') hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619) >>> 0;
  const proposed = (hash % 4_294_967_294) + 1;
  return proposed === taken ? (proposed % 4_294_967_294) + 1 : proposed;
}
