import { Button, Select, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { keepings, type Keeping, type ParameterChange } from '../../../../shared/domain/operations/parameters/change';
import { rangeOf, type Parameter } from '../../../../shared/domain/operations/parameters/parameter';
import { api } from '../../../api';
import { useText } from '../../../stores/language';
import { Facts } from '../../../ui/Page';
import classes from './parameters.module.css';

interface Props {
  readonly instanceId: string;
  readonly one: Parameter;
  readonly persists: boolean;
  /** As it is among the changes already. */
  readonly change: ParameterChange | null;
  readonly onPut: (change: ParameterChange) => void;
}

/** All that is known of a variable, and its new value; or who sets it instead. */
export function VariableDetail({ instanceId, one, persists, change, onPut }: Props): ReactElement {
  const t = useText();
  const old = useOldSessions(instanceId, one);
  const range = rangeOf(one);
  const takes = one.dynamic === null ? 'unknown' : !one.dynamic ? 'restart' : one.perSession ? 'sessions' : 'now';
  return (
    <div className={classes.detail}>
      <p className={classes.light}>{one.text ?? t('parameters.detail.no-text')}</p>
      <Facts
        rows={[
          { name: t('parameters.group'), value: t(`parameters.group.${one.group}`) },
          { name: t('parameters.detail.takes'), value: t(`parameters.detail.takes.${takes}`) },
          { name: t('parameters.column.source'), value: one.source === null ? t('parameters.source.untold') : t(`parameters.source.${one.source}`) },
          ...(range === null ? [] : [{ name: t('parameters.detail.range'), value: t.message(range) }]),
          ...(one.choices === null ? [] : [{ name: t('parameters.detail.words'), value: one.choices.join(', ') }]),
          ...(one.setBy === null ? [] : [{ name: t('parameters.detail.set'), value: t('parameters.detail.by', { who: one.setBy, when: one.setAt ?? '' }) }]),
          ...(old === 0 ? [] : [{ name: t('parameters.detail.old'), value: old }]),
          ...(one.manual === null ? [] : [{ name: t('parameters.detail.manual'), value: t('parameters.detail.manual-of', { ...one.manual }), wide: true }]),
          ...(one.file === '' ? [] : [{ name: t('parameters.detail.file'), value: one.file, wide: true }]),
          ...(one.value.length < 28 ? [] : [{ name: t('parameters.column.value'), value: one.value, wide: true }]),
        ]}
      />
      {one.owner === null ? <Edit one={one} persists={persists} change={change} onPut={onPut} /> : <p>{t('parameters.refusal.owned', { owner: one.owner })}</p>}
    </div>
  );
}

function useOldSessions(instanceId: string, { name, perSession, value }: Parameter): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (!perSession) return undefined;
    const stop = new AbortController();
    void api.parameters.oldSessions({ instanceId, names: [name] }, { signal: stop.signal }).then((answer) => {
      if (!stop.signal.aborted && answer.ok) setCount(answer.value[0]?.count ?? 0);
    });
    return () => stop.abort();
  }, [instanceId, name, perSession, value]);
  return count;
}

function Edit({ one, persists, change, onPut }: Omit<Props, 'instanceId'>): ReactElement {
  const t = useText();
  const [value, setValue] = useState(change?.value ?? one.value);
  const [keep, setKeep] = useState<Keeping>(change?.keep ?? 'lasting');
  const words = one.kind === 'switch' ? ['ON', 'OFF'] : one.kind === 'words' ? one.choices : null;
  const offered = keepings.filter((word) => (word !== 'forget' || one.persisted !== null) && (word !== 'running' || one.dynamic !== false));
  return (
    <form className={classes.form} onSubmit={(event) => { event.preventDefault(); onPut({ name: one.name, value, keep }); }}>
      {keep === 'forget' ? null : words === null
        ? <TextInput size="xs" w={260} label={t('parameters.detail.new')} value={value} maxLength={16_384} onChange={(event) => setValue(event.currentTarget.value)} />
        : <Select size="xs" w={200} label={t('parameters.detail.new')} value={value} data={[...words]} allowDeselect={false} onChange={(next) => setValue(next ?? value)} />}
      <Select
        size="xs" w={210} label={t('parameters.detail.keep')} value={keep} allowDeselect={false} data={offered.map((word) => ({ value: word, label: t(`parameters.keep.${word}`) }))}
        onChange={(next) => setKeep(keepings.find((word) => word === next) ?? 'lasting')}
      />
      <Button size="xs" type="submit" variant="filled">{t('parameters.add')}</Button>
      {one.initial === null || one.initial === value || !persists ? null : (
        <Button size="xs" variant="default" onClick={() => setValue(one.initial ?? value)}>{t('parameters.use-default')}</Button>
      )}
    </form>
  );
}
