// Besides the usual: the house's directions. shared ← electron, shared ← renderer; electron and renderer never meet. Some
// libraries have one place each, so that what depends on them can be read in one sitting.
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const onlyIn = (name, place) => ({ name, message: `Only ${place} may import "${name}".` });

const electronItself = onlyIn('electron', 'electron/main.ts, preload.ts, desktop/ and ipc/');
const mysqlDriver = { regex: '^mysql2($|/)', message: 'Only electron/mysql, electron/lab and tests may import "mysql2".' };
const charts = { regex: '^echarts($|/)', message: 'Only renderer/charts may import "echarts".' };
const store = { regex: '^electron-store$', message: 'Only electron/storage may import "electron-store".' };
const towards = (folder, why) => ({ regex: `(^|/)(\\.\\./)+${folder}(/|$)`, message: why });

/** Imports that a part of the tree may not make. */
const restrict = (files, { paths = [], patterns = [] }, ignores = []) => ({
  files,
  ignores,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths, patterns }] },
});

const nodeInRenderer = { regex: '^node:', message: 'The renderer has no Node: ask the main process through renderer/api.' };
const towardsElectron = towards('electron', 'The renderer and shared never import from electron/, types included.');
const towardsRenderer = towards('renderer', 'Nothing but the renderer imports from renderer/.');

// A line ends before column 160, its literals too: SQL and long texts go over several lines.
const lineWidth = ['error', { code: 160, ignoreUrls: true, ignoreRegExpLiterals: true }];
const lineWidthOfCode = ['error', { code: 160, ignoreUrls: true, ignoreRegExpLiterals: true, ignoreStrings: true, ignoreTemplateLiterals: true }];
// One message is one literal in the catalogues, whatever its length.
const catalogues = ['shared/i18n/en/**', 'shared/i18n/zh-CN/**'];
// Markup, and cases in a table, where one text or one case is one line.
const holdLongLiterals = ['renderer/**', 'test/**', 'dependency-cruiser.config.cjs'];

// A value is looked at, or typed where it comes from; a cast over unknown claims what nobody has checked.
const noDoubleCast = { selector: 'TSAsExpression > TSAsExpression > TSUnknownKeyword', message: 'No double casts: check the value, or type it at its source.' };

export default defineConfig(
  { ignores: ['out/', 'release/', 'dist/', 'node_modules/', 'coverage/', 'test-results/', 'screenshots/'] },
  {
    files: ['**/*.{ts,tsx,mts}'],
    extends: [tseslint.configs.strict],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-len': lineWidth,
      'eqeqeq': ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-eval': 'error',
      'no-control-regex': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-unsafe-finally': 'error',
      'no-useless-escape': 'error',
      'no-self-compare': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // The compiler's own strictness (noUncheckedIndexedAccess) already asks for a reason at each of these places.
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-invalid-void-type': 'off',
    },
  },
  {
    // A function fits a screen.
    files: ['electron/**/*.ts', 'shared/**/*.ts', 'renderer/**/*.{ts,tsx}'],
    rules: { 'max-lines-per-function': ['error', { max: 80, skipBlankLines: false, skipComments: false }] },
  },
  {
    files: ['renderer/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      // The main process passes a window's errors on to the log.
      'no-console': ['error', { allow: ['error'] }],
    },
  },

  restrict(['shared/**/*.ts'], {
    paths: [electronItself],
    patterns: [towardsElectron, towardsRenderer, mysqlDriver, charts, store, { regex: '^(node:|react|@mantine/)', message: 'shared/ runs everywhere.' }],
  }),
  restrict(
    ['renderer/**/*.{ts,tsx}'], { paths: [electronItself], patterns: [towardsElectron, mysqlDriver, store, charts, nodeInRenderer] }, ['renderer/charts/**'],
  ),
  restrict(['renderer/charts/**/*.{ts,tsx}'], { paths: [electronItself], patterns: [towardsElectron, mysqlDriver, store, nodeInRenderer] }),
  restrict(['electron/**/*.ts'], { paths: [electronItself], patterns: [towardsRenderer, charts, mysqlDriver, store] }, [
    'electron/main.ts', 'electron/preload.ts', 'electron/desktop/**', 'electron/ipc/**', 'electron/mysql/**', 'electron/lab/**', 'electron/storage/**',
  ]),
  restrict(['electron/main.ts', 'electron/preload.ts', 'electron/desktop/**/*.ts', 'electron/ipc/**/*.ts'], {
    patterns: [towardsRenderer, charts, mysqlDriver, store],
  }),
  restrict(['electron/mysql/**/*.ts', 'electron/lab/**/*.ts'], { paths: [electronItself], patterns: [towardsRenderer, charts, store] }),
  restrict(['electron/storage/**/*.ts'], { paths: [electronItself], patterns: [towardsRenderer, charts, mysqlDriver] }),

  { files: ['electron/**/*.ts', 'renderer/**/*.{ts,tsx}', 'shared/**/*.ts'], rules: { 'no-restricted-syntax': ['error', noDoubleCast] } },
  {
    // Electron's raw channels: one bridge on each side, everything else goes through the typed contract.
    files: ['electron/**/*.ts', 'renderer/**/*.{ts,tsx}', 'shared/**/*.ts'],
    ignores: ['electron/preload.ts', 'electron/ipc/**', 'electron/desktop/**'],
    rules: {
      'no-restricted-syntax': ['error',
        noDoubleCast,
        {
          selector: 'Identifier[name=/^(ipcMain|ipcRenderer)$/]', message: 'Raw Electron IPC stays in electron/preload.ts, electron/ipc and electron/desktop.',
        },
        {
          selector: 'MemberExpression[property.name="dangerouslySetInnerHTML"], JSXAttribute[name.name="dangerouslySetInnerHTML"]',
          message: 'Text from servers is shown as text.',
        },
      ],
    },
  },
  {
    // One process runs many test files: a module another file has loaded is no longer replaced.
    files: ['test/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-syntax': ['error', {
        selector: 'CallExpression[callee.object.name="vi"][callee.property.name=/^(mock|doMock)$/]',
        message: 'Modules are loaded once a worker, so a mock depends on the order of the files.',
      }],
    },
  },
  {
    // The terminal's output is its purpose; so is a measurement's.
    files: ['electron/cli/**/*.ts', 'electron/cli.ts', 'test/bench/**/*.ts', 'test/e2e/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.{ts,tsx}'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/no-empty-function': 'off' },
  },
  {
    files: ['**/*.{mjs,cjs}'],
    extends: [tseslint.configs.base],
    rules: { 'max-lines': ['error', { max: 400 }], 'max-len': lineWidth, 'no-var': 'error', 'prefer-const': 'error', 'no-undef': 'off' },
  },
  { files: [...catalogues, ...holdLongLiterals], rules: { 'max-len': lineWidthOfCode } },
);
