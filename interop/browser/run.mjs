// Runs the steps with the official JavaScript SDK in a browser, and prints a table of them.
import { Browser } from './page.mjs';
import { Emulator } from './emulator.mjs';
import { Relay } from './relay.mjs';
import { steps } from './steps.mjs';
import { Table } from './table.mjs';

const relay = await Relay.start(process.env.INTEROP_CLIENT_HOST);
const emulator = new Emulator({
  adminHost: process.env.INTEROP_ADMIN_HOST, clientHost: relay.host,
  caFile: process.env.INTEROP_CA, recordFile: process.env.INTEROP_RECORD,
  appId: process.env.INTEROP_APP_ID, region: process.env.INTEROP_REGION,
  authKey: process.env.INTEROP_AUTH_KEY, apiKey: process.env.INTEROP_API_KEY,
});
const table = new Table('JavaScript SDK 4.2.0 in Chromium', steps);
const browser = new Browser(emulator);
try {
  await emulator.reset();
  await browser.start(process.env.INTEROP_CHROMIUM);
  console.log(`\nChromium ${browser.chromium.version()}`);
  const pages = [];
  const open = async (name) => {
    const page = await browser.open(name);
    pages.push(page);
    return page;
  };
  const world = { emulator, relay, open };
  world.first = await open('the first user');
  table.begin();
  for (const step of steps) {
    await emulator.mark(step.name);
    for (const page of pages) page.events.length = 0;
    await table.run(step, () => step.run(world)); // the steps build on each other: stop at the first failure
  }
  table.end();
} catch (error) {
  console.error(`\n${error.stack ?? error}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  relay.close();
}
