import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { ProblemAct } from '../../shared/domain/analysis/act';
import type { Translator } from '../../shared/i18n/translate';
import { useFleet } from '../stores/fleet';
import { useText } from '../stores/language';
import { useFeatures } from '../stores/registry';
import { go, openDialog, openInstance, type Dialog } from '../stores/ui';

/** The dialog that does an act; null: it is done otherwise. */
function dialogOf(act: ProblemAct): Dialog | null {
  switch (act.kind) {
    case 'promote':
      return { kind: 'switch', instanceId: act.instanceId, promotion: 'emergency' };
    case 'switch-over':
      return { kind: 'switch', instanceId: act.instanceId, promotion: 'planned' };
    case 'fence':
      return { kind: 'fence', instanceId: act.instanceId };
    case 'password':
      return { kind: 'set-password', instanceId: act.instanceId };
    case 'enable-gtid':
      return { kind: 'enable-gtid', instanceId: act.instanceId };
    case 'add-standby':
      return { kind: 'add-standby', sourceId: act.instanceId };
    case 'create-sync':
      return { kind: 'create-sync', sourceId: act.sourceId, standbyId: act.standbyId };
    case 'register':
      return { kind: 'add-instance', prefill: { name: act.host.slice(0, 64), admin: { host: act.host, port: act.port } } };
    case 'rejoin':
    case 'open':
    case 'sync':
      return null;
    default:
      return act satisfies never;
  }
}

function labelOf(t: Translator, act: ProblemAct, name: string): string {
  switch (act.kind) {
    case 'promote':
    case 'fence':
    case 'open':
      return t(`incident.act.${act.kind}`, { name });
    case 'switch-over':
      return t('promotion.action.planned');
    case 'password':
      return t('fleet.set-password');
    case 'enable-gtid':
      return t('gtid.open');
    case 'add-standby':
      return t('fleet.add-standby');
    case 'rejoin':
      return t('failback.open');
    case 'create-sync':
      return t('sync.page.create');
    case 'register':
      return t('fleet.unregistered.register');
    case 'sync':
      return '';
    default:
      return act satisfies never;
  }
}

/** What an act without a dialog leads to. */
function goTo(kind: ProblemAct['kind'], instanceId: string): void {
  if (kind === 'rejoin') go({ id: 'failback', instanceId });
  else openInstance(instanceId);
}

/** The button that does what can be done about a problem; nothing where it is not built, or a sync task has it in its hands. */
export function ProblemActButton({ act, recommended = false }: { act: ProblemAct; recommended?: boolean }): ReactElement | null {
  const t = useText();
  const { dialogs } = useFeatures();
  const byId = useFleet((state) => state.byId);
  const dialog = dialogOf(act);
  const isBuilt = dialog === null ? act.kind === 'open' || act.kind === 'rejoin' : dialogs[dialog.kind] !== undefined;
  if (!isBuilt) return null;
  const id = act.kind === 'register' ? null : act.kind === 'create-sync' ? act.standbyId : act.instanceId;
  const name = id === null ? '' : (byId.get(id)?.instance.name ?? id);
  const color = act.kind === 'fence' || act.kind === 'promote' ? 'red' : 'accent';
  return (
    <Button
      variant={recommended ? 'filled' : 'default'}
      color={color}
      onClick={() => {
        if (dialog !== null) openDialog(dialog);
        else if (id !== null) goTo(act.kind, id);
      }}
    >
      {labelOf(t, act, name)}
    </Button>
  );
}
