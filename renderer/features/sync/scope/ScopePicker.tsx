import { TextInput } from '@mantine/core';
import type { ComponentProps, ReactElement } from 'react';
import { useText } from '../../../stores/language';
import { IconSearch } from '../../../ui/icons';
import { ScopeTree } from './ScopeTree';

/** Databases and tables to choose from, with a search over their names. */
export function ScopePicker({ onSearch, ...tree }: ComponentProps<typeof ScopeTree> & { onSearch: (search: string) => void }): ReactElement {
  const t = useText();
  return (
    <>
      <TextInput
        value={tree.search}
        onChange={(event) => onSearch(event.currentTarget.value)}
        placeholder={t('sync.wizard.search-objects')}
        aria-label={t('sync.wizard.search-objects')}
        leftSection={<IconSearch size={14} aria-hidden />}
      />
      <ScopeTree {...tree} />
    </>
  );
}
