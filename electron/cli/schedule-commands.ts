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
}

/** `schedule add|list|remove` beneath a command whose work is done on schedules. */
export function scheduleCommands(parent: Command, kind: ScheduleKind, start: Start): void {
  const schedule = parent.command('schedule');
  schedule.command('add').argument('<source>').argument('<standby>')
    .option('--hourly').option('--daily <HH:MM>', '', dayTime).option('--weekly <DAY HH:MM...>').option('--cron <pattern>')
    .option('--time-zone <zone>').option('--catch-up')
    .action(start((run, source: string, standby: string, options: WhenOptions) => add(run, kind, source, standby, options)));
  schedule.command('list').action(start((run) => list(run, kind)));
  // A command above that knows `--confirm` too takes it to itself.
  schedule.command('remove').argument('<id>').option('--confirm <id>')
    .action(start((run, id: string, _options: object, command: Command) => remove(run, kind, id, command.optsWithGlobals<{ confirm?: string }>().confirm)));
}

function dayTime(text: string): string {
  if (timeOfDay(text) === null) throw new InvalidArgumentError('HH:MM');
  return text;
}

async function add(run: Run, kind: ScheduleKind, source: string, standby: string, options: WhenOptions): Promise<void> {
  const { t, result, line } = run.out;
  const [sourceId, standbyId] = [run.instance(source).id, run.instance(standby).id];
  const link = run.engine.sync.forStandby(standbyId);
  if (link === null || link.spec.sourceId !== sourceId) {
    throw failure('invalid-input', { field: 'standby', reason: t('schedules.terminal.no-link', { source, standby }) });
  }
  const { timeZone = localTime, catchUp = false } = options;
  const order = { kind, subject: link.id, pattern: patternGiven(run, options), timeZone, enabled: true, catchUp };
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

async function list(run: Run, kind: ScheduleKind): Promise<void> {
  const schedules = (await run.call('schedules.list', undefined)).filter((one) => one.kind === kind);
  const { t, line, result } = run.out;
  result({ ok: true, schedules }, () => {
    if (schedules.length === 0) line(t('schedules.terminal.none'));
    for (const one of schedules) printSchedule(run, one);
  });
}

function printSchedule(run: Run, schedule: ScheduleView): void {
  const { t, line } = run.out;
  const { id, name, zone, nextRunAt, rests, lastOutcome, missed } = schedule;
  line(`${id}  ${name}`);
  const last = `${lastOutcome === null ? '' : `${momentOf(run, lastOutcome.at, zone)}  `}${t.message(outcomeText(schedule))}`;
  line(table([
    ['', t('schedules.when'), whenText(run, schedule)],
    ['', t('schedules.next'), nextRunAt === null ? t(rests ? 'schedules.next.rests' : 'schedules.next.off') : momentOf(run, nextRunAt, zone)],
    ['', t('schedules.last'), last],
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
