// The steps in their order. Each has a name (the corresponding step of the Go SDK has the same name), the promise that it
// checks, and a function that throws if the promise is broken.
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { steps as conversations } from './conversations.mjs';
import { steps as groups } from './groups.mjs';
import { heardUntilNow } from './heard.mjs';
import { steps as live } from './live.mjs';
import { steps as messages } from './messages.mjs';
import { until } from './wait.mjs';

const one = 'cometchat-uid-1';
const two = 'cometchat-uid-2';
const three = 'cometchat-uid-3';
const four = 'cometchat-uid-4';

const loggedinUser = (CometChat) => CometChat.getLoggedinUser();
const login = (CometChat, [uid, authKey]) => CometChat.login(uid, authKey);
const loginWithToken = (CometChat, authToken) => CometChat.login(authToken);
const getUser = (CometChat, uid) => CometChat.getUser(uid);
const blocked = (CometChat) => new CometChat.BlockedUsersRequestBuilder().setLimit(5).build().fetchNext();
const blockedByMe = (CometChat) => new CometChat.BlockedUsersRequestBuilder().setLimit(5).setSearchKeyword('nancy')
  .setDirection('blockedByMe').build().fetchNext();

// The names of the login and logout events.
const names = (events) => events.map(({ event }) => event).filter((event) => event.startsWith('log'));

async function loginFails(world, use, argument, code, requests) {
  const { first, emulator } = world;
  first.events.length = 0; // a step may call this function several times
  equal(await first.refusal(use, argument), code);
  deepEqual(emulator.requests(), requests);
  await first.heard('loginFailure', code);
  equal(await first.value(loggedinUser), null);
}

async function logsIn({ first, emulator }, uid, use, argument, requests) {
  const user = await first.value(use, argument);
  equal(user.uid, uid);
  equal(user.status, 'online');
  await first.heard('loginSuccess', uid);
  await emulator.live(uid);
  equal((await first.value(loggedinUser)).uid, uid);
  deepEqual(emulator.requests(), requests);
  return user;
}

const transient = (page, to) => (data) => page.value((CometChat, [to, data]) => {
  CometChat.sendTransientMessage(new CometChat.TransientMessage(to, 'user', data));
}, [to, data]);

// Has the result of a step include what both users have heard of messages in it. gosteps/ear.go does the same.
function withHeard(step) {
  return {
    ...step,
    async run(world) {
      const returned = await step.run(world);
      const { first, second } = world;
      const heard = [await heardUntilNow(first, transient(second, one)), await heardUntilNow(second, transient(first, two))];
      return { returned, heard };
    },
  };
}

export const steps = [
  {
    name: 'init',
    checks: 'init resolves to true, without a request',
    async run({ first, emulator }) {
      await first.load();
      equal(await first.value((CometChat) => CometChat.isInitialized()), false);
      equal((await first.init()).value, true);
      equal(await first.value((CometChat) => CometChat.isInitialized()), true);
      deepEqual(emulator.requests(), []);
    },
  },
  {
    name: 'nobody is logged in',
    checks: 'getLoggedinUser is null, without a request',
    async run({ first, emulator }) {
      equal(await first.value(loggedinUser), null);
      deepEqual(emulator.requests(), []);
    },
  },
  {
    name: 'login of an unknown uid',
    checks: 'ERR_UID_NOT_FOUND; loginFailure',
    run: (world) => loginFails(world, login, ['nobody', world.emulator.authKey], 'ERR_UID_NOT_FOUND',
      ['POST /v3.0/users/nobody/auth_tokens']),
  },
  {
    name: 'login with a wrong key',
    checks: 'AUTH_ERR_APIKEY_NOT_FOUND; loginFailure',
    run: (world) => loginFails(world, login, [one, 'no-such-key'], 'AUTH_ERR_APIKEY_NOT_FOUND',
      [`POST /v3.0/users/${one}/auth_tokens`]),
  },
  {
    name: 'login with a wrong token',
    checks: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND; loginFailure',
    run: (world) => loginFails(world, loginWithToken, 'no_such_token', 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND', ['PUT /v3.0/me']),
  },
  {
    name: 'login with nothing',
    checks: 'MISSING_PARAMETERS for an empty uid, key or token, without a request',
    async run(world) {
      for (const [use, argument] of [[login, ['', world.emulator.authKey]], [login, [one, '']], [loginWithToken, '']]) {
        await loginFails(world, use, argument, 'MISSING_PARAMETERS', []);
      }
    },
  },
  {
    name: 'login with the auth key',
    checks: 'the user; loginSuccess; onConnected; the emulator accepts the live connection',
    async run(world) {
      const user = await logsIn(world, one, login, [one, world.emulator.authKey],
        [`POST /v3.0/users/${one}/auth_tokens`, 'PUT /v3.0/me']);
      equal(user.name, 'Andrew Joseph');
      await world.first.heard('onConnected');
    },
  },
  {
    name: 'login of the same user',
    checks: 'the stored user and loginSuccess, without a request',
    async run({ first, emulator }) {
      equal((await first.value(login, [one, emulator.authKey])).uid, one);
      await first.heard('loginSuccess', one);
      deepEqual(emulator.requests(), []);
    },
  },
  {
    name: 'the user changes itself',
    checks: 'updateCurrentUserDetails: the answer and the stored user have the new fields',
    async run({ first, emulator }) {
      notEqual((await first.value(loggedinUser)).statusMessage, 'at work');
      const changed = await first.value((CometChat, uid) => {
        const user = new CometChat.User(uid);
        user.setStatusMessage('at work');
        user.setMetadata({ shown: { as: 'busy' } });
        user.setTags(['interop']);
        return CometChat.updateCurrentUserDetails(user);
      }, one);
      for (const user of [changed, await first.value(loggedinUser)]) {
        deepEqual([user.uid, user.statusMessage, user.metadata, user.tags],
          [one, 'at work', { shown: { as: 'busy' } }, ['interop']]);
      }
      deepEqual(emulator.requests(), ['PUT /v3.0/me']);
    },
  },
  {
    name: 'get a user',
    checks: 'getUser: another user; ERR_UID_NOT_FOUND for an unknown uid',
    async run({ first, emulator }) {
      const user = await first.value(getUser, two);
      deepEqual([user.uid, user.name, user.status], [two, 'George Alan', 'offline']);
      equal(await first.refusal(getUser, 'nobody'), 'ERR_UID_NOT_FOUND');
      deepEqual(emulator.requests(), [`GET /v3.0/users/${two}`, 'GET /v3.0/users/nobody']);
    },
  },
  {
    name: 'create a user',
    checks: 'createUser with the auth key; ERR_UID_ALREADY_EXISTS the second time',
    async run({ first, emulator }) {
      const create = (CometChat, authKey) => {
        const user = new CometChat.User('interop-made');
        user.setName('Made by interop');
        user.setMetadata({ by: 'interop' });
        return CometChat.createUser(user, authKey);
      };
      const user = await first.value(create, emulator.authKey);
      deepEqual([user.uid, user.name, user.metadata], ['interop-made', 'Made by interop', { by: 'interop' }]);
      equal(await first.refusal(create, emulator.authKey), 'ERR_UID_ALREADY_EXISTS');
      deepEqual(emulator.requests(), ['POST /v3.0/users', 'POST /v3.0/users']);
    },
  },
  {
    name: 'update a user',
    checks: 'updateUser with the auth key: the new name, and the fields that were not sent stay',
    async run({ first, emulator }) {
      const user = await first.value((CometChat, authKey) => {
        const user = new CometChat.User('interop-made');
        user.setName('Changed by interop');
        return CometChat.updateUser(user, authKey);
      }, emulator.authKey);
      deepEqual([user.uid, user.name, user.metadata], ['interop-made', 'Changed by interop', { by: 'interop' }]);
      deepEqual(emulator.requests(), ['PUT /v3.0/users/interop-made']);
    },
  },
  {
    name: 'list users',
    checks: 'fetchNext, page by page: every user but oneself',
    async run({ first, emulator }) {
      const pages = await first.value(async (CometChat) => {
        const request = new CometChat.UsersRequestBuilder().setLimit(3).build();
        return [await request.fetchNext(), await request.fetchNext()];
      });
      deepEqual(pages.map((page) => page.map((user) => user.uid)),
        [[two, three, four], ['cometchat-uid-5', 'interop-made']]);
      deepEqual(emulator.requests(), Array(2).fill('GET /v3.0/users'));
    },
  },
  {
    name: 'list users with every filter',
    checks: 'fetchNext: the only user that passes every filter, with tags',
    async run({ first, emulator }) {
      await emulator.rest('PUT', `/users/${two}`, { tags: ['interop'] });
      await emulator.rest('POST', `/users/${one}/friends`, { accepted: [two] });
      const users = await first.value((CometChat, uids) => new CometChat.UsersRequestBuilder().setLimit(7)
        .setSearchKeyword('george').searchIn(['name', 'uid']).setStatus('offline').setRoles(['default', 'other'])
        .setTags(['interop', 'other']).withTags(true).friendsOnly(true).hideBlockedUsers(true).setUIDs(uids)
        .sortBy('name').sortByOrder('desc').build().fetchNext(), [two, three]);
      deepEqual(users.map((user) => [user.uid, user.tags]), [[two, ['interop']]]);
      deepEqual(emulator.requests(), ['GET /v3.0/users']);
    },
  },
  {
    name: 'block users',
    checks: 'blockUsers: success for a known uid, an error for an unknown uid',
    async run({ first }) {
      const outcomes = await first.value((CometChat, uids) => CometChat.blockUsers(uids), [three, 'nobody']);
      equal(outcomes[three].success, true);
      deepEqual([outcomes.nobody.success, outcomes.nobody.error.code], [false, 'ERR_UID_NOT_FOUND']);
      equal((await first.value(getUser, three)).blockedByMe, true);
    },
  },
  {
    name: 'list blocked users',
    checks: 'fetchNext, with and without a filter: the user that I have blocked',
    async run({ first }) {
      for (const list of [blocked, blockedByMe]) {
        const users = await first.value(list);
        deepEqual(users.map((user) => [user.uid, user.blockedByMe, user.hasBlockedMe]), [[three, true, false]]);
      }
    },
  },
  {
    name: 'unblock users',
    checks: 'unblockUsers: success, and no user is blocked any more',
    async run({ first }) {
      const outcomes = await first.value((CometChat, uids) => CometChat.unblockUsers(uids), [three]);
      equal(outcomes[three].success, true);
      deepEqual(await first.value(blocked), []);
      equal((await first.value(getUser, three)).blockedByMe, false);
    },
  },
  {
    name: 'refresh a stored session',
    checks: 'the page is reloaded with settings of an older app: PUT /me, and the session stays',
    async run(world) {
      const { first, emulator } = world;
      const before = await first.value(loggedinUser);
      const settings = await first.storedSettings();
      equal(settings.APP_VERSION, 4);
      await first.storeSettings({ ...settings, APP_VERSION: undefined });
      await first.load();
      equal((await first.init()).value, true);
      await emulator.requested('PUT /v3.0/me');
      const after = await until('the session to be stored again', () => first.value(loggedinUser));
      await first.heard('onConnected'); // the SDK reports it before it has sent the auth frame
      await first.storeSettings(settings); // the SDK has removed its settings and only fetches them at a login
      deepEqual([after.uid, after.authToken], [one, before.authToken]);
      deepEqual(emulator.requests(), ['PUT /v3.0/me']);
      world.stored = after;
      await first.load(); // before the mark of the next step: the old page may send its auth frame until then
    },
  },
  {
    name: 'restore a stored session',
    checks: 'the page is reloaded: getLoggedinUser is the stored user, without a request; the live connection is back',
    async run({ first, emulator, stored }) {
      equal((await first.init()).value, true);
      deepEqual(await first.value(loggedinUser), stored);
      equal(stored.statusMessage, 'at work');
      await emulator.live(one);
      await first.heard('onConnected');
      deepEqual(emulator.requests(), []);
    },
  },
  {
    name: 'a second user comes online',
    checks: 'onUserOnline in the first browser when a second one logs in',
    async run(world) {
      const { first, emulator } = world;
      world.second = await world.open('the second user');
      await world.second.load();
      equal((await world.second.init()).value, true);
      equal((await world.second.value(login, [two, emulator.authKey])).uid, two);
      await first.heard('onUserOnline', two);
      await emulator.live(two);
      equal((await first.value(getUser, two)).status, 'online');
    },
  },
  ...[...messages, ...conversations, ...live, ...groups].map(withHeard),
  {
    name: 'the second user goes offline',
    checks: 'onUserOffline in the first browser when the second one is closed',
    async run(world) {
      deepEqual(world.second.uncaught, []);
      await world.second.close();
      await world.first.heard('onUserOffline', two);
      await world.emulator.ended(two);
      equal((await world.first.value(getUser, two)).status, 'offline');
    },
  },
  {
    name: 'the network breaks',
    checks: 'onDisconnected; five seconds later inConnecting and onConnected; the emulator accepts the live connection; a ping',
    async run({ first, emulator, relay }) {
      relay.break();
      await first.heard('onDisconnected');
      equal((await emulator.ended(one)).code, 1006);
      await first.heard('inConnecting');
      await emulator.live(one);
      await first.heard('onConnected');
      await emulator.recorded('a ping', (line) => line.what === 'client to server' && line.message.action === 'ping');
      deepEqual(emulator.requests(), []);
    },
  },
  {
    name: 'the report of the browser',
    checks: 'the emulator accepts the report that the SDK sends five seconds after a session began; the page has no uncaught error',
    async run({ first, emulator }) {
      equal((await emulator.reported(one)).status, 200);
      deepEqual(first.uncaught, []);
    },
  },
  {
    name: 'a revoked token',
    checks: 'onDisconnected; the next call: AUTH_ERR_AUTH_TOKEN_NOT_FOUND; the session is gone; logoutSuccess',
    async run({ first, emulator }) {
      await emulator.rest('DELETE', `/users/${one}/auth_tokens`);
      await first.heard('onDisconnected');
      notEqual(await first.value(loggedinUser), null);
      equal(await first.refusal(getUser, two), 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND');
      await first.heard('logoutSuccess');
      equal(await first.value(loggedinUser), null);
      deepEqual(emulator.requests(), [`GET /v3.0/users/${two}`]);
    },
  },
  {
    name: 'login with a token',
    checks: 'the user of the token; loginSuccess; onConnected; the emulator accepts the live connection',
    async run(world) {
      world.token = (await world.emulator.rest('POST', `/users/${one}/auth_tokens`)).authToken;
      const user = await logsIn(world, one, loginWithToken, world.token, ['PUT /v3.0/me']);
      equal(user.authToken, world.token);
      await world.first.heard('onConnected');
    },
  },
  {
    name: 'login with the same token',
    checks: 'the stored user and loginSuccess, without a request',
    async run({ first, emulator, token }) {
      equal((await first.value(loginWithToken, token)).uid, one);
      await first.heard('loginSuccess', one);
      deepEqual(emulator.requests(), []);
    },
  },
  {
    name: 'switch of the user',
    checks: 'another uid: a full login; the session and the live connection belong to the other user',
    async run(world) {
      await logsIn(world, four, login, [four, world.emulator.authKey],
        [`POST /v3.0/users/${four}/auth_tokens`, 'PUT /v3.0/me']);
      equal((await world.emulator.ended(one)).code, 1000);
    },
  },
  {
    name: 'logout',
    checks: 'logoutSuccess; getLoggedinUser is null; the token is gone; the live connection is closed with 1000',
    async run({ first, emulator }) {
      const { authToken } = await first.value(loggedinUser);
      await first.value((CometChat) => CometChat.logout());
      await first.heard('logoutSuccess');
      equal(await first.value(loggedinUser), null);
      deepEqual(emulator.requests(), ['DELETE /v3.0/me']);
      const { code, reason } = await emulator.ended(four);
      deepEqual([code, reason], [1000, 'User logged out']);
      const left = await emulator.rest('GET', `/users/${four}/auth_tokens`);
      ok(!left.some((token) => token.authToken === authToken));
      deepEqual(names(first.events), ['logoutSuccess']);
    },
  },
];
