import type { AccountChange, AccountDetail } from '../../../../shared/domain/operations/accounts/change';

/** What the user wants to do: make an account, or something to one that is there. */
export type Wanted =
  | { readonly kind: 'create' }
  | { readonly kind: Exclude<AccountChange['kind'], 'create' | 'create-role'>; readonly detail: AccountDetail };

/** What a form of a change is given: tells the change whenever it is complete, else null. */
export interface FormProps {
  readonly onChange: (change: AccountChange | null) => void;
}
