import { Button, PasswordInput, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import { formatEndpoint } from '../../../../shared/domain/fleet/instance';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { closeDialog } from '../../../stores/ui';
import { DialogFoot } from '../../../ui/DialogFoot';
import { errorText } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { LongText } from '../../../ui/LongText';
import { eachOf } from '../../../ui/many';
import { StatusBadge } from '../../../ui/StatusBadge';
import { needPassword, passwordGroupings, passwordGroups } from './missing-passwords';
import type { PasswordGroup, PasswordGrouping } from './missing-passwords';
import classes from './SetPasswordsDialog.module.css';

/** Servers that are asked at the same time. */
const atOnce = 6;

/** What came of a server's password: null while it is tried. */
type Outcome = 'given' | CallError | null;

function Result({ view, outcome }: { view: InstanceView; outcome: Outcome | undefined }): ReactElement | null {
  const t = useText();
  if (outcome === undefined) return null;
  if (outcome === null) return <StatusBadge tone="busy" plain>{t('fleet.passwords.trying')}</StatusBadge>;
  if (outcome !== 'given') return <StatusBadge tone="bad" plain title={outcome.detail ?? errorText(t, outcome)}>{errorText(t, outcome)}</StatusBadge>;
  // A server that is away gets the benefit of the doubt: its password is kept, and was not tried.
  return view.health.state === 'unreachable' ? (
    <StatusBadge tone="mute" plain>{t('fleet.passwords.untried')}</StatusBadge>
  ) : (
    <StatusBadge tone="good" plain>{t('fleet.test.pass')}</StatusBadge>
  );
}

interface GroupProps {
  readonly group: PasswordGroup;
  readonly password: string;
  readonly first: boolean;
  readonly busy: boolean;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly onChange: (password: string) => void;
}

/** One entry and the servers that it is for, each with what came of it. */
function Group({ group, password, first, busy, outcomes, onChange }: GroupProps): ReactElement {
  const t = useText();
  const title = t('fleet.passwords.group', { users: group.users.join(', '), regions: group.regions.join(', ') });
  const done = group.instances.every(({ instance }) => outcomes.get(instance.id) === 'given');
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>
        {title} <span className={classes.count}>{t('fleet.passwords.servers', { n: group.instances.length })}</span>
      </legend>
      {done ? null : (
        <PasswordInput
          label={t('fleet.form.password')} aria-label={t('fleet.passwords.of', { group: title })} value={password} disabled={busy} autoComplete="off"
          onChange={(event) => onChange(event.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': t('common.show') }}
          {...(first ? { 'data-autofocus': true } : {})}
        />
      )}
      <ul className={classes.servers} aria-live="polite">
        {group.instances.map((view) => (
          <li key={view.instance.id} className={classes.server}>
            <LongText>{view.instance.name}</LongText>
            <LongText className={classes.address}>{formatEndpoint(view.instance.admin)}</LongText>
            <Result view={view} outcome={outcomes.get(view.instance.id)} />
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

/** The passwords of many servers in few entries: one for all that share a user, a region, or both. Each server answers for itself. */
export function SetPasswordsDialog(): ReactElement {
  const t = useText();
  const { byId, instances, regions } = useFleet();
  // Who needs one when the dialog opens stays in it, so that its answer can be read.
  const [ids] = useState(() => needPassword(instances).map(({ instance }) => instance.id));
  const [grouping, setGrouping] = useState<PasswordGrouping>('user-region');
  const [entries, setEntries] = useState<ReadonlyMap<string, string>>(new Map());
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [busy, setBusy] = useState(false);
  const views = ids.flatMap((id) => byId.get(id) ?? []);
  const groups = passwordGroups(views, ({ instance }) => regions.find(({ id }) => id === instance.regionId)?.name ?? '', grouping);
  const isLeft = ({ instance }: InstanceView): boolean => outcomes.get(instance.id) !== 'given';
  const orders = groups.flatMap((group) => {
    const password = entries.get(group.id) ?? '';
    return password === '' ? [] : group.instances.filter(isLeft).map(({ instance }) => ({ id: instance.id, password }));
  });
  const note = (id: string, outcome: Outcome): void => setOutcomes((before) => new Map(before).set(id, outcome));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    await eachOf(orders, atOnce, async ({ id, password }) => {
      note(id, null);
      const answer = await api.fleet.setPassword({ id, password });
      note(id, answer.ok ? 'given' : answer.error);
    });
    // What is tried is not kept in the window: an entry that failed is given again.
    setEntries(new Map());
    setBusy(false);
  };
  const left = views.filter(isLeft).length;
  return (
    <FormModal title={t('fleet.passwords.title')} size={640} busy={busy} dirty={[...entries.values()].some((entry) => entry !== '')} onClose={closeDialog}>
      <form onSubmit={(event) => void submit(event)} className={classes.form}>
        <p role="status">{left === 0 ? t('fleet.passwords.complete') : t('fleet.passwords.needed', { n: left })}</p>
        {views.length > 1 ? (
          <SegmentedControl
            aria-label={t('fleet.passwords.together')} value={grouping} disabled={busy}
            data={passwordGroupings.map((value) => ({ value, label: t(`fleet.passwords.by.${value}`) }))}
            onChange={(value) => {
              setGrouping(value as PasswordGrouping);
              setEntries(new Map());
            }}
          />
        ) : null}
        <div className={classes.groups}>
          {groups.map((group, index) => (
            <Group
              key={group.id} group={group} first={index === 0} busy={busy} outcomes={outcomes} password={entries.get(group.id) ?? ''}
              onChange={(password) => setEntries((before) => new Map(before).set(group.id, password))}
            />
          ))}
        </div>
        <DialogFoot hint={left === 0 ? null : t('fleet.passwords.hint')}>
          <Button onClick={closeDialog} disabled={busy}>{t('common.close')}</Button>
          {left === 0 ? null : (
            <Button type="submit" variant="filled" loading={busy} disabled={orders.length === 0}>{t('fleet.passwords.apply', { n: orders.length })}</Button>
          )}
        </DialogFoot>
      </form>
    </FormModal>
  );
}
