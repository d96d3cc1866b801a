// What a person does with the UI Kit, and what the page has to show.
import { deepEqual } from 'node:assert/strict';
import fs from 'node:fs';
import { until } from '../browser/wait.mjs';

const one = 'cometchat-uid-1'; // Andrew Joseph, at the page
const two = 'cometchat-uid-2'; // George Alan, with the Go client
const three = 'cometchat-uid-3'; // Nancy Grace, who only writes

async function say(emulator, from, to, text) {
  const headers = { appid: emulator.appId, apikey: emulator.apiKey, onbehalfof: from };
  const body = { receiver: to, receiverType: 'user', category: 'message', type: 'text', data: { text } };
  const answer = await emulator.request('POST', '/messages', { headers, body });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer));
}

// Writes what the page finds: a conversation of more than one page of messages, and another.
export async function prepare(emulator) {
  for (let i = 1; i <= 32; i += 1) await say(emulator, one, two, `line ${i}.`);
  for (let i = 1; i <= 3; i += 1) await say(emulator, two, one, `hello ${i}`);
  await say(emulator, three, one, 'good morning');
}

// Has the Go client do something in its chat with the page's user.
const does = (go, verb, deed) => go.call(`${verb} ${JSON.stringify({ to: one, ...deed })}`);

const heard = (go, event, wanted) => until(`${event} ${JSON.stringify(wanted)} in the Go client, which heard ${JSON.stringify(go.events)}`,
  () => go.events.find(({ event: name, value }) => name === event && Object.entries(wanted).every(([key, part]) => value[key] === part)));

export const steps = [
  {
    name: 'sign in',
    checks: 'the list of conversations, the newest first, with the last message and the unread count',
    async run({ screen, url }) {
      await screen.tab.goto(url);
      await screen.tab.getByLabel('UID').fill(one);
      await screen.tab.getByRole('button', { name: 'Sign in' }).click();
      await screen.sees('the conversation with Nancy Grace', screen.conversation('Nancy Grace').filter({ hasText: 'good morning' }));
      await screen.sees('the conversation with George Alan', screen.conversation('George Alan').filter({ hasText: 'hello 3' }));
      deepEqual((await screen.lists.getByRole('option').all()).length, 2);
      for (const [i, name] of [/Nancy Grace good morning .* 1 unread/, /George Alan hello 3 .* 3 unread/].entries()) {
        await screen.sees(`${name} at place ${i + 1}`, screen.lists.getByRole('option', { name }).and(screen.lists.getByRole('option').nth(i)));
      }
    },
  },
  {
    name: 'open a conversation',
    checks: 'its messages, also those of the page before; the user is online; nothing is unread, and the Go SDK hears that it was read',
    async run({ screen, go }) {
      await go.call(`login ${two}`);
      await go.heard('onConnected');
      await screen.conversation('George Alan').click();
      await screen.sees('the newest message', screen.message('hello 3'));
      await screen.sees('that George Alan is online', screen.chat.getByRole('banner', { name: 'George Alan, Online' }));
      await screen.seesNo('unread messages of George Alan', screen.lists.getByRole('option', { name: /George Alan.*unread/ }));
      await heard(go, 'onMessagesRead', { sender: one });
      await until('the oldest message, above the others', async () => {
        await screen.message('hello').or(screen.message('line')).first().hover();
        await screen.tab.mouse.wheel(0, -2000);
        return screen.message('line 1.').isVisible();
      });
    },
  },
  {
    name: 'type and send',
    checks: 'the Go SDK hears that the user types, and the message; the page shows it in the chat and in the list',
    async run({ screen, go }) {
      await screen.type('typed');
      await heard(go, 'onTypingStarted', { sender: one });
      await screen.send(' by hand');
      await heard(go, 'onTextMessageReceived', { sender: one, text: 'typed by hand' });
      await screen.sees('the sent message', screen.message('typed by hand').getByRole('img', { name: 'Sent' }));
      await screen.sees('the sent message as the last', screen.conversation('George Alan').filter({ hasText: 'typed by hand' }));
      await heard(go, 'onTypingEnded', { sender: one });
    },
  },
  {
    name: 'delivered and read',
    checks: 'MarkAsDelivered and MarkAsRead of the Go SDK: the marks of the message change',
    async run({ screen, go }) {
      await does(go, 'receive', { on: 'typed by hand' });
      await screen.sees('that the message is delivered', screen.message('typed by hand').getByRole('img', { name: 'Delivered' }));
      await does(go, 'see', { on: 'typed by hand' });
      await screen.sees('that the message is read', screen.message('typed by hand').getByRole('img', { name: 'Read' }));
    },
  },
  {
    name: 'the other types',
    checks: 'StartTyping and EndTyping of the Go SDK: the page shows who types',
    async run({ screen, go }) {
      const typing = screen.chat.getByRole('banner').getByText(/typing/i);
      await does(go, 'type');
      await screen.sees('that George Alan types', typing);
      await does(go, 'rest');
      await screen.seesNo('that George Alan types', typing);
    },
  },
  {
    name: 'a message arrives',
    checks: 'SendMessage of the Go SDK: the open chat shows it, and marks it as read',
    async run({ screen, go }) {
      await does(go, 'say', { text: 'from Go' });
      await screen.sees('the message of the Go SDK', screen.message('from Go'));
      await screen.sees('it as the last message', screen.conversation('George Alan').filter({ hasText: 'from Go' }));
      await heard(go, 'onMessagesRead', { sender: one });
    },
  },
  {
    name: 'a message elsewhere',
    checks: 'a message in a conversation that is not open: its unread count grows, and it comes first',
    async run({ screen, emulator }) {
      await say(emulator, three, one, 'are you there?');
      await screen.sees('2 unread messages of Nancy Grace, first in the list',
        screen.lists.getByRole('option').first().and(screen.lists.getByRole('option', { name: /Nancy Grace are you there\? .* 2 unread/ })));
    },
  },
  {
    name: 'edit and delete',
    checks: 'each side edits and deletes a message of its own, and the other one sees it',
    async run({ screen, go }) {
      await screen.choose('typed by hand', 'Edit');
      await screen.chat.getByRole('textbox', { name: 'Edit message' }).fill('typed by hand, and corrected');
      await screen.chat.getByRole('button', { name: 'SAVE' }).click();
      await screen.sees('the edited message', screen.message('typed by hand, and corrected'));
      await heard(go, 'onMessageEdited', { sender: one, text: 'typed by hand, and corrected' });
      await does(go, 'edit', { on: 'from Go', text: 'from Go, and better' });
      await screen.sees('the edited message of the Go SDK', screen.message('from Go, and better').getByText('Edited'));
      await screen.choose('typed by hand, and corrected', 'Delete');
      await screen.tab.getByRole('button', { name: 'Delete' }).last().click();
      await heard(go, 'onMessageDeleted', { sender: one });
      await screen.seesNo('the deleted message', screen.message('typed by hand'));
      await does(go, 'delete', { on: 'hello 2' });
      await screen.seesNo('the message that the Go SDK has deleted', screen.message('hello 2'));
    },
  },
  {
    name: 'react',
    checks: 'both react to a message: the page shows who and how many, and the Go SDK hears of it',
    async run({ screen, go }) {
      await screen.use('from Go, and better', 'React');
      await screen.chat.getByRole('gridcell', { name: 'grinning', exact: true }).click();
      await heard(go, 'onMessageReactionAdded', { uid: one, reaction: '😀' });
      await screen.sees('its own reaction', screen.message('from Go').getByRole('button', { name: '😀 reacted by 1' }));
      await does(go, 'react', { on: 'from Go, and better', text: '😀' });
      await screen.sees('both reactions', screen.message('from Go').getByRole('button', { name: '😀 reacted by 2' }));
      await screen.message('from Go').getByRole('button', { name: '😀 reacted by 2' }).click();
      await heard(go, 'onMessageReactionRemoved', { uid: one, reaction: '😀' });
      await screen.sees('the reaction of the Go SDK', screen.message('from Go').getByRole('button', { name: '😀 reacted by 1' }));
    },
  },
  {
    name: 'a thread',
    checks: 'a reply of the page and one of the Go SDK: both in the thread, and their number in the chat',
    async run({ screen, go }) {
      await screen.choose('hello 3', 'Reply in thread');
      await screen.send('a reply', screen.thread);
      await screen.sees('the reply', screen.message('a reply', screen.thread));
      await heard(go, 'onTextMessageReceived', { sender: one, text: 'a reply' });
      await does(go, 'say', { on: 'hello 3', text: 'another reply' });
      await screen.sees('the reply of the Go SDK', screen.message('another reply', screen.thread));
      await screen.sees('2 replies in the chat', screen.message('hello 3').getByRole('button', { name: /2 Replies/ }));
      await screen.thread.getByRole('button', { name: 'Close' }).click();
      await screen.seesNo('the thread', screen.thread);
    },
  },
  {
    name: 'search',
    checks: 'a word finds the message; a name finds the conversation, and a click opens it',
    async run({ screen }) {
      await screen.lists.getByRole('navigation').getByRole('button', { name: 'Search' }).click();
      const box = screen.lists.getByRole('searchbox');
      await box.fill('BETTER');
      await screen.sees('the message that was found', screen.lists.getByRole('listitem').filter({ hasText: 'from Go, and better' }));
      await box.fill('nancy');
      const found = screen.lists.getByRole('listitem').filter({ hasText: 'Nancy Grace' });
      await screen.sees('the conversation that was found', found);
      await found.first().click();
      await screen.sees('the messages of Nancy Grace', screen.message('are you there?'));
    },
  },
];
