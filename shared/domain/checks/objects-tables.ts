import { message } from '../../i18n/message';
import { atLeast, formatVersion } from '../fleet/version';
import { tokensIn, valueOf } from '../sql/tokens';
import { defineCheck, listed, missed, passed, type CheckDefinition, type CheckOutcome } from './define';
import { coverageAt, nameOf } from './objects-scope';
import { estimateSeedSeconds } from './seed-estimate';
import { quotedName } from '../operations/sql/names';
import { isOn, numberOf, setVariables, variable } from './variables';
import type { ServerReading, TableReading } from './facts';

const tableName = ({ database, name }: TableReading): string => `${database}.${name}`;

/** The usual end of a feature check: nothing in scope needs it, or these tables do and the standby cannot. */
function unsupported(items: readonly string[], standby: ServerReading): CheckOutcome {
  if (items.length === 0) return passed(message('checks.obj.supported'));
  return missed(
    'fail', message('checks.obj.unsupported', { ...listed(items), version: formatVersion(standby.version) }),
    { items, remedy: { text: message('checks.obj.fix-unsupported') } },
  );
}

/** From 8.0 on an element of an ENUM or a SET has 255 characters at most (3505). */
function hasLongElement(type: string, columnType: string): boolean {
  return isChoice(type) && tokensIn(columnType).some((token) => token.kind === 'string' && Array.from(valueOf(token)).length > 255);
}

const isChoice = (type: string): boolean => type === 'enum' || type === 'set';

const shortType = (type: string, columnType: string): string => (isChoice(type) ? `${type}: > 255` : columnType);

export const tableChecks: readonly CheckDefinition[] = [
  defineCheck({
    id: 'obj.pk', group: 'objects', level: 'warn', needs: ['sourceServer', 'standbyServer', 'sourceTables', 'sourceUniqueKeys'],
    decide: ({ sourceServer, standbyServer, sourceTables, sourceUniqueKeys }, { scope, seed }) => {
      const coverage = coverageAt(sourceServer, scope);
      const keyed = new Set(sourceUniqueKeys.filter(({ nullable }) => !nullable).map(nameOf));
      const tables = sourceTables.filter(({ database, name, engine }) => engine !== null && coverage.table(database, name));
      const without = tables.map(tableName).filter((name) => !keyed.has(name));
      if (without.length === 0) return passed(message('checks.obj.pk.all', { count: tables.length }));
      const measured = message('checks.obj.pk.found', listed(without));
      const strict = isOn(variable(standbyServer, 'sql_require_primary_key')) && seed !== 'clone' && seed !== 'adopt';
      if (strict) {
        const remedy = setVariables('standby', standbyServer.version, [['sql_require_primary_key', 'OFF']], message('checks.obj.pk.fix-required'));
        return missed('fail', measured, { items: without, remedy, fixable: true });
      }
      return missed('warn', measured, { items: without, remedy: { on: 'source', text: message('checks.obj.pk.fix') } });
    },
  }),
  defineCheck({
    id: 'obj.rowformat', group: 'objects', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourceTables'],
    decide: ({ sourceServer, standbyServer, sourceTables }, { scope }) => {
      const coverage = coverageAt(sourceServer, scope);
      const tables = sourceTables.filter(({ database, name, engine }) => engine?.toLowerCase() === 'innodb' && coverage.table(database, name));
      const compressed = tables.filter(({ rowFormat }) => rowFormat?.toLowerCase() === 'compressed');
      const special = tables.filter(({ rowFormat }) => /^(compressed|dynamic)$/i.test(rowFormat ?? ''));
      if ((numberOf(standbyServer, 'innodb_page_size') ?? 0) > 16_384) return unsupported(compressed.map(tableName), standbyServer);
      // Before 8.0 these formats need the Barracuda file format and a file per table.
      const antelope = (variable(standbyServer, 'innodb_file_format') ?? 'Barracuda').toLowerCase() === 'antelope';
      const shared = variable(standbyServer, 'innodb_file_per_table') === 'OFF';
      const lacking = antelope ? special : shared ? compressed : [];
      if (lacking.length === 0) return passed(message('checks.obj.supported'));
      const settings = [...(antelope ? [['innodb_file_format', "'Barracuda'"] as const] : []), ['innodb_file_per_table', 'ON'] as const];
      const items = lacking.map(tableName);
      return missed('fail', message('checks.obj.rowformat.found', listed(items)), {
        items, remedy: setVariables('standby', standbyServer.version, settings), fixable: true,
      });
    },
  }),
  defineCheck({
    id: 'obj.partition', group: 'objects', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourceTables', 'sourcePartitions'],
    decide: ({ sourceServer, standbyServer, sourceTables, sourcePartitions }, { scope, seed }) => {
      const coverage = coverageAt(sourceServer, scope);
      const faults = (kind: 'shared' | 'stray'): typeof sourcePartitions =>
        sourcePartitions.filter((fault) => fault.kind === kind && coverage.table(fault.database, fault.table));
      const of = (kind: 'shared' | 'stray'): readonly string[] => faults(kind).map(({ database, table, partition }) => `${database}.${table} (${partition})`);
      const strays = seed === 'clone' ? [] : of('stray');
      if (strays.length > 0) {
        const sql = faults('stray').map(({ database, table, partition }) =>
          `ALTER TABLE ${quotedName(database)}.${quotedName(table)} REPAIR PARTITION ${quotedName(partition)}`);
        return missed('fail', message('checks.obj.partition.stray', listed(strays)), {
          items: strays, remedy: { on: 'source', text: message('checks.obj.partition.fix-stray'), sql },
        });
      }
      const shared = atLeast(standbyServer.version, 8, 0, 13) ? of('shared') : [];
      if (shared.length > 0) {
        return missed('fail', message('checks.obj.partition.shared', listed(shared)), {
          items: shared, remedy: { on: 'source', text: message('checks.obj.partition.fix-shared') },
        });
      }
      // From 8.0 only engines with partitioning of their own have it.
      if (!atLeast(standbyServer.version, 8, 0, 0)) return passed(message('checks.obj.supported'));
      const items = sourceTables
        .filter(({ database, name, engine, options }) =>
          /\bpartitioned\b/.test(options) && engine !== null && !/^(innodb|ndb)/i.test(engine) && coverage.table(database, name))
        .map(tableName);
      return unsupported(items, standbyServer);
    },
  }),
  defineCheck({
    id: 'obj.generated', group: 'objects', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourceColumns'],
    decide: ({ sourceServer, standbyServer, sourceColumns }, { scope }) => {
      const coverage = coverageAt(sourceServer, scope);
      const { version } = standbyServer;
      const items = sourceColumns
        .filter(({ database, table }) => coverage.table(database, table))
        .filter(({ type, generated, columnType }) =>
          (generated && !atLeast(version, 5, 7, 6))
            || (type === 'json' && !atLeast(version, 5, 7, 8))
            || (type === 'vector' && !atLeast(version, 9, 0, 0))
            || (/^year\(2\)/i.test(columnType) && atLeast(version, 5, 7, 5))
            || (hasLongElement(type, columnType) && atLeast(version, 8, 0, 0)))
        .map(({ database, table, column, type, columnType, generated }) => (
          `${database}.${table}.${column} (${generated ? 'GENERATED' : shortType(type, columnType)})`
        ));
      return unsupported(items, standbyServer);
    },
  }),
  defineCheck({
    id: 'obj.fulltext', group: 'objects', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourceFulltext', 'sourcePlugins', 'standbyPlugins'],
    decide: ({ sourceServer, sourceFulltext, sourcePlugins, standbyPlugins }, { scope }) => {
      const coverage = coverageAt(sourceServer, scope);
      const indexes = sourceFulltext.filter(({ database, table }) => coverage.table(database, table));
      if (indexes.length === 0) return passed(message('checks.obj.supported'));
      const known = new Set(standbyPlugins.map(({ name }) => name));
      const parsers = sourcePlugins.filter(({ type, name }) => type === 'FTPARSER' && !known.has(name)).map(({ name }) => name);
      if (parsers.length === 0) return passed(message('checks.obj.supported'));
      const items = indexes.map(({ database, table, index }) => `${database}.${table} (${index})`);
      return missed(
        'fail', message('checks.obj.fulltext.found', { ...listed(parsers), indexes: indexes.length }),
        { items, remedy: { on: 'standby', text: message('checks.obj.fulltext.fix') } },
      );
    },
  }),
  defineCheck({
    id: 'obj.spatial', group: 'objects', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourceColumns'],
    decide: ({ sourceServer, standbyServer, sourceColumns }, { scope }) => {
      const coverage = coverageAt(sourceServer, scope);
      if (atLeast(standbyServer.version, 8, 0, 3)) return passed(message('checks.obj.supported'));
      const items = sourceColumns
        .filter(({ database, table, srsId }) => srsId !== null && coverage.table(database, table))
        .map(({ database, table, column, srsId }) => `${database}.${table}.${column} (SRID ${srsId ?? ''})`);
      return unsupported(items, standbyServer);
    },
  }),
  defineCheck({
    id: 'obj.encrypted', group: 'objects', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourceTables', 'standbyPlugins'],
    decide: ({ sourceServer, standbyServer, sourceTables, standbyPlugins }, { scope }) => {
      const coverage = coverageAt(sourceServer, scope);
      const items = sourceTables.filter(({ database, name, options }) => /encryption=["']?y/.test(options) && coverage.table(database, name)).map(tableName);
      if (items.length === 0) return passed(message('checks.obj.supported'));
      const keyring = standbyPlugins.some(({ name, type }) => type === 'KEYRING' || name.startsWith('keyring'));
      if (!keyring) {
        return missed('fail', message('checks.obj.encrypted.found', listed(items)), {
          items, needsRestart: true, remedy: { on: 'standby', text: message('checks.obj.encrypted.fix') },
        });
      }
      return atLeast(standbyServer.version, 5, 7, 11)
        ? passed(message('checks.obj.encrypted.ready', { count: items.length }))
        : unsupported(items, standbyServer);
    },
  }),
  defineCheck({
    id: 'obj.tablespace', group: 'objects', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourceTablespaces', 'standbyTablespaces'],
    decide: ({ sourceServer, standbyServer, sourceTablespaces, standbyTablespaces }, { scope, seed }) => {
      const coverage = coverageAt(sourceServer, scope);
      // A name that could not be made out counts as in scope.
      const used = sourceTablespaces.filter(
        ({ database, table }) => database === null || (table === null ? coverage.touches(database) : coverage.table(database, table)),
      );
      const names = used.map(({ database, table, file }) => (database === null || table === null ? file : `${database}.${table}`));
      if (used.length === 0) return passed(message('checks.obj.supported'));
      if (!atLeast(standbyServer.version, 5, 7, 6)) return unsupported(names, standbyServer);
      if (seed === 'clone' || seed === 'adopt') return passed(message('checks.obj.supported'));
      const absent = [...new Set(used.map(({ tablespace }) => tablespace))].filter((name) => !standbyTablespaces.includes(name)).sort();
      if (absent.length === 0) return passed(message('checks.obj.supported'));
      const sql = absent.map((name) => `CREATE TABLESPACE \`${name.replaceAll('`', '``')}\` ADD DATAFILE '${name.replaceAll("'", "''")}.ibd' ENGINE=InnoDB`);
      return missed('fail', message('checks.obj.tablespace.found', listed(absent)), {
        items: names, remedy: { on: 'standby', sql, text: message('checks.obj.tablespace.fix') },
      });
    },
  }),
  defineCheck({
    id: 'obj.size', group: 'objects', level: 'info', needs: ['sourceServer', 'sourceTables'],
    decide: ({ sourceServer, sourceTables }, { scope, seed }) => {
      const coverage = coverageAt(sourceServer, scope);
      const tables = sourceTables.filter(({ database, name, engine }) => engine !== null && coverage.table(database, name));
      if (tables.length === 0) return passed(message('checks.obj.size.none'));
      const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
      const rows = tables.reduce((sum, table) => sum + table.rows, 0);
      const largestFirst = [...tables].sort((a, b) => b.bytes - a.bytes);
      const items = largestFirst.map((table) => `${tableName(table)}: ${(table.bytes / 1024 / 1024).toFixed(1)} MiB, ~${table.rows}`);
      const seconds = estimateSeedSeconds(seed, bytes);
      return missed(
        'info',
        message('checks.obj.size.measured', {
          tables: tables.length, rows, size: (bytes / 1024 / 1024).toFixed(1), minutes: Math.max(1, Math.ceil(seconds / 60)),
        }),
        { items },
      );
    },
  }),
];
