import type { Command } from 'commander';
import type { LabStatus } from '../../shared/domain/settings';
import { choice, wholeNumber } from './arguments';
import { table } from './output';
import type { Run, Start } from './run';

/** `lab`: MySQL servers on this machine to practise with. */
export function labCommands(program: Command, start: Start): void {
  const lab = program.command('lab');
  lab.command('up')
    .option('--servers <n>', '', wholeNumber(1, 6), 3)
    .option('--mysql <series>', '', choice(['9.7', '8.4', '8.0', '5.7', '5.6']))
    .option('--no-sample')
    .action(start(async (run, options: { servers: number; mysql?: string; sample: boolean }) => {
      run.out.progress(run.out.t('terminal.labStarting', { count: options.servers }));
      const series = options.mysql === undefined ? {} : { series: options.mysql };
      print(run, await run.engine.lab.up({ servers: options.servers, runtimeId: null, sample: options.sample, ...series }));
    }));
  lab.command('status').action(start(async (run) => print(run, await run.call('lab.status', undefined))));
  lab.command('down').action(start(async (run) => print(run, await run.call('lab.down', undefined))));
  for (const act of ['start', 'stop', 'lose'] as const) {
    lab.command(`${act} <name>`).action(start(async (run, name: string) => print(run, await run.call(`lab.${act}`, { name }))));
  }
  lab.command('remove').action(start(async (run) => print(run, await run.call('lab.remove', undefined))));
}

function print(run: Run, status: LabStatus): void {
  const { t } = run.out;
  run.out.result({ ok: true, ...status }, () => {
    if (status.servers.length === 0) run.out.line(t('terminal.labEmpty'));
    else run.out.line(table(status.servers.map((server) => [
      server.name, server.region, `127.0.0.1:${server.port}`, server.version, server.running ? t('terminal.running') : t('terminal.stopped'),
    ])));
  });
}
