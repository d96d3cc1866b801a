import { setTimeout as pause } from 'node:timers/promises';

const patience = 15_000; // milliseconds; enough for a busy machine

// Calls ask again and again until it returns a value, and returns that value.
export async function until(what, ask) {
  for (const deadline = Date.now() + patience; ; await pause(10)) {
    const got = await ask();
    if (got) return got;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
  }
}
