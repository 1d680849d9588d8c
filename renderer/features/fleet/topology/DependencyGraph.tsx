import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactElement, RefObject } from 'react';
import { linkStandingOf, roleMessage, standingOf } from '../../../../shared/domain/analysis/standing';
import type { SyncLink, UnregisteredServer } from '../../../../shared/domain/fleet/topology';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import { useText } from '../../../stores/language';
import { useStandingClock } from '../../../stores/standing';
import { shortenMiddle } from '../../../ui/format';
import { IconPlus } from '../../../ui/icons';
import { asksForMenu, menuAtPointer, menuBeneath } from '../../../ui/context-menu';
import { linkFigure } from '../../../ui/LagBadge';
import { RoleShape } from '../../../ui/RoleIcon';
import { StatusIcon } from '../../../ui/StatusBadge';
import { sizes } from './dependency-layout';
import type { Layout, PlacedColumn, Point } from './dependency-layout';
import { addressOf, sharedPrefix, unregisteredColumn } from './dependency-model';
import type { DependencyModel } from './dependency-model';
import { neighbourOf, readingOrder, wayOf } from './graph-keys';
import { carriesData, linkTone } from './link-words';
import { lettersIn, overlaps, plainBelow, plainFont } from './zoom';
import type { Area } from './zoom';
import classes from './DependencyGraph.module.css';

interface EdgeProps {
  readonly link: SyncLink | undefined;
  readonly replica: InstanceView | undefined;
  readonly path: string;
  readonly label: Point | null;
  readonly gone: boolean;
  readonly scale: number;
}

function Edge({ link, replica, path, label, gone, scale }: EdgeProps): ReactElement {
  const t = useText();
  const clock = useStandingClock();
  const tone = link === undefined || gone ? 'mute' : linkTone(link, replica, clock);
  const flows = link !== undefined && carriesData(link.state) && !gone;
  const text = link === undefined ? '' : carriesData(link.state) && replica !== undefined ? linkFigure(t, linkStandingOf(replica, link.lag, clock)) : t(`fleet.link-state.${link.state}`);
  const reason = link?.reason == null ? text : `${text}: ${t.message(link.reason)}`;
  return (
    <g className={classes.edge} data-tone={tone} data-flows={flows || undefined}>
      <title>{reason}</title>
      <path d={path} className={classes.hit} />
      <path d={path} className={classes.line} style={scale < plainBelow ? { strokeWidth: 1.2 / scale } : undefined} markerEnd={`url(#arrow-${tone})`} />
      {label === null || text === '' || gone || scale < plainBelow ? null : (
        <text x={label.x} y={label.y - 7} textAnchor="middle" className={classes.label}>
          {/* Between two servers there is room for this much; the whole is in the title. */}
          {shortenMiddle(text, t.language === 'en' ? 17 : 8)}
        </text>
      )}
    </g>
  );
}

function Arrows(): ReactElement {
  return (
    <defs>
      {(['good', 'warn', 'bad', 'mute', 'busy'] as const).map((tone) => (
        <marker key={tone} id={`arrow-${tone}`} viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
          <path d="M0 0.6 8 4 0 7.4Z" className={classes.arrow} data-tone={tone} />
        </marker>
      ))}
    </defs>
  );
}

export interface DependencyGraphProps {
  readonly model: DependencyModel;
  /** Where its servers stand. */
  readonly layout: Layout;
  readonly selectedId: string | null;
  /** The region that is thought gone; null: none. */
  readonly goneRegionId: string | null;
  /** Given: every region gets the question "what if this region is gone?". */
  readonly onAskGone?: (regionId: string | null) => void;
  readonly onOpen: (instanceId: string) => void;
  /** Its size in the window; 1: its own. Small, it shows names alone. */
  readonly scale?: number;
  /** The part of it that is in sight: of a large graph no more is drawn. Null: all of it. */
  readonly area?: Area | null;
  /** Registers a server that is not registered yet. */
  readonly onRegister?: (key: string) => void;
}

/** How the keys come to a drawn server, and lead on from it. */
interface Roving {
  /** Tab comes to one of them. */
  readonly isTabStop: boolean;
  readonly onFocus: () => void;
  /** True: the key leads to another one. */
  readonly onWay: (key: string) => boolean;
}

interface Pressable {
  readonly role: 'button';
  readonly tabIndex: number;
  readonly onClick: () => void;
  readonly onFocus: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** What a drawn thing that can be pressed needs: Enter and space do what the pointer does, arrows lead to its neighbours. */
function pressable(act: () => void, { isTabStop, onFocus, onWay }: Roving, onMenu?: (element: Element) => void): Pressable {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey && onWay(event.key)) return event.preventDefault();
    if (onMenu !== undefined && asksForMenu(event)) {
      event.preventDefault();
      return onMenu(event.currentTarget);
    }
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    act();
  };
  return { role: 'button', tabIndex: isTabStop ? 0 : -1, onClick: act, onFocus, onKeyDown };
}

/** The lane of a region, with the question what if it were gone. */
function Lane({ column, height, gone, scale, onAskGone }: {
  column: PlacedColumn;
  height: number;
  gone: boolean;
  scale: number;
  onAskGone: DependencyGraphProps['onAskGone'];
}): ReactElement {
  const t = useText();
  const question = t('fleet.what-if.ask', { region: column.name });
  const isPlain = scale < plainBelow;
  const font = isPlain ? { fontSize: plainFont(scale) } : undefined;
  return (
    <div className={classes.lane} data-gone={gone || undefined} style={{ left: column.x - 12, width: column.width + 24, height: height - 12 }}>
      <div className={classes.laneHead}>
        <span className={classes.laneName} title={column.name} style={font}>{column.name}</span>
        {onAskGone === undefined || column.id === unregisteredColumn ? null : (
          <button type="button" className={classes.ask} style={font} aria-pressed={gone} onClick={() => onAskGone(gone ? null : column.id)} title={question}>
            {isPlain ? <span aria-hidden>?</span> : t('fleet.what-if.short')}
            <span className="visually-hidden">{isPlain ? question : `: ${question}`}</span>
          </button>
        )}
      </div>
    </div>
  );
}

/** A server that replicates and is not registered, with the way to register it. */
function Stranger({ id, name, server, place, scale, roving, onRegister }: {
  id: string;
  name: string;
  server: UnregisteredServer | undefined;
  place: Point;
  scale: number;
  roving: Roving;
  onRegister: DependencyGraphProps['onRegister'];
}): ReactElement {
  const t = useText();
  const address = server === undefined ? name : addressOf(server);
  const isPlain = scale < plainBelow;
  const fontSize = plainFont(scale);
  const shownName = shortenMiddle(address, isPlain ? lettersIn(sizes.node.width - 16, fontSize) : 22);
  const shownMore = t(onRegister === undefined ? 'fleet.unregistered' : 'fleet.unregistered.register');
  const register = (): void => {
    if (server !== undefined) onRegister?.(server.key);
  };
  const on = onRegister === undefined ? {} : { ...pressable(register, roving), 'aria-label': `${shownName} ${shownMore}, ${t('fleet.unregistered.register-what', { address })}` };
  return (
    <g className={classes.node} data-node={id} data-stranger transform={`translate(${place.x} ${place.y})`} {...on}>
      <title>{address}</title>
      <rect width={sizes.node.width} height={sizes.node.height} rx="3" />
      <text x="12" y="20" className={classes.name} {...(isPlain ? { style: { fontSize }, y: sizes.node.height / 2, dominantBaseline: 'central' } : {})}>
        {shownName}
      </text>{' '}
      {isPlain ? null : (
        <text x="12" y="37" className={classes.more} data-act={onRegister !== undefined || undefined}>
          {shownMore}
        </text>
      )}
      {onRegister === undefined || isPlain ? null : (
        <svg x={sizes.node.width - 24} y="16" width="16" height="16" className={classes.add}>
          <IconPlus size={14} aria-hidden />
        </svg>
      )}
    </g>
  );
}

/** A registered server: its role, its state, and beneath its name what is wrong with it. */
function Server({ view, prefix, place, selected, gone, scale, roving, onOpen }: {
  view: InstanceView;
  /** What every name in the drawing begins with. */
  prefix: string;
  place: Point;
  selected: boolean;
  gone: boolean;
  scale: number;
  roving: Roving;
  onOpen: () => void;
}): ReactElement {
  const t = useText();
  const { name } = view.instance;
  const clock = useStandingClock();
  const role = t.message(roleMessage(view, clock));
  const standing = standingOf(view, clock);
  const tone = gone ? 'mute' : standing.tone;
  const more = gone ? t('fleet.what-if.gone') : tone === 'good' ? role : t.message(standing.text);
  const isPlain = scale < plainBelow;
  const fontSize = plainFont(scale);
  const room = isPlain ? lettersIn(sizes.node.width - 16, fontSize) : 17;
  const shownName = shortenMiddle(name.length > room ? name.slice(prefix.length) : name, room);
  const shownMore = shortenMiddle(more, t.language === 'en' ? 24 : 12);
  return (
    <g
      className={classes.node}
      data-tone={tone}
      data-selected={selected || undefined}
      data-gone={gone || undefined}
      transform={`translate(${place.x} ${place.y})`}
      data-node={view.instance.id}
      {...pressable(onOpen, roving, (element) => menuBeneath(element, view.instance.id))}
      onContextMenu={(event) => menuAtPointer(event, view.instance.id)}
      aria-label={isPlain ? [name, more, role].join(', ') : [`${shownName} ${shownMore}`, name, role].join(', ')}
    >
      <title>{`${name} · ${more}`}</title>
      <rect width={sizes.node.width} height={sizes.node.height} rx="3" style={isPlain ? { strokeWidth: 1.4 / scale } : undefined} />
      {isPlain ? (
        <text x="8" y={sizes.node.height / 2} dominantBaseline="central" className={classes.name} style={{ fontSize }} aria-hidden>
          {shownName}
        </text>
      ) : (
        <>
          <svg x="10" y="9" width="13" height="13" viewBox="0 0 16 16" className={classes.role}>
            <RoleShape role={view.role} />
          </svg>
          <text x="30" y="20" className={classes.name}>
            {shownName}
          </text>{' '}
          <text x="30" y="37" className={classes.more}>
            {shownMore}
          </text>
          <svg x={sizes.node.width - 23} y="8" width="14" height="14">
            <StatusIcon tone={tone} size={14} />
          </svg>
        </>
      )}
    </g>
  );
}

/** Smaller graphs are drawn whole. */
const wholeUpTo = 120;

/** The servers in a part of the drawing; null: all of them are drawn. */
function drawnNodes(layout: Layout, nodes: DependencyModel['nodes'], area: Area | null): ReadonlySet<string> | null {
  if (area === null || nodes.length <= wholeUpTo) return null;
  return new Set(nodes.flatMap(({ id }) => {
    const place = layout.nodes.get(id);
    if (place === undefined) return [];
    const box = { left: place.x, top: place.y, right: place.x + sizes.node.width, bottom: place.y + sizes.node.height };
    return overlaps(box, area) ? [id] : [];
  }));
}

interface Rovings {
  /** The server that Tab comes to; it stays drawn where it is scrolled out of sight. */
  readonly tabStop: string | null;
  readonly rovingOf: (id: string) => Roving;
}

/** One stop of Tab for the whole drawing; from there the keys lead to every server, drawn or not: it is drawn, brought into sight and focused. */
function useRoving(frame: RefObject<HTMLElement | null>, layout: Layout, model: DependencyModel, selectedId: string | null, hasStrangers: boolean): Rovings {
  const [focusedId, setFocusedId] = useState<string | null>(null);
  const { nodes, instances, edges } = model;
  const places = useMemo(
    () => new Map(nodes.flatMap(({ id }) => {
      const place = layout.nodes.get(id);
      return place === undefined || (!hasStrangers && !instances.has(id)) ? [] : [[id, place] as const];
    })),
    [nodes, instances, layout, hasStrangers],
  );
  const first = useMemo(() => readingOrder(places)[0] ?? null, [places]);
  const tabStop = [focusedId, selectedId].find((id) => id !== null && places.has(id)) ?? first;
  /** What the keys led to, until it is drawn. */
  const wanted = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (wanted.current === null || wanted.current !== focusedId) return;
    const drawn = [...(frame.current?.querySelectorAll<SVGGElement>('[data-node]') ?? [])].find(({ dataset }) => dataset['node'] === focusedId);
    wanted.current = null;
    drawn?.focus({ preventScroll: true });
    drawn?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [frame, focusedId]);
  const lead = (from: string, key: string): boolean => {
    const way = wayOf(key);
    if (way === null) return false;
    const to = neighbourOf(places, edges, from, way);
    if (to !== from) {
      wanted.current = to;
      setFocusedId(to);
    }
    return true;
  };
  return { tabStop, rovingOf: (id) => ({ isTabStop: id === tabStop, onFocus: () => setFocusedId(id), onWay: (key) => lead(id, key) }) };
}

/** Who replicates from whom, drawn: regions as lanes, servers in them, links with their lag. A node opens its instance. */
export function DependencyGraph({
  model, layout, selectedId, goneRegionId, onAskGone, onOpen, onRegister, scale = 1, area = null,
}: DependencyGraphProps): ReactElement {
  const t = useText();
  const { nodes, edges } = model;
  const frame = useRef<HTMLDivElement>(null);
  const selectedX = selectedId === null ? undefined : layout.nodes.get(selectedId)?.x;
  useEffect(() => {
    const scroller = frame.current?.parentElement;
    const node = frame.current?.querySelector('[data-selected]');
    if (scroller == null || node == null || selectedX === undefined) return;
    // Sideways only: bringing the server into view must not move the page.
    scroller.scrollLeft += Math.max(0, node.getBoundingClientRect().right + sizes.side - scroller.getBoundingClientRect().right);
  }, [selectedX]);
  const { tabStop, rovingOf } = useRoving(frame, layout, model, selectedId, onRegister !== undefined);
  const isSeen = useMemo(() => drawnNodes(layout, nodes, area), [layout, nodes, area]);
  // What has the keyboard stays drawn where it is scrolled out of sight.
  const isDrawn = (id: string): boolean => isSeen === null || isSeen.has(id) || id === tabStop || id === selectedId;
  const prefix = useMemo(() => sharedPrefix(nodes.filter(({ column }) => column !== unregisteredColumn).map(({ name }) => name)), [nodes]);
  const gone = new Set(nodes.filter((node) => node.column === goneRegionId).map((node) => node.id));
  return (
    <div ref={frame} className={classes.sized} style={{ width: layout.width * scale, height: layout.height * scale }}>
      <div className={classes.frame} style={{ width: layout.width, height: layout.height, transform: `scale(${scale})` }}>
        {layout.columns.map((column) => (
          <Lane key={column.id} column={column} height={layout.height} gone={column.id === goneRegionId} scale={scale} onAskGone={onAskGone} />
        ))}
        <svg
          width={layout.width} height={layout.height} className={classes.svg} role="group" aria-label={t('fleet.view.dependencies')}
          aria-keyshortcuts="ArrowUp ArrowDown ArrowLeft ArrowRight Home End"
        >
          <Arrows />
          {edges.map((edge) => {
            const placed = layout.edges.get(edge.id);
            if (placed === undefined || (!isDrawn(edge.from) && !isDrawn(edge.to))) return null;
            const isGone = gone.has(edge.from) || gone.has(edge.to);
            const replica = model.instances.get(edge.to);
            return (
              <Edge
                key={edge.id} link={model.links.get(edge.id)} replica={replica} path={placed.path} label={placed.label} gone={isGone} scale={scale}
              />
            );
          })}
          {nodes.map((node) => {
            const place = layout.nodes.get(node.id);
            const view = model.instances.get(node.id);
            if (place === undefined || !isDrawn(node.id)) return null;
            return view === undefined ? (
              <Stranger
                key={node.id} id={node.id} name={node.name} server={model.unregistered.get(node.id)} place={place} scale={scale}
                roving={rovingOf(node.id)} onRegister={onRegister}
              />
            ) : (
              <Server
                key={node.id} view={view} prefix={prefix} place={place} selected={node.id === selectedId} gone={gone.has(node.id)} scale={scale}
                roving={rovingOf(node.id)} onOpen={() => onOpen(node.id)}
              />
            );
          })}
        </svg>
      </div>
    </div>
  );
}
