import { message } from '../../i18n/message';
import { atLeast, CLONE_VERSION, formatVersion } from '../fleet/version';
import { defineCheck, listed, missed, passed } from './define';
import type { ServerReading } from './facts';
import { isOn, numberOf, setVariables, shown, variable } from './variables';

/** What the clone plugin compares on both sides before it begins, page size and version aside. Manual: "Remote Cloning Prerequisites". */
const equal = [
  'version_compile_os', 'version_compile_machine', 'character_set_server', 'character_set_filesystem', 'collation_server', 'innodb_data_file_path',
] as const;
/** The file that holds the plugin, in the server's plugin_dir. */
export const CLONE_LIBRARY = 'mysql_clone.so';
const minPacket = 2 * 1024 * 1024;

/** Conditions of a clone that no other check looks at. */
export const cloneChecks = [
  defineCheck({
    id: 'server.clone', group: 'server', level: 'fail',
    needs: ['sourceServer', 'standbyServer', 'sourcePlugins', 'standbyPlugins', 'sourceCloneLibrary', 'standbyCloneLibrary'],
    applies: ({ seed }) => (seed === 'clone' ? null : message('checks.skip.clone-only')),
    decide: (facts, { source, standby }) => {
      const { sourceServer, standbyServer, sourcePlugins, standbyPlugins, sourceCloneLibrary, standbyCloneLibrary } = facts;
      const items = equal
        .filter((name) => variable(sourceServer, name) !== variable(standbyServer, name))
        .map((name) => `${name}: ${shown(sourceServer, name)} / ${shown(standbyServer, name)}`);
      const small = ([['source', source.name, sourceServer], ['standby', standby.name, standbyServer]] as const).filter(
        ([, , server]) => (numberOf(server, 'max_allowed_packet') ?? 0) < minPacket,
      );
      for (const [, name, server] of small) items.push(`max_allowed_packet (${name}): ${shown(server, 'max_allowed_packet')}`);
      const sides = [
        [source.name, sourceServer, sourcePlugins, sourceCloneLibrary],
        [standby.name, standbyServer, standbyPlugins, standbyCloneLibrary],
      ] as const;
      for (const [name, server, plugins, library] of sides) {
        if (!atLeast(server.version, ...CLONE_VERSION)) items.push(`${name}: ${formatVersion(server.version)} < ${formatVersion(CLONE_VERSION)}`);
        else if (plugins.some((plugin) => plugin.name === 'clone')) continue;
        else if (!canLoad(server)) items.push(`have_dynamic_loading (${name}): ${shown(server, 'have_dynamic_loading')}`);
        else if (library === 'missing') items.push(`${shown(server, 'plugin_dir')}${CLONE_LIBRARY} (${name}): —`);
      }
      if (items.length === 0) return passed(message('checks.server.clone.met'));
      const [only] = small;
      // One side's packet size is all that is in the way: it can be set while the server runs.
      if (only !== undefined && items.length === 1) {
        const [on, , server] = only;
        return missed('fail', message('checks.server.clone.differs', listed(items)), {
          items, fixable: true, remedy: setVariables(on, server.version, [['max_allowed_packet', String(minPacket)]]),
        });
      }
      return missed('fail', message('checks.server.clone.differs', listed(items)), { items, remedy: { text: message('checks.server.clone.fix') } });
    },
  }),
];

/** Plugins can be loaded into the running server. */
function canLoad(server: ServerReading): boolean {
  const loading = variable(server, 'have_dynamic_loading');
  return loading === undefined || isOn(loading);
}
