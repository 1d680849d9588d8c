import { Button, Checkbox, NumberInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { keepsText, mostKept, mostProveDays, type BackupPolicy } from '../../../shared/domain/backup/policy';
import { provenForDays } from '../../../shared/domain/backup/standing';
import type { ScheduleView } from '../../../shared/domain/schedules/schedule';
import { api, type CallError, type Result } from '../../api';
import { useBackupsState } from '../../stores/backups';
import { useText } from '../../stores/language';
import { loadSchedules, useScheduleOf, useSchedulesError } from '../../stores/schedules';
import { useSettings } from '../../stores/settings';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { Section } from '../../ui/Page';
import { formKey, ScheduleFacts, ScheduleForm } from '../../ui/Schedule';
import { Waiting } from '../../ui/Waiting';
import { usePlaces } from './known-places';
import { isUsable, NewPassphraseFields, noPassphrase, type NewPassphrase } from './Passphrase';
import { PlaceChoice } from './PlaceChoice';
import classes from './backup.module.css';

/** When an instance is backed up by itself, where to, and what is kept; with the next run, how the last one went, and what was missed. */
export function ScheduleSection({ instanceId }: { instanceId: string }): ReactElement {
  const t = useText();
  const schedule = useScheduleOf('backup', instanceId);
  const schedulesError = useSchedulesError();
  const { policy, error, again, put } = usePolicy(instanceId);
  return (
    <Section title={t('backup.screen.schedule.title')} boxed>
      {error === null ? null : <ErrorNotice error={error} onRetry={again} />}
      {schedulesError === null ? null : <ErrorNotice error={schedulesError} onRetry={() => void loadSchedules()} />}
      {error === null && schedulesError === null && (policy === null || schedule === null) ? <Waiting>{t('backup.screen.schedule.loading')}</Waiting> : null}
      {policy === null || schedule === null ? null : <PolicyForm key={formKey(instanceId, schedule)} policy={policy} schedule={schedule} onSaved={put} />}
      {schedule ? <ScheduleFacts schedule={schedule} /> : null}
    </Section>
  );
}

interface PolicyState {
  /** null: not read yet. */
  readonly policy: BackupPolicy | null;
  readonly error: CallError | null;
  again(): void;
  put(policy: BackupPolicy): void;
}

/** The policy of an instance, read again whenever something of the backups has changed. */
function usePolicy(instanceId: string): PolicyState {
  const [read, setRead] = useState<Pick<PolicyState, 'policy' | 'error'>>({ policy: null, error: null });
  const [turn, setTurn] = useState(0);
  const backups = useBackupsState((state) => state.backups);
  useEffect(() => {
    const stop = new AbortController();
    void api.backup.policy({ id: instanceId }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      if (answer.ok) setRead({ policy: answer.value, error: null });
      else setRead(({ policy }) => ({ policy: policy?.instanceId === instanceId ? policy : null, error: answer.error }));
    });
    return () => stop.abort();
  }, [instanceId, backups, turn]);
  return { ...read, again: () => setTurn(turn + 1), put: (policy) => setRead({ policy, error: null }) };
}

type Kept = Pick<BackupPolicy, 'keepCount' | 'keepDays'>;

interface PolicyFormProps {
  readonly policy: BackupPolicy;
  readonly schedule: ScheduleView | undefined;
  readonly onSaved: (policy: BackupPolicy) => void;
}

function PolicyForm({ policy, schedule, onSaved }: PolicyFormProps): ReactElement {
  const t = useText();
  // Only what was entered: the rest follows what is saved elsewhere.
  const [entered, setEntered] = useState<Partial<BackupPolicy>>({});
  const now: BackupPolicy = { ...policy, ...entered };
  // null: it stays the one that is kept.
  const [passphrase, setPassphrase] = useState<NewPassphrase | null>(policy.encrypted ? null : noPassphrase);
  const places = usePlaces();
  const typed = now.encrypted ? passphrase : null;
  const isChanged = typed !== null || changeable.some((field) => now[field] !== policy[field]);
  const isFaulty = !isKept(now.keepCount, mostKept.count) || !isKept(now.keepDays, mostKept.days) || !isKept(now.proveDays, mostProveDays);
  const set = (change: Partial<BackupPolicy>): void => setEntered((before) => ({ ...before, ...change }));
  const save = async (): Promise<Result<BackupPolicy>> => {
    const answer = await api.backup.setPolicy({ ...now, passphrase: typed?.text ?? null });
    if (!answer.ok) return answer;
    setPassphrase(now.encrypted ? null : noPassphrase);
    onSaved(answer.value);
    return answer;
  };
  const fields = (
    <div className={classes.group}>
      <KeptFields kept={now} onChange={set} />
      <p className={classes.line}>{t('backup.screen.schedule.sum', { kept: t.message(keepsText(now)) })}</p>
      <PlaceChoice places={places} chosen={now.place} onChoose={(place) => set({ place })} />
      <ProofField days={now.proveDays} onChange={(proveDays) => set({ proveDays })} />
      <Encryption
        on={now.encrypted} isKept={policy.encrypted} passphrase={passphrase} onType={setPassphrase}
        onTurn={(encrypted) => {
          setPassphrase(policy.encrypted ? null : noPassphrase);
          set({ encrypted });
        }}
      />
    </div>
  );
  return (
    <ScheduleForm
      kind="backup" subject={policy.instanceId} schedule={schedule} label={t('backup.screen.schedule.repeats')}
      more={{ fields, isChanged, isFaulty: isFaulty || (typed !== null && !isUsable(typed)), save }}
    />
  );
}

const changeable = ['place', 'keepCount', 'keepDays', 'encrypted', 'proveDays'] as const;

/** After how many days without a proof a new backup is proven by itself; an empty field: never. */
function ProofField({ days, onChange }: { days: number | null; onChange: (days: number | null) => void }): ReactElement {
  const t = useText();
  return (
    <NumberInput
      maw={420} label={t('backup.screen.schedule.prove')} description={t('backup.screen.schedule.prove-text', { days: provenForDays })} inputWrapperOrder={['label', 'input', 'description']}
      classNames={{ input: classes.daysField }} value={days ?? ''} min={1} max={mostProveDays} allowDecimal={false} allowNegative={false} onChange={(value) => onChange(value === '' ? null : Number(value))}
    />
  );
}

interface EncryptionProps {
  readonly on: boolean;
  readonly onTurn: (on: boolean) => void;
  /** A passphrase is kept already. */
  readonly isKept: boolean;
  /** null: the one that is kept stays. */
  readonly passphrase: NewPassphrase | null;
  readonly onType: (passphrase: NewPassphrase | null) => void;
}

/** Whether scheduled backups are encrypted, and with what. Where nothing keeps a passphrase, none can be set. */
function Encryption({ on, onTurn, isKept: hasOne, passphrase, onType }: EncryptionProps): ReactElement {
  const t = useText();
  const isHomeless = useSettings((state) => state.secrets?.tier === 'session') && !hasOne;
  return (
    <div className={classes.group}>
      <Checkbox
        checked={on} disabled={isHomeless} onChange={(event) => onTurn(event.currentTarget.checked)} label={t('backup.screen.now.encrypt')}
        description={t(isHomeless ? 'backup.screen.schedule.no-store' : on ? 'backup.screen.schedule.kept' : 'backup.screen.schedule.plain')}
      />
      {!on ? null : passphrase === null
        ? <div><Button size="compact-sm" onClick={() => onType(noPassphrase)}>{t('backup.screen.schedule.other-passphrase')}</Button></div>
        : <NewPassphraseFields value={passphrase} onChange={onType} lost={t('backup.screen.schedule.lost')} />}
    </div>
  );
}

function isKept(given: number | null, most: number): boolean {
  return given === null || (Number.isInteger(given) && given >= 1 && given <= most);
}

/** How many and for how long; an empty field says nothing. */
function KeptFields({ kept: { keepCount, keepDays }, onChange }: { kept: Kept; onChange: (change: Partial<Kept>) => void }): ReactElement {
  const t = useText();
  const given = (value: number | string): number | null => (value === '' ? null : Number(value));
  return (
    <div className={classes.row}>
      <NumberInput w={170} label={t('backup.screen.schedule.count')} value={keepCount ?? ''} min={1} max={mostKept.count} allowDecimal={false} allowNegative={false} onChange={(value) => onChange({ keepCount: given(value) })} />
      <NumberInput w={170} label={t('backup.screen.schedule.days')} value={keepDays ?? ''} min={1} max={mostKept.days} allowDecimal={false} allowNegative={false} onChange={(value) => onChange({ keepDays: given(value) })} />
    </div>
  );
}
