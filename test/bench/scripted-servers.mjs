// Pairs of scripted servers in one process: each answers the statements of the program as a real one did when it was recorded, with an
// identity, a clock and a growing set of transactions of its own. One port; the address tells the server: 127.1.0.0 and on.
//   node scripted-servers.mjs FILE      FILE: { pairs, recordedAt, transactions, uuids: [primary, standby], answers: [primary, standby] }
import { createServer } from 'node:net';
import { readFileSync } from 'node:fs';

const { recordedAt, transactions, uuids, answers } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const began = Date.now();
const ok = Buffer.from([7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]);
const okAgain = Buffer.from([7, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]);
const unknownStatement = Buffer.from([9, 0, 0, 1, 0xff, 0x28, 0x04, ...Buffer.from('#42000')]);

const uuidOf = (pair, side) => `${pair.toString(16).padStart(8, '0')}-0000-11f0-${side === 0 ? '8000' : '9000'}-0242ac110002`;
const greetings = answers.map(({ greeting }) => Buffer.from(greeting, 'base64'));

const state = { hung: 0, gone: 0, statements: 0, readings: 0, read: new Set(), missing: new Set() };
const prepared = new Map();

/** Seconds that every server has run when this process begins; seven digits, as no other number has. */
const uptime = 5_000_000;

/** Where the values of a row stand in its packet: the length of each, and its text. */
function* valuesOf(packet) {
  for (let at = 0; at < packet.length;) {
    const first = packet.charCodeAt(at);
    const [head, length] = first === 0xfb ? [1, 0] : first === 0xfc ? [3, packet.charCodeAt(at + 1) + packet.charCodeAt(at + 2) * 256] : [1, first];
    yield { from: at, to: at + head + length, value: packet.slice(at + head, at + head + length) };
    at += head + length;
  }
}

/** An answer in which the server has run for {@link uptime}: one that was restarted a moment ago, at every reading, is no ordinary one. */
function withUptime(text) {
  const packets = [];
  for (let at = 0; at + 4 <= text.length;) {
    const length = text.charCodeAt(at) + text.charCodeAt(at + 1) * 256 + text.charCodeAt(at + 2) * 65_536;
    packets.push({ number: text[at + 3], body: text.slice(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  const columns = packets[0]?.body.length === 1 ? packets[0].body.charCodeAt(0) : 0;
  const place = packets.slice(1, 1 + columns).findIndex(({ body }) => [...valuesOf(body)][4]?.value === 'uptime');
  return packets.map(({ number, body }, at) => {
    let whole = body;
    if (columns > 0 && at > columns + 1 && at < packets.length - 1) {
      const values = [...valuesOf(body)];
      const found = values[0]?.value === 'Uptime' ? values[1] : values[place];
      if (found !== undefined) whole = `${body.slice(0, found.from)}${String.fromCharCode(7)}${String(uptime)}${body.slice(found.to)}`;
    }
    return `${String.fromCharCode(whole.length & 255, (whole.length >> 8) & 255, whole.length >> 16)}${number}${whole}`;
  }).join('');
}

const recorded = answers.map(({ statements }) => new Map(Object.entries(statements).map(([sql, text]) => [sql, withUptime(Buffer.from(text, 'base64').toString('latin1'))])));

/** Where a text has what changes: how many transactions there are, and moments, in seconds with a fraction or in microseconds. */
function prepare(side, pair, sql) {
  const key = `${side} ${pair} ${sql}`;
  let known = prepared.get(key);
  if (known !== undefined) return known;
  let text = recorded[side].get(sql);
  if (text === undefined) return null;
  for (const at of [0, 1]) text = text.replaceAll(uuids[at], uuidOf(pair, at));
  const places = [];
  for (const { index } of text.matchAll(new RegExp(String(transactions), 'g'))) places.push([index, 'set']);
  for (const { index } of text.matchAll(new RegExp(`(?<!\\d)${String(uptime)}(?!\\d)`, 'g'))) places.push([index, 'uptime']);
  for (const { index, 0: found } of text.matchAll(/(?<!\d)1\d{9}\.\d{6}(?!\d)/g)) {
    if (Math.abs(Number(found) * 1000 - recordedAt) < 86_400_000) places.push([index, 'seconds', Number(found) * 1000 - recordedAt]);
  }
  for (const { index, 0: found } of text.matchAll(/(?<!\d)1\d{15}(?!\d)/g)) {
    if (Math.abs(Number(found) / 1000 - recordedAt) < 86_400_000) places.push([index, 'micros', Number(found) / 1000 - recordedAt]);
  }
  known = { bytes: Buffer.from(text, 'latin1'), places };
  prepared.set(key, known);
  return known;
}

function answer(side, pair, sql) {
  const found = prepare(side, pair, sql);
  if (found === null) return null;
  if (found.places.length === 0) return found.bytes;
  const bytes = Buffer.from(found.bytes);
  const now = Date.now();
  for (const [at, what, offset] of found.places) {
    if (what === 'set') bytes.write(String(transactions + Math.floor((now - began) / 1000)), at, 'latin1');
    else if (what === 'uptime') bytes.write(String(uptime + Math.floor((now - began) / 1000)), at, 'latin1');
    else if (what === 'seconds') bytes.write(((now + offset) / 1000).toFixed(6), at, 'latin1');
    else bytes.write(String(Math.round((now + offset) * 1000)), at, 'latin1');
  }
  return bytes;
}

function serve(socket) {
  const [, , high, low] = socket.localAddress.replace('::ffff:', '').split('.').map(Number);
  const server = high * 256 + low;
  const [pair, side] = [server >> 1, server & 1];
  if (server < state.gone) {
    socket.destroy();
    return;
  }
  let loggedIn = false;
  let left = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  if (server >= state.hung) socket.write(greetings[side]);
  socket.on('data', (data) => {
    if (server < state.hung) return;
    left = left.length === 0 ? data : Buffer.concat([left, data]);
    while (left.length >= 4 && left.length >= 4 + left.readUIntLE(0, 3)) {
      const packet = left.subarray(4, 4 + left.readUIntLE(0, 3));
      left = left.subarray(4 + packet.length);
      if (!loggedIn) {
        loggedIn = true;
        socket.write(ok);
      } else if (packet[0] === 0x03) {
        const sql = packet.toString('utf8', 1);
        state.statements += 1;
        if (sql.includes('server_uuid')) {
          state.read.add(server);
          // One a reading.
          state.readings += 1;
        }
        const bytes = answer(side, pair, sql);
        if (bytes === null) state.missing.add(sql.slice(0, 120));
        socket.write(bytes ?? unknownStatement);
      } else if (packet[0] === 0x01) socket.end();
      else socket.write(okAgain);
    }
  });
}

const listener = createServer(serve);
listener.listen(0, '0.0.0.0', () => process.send({ port: listener.address().port }));
process.on('message', (order) => {
  Object.assign(state, order);
  process.send({ statements: state.statements, readings: state.readings, read: state.read.size, missing: [...state.missing] });
});
process.on('disconnect', () => process.exit());
