import { InvalidArgumentError, type Command } from 'commander';
import { keepings, type Keeping, type ParameterChange } from '../../shared/domain/operations/parameters/change';
import { changesOf } from '../../shared/domain/operations/parameters/template';
import { driftClasses, type Drift } from '../../shared/domain/operations/parameters/drift';
import type { ParameterReport } from '../../shared/domain/operations/parameters/history';
import { isChanged, rangeOf, type Parameter } from '../../shared/domain/operations/parameters/parameter';
import type { ParameterPlan } from '../../shared/domain/operations/parameters/plan';
import { nameOfToday } from '../../shared/domain/sql/variable-names';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { failure } from '../../shared/errors/codes';
import { placeText } from '../storage/placed-file';
import { exitCodes, type ExitCode } from './exit-codes';
import { moment, table } from './output';
import { planTexts as textsOfPlan, preconditionLine, refuseFailed } from './plan-text';
import { givenFile } from './given-file';
import type { Run, Start } from './run';

interface ChangeOptions {
  readonly persist?: boolean;
  readonly restart?: boolean;
  readonly forget?: boolean;
  readonly acceptWarnings?: boolean;
  readonly dryRun?: boolean;
}

/** `param`: the parameters of servers. */
export function parameterCommands(program: Command, start: Start): void {
  const param = program.command('param');
  param.command('list').argument('<name>').option('--changed').option('--search <text>').action(start(list));
  param.command('get').argument('<name>').argument('<variables...>').action(start(get));
  param.command('set').argument('<name>').argument('<settings...>').option('--persist').option('--restart').option('--forget')
    .option('--accept-warnings').option('--dry-run')
    .action(start(async (run, name: string, settings: string[], options: ChangeOptions) => {
      const changes = settings.map((one) => parseSetting(one, keepingOf(options)));
      return carryOut(run, await run.call('parameters.plan', { instanceId: run.instance(name).id, changes }), options);
    }));
  param.command('diff').argument('<names...>').option('--all').action(start(diff));
  param.command('history').argument('<name>').action(start(history));
  param.command('undo').argument('<id>').option('--accept-warnings').option('--dry-run')
    .action(start(async (run, entryId: string, options: ChangeOptions) => carryOut(run, await run.call('parameters.planUndo', { entryId }), options)));
  templateCommands(param.command('template'), start);
}

function keepingOf({ persist, restart, forget }: ChangeOptions): Keeping {
  const chosen = keepings.filter((one) => (one === 'lasting' && persist) || (one === 'restart' && restart) || (one === 'forget' && forget));
  if (chosen.length > 1) throw failure('invalid-input', { field: '--persist | --restart | --forget', reason: chosen.join(', ') });
  return chosen[0] ?? 'running';
}

function parseSetting(text: string, keep: Keeping): ParameterChange {
  const at = text.indexOf('=');
  if (keep === 'forget') return { name: text.slice(0, at === -1 ? undefined : at).replaceAll('-', '_'), value: '', keep };
  if (at < 1) throw new InvalidArgumentError('NAME=VALUE');
  return { name: text.slice(0, at).trim().replaceAll('-', '_'), value: text.slice(at + 1), keep };
}

async function list(run: Run, name: string, { changed, search }: { changed?: boolean; search?: string }): Promise<void> {
  const found = await run.call('parameters.list', { instanceId: run.instance(name).id });
  const wanted = search?.toLowerCase() ?? '';
  const shown = found.parameters.filter((one) => (changed !== true || isChanged(one))
    && (one.name.includes(wanted) || one.value.toLowerCase().includes(wanted)));
  run.out.result({ ok: true, instance: name, version: found.version, parameters: shown }, () => {
    const { t } = run.out;
    run.out.line(table([
      (['name', 'value', 'initial', 'persisted', 'source'] as const).map((column) => t(`parameters.column.${column}`)),
      ...shown.map((one) => [one.name, cut(one.value), cut(one.initial ?? ''), cut(one.persisted ?? ''), sourceText(run, one)]),
    ]));
    run.out.line(t('parameters.count', { shown: shown.length, all: found.parameters.length }));
  });
}

function sourceText({ out: { t } }: Run, { source, file }: Parameter): string {
  return source === null ? '' : `${t(`parameters.source.${source}`)}${file === '' ? '' : ` ${file}`}`;
}

const cut = (text: string): string => (text.length > 48 ? `${text.slice(0, 47)}…` : text);

async function get(run: Run, name: string, variables: string[]): Promise<ExitCode> {
  const instanceId = run.instance(name).id;
  const { parameters } = await run.call('parameters.list', { instanceId });
  const wanted = variables.map((one) => one.replaceAll('-', '_'));
  const found = wanted.flatMap((one) => parameters.find((parameter) => nameOfToday(parameter.name) === nameOfToday(one)) ?? []);
  const old = found.length === 0 ? [] : await run.call('parameters.oldSessions', { instanceId, names: found.map((one) => one.name) });
  const missing = wanted.filter((one) => !found.some((parameter) => nameOfToday(parameter.name) === nameOfToday(one)));
  const shown = found.map((one) => ({ ...one, oldSessions: old.find((count) => count.name === one.name)?.count ?? 0 }));
  run.out.result({ ok: missing.length === 0, instance: name, parameters: shown, missing }, () => {
    const { t } = run.out;
    for (const one of shown) {
      run.out.line(`${one.name} = ${one.value}`);
      run.out.line(`  ${one.text ?? t('parameters.detail.no-text')}`);
      run.out.line(table([
        [`  ${t('parameters.column.initial')}`, one.initial ?? t('parameters.unknown')],
        [`  ${t('parameters.column.persisted')}`, one.persisted ?? '–'],
        [`  ${t('parameters.column.source')}`, one.source === null ? t('parameters.source.untold') : sourceText(run, one)],
        ...(one.setBy === null ? [] : [[`  ${t('parameters.detail.set')}`, t('parameters.detail.by', { who: one.setBy, when: one.setAt ?? '' })]]),
        ...[rangeOf(one)].flatMap((range) => (range === null ? [] : [[`  ${t('parameters.detail.range')}`, t.message(range)]])),
        ...(one.choices === null ? [] : [[`  ${t('parameters.detail.words')}`, one.choices.join(', ')]]),
        ...(one.manual === null ? [] : [[`  ${t('parameters.detail.manual')}`, t('parameters.detail.manual-of', { ...one.manual })]]),
        ...(one.oldSessions === 0 ? [] : [[`  ${t('parameters.detail.old')}`, String(one.oldSessions)]]),
      ]));
    }
    for (const one of missing) run.out.line(t('parameters.terminal.no-such', { name: one }));
  });
  return missing.length === 0 ? exitCodes.done : exitCodes.failed;
}

/** Shows a plan, or carries it out; the exit code says whether it could be. */
async function carryOut(run: Run, plan: ParameterPlan, options: ChangeOptions): Promise<ExitCode> {
  if (options.dryRun === true) {
    run.out.result({ ok: isExecutable(plan), dryRun: true, plan: planTexts(run, plan) }, () => printPlan(run, plan));
    return isExecutable(plan) ? exitCodes.done : exitCodes.refused;
  }
  refuseFailed(run.out, plan, () => printPlan(run, plan));
  if (!run.out.json) printPlan(run, plan);
  const report = await run.call('parameters.execute', { planId: plan.id, acceptWarnings: options.acceptWarnings === true });
  return printReport(run, plan, report);
}

function planTexts(run: Run, plan: ParameterPlan): object {
  const { t } = run.out;
  return {
    ...textsOfPlan(t, plan),
    rescue: plan.rescue === null ? null : t.message(plan.rescue),
  };
}

function printPlan(run: Run, plan: ParameterPlan): void {
  const { t, line } = run.out;
  for (const one of plan.preconditions) line(preconditionLine(t, one));
  for (const [at, step] of plan.steps.entries()) {
    line(`${at + 1}. ${t.message(step.title)}`);
    for (const { server, sql } of step.sql) line(`      ${server}> ${sql}`);
  }
  if (plan.optionLines.length > 0) line(t('parameters.plan.lines'));
  for (const one of plan.optionLines) line(`      ${one}`);
  for (const warning of plan.warnings) line(`! ${t.message(warning)}`);
  if (plan.undoSql.length > 0) line(t('parameters.plan.undo'));
  for (const { server, sql } of plan.undoSql) line(`      ${server}> ${sql}`);
  if (plan.rescue !== null) line(t.message(plan.rescue));
}

function printReport(run: Run, plan: ParameterPlan, { entry, along, oldSessions }: ParameterReport): ExitCode {
  const { t, line } = run.out;
  run.out.result({ ok: entry.error === null, id: entry.id, instance: plan.name, state: entry.state, changes: entry.changes, along, oldSessions,
    optionLines: entry.optionLines, error: entry.error }, () => {
    line(table(entry.changes.map((one) => [
      `  ${one.name}`, cut(one.before.value), '→', cut(one.after?.value ?? one.value), t(`parameters.outcome.${one.outcome}`),
    ])));
    for (const one of along) line(t('parameters.report.along', { values: `${one.name}: ${one.before} → ${one.after}` }));
    for (const one of oldSessions) line(t('parameters.report.old-sessions', one));
    if (entry.error === null) line(t('parameters.terminal.done', { name: plan.name, count: entry.changes.length, id: entry.id }));
    else run.out.error(entry.error);
  });
  return entry.error === null ? exitCodes.done : exitCodes.failed;
}

/** 1 where something differs that should not, as `diff` does. */
async function diff(run: Run, names: string[], { all }: { all?: boolean }): Promise<ExitCode> {
  if (names.length < 2) throw failure('invalid-input', { field: 'names', reason: '2–16' });
  const drift: Drift = await run.call('parameters.drift', { instanceIds: names.map((name) => run.instance(name).id) });
  const counts = Object.fromEntries(driftClasses.map((one) => [one, drift.rows.filter((row) => row.class === one).length]));
  const differs = drift.rows.some((row) => row.class === 'different');
  const shown = drift.rows.filter((row) => all === true || row.class !== 'same');
  run.out.result({ ok: !differs, counts, sides: drift.sides, rows: shown }, () => {
    const { t } = run.out;
    run.out.line(table([
      [t('parameters.column.name'), ...drift.sides.map(({ name }) => name), ''],
      ...driftClasses.flatMap((one) => shown.filter((row) => row.class === one).map((row) => [
        row.name, ...row.values.map((value) => cut(value ?? '—')), t(`parameters.drift.class.${row.class}`),
      ])),
    ]));
    run.out.line(t('parameters.drift.summary', counts));
  });
  return differs ? exitCodes.failed : exitCodes.done;
}

async function history(run: Run, name: string): Promise<void> {
  const entries = await run.call('parameters.history', { instanceId: run.instance(name).id });
  run.out.result({ ok: true, instance: name, history: entries }, () => {
    const { t, line } = run.out;
    if (entries.length === 0) line(t('parameters.history.none'));
    for (const { id, at, actor, state, changes } of entries) {
      line(`${id}  ${moment(at)}  ${actor}  ${t(`parameters.state.${state}`)}`);
      for (const { name: of, before, after, value, outcome } of changes) {
        line(`      ${of}: ${cut(before.value)} → ${cut(after?.value ?? value)}  ${t(`parameters.outcome.${outcome}`)}`);
      }
    }
  });
}

function templateCommands(template: Command, start: Start): void {
  template.command('list').action(start(async (run) => {
    const templates = await run.call('parameters.templates', undefined);
    run.out.result({ ok: true, templates }, () => run.out.line(table(templates.map((one) => [one.name, String(one.settings.length), one.from]))));
  }));
  template.command('save').argument('<template>').option('--from <name>').option('--file <path>')
    .action(start(async (run, name: string, options: { from?: string; file?: string }) => {
      const saved = options.file === undefined ? await saveFrom(run, name, options.from) : await saveFile(run, name, options.file);
      run.out.result({ ok: true, template: saved }, () => run.out.line(run.out.t('parameters.terminal.saved', { name, count: saved.settings.length })));
    }));
  template.command('apply').argument('<template>').argument('<name>').option('--restart').option('--accept-warnings').option('--dry-run')
    .action(start(async (run, template_: string, name: string, options: ChangeOptions) => {
      const { settings } = await templateNamed(run, template_);
      const { parameters } = await run.call('parameters.list', { instanceId: run.instance(name).id });
      const changes = changesOf(settings, parameters, options.restart === true ? 'restart' : 'lasting');
      if (changes.length === 0) {
        run.out.result({ ok: true, changes: [] }, () => run.out.line(run.out.t('parameters.nothing')));
        return exitCodes.done;
      }
      return carryOut(run, await run.call('parameters.plan', { instanceId: run.instance(name).id, changes }), options);
    }));
  template.command('export').argument('<template>').option('--out <path>').action(start(async (run, name: string, options: { out?: string }) => {
    const text = await run.call('parameters.exportTemplate', { id: (await templateNamed(run, name)).id });
    if (options.out !== undefined) await placeText(options.out, text);
    run.out.result({ ok: true, file: options.out ?? null, text }, () => { if (options.out === undefined) run.out.line(text.trimEnd()); });
  }));
  template.command('remove').argument('<template>').action(start(async (run, name: string) => {
    await run.call('parameters.removeTemplate', { id: (await templateNamed(run, name)).id });
    run.out.result({ ok: true, removed: name }, () => run.out.line(run.out.t('parameters.terminal.removed', { name })));
  }));
}

function saveFrom(run: Run, name: string, from: string | undefined) {
  if (from === undefined) throw failure('invalid-input', { field: '--from | --file', reason: name });
  return run.call('parameters.saveTemplateOf', { name, instanceId: run.instance(from).id });
}

async function saveFile(run: Run, name: string, path: string) {
  const text = (await givenFile('--file', path)).toString('utf8');
  const { options, skipped } = await run.call('parameters.readFile', { text });
  for (const one of skipped) run.out.progress(run.out.t('parameters.terminal.skipped', one));
  return run.call('parameters.saveTemplate', { name, settings: options, from: path.slice(-256) });
}

async function templateNamed(run: Run, name: string) {
  const found = (await run.call('parameters.templates', undefined)).find((one) => one.name === name);
  if (found === undefined) throw failure('not-found', { kind: 'template', name });
  return found;
}
