import { Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import { api } from '../api';
import { formatEndpoint } from '../../shared/domain/fleet/instance';
import type { InstanceView } from '../../shared/domain/fleet/view';
import { useFleet } from '../stores/fleet';
import { useText, useTimeZone } from '../stores/language';
import { useFeatures } from '../stores/registry';
import { go, openDialog, openInstance, say } from '../stores/ui';
import { refusalText } from './AtWork';
import {
  IconArchive, IconArrowRight, IconArrowsExchange, IconBolt, IconCommand, IconCopy, IconDatabase, IconHistory, IconKey, IconPencil, IconPlus, IconShieldLock,
  IconSitemap, IconTrash,
} from './icons';
import { actsOf, clientCommand } from './instance-acts';
import type { InstanceAct, OfferedAct } from './instance-acts';
import classes from './InstanceActs.module.css';

const icons: Record<InstanceAct, typeof IconBolt> = {
  'open': IconArrowRight, 'dependencies': IconSitemap, 'operations': IconDatabase, 'switch': IconArrowsExchange, 'emergency': IconBolt, 'fence': IconShieldLock, 'dossier': IconHistory,
  'add-standby': IconPlus, 'back-up': IconArchive, 'password': IconKey, 'edit': IconPencil, 'copy-address': IconCopy, 'copy-command': IconCommand, 'remove': IconTrash,
};

/** What belongs together in the menu; a line stands between. */
const groups: Record<InstanceAct, 'look' | 'change' | 'record' | 'remove'> = {
  'open': 'look', 'dependencies': 'look', 'operations': 'look', 'switch': 'change', 'emergency': 'change', 'fence': 'change', 'dossier': 'change', 'add-standby': 'change',
  'back-up': 'change',
  'password': 'record', 'edit': 'record', 'copy-address': 'record', 'copy-command': 'record', 'remove': 'remove',
};

async function copy(text: string): Promise<void> {
  const answer = await api.app.copy({ text });
  say({ key: answer.ok ? 'common.copied' : 'common.copy-failed' });
}

/** Begins an act: most open a dialog, which reads the servers again and asks. */
export function begin(act: InstanceAct, { instance }: InstanceView): void {
  const instanceId = instance.id;
  switch (act) {
    case 'open':
      return openInstance(instanceId);
    case 'dependencies':
      return go({ id: 'dependencies', instanceId });
    case 'operations':
      return openInstance(instanceId, 'operations');
    case 'switch':
    case 'emergency':
      return openDialog({ kind: 'switch', instanceId, promotion: act === 'switch' ? 'planned' : 'emergency' });
    case 'fence':
      return openDialog({ kind: 'fence', instanceId });
    case 'dossier':
      return go({ id: 'dossier', instanceId });
    case 'add-standby':
      return openDialog({ kind: 'add-standby', sourceId: instanceId });
    case 'back-up':
      return openDialog({ kind: 'backup-now', instanceId });
    case 'password':
      return openDialog({ kind: 'set-password', instanceId });
    case 'edit':
      return openDialog({ kind: 'edit-instance', instanceId });
    case 'copy-address':
      return void copy(formatEndpoint(instance.admin));
    case 'copy-command':
      return void copy(clientCommand(instance));
    case 'remove':
      return openDialog({ kind: 'remove-instance', instanceId });
    default:
      return act satisfies never;
  }
}

/** Tells the acts of an instance as they are offered now. */
export function useActsOf(): (view: InstanceView) => readonly OfferedAct[] {
  const t = useText();
  const zone = useTimeZone();
  const byId = useFleet((state) => state.byId);
  const { dialogs, pages, tabs } = useFeatures();
  return (view) =>
    actsOf({
      view, source: view.sourceId === null ? undefined : byId.get(view.sourceId), t, dialogs, pages, operations: tabs.operations !== undefined,
      refusalOf: (wanted) => refusalText(t, zone, null, byId, wanted),
    });
}

/** The acts as the lines of a menu. What cannot be begun now stays in its place and says why. `without`: acts that lead where one is. */
export function InstanceActItems({ view, without = [] }: { view: InstanceView; without?: readonly InstanceAct[] }): ReactElement {
  const acts = useActsOf()(view).filter(({ id }) => !without.includes(id));
  return (
    <>
      {acts.map(({ id, label, refusal }, index) => {
        const Icon = icons[id];
        const before = acts[index - 1];
        return (
          <div key={id} role="presentation">
            {before !== undefined && groups[before.id] !== groups[id] ? <Menu.Divider /> : null}
            <Menu.Item
              leftSection={<Icon size={14} />} className={classes.item} closeMenuOnClick={refusal === null}
              aria-disabled={refusal !== null || undefined} data-refused={refusal !== null || undefined}
              onClick={() => {
                if (refusal === null) begin(id, view);
              }}
            >
              {label}
              {refusal === null ? null : <span className={classes.reason}>{refusal}</span>}
            </Menu.Item>
          </div>
        );
      })}
    </>
  );
}
