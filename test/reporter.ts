// One line for each test file while it runs; what failed is kept for the end, with the command that runs it alone. `npm test` gathers
// the reports of its runs and prints them in one; a run of vitest by itself prints its own.
import { Console } from 'node:console';
import { writeFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';
import { commandAlone } from '../scripts/lib/test/arguments.mjs';
import { readTitle } from '../scripts/lib/test/matrix.mjs';
import { counted, fileLine, summary, type Cell, type Failure, type RunReport, type TestFile } from '../scripts/lib/test/summary.mjs';
import { crossings, isAvailable, matrix } from './fixtures/matrix';
import { MEASURED } from './fixtures/measured';
import { everySeries } from './fixtures/series';

/** Where `npm test` wants the report; without it this run stands for itself. */
const reportFile = process.env['ANTIPODE_TEST_REPORT'];

/** One of the later turns of a run of everything: of its files those that failed are shown, and one line for all. */
const isBrief = process.env['ANTIPODE_TEST_BRIEF'] === '1';

/** Lines of a file's console output that are shown although its tests passed, and in the whole run. */
const CONSOLE_LINES_PER_FILE = 6;
const CONSOLE_LINES = 60;
const CONSOLE_LINES_OF_A_FAILURE = 200;

/** What crosses two series, by the pairs as the titles of the tests have them. */
const pairs = Object.fromEntries(Object.entries(crossings).map(([suite, all]) => [suite, all.map((pair) => pair.join('→'))]));

type Entity = TestCase | TestSuite | TestModule;

const isNamed = (entity: Entity): entity is TestCase | TestSuite => entity.type !== 'module';

/** Its own name after those of the groups it is in. */
function path(entity: Entity): string[] {
  return isNamed(entity) ? [...path(entity.parent), entity.name] : [];
}

function outermost(test: TestCase): TestSuite | undefined {
  let found: TestSuite | undefined;
  for (let { parent } = test; parent.type === 'suite'; { parent } = parent) found = parent;
  return found;
}

function shortened(lines: readonly string[], limit: number): string[] {
  return lines.length <= limit ? [...lines] : [...lines.slice(0, limit), `… ${lines.length - limit} more lines`];
}

export default class QuietReporter implements Reporter {
  private vitest: Vitest | undefined;
  private readonly spans = new Map<string, { from: number; to: number }>();
  private readonly console = new Map<string, string[]>();
  private consoleLines = CONSOLE_LINES;
  private readonly files: TestFile[] = [];
  private readonly failures: Failure[] = [];
  private readonly cells = new Map<string, Cell>();
  private readonly left = new Set<string>();
  private readonly measured: { title: string; text: string }[] = [];

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestModuleQueued(module: TestModule): void {
    const part = module.project.name;
    if (!this.spans.has(part)) this.spans.set(part, { from: performance.now(), to: performance.now() });
  }

  onUserConsoleLog(log: { readonly content: string; readonly taskId?: string }): void {
    const task = log.taskId === undefined ? undefined : this.vitest?.state.idMap.get(log.taskId);
    const file = task === undefined ? '' : this.inCheckout(task.file.filepath);
    const [first = '', ...rest] = stripVTControlCharacters(log.content).trimEnd().split('\n');
    if (first === MEASURED) {
      this.measured.push({ title: file, text: rest.join('\n') });
      return;
    }
    const lines = [first, ...rest];
    this.console.set(file, [...(this.console.get(file) ?? []), ...lines]);
  }

  onTestModuleEnd(module: TestModule): void {
    const file = this.inCheckout(module.moduleId);
    const span = this.spans.get(module.project.name);
    if (span !== undefined) span.to = performance.now();
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const test of module.children.allTests()) this.takeTest(file, test, counts);
    const broken = [module, ...module.children.allSuites()].filter((entity) => entity.errors().length > 0);
    for (const entity of broken) {
      counts.failed += 1;
      this.fail(file, entity, entity.errors());
    }
    const { environmentSetupDuration, setupDuration, collectDuration, duration } = module.diagnostic();
    const seconds = (environmentSetupDuration + setupDuration + collectDuration + duration) / 1000;
    const found = { file, part: module.project.name, ...counts, seconds };
    // Nothing in it was asked for.
    if (counts.passed + counts.failed + counts.skipped === 0) return;
    this.files.push(found);
    if (isBrief && counts.failed === 0) return;
    this.say(fileLine(found));
    if (counts.failed > 0) for (const { title } of this.failures.filter((one) => one.title.startsWith(file))) this.say(`    ✗ ${title}`);
    this.showConsole(file);
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const error of unhandled) {
      const [first = ''] = stripVTControlCharacters(error.message).split('\n');
      const during: unknown = error['VITEST_TEST_PATH'];
      this.failures.push({
        title: `an error outside of any test: ${first}`,
        text: this.printed(error),
        ...(typeof during === 'string' ? { alone: commandAlone(this.inCheckout(during)) } : {}),
      });
    }
    const report: RunReport = {
      files: this.files,
      seconds: Object.fromEntries([...this.spans].map(([part, { from, to }]) => [part, (to - from) / 1000])),
      cells: [...this.cells.values()],
      matrix: { suites: { ...matrix, ...pairs }, series: everySeries, missing: everySeries.filter((series) => !isAvailable(series)) },
      failures: this.failures,
      measured: this.measured,
      left: [...this.left],
    };
    if (isBrief) this.sayAll();
    if (reportFile !== undefined) writeFileSync(reportFile, JSON.stringify(report));
    else this.say(this.ownSummary(report));
  }

  private sayAll(): void {
    const sum = (what: 'passed' | 'failed' | 'skipped'): number => this.files.reduce((total, file) => total + file[what], 0);
    const seconds = Math.max(0, ...[...this.spans.values()].map(({ from, to }) => (to - from) / 1000));
    this.say(fileLine({ file: counted(this.files.length, 'file'), part: '', passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped'), seconds }));
  }

  private ownSummary(report: RunReport): string {
    const parts = Object.entries(report.seconds).map(([name, seconds]) => ({ name, seconds }));
    return summary({ parts, reports: [report], checksPassed: 0, failures: [], unavailable: [], whole: false, seed: null, time: null }).lines.join('\n');
  }

  private takeTest(file: string, test: TestCase, counts: { passed: number; failed: number; skipped: number }): void {
    const result = test.result();
    if (result.state === 'pending' || (result.state === 'skipped' && !this.isAskedFor(test))) return;
    counts[result.state] += 1;
    // A suite of a later series that was not begun, as the time was up.
    const group = outermost(test);
    if (isBrief && result.state === 'skipped' && group?.options.mode === 'skip') this.left.add(group.name);
    if (result.state === 'failed') this.fail(file, test, result.errors);
    const place = readTitle(group?.name ?? '');
    if (place === undefined || result.state === 'skipped') return;
    const key = `${place.suite}\n${place.series}`;
    const cell = this.cells.get(key) ?? { ...place, passed: 0, failed: 0 };
    cell[result.state] += 1;
    this.cells.set(key, cell);
  }

  /** A run is restricted to names with `-t`: whatever else is in a file was not left out. */
  private isAskedFor(test: TestCase): boolean {
    const pattern = this.vitest?.config.testNamePattern;
    return pattern === undefined || pattern.test(path(test).join(' '));
  }

  private fail(file: string, entity: Entity, errors: readonly SerializedError[]): void {
    const names = path(entity);
    const what = entity.type === 'test' ? '' : entity.type === 'suite' ? ' (its hooks)' : ' (the file as a whole)';
    const console = shortened(this.console.get(file) ?? [], CONSOLE_LINES_OF_A_FAILURE);
    this.failures.push({
      title: `${[file, ...names].join(' › ')}${what}`,
      text: [...errors.map((error) => this.printed(error, entity)), ...(console.length > 0 ? ['The file wrote to the console:', ...console] : [])].join('\n'),
      alone: commandAlone(file, entity.type === 'test' ? names.join(' ') : undefined),
    });
  }

  /** An error as vitest itself shows it: message, difference, place in the source, causes. */
  private printed(error: SerializedError, entity?: Entity): string {
    const { vitest } = this;
    if (vitest === undefined) return error.message ?? '';
    let text = '';
    const stream = new Writable({ write: (chunk, _encoding, done) => { text += String(chunk); done(); } });
    const { logger } = vitest;
    const own = logger.console;
    // The pieces of source beside an error are cut to it; a pipe has none.
    process.stdout.columns ??= 160;
    logger.console = new Console({ stdout: stream, stderr: stream, colorMode: false });
    try {
      logger.printError(error, entity === undefined ? { fullStack: true } : { project: entity.project });
    } finally {
      logger.console = own;
    }
    return stripVTControlCharacters(text).trimEnd();
  }

  /** What a passing file wrote, cut short: the rest is shown where something fails. */
  private showConsole(file: string): void {
    const lines = this.console.get(file) ?? [];
    const shown = shortened(lines, Math.min(CONSOLE_LINES_PER_FILE, this.consoleLines));
    this.consoleLines = Math.max(0, this.consoleLines - shown.length);
    for (const line of shown) this.say(`      | ${line}`);
    this.console.delete(file);
  }

  private inCheckout(file: string): string {
    return relative(this.vitest?.config.root ?? '', file).split(sep).join('/');
  }

  private say(line: string): void {
    process.stdout.write(`${line}\n`);
  }
}
