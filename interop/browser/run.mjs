// Runs the steps with the official JavaScript SDK in a browser, and prints a table of them. With the argument "together" it runs
// those in which a client of the Go SDK is online too.
import { Browser } from './page.mjs';
import { Emulator } from './emulator.mjs';
import { Peer } from './peer.mjs';
import { Relay } from './relay.mjs';
import * as alone from './steps.mjs';
import * as both from './together.mjs';
import { Table } from './table.mjs';

const together = process.argv[2] === 'together';
const { steps } = together ? both : alone;
const [relay, relayOfGo] = [await Relay.start(process.env.INTEROP_CLIENT_HOST), await Relay.start(process.env.INTEROP_CLIENT_HOST)];
const emulator = new Emulator({
  adminHost: process.env.INTEROP_ADMIN_HOST, clientHost: relay.host,
  caFile: process.env.INTEROP_CA, recordFile: process.env.INTEROP_RECORD,
  appId: process.env.INTEROP_APP_ID, region: process.env.INTEROP_REGION,
  authKey: process.env.INTEROP_AUTH_KEY, apiKey: process.env.INTEROP_API_KEY,
});
const table = new Table(`JavaScript SDK 4.2.0 in Chromium${together ? ' and the Go SDK' : ''}`, steps);
const browser = new Browser(emulator);
const clients = []; // the pages, and the Go client
try {
  await emulator.reset();
  await browser.start(process.env.INTEROP_CHROMIUM);
  console.log(`\nChromium ${browser.chromium.version()}`);
  const open = async (name) => {
    const page = await browser.open(name);
    clients.push(page);
    return page;
  };
  const world = { emulator, relay, open };
  world.first = await open('the first user');
  if (together) {
    world.relayOfGo = relayOfGo;
    world.go = new Peer(process.env.INTEROP_GOSTEPS, relayOfGo.host);
    clients.push(world.go);
  }
  table.begin();
  for (const step of steps) {
    await (together ? emulator.forget() : emulator.mark(step.name));
    for (const { events } of clients) events.length = 0;
    await table.run(step, async () => { // the steps build on each other: stop at the first failure
      const result = await step.run(world);
      if (result !== undefined && !together) await emulator.tell(result);
    });
  }
  table.end();
} catch (error) {
  console.error(`\n${error.stack ?? error}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  relay.close();
  relayOfGo.close();
  clients.find((client) => client instanceof Peer)?.process.kill();
}
