import type { Command } from 'commander';
import { fenceOf, roleMessage, standingOf } from '../../shared/domain/analysis/standing';
import { standingText } from '../../shared/domain/analysis/standing-text';
import { failure } from '../../shared/errors/codes';
import { syncOfStandby } from '../../shared/domain/sync/sync';
import type { InstanceView } from '../../shared/domain/fleet/view';
import { formatEndpoint, replicationEndpoint, tlsModes, type InstanceForm } from '../../shared/domain/fleet/instance';
import type { Lag } from '../../shared/domain/fleet/lag';
import type { TlsMode } from '../../shared/domain/fleet/instance';
import { placeText } from '../storage/placed-file';
import type { Run, Start } from './run';
import { fleetLine, incidentLines, instanceTable, linkLine, protectionLine, standingClock, standingLine, type FleetText } from './fleet-text';
import { attentionLines, atWorkText, problemText } from './texts';
import { table } from './output';
import { givenFile } from './given-file';
import { onePassword } from './passwords';
import { choice, portNumber } from './arguments';

interface InstanceOptions {
  region: string;
  host: string;
  port: number;
  user: string;
  passwordStdin?: boolean;
  passwordEnv?: string;
  project?: string;
  replicationHost?: string;
  replicationPort?: number;
  connectsFrom?: string;
  tls: TlsMode;
  ca?: string;
  owner?: string;
  hourlyCost?: string;
  note?: string;
}

/** `region`, `instance`, `topology`, `status`; returns `instance` for what is added to it. */
export function fleetCommands(program: Command, start: Start): Command {
  const region = program.command('region');
  region.command('add').argument('<name>').action(start(async (run, name: string) => {
    const added = await run.call('fleet.addRegion', { name });
    run.out.result({ ok: true, region: added }, () => run.out.line(added.name));
  }));
  region.command('list').action(start(async (run) => {
    const { regions, instances } = run.engine.fleet.snapshot();
    const list = regions.map((one) => ({ ...one, instances: instances.filter((view) => view.instance.regionId === one.id).length }));
    run.out.result({ ok: true, regions: list }, () => run.out.line(table(list.map((one) => [one.name, String(one.instances)]))));
  }));

  const instance = program.command('instance');
  instance.command('add').argument('<name>')
    .requiredOption('--region <region>').requiredOption('--host <host>').option('--port <port>', '', portNumber, 3306).requiredOption('--user <user>')
    .option('--password-stdin').option('--password-env <variable>').option('--project <project>')
    .option('--replication-host <host>').option('--replication-port <port>', '', portNumber).option('--connects-from <host>')
    .option('--tls <mode>', '', choice(tlsModes), 'verify').option('--ca <file>')
    .option('--owner <owner>').option('--hourly-cost <cost>').option('--note <text>')
    .action(start(addInstance));
  instance.command('password').argument('<name>').option('--password-stdin').option('--password-env <variable>').action(start(givePassword));
  instance.command('list').action(start(async (run) => {
    const views = await refreshAll(run);
    run.out.result({ ok: true, instances: views.map((view) => summary(run, view)) }, () => {
      const text = fleetText(run);
      run.out.line(instanceTable(text, views));
      if (views.length > 0) run.out.line(fleetLine(text));
    });
  }));
  instance.command('show').argument('<name>').action(start(async (run, name: string) => {
    const view = await refreshWithSource(run, name);
    run.out.result({ ok: true, ...summary(run, view), view }, () => printInstance(run, view));
  }));
  instance.command('remove').argument('<name>').requiredOption('--confirm <name>').option('--dissolve')
    .action(start(async (run, name: string, options: { confirm: string; dissolve?: boolean }) => {
      const { id } = run.instance(name);
      await run.call('fleet.removeInstance', { id, phrase: options.confirm, dissolve: options.dissolve === true });
      run.out.result({ ok: true, removed: name }, () => run.out.line(run.out.t('terminal.removed', { name })));
    }));

  const inventory = program.command('inventory');
  inventory.command('export').argument('<file>').action(start(async (run, file: string) => {
    await placeText(file, await run.call('fleet.exportInventory', undefined));
    run.out.result({ ok: true, file }, () => run.out.line(file));
  }));
  inventory.command('import').argument('<file>').option('--dry-run').action(start(async (run, file: string, options: { dryRun?: boolean }) => {
    const result = await run.call('fleet.importInventory', { text: (await givenFile('file', file)).toString('utf8'), dryRun: options.dryRun === true });
    run.out.result({ ok: true, ...result }, () => {
      for (const name of result.added) run.out.line(options.dryRun === true ? `+ ${name}` : importedLine(run, name));
      for (const { name, reason } of result.skipped) run.out.line(`- ${name}: ${reason}`);
    });
  }));
  viewCommands(program, start);
  return instance;
}

/** `topology` and `status`. */
function viewCommands(program: Command, start: Start): void {
  program.command('topology').action(start(async (run) => {
    const views = await refreshAll(run);
    const { topology, regions } = run.engine.fleet.snapshot();
    const nodes = views.map((view) => summary(run, view));
    run.out.result(
      {
        ok: true, regions: regions.map((one) => one.name), nodes,
        links: topology.links.map((link) => ({ ...link, source: nameOf(run, link.sourceId), replica: nameOf(run, link.replicaId) })),
        unregistered: topology.unregistered,
      },
      () => {
        const text = fleetText(run);
        run.out.line(instanceTable(text, views));
        for (const line of incidentLines(text)) run.out.line(line);
        const byId = new Map(text.instances.map((view) => [view.instance.id, view]));
        for (const link of topology.links) {
          const source = nameOf(run, link.sourceId) ?? formatEndpoint({ host: link.sourceHost, port: link.sourcePort });
          const replica = byId.get(link.replicaId);
          run.out.line(`${source} → ${replica?.instance.name ?? '?'}  ${link.state}  ${replica === undefined ? '' : linkLine(text, replica, link.lag)}`);
        }
      },
    );
  }));

  program.command('status').argument('<name>').action(start(async (run, name: string) => {
    const view = await refreshWithSource(run, name);
    const { out } = run;
    out.result({ ok: true, ...summary(run, view) }, () => {
      const text = fleetText(run);
      const region = run.engine.fleet.regionName(view.instance.regionId);
      out.line(`${view.instance.name}  ${out.t.message(roleMessage(view, text.clock))}  ${region}  ${standingLine(text, view)}`);
      if (view.lag !== null) out.line(linkLine(text, view, view.lag));
      const protection = protectionLine(text, view);
      if (protection !== null) out.line(protection);
      for (const line of incidentLines(text, view.instance.id)) out.line(line);
      for (const line of attentionLines(run.out.t, view)) out.line(line);
      for (const holder of view.othersAtWork) out.line(atWorkText(out.t, holder));
      for (const problem of view.problems) out.line(problemText(out.t, problem));
    });
  }));
}

async function addInstance(run: Run, name: string, options: InstanceOptions): Promise<void> {
  const snapshot = run.engine.fleet.snapshot();
  const password = await onePassword(options);
  const ca = options.ca === undefined ? null : (await givenFile('--ca', options.ca)).toString('utf8');
  const weak = tlsWarning(run, options.tls);
  if (weak !== null) run.out.progress(weak);
  // A region or project that is new is created with its first instance.
  const regionId = (snapshot.regions.find((one) => one.name === options.region) ?? (await run.call('fleet.addRegion', { name: options.region }))).id;
  const projectId = options.project === undefined ? null
    : (snapshot.projects.find((one) => one.name === options.project) ?? (await run.call('fleet.addProject', { name: options.project }))).id;
  const replication = options.replicationHost === undefined && options.replicationPort === undefined ? null
    : { host: options.replicationHost ?? options.host, port: options.replicationPort ?? options.port };
  const form: InstanceForm = {
    name, regionId, projectId, replication, connectsFrom: options.connectsFrom,
    admin: { host: options.host, port: options.port },
    user: options.user,
    tls: { mode: options.tls, ca },
    note: { owner: options.owner ?? '', hourlyCost: options.hourlyCost ?? '', text: options.note ?? '' },
  };
  try {
    const view = await run.call('fleet.addInstance', { form, password });
    run.out.result({ ok: true, ...summary(run, view), warnings: weak === null ? [] : [weak] }, () => run.out.line(run.out.t('terminal.added', { name })));
  } catch (thrown) {
    // A region made for an instance that was refused is not left behind.
    if (!snapshot.regions.some((one) => one.id === regionId)) await run.call('fleet.removeRegion', { id: regionId });
    if (projectId !== null && !snapshot.projects.some((one) => one.id === projectId)) await run.call('fleet.removeProject', { id: projectId });
    throw thrown;
  }
}

/** Gives the password of an instance anew, for where it is registered: after its address or encryption has changed, or where none is kept. */
async function givePassword(run: Run, name: string, options: { passwordStdin?: boolean; passwordEnv?: string }): Promise<void> {
  const { id, tls } = run.instance(name);
  const password = await onePassword(options);
  const weak = tlsWarning(run, tls.mode);
  if (weak !== null) run.out.progress(weak);
  await run.call('fleet.setPassword', { id, password });
  run.out.result({ ok: true, name, warnings: weak === null ? [] : [weak] }, () => run.out.line(run.out.t('terminal.passwordKept', { name })));
}

function importedLine(run: Run, name: string): string {
  const weak = tlsWarning(run, run.instance(name).tls.mode);
  return weak === null ? `+ ${name}` : `+ ${name}  ! ${weak}`;
}

/** What the form says of a way to connect that proves nothing of the server; null: of any other. */
function tlsWarning(run: Run, mode: TlsMode): string | null {
  if (mode === 'off') return run.out.t('fleet.form.tls.plain-warning');
  return mode === 'preferred' ? run.out.t('fleet.form.tls.preferred-warning') : null;
}

/** Reads every instance that is watched now: replicas before their sources, so that nothing looks errant that is only newer. */
export async function refreshAll(run: Run): Promise<InstanceView[]> {
  const { fleet } = run.engine;
  const watched = fleet.snapshot().instances.flatMap(({ instance, paused }) => (paused === null ? [instance.id] : []));
  await Promise.all(watched.map((id) => fleet.refresh(id)));
  const replicas = fleet.snapshot().topology.links.map((link) => link.replicaId);
  await Promise.all(watched.filter((id) => !replicas.includes(id)).map((id) => fleet.refresh(id)));
  return fleet.instances().map(({ id }) => fleet.view(id));
}

/** Reads one instance and, after it, the source it follows and what follows it: lag and role need them. */
async function refreshWithSource(run: Run, name: string): Promise<InstanceView> {
  const { fleet } = run.engine;
  const { id } = run.instance(name);
  // Who follows whom is known only once every server was asked: one round for all, the source of this one last.
  await refreshAll(run);
  const { sourceId, head, paused } = fleet.view(id);
  if (sourceId !== null && paused === null) {
    await fleet.refresh(id);
    await fleet.refresh(sourceId);
    if (head !== null) await fleet.refresh(head.headId);
  }
  return fleet.view(id);
}

function nameOf(run: Run, id: string | null): string | null {
  return id === null ? null : (run.engine.fleet.instances().find((one) => one.id === id)?.name ?? null);
}

/** What `status` and `instance list` print as JSON; scripts depend on these names. */
function summary(run: Run, view: InstanceView): object {
  const { instance, facts, lag } = view;
  const clock = standingClock(Date.now());
  const standing = standingOf(view, clock);
  return {
    name: instance.name,
    id: instance.id,
    region: run.engine.fleet.regionName(instance.regionId),
    role: view.role,
    source: nameOf(run, view.sourceId),
    health: view.health.state,
    /** The worst of all that is known of it, as every front shows it. */
    standing: { tone: standing.tone, text: standingText(run.out.t, standing) },
    fence: fenceOf(view, clock),
    endpoint: formatEndpoint(instance.admin),
    tls: instance.tls.mode,
    replicationEndpoint: formatEndpoint(replicationEndpoint(instance)),
    connectsFrom: instance.connectsFrom ?? null,
    version: facts?.server.version ?? null,
    readOnly: facts === null ? null : facts.server.superReadOnly ?? facts.server.readOnly,
    gtidExecuted: facts?.gtid.executed ?? null,
    lag: lag === null ? null : lagFigures(lag),
    /** Behind a replica: the primary at the head of the chain, and the lag to it. */
    head: view.head === null ? null : { name: nameOf(run, view.head.headId), lag: lagFigures(view.head.lag) },
    protectedBy: view.protectedBy.map((id) => nameOf(run, id)),
    problems: view.problems.map((problem) => ({
      code: problem.code, severity: problem.severity, params: problem.params, text: problemText(run.out.t, problem), quiet: problem.quiet ?? null,
    })),
    paused: view.paused,
    silenced: view.silenced,
    /** Operations of other workstations on it, as of the reading. */
    othersAtWork: view.othersAtWork.map((holder) => ({
      who: holder.who, from: holder.from, login: holder.login,
      since: holder.since === null ? null : new Date(holder.since).toISOString(), kind: holder.purpose?.kind ?? null,
      name: holder.purpose?.name ?? null, shared: holder.shared, text: atWorkText(run.out.t, holder),
    })),
    passwordKept: view.passwordKnown,
  };
}

function lagFigures({ state, seconds, measure, toReceive, toApply }: Lag): Pick<Lag, 'state' | 'seconds' | 'measure' | 'toReceive' | 'toApply'> {
  return { state, seconds, measure, toReceive, toApply };
}

/** The fleet as the tables of the terminal are made of it. */
function fleetText(run: Run): FleetText {
  return {
    t: run.out.t, instances: run.engine.fleet.snapshot().instances, regionName: (id) => run.engine.fleet.regionName(id), clock: standingClock(Date.now()),
    taskOf: (standbyId) => syncOfStandby(run.engine.sync.list(), standbyId)?.spec.name ?? null,
  };
}

function printInstance(run: Run, view: InstanceView): void {
  const { t, line } = run.out;
  if (view.facts === null && view.health.state !== 'unreachable') throw failure('role-unknown', { name: view.instance.name });
  const text = fleetText(run);
  line(standingLine(text, view));
  line(table([
    [t('terminal.name'), view.instance.name],
    [t('terminal.region'), run.engine.fleet.regionName(view.instance.regionId)],
    [t('terminal.role'), t.message(roleMessage(view, text.clock))],
    [t('terminal.source'), nameOf(run, view.sourceId) ?? '—'],
    [t('terminal.lag'), view.lag === null ? '—' : linkLine(text, view, view.lag)],
    ...(view.head === null ? [] : [[t('terminal.headLag', { name: nameOf(run, view.head.headId) ?? '—' }), linkLine(text, view, view.head.lag)]]),
    [t('terminal.version'), view.facts?.server.version ?? '—'],
    [t('terminal.adminEndpoint'), formatEndpoint(view.instance.admin)],
    [t('terminal.replicationEndpoint'), formatEndpoint(replicationEndpoint(view.instance))],
    ...(view.instance.connectsFrom === undefined ? [] : [[t('terminal.connectsFrom'), view.instance.connectsFrom]]),
    ['TLS', t(`fleet.tls.${view.instance.tls.mode}`)],
    ['GTID', view.facts?.gtid.executed.replace(/\s+/gu, '') ?? '—'],
  ]));
  const weak = tlsWarning(run, view.instance.tls.mode);
  if (weak !== null) line(`! ${weak}`);
  for (const said of attentionLines(run.out.t, view)) line(said);
  for (const holder of view.othersAtWork) line(atWorkText(t, holder));
  for (const problem of view.problems) line(problemText(t, problem));
}
