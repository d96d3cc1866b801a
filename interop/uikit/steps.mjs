// What a person does with the UI Kit, and what the page has to show.
import { deepEqual } from 'node:assert/strict';
import { until } from '../browser/wait.mjs';

const one = 'cometchat-uid-1'; // Andrew Joseph, at the page
const two = 'cometchat-uid-2'; // George Alan, with the Go client
const hikers = { to: 'hikers', group: true };
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
    name: 'a file',
    checks: 'a chosen file is uploaded and sent: the Go SDK hears of it, and the page offers it for download',
    async run({ screen, go }) {
      await screen.chat.getByRole('button', { name: 'ATTACHMENTS' }).click();
      const chooser = screen.tab.waitForEvent('filechooser');
      await screen.chat.getByRole('button', { name: 'Attach File' }).click();
      await (await chooser).setFiles([{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('content') }]);
      await screen.chat.getByRole('button', { name: 'SEND' }).click();
      const { attachments } = (await heard(go, 'onMediaMessageReceived', { sender: one })).value;
      deepEqual(attachments.map(({ name, size }) => [name, size]), [['notes.txt', 7]]);
      await screen.sees('the sent file', screen.message('notes.txt').getByRole('button', { name: 'Download notes.txt' }));
    },
  },
  {
    name: 'pin, save and report',
    checks: 'a message is pinned, saved and reported',
    async run({ screen, emulator }) {
      for (const what of ['Pin', 'Save']) {
        await screen.choose('hello 3', 'Organize');
        await screen.message('hello 3').getByRole('menuitem', { name: `${what} message` }).click();
        await screen.sees(`the mark of ${what}`, screen.message('hello 3').getByRole('img', { name: new RegExp(what) }));
      }
      await screen.choose('hello 3', 'Report');
      const dialog = screen.tab.getByRole('dialog');
      await dialog.getByText('Spam').click();
      await dialog.getByRole('button', { name: 'Report' }).click();
      await screen.seesNo('the dialog', dialog);
      await emulator.requested('POST /v3.0/messages/35/flagged');
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
  {
    name: 'a group',
    checks: 'the list of groups; a click joins one; both write in it; who types, and the marks once all have received and read',
    async run({ screen, go, emulator }) {
      await emulator.rest('POST', '/groups', { guid: hikers.to, name: 'Hikers', type: 'public', owner: two });
      await screen.show('Groups');
      await screen.sees('the group', screen.lists.getByRole('option', { name: 'Hikers 1 Member' }));
      await screen.lists.getByRole('option').filter({ hasText: 'Hikers' }).click();
      await screen.sees('2 members', screen.chat.getByRole('banner', { name: 'Hikers, 2 Members' }));
      await screen.sees('who has joined', screen.chat.getByText('Andrew Joseph joined'));
      await screen.send('who is coming?');
      await heard(go, 'onTextMessageReceived', { sender: one, text: 'who is coming?' });
      await screen.sees('the sent message', screen.message('who is coming?').getByRole('img', { name: 'Sent' }));
      await does(go, 'receive', { ...hikers, on: 'who is coming?' });
      await screen.sees('that all have received it', screen.message('who is coming?').getByRole('img', { name: 'Delivered' }));
      await does(go, 'see', { ...hikers, on: 'who is coming?' });
      await screen.sees('that all have read it', screen.message('who is coming?').getByRole('img', { name: 'Read' }));
      await does(go, 'type', hikers);
      await screen.sees('who types', screen.chat.getByRole('banner').getByText('George Alan is typing'));
      await does(go, 'say', { ...hikers, text: 'all of us' });
      await screen.sees('the message of the Go SDK and its sender', screen.message('all of us').filter({ hasText: 'George Alan' }));
    },
  },
  {
    name: 'members',
    checks: 'the list of members; the owner of a group changes a scope and kicks a member',
    async run({ screen, emulator }) {
      await emulator.rest('POST', '/groups', { guid: 'club', name: 'Club', type: 'private', owner: one, members: { participants: [two, three] } });
      const member = (name) => screen.members.getByRole('option', { name });
      const choose = async (name, item) => {
        await member(name).hover();
        await member(name).getByRole('button', { name: 'More options' }).click();
        await member(name).getByRole('menuitem', { name: item }).click();
      };
      await screen.show('Chats');
      await screen.conversation('Club').click();
      await screen.chat.getByRole('button', { name: 'Club. Click for details' }).click();
      for (const name of [/Andrew Joseph, Owner/, /George Alan/, /Nancy Grace/]) await screen.sees(`the member ${name}`, member(name));
      await choose(/George Alan/, 'Change Scope');
      const dialog = screen.tab.getByRole('dialog', { name: 'Change Scope' });
      await dialog.getByText('Moderator').click();
      await dialog.getByRole('button', { name: 'Save' }).click();
      await screen.sees('the new scope', member(/George Alan, Moderator/));
      await screen.sees('it in the chat', screen.chat.getByText('Andrew Joseph made George Alan Moderator'));
      await choose(/Nancy Grace/, 'Kick');
      await screen.seesNo('the kicked member', member(/Nancy Grace/));
      await screen.sees('it in the chat', screen.chat.getByText('Andrew Joseph kicked Nancy Grace'));
      await screen.sees('2 members', screen.chat.getByRole('banner', { name: 'Club, 2 Members' }));
    },
  },
  {
    name: 'reload',
    checks: 'the user stays signed in; the lists and a new message are there',
    async run({ screen, go }) {
      await screen.tab.reload();
      await screen.sees('the last message of the group', screen.lists.getByRole('option', { name: /Hikers .* all of us/ }));
      await go.heard('onUserOnline', one);
      await does(go, 'say', { text: 'welcome back' });
      await screen.sees('an unread message', screen.lists.getByRole('option', { name: /George Alan welcome back .* 1 unread/ }));
    },
  },
  {
    name: 'sign out',
    checks: 'the page asks who signs in, and the Go SDK hears that the user is offline',
    async run({ screen, go }) {
      await screen.show('Sign out');
      await screen.sees('the form', screen.tab.getByLabel('UID'));
      await go.heard('onUserOffline', one);
    },
  },
  {
    name: 'nothing went wrong',
    checks: 'no request was refused, no other host was asked, no error on the page or in its console',
    async run({ screen, emulator, url }) {
      deepEqual(emulator.read().filter(({ status }) => status >= 400).map(({ status, method, path }) => `${status} ${method} ${path}`), []);
      deepEqual([...screen.hosts].sort(), [new URL(url).host, emulator.clientHost].sort());
      deepEqual([...screen.page.uncaught, ...screen.log], []);
    },
  },
];
