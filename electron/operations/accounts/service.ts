import { exportStatements } from '../../../shared/domain/accounts/definition-text';
import { whoMayTouch } from '../../../shared/domain/accounts/reach';
import { isReservedAccount } from '../../../shared/domain/accounts/shared-accounts';
import { accountDifferences, accountName, type AccountState } from '../../../shared/domain/accounts/state';
import { needsPassword, passwordPlace, type AccountName, type AccountOutcome, type StatementParts } from '../../../shared/domain/operations/accounts/change';
import { errorOf, failure } from '../../../shared/errors/codes';
import { audited } from '../../fleet/audited';
import { digestKey, readAccountStates } from '../../mysql/accounts/states';
import { Secret, statementOf, type Statement } from '../../mysql/statement';
import type { Session } from '../../mysql/types';
import type { AuditLog } from '../../storage/types';
import { PlanDrafts } from '../../tasks/plan-drafts';
import { refusalRecorded } from '../permission';
import { carryOut, draftCarry, type CarryDraft, type CarryRequest } from './carry';
import { compareAccounts } from './comparison';
import { draftAccountPlan, type AccountDeps, type AccountDraft, type AccountRequest } from './plan';
import { linkUserOf, readAccounts, readPlugins, readPolicy } from './reading';
import { detailOf, rowsOf } from './rows';
import type { AccountOrder, AccountService } from './types';

const operation = 'accounts';

/**
 * Account management (S7): read on every role, changed where the policy allows it. A plan is made from the server as it is, shown with what takes
 * it back, made again when it is carried out, and recorded before its first statement.
 */
export function createAccounts(deps: AccountDeps & { readonly audit: AuditLog }): AccountService {
  const { fleet, audit, clock } = deps;
  const drafts = new PlanDrafts<AccountRequest, AccountDraft>({
    clock,
    draft: (id, request, signal) => draftAccountPlan(deps, id, request, signal),
    outdated: (shown, now) => (shown.basis === now.basis ? null : accountName(now.plan.account)),
  });
  const carries = new PlanDrafts<CarryRequest, CarryDraft>({
    clock,
    draft: (id, request, signal) => draftCarry(deps, id, request, signal),
    outdated: (shown, now) => (shown.basis === now.basis ? null : now.plan.serverName),
  });
  return {
    list: async (instanceId, signal) => {
      const linkUser = await linkUserOf(fleet, instanceId);
      return fleet.withSession(instanceId, async (session) => {
        const read = await readAccounts(session, signal);
        const [policy, plugins] = [await readPolicy(session), await readPlugins(session)];
        return {
          accounts: rowsOf(read, linkUser), abilities: read.abilities, policy, plugins, databases: read.databases, privileges: read.words.privileges,
        };
      });
    },
    show: async (instanceId, account, signal) => {
      const linkUser = await linkUserOf(fleet, instanceId);
      return fleet.withSession(instanceId, async (session) => detailOf(await readAccounts(session, signal), linkUser, account));
    },
    who: (instanceId, table, signal) => fleet.withSession(instanceId, async (session) => {
      const { states, rules } = await readAccounts(session, signal);
      const sql = 'SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?';
      const found = await session.query(sql, [table.database, table.table]);
      return { accounts: whoMayTouch(states.filter(({ user }) => !isReservedAccount(user)), table, rules), exists: found.length > 0 };
    }),
    compare: (leftId, rightId, signal) => compareAccounts(fleet, leftId, rightId, signal),
    export: (instanceId, accounts, signal) => fleet.withSession(instanceId, async (session) => {
      const { states, words } = await readAccounts(session, signal);
      return exportText(fleet.instance(instanceId).name, chosenStates(states, accounts).flatMap((state) => exportStatements(state, words)));
    }),
    plan: (instanceId, change, signal) => refusalRecorded(
      { fleet, audit }, instanceId, operation, { change: change.kind, account: accountName(change.account) }, () => drafts.plan({ instanceId, change }, signal),
    ),
    execute: (order) => execute(deps, drafts, order),
    planCarry: (request, signal) => refusalRecorded(
      { fleet, audit }, request.toId, operation, { change: 'carry', from: fleet.instance(request.fromId).name }, () => carries.plan(request, signal),
    ),
    carry: (planId) => {
      const { plan } = carries.find(planId);
      const account = plan.accounts.map(accountName).join(', ');
      const detail = { change: 'carry', from: plan.fromName, account, sql: plan.sql.map(({ sql }) => sql).join('; ') };
      return audited(audit, `operation.${operation}`, plan.serverName, detail, async (note) => {
        return carryOut(deps, await carries.take(planId, '', () => undefined), (count) => note({ count }));
      });
    },
  };
}

function chosenStates(states: readonly AccountState[], accounts: readonly AccountName[]): readonly AccountState[] {
  if (accounts.length === 0) return states.filter(({ user }) => !isReservedAccount(user));
  return accounts.map((wanted) => {
    const state = states.find((one) => accountName(one) === accountName(wanted));
    if (state === undefined) throw failure('not-found', { kind: 'account', name: accountName(wanted) });
    return state;
  });
}

function exportText(server: string, statements: readonly string[]): string {
  // A name cannot end the comment.
  return `-- ${server.replaceAll(/[\r\n]/g, ' ')}\n${statements.map((sql) => `${sql};\n`).join('')}`;
}

async function execute(
  { fleet, audit }: AccountDeps & { readonly audit: AuditLog }, drafts: PlanDrafts<AccountRequest, AccountDraft>, { planId, phrase, password }: AccountOrder,
): Promise<AccountOutcome> {
  const { plan, request: { instanceId, change } } = drafts.find(planId);
  const detail = { change: change.kind, account: accountName(change.account), sql: plan.sql.map(({ sql }) => sql).join('; ') };
  return audited(audit, `operation.${operation}`, plan.serverName, detail, async (note) => {
    if (needsPassword(change) && (password === null || password === '')) throw failure('invalid-input', { field: 'password', reason: 'required' });
    const draft = await drafts.take(planId, phrase, () => undefined);
    return fleet.withSession(instanceId, async (session) => {
      await runAll(session, plan.serverName, draft, password, (count) => note({ count }));
      return { sql: draft.plan.sql, differs: await differsFrom(session, draft) };
    });
  });
}

/** Runs the statements in their order. @throws Failure of the server where nothing was changed, else `account-change-stopped` */
async function runAll(
  session: Session, server: string, { statements, plan }: AccountDraft, password: string | null, ran: (count: number) => void,
): Promise<void> {
  for (const [at, parts] of statements.entries()) {
    try {
      await session.run(statementWith(parts, password));
      ran(at + 1);
    } catch (thrown) {
      const error = errorOf(thrown);
      if (at === 0) throw thrown;
      const params = { account: accountName(plan.account), done: at, total: statements.length };
      throw failure('account-change-stopped', params, { server, ...(error.detail === undefined ? {} : { detail: error.detail }), cause: thrown });
    }
  }
}

function statementWith(parts: StatementParts, password: string | null): Statement {
  return statementOf(...parts.map((part) => (part === passwordPlace ? new Secret(password ?? '') : part)));
}

/** The account is read again: in what it is not as it was planned. Of a password nothing but that it is there can be said. */
async function differsFrom(session: Session, { effect: { after, kept }, plan }: AccountDraft): Promise<readonly string[]> {
  const states = await readAccountStates(session, digestKey());
  const name = accountName(after ?? plan.account);
  const now = states.find((state) => accountName(state).toLowerCase() === name.toLowerCase());
  if (after === null) return now === undefined ? [] : [name];
  if (now === undefined) return [name];
  const planned: AccountState = {
    ...after, plugin: after.plugin === '' ? now.plugin : after.plugin, password: now.password, factors: now.factors, passwordRules: now.passwordRules,
    secondPassword: now.secondPassword, attribute: plan.change === 'clone' ? now.attribute : after.attribute ?? now.attribute,
  };
  return accountDifferences(now, planned).flatMap(({ aspect, standby, source }) => {
    const beyond = standby.filter((one) => !kept.includes(one));
    if (beyond.length + source.length === 0 && standby.length > 0) return [];
    return [`${aspect}: ${[...beyond.map((one) => `+ ${one}`), ...source.map((one) => `− ${one}`)].join(', ')}`];
  });
}
