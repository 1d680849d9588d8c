import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { patternFault, patternFaultText } from '../../shared/domain/schedules/pattern';
import { patternOf, presetText, timeOfDay, weekdays, type Preset } from '../../shared/domain/schedules/preset';
import { localTime, type ScheduleKind, type ScheduleView } from '../../shared/domain/schedules/schedule';
import { outcomeText } from '../../shared/domain/schedules/told';
import { failure } from '../../shared/errors/codes';
import { formatMoment } from '../../shared/i18n/moment';
import { errorText, table } from './output';
import type { Run, Start } from './run';

interface WhenOptions {
  hourly?: boolean;
  daily?: string;
  weekly?: readonly string[];
  cron?: string;
  timeZone?: string;
  catchUp?: boolean;
  rate?: number;
}

/** More of a schedule than when it runs: for programs, and for people. */
interface More {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly rows: readonly (readonly [name: string, value: string])[];
}

/** How one kind of work is scheduled. */
interface Scheduled {
  readonly kind: ScheduleKind;
  /** The arguments of `add`: what the work is done to. */
  readonly names: readonly string[];
  /** What is ordered beside when it runs. */
  readonly options?: (add: Command) => Command;
  /** The subject that is meant by the arguments. */
  readonly subject: (run: Run, names: readonly string[]) => string;
  /** Carries the options out before the schedule is saved; all that is ordered is in form. */
  readonly prepare?: (run: Run, subject: string, add: Command) => Promise<void>;
  readonly more?: (run: Run, schedule: ScheduleView) => Promise<More>;
}

/** `schedule add|list|remove` beneath a command whose work is done on schedules. */
export function scheduleCommands(parent: Command, scheduled: Scheduled, start: Start): void {
  const { kind, names, options = (command: Command) => command } = scheduled;
  const schedule = parent.command('schedule');
  const given = names.reduce((command, name) => command.argument(name), schedule.command('add'));
  const when = given.option('--hourly').option('--daily <HH:MM>', '', dayTime).option('--weekly <DAY HH:MM...>').option('--cron <pattern>')
    .option('--time-zone <zone>').option('--catch-up');
  const command = options(when);
  command.action(start((run) => add(run, scheduled, command)));
  schedule.command('list').action(start((run) => list(run, scheduled)));
  // A command above that knows `--confirm` too takes it to itself.
  schedule.command('remove').argument('<id>').option('--confirm <id>')
    .action(start((run, id: string, _options: object, command: Command) => remove(run, kind, id, command.optsWithGlobals<{ confirm?: string }>().confirm)));
}

function dayTime(text: string): string {
  if (timeOfDay(text) === null) throw new InvalidArgumentError('HH:MM');
  return text;
}

async function add(run: Run, { kind, subject: subjectOf, prepare }: Scheduled, command: Command): Promise<void> {
  const { t, result, line } = run.out;
  const subject = subjectOf(run, command.args);
  // As `--confirm`: a command above that knows `--rate` too takes it to itself.
  const options = command.optsWithGlobals<WhenOptions>();
  const { timeZone = localTime, catchUp = false, rate } = options;
  const pattern = patternGiven(run, options);
  const order = { kind, subject, pattern, timeZone, enabled: true, catchUp, ...(rate === undefined ? {} : { rowsPerSecond: rate }) };
  await prepare?.(run, subject, command);
  const saved = await run.call('schedules.save', { id: null, ...order });
  const said = { name: saved.name, when: whenText(run, saved), next: momentOf(run, saved.nextRunAt, saved.zone) };
  result({ ok: true, schedule: saved }, () => line(t('schedules.terminal.saved', said)));
}

/** The pattern of exactly one way to say when. */
function patternGiven(run: Run, { hourly, daily, weekly, cron }: WhenOptions): string {
  const { t } = run.out;
  const presets: readonly (Preset | null)[] = [
    hourly === true ? { kind: 'hourly', minute: 0 } : null,
    daily === undefined ? null : { kind: 'daily', time: daily },
    weekly === undefined ? null : weeklyGiven(weekly),
    cron === undefined ? null : { kind: 'cron', pattern: cron },
  ];
  const [preset, second] = presets.filter((one) => one !== null);
  if (preset === undefined || second !== undefined) throw failure('invalid-input', { field: 'schedule', reason: t('schedules.terminal.which') });
  const pattern = patternOf(preset);
  if (pattern === null) throw failure('invalid-input', { field: preset.kind, reason: t('schedules.fault.time') });
  const fault = patternFault(pattern);
  if (fault !== null) throw failure('invalid-input', { field: preset.kind, reason: t.message(patternFaultText(fault)) });
  return pattern;
}

/** `mon 03:00`, in one word or two. */
function weeklyGiven(words: readonly string[]): Preset {
  const [word = '', time = '', more] = words.join(' ').trim().split(/\s+/u);
  const day = weekdays.find((one) => word.length >= 3 && one === word.toLowerCase().slice(0, 3));
  if (day === undefined || more !== undefined) throw failure('invalid-input', { field: 'weekly', reason: `${weekdays.join(' | ')} HH:MM` });
  return { kind: 'weekly', day, time };
}

async function list(run: Run, { kind, more }: Scheduled): Promise<void> {
  const found = (await run.call('schedules.list', undefined)).filter((one) => one.kind === kind);
  const told = await Promise.all(found.map(async (schedule) => ({ schedule, ...(await more?.(run, schedule) ?? { fields: {}, rows: [] }) })));
  const { t, line, result } = run.out;
  result({ ok: true, schedules: told.map(({ schedule, fields }) => ({ ...schedule, ...fields })) }, () => {
    if (told.length === 0) line(t('schedules.terminal.none'));
    for (const { schedule, rows } of told) printSchedule(run, schedule, rows);
  });
}

function printSchedule(run: Run, schedule: ScheduleView, rows: More['rows']): void {
  const { t, line } = run.out;
  const { id, name, zone, nextRunAt, rests, lastOutcome, missed } = schedule;
  line(`${id}  ${name}`);
  const last = `${lastOutcome === null ? '' : `${momentOf(run, lastOutcome.at, zone)}  `}${t.message(outcomeText(schedule))}`;
  line(table([
    ['', t('schedules.when'), whenText(run, schedule)],
    ['', t('schedules.next'), nextRunAt === null ? t(rests ? 'schedules.next.rests' : 'schedules.next.off') : momentOf(run, nextRunAt, zone)],
    ['', t('schedules.last'), last],
    ...rows.map(([what, value]) => ['', what, value]),
    ...(missed === null ? [] : [['', t('schedules.missed'), t('schedules.missed.value', { count: missed.count, since: momentOf(run, missed.since, zone) })]]),
  ]));
  if (lastOutcome?.kind === 'refused') line(`    ${errorText(t, lastOutcome.error)}`);
}

async function remove(run: Run, kind: ScheduleKind, id: string, confirm: string | undefined): Promise<void> {
  if (confirm !== id) throw failure('confirm-mismatch', { expected: id });
  const found = (await run.call('schedules.list', undefined)).find((one) => one.id === id && one.kind === kind);
  if (found === undefined) throw failure('not-found', { kind: 'schedule', name: id });
  await run.call('schedules.remove', { id });
  run.out.result({ ok: true, removed: id }, () => run.out.line(run.out.t('schedules.terminal.removed', { name: found.name })));
}

function whenText({ out: { t } }: Run, { pattern, zone }: ScheduleView): string {
  return t('schedules.when.zoned', { when: t.message(presetText(pattern)), zone });
}

/** In the zone of the schedule, which is the one it was ordered in. */
function momentOf({ out: { t } }: Run, at: number | null, zone: string): string {
  return at === null ? '–' : formatMoment(t.language, zone, at);
}
