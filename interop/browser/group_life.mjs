// The life of a group with three members: two browsers with the official SDK, and the Go SDK.
import { deepEqual, equal, rejects } from 'node:assert/strict';
import { common, five, general, heardBy, one, sides, talks, three, two } from './sides.mjs';

const open = 'interop-open'; // everybody can join it
const locked = 'interop-locked'; // it has a password

const memberEvents = {
  joined: 'onGroupMemberJoined', left: 'onGroupMemberLeft', added: 'onMemberAddedToGroup', kicked: 'onGroupMemberKicked',
  banned: 'onGroupMemberBanned', unbanned: 'onGroupMemberUnbanned', scopeChanged: 'onGroupMemberScopeChanged',
};

// Makes the calls about groups in their order, and checks what the three members have heard. Each act has the uid of who does it, the
// call, what happens to whom, and the uids of those who hear of it. All who hear of it hear the same.
async function live(world, acts) {
  const { browser, second, go } = sides(world);
  const everybody = [browser, second, go];
  for (const { by, call } of acts) await everybody.find(({ uid }) => uid === by).group(...call);
  const heard = new Map();
  for (const [hearer, other] of [[browser, second], [second, browser], [go, browser]]) heard.set(hearer.uid, await heardBy(hearer, other));
  for (const { by, does, to, scopes, heardBy: hearers } of acts.filter(({ does }) => does)) {
    const events = hearers.map((uid) => heard.get(uid).shift());
    for (const { event, value } of events) {
      deepEqual([event, value.member, value.by, value.message.action, value.oldScope && [value.oldScope, value.newScope]],
        [memberEvents[does], to, by, does, scopes]);
      deepEqual(value, events[0].value);
    }
  }
  deepEqual([...heard.values()], [[], [], []]);
}

const members = async (world) => (await world.first.value(async (CometChat, guid) => (await new CometChat.GroupMembersRequestBuilder(guid)
  .setLimit(30).build().fetchNext()).map(view.member), open)).map(({ uid, scope }) => [uid, scope]).sort();

export const steps = [
  {
    name: 'a group begins',
    checks: 'created by the browser; the Go client and the second browser join, with and without a password: the members hear of each',
    async run(world) {
      await rejects(sides(world).go.group('joinGroup', open, 'public', ''), /ERR_GUID_NOT_FOUND/);
      await live(world, [
        { by: one, call: ['createGroup', open, 'Open', 'public'] },
        { by: one, call: ['createGroup', locked, 'Locked', 'password', 'secret'] },
        { by: five, call: ['joinGroup', open, 'public', ''], does: 'joined', to: five, heardBy: [one] },
        { by: two, call: ['joinGroup', open, 'public', ''], does: 'joined', to: two, heardBy: [one, five] },
        { by: two, call: ['joinGroup', locked, 'password', 'secret'], does: 'joined', to: two, heardBy: [one] },
        { by: five, call: ['joinGroup', locked, 'password', 'secret'], does: 'joined', to: five, heardBy: [one, two] },
      ]);
      await rejects(sides(world).go.group('joinGroup', open, 'public', ''), /ERR_ALREADY_JOINED/);
      deepEqual(await members(world), [[one, 'admin'], [two, 'participant'], [five, 'participant']]);
    },
  },
  {
    name: 'the members write',
    checks: 'each member types, sends, replies, reacts, edits and deletes: the two others hear the same, whoever it is, and all read the same',
    async run(world) {
      const { browser, second, go } = sides(world);
      const heard = [];
      for (const [sayer, ...hearers] of [[browser, second, go], [second, browser, go], [go, browser, second]]) {
        for (const { client } of [browser, second, go]) client.events.length = 0;
        const { sent, ...rest } = await talks(sayer, hearers, 'group', open, three);
        heard.push(general(rest, Number(sent[0].id), { [sayer.uid]: 'sayer', [sent[0].senderName]: 'Sayer' }));
      }
      deepEqual([heard[1], heard[2]], [heard[0], heard[0]]);
      const read = await browser.read('group', open);
      equal(read.length, 3 * 8 + 2); // talk leaves six messages and two actions, and two members have joined
      for (const other of [second, go]) deepEqual((await other.read('group', open)).map(common), read.map(common));
    },
  },
  {
    name: 'the members read',
    checks: 'receipts of a group message: the two others hear of each member; then that it has reached all, and that all have read it',
    async run(world) {
      const { browser, second, go } = sides(world);
      const { id } = await browser.text('group', open, 'who reads this?');
      await second.mark('group', open, id);
      await go.client.heard('onMessagesRead', { message: id, sender: two });
      await go.mark('group', open, id);
      for (const { client } of [browser, second, go]) await client.heard('onMessagesReadByAll', { message: id });
      const receipts = async (hearer, other) => (await heardBy(hearer, other)).filter(({ value }) => value.message === id)
        .map(({ event, value }) => [event, value.sender, value.receiver, value.receiverType]);
      const of = (uid) => ['onMessagesDelivered', 'onMessagesRead'].map((event) => [event, uid, open, 'group']);
      const all = (event) => [event, 'app_system', open, 'group'];
      const [delivered, read] = of(five);
      deepEqual(await receipts(browser, second), [...of(two), delivered, all('onMessagesDeliveredToAll'), read, all('onMessagesReadByAll')]);
      deepEqual(await receipts(second, browser), [delivered, all('onMessagesDeliveredToAll'), read, all('onMessagesReadByAll')]);
      deepEqual(await receipts(go, browser), [...of(two), all('onMessagesDeliveredToAll'), all('onMessagesReadByAll')]);
    },
  },
  {
    name: 'the members change',
    checks: 'add, kick, ban, unban, scopes and ownership, by either SDK: the members and who it happens to hear the same of each',
    async run(world) {
      const { second } = sides(world);
      await rejects(second.group('kickGroupMember', open, five), /ERR_GROUP_NO/);
      const everybody = [one, two, five];
      const without = (by) => everybody.filter((uid) => uid !== by);
      await live(world, [
        { by: one, call: ['addMembersToGroup', open, three], does: 'added', to: three, heardBy: without(one) },
        { by: one, call: ['updateGroupMemberScope', open, five, 'admin'], does: 'scopeChanged', to: five, scopes: ['participant', 'admin'], heardBy: without(one) },
        { by: five, call: ['updateGroupMemberScope', open, two, 'moderator'], does: 'scopeChanged', to: two, scopes: ['participant', 'moderator'],
          heardBy: without(five) },
        { by: two, call: ['kickGroupMember', open, three], does: 'kicked', to: three, heardBy: without(two) },
        { by: five, call: ['addMembersToGroup', open, three], does: 'added', to: three, heardBy: without(five) },
        { by: five, call: ['banGroupMember', open, two], does: 'banned', to: two, heardBy: without(five) },
        { by: one, call: ['kickGroupMember', open, three], does: 'kicked', to: three, heardBy: [five] },
        { by: one, call: ['unbanGroupMember', open, two], does: 'unbanned', to: two, heardBy: without(one) },
        { by: two, call: ['joinGroup', open, 'public', ''], does: 'joined', to: two, heardBy: without(two) },
        { by: one, call: ['kickGroupMember', locked, five], does: 'kicked', to: five, heardBy: without(one) },
        { by: one, call: ['transferGroupOwnership', open, five] },
      ]);
      deepEqual(await members(world), [[one, 'participant'], [two, 'participant'], [five, 'admin']]); // the owner before is a participant
    },
  },
  {
    name: 'a member is cut',
    checks: 'what happens in the group meanwhile: the Go client hears of each message and member once, in order, then CaughtUp',
    async run(world) {
      const { browser, second, go } = sides(world);
      const { relayOfGo } = world;
      relayOfGo.cut();
      await go.client.heard('onDisconnected');
      await second.group('leaveGroup', open);
      await second.group('joinGroup', open, 'public', '');
      await second.text('group', open, 'where are you?');
      await browser.group('leaveGroup', open);
      relayOfGo.mend();
      await go.client.heard('CaughtUp');
      deepEqual((await heardBy(go, browser)).map(({ event, value }) => [event, value.member ?? value.text]),
        [['onGroupMemberLeft', two], ['onGroupMemberJoined', two], ['onTextMessageReceived', 'where are you?'], ['onGroupMemberLeft', one]]);
    },
  },
  {
    name: 'a group ends',
    checks: 'members leave, and the Go client, now the owner, deletes it: it is gone for all',
    async run(world) {
      const { browser, second, go } = sides(world);
      await rejects(go.group('leaveGroup', open), /ERR_OWNER_EXIT_FORBIDDEN/);
      await live(world, [
        { by: two, call: ['leaveGroup', open], does: 'left', to: two, heardBy: [five] },
        { by: five, call: ['deleteGroup', open] },
        { by: one, call: ['deleteGroup', locked] },
      ]);
      for (const each of [browser, second, go]) await rejects(each.group('joinGroup', open, 'public', ''), /ERR_GUID_NOT_FOUND/);
    },
  },
];
