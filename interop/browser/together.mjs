// The steps in which the official SDK in the browser and the Go SDK are online at the same time.
import { deepEqual, equal } from 'node:assert/strict';
import { steps as life } from './group_life.mjs';
import { list } from './messages.mjs';
import { common, five, heardBy, one, sides, two } from './sides.mjs';
import { conversation, cut, texts, third } from './talk.mjs';
import { until } from './wait.mjs';

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

const conversations = async (CometChat) => (await new CometChat.ConversationsRequestBuilder().setLimit(10).build().fetchNext())
  .map(view.conversation);
const unreadCounts = (CometChat) => CometChat.getUnreadMessageCountForAllUsers();

export const steps = [
  {
    name: 'the browser logs in',
    checks: 'the emulator accepts its live connection',
    run: ({ first, emulator }) => opens(first, emulator, one),
  },
  {
    name: 'the Go client logs in',
    checks: 'Connected and CaughtUp; OnlineUserCount is 2; onUserOnline in the browser',
    async run({ first, go }) {
      await go.call(`login ${five}`);
      await go.heard('CaughtUp');
      equal(await go.call('count'), '2');
      await first.heard('onUserOnline', five);
      equal(await first.value(statusOf, five), 'online');
    },
  },
  {
    name: 'a third user comes',
    checks: 'both SDKs hear the same: onUserOnline',
    async run(world) {
      const { first, go, open, emulator } = world;
      world.second = await open('the second user');
      await opens(world.second, emulator, two);
      await Promise.all([first.heard('onUserOnline', two), go.heard('onUserOnline', two)]);
      deepEqual([presence(first, two), presence(go, two)], [['onUserOnline'], ['onUserOnline']]);
    },
  },
  ...life,
  {
    name: 'the third user goes',
    checks: 'both SDKs hear the same: onUserOffline',
    async run({ first, second, go }) {
      deepEqual(second.uncaught, []);
      await second.close();
      await Promise.all([first.heard('onUserOffline', two), go.heard('onUserOffline', two)]);
      deepEqual([presence(first, two), presence(go, two)], [['onUserOffline'], ['onUserOffline']]);
    },
  },
  ...conversation,
  {
    name: 'the conversation of both',
    checks: 'the lists of conversations: the same conversation and last message, and unread counts that agree with the other calls',
    async run(world) {
      const { first, go } = world;
      await sides(world).browser.text('user', five, 'unread');
      await sides(world).go.text('user', one, 'unread, too');
      const [[mine], [theirs]] = [await first.value(conversations), JSON.parse(await go.call('conversations'))];
      deepEqual([mine.id, mine.with, theirs.with, common(mine.lastMessage), mine.latest],
        [theirs.id, five, one, common(theirs.lastMessage), theirs.latest]);
      deepEqual(await first.value(unreadCounts), { [five]: mine.unread });
      deepEqual(JSON.parse(await go.call('unread')), { [one]: theirs.unread });
      equal(mine.unread, theirs.unread);
      equal(mine.unread > 0, true);
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
      await go.heard('CaughtUp');
    },
  },
  ...cut,
  {
    name: 'the network breaks',
    checks: 'first for the browser, whose SDK does not tell what the Go client sends meanwhile; then for both: both come back, and the Go client misses nothing',
    async run(world) {
      const { first, relay, relayOfGo, emulator } = world;
      const { browser, go } = sides(world);
      const before = await go.text('user', one, 'before');
      await first.heard('onTextMessageReceived', { text: 'before' });
      relay.cut();
      await first.heard('onDisconnected');
      const missed = [await go.text('user', one, 'missed 1'), await go.text('user', one, 'missed 2')];
      relayOfGo.cut();
      for (const uid of [one, five]) await third(emulator, uid, 'while the network is broken');
      for (const each of [relay, relayOfGo]) each.mend();
      await bothComeBack(world);
      await go.client.heard('onUserOnline', one);
      equal(await first.value(statusOf, five), 'online');

      equal(String(await first.value((CometChat) => CometChat.getLastDeliveredMessageId())), before.id);
      const since = { builder: { setUID: five, setMessageId: Number(before.id), setLimit: 10 }, forward: true };
      deepEqual((await first.value(list, since)).map(common), missed.map(common));
      await go.client.heard('CaughtUp');
      deepEqual(texts(await heardBy(browser, go)), ['before']);
      deepEqual(texts(await heardBy(go, browser)), ['while the network is broken']);
    },
  },
  {
    name: 'the network falls silent',
    checks: 'both SDKs miss their pong within 18 seconds, and come back on new connections; the Go client hears what was sent meanwhile',
    async run(world) {
      const { first, go, relay, relayOfGo, emulator } = world;
      for (const each of [relay, relayOfGo]) each.freeze();
      for (const uid of [one, five]) await third(emulator, uid, 'while the network is silent');
      await bothComeBack(world);
      for (const each of [relay, relayOfGo]) each.breakFrozen();
      await Promise.all([one, five].map((uid) => emulator.ended(uid)));
      deepEqual([await go.call('status'), await first.value(status)], ['connected', 'connected']);
      equal(await go.call('count'), '2');
      equal(await first.value(statusOf, five), 'online');
      await go.heard('CaughtUp');
      deepEqual(texts(await heardBy(sides(world).go, sides(world).browser)), ['while the network is silent']);
      deepEqual(texts(await heardBy(sides(world).browser, sides(world).go)), []);
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
    async run(world) {
      const { first, go } = world;
      deepEqual(await sides(world).go.read('user', five), await sides(world).browser.read('user', five));
      deepEqual(JSON.parse(await go.call('conversations')), await first.value(conversations));
      deepEqual(JSON.parse(await go.call('unread')), await first.value(unreadCounts));
      await go.call(`markread ${five}`);
      equal((await first.value(unreadCounts))[five], undefined);
      equal((await first.value(conversations)).find((conversation) => conversation.with === five).unread, undefined);
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
