import type { Command } from 'commander';
import { appliable, type LossClass } from '../../shared/domain/promotion/dossier/classes';
import type { Dossier, DossierOutcome, RefusalWhy } from '../../shared/domain/promotion/dossier/dossier';
import { caveats, dossierFormats, type DossierFormat } from '../../shared/domain/promotion/dossier/export';
import { failure } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import { choice } from './arguments';
import { exitCodes, type ExitCode } from './exit-codes';
import { table } from './output';
import type { Run, Start } from './run';

interface DossierOptions {
  format?: DossierFormat;
  out?: string;
  apply?: string;
  confirm?: string;
  dryRun?: boolean;
}

/** Rows whose statements a dry run prints at a time. */
const page = 500;

/** `dossier`: what an old primary holds and its successor lacks; shown, exported, or applied. */
export function dossierCommand(program: Command, start: Start): void {
  program.command('dossier').argument('<old-primary>')
    .option('--format <format>', '', choice(dossierFormats)).option('--out <file>')
    .option('--apply <classes>').option('--confirm <new-primary>').option('--dry-run')
    .action(start(dossier));
}

async function dossier(run: Run, name: string, options: DossierOptions): Promise<ExitCode> {
  const classes = options.apply === undefined ? null : classesOf(options.apply);
  const found = await run.engine.dossiers.read(run.instance(name).id, run.signal);
  if (classes !== null) return options.dryRun === true ? dryRun(run, found, classes) : apply(run, found, classes, options.confirm);
  const { out } = options;
  // A file does not say it in every form.
  if (options.format !== undefined || out !== undefined) for (const one of caveats(found)) run.out.progress(`! ${run.out.t.message(one)}`);
  // A file says by its name what it is to be.
  const format = options.format ?? dossierFormats.find((one) => out?.toLowerCase().endsWith(`.${one}`) === true);
  if (format === undefined && out === undefined) {
    run.out.result({ ok: true, dossier: found }, () => print(run, found));
    return exitCodes.done;
  }
  const what = { format: format ?? 'md', language: run.out.t.language, filter: {} } as const;
  if (out !== undefined) {
    await run.engine.dossiers.exportTo(found.id, what, out);
    run.out.result({ ok: true, dossier: found, file: out }, () => run.out.line(out));
    return exitCodes.done;
  }
  const texts = run.engine.dossiers.exported(found.id, what);
  if (!run.out.json) for await (const text of texts) process.stdout.write(text);
  else {
    const all: string[] = [];
    for await (const text of texts) all.push(text);
    run.out.result({ ok: true, dossier: found, format: what.format, text: all.join('') }, () => undefined);
  }
  return exitCodes.done;
}

function classesOf(text: string): readonly LossClass[] {
  return text.split(',').map((word) => {
    const known = appliable.find((one) => one === word.trim());
    if (known === undefined) throw failure('invalid-input', { field: '--apply', reason: `${word} (${appliable.join(', ')})` });
    return known;
  });
}

async function dryRun(run: Run, found: Dossier, classes: readonly LossClass[]): Promise<ExitCode> {
  const statements: { readonly server: string; readonly sql: string; readonly refused: RefusalWhy | null }[] = [];
  for (const lossClass of appliable.filter((one) => classes.includes(one))) {
    const ofClass: (typeof statements[number] & { readonly order: number })[] = [];
    for (let offset = 0; ; offset += page) {
      const { entries } = await run.call('dossier.rows', { id: found.id, filter: { class: lossClass }, offset, limit: page });
      if (entries.length === 0) break;
      const orders = new Map(entries.filter((entry) => entry.default !== 'nothing').map(({ id, order }) => [id, order]));
      const made = orders.size === 0 ? [] : await run.call('dossier.statements', { id: found.id, rows: [...orders.keys()] });
      for (const { id, sql, why } of made) if (sql !== null) ofClass.push({ server: found.newName, sql, refused: why, order: orders.get(id) ?? 0 });
    }
    // As they are applied: in the order in which they happened.
    statements.push(...ofClass.sort((one, other) => one.order - other.order).map(({ order: _order, ...statement }) => statement));
  }
  run.out.result({ ok: true, dryRun: true, dossier: found, statements }, () => {
    for (const { sql, refused } of statements) {
      run.out.line(refused === null ? `${found.newName}> ${sql}` : `-- ${run.out.t(`dossier.refused.${refused}`, { class: '' })}: ${sql.replaceAll(/[\r\n\u2028\u2029]+/g, ' ')}`);
    }
  });
  return exitCodes.done;
}

async function apply(run: Run, found: Dossier, classes: readonly LossClass[], confirm: string | undefined): Promise<ExitCode> {
  if (confirm === undefined) throw failure('confirm-missing', { expected: found.newName });
  const outcome = await run.call('dossier.apply', { id: found.id, classes: [...classes], phrase: confirm });
  const isWhole = outcome.classes.every(({ refused }) => refused.length === 0);
  run.out.result({ ok: isWhole, dossier: found, applied: outcome.classes }, () => printOutcome(run, outcome));
  return isWhole ? exitCodes.done : exitCodes.failed;
}

function printOutcome({ out }: Run, { classes }: DossierOutcome): void {
  for (const { class: lossClass, applied, refused, undoFile } of classes) {
    out.line(out.t('dossier.applied', { class: out.t(`dossier.class.${lossClass}`), n: applied, refused: refused.length }));
    for (const { title, why, class: is } of refused) {
      out.line(`  ${JSON.stringify(title)}: ${out.t(`dossier.refused.${why}`, { class: out.t(`dossier.class.${is}`) })}`);
    }
    if (undoFile !== null) out.line(out.t('dossier.undo-file', { path: undoFile }));
  }
}

function print({ out }: Run, found: Dossier): void {
  const { t } = out;
  const { transactions: counts } = found;
  for (const one of caveats(found)) out.line(t.message(one));
  if (counts.total === 0) {
    out.line(t('dossier.none', { old: found.oldName, new: found.newName }));
    return;
  }
  out.line(t('dossier.summary', { old: found.oldName, new: found.newName, n: counts.total, rows: found.rows, unreadable: counts.unreadable }));
  out.line(t('dossier.sums', { read: counts.read, empty: counts.empty, server: counts.byServer, ours: counts.byUs, unreadable: counts.unreadable }));
  out.line(found.set);
  const lines = found.counts.map((count) => [
    count.table === '' ? '' : `${count.database}.${count.table}`, t.message(message(`dossier.class.${count.class}`)), String(count.entries),
    t.message(message(`dossier.default.${count.default}`)),
  ]);
  if (lines.length > 0) out.line(table(lines));
  if (found.cascading.length > 0) out.line(t('dossier.cascading', { tables: found.cascading.join(', ') }));
}
