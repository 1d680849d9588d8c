// The tables of the sample: a small web shop, with what real schemas have and replication has to carry.
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';

export const SAMPLE_DATABASE = 'orders';
/** Owns the views and routines, as an application's own account would. */
export const SAMPLE_OWNER = "'shop'@'localhost'";

function jsonType(version: ServerVersion): string {
  return atLeast(version, 5, 7, 8) ? 'JSON' : 'LONGTEXT';
}

/** The statements that make the tables, in an order that their foreign keys bear. */
export function tableStatements(version: ServerVersion): string[] {
  return [...shopTables, auditTable(version)];
}

const shopTables: readonly string[] = [
  `CREATE TABLE categories (
     id SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
     name VARCHAR(60) NOT NULL UNIQUE
   ) ENGINE=InnoDB`,
  `CREATE TABLE warehouses (
     id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
     city VARCHAR(40) NOT NULL,
     opened DATE NOT NULL
   ) ENGINE=InnoDB`,
  `CREATE TABLE customers (
     id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
     name VARCHAR(80) NOT NULL,
     email VARCHAR(120) NOT NULL UNIQUE,
     city VARCHAR(40) NOT NULL,
     level ENUM('basic','silver','gold') NOT NULL DEFAULT 'basic',
     newsletter BIT(1) NOT NULL DEFAULT b'0',
     created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
     KEY by_city (city)
   ) ENGINE=InnoDB`,
  `CREATE TABLE products (
     id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
     category_id SMALLINT UNSIGNED NOT NULL,
     sku CHAR(10) NOT NULL UNIQUE,
     name VARCHAR(120) NOT NULL,
     price DECIMAL(10,2) NOT NULL,
     weight_kg FLOAT NULL,
     tags SET('new','sale','fragile','import') NOT NULL DEFAULT '',
     CONSTRAINT products_category FOREIGN KEY (category_id) REFERENCES categories (id)
   ) ENGINE=InnoDB`,
  `CREATE TABLE inventory (
     warehouse_id TINYINT UNSIGNED NOT NULL,
     product_id INT UNSIGNED NOT NULL,
     stock INT NOT NULL,
     updated_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
     PRIMARY KEY (warehouse_id, product_id),
     CONSTRAINT inventory_warehouse FOREIGN KEY (warehouse_id) REFERENCES warehouses (id),
     CONSTRAINT inventory_product FOREIGN KEY (product_id) REFERENCES products (id)
   ) ENGINE=InnoDB`,
  `CREATE TABLE orders (
     id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
     customer_id INT UNSIGNED NOT NULL,
     warehouse_id TINYINT UNSIGNED NOT NULL,
     status ENUM('open','paid','shipped','cancelled') NOT NULL DEFAULT 'open',
     total DECIMAL(12,2) NOT NULL DEFAULT 0,
     note VARCHAR(200) NULL,
     placed_at DATETIME(3) NOT NULL,
     KEY by_customer (customer_id, placed_at),
     KEY by_status (status, placed_at),
     CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id),
     CONSTRAINT orders_warehouse FOREIGN KEY (warehouse_id) REFERENCES warehouses (id)
   ) ENGINE=InnoDB`,
  `CREATE TABLE order_items (
     order_id BIGINT UNSIGNED NOT NULL,
     line TINYINT UNSIGNED NOT NULL,
     product_id INT UNSIGNED NOT NULL,
     quantity SMALLINT UNSIGNED NOT NULL,
     price DECIMAL(10,2) NOT NULL,
     PRIMARY KEY (order_id, line),
     KEY by_product (product_id),
     CONSTRAINT items_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
     CONSTRAINT items_product FOREIGN KEY (product_id) REFERENCES products (id)
   ) ENGINE=InnoDB`,
  `CREATE TABLE payments (
     id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
     order_id BIGINT UNSIGNED NOT NULL,
     method ENUM('card','alipay','wechat','transfer') NOT NULL,
     amount DECIMAL(12,2) NOT NULL,
     reference BINARY(16) NOT NULL,
     paid_at DATETIME(3) NOT NULL,
     KEY by_order (order_id),
     CONSTRAINT payments_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
   ) ENGINE=InnoDB`,
];

/** What an application writes beside its own work: JSON where the server has it. */
function auditTable(version: ServerVersion): string {
  return `CREATE TABLE audit (
     id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
     at DATETIME(3) NOT NULL,
     action VARCHAR(30) NOT NULL,
     order_id BIGINT UNSIGNED NULL,
     detail ${jsonType(version)} NULL,
     KEY by_order (order_id)
   ) ENGINE=InnoDB`;
}

export function viewStatements(): string[] {
  return [
    `CREATE DEFINER=${SAMPLE_OWNER} SQL SECURITY DEFINER VIEW customer_value AS
       SELECT c.id, c.name, c.city, COUNT(o.id) AS orders, COALESCE(SUM(o.total), 0) AS spent, MAX(o.placed_at) AS last_order
       FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.status <> 'cancelled'
       GROUP BY c.id, c.name, c.city`,
    `CREATE DEFINER=${SAMPLE_OWNER} SQL SECURITY INVOKER VIEW daily_sales AS
       SELECT DATE(placed_at) AS day, status, COUNT(*) AS orders, SUM(total) AS amount FROM orders GROUP BY DATE(placed_at), status`,
  ];
}
