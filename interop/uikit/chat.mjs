// What a person does in a chat with another.
import { deepEqual } from 'node:assert/strict';
import { until } from '../browser/wait.mjs';
import { does, one, say, three, two } from './people.mjs';

export const steps = [
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
      await go.heard('onMessagesRead', { sender: one });
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
      await go.heard('onTypingStarted', { sender: one });
      await screen.send(' by hand');
      await go.heard('onTextMessageReceived', { sender: one, text: 'typed by hand' });
      await screen.sees('the sent message', screen.message('typed by hand').getByRole('img', { name: 'Sent' }));
      await screen.sees('the sent message as the last', screen.conversation('George Alan').filter({ hasText: 'typed by hand' }));
      await go.heard('onTypingEnded', { sender: one });
    },
  },
  {
    name: 'delivered and read',
    checks: 'MarkAsDelivered and MarkAsRead of the Go SDK: the marks of the message change, and its information has the times',
    async run({ screen, go }) {
      await does(go, 'receive', { on: 'typed by hand' });
      await screen.sees('that the message is delivered', screen.message('typed by hand').getByRole('img', { name: 'Delivered' }));
      await does(go, 'see', { on: 'typed by hand' });
      await screen.sees('that the message is read', screen.message('typed by hand').getByRole('img', { name: 'Read' }));
      await screen.chooseFor('typed by hand', 'Info');
      const information = screen.tab.getByRole('dialog', { name: 'Message Information' });
      await screen.sees('when it was delivered and read', information.getByRole('time').nth(2));
      await information.getByRole('button', { name: 'Close' }).click();
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
      await go.heard('onMessagesRead', { sender: one });
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
      await screen.chooseFor('typed by hand', 'Edit');
      await screen.chat.getByRole('textbox', { name: 'Edit message' }).fill('typed by hand, and corrected');
      await screen.chat.getByRole('button', { name: 'SAVE' }).click();
      await screen.sees('the edited message', screen.message('typed by hand, and corrected'));
      await go.heard('onMessageEdited', { sender: one, text: 'typed by hand, and corrected' });
      await does(go, 'edit', { on: 'from Go', text: 'from Go, and better' });
      await screen.sees('the edited message of the Go SDK', screen.message('from Go, and better').getByText('Edited'));
      await screen.chooseFor('typed by hand, and corrected', 'Delete');
      await screen.tab.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await go.heard('onMessageDeleted', { sender: one });
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
      await go.heard('onMessageReactionAdded', { uid: one, reaction: '😀' });
      await screen.sees('its own reaction', screen.message('from Go').getByRole('button', { name: '😀 reacted by 1' }));
      await does(go, 'react', { on: 'from Go, and better', text: '😀' });
      await screen.sees('both reactions', screen.message('from Go').getByRole('button', { name: '😀 reacted by 2' }));
      await screen.message('from Go').getByRole('button', { name: '😀 reacted by 2' }).click();
      await go.heard('onMessageReactionRemoved', { uid: one, reaction: '😀' });
      await screen.sees('the reaction of the Go SDK', screen.message('from Go').getByRole('button', { name: '😀 reacted by 1' }));
    },
  },
  {
    name: 'a thread',
    checks: 'a reply of the page and one of the Go SDK: both in the thread, and their number in the chat',
    async run({ screen, go }) {
      await screen.chooseFor('hello 3', 'Reply in thread');
      await screen.send('a reply', screen.thread);
      await screen.sees('the reply', screen.message('a reply', screen.thread));
      await go.heard('onTextMessageReceived', { sender: one, text: 'a reply' });
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
      const { value: { attachments } } = await go.heard('onMediaMessageReceived', { sender: one });
      deepEqual(attachments.map(({ name, size }) => [name, size]), [['notes.txt', 7]]);
      await screen.sees('the sent file', screen.message('notes.txt').getByRole('button', { name: 'Download notes.txt' }));
    },
  },
  {
    name: 'pin, save and report',
    checks: 'a message is pinned, saved and reported',
    async run({ screen, emulator }) {
      for (const what of ['Pin', 'Save']) {
        await screen.chooseFor('hello 3', 'Organize', `${what} message`);
        await screen.sees(`the mark of ${what}`, screen.message('hello 3').getByRole('img', { name: new RegExp(what) }));
      }
      await screen.chooseFor('hello 3', 'Report');
      const dialog = screen.tab.getByRole('dialog');
      await dialog.getByText('Spam').click();
      await dialog.getByRole('button', { name: 'Report' }).click();
      await screen.seesNo('the dialog', dialog);
      await emulator.recorded('the report', ({ path }) => path?.endsWith('/flagged'));
    },
  },
];
