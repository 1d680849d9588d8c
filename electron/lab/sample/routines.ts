// Routines, triggers and the event that keeps a light load of writes going.
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import { SAMPLE_OWNER } from './tables';

/** Orders beyond this number are removed from the old end, so that a lab left alone does not fill the disk. */
const KEEP_ORDERS = 200_000;

export function routineStatements(version: ServerVersion): string[] {
  const detail = atLeast(version, 5, 7, 8)
    ? "JSON_OBJECT('from', OLD.status, 'to', NEW.status, 'cents', CAST(NEW.total * 100 AS SIGNED))"
    : `CONCAT('{"from": "', OLD.status, '", "to": "', NEW.status, '", "cents": ', CAST(NEW.total * 100 AS SIGNED), '}')`;
  return [
    `CREATE DEFINER=${SAMPLE_OWNER} FUNCTION order_total(wanted BIGINT UNSIGNED) RETURNS DECIMAL(12,2) READS SQL DATA
     RETURN (SELECT COALESCE(SUM(quantity * price), 0) FROM order_items WHERE order_id = wanted)`,
    `CREATE DEFINER=${SAMPLE_OWNER} TRIGGER items_take_stock AFTER INSERT ON order_items FOR EACH ROW
     UPDATE inventory i JOIN orders o ON o.id = NEW.order_id
        SET i.stock = i.stock - NEW.quantity WHERE i.warehouse_id = o.warehouse_id AND i.product_id = NEW.product_id`,
    `CREATE DEFINER=${SAMPLE_OWNER} TRIGGER orders_audit AFTER UPDATE ON orders FOR EACH ROW
     BEGIN
       IF OLD.status <> NEW.status THEN
         INSERT INTO audit (at, action, order_id, detail) VALUES (NOW(3), 'status', NEW.id, ${detail});
       END IF;
     END`,
    `CREATE DEFINER=${SAMPLE_OWNER} PROCEDURE place_order() MODIFIES SQL DATA
     BEGIN
       DECLARE customer INT UNSIGNED;
       DECLARE placed BIGINT UNSIGNED;
       DECLARE lines_left TINYINT UNSIGNED DEFAULT 1 + FLOOR(RAND() * 3);
       DECLARE most INT UNSIGNED;
       SELECT MAX(id) INTO customer FROM customers;
       SELECT MAX(id) INTO most FROM products;
       START TRANSACTION;
       INSERT INTO orders (customer_id, warehouse_id, placed_at) VALUES (1 + FLOOR(RAND() * customer), 1 + FLOOR(RAND() * 3), NOW(3));
       SET placed = LAST_INSERT_ID();
       WHILE lines_left > 0 DO
         INSERT INTO order_items (order_id, line, product_id, quantity, price)
           SELECT placed, lines_left, id, 1 + FLOOR(RAND() * 4), price FROM products WHERE id = (SELECT 1 + FLOOR(RAND() * most)) LIMIT 1;
         SET lines_left = lines_left - 1;
       END WHILE;
       UPDATE orders SET total = order_total(placed), status = 'paid' WHERE id = placed;
       INSERT INTO payments (order_id, method, amount, reference, paid_at)
         SELECT id, 'card', total, UNHEX(LEFT(SHA2(id, 256), 32)), NOW(3) FROM orders WHERE id = placed;
       COMMIT;
     END`,
    `CREATE DEFINER=${SAMPLE_OWNER} PROCEDURE place_orders(IN wanted INT) MODIFIES SQL DATA
     BEGIN
       DECLARE newest BIGINT UNSIGNED;
       WHILE wanted > 0 DO
         CALL place_order();
         SET wanted = wanted - 1;
       END WHILE;
       UPDATE orders SET status = 'shipped' WHERE status = 'paid' AND placed_at < NOW(3) - INTERVAL 1 MINUTE ORDER BY placed_at LIMIT 3;
       SELECT MAX(id) INTO newest FROM orders;
       IF newest > ${KEEP_ORDERS} THEN
         DELETE FROM orders WHERE id <= newest - ${KEEP_ORDERS} ORDER BY id LIMIT 20;
       END IF;
     END`,
  ];
}

export function eventStatement(ordersPerSecond: number): string {
  return `CREATE DEFINER=${SAMPLE_OWNER} EVENT keep_selling ON SCHEDULE EVERY 1 SECOND COMMENT 'Keeps a light load of writes going'
     DO CALL place_orders(${ordersPerSecond})`;
}
