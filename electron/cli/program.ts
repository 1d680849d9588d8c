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
import { describe } from './help';
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
import { sayUnderWay } from './background';
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

/** The program with all its commands. `start`: what runs the action of one. */
export function terminalProgram(start: Start, t: Translator): Command {
  const program = new Command('antipode');
  program
    .version(packageJson.version)
    .option('--data <dir>', '', defaultDataFolder())
    .option('--json')
    .option('--lang <language>', '', choice(languages), systemLanguage())
    .option('--passwords-stdin');
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
  describe(program, t);
  return program;
}

/** Runs the terminal front on arguments (without node and script); resolves to the exit code. */
export async function runTerminal(argv: readonly string[]): Promise<ExitCode> {
  const wantsJson = argv.includes('--json');
  let code: ExitCode = exitCodes.done;
  const start: Start =
    (action) =>
    async (...given) => {
      code = await execute(program.opts<GlobalOptions>(), program.args, (run) => action(run, ...given));
    };
  const program = terminalProgram(start, terminalTranslator(languageFrom(argv)));
  program.exitOverride().configureOutput({ writeErr: (text) => { if (!wantsJson) process.stderr.write(text); } });
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

async function execute(options: GlobalOptions, given: readonly string[], action: (run: Run) => Promise<ExitCode | void>): Promise<ExitCode> {
  const out = createOutput(options.json === true, terminalTranslator(options.lang));
  const dataFolder = resolve(options.data);
  const interrupt = new AbortController();
  let engine: Engine | null = null;
  let interruptedAt = 0;
  const onSignal = (): void => {
    if (interrupt.signal.aborted) return Date.now() - interruptedAt < oneInterruptMs ? undefined : void leave(engine);
    interruptedAt = Date.now();
    interrupt.abort();
    out.progress(out.t('terminal.interrupted'));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const passwords = options.passwordsStdin === true ? await readPasswords() : {};
    let stopSaying = (): void => undefined;
    engine = await createEngine({ dataFolder, front: 'terminal', keyring: null, appVersion: packageJson.version, poll: false });
    try {
      const passphrase = process.env.ANTIPODE_PASSPHRASE;
      if (passphrase !== undefined && engine.vault.status().locked) await engine.vault.unlock(passphrase);
      providePasswords(engine, passwords);
      stopSaying = sayUnderWay(engine.tasks);
      const run = createRun({ engine, out, passwords, dataFolder, given, signal: interrupt.signal });
      return (await untilFault(() => action(run), (fault) => out.progress(fault.trace))) ?? exitCodes.done;
    } catch (thrown) {
      if (!(thrown instanceof UncaughtFault)) throw thrown;
      return await afterFault(engine, out, thrown);
    } finally {
      stopSaying();
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

/** One Ctrl-C may arrive more than once: whoever started this passes it on, and the terminal has sent it already. Milliseconds. */
const oneInterruptMs = 2_000;

/** A session that hangs must not keep the failure from being told. Milliseconds. */
const closingLimitMs = 5_000;

/** Ends the process at once, as its user asks for a second time; tasks are left to be recovered. */
async function leave(engine: Engine | null): Promise<void> {
  try {
    await Promise.race([engine?.close(), sleep(closingLimitMs, undefined, { ref: false })]);
  } finally {
    process.exit(exitCodes.interrupted);
  }
}

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
