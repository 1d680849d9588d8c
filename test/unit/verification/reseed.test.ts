import { describe, expect, it } from 'vitest';
import { mostReseedBytes, whyNotReseeded, type ReseedFacts } from '../../../shared/domain/verification/repair';

describe('whether a table is copied again by itself', () => {
  const good: ReseedFacts = { comparable: true, hasTrigger: false, engine: 'InnoDB', bytes: mostReseedBytes, followers: 0 };

  it.each<[string, Partial<ReseedFacts>, ReturnType<typeof whyNotReseeded>]>([
    ['all is well', {}, null],
    ['another letter case of the engine', { engine: 'INNODB' }, null],
    ['other columns', { comparable: false }, 'structure'],
    ['a trigger that would fire', { hasTrigger: true }, 'trigger'],
    ['an engine that takes nothing back', { engine: 'MyISAM' }, 'engine'],
    ['no engine known', { engine: '' }, 'engine'],
    ['more than one transaction should hold', { bytes: mostReseedBytes + 1 }, 'too-large'],
    ['servers that follow the standby', { followers: 1 }, 'followers'],
  ])('%s', (_, facts, reason) => {
    expect(whyNotReseeded({ ...good, ...facts })).toBe(reason);
  });
});
