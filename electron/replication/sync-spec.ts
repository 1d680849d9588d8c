import * as v from 'valibot';
import { accountChoices } from '../../shared/domain/accounts/shared-accounts';
import { scope } from '../../shared/contract/inputs';
import { seedChoices } from '../../shared/domain/sync/sync';

/** A `SyncSpec` as it is kept: in the records of sync tasks, and in the input of every run on their links. */
export const specSchema = v.object({
  name: v.string(),
  sourceId: v.string(),
  standbyId: v.string(),
  scope,
  seed: v.picklist(seedChoices),
  acceptWarnings: v.boolean(),
  eraseTarget: v.boolean(),
  copyRateMb: v.optional(v.number()),
  accounts: v.optional(v.picklist(accountChoices)),
  delaySeconds: v.optional(v.number()),
});
