// The clients that are online together, with the calls that the steps need. The calls are the same for a page and for the Go client.
import { deepEqual, equal } from 'node:assert/strict';
import { heardUntilNow } from './heard.mjs';
import { list } from './messages.mjs';

export const one = 'cometchat-uid-1'; // in the browser
export const two = 'cometchat-uid-2'; // in a second browser, or with the REST API
export const three = 'cometchat-uid-3'; // never online
export const five = 'cometchat-uid-5'; // the Go client

// Types, sends a message of every kind, replies, reacts, edits and deletes. It returns what sendMessage returned.
// gosteps/peer_talk.go does the same.
async function talk(CometChat, [type, to, mentioned]) {
  CometChat.startTyping(new CometChat.TypingIndicator(to, type, { to: 'you' }));
  const sent = [];
  const send = async (message) => {
    message.setMuid(`talk-${to}-${sent.length}`);
    const answer = await CometChat.sendMessage(message);
    sent.push(view.message(answer));
    return answer.getId();
  };
  const text = new CometChat.TextMessage(to, `hello <@uid:${mentioned}>`, type);
  text.setMetadata({ n: [1, { ü: null }] });
  text.setTags(['seven']);
  const first = await send(text);
  CometChat.endTyping(new CometChat.TypingIndicator(to, type));
  const media = new CometChat.MediaMessage(to, new File(['content ✓'], 'ä.txt', { type: 'text/plain' }), 'file', type);
  media.setCaption('a file');
  await send(media);
  await send(new CometChat.CustomMessage(to, type, 'location', { place: { name: 'Köln' } }));
  await send(new CometChat.InteractiveMessage(to, type, 'card', { text: 'an offer' }));
  const reply = new CometChat.TextMessage(to, 'a reply', type);
  reply.setParentMessageId(first);
  reply.setQuotedMessageId(first);
  await send(reply);
  await CometChat.addReaction(first, '👍');
  await CometChat.addReaction(first, '👎');
  await CometChat.removeReaction(first, '👎');
  const edit = new CometChat.TextMessage(to, 'hello again', type);
  edit.setId(first);
  edit.setMetadata({ n: 2 });
  await CometChat.editMessage(edit);
  await CometChat.deleteMessage(await send(new CometChat.TextMessage(to, 'to be deleted', type)));
  CometChat.sendTransientMessage(new CometChat.TransientMessage(to, type, { waves: 3 }));
  return sent;
}

// The events that the others hear of talk: those that requests cause, and those that frames cause. Between the two kinds there is no
// order.
const ofRequests = [
  'onTextMessageReceived', 'onMediaMessageReceived', 'onCustomMessageReceived', 'onInteractiveMessageReceived', 'onTextMessageReceived',
  'onMessageReactionAdded', 'onMessageReactionAdded', 'onMessageReactionRemoved', 'onMessageEdited', 'onTextMessageReceived', 'onMessageDeleted',
];
const ofFrames = ['onTypingStarted', 'onTypingEnded', 'onTransientMessageReceived'];

const transient = (CometChat, [type, to, data]) => { CometChat.sendTransientMessage(new CometChat.TransientMessage(to, type, data)); };
const mark = async (CometChat, [, , id]) => {
  const message = await CometChat.getMessageDetails(id);
  await CometChat.markAsDelivered(message);
  await CometChat.markAsRead(message);
};
const text = async (CometChat, [type, to, text]) => {
  const message = new CometChat.TextMessage(to, text, type);
  message.setMuid(`talk-${text}`);
  return view.message(await CometChat.sendMessage(message));
};
const group = async (CometChat, [call, guid, ...args]) => {
  if (call === 'createGroup') await CometChat.createGroup(new CometChat.Group(guid, ...args));
  else if (call === 'addMembersToGroup') await CometChat.addMembersToGroup(guid, [new CometChat.GroupMember(args[0], 'participant')], []);
  else await CometChat[call](guid, ...args);
};

const inPage = (page, uid) => ({
  uid, client: page, ...Object.fromEntries(Object.entries({ talk, transient, mark, text, group })
    .map(([name, call]) => [name, (...args) => page.value(call, args)])),
  read: (type, id) => page.value(list, { builder: { [type === 'group' ? 'setGUID' : 'setUID']: id, setLimit: 3, withTags: true } }),
});

const inGo = (peer, uid) => ({
  uid, client: peer,
  ...Object.fromEntries(['talk', 'mark', 'text', 'read'].map((name) => [name, async (...args) => JSON.parse(await peer.call([name, ...args].join(' ')))])),
  transient: (type, to, data) => peer.call(`transient ${type} ${to} ${JSON.stringify(data)}`),
  group: (...args) => peer.call(`group ${JSON.stringify(args)}`),
});

// The first browser, the second if it is there, and the Go client.
export const sides = ({ first, second, go }) => ({ browser: inPage(first, one), second: second && inPage(second, two), go: inGo(go, five) });

// Returns what a client has heard about messages and groups in the step, until another client says that this is the end.
export const heardBy = (hearer, other) => heardUntilNow(hearer.client, (data) => other.transient('user', hearer.uid, data));

// A message without what differs between the users who read it.
export const common = ({ subscribed, delivered, read, deliveredToMe, readByMe, reactions, ...rest }) => ({
  ...rest, ...(reactions && { reactions: reactions.map(({ mine, ...reaction }) => reaction) }),
});

// Has a client talk, and checks that the others hear of each message as it was sent, and all of them the same. Returns what they heard.
export async function talks(sayer, hearers, ...to) {
  const sent = await sayer.talk(...to);
  const all = [];
  for (const hearer of hearers) {
    const heard = (await heardBy(hearer, sayer)).map(({ event, value }) => ({ event, value: common(value) }));
    const [requests, frames] = [ofRequests, ofFrames].map((names) => heard.filter(({ event }) => names.includes(event)));
    deepEqual([requests, frames].map((list) => list.map(({ event }) => event)), [ofRequests, ofFrames]);
    equal(heard.length, ofRequests.length + ofFrames.length);
    deepEqual(requests.filter(({ event }) => event.endsWith('Received')).map(({ value }) => value), sent.map(common));
    all.push({ requests, frames });
  }
  for (const other of all) deepEqual(other, all[0]);
  return { sent, ...all[0] };
}

// Returns what was heard in a form that is equal for every two users: without their uids and names, and with ids that are counted
// from the first message.
export function general(heard, from, names) {
  const counted = new Set(['id', 'message', 'parent', 'on', 'quoted']);
  const text = JSON.stringify(heard, (key, value) => {
    if (value?.reaction) return { ...value, id: undefined };
    return counted.has(key) && typeof value === 'string' ? Number(value) - from : value;
  });
  return JSON.parse(Object.entries(names).reduce((text, [name, general]) => text.replaceAll(name, general), text));
}
