import { describe, expect, it } from 'vitest';
import { besideDefinition } from '../../../electron/backup/restore/beside-definition';
import { tableKey } from '../../../electron/backup/restore/table-names';

describe('the definition of a copy', () => {
  const as = { database: 'shop', table: '_antipode_1_0' };
  const chosen = new Map([
    [tableKey({ database: 'shop', table: 'orders' }), as],
    [tableKey({ database: 'o`d', table: 'p)2' }), { database: 'o`d_bak', table: '_antipode_1_1' }],
  ]);
  const text = [
    'CREATE TABLE `orders` (', '  `id` int NOT NULL,', "  `note` varchar(9) DEFAULT 'a,b)' COMMENT 'CONSTRAINT `c` CHECK (1)',",
    '  PRIMARY KEY (`id`),', '  KEY `k` (`note`),',
    '  CONSTRAINT `owner` FOREIGN KEY (`id`) REFERENCES `people` (`id`) ON DELETE CASCADE,',
    '  CONSTRAINT `CHECK` FOREIGN KEY (`id`, `note`) REFERENCES `o``d`.`p)2` (`id`, `REFERENCES`) ON UPDATE SET NULL,',
    '  CONSTRAINT `self` FOREIGN KEY (`id`) REFERENCES `orders` (`id`),',
    "  CONSTRAINT `po``s` CHECK ((`note` <> _utf8mb4'),')) /*!80016 NOT ENFORCED */", ') ENGINE=InnoDB COMMENT=\'x) y\'',
  ].join('\n');

  it('has its own name, keys to copies alone, and checks without names', () => {
    expect(besideDefinition(text, 'shop', as, chosen)).toBe([
      'CREATE TABLE `_antipode_1_0` (', '  `id` int NOT NULL,', "  `note` varchar(9) DEFAULT 'a,b)' COMMENT 'CONSTRAINT `c` CHECK (1)',",
      '  PRIMARY KEY (`id`),', '  KEY `k` (`note`),',
      '  CONSTRAINT `_antipode_1_0_fk1` FOREIGN KEY (`id`, `note`) REFERENCES `o``d_bak`.`_antipode_1_1` (`id`, `REFERENCES`) ON UPDATE SET NULL,',
      '  CONSTRAINT `_antipode_1_0_fk2` FOREIGN KEY (`id`) REFERENCES `shop`.`_antipode_1_0` (`id`),',
      "  CHECK ((`note` <> _utf8mb4'),')) /*!80016 NOT ENFORCED */", ') ENGINE=InnoDB COMMENT=\'x) y\'',
    ].join('\n'));
  });
});
