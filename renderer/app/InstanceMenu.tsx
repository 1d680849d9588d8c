import { Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import { useInstance } from '../stores/fleet';
import { closeInstanceMenu, useUi } from '../stores/ui';
import { InstanceActItems } from '../ui/InstanceActs';
import { useText } from '../stores/language';
import classes from './InstanceMenu.module.css';

/** The menu of an instance at the pointer, or beneath the line that has the keys: one for the tree, the tables and the graph. */
export function InstanceMenu(): ReactElement | null {
  const t = useText();
  const menu = useUi((state) => state.menu);
  const view = useInstance(menu?.instanceId ?? null);
  if (menu === null || view === undefined) return null;
  return (
    <Menu
      key={`${menu.instanceId}/${menu.x}/${menu.y}`} opened onClose={() => closeInstanceMenu(menu)} position="bottom-start" floatingStrategy="fixed" transitionProps={{ duration: 0 }}
      // Not by a key outside of it: the one that opens it is on its way to the document still.
      clickOutsideEvents={['mousedown', 'touchstart']}
    >
      <Menu.Target>
        <span role="button" tabIndex={-1} className={classes.place} style={{ left: menu.x, top: menu.y }} aria-label={t('fleet.acts.of', { name: view.instance.name })} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className={classes.name} title={view.instance.name}>{view.instance.name}</Menu.Label>
        <InstanceActItems view={view} />
      </Menu.Dropdown>
    </Menu>
  );
}
