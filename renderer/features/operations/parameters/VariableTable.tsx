import { Select, Switch, TextInput, UnstyledButton } from '@mantine/core';
import { Fragment, useState } from 'react';
import type { ReactElement } from 'react';
import type { ParameterChange } from '../../../../shared/domain/operations/parameters/change';
import { parameterGroups, type ParameterGroup } from '../../../../shared/domain/operations/parameters/groups';
import { isChanged, type Parameter, type ParameterList } from '../../../../shared/domain/operations/parameters/parameter';
import { useText } from '../../../stores/language';
import { VariableDetail } from './VariableDetail';
import { VariableName } from './VariableName';
import classes from './parameters.module.css';

interface Props {
  readonly list: ParameterList;
  readonly changes: readonly ParameterChange[];
  readonly onPut: (change: ParameterChange) => void;
}

/** Every variable with a filter; one opens to all that is known of it, and to its new value. */
export function VariableTable({ list, changes, onPut }: Props): ReactElement {
  const t = useText();
  const [search, setSearch] = useState('');
  const [changedOnly, setChangedOnly] = useState(false);
  const [group, setGroup] = useState<ParameterGroup | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const wanted = search.trim().toLowerCase();
  const shown = list.parameters.filter((one) => (!changedOnly || isChanged(one)) && (group === null || one.group === group)
    && (one.name.includes(wanted) || one.value.toLowerCase().includes(wanted)));
  return (
    <>
      <div className={classes.bar}>
        <TextInput
          size="xs" w={230} value={search} placeholder={t('parameters.filter')} aria-label={t('parameters.filter')} maxLength={100}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Select
          size="xs" w={190} value={group} placeholder={t('parameters.group.all')} aria-label={t('parameters.group')} clearable
          data={parameterGroups.map((one) => ({ value: one, label: t(`parameters.group.${one}`) }))}
          onChange={(next) => setGroup(parameterGroups.find((one) => one === next) ?? null)}
        />
        <Switch size="xs" label={t('parameters.changed-only')} checked={changedOnly} onChange={(event) => setChangedOnly(event.currentTarget.checked)} />
        <p className={classes.light}>{t('parameters.count', { shown: shown.length, all: list.parameters.length })}</p>
      </div>
      <div className={classes.scroller} role="region" aria-label={t('operations.name.parameters')} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('parameters.column.name')}</th>
              <th scope="col">{t('parameters.column.value')}</th>
              <th scope="col">{t('parameters.column.initial')}</th>
              {list.persists ? <th scope="col">{t('parameters.column.persisted')}</th> : null}
              {list.persists ? <th scope="col">{t('parameters.column.source')}</th> : null}
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <Fragment key={one.name}>
                <Row one={one} persists={list.persists} isOpen={open === one.name} onToggle={() => setOpen(open === one.name ? null : one.name)} />
                {open === one.name ? (
                  <tr className={classes.opened}>
                    <td colSpan={list.persists ? 5 : 3}>
                      <VariableDetail instanceId={list.instanceId} one={one} persists={list.persists} onPut={onPut}
                        change={changes.find(({ name }) => name === one.name) ?? null} />
                    </td>
                  </tr>
                ) : null}
              </Fragment>
            ))}
          </tbody>
        </table>
        {shown.length === 0 ? <p className={classes.light}>{t('parameters.none')}</p> : null}
      </div>
    </>
  );
}

function Row({ one, persists, isOpen, onToggle }: { one: Parameter; persists: boolean; isOpen: boolean; onToggle: () => void }): ReactElement {
  const t = useText();
  return (
    <tr>
      <td>
        <UnstyledButton className={classes.open} aria-expanded={isOpen} onClick={onToggle}><VariableName>{one.name}</VariableName></UnstyledButton>
        {one.dynamic === false ? <span className={classes.tag}>{t('parameters.restart')}</span> : null}
      </td>
      <td className={`${classes.value} ${isChanged(one) ? classes.changed : ''}`} title={one.value}>{one.value}</td>
      <td className={classes.value} title={one.initial ?? undefined}>{one.initial ?? t('parameters.unknown')}</td>
      {persists ? <td className={classes.value} title={one.persisted ?? undefined}>{one.persisted ?? '–'}</td> : null}
      {persists ? <td>{one.source === null ? t('parameters.unknown') : t(`parameters.source.${one.source}`)}</td> : null}
    </tr>
  );
}
