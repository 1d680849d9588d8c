import { message } from '../../i18n/message';
import { defineCheck, listed, missed, passed } from './define';
import type { PluginReading, ServerReading } from './facts';
import { isOn, numberOf, setVariables, shown, variable } from './variables';

/** What the clone plugin compares on both sides before it begins, page size and version aside. Manual: "Remote Cloning Prerequisites". */
const equal = ['version_compile_os', 'version_compile_machine', 'character_set_server', 'character_set_filesystem', 'collation_server', 'innodb_data_file_path'] as const;
const minPacket = 2 * 1024 * 1024;

/** Conditions of a clone that no other check looks at. */
export const cloneChecks = [
  defineCheck({
    id: 'server.clone', group: 'server', level: 'fail', needs: ['sourceServer', 'standbyServer', 'sourcePlugins', 'standbyPlugins'],
    applies: ({ seed }) => (seed === 'clone' ? null : message('checks.skip.clone-only')),
    decide: ({ sourceServer, standbyServer, sourcePlugins, standbyPlugins }, { source, standby }) => {
      const items = equal.filter((name) => variable(sourceServer, name) !== variable(standbyServer, name)).map((name) => `${name}: ${shown(sourceServer, name)} / ${shown(standbyServer, name)}`);
      const small = ([['source', source.name, sourceServer], ['standby', standby.name, standbyServer]] as const).filter(([, , server]) => (numberOf(server, 'max_allowed_packet') ?? 0) < minPacket);
      for (const [, name, server] of small) items.push(`max_allowed_packet (${name}): ${shown(server, 'max_allowed_packet')}`);
      for (const [name, server, plugins] of [[source.name, sourceServer, sourcePlugins], [standby.name, standbyServer, standbyPlugins]] as const) {
        if (!canClone(server, plugins)) items.push(`have_dynamic_loading (${name}): ${shown(server, 'have_dynamic_loading')}`);
      }
      if (items.length === 0) return passed(message('checks.server.clone.met'));
      const [only] = small;
      // One side's packet size is all that is in the way: it can be set while the server runs.
      if (only !== undefined && items.length === 1) {
        const [on, , server] = only;
        return missed('fail', message('checks.server.clone.differs', listed(items)), { items, fixable: true, remedy: setVariables(on, server.version, [['max_allowed_packet', String(minPacket)]]) });
      }
      return missed('fail', message('checks.server.clone.differs', listed(items)), { items, remedy: { text: message('checks.server.clone.fix') } });
    },
  }),
];

/** The plugin is there, or can be loaded into the running server. */
function canClone(server: ServerReading, plugins: readonly PluginReading[]): boolean {
  const loading = variable(server, 'have_dynamic_loading');
  return plugins.some(({ name }) => name === 'clone') || loading === undefined || isOn(loading);
}
