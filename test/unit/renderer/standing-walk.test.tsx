// @vitest-environment happy-dom
// Walks through many states of a fleet and compares what its places say: tree, table, figures, pages, graph, terminal.
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { App } from '../../../renderer/app/App';
import { features } from '../../../renderer/app/features';
import { useFleet, withSnapshot } from '../../../renderer/stores/fleet';
import { useSettings } from '../../../renderer/stores/settings';
import { useTasks } from '../../../renderer/stores/tasks';
import { go, openInstance } from '../../../renderer/stores/ui';
import { fleetLine, incidentLines, instanceTable, protectionLine, standingClock, type FleetText } from '../../../electron/cli/fleet-text';
import { worstTone, type StandingTone } from '../../../shared/domain/analysis/standing';
import type { FleetSnapshot, InstanceView } from '../../../shared/domain/fleet/view';
import type { SyncTaskView } from '../../../shared/domain/sync/sync';
import { translator, type Language } from '../../../shared/i18n/translate';
import { installFakeBridge } from '../../fixtures/renderer-fake-api';
import { newStores } from '../../fixtures/renderer-stores';
import { fleetCases, fleetOf, listedCases, now } from '../../fixtures/standing-cases';

vi.setConfig({ testTimeout: 240_000 });

const { settings: defaults } = useSettings.getInitialState();
beforeEach(() => {
  vi.useFakeTimers({ now, toFake: ['Date'] });
  newStores();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  newStores();
});

/** The window over a fleet, in a language; nothing is asked of an engine. */
function show(fleet: FleetSnapshot, language: Language): void {
  newStores();
  installFakeBridge();
  useSettings.setState({ loaded: true, settings: { ...defaults, language } });
  useFleet.setState(withSnapshot(fleet), true);
  go({ id: 'fleet' });
  render(<App features={features} />);
}

function mainPart(): Element {
  const main = document.querySelector('main');
  if (main === null) throw new Error('no main part');
  return main;
}

/** The colour of the first state that is drawn within a place; null: none is. */
const toneOf = (place: Element): StandingTone | null => (place.querySelector('[data-tone]')?.getAttribute('data-tone') ?? null) as StandingTone | null;

interface Row {
  readonly role: string;
  readonly lag: { readonly tone: StandingTone | null; readonly text: string };
  readonly health: { readonly tone: StandingTone | null; readonly text: string };
  readonly protectedBy: { readonly tone: StandingTone | null; readonly text: string };
}

function tableRow(name: string): Row {
  const row = [...document.querySelectorAll('main table tbody tr')].find((line) => line.querySelector('th')?.textContent === name);
  const cell = (column: string): Row['lag'] => {
    const found = row?.querySelector(`td[data-column="${column}"]`);
    if (found == null) throw new Error(`no ${column} of ${name}`);
    return { tone: toneOf(found), text: found.textContent ?? '' };
  };
  return { role: cell('role').text, lag: cell('lag'), health: cell('health'), protectedBy: cell('protected') };
}

function treeRow(name: string): { readonly tone: StandingTone | null; readonly label: string } {
  const row = [...document.querySelectorAll('[role="treeitem"][aria-level="2"]')].find((item) => (item.getAttribute('aria-label') ?? '').startsWith(name));
  return { tone: row === undefined ? null : toneOf(row), label: row?.getAttribute('aria-label') ?? '' };
}

const marks: Record<string, StandingTone> = { '✗': 'bad', '!': 'warn', '?': 'mute', '✓': 'good' };

/** What the terminal's table says of each: the mark of its standing. */
function terminalTones(text: FleetText): ReadonlyMap<string, StandingTone | undefined> {
  const lines = instanceTable(text, text.instances).split('\n');
  return new Map(text.instances.map(({ instance }, index) => [instance.name, marks[[...(lines[index] ?? '').matchAll(/ ([✗!?✓]) /gu)].at(-1)?.[1] ?? '']]));
}

function fleetPage(fleet: FleetSnapshot, language: Language): void {
  const t = translator(language);
  const text: FleetText = { t, instances: fleet.instances, regionName: (id) => id, clock: { ...standingClock(now), staleAfterMs: 10_000 }, taskOf: () => null };
  const terminal = terminalTones(text);
  const main = mainPart();
  const rows = new Map(fleet.instances.map(({ instance }) => [instance.name, tableRow(instance.name)]));
  for (const [name, row] of rows) {
    const tree = treeRow(name);
    // One icon in the tree stands for what the table draws as two.
    expect([name, tree.tone]).toEqual([name, worstTone([row.health.tone ?? 'good', row.lag.tone ?? 'good'].filter((_tone, index) => index === 0 || isAsideShown(fleet, name)))]);
    expect([name, terminal.get(name)]).toEqual([name, row.health.tone]);
    if (row.health.tone === 'bad') expect([name, row.lag.tone]).not.toEqual([name, 'good']);
    expect(tree.label).toContain(row.role);
    expect(tree.label).toContain(row.health.text);
  }
  const tones = [...rows.values()].map(({ health }) => health.tone ?? 'good');
  const quiet = [main.textContent?.includes(t('fleet.figures.quiet')), main.textContent?.includes(t('fleet.problems.none')), fleetLine(text) === t('fleet.figures.quiet')];
  expect(new Set(quiet).size).toBe(1);
  const unprotected = fleet.instances.filter(({ role, instance }) => role === 'stand-alone' || (role === 'primary' && rows.get(instance.name)?.protectedBy.text === t('fleet.table.unprotected')));
  expect(quiet[0]).toBe(worstTone(tones) === 'good' && unprotected.length === 0);
  const primaries = fleet.instances.filter(({ role }) => role === 'primary');
  const covered = primaries.filter(({ instance }) => rows.get(instance.name)?.protectedBy.text !== t('fleet.table.unprotected') && rows.get(instance.name)?.protectedBy.tone === null);
  if (primaries.length > 0) expect(main.textContent).toContain(t('fleet.figures.protected', { n: covered.length, total: primaries.length }));
  // Every headline of the window is the terminal's, moments aside.
  const said = incidentLines(text).join('\n');
  for (const heading of main.querySelectorAll('h3')) {
    const headline = (heading.textContent ?? '').replace(/\d{1,2}:\d{2}:\d{2}.*$/u, '').trim();
    expect(said).toContain(headline.slice(0, 20));
  }
}

/** Next to a replica that was not reached the tree draws its state alone. */
function isAsideShown(fleet: FleetSnapshot, name: string): boolean {
  const view = fleet.instances.find(({ instance }) => instance.name === name);
  return view?.lag != null && view.health.state === 'reachable';
}

function instancePage(view: InstanceView, fleet: FleetSnapshot, language: Language): void {
  const t = translator(language);
  const main = mainPart();
  const tree = treeRow(view.instance.name);
  const badge = main.querySelector('h1 [data-tone]');
  const band = main.querySelector(`section[aria-label="${t('common.lag')}"]`);
  if (band !== null) {
    // Green in the head of the page where the tree is not would be two truths.
    if (tree.tone === 'bad') expect(band.getAttribute('data-tone')).not.toBe('good');
    const atEase = t('promotion.forecast.line', { lag: '', n: 0 }).split(/[,，]/u).at(-1) ?? '';
    if (band.textContent?.includes(atEase.trim())) {
      expect(band.getAttribute('data-tone')).toBe('good');
      expect(badge?.getAttribute('data-tone')).not.toBe('bad');
      expect(treeRow(fleet.instances.find(({ instance }) => instance.id === view.sourceId)?.instance.name ?? '').tone).not.toBe('mute');
    }
  }
  const protection = main.querySelector(`section[aria-label="${t('fleet.protection')}"]`);
  if (protection !== null) {
    const text: FleetText = { t, instances: fleet.instances, regionName: (id) => id, clock: { now, staleAfterMs: 10_000 }, taskOf: () => null };
    expect(protectionLine(text, view)).toContain(protection.querySelector('div')?.textContent ?? '?');
    const says = view.problems.some(({ code }) => code === 'unprotected');
    if (protection.getAttribute('data-tone') === 'good') expect(says).toBe(false);
  }
  const closed = t('standing.fence.closed');
  if (main.textContent?.includes(closed)) expect(view.facts?.server.superReadOnly).toBe(true);
}

function walk(fleet: FleetSnapshot, language: Language): void {
  show(fleet, language);
  try {
    everyPage(fleet, language);
  } finally {
    // What failed must not stand beside the smaller case that is looked for next.
    cleanup();
  }
}

function everyPage(fleet: FleetSnapshot, language: Language): void {
  fleetPage(fleet, language);
  for (const view of fleet.instances) {
    act(() => openInstance(view.instance.id));
    instancePage(view, fleet, language);
  }
  act(() => go({ id: 'dependencies', instanceId: null }));
  const graph = mainPart().querySelector('svg[role="group"]');
  if (graph === null) throw new Error('no graph');
  for (const { instance } of fleet.instances) {
    const node = [...graph.querySelectorAll('[role="button"]')].find((one) => one.getAttribute('aria-label')?.includes(instance.name));
    expect(node).toBeDefined();
    const tree = treeRow(instance.name);
    // A node is its server, without its link: never better than bad, never worse than the tree.
    if (tree.tone === 'good') expect(node?.getAttribute('data-tone')).toBe('good');
  }
  dependencyTable(fleet, language);
  syncPages(fleet, language);
}

/** The graph as a table: one line a link, in words that go with their colour. */
function dependencyTable(fleet: FleetSnapshot, language: Language): void {
  const t = translator(language);
  fireEvent.click(within(screen.getByRole('radiogroup', { name: t('fleet.dependencies.form') })).getByLabelText(t('fleet.dependencies.table')));
  for (const { instance, sourceId } of fleet.instances.filter(({ lag }) => lag !== null)) {
    const source = fleet.instances.find((view) => view.instance.id === sourceId)?.instance.name;
    const line = [...mainPart().querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('td')]).find((cells) => cells[2]?.textContent === instance.name && cells[0]?.textContent === source);
    if (line === undefined) continue;
    const [state, lag] = [line[4]!, line[5]!];
    sameAsTree(instance.name, state);
    sameAsTree(instance.name, lag);
    expect(state.textContent === t('fleet.link-state.healthy')).toBe(toneOf(state) === 'good');
    if (toneOf(state) === 'good') expect(toneOf(lag)).toBe('good');
  }
}

/** Every sync task in the list and on its page, as the engine tells a link that stands. */
function syncPages(fleet: FleetSnapshot, language: Language): void {
  const t = translator(language);
  const standbys = fleet.instances.filter(({ lag, instance }) => lag !== null && instance.intent.kind === 'replica');
  const syncs = standbys.map((view) => syncOf(view));
  act(() => useTasks.setState({ status: 'ready', syncs: new Map(syncs.map((sync) => [sync.id, sync])) }));
  act(() => go({ id: 'sync' }));
  for (const { instance } of standbys) {
    const row = [...mainPart().querySelectorAll('tbody tr')].find((one) => one.querySelector('th')?.textContent === instance.name);
    const [state, progress] = [row?.querySelector('td[data-column="state"]'), row?.querySelector('td[data-column="progress"]')];
    if (state == null || progress == null) throw new Error(`no line of ${instance.name}`);
    sameAsTree(instance.name, state);
    sameAsTree(instance.name, progress);
    expect(state.textContent === t('sync.state.replicating')).toBe(toneOf(state) === 'good');
  }
  for (const { id, spec } of syncs) {
    act(() => go({ id: 'sync-task', syncId: id }));
    const badge = mainPart().querySelector('header [data-tone]')?.parentElement;
    if (badge == null) throw new Error('no state on the page of a sync task');
    sameAsTree(spec.name, badge);
  }
}

/** Green where the tree is not would be two truths. */
function sameAsTree(name: string, place: Element): void {
  const tree = treeRow(name).tone;
  if (tree === 'bad' || tree === 'mute') expect([name, tree, toneOf(place)]).not.toEqual([name, tree, 'good']);
  if (tree === 'good') expect([name, toneOf(place) ?? 'good']).toEqual([name, 'good']);
}

const syncOf = ({ instance, sourceId, lag }: InstanceView): SyncTaskView => ({
  id: `sync-${instance.id}`, state: 'replicating', seed: 'copy', task: null, lastReport: null, lag, createdAt: now - 60_000,
  spec: { name: instance.name, sourceId: sourceId ?? '', standbyId: instance.id, scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false },
  released: [], restoresFilters: false, filtersLost: false, changingTo: null, leftOut: [], refusedRights: [], waitingRights: [], passed: { count: 0, last: [] },
  needsVerification: null, verified: null, error: null,
  can: {
    start: false, edit: false, pause: true, resume: false, cancel: false, remove: true, setCopyRate: false, changeScope: true, reapplyFilters: false,
    skipTransaction: false, verify: true,
  },
});

describe('no two places of the window, and none of the terminal, disagree', () => {
  it.each(Object.entries(listedCases))('where %s', (_what, of) => {
    for (const language of ['en', 'zh-CN'] as const) walk(fleetOf(of), language);
  });

  it('in any mixture of states', () => {
    fc.assert(fc.property(fleetCases, (of) => walk(fleetOf(of), 'en')), { numRuns: 25 });
  });
});
