import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { restoreAccounts, type BackupDetail, type BackupView, type Renaming, type RestoreAccounts, type RestorePlan } from '../../shared/domain/backup/backup';
import type { RestoreMoment } from '../../shared/domain/backup/moment';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import type { TaskView } from '../../shared/domain/tasks/task';
import { GtidSet, tryParseGtidSet } from '../../shared/domain/gtid/set';
import { failure, Failure } from '../../shared/errors/codes';
import { choice, parseScope } from './arguments';
import { runInBackground } from './background';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes';
import { followToEnd } from './follow';
import { errorText, moment, table } from './output';
import { passphraseOf } from './passwords';
import type { Run, Start } from './run';

interface SecretOption {
  passphraseEnv?: string;
}

interface CreateOptions extends SecretOption {
  scope?: Scope;
  to?: string;
  wait?: boolean;
}

interface RestoreOptions extends SecretOption {
  into: string;
  scope?: Scope;
  as?: readonly Renaming[];
  accounts?: RestoreAccounts;
  asStandby?: boolean;
  replace?: boolean;
  until?: string;
  logOf?: string;
  dryRun?: boolean;
  confirm?: string;
  wait?: boolean;
}

/** `backup`: what servers hold, in folders of this machine. Returns the command, for what else belongs beneath it. */
export function backupCommands(program: Command, start: Start): Command {
  const backup = program.command('backup');
  backup.command('create').argument('<instance>').option('--scope <spec>', '', parseScope).option('--to <dir>')
    .option('--passphrase-env <var>').option('--wait').action(start(create));
  backup.command('list').argument('[instance]').option('--from <dir>').action(start(list));
  backup.command('show').argument('<id>').action(start(show));
  for (const act of ['verify', 'prove'] as const) {
    backup.command(act).argument('<id>').option('--passphrase-env <var>')
      .action(start((run, id: string, options: SecretOption) => look(run, `backup.${act}`, id, options)));
  }
  backup.command('restore').argument('<id>').requiredOption('--into <instance>').option('--scope <spec>', '', parseScope)
    .option('--as <old=new,…>', '', renamings)
    .option('--until <gtid>', '', untilGiven).option('--log-of <instance>')
    .option('--accounts <which>', '', choice(restoreAccounts)).option('--as-standby').option('--replace').option('--passphrase-env <var>')
    .option('--confirm <instance>').option('--wait').option('--dry-run').action(start(restore));
  backup.command('remove').argument('<id>').option('--confirm <id>').action(start(remove));
  return backup;
}

/** A transaction, or the end of the log. */
function untilGiven(text: string): string {
  if (text === 'latest') return text;
  const set = tryParseGtidSet(text);
  if (!(set instanceof GtidSet) || set.count() !== 1n) throw new InvalidArgumentError('UUID:N | latest');
  return set.toString();
}

/** `old=new,old2=new2`; a comma or `=` in a name is written between backticks. */
export function renamings(text: string): readonly Renaming[] {
  const pair = /^\s*(?:`((?:[^`]|``)+)`|([^`=,]+))\s*=\s*(?:`((?:[^`]|``)+)`|([^`=,]+))\s*(?:,|$)/u;
  const out: Renaming[] = [];
  for (let rest = text; rest !== ''; ) {
    const match = pair.exec(rest);
    if (match === null) throw new InvalidArgumentError('old=new,…');
    const name = (quoted: string | undefined, plain: string | undefined): string => quoted?.replaceAll('``', '`') ?? (plain ?? '').trim();
    out.push({ from: name(match[1], match[2]), to: name(match[3], match[4]) });
    rest = rest.slice(match[0].length);
  }
  if (out.length === 0) throw new InvalidArgumentError('old=new,…');
  return out;
}

async function create(run: Run, name: string, options: CreateOptions): Promise<ExitCode> {
  const instanceId = run.instance(name).id;
  const passphrase = passphraseOf(options);
  if (options.wait !== true) return inBackground(run, name, `backup-${instanceId}`);
  const place = options.to === undefined ? null : resolve(options.to);
  if (place !== null) await run.call('backup.addPlace', { path: place });
  const before = new Set((await run.call('backup.list', undefined)).map(({ id }) => id));
  const task = await followToEnd(run, (await run.call('backup.create', { instanceId, scope: options.scope ?? wholeInstance, place, passphrase })).id);
  if (task.error !== null) throw new Failure(task.error);
  const made = (await run.call('backup.list', undefined)).find((one) => !before.has(one.id) && one.instanceId === instanceId);
  run.out.result({ ok: task.state === 'done', state: task.state, backup: made ?? null }, () => {
    if (made !== undefined) printList(run, [made]);
  });
  return endOf(task);
}

function endOf(task: TaskView): ExitCode {
  if (task.error !== null) return exitCodeOf(task.error.code);
  return task.state === 'done' ? exitCodes.done : exitCodes.interrupted;
}

function inBackground(run: Run, name: string, log: string): Promise<ExitCode> {
  const { t, line, result } = run.out;
  return runInBackground(run, log, [...run.given, '--wait'], (processId) => {
    result({ ok: true, instance: name, startedInBackground: true, processId }, () => line(t('backup.terminal.background', { name, pid: processId ?? '?' })));
  });
}

async function list(run: Run, name: string | undefined, { from }: { from?: string }): Promise<void> {
  const instanceId = name === undefined ? null : run.instance(name).id;
  if (from !== undefined) {
    const place = resolve(from);
    // A folder is made where it is to be written to; this one is to be read.
    if (!existsSync(place)) throw failure('not-found', { kind: 'place', name: place });
    await run.call('backup.addPlace', { path: place });
  }
  const backups = (await run.call('backup.list', undefined)).filter((one) => instanceId === null || one.instanceId === instanceId);
  run.out.result({ ok: true, backups }, () => {
    if (backups.length === 0) run.out.line(run.out.t('backup.terminal.none'));
    else printList(run, backups);
  });
}

function printList({ out }: Run, backups: readonly BackupView[]): void {
  const { t, line } = out;
  const look = (finding: BackupView['verified']): string =>
    (finding === null ? '–' : `${t(finding.ok ? 'backup.terminal.good' : 'backup.terminal.bad')} ${moment(finding.at)}`);
  const columns = ['instance', 'state', 'tables', 'rows', 'mb', 'verified', 'proven'] as const;
  const rows = backups.map((one) => [
    one.id, one.instanceName, t(`backup.terminal.state.${one.state}`), String(one.tables), String(one.rows), megabytes(one.storedBytes),
    look(one.verified), look(one.proven),
  ]);
  line(table([['ID', ...columns.map((column) => t(`backup.terminal.${column}`))], ...rows]));
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

async function show(run: Run, id: string): Promise<void> {
  const backup: BackupDetail = await run.call('backup.show', { backupId: id });
  run.out.result({ ok: true, backup }, () => {
    const { line, t } = run.out;
    printList(run, [backup]);
    line(backup.folder);
    line(`GTID ${backup.gtidSet === '' ? '–' : backup.gtidSet}`);
    const contents = backup.contents.map(({ database, table: name, rows, plainBytes }) => [`${database}.${name}`, String(rows), `${megabytes(plainBytes)} MB`]);
    line(table(contents));
    for (const { object, why } of backup.leftOut) line(t('backup.log.notShown', { name: `${object.database}.${object.name}`, detail: why }));
  });
}

async function look(run: Run, method: 'backup.verify' | 'backup.prove', id: string, options: SecretOption): Promise<ExitCode> {
  const task = await followToEnd(run, (await run.call(method, { backupId: id, passphrase: passphraseOf(options) })).id);
  if (task.state !== 'done') throw task.error === null ? failure('cancelled', { what: task.name }) : new Failure(task.error);
  const said = method === 'backup.verify' ? 'backup.terminal.is-whole' : 'backup.terminal.is-proven';
  run.out.result({ ok: true, id, state: task.state }, () => run.out.line(run.out.t(said, { id })));
  return exitCodes.done;
}

async function restore(run: Run, id: string, options: RestoreOptions): Promise<ExitCode> {
  const targetId = run.instance(options.into).id;
  const order = {
    backupId: id, targetId, scope: options.scope ?? wholeInstance, renamings: options.as ?? [], accounts: options.accounts ?? 'none',
    asStandby: options.asStandby === true, replace: options.replace === true,
    ...(options.until === undefined ? {} : { until: await momentOf(run, id, options.until, options.logOf) }),
  } as const;
  const plan = await run.call('backup.planRestore', { order, passphrase: passphraseOf(options) });
  if (options.dryRun === true) return printPlan(run, plan);
  const [obstacle] = plan.obstacles;
  if (obstacle !== undefined) throw new Failure(obstacle);
  if (options.confirm !== options.into) throw failure('confirm-mismatch', { expected: options.into });
  if (options.wait !== true) return inBackground(run, options.into, `restore-${targetId}`);
  const task = await followToEnd(run, (await run.call('backup.restore', { planId: plan.id, phrase: options.confirm })).id);
  if (task.state !== 'done') {
    run.out.error(task.error ?? failure('cancelled', { what: task.name }).error, task.aftermath);
    return endOf(task);
  }
  run.out.result({ ok: true, state: task.state, databases: plan.databases, tables: plan.tables, rows: plan.rows, notes: plan.notes }, () => {
    run.out.line(run.out.t('backup.terminal.restored', { name: options.into, tables: plan.tables, rows: plan.rows }));
    printNotes(run, plan);
  });
  return endOf(task);
}

/** Just before a transaction, or (`latest`) all that the log holds now: by the log of the instance that the backup is of, or another one's. */
async function momentOf(run: Run, backupId: string, until: string, logOf: string | undefined): Promise<RestoreMoment> {
  const before = until === 'latest' ? null : until;
  if (logOf !== undefined) return { instanceId: run.instance(logOf).id, before };
  const { instanceId, instanceName } = await run.call('backup.show', { backupId });
  if (instanceId === null) throw failure('not-found', { kind: 'instance', name: instanceName });
  return { instanceId, before };
}

/** Of a list, so many names are printed; JSON has all. */
const printedNames = 20;

function printPlan(run: Run, plan: RestorePlan): ExitCode {
  run.out.result({ ok: plan.obstacles.length === 0, plan }, () => {
    const { line, t } = run.out;
    line(t('backup.terminal.plan', { name: plan.targetName, tables: plan.tables, rows: plan.rows, databases: plan.databases.join(', ') }));
    for (const { database, name } of plan.inTheWay.slice(0, printedNames)) line(t('backup.terminal.in-the-way', { name: `${database}.${name}` }));
    const more = plan.inTheWay.length - printedNames;
    if (more > 0) line(t('backup.terminal.in-the-way.more', { count: more }));
    printNotes(run, plan);
    for (const obstacle of plan.obstacles) line(errorText(t, obstacle));
  });
  return plan.obstacles.length === 0 ? exitCodes.done : exitCodes.refused;
}

function shortened(names: readonly string[]): string {
  const more = names.length - printedNames;
  return `${names.slice(0, printedNames).join(', ')}${more > 0 ? ` … (+${more})` : ''}`;
}

function printNotes(run: Run, { notes, later, order }: RestorePlan): void {
  const { out } = run;
  const logOf = run.engine.fleet.instances().find(({ id }) => id === order.until?.instanceId)?.name ?? '?';
  if (later !== null) out.line(out.t('backup.terminal.later', { ...later, name: logOf }));
  for (const { kind, names } of notes) out.line(out.t(`backup.terminal.note.${kind}`, { names: shortened(names) }));
}

async function remove(run: Run, id: string, options: { confirm?: string }): Promise<void> {
  await run.call('backup.remove', { backupId: id, phrase: options.confirm ?? '' });
  run.out.result({ ok: true, removed: id }, () => run.out.line(run.out.t('backup.terminal.removed', { id })));
}
