import { Anchor } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../../../stores/language';
import { LagBadge } from '../../../ui/LagBadge';
import { StatusBadge } from '../../../ui/StatusBadge';
import { linkTone } from './DependencyGraph';
import type { DependencyModel } from './dependency-model';
import classes from './DependencyTable.module.css';

/** The dependency view as a table: one line per link, then the servers that have none. */
export function DependencyTable({
  model, onOpen, onRegister,
}: {
  model: DependencyModel;
  onOpen: (instanceId: string) => void;
  onRegister: (key: string) => void;
}): ReactElement {
  const t = useText();
  const columnName = new Map(model.columns.map((column) => [column.id, column.name]));
  const nodeById = new Map(model.nodes.map((node) => [node.id, node]));
  const server = (id: string): ReactElement => {
    const stranger = model.unregistered.get(id);
    const node = nodeById.get(id);
    if (stranger !== undefined) {
      const address = stranger.port === null ? stranger.host : `${stranger.host}:${stranger.port}`;
      return (
        <span className={classes.stranger}>
          {address}
          <Anchor component="button" type="button" size="sm" onClick={() => onRegister(stranger.key)} aria-label={t('fleet.unregistered.register-what', { address })}>
            {t('fleet.unregistered.register')}
          </Anchor>
        </span>
      );
    }
    return (
      <Anchor component="button" type="button" size="sm" onClick={() => onOpen(id)}>
        {node?.name ?? id}
      </Anchor>
    );
  };
  const linked = new Set(model.edges.flatMap((edge) => [edge.from, edge.to]));
  const alone = model.nodes.filter((node) => !linked.has(node.id));
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
        {model.edges.map((edge) => {
          const link = model.links.get(edge.id);
          return (
            <tr key={edge.id}>
              <td>{server(edge.from)}</td>
              <td>{columnName.get(nodeById.get(edge.from)?.column ?? '')}</td>
              <td>{server(edge.to)}</td>
              <td>{columnName.get(nodeById.get(edge.to)?.column ?? '')}</td>
              <td>
                {link === undefined ? (
                  <StatusBadge tone="mute" plain>
                    {t('fleet.unregistered')}
                  </StatusBadge>
                ) : (
                  <StatusBadge tone={linkTone(link.state)} plain>
                    {t(`fleet.link-state.${link.state}`)}
                  </StatusBadge>
                )}
              </td>
              <td>{link === undefined ? null : <LagBadge lag={link.lag} plain />}</td>
              <td>{link?.reason == null ? null : t.message(link.reason)}</td>
            </tr>
          );
        })}
        {alone.map((node) => (
          <tr key={node.id}>
            <td>{server(node.id)}</td>
            <td>{columnName.get(node.column)}</td>
            <td colSpan={5} className={classes.faint}>
              {t('fleet.link.alone')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
