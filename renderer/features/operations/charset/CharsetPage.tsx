import { Button, Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { DatabaseCharset } from '../../../../shared/domain/operations/charset/plan';
import { api } from '../../../api';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { openInstance } from '../../../stores/ui';
import { useReading } from '../../../stores/reading';
import type { PageProps } from '../../../stores/registry';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconRefresh } from '../../../ui/icons';
import { InstanceName } from '../../../ui/InstanceName';
import { Page } from '../../../ui/Page';
import { Waiting } from '../../../ui/Waiting';
import { ChangePanel } from './ChangePanel';
import classes from './charset.module.css';

/** The character sets of an instance: what its databases are kept in at the left, what is changed and how it goes back at the right. */
export function CharsetPage({ page: { instanceId } }: PageProps<'charset'>): ReactElement | null {
  const t = useText();
  const instance = useInstance(instanceId);
  const { value: found, error, reading, read } = useReading(instanceId, (signal) => api.charset.overview({ instanceId }, { signal }));
  const [chosen, setChosen] = useState<readonly string[]>([]);
  if (instance === undefined) return null;
  return (
    <Page
      title={t('operations.name.character-set')}
      back={{ to: instance.instance.name, onBack: () => openInstance(instanceId, 'operations') }}
      sub={<><InstanceName id={instanceId} />{found === null ? null : ` · MySQL ${found.version}`}</>}
      actions={<Button variant="default" leftSection={<IconRefresh size={14} />} loading={reading} onClick={read}>{t('common.refresh')}</Button>}
    >
      {error === null ? null : <ErrorNotice error={error} onRetry={read} />}
      {found === null ? (error === null ? <Waiting>{t('charset.loading')}</Waiting> : null) : (
        <div className={classes.columns}>
          <div className={classes.main}>
            <p className={classes.light}>{t('charset.server')}: <b>{found.collation}</b> · {t('charset.server.text')}</p>
            <DatabaseTable databases={found.databases} chosen={chosen} onChosen={setChosen} />
          </div>
          <ChangePanel overview={found} chosen={chosen} onDone={read} />
        </div>
      )}
    </Page>
  );
}

interface TableProps {
  readonly databases: readonly DatabaseCharset[];
  readonly chosen: readonly string[];
  readonly onChosen: (chosen: readonly string[]) => void;
}

function DatabaseTable({ databases, chosen, onChosen }: TableProps): ReactElement {
  const t = useText();
  const [search, setSearch] = useState('');
  const shown = databases.filter(({ database }) => database.toLowerCase().includes(search.trim().toLowerCase()));
  const isAll = shown.length > 0 && shown.every(({ database }) => chosen.includes(database));
  const names = shown.map(({ database }) => database);
  return (
    <>
      <TextInput
        size="xs" w={230} value={search} placeholder={t('charset.filter')} aria-label={t('charset.filter')} maxLength={100}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <div className={classes.scroller} role="region" aria-label={t('charset.databases')} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col"><Checkbox size="xs" aria-label={t('charset.choose-all')} checked={isAll} onChange={() => onChosen(isAll ? [] : names)} /></th>
              {(['database', 'default', 'texts', 'tables', 'size', 'keeping'] as const).map((column) =>
                <th key={column} scope="col">{t(`charset.column.${column}`)}</th>)}
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.database}>
                <td>
                  <Checkbox
                    size="xs" aria-label={t('charset.choose', { database: one.database })} checked={chosen.includes(one.database)}
                    onChange={(event) => onChosen(event.currentTarget.checked ? [...chosen, one.database] : chosen.filter((name) => name !== one.database))}
                  />
                </td>
                <td>{one.database}</td>
                <td>{one.collation}</td>
                <td>{one.columns.map((column) => t('charset.count', column)).join(', ')}</td>
                <td>{one.tables}</td>
                <td>{Math.ceil(one.bytes / 1_048_576)} MB</td>
                <td>{one.keeping === 0 ? '–' : one.keeping}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
