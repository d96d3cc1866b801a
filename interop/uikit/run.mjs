// Runs the steps with CometChat's React UI Kit in a browser and a client of the Go SDK, and prints a table of them.
import { Browser } from '../browser/page.mjs';
import { Emulator } from '../browser/emulator.mjs';
import { Peer } from '../browser/peer.mjs';
import { Table } from '../browser/table.mjs';
import { bundle } from './bundle.mjs';
import { prepare } from './people.mjs';
import { Screen } from './screen.mjs';
import { steps } from './steps.mjs';

const { env } = process;
const emulator = new Emulator({
  adminHost: env.INTEROP_ADMIN_HOST, clientHost: env.INTEROP_CLIENT_HOST, caFile: env.INTEROP_CA, recordFile: env.INTEROP_RECORD,
  appId: env.INTEROP_APP_ID, region: env.INTEROP_REGION, authKey: env.INTEROP_AUTH_KEY, apiKey: env.INTEROP_API_KEY,
});
const { appId, region, authKey, clientHost } = emulator;
const browser = new Browser(emulator, await bundle({ appId, region, authKey, host: clientHost }));
const go = new Peer(env.INTEROP_GOSTEPS, clientHost);
const table = new Table('React UI Kit 7.2.1 in Chromium, and the Go SDK', steps);
let screen;
try {
  await prepare(emulator);
  await browser.start(env.INTEROP_CHROMIUM);
  screen = new Screen(await browser.open('the UI Kit'));
  const world = { screen, go, emulator, url: browser.url };
  table.begin();
  for (const step of steps) {
    go.events.length = 0;
    await table.run(step, () => step.run(world)); // the steps build on each other: stop at the first failure
  }
  table.end();
} catch (error) {
  console.error(`\n${error.stack ?? error}\n\n${await screen?.describe()}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  go.process.kill();
}
