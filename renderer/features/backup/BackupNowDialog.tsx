import { Button, Checkbox, Radio } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { wholeInstance, type Scope } from '../../../shared/domain/scope/scope';
import { api } from '../../api';
import { useAct } from '../../stores/act';
import { useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import type { DialogProps } from '../../stores/registry';
import { useSourceObjects } from '../../stores/source-objects';
import { putTask } from '../../stores/tasks';
import { closeDialog, openDialog, openInstance } from '../../stores/ui';
import { DialogFoot } from '../../ui/DialogFoot';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { FormModal } from '../../ui/FormModal';
import { InstanceName } from '../../ui/InstanceName';
import { Waiting } from '../../ui/Waiting';
import { isUsable, NewPassphraseFields, noPassphrase, type NewPassphrase } from './Passphrase';
import { usePlaces } from './known-places';
import { PlaceChoice } from './PlaceChoice';
import { ScopeChoice } from './ScopeChoice';
import { useStandInFor } from './stand-in';
import classes from './backup.module.css';

/** Takes a backup of an instance: what of it, where to, encrypted or not. */
export function BackupNowDialog({ dialog: { instanceId } }: DialogProps<'backup-now'>): ReactElement | null {
  const view = useInstance(instanceId);
  return view === undefined ? null : <BackupNow view={view} />;
}

function BackupNow({ view }: { view: InstanceView }): ReactElement {
  const t = useText();
  const { id, name } = view.instance;
  const [scope, setScope] = useState<Scope>(wholeInstance);
  const [place, setPlace] = useState<string | null>(null);
  const [encrypts, setEncrypts] = useState(false);
  const [passphrase, setPassphrase] = useState<NewPassphrase>(noPassphrase);
  const places = usePlaces();
  const { busy, error, act } = useAct<'start'>();
  const start = (): void => void act('start', () => api.backup.create({ instanceId: id, scope, place, passphrase: encrypts ? passphrase.text : null }), (task) => {
    putTask(task);
    closeDialog();
    openInstance(id, 'backups');
  });
  const isChosen = scope.kind === 'instance' || scope.databases.length > 0;
  const dirty = scope.kind !== 'instance' || place !== null || encrypts;
  return (
    <FormModal title={t('backup.screen.now.title', { name })} size={720} busy={busy !== null} dirty={dirty} onClose={closeDialog}>
      <div className={classes.form}>
        <div><InstanceName id={id} /></div>
        <StandIn view={view} />
        <Objects view={view} scope={scope} onChange={setScope} />
        <PlaceChoice places={places} chosen={place} onChoose={setPlace} />
        <Encryption on={encrypts} onTurn={setEncrypts} passphrase={passphrase} onType={setPassphrase} />
        {error === null ? null : <ErrorNotice error={error} />}
      </div>
      <DialogFoot>
        <Button onClick={closeDialog} disabled={busy !== null}>{t('common.cancel')}</Button>
        <Button variant="filled" loading={busy !== null} disabled={!isChosen || (encrypts && !isUsable(passphrase))} onClick={start} data-autofocus>{t('backup.screen.act.now')}</Button>
      </DialogFoot>
    </FormModal>
  );
}

/** Where a standby holds the same data, it is the better place to read it from. */
function StandIn({ view }: { view: InstanceView }): ReactElement | null {
  const t = useText();
  const standIn = useStandInFor(view);
  if (standIn === null) return null;
  const standby = standIn.instance.name;
  return (
    <div className={classes.notice}>
      <span>{t('backup.screen.now.standby', { standby, name: view.instance.name })}</span>
      <Button onClick={() => openDialog({ kind: 'backup-now', instanceId: standIn.instance.id })}>{t('backup.screen.now.use-standby', { standby })}</Button>
    </div>
  );
}

function Objects({ view, scope, onChange }: { view: InstanceView; scope: Scope; onChange: (scope: Scope) => void }): ReactElement {
  const t = useText();
  return (
    <Radio.Group
      label={t('backup.screen.now.scope')} value={scope.kind} classNames={{ label: classes.groupTitle }}
      onChange={(kind) => onChange(kind === 'instance' ? wholeInstance : { kind: 'partial', databases: [] })}
    >
      <div className={classes.group}>
        <div className={classes.choice} data-checked={scope.kind === 'instance' || undefined}>
          <Radio value="instance" label={t('backup.screen.now.whole')} description={t('backup.screen.now.whole-text')} />
        </div>
        <div className={classes.choice} data-checked={scope.kind === 'partial' || undefined}>
          <Radio value="partial" label={t('backup.screen.now.part')} description={t('backup.screen.now.part-text')} />
        </div>
        {scope.kind === 'instance' ? null : <Part view={view} scope={scope} onChange={onChange} />}
      </div>
    </Radio.Group>
  );
}

interface PartProps {
  readonly view: InstanceView;
  readonly scope: Extract<Scope, { kind: 'partial' }>;
  readonly onChange: (scope: Scope) => void;
}

/** The databases of the server, read when a part of them is wanted. */
function Part({ view: { instance }, scope, onChange }: PartProps): ReactElement {
  const t = useText();
  const { objects, error, again } = useSourceObjects(instance.id);
  if (error !== null) return <ErrorNotice error={error} onRetry={again} />;
  if (objects === null) return <Waiting>{t('backup.screen.now.objects', { name: instance.name })}</Waiting>;
  return <ScopeChoice objects={objects} databases={scope.databases} onChange={(databases) => onChange({ kind: 'partial', databases })} />;
}

interface EncryptionProps {
  readonly on: boolean;
  readonly onTurn: (on: boolean) => void;
  readonly passphrase: NewPassphrase;
  readonly onType: (passphrase: NewPassphrase) => void;
}

function Encryption({ on, onTurn, passphrase, onType }: EncryptionProps): ReactElement {
  const t = useText();
  return (
    <div className={classes.group}>
      <Checkbox checked={on} onChange={(event) => onTurn(event.currentTarget.checked)} label={t('backup.screen.now.encrypt')} description={t('backup.screen.now.encrypt-text')} />
      {on ? <NewPassphraseFields value={passphrase} onChange={onType} lost={t('backup.screen.now.lost')} /> : null}
    </div>
  );
}
