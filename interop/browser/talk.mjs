// The steps of a conversation between the official SDK in the browser and the Go SDK, which are both online. Each side's listeners
// hear of all that the other side does; and what is missing while a connection is cut.
import { deepEqual, equal } from 'node:assert/strict';
import { heardUntilNow } from './heard.mjs';
import { list } from './messages.mjs';

const one = 'cometchat-uid-1'; // in the browser
const two = 'cometchat-uid-2'; // a third user, who writes with the REST API
const five = 'cometchat-uid-5'; // the Go client

// Types, sends a message of every kind, replies, reacts, edits and deletes. It returns what sendMessage returned.
// gosteps/peer_talk.go does the same.
async function talk(CometChat, uid) {
  CometChat.startTyping(new CometChat.TypingIndicator(uid, 'user', { to: 'you' }));
  const sent = [];
  const send = async (message) => {
    message.setMuid(`talk-${uid}-${sent.length}`);
    const answer = await CometChat.sendMessage(message);
    sent.push(view.message(answer));
    return answer.getId();
  };
  const text = new CometChat.TextMessage(uid, `hello <@uid:${uid}>`, 'user');
  text.setMetadata({ n: [1, { ü: null }] });
  text.setTags(['seven']);
  const first = await send(text);
  CometChat.endTyping(new CometChat.TypingIndicator(uid, 'user'));
  const media = new CometChat.MediaMessage(uid, new File(['content ✓'], 'ä.txt', { type: 'text/plain' }), 'file', 'user');
  media.setCaption('a file');
  await send(media);
  await send(new CometChat.CustomMessage(uid, 'user', 'location', { place: { name: 'Köln' } }));
  await send(new CometChat.InteractiveMessage(uid, 'user', 'card', { text: 'an offer' }));
  const reply = new CometChat.TextMessage(uid, 'a reply', 'user');
  reply.setParentMessageId(first);
  reply.setQuotedMessageId(first);
  await send(reply);
  await CometChat.addReaction(first, '👍');
  await CometChat.addReaction(first, '👎');
  await CometChat.removeReaction(first, '👎');
  const edit = new CometChat.TextMessage(uid, 'hello again', 'user');
  edit.setId(first);
  edit.setMetadata({ n: 2 });
  await CometChat.editMessage(edit);
  await CometChat.deleteMessage(await send(new CometChat.TextMessage(uid, 'to be deleted', 'user')));
  CometChat.sendTransientMessage(new CometChat.TransientMessage(uid, 'user', { waves: 3 }));
  return sent;
}

// The events that the other side hears of talk: those that requests cause, and those that frames cause. Between the two kinds there
// is no order.
const ofRequests = [
  'onTextMessageReceived', 'onMediaMessageReceived', 'onCustomMessageReceived', 'onInteractiveMessageReceived', 'onTextMessageReceived',
  'onMessageReactionAdded', 'onMessageReactionAdded', 'onMessageReactionRemoved', 'onMessageEdited', 'onTextMessageReceived', 'onMessageDeleted',
];
const ofFrames = ['onTypingStarted', 'onTypingEnded', 'onTransientMessageReceived'];

const transient = (CometChat, [uid, data]) => { CometChat.sendTransientMessage(new CometChat.TransientMessage(uid, 'user', data)); };
const markAsDeliveredAndRead = async (CometChat, [, id]) => {
  const message = await CometChat.getMessageDetails(id);
  await CometChat.markAsDelivered(message);
  await CometChat.markAsRead(message);
};
const write = async (CometChat, [uid, text]) => {
  const message = new CometChat.TextMessage(uid, text, 'user');
  message.setMuid(`talk-${text}`);
  return view.message(await CometChat.sendMessage(message));
};

// Both sides, with the calls that the steps need.
export const sides = ({ first, go }) => ({
  browser: {
    uid: one, client: first, talk: (uid) => first.value(talk, uid), mark: (...args) => first.value(markAsDeliveredAndRead, args),
    transient: (...args) => first.value(transient, args), text: (...args) => first.value(write, args),
  },
  go: {
    uid: five, client: go, talk: async (uid) => JSON.parse(await go.call(`talk ${uid}`)), mark: (uid, id) => go.call(`mark ${uid} ${id}`),
    transient: (uid, data) => go.call(`transient ${uid} ${JSON.stringify(data)}`),
    text: async (uid, text) => JSON.parse(await go.call(`text ${uid} ${text}`)),
  },
});

export const heardBy = (hearer, sayer) => heardUntilNow(hearer.client, (data) => sayer.transient(hearer.uid, data));

// A message without what differs between the users who read it.
export const common = ({ subscribed, delivered, read, deliveredToMe, readByMe, reactions, ...rest }) => ({
  ...rest, ...(reactions && { reactions: reactions.map(({ mine, ...reaction }) => reaction) }),
});

export const read = (page, uid) => page.value(list, { builder: { setUID: uid, setLimit: 3, withTags: true } });

const files = async (CometChat, uid) => {
  const request = new CometChat.MessagesRequestBuilder().setUID(uid).setLimit(30).hasAttachments(true).build();
  const attachments = (await request.fetchPrevious()).reverse().flatMap((message) => message.getAttachments());
  return Promise.all(attachments.map(async (a) => (await fetch(a.getUrl())).text()));
};

// Checks that both SDKs read the same messages and files of the conversation.
async function bothRead({ first, go }, messages, contents) {
  const mine = (await read(first, five)).map(common);
  equal(mine.length, messages);
  deepEqual(JSON.parse(await go.call(`read ${one}`)).map(common), mine);
  deepEqual([await first.value(files, five), JSON.parse(await go.call(`files ${one}`))], [contents, contents]);
}

// Has one side talk to the other and the other mark it as read, and returns what both have heard, in a form in which the two
// directions are equal: without uids, and with the ids counted from the first message.
async function exchange(sayer, hearer) {
  const sent = await sayer.talk(hearer.uid);
  const last = sent.at(-1).id;
  const heard = await heardBy(hearer, sayer);
  const [requests, frames] = [ofRequests, ofFrames].map((names) => heard.filter(({ event }) => names.includes(event)));
  deepEqual(requests.map(({ event }) => event), ofRequests);
  deepEqual(frames.map(({ event }) => event), ofFrames);
  equal(heard.length, ofRequests.length + ofFrames.length);
  const received = requests.filter(({ event }) => event.endsWith('Received')).map(({ value }) => common(value));
  deepEqual(received, sent.map(common));

  await hearer.mark(sayer.uid, last);
  const receipts = await heardBy(sayer, hearer);
  deepEqual(receipts.map(({ event, value }) => [event, value.message, value.sender, value.receiver]),
    ['onMessagesDelivered', 'onMessagesRead'].map((event) => [event, last, hearer.uid, sayer.uid]));

  const from = Number(sent[0].id);
  const counted = new Set(['id', 'message', 'parent', 'on', 'quoted']);
  const text = JSON.stringify({ requests, frames, receipts }, (key, value) => {
    if (value?.reaction) return { ...value, id: undefined };
    return counted.has(key) && typeof value === 'string' ? Number(value) - from : value;
  });
  const { conversation, senderName, receiverName } = received[0];
  return [[conversation, 'the conversation'], [sayer.uid, 'sayer'], [hearer.uid, 'hearer'], [senderName, 'Sayer'], [receiverName, 'Hearer']]
    .reduce((text, [name, general]) => text.replaceAll(name, general), text);
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
      deepEqual(JSON.parse(await exchange(go, browser)), JSON.parse(world.exchanged));
      await bothRead(world, 16, ['content ✓', 'content ✓']);
    },
  },
];

export const cuts = [
  {
    name: 'the Go client is cut',
    checks: 'what the browser sends, edits and deletes meanwhile: the Go client hears of each once, in order, then CaughtUp, then what comes after',
    async run(world) {
      const { browser, go } = sides(world);
      const { relayOfGo, emulator } = world;
      await browser.text(five, 'before');
      await go.client.heard('onTextMessageReceived', { text: 'before' });
      relayOfGo.cut();
      await go.client.heard('onDisconnected');
      const [, edited, deleted] = [await browser.text(five, 'cut 1'), await browser.text(five, 'cut 2'), await browser.text(five, 'cut 3')];
      await world.first.value(async (CometChat, [uid, edited, deleted]) => {
        const edit = new CometChat.TextMessage(uid, 'cut 2, edited', 'user');
        edit.setId(edited);
        await CometChat.editMessage(edit);
        await CometChat.deleteMessage(deleted);
      }, [five, edited.id, deleted.id]);
      await browser.transient(five, { lost: true });
      await third(emulator, five, 'cut 4');
      relayOfGo.mend();
      await go.client.heard('CaughtUp');
      await browser.text(five, 'after');
      deepEqual(events(await heardBy(go, browser)), [
        ['onTextMessageReceived', 'before'], ['onTextMessageReceived', 'cut 1'], ['onTextMessageReceived', 'cut 2, edited'],
        ['onTextMessageReceived', undefined], ['onMessageEdited', 'cut 2, edited'], ['onMessageDeleted', undefined],
        ['onTextMessageReceived', 'cut 4'], ['onTextMessageReceived', 'after'],
      ]);
      const at = (wanted) => go.client.events.findIndex(({ event, value }) => event === wanted || value?.text === wanted);
      equal(at('cut 4') < at('CaughtUp') && at('CaughtUp') < at('after'), true);
    },
  },
  {
    name: 'the browser is cut',
    checks: 'its SDK does not tell what the Go client sends meanwhile; fetchNext returns it; what comes after is told',
    async run(world) {
      const { browser, go } = sides(world);
      const { first, relay, emulator } = world;
      const before = await go.text(one, 'before');
      await first.heard('onTextMessageReceived', { text: 'before' });
      relay.cut();
      await first.heard('onDisconnected');
      const missed = [await go.text(one, 'cut 1'), await go.text(one, 'cut 2')];
      relay.mend();
      await emulator.live(one);
      equal(String(await first.value((CometChat) => CometChat.getLastDeliveredMessageId())), before.id);
      deepEqual((await first.value(list, { builder: { setUID: five, setMessageId: Number(before.id), setLimit: 10 }, forward: true })).map(common),
        missed.map(common));
      await go.text(one, 'after');
      deepEqual(events(await heardBy(browser, go)), [['onTextMessageReceived', 'before'], ['onTextMessageReceived', 'after']]);
    },
  },
];
