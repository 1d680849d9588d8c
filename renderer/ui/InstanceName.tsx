import { Anchor } from '@mantine/core';
import type { KeyboardEvent, MouseEvent, ReactElement } from 'react';
import { useInstance, useRegionName } from '../stores/fleet';
import { useText } from '../stores/language';
import { openInstance } from '../stores/ui';
import { asksForMenu, menuAtPointer, menuBeneath } from './context-menu';
import { NameParts } from './LongText';
import { RoleIcon } from './RoleIcon';
import classes from './InstanceName.module.css';

/** An instance with its role's icon and its region, as a way to its page. */
export function InstanceName({ id }: { id: string }): ReactElement {
  const t = useText();
  const view = useInstance(id);
  const region = useRegionName(view?.instance.regionId ?? '');
  if (view === undefined) return <span className={classes.gone}>{t('common.not-known')}</span>;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!asksForMenu(event)) return;
    event.preventDefault();
    event.stopPropagation();
    menuBeneath(event.currentTarget, id);
  };
  const onContextMenu = (event: MouseEvent): void => {
    event.stopPropagation();
    menuAtPointer(event, id);
  };
  const open = (event: MouseEvent): void => {
    // It stands in rows that lead elsewhere.
    event.stopPropagation();
    openInstance(id);
  };
  return (
    <span className={classes.line}>
      <RoleIcon role={view.role} label />
      <Anchor component="button" type="button" className={classes.name} title={view.instance.name} onClick={open} onKeyDown={onKeyDown} onContextMenu={onContextMenu}>
        <NameParts>{view.instance.name}</NameParts>
      </Anchor>
      <span className={classes.region} title={region} data-region>{region}</span>
    </span>
  );
}
