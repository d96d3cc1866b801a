// The steps of a conversation between the official SDK in the browser and the Go SDK, which are both online. Each side's listeners
// hear of all that the other side does; and what is missing while a connection is cut.
import { deepEqual, equal } from 'node:assert/strict';
import { common, five, general, heardBy, one, sides, talks, two } from './sides.mjs';

const files = async (CometChat, uid) => {
  const request = new CometChat.MessagesRequestBuilder().setUID(uid).setLimit(30).hasAttachments(true).build();
  const attachments = (await request.fetchPrevious()).reverse().flatMap((message) => message.getAttachments());
  return Promise.all(attachments.map(async (a) => (await fetch(a.getUrl())).text()));
};

// Checks that both SDKs read the same messages and files of the conversation.
async function bothRead(world, messages, contents) {
  const { browser, go } = sides(world);
  const mine = (await browser.read('user', five)).map(common);
  equal(mine.length, messages);
  deepEqual((await go.read('user', one)).map(common), mine);
  deepEqual([await world.first.value(files, five), JSON.parse(await world.go.call(`files ${one}`))], [contents, contents]);
}

// Has one side talk to the other and the other mark it as read, and returns what both have heard, in a form in which the two
// directions are equal.
async function exchange(sayer, hearer) {
  const { sent, requests, frames } = await talks(sayer, [hearer], 'user', hearer.uid, hearer.uid);
  const last = sent.at(-1);
  await hearer.mark('user', sayer.uid, last.id);
  const receipts = await heardBy(sayer, hearer);
  deepEqual(receipts.map(({ event, value }) => [event, value.message, value.sender, value.receiver]),
    ['onMessagesDelivered', 'onMessagesRead'].map((event) => [event, last.id, hearer.uid, sayer.uid]));
  return general({ requests, frames, receipts }, Number(sent[0].id), {
    [last.conversation]: 'the conversation', [sayer.uid]: 'sayer', [hearer.uid]: 'hearer', [last.senderName]: 'Sayer', [last.receiverName]: 'Hearer',
  });
}

export const texts = (heard) => heard.map(({ value }) => value.text);
const events = (heard) => heard.map(({ event, value }) => [event, value.text]);
export const third = (emulator, uid, text) => emulator.rest('POST', '/messages', {
  receiver: uid, receiverType: 'user', category: 'message', type: 'text', data: { text },
}, { onBehalfOf: two });

export const conversation = [
  {
    name: 'the browser writes',
    checks: 'typing, a message of every kind, a reply, reactions, an edit, a deletion, a transient message, receipts: the Go client hears and reads the same',
    async run(world) {
      const { browser, go } = sides(world);
      world.exchanged = await exchange(browser, go);
      await bothRead(world, 8, ['content ✓']);
    },
  },
  {
    name: 'the Go client writes',
    checks: 'the same: the browser hears of each, with the same values, and reads the same',
    async run(world) {
      const { browser, go } = sides(world);
      deepEqual(await exchange(go, browser), world.exchanged);
      await bothRead(world, 16, ['content ✓', 'content ✓']);
    },
  },
];

export const cut = [
  {
    name: 'the Go client is cut',
    checks: 'what the browser sends, edits and deletes meanwhile: the Go client hears of each once, in order, then CaughtUp, then what comes after',
    async run(world) {
      const { browser, go } = sides(world);
      const { relayOfGo, emulator } = world;
      await browser.text('user', five, 'before');
      await go.client.heard('onTextMessageReceived', { text: 'before' });
      relayOfGo.cut();
      await go.client.heard('onDisconnected');
      const [, edited, deleted] = [await browser.text('user', five, 'cut 1'), await browser.text('user', five, 'cut 2'), await browser.text('user', five, 'cut 3')];
      await world.first.value(async (CometChat, [uid, edited, deleted]) => {
        const edit = new CometChat.TextMessage(uid, 'cut 2, edited', 'user');
        edit.setId(edited);
        await CometChat.editMessage(edit);
        await CometChat.deleteMessage(deleted);
      }, [five, edited.id, deleted.id]);
      await browser.transient('user', five, { lost: true });
      await third(emulator, five, 'cut 4');
      relayOfGo.mend();
      await go.client.heard('CaughtUp');
      await browser.text('user', five, 'after');
      deepEqual(events(await heardBy(go, browser)), [
        ['onTextMessageReceived', 'before'], ['onTextMessageReceived', 'cut 1'], ['onTextMessageReceived', 'cut 2, edited'],
        ['onTextMessageReceived', undefined], ['onMessageEdited', 'cut 2, edited'], ['onMessageDeleted', undefined],
        ['onTextMessageReceived', 'cut 4'], ['onTextMessageReceived', 'after'],
      ]);
      const at = (wanted) => go.client.events.findIndex(({ event, value }) => event === wanted || value?.text === wanted);
      equal(at('cut 4') < at('CaughtUp') && at('CaughtUp') < at('after'), true);
    },
  },
];
