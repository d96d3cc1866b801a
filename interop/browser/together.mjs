// The steps in which the official SDK in the browser and the Go SDK are online at the same time.
import { deepEqual, equal } from 'node:assert/strict';
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
