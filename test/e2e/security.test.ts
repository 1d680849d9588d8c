import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchApp, ofMain, stopDisplay } from './app';
import type { RunningApp } from './app';

let app: RunningApp;
let attempts = 0;
const outside = createServer((_request, response) => {
  attempts += 1;
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.end('<p>outside</p>');
});
let url = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(outside.address() as AddressInfo).port}/`;
  app = await launchApp();
});
afterAll(async () => {
  await app.close();
  await new Promise((resolve) => outside.close(resolve));
  await stopDisplay();
});
/** An attack that is told on the console, by the policy that stopped it. */
const isToldOfAnAttack = (): void => app.expectComplaints(/content policy|Content Security Policy|Not allowed to load|Failed to load resource/i);
afterEach(() => {
  // Whatever was tried: nothing ever reached the server outside.
  expect(attempts).toBe(0);
});

describe('the window has no way into the machine', () => {
  it('no Node, no Electron, only three functions of ours that cannot be changed', async () => {
    const seen = await app.page.evaluate(() => {
      const api = window.api as unknown as Record<string, unknown>;
      let changed = true;
      try {
        api['call'] = () => 'mine';
        changed = api['call']?.toString().includes('mine') === true;
      } catch {
        changed = false;
      }
      return { names: Object.keys(api).sort(), frozen: Object.isFrozen(api), changed, node: ['require', 'process', 'module', 'Buffer', 'global', 'electron', '__dirname'].filter((name) => name in globalThis) };
    });
    expect(seen).toEqual({ names: ['call', 'cancel', 'onEvents'], frozen: true, changed: false, node: [] });
  });

  it('runs isolated and with web security, as the main process sees it', async () => {
    const preferences = await ofMain(() => app.electron.evaluate(({ webContents }) => {
      const [contents] = webContents.getAllWebContents();
      return (contents as unknown as { getLastWebPreferences(): Record<string, unknown> } | undefined)?.getLastWebPreferences();
    }));
    expect(preferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true, webviewTag: false });
  });

  it('refuses what is not a method of the contract', async () => {
    for (const method of ['app.quit', '__proto__', 'constructor', 'toString', 'fleet', '']) {
      const answer = await app.page.evaluate((name) => window.api.call(name, undefined, 'attack'), method);
      expect(answer, method).toMatchObject({ ok: false, error: { code: 'unknown-method' } });
    }
    const wrong = await app.page.evaluate(() => window.api.call('fleet.refresh', { id: '../../etc/passwd' }, 'attack'));
    expect(wrong).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
  });
});

describe('nothing leads out of the app', () => {
  it('no navigation', async () => {
    isToldOfAnAttack();
    await app.page.evaluate((target) => {
      location.href = target;
    }, url);
    await app.page.evaluate((target) => location.assign(target), 'file:///etc/passwd').catch(() => undefined);
    await app.page.evaluate(() => {
      const link = document.createElement('a');
      link.href = 'https://example.invalid/';
      document.body.append(link);
      link.click();
      link.remove();
    });
    expect(app.page.url()).toBe('app://antipode/index.html');
    expect(await app.page.evaluate(() => document.getElementById('root') !== null)).toBe(true);
  });

  it('no new window', async () => {
    const opened = await app.page.evaluate((target) => [window.open(target), window.open('app://antipode/index.html'), window.open('about:blank')].map((one) => one === null), url);
    expect(opened).toEqual([true, true, true]);
    expect(await ofMain(() => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length))).toBe(1);
  });

  it('no request: fetch, XMLHttpRequest, WebSocket, EventSource, beacon, image, worker', async () => {
    isToldOfAnAttack();
    const outcome = await app.page.evaluate(async (target) => {
      const failed = async (work: () => Promise<unknown>): Promise<boolean> => work().then(() => false, () => true);
      return {
        fetch: await failed(() => fetch(target)),
        own: await failed(() => fetch('app://antipode/index.html')),
        request: await failed(() => new Promise((resolve, reject) => {
          const request = new XMLHttpRequest();
          request.onload = resolve;
          request.onerror = reject;
          request.open('GET', target);
          request.send();
        })),
        socket: await failed(() => new Promise((resolve, reject) => {
          const socket = new WebSocket(target.replace('http', 'ws'));
          socket.onopen = resolve;
          socket.onerror = reject;
        })),
        events: await failed(() => new Promise((resolve, reject) => {
          const source = new EventSource(target);
          source.onopen = resolve;
          source.onerror = reject;
        })),
        image: await failed(() => new Promise((resolve, reject) => {
          const image = new Image();
          image.onload = resolve;
          image.onerror = reject;
          image.src = `${target}x.png`;
        })),
        worker: await failed(async () => {
          const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(1)'], { type: 'text/javascript' })));
          await new Promise((resolve, reject) => {
            worker.onmessage = resolve;
            worker.onerror = reject;
          });
        }),
        beacon: !navigator.sendBeacon(target, 'x') || true,
      };
    }, url);
    expect(outcome).toEqual({ fetch: true, own: true, request: true, socket: true, events: true, image: true, worker: true, beacon: true });
  });

  it('no frame, no foreign or inline script, no inline style, no base', async () => {
    isToldOfAnAttack();
    const ran = await app.page.evaluate(async (target) => {
      const frame = document.createElement('iframe');
      frame.src = target;
      document.body.append(frame);
      const inner = document.createElement('iframe');
      inner.srcdoc = '<script>parent.broken = true</script>';
      document.body.append(inner);
      const inline = document.createElement('script');
      inline.textContent = 'globalThis.broken = true';
      document.body.append(inline);
      const foreign = document.createElement('script');
      const settled = new Promise((resolve) => {
        foreign.onload = foreign.onerror = resolve;
      });
      foreign.src = `${target}x.js`;
      document.body.append(foreign);
      await settled;
      const style = document.createElement('style');
      style.textContent = 'body { --broken: 1 }';
      document.head.append(style);
      let evaluated = true;
      try {
        // eslint-disable-next-line no-eval -- that it is refused is the point
        evaluated = eval('1 + 1') === 2;
      } catch {
        evaluated = false;
      }
      const base = document.createElement('base');
      base.href = target;
      document.head.append(base);
      const broken = { script: 'broken' in globalThis, style: getComputedStyle(document.body).getPropertyValue('--broken') !== '', evaluated, base: document.baseURI === target };
      for (const element of [frame, inner, inline, foreign, style, base]) element.remove();
      return broken;
    }, url);
    expect(ran).toEqual({ script: false, style: false, evaluated: false, base: false });
  });

  it.each(['stun over UDP', 'turn over UDP', 'turn over TCP', 'a peer by its address'] as const)('no peer connection: %s', async (way) => {
    let heard = 0;
    const udp = createSocket('udp4', () => (heard += 1));
    await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
    const tcp = createTcpServer((socket) => {
      heard += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const ports = { udp: udp.address().port, tcp: (tcp.address() as AddressInfo).port };
    const candidates = await app.page.evaluate(async ({ way: chosen, ports: { udp: udpPort, tcp: tcpPort } }) => {
      const login = { username: 'a', credential: 'b' };
      const servers: Record<typeof chosen, RTCIceServer[]> = {
        'stun over UDP': [{ urls: `stun:127.0.0.1:${udpPort}` }],
        'turn over UDP': [{ urls: `turn:127.0.0.1:${udpPort}?transport=udp`, ...login }],
        'turn over TCP': [{ urls: `turn:127.0.0.1:${tcpPort}?transport=tcp`, ...login }],
        'a peer by its address': [],
      };
      const peer = new RTCPeerConnection({ iceServers: servers[chosen] });
      const found: string[] = [];
      const gathered = new Promise<void>((resolve) => {
        peer.onicecandidate = ({ candidate }) => (candidate === null ? resolve() : found.push(candidate.candidate));
      });
      peer.createDataChannel('out');
      await peer.setLocalDescription(await peer.createOffer());
      // An answer that names an address of the attacker's: the page would knock there.
      const answer = (peer.localDescription?.sdp ?? '').replace('a=setup:actpass', 'a=setup:active').replaceAll(/a=(ice-ufrag|ice-pwd):\S+/g, (_line, name: string) => `a=${name}:${'x'.repeat(24)}`);
      await peer.setRemoteDescription({ type: 'answer', sdp: answer });
      const line = { sdpMid: '0', sdpMLineIndex: 0 };
      await peer.addIceCandidate({ candidate: `candidate:1 1 udp 2122260223 127.0.0.1 ${udpPort} typ host`, ...line }).catch(() => undefined);
      await peer.addIceCandidate({ candidate: `candidate:2 1 tcp 1518280447 127.0.0.1 ${tcpPort} typ host tcptype passive`, ...line }).catch(() => undefined);
      await gathered;
      // It knocks as long as it checks; then it says that it failed, or has nothing to knock with.
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (['failed', 'closed', 'disconnected'].includes(peer.iceConnectionState)) resolve();
        };
        peer.oniceconnectionstatechange = look;
        setTimeout(resolve, 4_000);
        look();
      });
      peer.close();
      return found.filter((candidate) => candidate !== '');
    }, { way, ports });
    udp.close();
    await new Promise((resolve) => tcp.close(resolve));
    expect({ heard, candidates }).toEqual({ heard: 0, candidates: [] });
  });

  it('no main-process request either', async () => {
    const outcome = await ofMain(() => app.electron.evaluate(async ({ net, session }, target) => {
      const failed = (work: Promise<unknown>): Promise<boolean> => work.then(() => false, () => true);
      return [await failed(net.fetch(target)), await failed(session.fromPartition('antipode').fetch(target))];
    }, url));
    expect(outcome).toEqual([true, true]);
  });
});

it('grants no permission', async () => {
  const states = await app.page.evaluate(async () => {
    const query = async (name: string): Promise<string> => navigator.permissions.query({ name: name as PermissionName }).then((status) => status.state, () => 'denied');
    return {
      geolocation: await query('geolocation'),
      notifications: await query('notifications'),
      camera: await query('camera'),
      microphone: await query('microphone'),
      clipboard: await query('clipboard-read'),
      asked: await Notification.requestPermission(),
      media: await navigator.mediaDevices?.getUserMedia({ audio: true }).then(() => 'granted', () => 'denied'),
      read: await navigator.clipboard.readText().then(() => 'granted', () => 'denied'),
      location: await new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('granted'), () => resolve('denied'))),
    };
  });
  expect(states).toEqual({ geolocation: 'denied', notifications: 'denied', camera: 'denied', microphone: 'denied', clipboard: 'denied', asked: 'denied', media: 'denied', read: 'denied', location: 'denied' });
});

it('serves nothing but the files of the page', async () => {
  const statuses = await ofMain(() => app.electron.evaluate(async ({ session }) => {
    const own = session.fromPartition('antipode');
    const status = async (path: string): Promise<number | string> => own.fetch(path).then((response) => response.status, () => 'refused');
    return Promise.all(['app://antipode/index.html', 'app://antipode/../main/main.js', 'app://antipode/%2e%2e/main/main.js', 'app://antipode/..%2fmain%2fmain.js', 'app://antipode/..%5cmain%5cmain.js', 'app://other/index.html', 'file:///etc/passwd'].map(status));
  }));
  expect(statuses).toEqual([200, 404, 404, 404, 404, 404, 404]);
});
