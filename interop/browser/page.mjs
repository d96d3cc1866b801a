// A browser whose pages load the official SDK from node_modules, or the files that the caller gives.
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { heard } from './heard.mjs';

const bundle = fs.readFileSync(createRequire(import.meta.url).resolve('@cometchat/chat-sdk-javascript'));
const files = {
  '/': ['text/html', '<!doctype html><link rel="icon" href="data:,"><title>interop</title><script src="sdk.js"></script><script src="views.js"></script><script src="events.js"></script>'],
  '/sdk.js': ['text/javascript', bundle],
  '/views.js': ['text/javascript', fs.readFileSync(new URL('views.js', import.meta.url))],
  '/events.js': ['text/javascript', fs.readFileSync(new URL('events.js', import.meta.url))],
};

export class Browser {
  constructor(emulator, served = files) {
    Object.assign(this, { emulator, served });
  }

  async start(executablePath) {
    this.server = http.createServer((request, response) => {
      const [type, text] = this.served[request.url] ?? [];
      response.writeHead(type ? 200 : 404, { 'content-type': `${type ?? 'text/plain'}; charset=utf-8` });
      response.end(text);
    });
    await new Promise((listening) => { this.server.listen(0, '127.0.0.1', listening); });
    this.url = `http://127.0.0.1:${this.server.address().port}/`;
    this.chromium = await chromium.launch({
      executablePath,
      args: [
        '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-dev-shm-usage',
        '--disable-background-networking', '--disable-component-update', '--disable-sync',
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost', // no page reaches another machine
        // Of the unknown certificates, trust only the emulator's.
        `--ignore-certificate-errors-spki-list=${await this.emulator.certificateKey()}`,
      ],
    });
  }

  // Opens a page with its own storage, as on another computer.
  async open(name) {
    const context = await this.chromium.newContext();
    const page = new Page(name, await context.newPage(), this);
    await page.prepare();
    return page;
  }

  async close() {
    await this.chromium?.close();
    this.server?.closeAllConnections();
    this.server?.close();
  }
}

class Page {
  constructor(name, tab, browser) {
    Object.assign(this, { name, tab, browser, events: [], uncaught: [] });
  }

  async prepare() {
    this.tab.on('pageerror', (error) => this.uncaught.push(String(error.stack ?? error)));
    await this.tab.exposeFunction('happened', (event, value) => this.events.push({ event, value }));
  }

  // Loads or reloads the page. Its storage stays.
  async load() {
    await this.tab.goto(this.browser.url);
  }

  async init() {
    const { appId, region, adminHost, clientHost } = this.browser.emulator;
    return this.call(async (CometChat, [appId, region, adminHost, clientHost]) => {
      const settings = new CometChat.AppSettingsBuilder().setRegion(region).subscribePresenceForAllUsers()
        .autoEstablishSocketConnection(true).overrideAdminHost(adminHost).overrideClientHost(clientHost).build();
      CometChat.addLoginListener('interop', new CometChat.LoginListener({
        loginSuccess: (user) => window.happened('loginSuccess', user.getUid()),
        loginFailure: (error) => window.happened('loginFailure', error.code),
        logoutSuccess: () => window.happened('logoutSuccess'),
        logoutFailure: (error) => window.happened('logoutFailure', error.code),
      }));
      CometChat.addConnectionListener('interop', new CometChat.ConnectionListener({
        onConnected: () => window.happened('onConnected'),
        inConnecting: () => window.happened('inConnecting'),
        onDisconnected: () => window.happened('onDisconnected'),
      }));
      CometChat.addUserListener('interop', new CometChat.UserListener({
        onUserOnline: (user) => window.happened('onUserOnline', user.getUid()),
        onUserOffline: (user) => window.happened('onUserOffline', user.getUid()),
      }));
      hear(CometChat, window.happened);
      return CometChat.init(appId, settings);
    }, [appId, region, `${adminHost}/v3.0`, `${clientHost}/v3.0`]);
  }

  // Calls the SDK inside the page and returns {value} or {refused}: the SDK rejects with objects that are not an Error.
  async call(use, argument) {
    return this.tab.evaluate(`(async () => {
      const plain = (value) => value === undefined ? null : JSON.parse(JSON.stringify(value));
      try {
        return { value: plain(await (${use})(window.CometChat.CometChat ?? window.CometChat, ${JSON.stringify(argument)})) };
      } catch (error) {
        if (error instanceof Error) throw error;
        return { refused: { code: error.code, name: error.name, message: error.message } };
      }
    })()`);
  }

  // Returns the value of the call. Throws if the SDK refuses.
  async value(use, argument) {
    const { value, refused } = await this.call(use, argument);
    if (refused) throw new Error(`the SDK refuses: ${JSON.stringify(refused)}`);
    return value;
  }

  // Returns the code of the refusal. Throws if the call succeeds.
  async refusal(use, argument) {
    const { value, refused } = await this.call(use, argument);
    if (!refused) throw new Error(`the SDK does not refuse, but answers ${JSON.stringify(value)}`);
    return refused.code;
  }

  heard(event, value) {
    return heard(this, event, value);
  }

  // Returns the settings that the SDK has stored: JSON inside JSON.
  async storedSettings() {
    return JSON.parse(JSON.parse(await this.tab.evaluate((key) => localStorage.getItem(key), this.settingsKey())));
  }

  async storeSettings(settings) {
    const text = JSON.stringify(JSON.stringify(settings));
    await this.tab.evaluate(([key, text]) => localStorage.setItem(key, text), [this.settingsKey(), text]);
  }

  settingsKey() {
    return `${this.browser.emulator.appId}:common_store/app_settings`;
  }

  async close() {
    await this.tab.context().close();
  }
}
