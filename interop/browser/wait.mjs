import { setTimeout as pause } from 'node:timers/promises';

export const patience = 40_000; // milliseconds. The SDK may need 23 seconds to replace a silent connection, and the machine may be busy

// Calls ask again and again until it returns a value, and returns that value. what is a text, or a function that returns one.
export async function until(what, ask) {
  for (const deadline = Date.now() + patience; ; await pause(10)) {
    const got = await ask();
    if (got) return got;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${typeof what === 'function' ? what() : what}`);
  }
}
