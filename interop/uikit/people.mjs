// The users at the page and beside it, and what they do without the page.
export const one = 'cometchat-uid-1'; // Andrew Joseph, at the page
export const two = 'cometchat-uid-2'; // George Alan, with the Go client
export const three = 'cometchat-uid-3'; // Nancy Grace, who only writes
export const four = 'cometchat-uid-4'; // Susan Marie, with whom nobody has talked

// Sends a text of one user to another.
export async function say(emulator, from, to, text) {
  const headers = { appid: emulator.appId, apikey: emulator.apiKey, onbehalfof: from };
  const body = { receiver: to, receiverType: 'user', category: 'message', type: 'text', data: { text } };
  const { status, error } = await emulator.request('POST', '/messages', { headers, body });
  if (status !== 200) throw new Error(`POST /messages: ${JSON.stringify(error)}`);
}

// Writes what the page finds: a conversation of more than one page of messages, and another.
export async function prepare(emulator) {
  for (let i = 1; i <= 32; i += 1) await say(emulator, one, two, `line ${i}.`);
  for (let i = 1; i <= 3; i += 1) await say(emulator, two, one, `hello ${i}`);
  await say(emulator, three, one, 'good morning');
}

// Has the Go client do something in its chat with the page's user, or in the group that the deed names.
export const does = (go, verb, deed) => go.call(`${verb} ${JSON.stringify({ to: one, ...deed })}`);
