import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, CommanderError } from 'commander';
import { errorOf, failure } from '../../shared/errors/codes';
import { languageOf, languages, type Language, type Translator } from '../../shared/i18n/translate';
import { isActive } from '../../shared/domain/tasks/transitions';
import { createEngine } from '../engine';
import type { Engine } from '../engine-types';
import packageJson from '../../package.json';
import { accountCommands } from './account-commands';
import { choice } from './arguments';
import { attentionCommands } from './attention-commands';
import { backupCommands } from './backup-commands';
import { backupScheduleCommands } from './backup-schedule-commands';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes';
import { dossierCommand } from './dossier-command';
import { fleetCommands } from './fleet-commands';
import { charsetCommands } from './charset-commands';
import { gtidCommands } from './gtid-commands';
import { importCommand } from './import-command';
import { labCommands } from './lab-commands';
import { UncaughtFault, untilFault } from './last-resort';
import { createOutput, terminalTranslator, type Output } from './output';
import { providePasswords, readPasswords } from './passwords';
import { failbackCommands } from './failback-commands';
import { cureCommands } from './cure-commands';
import { monitoringCommands } from './monitoring-commands';
import { parameterCommands } from './parameter-commands';
import { portCommands } from './port-commands';
import { projectCommands } from './project-commands';
import { promotionCommands } from './promotion-commands';
import { readOnlyCommands } from './read-only-commands';
import { recordCommands } from './record-commands';
import { recoverCommand } from './recover-command';
import { rollbackCommands } from './rollback-commands';
import { createRun, type Run, type Start } from './run';
import { scopeCommands } from './scope-commands';
import { serveCommand } from './serve-command';
import { skipCommands } from './skip-commands';
import { syncCommands } from './sync-commands';
import { slowCommand } from './slow-command';
import { sqlCommand } from './sql-command';
import { verificationCommands } from './verification-commands';

interface GlobalOptions {
  data: string;
  json?: boolean;
  lang: Language;
  passwordsStdin?: boolean;
}

/** Runs the terminal front on arguments (without node and script); resolves to the exit code. */
export async function runTerminal(argv: readonly string[]): Promise<ExitCode> {
  const program = new Command('antipode');
  const wantsJson = argv.includes('--json');
  let code: ExitCode = exitCodes.done;
  program
    .version(packageJson.version)
    .option('--data <dir>', '', defaultDataFolder())
    .option('--json')
    .option('--lang <language>', '', choice(languages), systemLanguage())
    .option('--passwords-stdin')
    .exitOverride()
    .configureOutput({ writeErr: (text) => { if (!wantsJson) process.stderr.write(text); } });

  const start: Start =
    (action) =>
    async (...given) => {
      code = await execute(program.opts<GlobalOptions>(), (run) => action(run, ...given));
    };
  attentionCommands(fleetCommands(program, start), start);
  const sync = syncCommands(program, start);
  scopeCommands(sync, start);
  skipCommands(sync, start);
  verificationCommands(program, start);
  serveCommand(program, start);
  slowCommand(program, start);
  backupScheduleCommands(backupCommands(program, start), start);
  promotionCommands(program, start);
  failbackCommands(program, start);
  dossierCommand(program, start);
  cureCommands(program, start);
  accountCommands(program, start);
  gtidCommands(program, start);
  parameterCommands(program, start);
  sqlCommand(program, start);
  importCommand(program, start);
  charsetCommands(program, start);
  portCommands(program, start);
  rollbackCommands(program, start);
  projectCommands(program, start);
  readOnlyCommands(program, start);
  monitoringCommands(program, start);
  recordCommands(program, start);
  recoverCommand(program, start);
  labCommands(program, start);
  describe(program, terminalTranslator(languageFrom(argv)));
  inherit(program, program);

  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return exitCodes.done;
    if (wantsJson) {
      createOutput(true, terminalTranslator(languageFrom(argv))).error(failure('invalid-input', { field: 'command', reason: thrown.message }).error);
    }
    return exitCodes.usage;
  }
}

async function execute(options: GlobalOptions, action: (run: Run) => Promise<ExitCode | void>): Promise<ExitCode> {
  const out = createOutput(options.json === true, terminalTranslator(options.lang));
  const dataFolder = resolve(options.data);
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const passwords = options.passwordsStdin === true ? await readPasswords() : {};
    const engine = await createEngine({ dataFolder, front: 'terminal', keyring: null, appVersion: packageJson.version, poll: false });
    try {
      const passphrase = process.env.ANTIPODE_PASSPHRASE;
      if (passphrase !== undefined && engine.vault.status().locked) await engine.vault.unlock(passphrase);
      providePasswords(engine, passwords);
      const run = createRun({ engine, out, passwords, dataFolder, signal: interrupt.signal });
      return (await untilFault(() => action(run), (fault) => out.progress(fault.trace))) ?? exitCodes.done;
    } catch (thrown) {
      if (!(thrown instanceof UncaughtFault)) throw thrown;
      return await afterFault(engine, out, thrown);
    } finally {
      await engine.close();
    }
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      out.error(failure('invalid-input', { field: 'command', reason: thrown.message }).error);
      return exitCodes.usage;
    }
    const error = errorOf(thrown);
    if (error.code === 'internal' && thrown instanceof Error && process.env.ANTIPODE_DEBUG !== undefined) process.stderr.write(`${thrown.stack ?? ''}\n`);
    out.error(error);
    return exitCodeOf(error.code);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** A session that hangs must not keep the failure from being told. Milliseconds. */
const closingLimitMs = 5_000;

/** Closes the engine, which leaves its tasks to be recovered, and tells what nobody caught. */
async function afterFault(engine: Engine, out: Output, fault: UncaughtFault): Promise<ExitCode> {
  const underWay = engine.tasks.list().filter(({ state }) => isActive(state)).map(({ id }) => id);
  await Promise.race([engine.close(), sleep(closingLimitMs, undefined, { ref: false })]);
  out.progress(fault.trace);
  out.error(fault.error);
  return underWay.some((id) => engine.tasks.get(id).state === 'interrupted') ? exitCodes.interrupted : exitCodes.failed;
}

/** Tells a fault of which no command heard: before one began, or after it had ended. Returns the exit code. */
export function tellFault(argv: readonly string[], fault: UncaughtFault): ExitCode {
  const out = createOutput(argv.includes('--json'), terminalTranslator(languageFrom(argv)));
  out.progress(fault.trace);
  out.error(fault.error);
  return exitCodes.failed;
}

/** Texts of every command and of its options come from the catalogue, by their path: `terminal.help.sync.create`, `terminal.help.serve.--x`. */
function describe(command: Command, t: Translator): void {
  const keys = helpKeys;
  const visit = (one: Command, path: string): void => {
    const key = keys.find((known) => known === `terminal.help.${path}`);
    if (key !== undefined) one.description(t(key));
    for (const option of one.options) {
      const text = keys.find((known) => known === `terminal.help.${path}.${option.long ?? ''}`);
      if (text !== undefined) option.description = t(text);
    }
    for (const child of one.commands) visit(child, path === 'antipode' ? child.name() : `${path}.${child.name()}`);
  };
  visit(command, 'antipode');
}

const helpKeys = [
  'terminal.help.antipode', 'terminal.help.region', 'terminal.help.instance', 'terminal.help.instance.add',
  'terminal.help.instance.password', 'terminal.help.instance.remove', 'terminal.help.instance.acknowledge', 'terminal.help.instance.silence',
  'terminal.help.instance.pause', 'terminal.help.instance.resume',
  'terminal.help.inventory', 'terminal.help.topology', 'terminal.help.status', 'terminal.help.check', 'terminal.help.sync', 'terminal.help.sync.create',
  'terminal.help.sync.edit', 'terminal.help.sync.rate', 'terminal.help.sync.start', 'terminal.help.sync.scope', 'terminal.help.sync.filters',
  'terminal.help.sync.skip', 'terminal.help.sync.verify', 'terminal.help.sync.remove', 'terminal.help.slow',
  'terminal.help.verify', 'terminal.help.verify.schedule', 'terminal.help.verify.schedule.add', 'terminal.help.verify.schedule.list',
  'terminal.help.verify.schedule.remove', 'terminal.help.verify.schedule.add.--hourly', 'terminal.help.verify.schedule.add.--daily',
  'terminal.help.verify.schedule.add.--weekly', 'terminal.help.verify.schedule.add.--cron', 'terminal.help.verify.schedule.add.--time-zone',
  'terminal.help.verify.schedule.add.--catch-up', 'terminal.help.verify.schedule.add.--rate',
  'terminal.help.verify.schedule.remove.--confirm', 'terminal.help.serve',
  'terminal.help.backup.schedule', 'terminal.help.backup.schedule.add', 'terminal.help.backup.schedule.list', 'terminal.help.backup.schedule.remove',
  'terminal.help.backup.schedule.add.--hourly', 'terminal.help.backup.schedule.add.--daily', 'terminal.help.backup.schedule.add.--weekly',
  'terminal.help.backup.schedule.add.--cron', 'terminal.help.backup.schedule.add.--time-zone', 'terminal.help.backup.schedule.add.--catch-up',
  'terminal.help.backup.schedule.add.--keep', 'terminal.help.backup.schedule.add.--keep-days', 'terminal.help.backup.schedule.add.--to',
  'terminal.help.backup.schedule.add.--passphrase-env', 'terminal.help.backup.schedule.add.--prove-days',
  'terminal.help.backup.schedule.remove.--confirm',
  'terminal.help.verify.--scope', 'terminal.help.verify.--touched-since', 'terminal.help.verify.--repair-sql', 'terminal.help.verify.--repair',
  'terminal.help.verify.--confirm', 'terminal.help.verify.--last', 'terminal.help.verify.--rate', 'terminal.help.verify.--wait',
  'terminal.help.dossier.--format', 'terminal.help.dossier.--out', 'terminal.help.dossier.--apply', 'terminal.help.dossier.--confirm',
  'terminal.help.dossier.--dry-run', 'terminal.help.failback.start.--confirm', 'terminal.help.failback.start.--rejoin',
  'terminal.help.failback.start.--give-up-divergent', 'terminal.help.failback.start.--proof', 'terminal.help.failback.start.--wait',
  'terminal.help.promote', 'terminal.help.cure',
  'terminal.help.failback', 'terminal.help.failback.plan', 'terminal.help.failback.start',
  'terminal.help.failback.status', 'terminal.help.failback.go-on', 'terminal.help.failback.switch-back', 'terminal.help.failback.cancel',
  'terminal.help.acknowledge', 'terminal.help.dossier', 'terminal.help.fence', 'terminal.help.report', 'terminal.help.report.show', 'terminal.help.gtid',
  'terminal.help.account', 'terminal.help.account.list', 'terminal.help.account.show', 'terminal.help.account.create', 'terminal.help.account.password',
  'terminal.help.account.lock', 'terminal.help.account.unlock', 'terminal.help.account.expire', 'terminal.help.account.rename', 'terminal.help.account.drop',
  'terminal.help.account.clone', 'terminal.help.account.tls', 'terminal.help.account.limits', 'terminal.help.account.grant', 'terminal.help.account.revoke',
  'terminal.help.account.diff', 'terminal.help.account.who', 'terminal.help.account.export',
  'terminal.help.gtid.plan', 'terminal.help.gtid.enable', 'terminal.help.operation', 'terminal.help.recover',
  'terminal.help.charset', 'terminal.help.charset.show', 'terminal.help.charset.plan', 'terminal.help.charset.run', 'terminal.help.charset.plan.--to',
  'terminal.help.charset.plan.--collation',
  'terminal.help.charset.plan.--scope', 'terminal.help.charset.plan.--server', 'terminal.help.charset.plan.--no-databases',
  'terminal.help.charset.plan.--no-tables', 'terminal.help.charset.plan.--reread',
  'terminal.help.port', 'terminal.help.port.plan', 'terminal.help.port.change', 'terminal.help.port.plan.--to', 'terminal.help.port.plan.--admin',
  'terminal.help.port.plan.--mysqlx', 'terminal.help.port.plan.--report', 'terminal.help.port.plan.--restart',
  'terminal.help.project', 'terminal.help.project.transfer', 'terminal.help.project.history', 'terminal.help.project.undo',
  'terminal.help.read-only', 'terminal.help.read-only.add', 'terminal.help.read-only.list', 'terminal.help.read-only.freeze', 'terminal.help.read-only.start',
  'terminal.help.read-only.stop', 'terminal.help.read-only.delay',
  'terminal.help.read-only.pending', 'terminal.help.read-only.run-until', 'terminal.help.read-only.fish-out',
  'terminal.help.param', 'terminal.help.param.list', 'terminal.help.param.get', 'terminal.help.param.set', 'terminal.help.param.set.--persist',
  'terminal.help.param.set.--restart', 'terminal.help.param.set.--forget', 'terminal.help.param.set.--accept-warnings', 'terminal.help.param.diff',
  'terminal.help.param.history', 'terminal.help.param.undo', 'terminal.help.param.template', 'terminal.help.param.template.save',
  'terminal.help.param.template.apply', 'terminal.help.param.template.export',
  'terminal.help.sql', 'terminal.help.sql.--execute', 'terminal.help.sql.--file', 'terminal.help.sql.--database', 'terminal.help.sql.--write',
  'terminal.help.sql.--waves', 'terminal.help.sql.--confirm', 'terminal.help.sql.--go-on', 'terminal.help.sql.--rows', 'terminal.help.sql.--time-limit',
  'terminal.help.sql.--transcripts', 'terminal.help.sql.--dry-run',
  'terminal.help.import', 'terminal.help.import.--database', 'terminal.help.import.--on-error', 'terminal.help.import.--table',
  'terminal.help.import.--format', 'terminal.help.import.--delimiter', 'terminal.help.import.--quote', 'terminal.help.import.--escape',
  'terminal.help.import.--encoding', 'terminal.help.import.--line-end', 'terminal.help.import.--header', 'terminal.help.import.--no-header',
  'terminal.help.import.--columns', 'terminal.help.import.--null', 'terminal.help.import.--decimal', 'terminal.help.import.--mode',
  'terminal.help.import.--from-byte',
  'terminal.help.import.--confirm', 'terminal.help.import.--wait', 'terminal.help.import.--dry-run',
  'terminal.help.monitor', 'terminal.help.metrics', 'terminal.help.tasks', 'terminal.help.audit',
  'terminal.help.lab', 'terminal.help.secrets', 'terminal.help.secrets.start-over',
] as const;

/** Every sub-command ends by throwing, too, and keeps usage errors off stdout with `--json`. */
function inherit(root: Command, command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(root);
    inherit(root, child);
  }
}

/** Where the desktop keeps its data, so that both fronts see one inventory. */
function defaultDataFolder(): string {
  const name = 'Antipode';
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', name);
  if (process.platform === 'win32') return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), name);
  return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), name);
}

function systemLanguage(): Language {
  return languageOf(process.env.LC_ALL ?? process.env.LC_MESSAGES ?? process.env.LANG ?? 'en');
}

function languageFrom(argv: readonly string[]): Language {
  const given = argv[argv.indexOf('--lang') + 1];
  return argv.includes('--lang') && (given === 'en' || given === 'zh-CN') ? given : systemLanguage();
}
