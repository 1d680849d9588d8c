import { Button, NumberInput, Radio, SegmentedControl, Select } from '@mantine/core';
import type { ReactElement } from 'react';
import { startCharacters } from '../../../../shared/domain/operations/import/lead-bytes';
import { importErrorWays } from '../../../../shared/domain/operations/import/plan';
import type { RowsInspection } from '../../../../shared/domain/operations/import/rows/form';
import { api } from '../../../api';
import { useText } from '../../../stores/language';
import { useReading } from '../../../stores/reading';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Waiting } from '../../../ui/Waiting';
import { RowsForm } from './RowsForm';
import { fileKinds, mappingOf, type ImportWish } from './wish';
import classes from './import.module.css';

interface FormProps {
  readonly instanceId: string;
  readonly wish: ImportWish;
  readonly inspection: RowsInspection | null;
  readonly busy: 'choose' | 'plan' | null;
  readonly onWish: (wish: ImportWish) => void;
  readonly onChoose: (what: 'file' | 'folder') => void;
  readonly onRead: () => void;
}

/** Which file goes where, and what is done about what is refused. */
export function ImportForm({ instanceId, wish, inspection, busy, onWish, onChoose, onRead }: FormProps): ReactElement {
  const t = useText();
  const { value: objects, error, read } = useReading(instanceId, () => api.fleet.objects({ id: instanceId }));
  const isOfRows = wish.kind === 'rows';
  const onError = isOfRows ? 'import.rows.on-error' : 'import.on-error';
  const isReady = wish.path !== null && (!isOfRows || (wish.table !== null && inspection !== null && mappingOf(wish, inspection).some((one) => one !== null)));
  return (
    <>
      <h2>{t('import.next')}</h2>
      <div className={classes.form}>
        <div className={classes.file}>
          <Button variant={wish.path === null ? 'filled' : 'default'} loading={busy === 'choose'} disabled={busy === 'plan'} onClick={() => onChoose('file')}>{t('import.choose')}</Button>
          <Button variant="default" disabled={busy !== null} onClick={() => onChoose('folder')}>{t('import.choose.folder')}</Button>
          <span>{wish.path ?? t('import.choose.none')}</span>
        </div>
        <SegmentedControl
          size="xs" aria-label={t('import.kind')} value={wish.kind} data={fileKinds.map((value) => ({ value, label: t(`import.kind.${value}`) }))}
          onChange={(kind) => onWish({ ...wish, kind: fileKinds.find((one) => one === kind) ?? 'statements', fromByte: 0 })}
        />
        {isOfRows ? <RowsForm wish={wish} objects={objects ?? []} inspection={inspection} onOpen={read} onWish={onWish} /> : (
          <>
            <Select
              label={t('import.database')} placeholder={t('import.database.named')} searchable clearable clearButtonProps={{ 'aria-label': t('import.database.named') }}
              value={wish.database} onDropdownOpen={read} data={(objects ?? []).map(({ name }) => name)} onChange={(database) => onWish({ ...wish, database })}
            />
            <Select
              label={t('import.characters')} placeholder={t('import.characters.named')} clearable clearButtonProps={{ 'aria-label': t('import.characters.named') }}
              value={wish.characters} data={[...startCharacters]}
              onChange={(chosen) => onWish({ ...wish, characters: startCharacters.find((one) => one === chosen) ?? null })}
            />
          </>
        )}
        {error === null ? null : <ErrorNotice error={error} onRetry={read} />}
        <Radio.Group label={t(onError)} value={wish.onError} onChange={(way) => onWish({ ...wish, onError: way === 'collect' ? 'collect' : 'stop' })}>
          {importErrorWays.map((way) => <Radio key={way} mt={6} value={way} label={t(`${onError}.${way}`)} />)}
        </Radio.Group>
        <NumberInput
          label={t('import.from-byte')} description={t('import.from-byte.text')} value={wish.fromByte} min={0} max={Number.MAX_SAFE_INTEGER} allowDecimal={false}
          allowNegative={false} hideControls onChange={(value) => onWish({ ...wish, fromByte: typeof value === 'number' ? value : 0 })}
        />
      </div>
      {busy === 'plan' ? <Waiting>{t('import.planning')}</Waiting> : null}
      <div className={classes.foot}>
        <Button variant={isReady ? 'filled' : 'default'} disabled={!isReady} loading={busy === 'plan'} onClick={onRead}>{t('import.plan')}</Button>
      </div>
    </>
  );
}
