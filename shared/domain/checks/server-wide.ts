import { message } from '../../i18n/message';
import { defineCheck, listed, missed, passed, skipped, type CheckDefinition } from './define';
import type { ServerReading, ServerWideReading } from './facts';
import { coverageAt } from './objects-scope';
import { configure, shown, variable } from './variables';

/** What decides which words a full-text index holds. Manual: "Fine-Tuning MySQL Full-Text Search". */
const wordSettings = [
  'innodb_ft_min_token_size', 'innodb_ft_max_token_size', 'innodb_ft_enable_stopword', 'innodb_ft_server_stopword_table', 'ngram_token_size',
  'ft_min_word_len', 'ft_max_word_len', 'ft_stopword_file',
] as const;

/** Time zones by name that somebody needs: events, and the server itself. `SYSTEM` and offsets need no tables. */
function zonesNeeded(source: ServerReading, { eventZones }: ServerWideReading): readonly string[] {
  const zones = [...eventZones, shown(source, 'time_zone')];
  return [...new Set(zones.filter((zone) => zone.toUpperCase() !== 'SYSTEM' && !/^[+-]\d/.test(zone)))].sort();
}

/** What belongs to the server and to no database, and is needed by what a copy or a link brings. */
export const serverWideChecks: readonly CheckDefinition[] = [
  defineCheck({
    id: 'obj.function', group: 'objects', level: 'warn', needs: ['sourceServerWide', 'standbyServerWide'],
    applies: ({ seed }) => (seed === 'clone' ? message('checks.obj.function.cloned') : null),
    decide: ({ sourceServerWide, standbyServerWide }) => {
      if (sourceServerWide === null || standbyServerWide === null) return skipped(message('checks.obj.function.unseen'));
      const there = new Set(standbyServerWide.functions.map(({ name }) => name.toLowerCase()));
      const missing = sourceServerWide.functions.filter(({ name }) => !there.has(name.toLowerCase()));
      if (missing.length === 0) return passed(message('checks.obj.supported'));
      const items = missing.map(({ name, library }) => `${name} (${library})`);
      const sql = missing.map(({ name, returns, library, aggregate }) =>
        `CREATE ${aggregate ? 'AGGREGATE ' : ''}FUNCTION \`${name.replaceAll('`', '``')}\` RETURNS ${returns} SONAME '${library.replaceAll("'", "''")}'`);
      return missed('warn', message('checks.obj.function.found', listed(items)), {
        items, remedy: { on: 'standby', sql, text: message('checks.obj.function.fix') },
      });
    },
  }),
  defineCheck({
    id: 'obj.mysql', group: 'objects', level: 'warn', needs: ['sourceServerWide', 'standbyServerWide', 'sourceForeignKeys', 'sourceServer'],
    applies: ({ seed }) => (seed === 'clone' ? message('checks.obj.function.cloned') : null),
    decide: ({ sourceServerWide, standbyServerWide, sourceForeignKeys, sourceServer }, { scope }) => {
      if (sourceServerWide === null) return skipped(message('checks.obj.function.unseen'));
      const { systemTables, servers } = sourceServerWide;
      const coverage = coverageAt(sourceServer, scope);
      const missing = systemTables.filter((name) => standbyServerWide?.systemTables.includes(name) !== true);
      const keys = sourceForeignKeys
        .filter(({ database, table, parentDatabase, parentTable }) => coverage.table(database, table) && missing.includes(`${parentDatabase}.${parentTable}`))
        .map(({ database, table, name, parentDatabase, parentTable }) => `${database}.${table} → ${parentDatabase}.${parentTable} (${name})`);
      // A row of such a child finds no parent on the standby, and stops it: no copy of that is of use.
      if (keys.length > 0) {
        return missed('fail', message('checks.obj.mysql.keys', listed(keys)), { items: keys, remedy: { on: 'source', text: message('checks.obj.mysql.fix') } });
      }
      const items = [...systemTables, ...servers.map((name) => `SERVER ${name}`)];
      if (items.length === 0) return passed(message('checks.obj.supported'));
      return missed('warn', message('checks.obj.mysql.found', listed(items)), { items, remedy: { on: 'source', text: message('checks.obj.mysql.fix') } });
    },
  }),
  defineCheck({
    id: 'obj.zone', group: 'objects', level: 'fail', needs: ['sourceServer', 'sourceServerWide', 'standbyServerWide'],
    decide: ({ sourceServer, sourceServerWide, standbyServerWide }) => {
      if (sourceServerWide === null || standbyServerWide === null) return skipped(message('checks.obj.function.unseen'));
      const needed = zonesNeeded(sourceServer, sourceServerWide);
      if (needed.length === 0 || standbyServerWide.knowsZones) return passed(message('checks.obj.supported'));
      return missed('fail', message('checks.obj.zone.found', listed(needed)), {
        items: needed, remedy: { on: 'standby', text: message('checks.obj.zone.fix') },
      });
    },
  }),
  defineCheck({
    id: 'obj.fulltext.words', group: 'objects', level: 'warn', needs: ['sourceServer', 'standbyServer', 'sourceFulltext'],
    decide: ({ sourceServer, standbyServer, sourceFulltext }, { scope }) => {
      const coverage = coverageAt(sourceServer, scope);
      const indexes = sourceFulltext.filter(({ database, table }) => coverage.table(database, table))
        .map(({ database, table, index }) => `${database}.${table} (${index})`);
      const differing = wordSettings.filter((name) => {
        const [here, there] = [variable(sourceServer, name), variable(standbyServer, name)];
        return here !== undefined && there !== undefined && here !== there;
      });
      if (indexes.length === 0 || differing.length === 0) return passed(message('checks.obj.supported'));
      const settings = differing.map((name) => [name, shown(sourceServer, name)] as const);
      const text = differing.map((name) => `${name}: ${shown(sourceServer, name)} → ${shown(standbyServer, name)}`);
      return missed('warn', message('checks.obj.fulltext.words.found', { ...listed(text), indexes: indexes.length }), {
        items: indexes, needsRestart: true, remedy: configure('standby', settings, message('checks.obj.fulltext.words.fix')),
      });
    },
  }),
  defineCheck({
    id: 'obj.engine.disabled', group: 'objects', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourceTables'],
    applies: ({ seed }) => (seed === 'clone' ? message('checks.obj.function.cloned') : null),
    decide: ({ sourceServer, standbyServer, sourceTables }, { scope }) => {
      const coverage = coverageAt(sourceServer, scope);
      const disabled = (variable(standbyServer, 'disabled_storage_engines') ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '');
      const used = new Set(sourceTables.filter(({ database, name }) => coverage.table(database, name)).map(({ engine }) => engine?.toLowerCase() ?? ''));
      const inTheWay = disabled.filter((name) => used.has(name.toLowerCase()));
      if (inTheWay.length === 0) return passed(message('checks.obj.supported'));
      const left = disabled.filter((name) => !inTheWay.includes(name));
      return missed('fail', message('checks.obj.engine.disabled.found', listed(inTheWay)), {
        needsRestart: true, remedy: configure('standby', [['disabled_storage_engines', `"${left.join(',')}"`]], message('checks.obj.engine.disabled.fix')),
      });
    },
  }),
];
