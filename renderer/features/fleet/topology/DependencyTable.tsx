import { Anchor, UnstyledButton } from '@mantine/core';
import { memo, useMemo, useState } from 'react';
import type { FocusEvent, ReactElement } from 'react';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { MessageKey } from '../../../../shared/i18n/en';
import { useText } from '../../../stores/language';
import { setList, useLists, type LinkColumn } from '../../../stores/lists';
import { asksForMenu, menuAtPointer, menuBeneath } from '../../../ui/context-menu';
import { useStandingClock } from '../../../stores/standing';
import { IconChevronDown, IconChevronUp } from '../../../ui/icons';
import { LagBadge } from '../../../ui/LagBadge';
import { LongText } from '../../../ui/LongText';
import { StatusBadge } from '../../../ui/StatusBadge';
import { useRows } from '../../../ui/useRows';
import { beginsWithWorst, sortedLinks } from './link-order';
import { linkTone, linkWords } from './link-words';
import { dependencyRows } from './dependency-model';
import type { DependencyModel, LinkRow, ServerCell } from './dependency-model';
import classes from './DependencyTable.module.css';

interface Actions {
  readonly onOpen: (instanceId: string) => void;
  readonly onRegister: (key: string) => void;
}

/** The name of a server, as the way to its page; an address with the way to register it where it is not registered. */
function Server({ server: { id, name, unregistered }, onOpen, onRegister }: Actions & { readonly server: ServerCell }): ReactElement {
  const t = useText();
  if (unregistered === undefined) {
    return (
      <Anchor
        component="button" type="button" size="sm" onClick={() => onOpen(id)} onContextMenu={(event) => menuAtPointer(event, id)}
        onKeyDown={(event) => {
          if (!asksForMenu(event)) return;
          event.preventDefault();
          menuBeneath(event.currentTarget, id);
        }}
      >
        <LongText>{name}</LongText>
      </Anchor>
    );
  }
  return (
    <span className={classes.stranger}>
      <LongText>{name}</LongText>
      <Anchor component="button" type="button" size="sm" onClick={() => onRegister(unregistered.key)} aria-label={t('fleet.unregistered.register-what', { address: name })}>
        {t('fleet.unregistered.register')}
      </Anchor>
    </span>
  );
}

const rowHeight = 32;

interface LinkProps extends Actions {
  readonly row: LinkRow;
  readonly place: number;
  /** The replica; undefined: not registered. */
  readonly view: InstanceView | undefined;
}

const isSameServer = (one: ServerCell, other: ServerCell): boolean =>
  one.id === other.id && one.name === other.name && one.region === other.region && one.unregistered === other.unregistered;

/** Whether a line shows the same; what it shows by the clock its badges follow by themselves. */
const isSameLink = (before: LinkProps, now: LinkProps): boolean => before.row.link === now.row.link && before.view === now.view && before.place === now.place
  && before.onOpen === now.onOpen && before.onRegister === now.onRegister
  && isSameServer(before.row.source, now.row.source) && isSameServer(before.row.replica, now.row.replica);

const Link = memo(function Link({ row: { id, source, replica, link }, view, place, ...actions }: LinkProps): ReactElement {
  const t = useText();
  const clock = useStandingClock();
  const words = link === undefined ? t('fleet.unregistered') : linkWords(t, link, view, clock);
  const reason = link?.reason == null ? undefined : t.message(link.reason);
  return (
    <tr aria-rowindex={place} data-key={id}>
      <td><Server server={source} {...actions} /></td>
      <td><LongText>{source.region}</LongText></td>
      <td><Server server={replica} {...actions} /></td>
      <td><LongText>{replica.region}</LongText></td>
      <td>
        <StatusBadge tone={link === undefined ? 'mute' : linkTone(link, view, clock)} plain title={words}>{words}</StatusBadge>
      </td>
      <td>{link === undefined || view === undefined ? null : <LagBadge view={view} lag={link.lag} plain />}</td>
      <td title={reason}>{reason}</td>
    </tr>
  );
}, isSameLink);

const heads = [
  ['source', 'fleet.link.source'], ['source-region', 'common.region'], ['replica', 'fleet.link.replica'], ['replica-region', 'common.region'],
  ['state', 'fleet.link.state'], ['lag', 'common.lag'],
] as const satisfies readonly (readonly [LinkColumn, MessageKey])[];

/** The heads of the columns: a press sorts by it, another turns the order round, a third leaves the order of the drawing. */
function Head({ column, down }: { column: LinkColumn | null; down: boolean }): ReactElement {
  const t = useText();
  return (
    <thead>
      <tr>
        {heads.map(([id, key]) => {
          const on = id === column;
          const descends = down !== beginsWithWorst(id);
          return (
            <th key={id} scope="col" data-column={id} aria-sort={on ? (descends ? 'descending' : 'ascending') : undefined}>
              <UnstyledButton className={classes.sort} onClick={() => setList('links', on && down ? { column: null, down: false } : { column: id, down: on })}>
                {t(key)}
                {on ? descends ? <IconChevronDown size={12} aria-hidden /> : <IconChevronUp size={12} aria-hidden /> : null}
              </UnstyledButton>
            </th>
          );
        })}
        <th scope="col">{t('fleet.link.reason')}</th>
      </tr>
    </thead>
  );
}

/** The dependency view as a table: one line per link, then the servers that have none. A long one draws only what is seen. */
export function DependencyTable({ model, ...actions }: Actions & { readonly model: DependencyModel }): ReactElement {
  const t = useText();
  const clock = useStandingClock();
  const { column, down } = useLists((state) => state.links);
  const { links: drawn, alone } = useMemo(() => dependencyRows(model), [model]);
  const links = useMemo(() => sortedLinks(drawn, column, down, model.instances, clock), [drawn, column, down, model, clock]);
  const count = links.length + alone.length;
  // By what it is, not by its place: lines come and go above it.
  const [active, setActive] = useState<string | null>(null);
  const places = useMemo(() => new Map([...links, ...alone].map(({ id }, place) => [id, place])), [links, alone]);
  const { scroller, isVirtual, parts } = useRows(count, rowHeight, places.get(active ?? '') ?? 0);
  const lineAt = (index: number): ReactElement | null => {
    const row = links[index];
    if (row !== undefined) return <Link key={row.id} row={row} place={index + 2} view={model.instances.get(row.replica.id)} {...actions} />;
    const server = alone[index - links.length];
    return server === undefined ? null : (
      <tr key={server.id} aria-rowindex={index + 2} data-key={server.id}>
        <td><Server server={server} {...actions} /></td>
        <td><LongText>{server.region}</LongText></td>
        <td colSpan={5} className={classes.faint}>
          {t('fleet.link.alone')}
        </td>
      </tr>
    );
  };
  // What has the keyboard stays drawn where it is scrolled out of sight.
  const onFocus = (event: FocusEvent): void => {
    const key = event.target.closest('tr')?.getAttribute('data-key');
    if (key != null) setActive(key);
  };
  return (
    <div className={classes.scroller} ref={scroller} data-virtual={isVirtual || undefined}>
      <table className={classes.table} aria-rowcount={count + 1} onFocus={onFocus}>
        <Head column={column} down={down} />
        <tbody>{parts.map((part) => (part.kind === 'gap' ? <tr key={part.key} style={{ height: part.height }} aria-hidden /> : lineAt(part.index)))}</tbody>
      </table>
    </div>
  );
}
