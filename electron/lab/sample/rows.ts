// The rows of the sample, made by the server itself: every table in one INSERT … SELECT, the same rows at every run.

export interface SampleSize {
  readonly customers: number;
  readonly products: number;
  readonly orders: number;
}

/** About 450,000 rows over all tables. */
export const FULL_SIZE: SampleSize = { customers: 20_000, products: 2_000, orders: 120_000 };
export const SMALL_SIZE: SampleSize = { customers: 200, products: 50, orders: 1_000 };

const CITIES = ['广州', '上海', '成都', '深圳', '杭州', '武汉', '西安', 'Hong Kong'];
const SURNAMES = ['王', '李', '张', '刘', '陈', '杨', '赵', '黄', '周', '吴'];
const GIVEN_NAMES = ['伟', '芳', '娜', '敏', '静', '丽', '强', '磊', '洋', '艳', '勇', '军'];
const CATEGORIES = ['茶叶', '瓷器', '丝绸', 'Books', 'Tools', '玩具', '厨具', 'Lamps'];
const GOODS = ['红茶', '绿茶', '茶杯', '围巾', 'Atlas', 'Hammer', '风筝', '炒锅', 'Lantern', '毛笔'];

/** The numbers 0 to 999,999 as a derived table: works on every version, without a helper table. */
const DIGITS = `(SELECT 0 d${Array.from({ length: 9 }, (_, i) => ` UNION ALL SELECT ${i + 1}`).join('')})`;

function numbers(below: number): string {
  const places = Math.max(1, String(below - 1).length);
  const names = Array.from({ length: places }, (_, i) => `d${i}`);
  const sum = names.map((name, i) => `${name}.d * ${10 ** i}`).join(' + ');
  const from = names.map((name) => `${DIGITS} ${name}`).join(' CROSS JOIN ');
  return `(SELECT ${sum} AS n FROM ${from} HAVING n < ${below} ORDER BY n) numbers`;
}

/** A number below `limit` that looks random and is the same at every run; signed, because dates are counted back with it. */
const pick = (salt: string, limit: number): string => `(CAST(CRC32(CONCAT('${salt}', n)) AS SIGNED) % ${limit})`;

const choose = (salt: string, values: readonly string[]): string => `ELT(1 + ${pick(salt, values.length)}, ${values.map((value) => `'${value}'`).join(', ')})`;

/** Each text is one statement; the title says what it fills. */
export function rowStatements(size: SampleSize): { readonly table: string; readonly sql: string }[] {
  const placedAt = `TIMESTAMPADD(SECOND, (CAST(n AS SIGNED) - ${size.orders}) * 60 - ${pick('at', 60)}, NOW(3))`;
  const statuses = ['paid', 'shipped', 'shipped', 'shipped', 'open', 'cancelled'];
  return [
    { table: 'categories', sql: `INSERT INTO categories VALUES ${CATEGORIES.map((name, i) => `(${i + 1}, '${name}')`).join(', ')}` },
    { table: 'warehouses', sql: "INSERT INTO warehouses VALUES (1, '广州', '2014-03-01'), (2, '上海', '2016-09-15'), (3, '成都', '2019-05-20')" },
    {
      table: 'customers',
      sql: `INSERT INTO customers (id, name, email, city, level, newsletter, created_at)
            SELECT n + 1, CONCAT(${choose('s', SURNAMES)}, ${choose('g', GIVEN_NAMES)}), CONCAT('customer', n + 1, '@shop.example'), ${choose('c', CITIES)},
                   ${choose('l', ['basic', 'basic', 'basic', 'silver', 'gold'])}, ${pick('b', 2)}, TIMESTAMPADD(MINUTE, -${pick('t', 1_000_000)}, NOW(3))
            FROM ${numbers(size.customers)}`,
    },
    {
      table: 'products',
      sql: `INSERT INTO products (id, category_id, sku, name, price, weight_kg, tags)
            SELECT n + 1, 1 + ${pick('k', CATEGORIES.length)}, CONCAT('SKU', LPAD(n + 1, 7, '0')), CONCAT(${choose('p', GOODS)}, ' ', n + 1),
                   1 + ${pick('m', 50_000)} / 100, IF(${pick('w', 10)} = 0, NULL, ${pick('w', 5_000)} / 1000), ${pick('t', 16)}
            FROM ${numbers(size.products)}`,
    },
    {
      table: 'inventory',
      sql: `INSERT INTO inventory (warehouse_id, product_id, stock)
            SELECT w.id, p.id, 1000 + CRC32(CONCAT(w.id, p.id)) % 100000 FROM warehouses w CROSS JOIN products p`,
    },
    // Items before their orders (foreign keys are off while loading): so each order is written once, with its total.
    {
      table: 'order_items',
      sql: `INSERT INTO order_items (order_id, line, product_id, quantity, price)
            SELECT n + 1, l.line, p.id, 1 + CRC32(CONCAT('q', n, l.line)) % 4, p.price
            FROM ${numbers(size.orders)} JOIN (SELECT 1 line UNION ALL SELECT 2 UNION ALL SELECT 3) l ON l.line <= 1 + n % 3
            JOIN products p ON p.id = 1 + CRC32(CONCAT('i', n, l.line)) % ${size.products}`,
    },
    {
      table: 'orders',
      sql: `INSERT INTO orders (id, customer_id, warehouse_id, status, total, note, placed_at)
            SELECT n + 1, 1 + ${pick('o', size.customers)}, 1 + ${pick('w', 3)}, ${choose('st', statuses)},
                   i.total, IF(${pick('x', 20)} = 0, '请尽快发货', NULL), ${placedAt}
            FROM (SELECT order_id - 1 AS n, SUM(quantity * price) AS total FROM order_items GROUP BY order_id) i`,
    },
    {
      table: 'payments',
      sql: `INSERT INTO payments (order_id, method, amount, reference, paid_at)
            SELECT id, ELT(1 + id % 4, 'card', 'alipay', 'wechat', 'transfer'), total, UNHEX(LEFT(SHA2(id, 256), 32)), TIMESTAMPADD(SECOND, 90, placed_at)
            FROM orders WHERE status IN ('paid', 'shipped')`,
    },
    {
      table: 'audit',
      sql: `INSERT INTO audit (at, action, order_id, detail)
            SELECT placed_at, 'placed', id, CONCAT('{"customer": ', customer_id, ', "cents": ', CAST(total * 100 AS SIGNED), ', "channel": "',
                                                   ELT(1 + id % 3, 'web', 'app', '门店'), '"}')
            FROM orders WHERE id % 10 = 0`,
    },
  ];
}
