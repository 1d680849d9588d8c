import { createContext, useContext } from 'react';
import type { Problem } from '../../shared/domain/fleet/problem';
import type { DatabaseObjects } from '../../shared/domain/fleet/view';
import type { ScopeDatabase } from '../../shared/domain/scope/scope';
import type { ComponentType } from 'react';
import type { DialogKind, DialogOf, InstanceTab, PageId, PageOf } from './ui';

/** What a page component is given: the page it is to show. */
export type PageProps<Id extends PageId> = { readonly page: PageOf<Id> };
/** What a dialog component is given. It renders the whole dialog (modal frame included) and calls `closeDialog()`. */
export type DialogProps<Kind extends DialogKind> = { readonly dialog: DialogOf<Kind> };
/** What a place on the instance page is given. */
export type InstanceSlotProps = { readonly instanceId: string };
/** What opens over a dialog is given; `onClose` leads back to that dialog. */
export type OverlaySlotProps = InstanceSlotProps & { readonly onClose: () => void };
/** What chooses databases and tables is given: those that there are, and those that are chosen. */
type ScopeSlotProps = {
  readonly objects: readonly DatabaseObjects[];
  readonly chosen: readonly ScopeDatabase[];
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly onChange: (databases: readonly ScopeDatabase[]) => void;
};
/** What a place beneath a problem is given. */
export type ProblemSlotProps = { readonly instanceId: string; readonly problem: Problem };

/**
 * Every page, dialog and slot that is built, by name: where features meet that do not know each other. What is not in here
 * does not exist for the user: no rail entry, no button that would open it. Filled in `app/features.ts`.
 */
export interface Features {
  readonly pages: { readonly [Id in PageId]?: ComponentType<PageProps<Id>> };
  readonly dialogs: { readonly [Kind in DialogKind]?: ComponentType<DialogProps<Kind>> };
  /** The tabs of an instance's page beside its details. */
  readonly tabs: { readonly [Id in Exclude<InstanceTab, 'details'>]?: ComponentType<InstanceSlotProps> };
  readonly slots: {
    /** Top right of the instance page: *Switch to primary*. */
    readonly instanceAction?: ComponentType<InstanceSlotProps>;
    /** Under the lag band of a standby: what switching now would cost. */
    readonly switchForecast?: ComponentType<InstanceSlotProps>;
    /** State of the standby's sync task, with *Create sync task* where there is none. */
    readonly standbySync?: ComponentType<InstanceSlotProps>;
    /** Beneath the cure of a problem: the button that does it. */
    readonly problemCure?: ComponentType<ProblemSlotProps>;
    /** Above every page, in this order: what needs the user at once. */
    readonly banners?: readonly ComponentType[];
    /** On the audit page, before the record: reports of what was done. */
    readonly reports?: ComponentType;
    /** On the first page of an empty inventory: servers to practise on. */
    readonly practice?: ComponentType;
    /** Over a dialog that finds GTIDs missing: turns them on, and gives the way back. */
    readonly gtidChange?: ComponentType<OverlaySlotProps>;
    /** In a dialog: the databases and tables that it is about. */
    readonly scopePicker?: ComponentType<ScopeSlotProps>;
  };
}

const none: Features = { pages: {}, dialogs: {}, tabs: {}, slots: {} };
export const FeaturesContext = createContext<Features>(none);

/** The features that are built. */
export function useFeatures(): Features {
  return useContext(FeaturesContext);
}

/** Whether a dialog is built, for the button that would open it. */
export function useHasDialog(kind: DialogKind): boolean {
  return useFeatures().dialogs[kind] !== undefined;
}
