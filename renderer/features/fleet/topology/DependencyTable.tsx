import { Anchor } from '@mantine/core';
import type { ReactElement } from 'react';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import { useText } from '../../../stores/language';
import { asksForMenu, menuAtPointer, menuBeneath } from '../../../ui/context-menu';
import { useStandingClock } from '../../../stores/standing';
import { LagBadge } from '../../../ui/LagBadge';
import { LongText } from '../../../ui/LongText';
import { StatusBadge } from '../../../ui/StatusBadge';
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

function Link({ row: { source, replica, link }, view, ...actions }: Actions & {
  readonly row: LinkRow;
  /** The replica; undefined: not registered. */
  readonly view: InstanceView | undefined;
}): ReactElement {
  const t = useText();
  const clock = useStandingClock();
  return (
    <tr>
      <td><Server server={source} {...actions} /></td>
      <td><LongText>{source.region}</LongText></td>
      <td><Server server={replica} {...actions} /></td>
      <td><LongText>{replica.region}</LongText></td>
      <td>
        <StatusBadge tone={link === undefined ? 'mute' : linkTone(link, view, clock)} plain>
          {link === undefined ? t('fleet.unregistered') : linkWords(t, link, view, clock)}
        </StatusBadge>
      </td>
      <td>{link === undefined || view === undefined ? null : <LagBadge view={view} lag={link.lag} plain />}</td>
      <td>{link?.reason == null ? null : t.message(link.reason)}</td>
    </tr>
  );
}

/** The dependency view as a table: one line per link, then the servers that have none. */
export function DependencyTable({ model, ...actions }: Actions & { readonly model: DependencyModel }): ReactElement {
  const t = useText();
  const { links, alone } = dependencyRows(model);
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t('fleet.link.source')}</th>
          <th scope="col">{t('common.region')}</th>
          <th scope="col">{t('fleet.link.replica')}</th>
          <th scope="col">{t('common.region')}</th>
          <th scope="col">{t('fleet.link.state')}</th>
          <th scope="col">{t('common.lag')}</th>
          <th scope="col">{t('fleet.link.reason')}</th>
        </tr>
      </thead>
      <tbody>
        {links.map((row) => <Link key={row.id} row={row} view={model.instances.get(row.replica.id)} {...actions} />)}
        {alone.map((server) => (
          <tr key={server.id}>
            <td><Server server={server} {...actions} /></td>
            <td><LongText>{server.region}</LongText></td>
            <td colSpan={5} className={classes.faint}>
              {t('fleet.link.alone')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
