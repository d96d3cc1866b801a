// What a client of either SDK has heard since the beginning of the step.
import { isDeepStrictEqual } from 'node:util';
import { until } from './wait.mjs';

// Reports whether a value is the wanted one. A wanted object may have fewer fields.
const matches = (value, wanted) => (typeof wanted === 'object'
  ? Object.entries(wanted).every(([name, part]) => isDeepStrictEqual(value?.[name], part))
  : wanted === undefined || value === wanted);

// Waits for an event and returns it.
export async function heard(client, event, wanted) {
  return until(() => `${event} ${JSON.stringify(wanted) ?? ''} in ${client.name}, which heard ${JSON.stringify(client.events)}`,
    () => client.events.find((e) => e.event === event && matches(e.value, wanted)));
}

// What the client has heard about messages and groups. Only these events have an object as their value.
const told = ({ events }) => events.filter(({ value }) => typeof value === 'object');

let ends = 0;

// Returns what the client has heard about messages and groups since the beginning of the step: up to a transient message, which say
// sends to it. So an event that is missing, or comes twice, does not go unnoticed.
export async function heardUntilNow(client, say) {
  ends += 1;
  const data = { end: ends };
  await say(data);
  const end = await client.heard('onTransientMessageReceived', { data });
  return told(client).slice(0, told(client).indexOf(end)).filter(({ value }) => !value.data?.end);
}
