import { Anchor, Select, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../../../stores/language';
import type { GroupChoice } from './instance-form';

const newValue = '\u0000new';
const noneValue = '\u0000none';

/** A region or project: one that exists, a new one named in place, or none where that is allowed. */
export function GroupSelect({
  kind,
  choice,
  groups,
  error,
  onChange,
}: {
  kind: 'region' | 'project';
  choice: GroupChoice;
  groups: readonly { readonly id: string; readonly name: string }[];
  error: string | null;
  onChange: (choice: GroupChoice) => void;
}): ReactElement {
  const t = useText();
  if (choice.kind === 'new') {
    const first = groups[0];
    const back: GroupChoice | null = kind === 'project' ? { kind: 'none' } : first === undefined ? null : { kind: 'existing', id: first.id };
    return (
      <TextInput
        label={t(`fleet.form.${kind}-name`)}
        value={choice.name}
        onChange={(event) => onChange({ kind: 'new', name: event.currentTarget.value })}
        error={error}
        maxLength={64}
        required={kind === 'region'}
        withAsterisk={false}
        description={
          back === null ? undefined : (
            <Anchor component="button" type="button" size="xs" onClick={() => onChange(back)}>
              {t('fleet.form.choose-other')}
            </Anchor>
          )
        }
        inputWrapperOrder={['label', 'input', 'description', 'error']}
      />
    );
  }
  return (
    <Select
      label={t(`common.${kind}`)}
      value={choice.kind === 'none' ? noneValue : choice.id}
      error={error}
      searchable={groups.length > 8}
      data={[
        ...(kind === 'project' ? [{ value: noneValue, label: t('common.no-project') }] : []),
        ...groups.map(({ id, name }) => ({ value: id, label: name })),
        { value: newValue, label: t(`fleet.form.new-${kind}`) },
      ]}
      onChange={(value) => {
        if (value === newValue) onChange({ kind: 'new', name: '' });
        else if (value === noneValue) onChange({ kind: 'none' });
        else if (value !== null) onChange({ kind: 'existing', id: value });
      }}
    />
  );
}
