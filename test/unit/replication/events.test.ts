import { expect, it } from 'vitest';
import { disableOnReplica } from '../../../electron/replication/events';
import { fakeSession } from '../../fixtures/fake-session';

const event = (name: string, state: string) => ({ schema: 'a`b', name, definer: "o'k@h", sqlMode: 'ANSI', timeZone: 'SYSTEM', state, alteredAt: '7' });

it.each([['9.7.0', 'REPLICA'], ['8.0.22', 'REPLICA'], ['8.0.15', 'SLAVE'], ['5.6.24', 'SLAVE']])('events that are enabled are turned off for a replica in the words of %s, and no other', async (version, word) => {
  const asked: string[] = [];
  const session = fakeSession('standby', (sql) => {
    asked.push(sql);
    return sql.includes('information_schema.EVENTS') ? [event('on', 'enabled'), event('off', 'disabled'), event('side', 'side-disabled')] : [];
  }, version);
  const ran: string[] = [];
  await disableOnReplica(session, (statement) => Promise.resolve(ran.push(statement)));
  expect(ran).toEqual([`ALTER DEFINER = 'o''k'@'h' EVENT \`a\`\`b\`.\`on\` DISABLE ON ${word}`]);
  expect(asked.filter((sql) => sql.startsWith('SET SESSION'))).toHaveLength(1);
});
