// Who may depend on whom. Inside electron/:
//   main, cli → api → engine → {sync, promotion, verification, operations, monitoring, backup, schedules}
//   → {checks, comparison} → {copy, replication} → {tasks, fleet} → {mysql, storage}
// Siblings do not import siblings: what two of them need moves down.
// Inside renderer/:
//   app → features → {ui, charts} → stores → api
// A feature opens another one by a slot or a dialog kind, see renderer/stores/registry.ts.
const services = '(sync|promotion|verification|operations|monitoring|backup|schedules)';
const upper = '(checks|comparison)';
const lower = '(copy|replication)';
const middle = '(tasks|fleet)';
const base = '(mysql|storage)';
const lab = 'lab';
const fronts = '(desktop|ipc|cli)';
// Stands between the fronts and the engine.
const api = 'api';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', comment: 'Two files that need each other are one thing, or hide a third; their types too.', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', comment: 'Nothing uses this file.', from: { orphan: true, pathNot: ['\\.d\\.ts$', '(^|/)(main|cli|preload)\\.tsx?$', 'storage/without-electron\\.ts$'] }, to: {} },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '\\?(raw|worker|url)$' } },
    { name: 'no-undeclared', severity: 'error', comment: 'In package.json first.', from: {}, to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] } },

    { name: 'shared-is-alone', severity: 'error', from: { path: '^shared/' }, to: { path: '^(electron|renderer)/' } },
    { name: 'domain-is-pure', severity: 'error', comment: 'No clock, no randomness, no I/O in shared/domain.', from: { path: '^shared/domain/' }, to: { dependencyTypes: ['core'] } },
    { name: 'electron-not-renderer', severity: 'error', from: { path: '^electron/' }, to: { path: '^renderer/' } },
    { name: 'renderer-not-electron', severity: 'error', from: { path: '^renderer/' }, to: { path: '^electron/' } },
    { name: 'renderer-without-node', severity: 'error', from: { path: '^renderer/' }, to: { dependencyTypes: ['core'] } },

    { name: 'window-no-cycles', severity: 'error', comment: 'In the window types count too.', from: { path: '^renderer/' }, to: { circular: true } },
    { name: 'window-features-apart', severity: 'error', comment: 'A feature opens another one by a slot or a dialog kind.', from: { path: '^renderer/features/([^/]+)/' }, to: { path: '^renderer/features/', pathNot: '^renderer/features/$1/' } },
    { name: 'window-features-look-down', severity: 'error', from: { path: '^renderer/features/' }, to: { path: '^renderer/(app/|main\\.tsx)' } },
    { name: 'window-ui-looks-down', severity: 'error', from: { path: '^renderer/(ui|charts)/' }, to: { path: '^renderer/', pathNot: ['^renderer/$1/', '^renderer/(stores|api)/'] } },
    { name: 'window-ui-knows-no-work', severity: 'error', comment: 'It speaks the language, keeps the time and names instances; what is under way is a matter of features.', from: { path: '^renderer/ui/' }, to: { path: '^renderer/stores/(tasks|task-rates|series|connection|whole)\\.ts$' } },
    { name: 'window-stores-look-down', severity: 'error', from: { path: '^renderer/stores/' }, to: { path: '^renderer/', pathNot: '^renderer/(stores|api)/' } },
    { name: 'window-api-is-the-base', severity: 'error', from: { path: '^renderer/api/' }, to: { path: '^renderer/', pathNot: '^renderer/api/' } },
    { name: 'fleet-one-way', severity: 'error', comment: 'overview → instance → {topology, inventory} → the files beside these folders.', from: { path: '^renderer/features/fleet/(instance|topology|inventory)/' }, to: { path: '^renderer/features/fleet/overview/' } },
    { name: 'fleet-parts-apart', severity: 'error', from: { path: '^renderer/features/fleet/(topology|inventory)/' }, to: { path: '^renderer/features/fleet/[^/]+/', pathNot: '^renderer/features/fleet/$1/' } },
    { name: 'fleet-base', severity: 'error', from: { path: '^renderer/features/fleet/[^/]+$' }, to: { path: '^renderer/features/fleet/[^/]+/' } },

    { name: 'base-knows-nobody-above', severity: 'error', from: { path: `^electron/${base}/` }, to: { path: '^electron/', pathNot: `^electron/${base}/` } },
    { name: 'base-siblings', severity: 'error', comment: 'Both tell who runs this: the storage in its records, the sessions to their servers.', from: { path: `^electron/${base}/` }, to: { path: `^electron/${base}/`, pathNot: ['^electron/$1/', '^electron/storage/actor\\.ts$'] } },
    { name: 'middle-looks-down', severity: 'error', from: { path: `^electron/${middle}/` }, to: { path: '^electron/', pathNot: [`^electron/${base}/`, '^electron/$1/'] } },
    { name: 'upper-looks-down', severity: 'error', from: { path: `^electron/${upper}/` }, to: { path: '^electron/', pathNot: [`^electron/${base}/`, `^electron/${middle}/`, `^electron/${lower}/`, '^electron/$1/'] } },
    { name: 'lower-looks-down', severity: 'error', from: { path: `^electron/${lower}/` }, to: { path: '^electron/', pathNot: [`^electron/${base}/`, `^electron/${middle}/`, '^electron/$1/'] } },
    { name: 'services-look-down', severity: 'error', from: { path: `^electron/${services}/` }, to: { path: '^electron/', pathNot: [`^electron/${base}/`, `^electron/${lower}/`, `^electron/${upper}/`, `^electron/${middle}/`, '^electron/$1/'] } },
    { name: 'lab-is-alone', severity: 'error', from: { path: `^electron/${lab}/` }, to: { path: '^electron/', pathNot: [`^electron/${lab}/`] } },
    { name: 'engine-knows-no-front', severity: 'error', from: { path: '^electron/engine' }, to: { path: `^electron/(${fronts}/|${api}/|main\\.ts|cli\\.ts|preload\\.ts)` } },
    { name: 'api-knows-no-front', severity: 'error', comment: 'The same for a window and the terminal.', from: { path: `^electron/${api}/` }, to: { path: `^electron/(${fronts}/|main\\.ts|cli\\.ts|preload\\.ts)` } },
    { name: 'nobody-imports-the-entry', severity: 'error', from: { path: '^electron/' }, to: { path: '^electron/(main|cli|preload)\\.ts$' } },
    { name: 'terminal-not-desktop', severity: 'error', from: { path: '^electron/cli' }, to: { path: '^electron/(desktop|ipc)/' } },
    { name: 'desktop-not-terminal', severity: 'error', from: { path: '^electron/(desktop|ipc)/' }, to: { path: '^electron/cli' } },

    // The window's sync: {list, create, task, skip} → scope → checks → what stands above the folders.
    { name: 'sync-shared-looks-up', severity: 'error', from: { path: '^renderer/features/sync/[^/]+$' }, to: { path: '^renderer/features/sync/[^/]+/' } },
    { name: 'sync-folders-apart', severity: 'error', from: { path: '^renderer/features/sync/([^/]+)/' }, to: { path: '^renderer/features/sync/(list|create|task|skip)/', pathNot: '^renderer/features/sync/$1/' } },
    { name: 'sync-checks-know-no-scope', severity: 'error', from: { path: '^renderer/features/sync/checks/' }, to: { path: '^renderer/features/sync/scope/' } },

    { name: 'one-chart-folder', severity: 'error', from: { pathNot: '^renderer/charts/' }, to: { path: 'node_modules/echarts/' } },
    { name: 'one-driver-folder', severity: 'error', from: { pathNot: '^electron/(mysql|lab)/' }, to: { path: 'node_modules/mysql2/' } },
    { name: 'one-store-folder', severity: 'error', from: { pathNot: '^electron/storage/' }, to: { path: 'node_modules/electron-store/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'] },
  },
};
