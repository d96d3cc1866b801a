// The steps in which the official SDK in the browser and the Go SDK are online at the same time.
import { deepEqual, equal } from 'node:assert/strict';
import { list } from './messages.mjs';
import { until } from './wait.mjs';

const one = 'cometchat-uid-1'; // in the browser
const two = 'cometchat-uid-2'; // in a second browser
const five = 'cometchat-uid-5'; // the Go client

const login = (CometChat, [uid, authKey]) => CometChat.login(uid, authKey);
const connect = (CometChat) => { CometChat.connect(); };
const disconnect = (CometChat) => { CometChat.disconnect(); };
const status = (CometChat) => CometChat.getConnectionStatus();
const statusOf = async (CometChat, uid) => (await CometChat.getUser(uid)).getStatus();

async function opens(page, emulator, uid) {
  await page.load();
  equal((await page.init()).value, true);
  equal((await page.value(login, [uid, emulator.authKey])).uid, uid);
  await emulator.live(uid);
}

// What was heard of a user's presence, in order.
const presence = ({ events }, uid) => events.filter(({ event, value }) => event.startsWith('onUser') && value === uid)
  .map(({ event }) => event);

// Checks that both SDKs lose their connection, and have another one soon.
async function bothComeBack({ first, go, emulator }) {
  for (const each of [go, first]) {
    await each.heard('onDisconnected');
    await each.heard('inConnecting');
    await each.heard('onConnected');
  }
  await emulator.live(five);
  await emulator.live(one);
  deepEqual([await go.call('status'), await first.value(status)], ['connected', 'connected']);
}

// Sends every kind of message, reacts, edits and deletes. gosteps/peer_messages.go does the same.
async function writeAll(CometChat, uid) {
  const text = new CometChat.TextMessage(uid, `hello <@uid:${uid}>`, 'user');
  text.setMetadata({ n: [1, { ü: null }] });
  text.setTags(['seven']);
  const first = await CometChat.sendMessage(text);
  const media = new CometChat.MediaMessage(uid, new File(['content ✓'], 'ä.txt', { type: 'text/plain' }), 'file', 'user');
  media.setCaption('a file');
  await CometChat.sendMessage(media);
  await CometChat.sendMessage(new CometChat.CustomMessage(uid, 'user', 'location', { place: { name: 'Köln' } }));
  const reply = new CometChat.TextMessage(uid, 'a reply', 'user');
  reply.setParentMessageId(first.getId());
  await CometChat.sendMessage(reply);
  await CometChat.addReaction(first.getId(), '👍');
  const edit = new CometChat.TextMessage(uid, 'hello again', 'user');
  edit.setId(first.getId());
  edit.setMetadata({ n: 2 });
  await CometChat.editMessage(edit);
  const gone = await CometChat.sendMessage(new CometChat.TextMessage(uid, 'to be deleted', 'user'));
  await CometChat.deleteMessage(gone.getId());
}

// What writeAll leaves of its messages, the newest first.
const written = (by, to) => [
  { category: 'action', action: 'deleted' },
  { category: 'message', type: 'text', deletedBy: by },
  { category: 'action', action: 'edited', onText: 'hello again' },
  { category: 'message', type: 'text', text: 'a reply' },
  { category: 'custom', type: 'location', customData: { place: { name: 'Köln' } } },
  { category: 'message', type: 'file', text: 'a file' },
  { category: 'message', type: 'text', text: 'hello again', metadata: { n: 2 }, tags: ['seven'], editedBy: by, replyCount: 1,
    reactions: [{ reaction: '👍', count: 1 }] },
].map((message) => ({ ...message, sender: by, receiver: to }));

const read = (page, uid) => page.value(list, { builder: { setUID: uid, setLimit: 3, withTags: true } });
const conversations = async (CometChat) => (await new CometChat.ConversationsRequestBuilder().setLimit(10).build().fetchNext())
  .map(view.conversation);
const unreadCounts = (CometChat) => CometChat.getUnreadMessageCountForAllUsers();
const files = async (CometChat, uid) => {
  const request = new CometChat.MessagesRequestBuilder().setUID(uid).setLimit(30).hasAttachments(true).build();
  const attachments = (await request.fetchPrevious()).reverse().flatMap((message) => message.getAttachments());
  return Promise.all(attachments.map(async (a) => (await fetch(a.getUrl())).text()));
};

// A message without what differs between the users who read it.
const common = ({ subscribed, delivered, read, deliveredToMe, readByMe, reactions, ...rest }) => ({
  ...rest, ...(reactions && { reactions: reactions.map(({ mine, ...reaction }) => reaction) }),
});

// Checks that both SDKs read the same messages, of which the newest are those that writeAll left.
async function bothRead({ first, go }, by, to) {
  const mine = (await read(first, five)).map(common);
  deepEqual(JSON.parse(await go.call(`read ${one}`)).map(common), mine);
  const newest = written(by, to);
  deepEqual(newest.map((message, i) => Object.fromEntries(Object.keys(message).map((key) => [key, mine[i][key]]))), newest);
  return mine;
}

export const steps = [
  {
    name: 'the browser logs in',
    checks: 'the emulator accepts its live connection',
    run: ({ first, emulator }) => opens(first, emulator, one),
  },
  {
    name: 'the Go client logs in',
    checks: 'onConnected; OnlineUserCount is 2; onUserOnline in the browser',
    async run({ first, go }) {
      await go.call(`login ${five}`);
      await go.heard('onConnected');
      equal(await go.call('count'), '2');
      await first.heard('onUserOnline', five);
      equal(await first.value(statusOf, five), 'online');
    },
  },
  {
    name: 'a third user comes and goes',
    checks: 'both SDKs hear the same: onUserOnline, then onUserOffline',
    async run({ first, go, open, emulator }) {
      const second = await open('the second user');
      await opens(second, emulator, two);
      await Promise.all([first.heard('onUserOnline', two), go.heard('onUserOnline', two)]);
      await second.close();
      await Promise.all([first.heard('onUserOffline', two), go.heard('onUserOffline', two)]);
      deepEqual(presence(go, two), ['onUserOnline', 'onUserOffline']);
      deepEqual(presence(first, two), presence(go, two));
    },
  },
  {
    name: 'the browser writes',
    checks: 'texts, a file, a custom message, a reply, a reaction, an edit and a deletion: the Go client reads the same',
    async run(world) {
      const { first, go } = world;
      await first.value(writeAll, five);
      equal((await bothRead(world, one, five)).length, 7);
      deepEqual(JSON.parse(await go.call(`files ${one}`)), ['content ✓']);
    },
  },
  {
    name: 'the Go client writes',
    checks: 'the same: the browser hears of each, and reads the same',
    async run(world) {
      const { first, go } = world;
      await go.call(`write ${one}`);
      equal((await bothRead(world, five, one)).length, 14);
      deepEqual(await first.value(files, five), ['content ✓', 'content ✓']);
      for (const [event, value] of [
        ['onTextMessageReceived', { sender: five, text: `hello <@uid:${one}>` }], ['onMediaMessageReceived', { text: 'a file' }],
        ['onCustomMessageReceived', { type: 'location' }], ['onTextMessageReceived', { sender: five, text: 'a reply' }],
        ['onMessageReactionAdded', { reaction: '👍' }], ['onMessageEdited', { text: 'hello again' }], ['onMessageDeleted', { deletedBy: five }],
      ]) await first.heard(event, value);
    },
  },
  {
    name: 'the conversation of both',
    checks: 'the lists of conversations: the same conversation and last message, and unread counts that agree with the other calls',
    async run({ first, go }) {
      const [[mine], [theirs]] = [await first.value(conversations), JSON.parse(await go.call('conversations'))];
      deepEqual([mine.id, mine.with, theirs.with, common(mine.lastMessage), mine.latest],
        [theirs.id, five, one, common(theirs.lastMessage), theirs.latest]);
      deepEqual(await first.value(unreadCounts), { [five]: mine.unread });
      deepEqual(JSON.parse(await go.call('unread')), { [one]: theirs.unread });
      equal(mine.unread, theirs.unread);
    },
  },
  {
    name: 'the browser goes and comes',
    checks: 'disconnect() and connect(): onUserOffline, then onUserOnline in the Go client',
    async run({ first, go }) {
      await first.value(disconnect);
      await go.heard('onUserOffline', one);
      await first.value(connect);
      await go.heard('onUserOnline', one);
      deepEqual(presence(go, one), ['onUserOffline', 'onUserOnline']);
    },
  },
  {
    name: 'the Go client goes and comes',
    checks: 'Disconnect and Connect: onUserOffline, then onUserOnline in the browser',
    async run({ first, go }) {
      await go.call('disconnect');
      equal(await go.call('status'), 'disconnected');
      await first.heard('onUserOffline', five);
      await go.call('connect');
      await first.heard('onUserOnline', five);
      deepEqual(presence(first, five), ['onUserOffline', 'onUserOnline']);
    },
  },
  {
    name: 'the network breaks',
    checks: 'both connections are lost, and come back; each SDK sees the other online',
    async run(world) {
      const { first, go, relay } = world;
      relay.break();
      await bothComeBack(world);
      await go.heard('onUserOnline', one);
      equal(await first.value(statusOf, five), 'online');
    },
  },
  {
    name: 'the network falls silent',
    checks: 'both SDKs miss their pong within 18 seconds, and come back on new connections',
    async run(world) {
      const { first, go, relay, emulator } = world;
      relay.freeze();
      await bothComeBack(world);
      relay.breakFrozen();
      await Promise.all([one, five].map((uid) => emulator.ended(uid)));
      deepEqual([await go.call('status'), await first.value(status)], ['connected', 'connected']);
      equal(await go.call('count'), '2');
      equal(await first.value(statusOf, five), 'online');
    },
  },
  {
    name: 'a revoked token of the Go client',
    checks: 'the session ends without a call: onDisconnected, logoutSuccess; onUserOffline in the browser',
    async run({ first, go, emulator }) {
      await emulator.rest('DELETE', `/users/${five}/auth_tokens`);
      await go.heard('logoutSuccess');
      await first.heard('onUserOffline', five);
      equal(await go.call('status'), 'disconnected');
      equal(await go.call('user') ?? '', '');
    },
  },
  {
    name: 'two devices of one user',
    checks: 'each SDK hears of the same user on another device: onUserOnline',
    async run({ first, go }) {
      await go.call(`login ${one}`);
      await first.heard('onUserOnline', one);
      await go.heard('onConnected');
      await first.value(disconnect);
      await first.value(connect);
      await go.heard('onUserOnline', one);
      deepEqual([presence(first, one), presence(go, one)], [['onUserOnline'], ['onUserOnline']]);
    },
  },
  {
    name: 'two devices read the same',
    checks: 'messages, conversations and unread counts are equal in both SDKs; what one marks as read is read in the other',
    async run({ first, go }) {
      deepEqual(JSON.parse(await go.call(`read ${five}`)), await read(first, five));
      deepEqual(JSON.parse(await go.call('conversations')), await first.value(conversations));
      deepEqual(JSON.parse(await go.call('unread')), await first.value(unreadCounts));
      await go.call(`markread ${five}`);
      deepEqual(await first.value(unreadCounts), {});
      equal((await first.value(conversations))[0].unread, undefined);
    },
  },
  {
    name: 'logout of both',
    checks: 'logoutSuccess; both close their live connection with 1000 and the same reason',
    async run({ first, go, emulator }) {
      const goodbyes = () => emulator.read().filter(({ what }) => what === 'close').map(({ code, reason }) => [code, reason]);
      await go.call('logout');
      await go.heard('logoutSuccess');
      await until('the goodbye of the Go client', () => goodbyes().length === 1);
      await first.value((CometChat) => CometChat.logout());
      await first.heard('logoutSuccess');
      await until('the goodbye of the browser', () => goodbyes().length === 2);
      deepEqual(goodbyes(), Array(2).fill([1000, 'User logged out']));
      equal(await go.close(), 0);
      deepEqual(first.uncaught, []);
    },
  },
];
