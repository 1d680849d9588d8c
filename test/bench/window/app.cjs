// Shows a page as Electron does and measures it: processor time while it is only looked at, frames while it is scrolled, key to paint.
const { app, BrowserWindow } = require('electron');
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const { BENCH_PAGE: page, BENCH_QUERY: query = '', BENCH_ONLY: only = '', BENCH_SHOTS: shots = '', BENCH_PROFILE: profile = '' } = process.env;
const wanted = only.split(',').filter((name) => name !== '');
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
const say = (name, ...rest) => process.stdout.write(`  ${name.padEnd(22)} ${rest.join(' ')}\n`);
const verdict = (met) => (met ? 'met' : 'MISSED');
/** Milliseconds, user and system, in ticks of 10 ms. */
const cpuMs = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

async function measure(window) {
  const run = (code) => window.webContents.executeJavaScript(code);
  const shot = async (name) => {
    if (shots !== '') writeFileSync(join(shots, `${name.replaceAll(' ', '-')}.png`), (await window.webContents.capturePage()).toPNG());
  };
  const pid = window.webContents.getOSProcessId();
  const has = (name) => wanted.length === 0 || wanted.includes(name);

  const watch = async (name, open) => {
    await run(`${open};1`);
    await sleep(1_500);
    await shot(name);
    await run('window.tasks.length = 0');
    const [from, since] = [cpuMs(pid), performance.now()];
    await sleep(5_000);
    const share = ((cpuMs(pid) - from) / (performance.now() - since)) * 100;
    const [nodes, longest] = await run('[document.querySelectorAll("*").length, Math.max(0, ...window.tasks)]');
    say(name, `${share.toFixed(1).padStart(5)} % of a core (goal 10 %) ${verdict(share <= 10)}, ${nodes} nodes, longest task ${Math.round(longest)} ms`);
  };
  const scroll = async (name, selector) => {
    const frames = await run(`(async () => {
      const scrolls = (one) => one.scrollHeight > one.clientHeight + 10 && !['visible', 'hidden'].includes(getComputedStyle(one).overflowY);
      const element = [...document.querySelectorAll(${JSON.stringify(selector)})].find(scrolls);
      if (element === undefined) return [];
      const times = [];
      // The frame's own time: when within a frame its work is done is no frame later, a frame that was left out is.
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      let last = await frame();
      for (let n = 0; n < 180; n += 1) {
        element.scrollTop += 40;
        const at = await frame();
        times.push(at - last);
        last = at;
      }
      element.scrollTop = 0;
      return times.slice(5);
    })()`);
    if (frames.length === 0) return say(name, 'does not scroll');
    const p95 = percentile(frames, 0.95);
    say(name, `${(1000 / (frames.reduce((sum, one) => sum + one, 0) / frames.length)).toFixed(0)} frames a second, p95 ${p95.toFixed(1)} ms (goal 20 ms) ${verdict(p95 <= 20)}`);
  };
  const type = async () => {
    await run(`document.querySelector('#tree-search').focus(); window.keys = [];
      document.addEventListener('keydown', (event) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => window.keys.push(performance.now() - event.timeStamp);
        channel.port2.postMessage(null);
      }), true); 1`);
    for (const key of ['0', '1', 'Backspace', '2', 'Backspace', 'Backspace', 'p', 'Backspace', '4', '5', 'Backspace', 'Backspace', '0', '3', 'Backspace', 'Backspace']) {
      window.webContents.sendInputEvent({ type: 'keyDown', keyCode: key });
      if (key.length === 1) window.webContents.sendInputEvent({ type: 'char', keyCode: key });
      window.webContents.sendInputEvent({ type: 'keyUp', keyCode: key });
      await sleep(330);
    }
    const times = await run('window.keys');
    const p95 = percentile(times, 0.95);
    say('key to paint', `p50 ${percentile(times, 0.5).toFixed(0)} ms, p95 ${p95.toFixed(0)} ms (goal 50 ms) ${verdict(p95 <= 50)}`);
  };

  if (profile !== '') {
    window.webContents.debugger.attach('1.3');
    await window.webContents.debugger.sendCommand('Profiler.enable');
    await window.webContents.debugger.sendCommand('Profiler.start');
  }
  if (has('settings')) await watch('settings (tree alone)', 'bench.go({ id: "settings" })');
  if (has('fleet')) await watch('fleet', 'bench.go({ id: "fleet" })');
  if (has('scroll')) {
    await run('bench.go({ id: "fleet" });1');
    await sleep(1_500);
    await scroll('tree scrolled', '[role=tree]');
    await scroll('table scrolled', 'main [data-virtual]');
  }
  if (has('keys')) {
    await run('bench.go({ id: "fleet" });1');
    await sleep(1_500);
    await type();
  }
  if (has('sync')) {
    await watch('DR sync', 'bench.go({ id: "sync" })');
    await scroll('DR sync scrolled', 'main [data-virtual]');
  }
  if (has('graph')) await watch('dependency graph', 'bench.go({ id: "dependencies", instanceId: null })');
  if (has('table')) {
    const press = '[...document.querySelectorAll("label")].find((one) => /^\\s*(Table|表格)\\s*$/.test(one.textContent))?.click()';
    await watch('dependency table', `bench.go({ id: "dependencies", instanceId: null }); setTimeout(() => ${press}, 1000)`);
    await scroll('dep. table scrolled', 'main [data-virtual]');
  }
  if (profile !== '') {
    const { profile: taken } = await window.webContents.debugger.sendCommand('Profiler.stop');
    writeFileSync(profile, JSON.stringify(taken));
  }
  say('memory of the window', `${Math.round((app.getAppMetrics().find((one) => one.pid === pid)?.memory.workingSetSize ?? 0) / 1024)} MB`);
}

app.whenReady().then(async () => {
  const window = new BrowserWindow({ width: 1280, height: 800, useContentSize: true, webPreferences: { backgroundThrottling: false } });
  window.webContents.on('console-message', (event) => (event.level === 'error' ? say('the page:', String(event.message).slice(0, 300)) : undefined));
  await window.loadFile(page, { query: Object.fromEntries(new URLSearchParams(query)) });
  const run = (code) => window.webContents.executeJavaScript(code);
  for (let n = 0; n < 100 && !(await run('document.querySelector("[role=tree]") !== null && window.bench !== undefined')); n += 1) await sleep(100);
  await run('window.tasks = []; new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((one) => one.duration))).observe({ type: "longtask" }); 1');
  await measure(window);
}).then(() => app.exit(0), (reason) => {
  console.error(reason);
  app.exit(1);
});
