import { setTimeout as pause } from 'node:timers/promises';

const patience = 15_000; // milliseconds, for a machine that is busy

// Asks again and again for what is there soon, and returns it.
export async function until(what, ask) {
  for (const deadline = Date.now() + patience; ; await pause(10)) {
    const got = await ask();
    if (got) return got;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
  }
}
