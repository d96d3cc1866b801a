// The UI Kit's page as its user sees it.
import { patience, until } from '../browser/wait.mjs';

export class Screen {
  constructor(page) {
    this.tab = page.tab;
    this.page = page;
    this.log = []; // the errors and warnings of the console
    this.hosts = new Set(); // where the page made requests to
    this.tab.setDefaultTimeout(patience);
    this.tab.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.log.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    this.tab.on('request', (request) => this.reached(request.url()));
    this.tab.on('websocket', (socket) => this.reached(socket.url()));
  }

  reached(url) {
    const { protocol, host } = new URL(url);
    if (!['data:', 'blob:'].includes(protocol)) this.hosts.add(host);
  }

  // What the page's components are in.
  get lists() { return this.tab.locator('aside').first(); }

  get chat() { return this.tab.getByRole('main'); }

  get members() { return this.tab.getByRole('region', { name: 'Members' }); }

  get thread() { return this.tab.getByRole('region', { name: 'Thread' }); }

  conversation(name) { return this.lists.getByRole('option').filter({ hasText: name }); }

  // Returns a message of the chat, or of the thread.
  message(text, where = this.chat) { return where.getByRole('article').filter({ hasText: text }); }

  // Waits until the user sees something.
  async sees(what, locator) {
    await locator.first().waitFor().catch(() => { throw new Error(`the page does not show ${what}`); });
  }

  async seesNo(what, locator) {
    await locator.first().waitFor({ state: 'hidden' }).catch(() => { throw new Error(`the page still shows ${what}`); });
  }

  async type(text, where = this.chat) {
    await where.getByRole('textbox', { name: 'Type a message' }).pressSequentially(text);
  }

  async send(text, where = this.chat) {
    await this.type(text, where);
    await where.getByRole('button', { name: 'SEND' }).click();
  }

  // Clicks a button of a message's toolbar, which the mouse opens.
  async use(text, button) {
    await this.message(text).getByText(text).first().hover();
    await this.message(text).getByRole('button', { name: button }).click();
  }

  // Chooses an item from the menu of a conversation or a member. The mouse opens the menus on the way to it. The menu closes when the list
  // changes.
  async choose(of, way, over = of) {
    const item = (name) => of.getByRole('menuitem', { name });
    await until(`${way} in the menu of ${of}`, async () => {
      await over.hover();
      await of.getByRole('button', { name: 'More options' }).click();
      try {
        for (const name of way.slice(0, -1)) await item(name).hover({ timeout: 2000 });
        await item(way.at(-1)).click({ timeout: 2000 });
      } catch {
        return false;
      }
      return true;
    });
  }

  // Chooses from the menu of a message.
  async chooseFor(text, ...way) {
    await this.choose(this.message(text), way, this.message(text).getByText(text).first());
  }

  async show(list) {
    await this.lists.getByRole('navigation').getByRole('button', { name: list }).click();
  }

  // Returns what the page shows, for a person who looks for the reason of a failure.
  async describe() {
    const shows = await this.tab.locator('body').innerText().catch((error) => `nothing: ${error}`);
    return `The page shows:\n${shows}\n\nIts console:\n${[...this.page.uncaught, ...this.log].join('\n')}`;
  }
}
