// The window over a made-up engine: pairs of servers with a sync task each, every one read each five seconds. `?pairs`, `dead`, `language`, `theme`.
import type { EngineEvent } from '../../../shared/contract/events';
import { MadeUpFleet } from '../../fixtures/made-up-fleet';
import { installFakeBridge } from '../../fixtures/renderer-fake-api';

const asked = new URLSearchParams(location.search);
const pairs = Number(asked.get('pairs') ?? '500');
const made = new MadeUpFleet(pairs, asked.get('dead'));
const syncs = Array.from({ length: pairs }, (_, n) => made.sync(n, Date.now()));
const bridge = installFakeBridge({
  fleet: made.snapshot(Date.now()),
  settings: { language: asked.get('language') === 'zh-CN' ? 'zh-CN' : 'en', theme: asked.get('theme') === 'dark' ? 'dark' : 'light', pollSeconds: 5 },
  handlers: { 'sync.list': () => syncs },
});

// The stores ask for the engine as they are loaded.
const { go, setTree } = await import('../../../renderer/stores/ui');
const { setList } = await import('../../../renderer/stores/lists');
await import('../../../renderer/main');

const batchMs = 250;
const each = Math.ceil((pairs * 2 * batchMs) / 5_000);
let next = 0;
let seq = 1;
setInterval(() => {
  const now = Date.now();
  const instances = Array.from({ length: each }, (_, n) => made.view(next + n, now));
  const told = Array.from({ length: Math.ceil(each / 2) }, (_, n): EngineEvent => {
    const { lastReport: _report, ...sync } = made.sync((Math.floor(next / 2) + n) % pairs, now);
    return { type: 'sync', sync };
  });
  next = (next + each) % (pairs * 2);
  seq += 1;
  bridge.send([{ type: 'fleet', change: { seq, at: now, instances } }, ...told]);
}, batchMs);

Object.assign(window, { bench: { go, setTree, setList } });
