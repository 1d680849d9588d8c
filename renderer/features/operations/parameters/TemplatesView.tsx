import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ParameterChange } from '../../../../shared/domain/operations/parameters/change';
import type { ParameterList } from '../../../../shared/domain/operations/parameters/parameter';
import type { OptionFile } from '../../../../shared/domain/operations/parameters/option-file';
import { changesOf, type ParameterTemplate } from '../../../../shared/domain/operations/parameters/template';
import { api } from '../../../api';
import type { Result } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { useReading } from '../../../stores/reading';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { GuardedActionDialog } from '../../../ui/GuardedActionDialog';
import { TimeText } from '../../../ui/TimeText';
import classes from './parameters.module.css';

/** Lines of a file that are named; the rest is counted. */
const named = 5;

interface Props {
  readonly instanceId: string;
  /** null: not read yet. */
  readonly list: ParameterList | null;
  readonly onPut: (changes: readonly ParameterChange[]) => void;
}

/** Settings under a name: saved from this server or an option file, put among the changes of any other, exported as an option file. */
export function TemplatesView({ instanceId, list, onPut }: Props): ReactElement {
  const t = useText();
  const { value, error: unread, read } = useReading('templates', (signal) => api.parameters.templates(undefined, { signal }));
  const templates = value ?? [];
  const [name, setName] = useState('');
  const [told, setTold] = useState('');
  const [removing, setRemoving] = useState<ParameterTemplate | null>(null);
  const { busy, error, act } = useAct<string>();
  const isNamed = name.trim() !== '';
  const saved = (template: ParameterTemplate): void => {
    setName('');
    setTold(t('parameters.terminal.saved', { name: template.name, count: template.settings.length }));
    read();
  };
  const fromFile = (): Promise<void> => act('import', () => readFile(), (file) => {
    if (file === null) return;
    const { path, options, skipped } = file;
    const lines = skipped.slice(0, named).map(({ line, text }) => `${line} ${text}`).join(' · ');
    if (options.length === 0) {
      setTold(t('parameters.templates.empty'));
      return;
    }
    void act('import', () => api.parameters.saveTemplate({ name: name.trim(), settings: [...options], from: path.slice(-200) }), (template) => {
      saved(template);
      if (skipped.length > 0) setTold(t('parameters.templates.skipped', { count: skipped.length, lines }));
    });
  });
  const apply = (template: ParameterTemplate, parameters: ParameterList['parameters']): void => {
    const changes = changesOf(template.settings, parameters, 'lasting');
    onPut(changes);
    setTold(t(changes.length === 0 ? 'parameters.templates.same' : 'parameters.templates.put', { name: template.name, count: changes.length }));
  };
  const write = (template: ParameterTemplate): Promise<void> => act(template.id, () => api.parameters.exportTemplate({ id: template.id }), (text) => {
    void api.app.saveText({ suggestedName: `${template.name}.cnf`, text });
  });
  return (
    <section aria-label={t('parameters.templates')}>
      <div className={classes.form}>
        <TextInput label={t('parameters.templates.name')} value={name} maxLength={64} onChange={(event) => setName(event.currentTarget.value)} />
        <Button
          disabled={!isNamed} loading={busy === 'save'}
          onClick={() => void act('save', () => api.parameters.saveTemplateOf({ name: name.trim(), instanceId }), saved)}
        >
          {t('parameters.templates.save')}
        </Button>
        <Button variant="default" disabled={!isNamed} loading={busy === 'import'} onClick={() => void fromFile()}>{t('parameters.templates.import')}</Button>
      </div>
      {unread === null ? null : <ErrorNotice error={unread} onRetry={read} />}
      {error === null ? null : <ErrorNotice error={error} />}
      <p role="status" className={classes.light}>{told === '' && value?.length === 0 ? t('parameters.templates.none') : told}</p>
      {templates.map((one) => (
        <div key={one.id} className={classes.entry}>
          <div className={classes.entryHead}>
            <b>{one.name}</b>
            <span className={classes.light}>{t('parameters.templates.of', { count: one.settings.length, from: one.from })}</span>
            <TimeText at={one.savedAt} />
          </div>
          <div className={classes.form}>
            <Button size="compact-sm" disabled={list === null} onClick={() => { if (list !== null) apply(one, list.parameters); }}>{t('parameters.templates.apply')}</Button>
            <Button size="compact-sm" variant="default" loading={busy === one.id} onClick={() => void write(one)}>{t('parameters.templates.export')}</Button>
            <Button size="compact-sm" variant="default" onClick={() => setRemoving(one)}>{t('parameters.templates.remove')}</Button>
          </div>
        </div>
      ))}
      {removing === null ? null : (
        <GuardedActionDialog
          title={t('parameters.templates.remove-title', { name: removing.name })} subject={t('parameters.templates.remove-text')} phrase={null}
          confirmLabel={t('parameters.templates.remove')} onClose={() => setRemoving(null)}
          onConfirm={async () => {
            const answer = await api.parameters.removeTemplate({ id: removing.id });
            if (!answer.ok) return answer.error;
            setRemoving(null);
            read();
            return null;
          }}
        />
      )}
    </section>
  );
}

type ReadFile = { readonly path: string } & Pick<OptionFile, 'options' | 'skipped'>;

/** An option file that the user chooses; null: none. */
async function readFile(): Promise<Result<ReadFile | null>> {
  const file = await api.app.openText({ extensions: ['cnf', 'ini'] });
  if (!file.ok || file.value === null) return file.ok ? { ok: true, value: null } : file;
  const { path, text } = file.value;
  const found = await api.parameters.readFile({ text });
  return found.ok ? { ok: true, value: { path, ...found.value } } : found;
}
