// The steps about groups, which follow those about messages. Both users are online, and three others are not.
import { deepEqual } from 'node:assert/strict';

const [one, two, three, four, five] = [1, 2, 3, 4, 5].map((number) => `cometchat-uid-${number}`);
const open = 'interop-open'; // everybody can join it
const locked = 'interop-locked'; // it has a password
const hidden = 'interop-hidden'; // nobody can join it
const nowhere = 'interop-nowhere';

const group = (CometChat, [call, ...args]) => CometChat[call](...args).then(view.group);
const deed = (CometChat, [call, ...args]) => CometChat[call](...args).then(() => true);
const transfer = (CometChat, [guid, uid]) => CometChat.transferGroupOwnership(guid, uid).then(() => true);
const members = (CometChat, list) => list.map(([uid, scope]) => new CometChat.GroupMember(uid, scope));
const made = (CometChat, [guid, name, type, password, fields]) => {
  const made = new CometChat.Group(guid, name, type, password);
  for (const [setter, value] of Object.entries(fields ?? {})) made[setter](value);
  return made;
};
const changes = (call) => `async (CometChat, group) => view.group(await CometChat.${call}((${made})(CometChat, group)))`;
const [create, update] = ['createGroup', 'updateGroup'].map(changes);
const withMembers = `async (CometChat, [group, list, banned]) => {
  const created = await CometChat.createGroupWithMembers((${made})(CometChat, group), (${members})(CometChat, list), banned);
  return [view.group(created.group), created.members];
}`;
const add = `(CometChat, [guid, list, banned]) => CometChat.addMembersToGroup(guid, (${members})(CometChat, list), banned)`;

// Lists the first page, which has all.
const list = async (CometChat, [builder, show, guid, setters]) => {
  const builds = new CometChat[builder](guid).setLimit(30);
  for (const [setter, value] of Object.entries(setters ?? {})) builds[setter](value);
  return (await builds.build().fetchNext()).map(view[show]);
};
const lists = async (page, all) => {
  const found = [];
  for (const each of all) found.push(await page.value(list, each));
  return found;
};

const text = async (CometChat, [guid, text, muid, parent]) => {
  const message = new CometChat.TextMessage(guid, text, 'group');
  message.setMuid(muid);
  if (parent) message.setParentMessageId(Number(parent));
  return view.message(await CometChat.sendMessage(message));
};
const message = (CometChat, [call, ...args]) => CometChat[call](...args).then(view.message);
const mark = async (CometChat, [call, id]) => { await CometChat[call](await CometChat.getMessageDetails(id)); };
const receipts = async (CometChat, id) => (await CometChat.getMessageReceipts(id)).map(view.receipt);
const conversation = (CometChat, [call, ...args]) => CometChat[call](...args).then(view.conversation);

export const steps = [
  {
    name: 'create groups',
    checks: 'createGroup and createGroupWithMembers: groups of all types, an outcome for each uid; the refusals',
    async run({ first }) {
      const steps = [
        await first.value(create, [open, 'Open ✓', 'public', '', {
          setDescription: 'for all', setIcon: 'https://example.com/icon.png', setMetadata: { n: { ü: 1 } }, setTags: ['a', 'ü'],
        }]),
        await first.value(create, [locked, 'Locked', 'password', 'secret']),
        await first.value(withMembers, [[hidden, 'Hidden', 'private'], [[two, 'moderator'], [three, 'participant'], ['nobody', 'admin']], [four]]),
      ];
      for (const refused of [
        ['', 'No guid', 'public'], [nowhere, '', 'public'], [nowhere, 'No type', 'open'], [nowhere, 'No password', 'password'], [open, 'Again', 'public'],
      ]) steps.push(await first.refusal(create, refused));
      return steps;
    },
  },
  {
    name: 'get and update a group',
    checks: 'getGroup of a member, of another user and of nothing; updateGroup of the owner, of another user and of nothing',
    run: async ({ first, second }) => [
      await first.value(group, ['getGroup', open]), await second.value(group, ['getGroup', open]), await first.refusal(group, ['getGroup', nowhere]),
      await first.value(update, [open, 'Open, renamed', 'public', '', { setMetadata: { n: 2 }, setTags: ['b'] }]),
      await second.refusal(update, [open, 'Not mine', 'public']), await first.refusal(update, [nowhere, 'Nowhere', 'public']),
    ],
  },
  {
    name: 'join groups',
    checks: 'joinGroup with and without a password: onGroupMemberJoined; a second time, a wrong password, and no group',
    run: async ({ first, second }) => [
      await second.value(group, ['joinGroup', open, 'public']), await second.refusal(group, ['joinGroup', open, 'public']),
      await second.refusal(group, ['joinGroup', locked, 'password', 'wrong']), await second.value(group, ['joinGroup', locked, 'password', 'secret']),
      await second.refusal(group, ['joinGroup', nowhere, 'public']), await second.refusal(group, ['joinGroup', '', 'public']),
    ],
  },
  {
    name: 'add members',
    checks: 'addMembersToGroup: an outcome for each uid, onMemberAddedToGroup; a user who may not',
    run: async ({ first, second }) => [
      await first.value(add, [open, [[three, 'participant'], [two, 'admin'], ['nobody', 'moderator']], [four]]),
      await second.refusal(add, [open, [[five, 'participant']], []]),
    ],
  },
  {
    name: 'lists of groups',
    checks: 'fetchNext of groups, of members and of banned users, with each filter',
    run: async ({ first, second }) => [...await lists(first, [
      ['GroupsRequestBuilder', 'group'], ['GroupsRequestBuilder', 'group', null, { setSearchKeyword: ' open ' }],
      ['GroupsRequestBuilder', 'group', null, { setTags: ['b', 'other'], withTags: true }],
      ['GroupMembersRequestBuilder', 'member', open], ['GroupMembersRequestBuilder', 'member', open, { setScopes: ['participant', 'admin'] }],
      ['GroupMembersRequestBuilder', 'member', open, { setSearchKeyword: 'george', setStatus: 'online' }],
      ['BannedMembersRequestBuilder', 'member', open], ['BannedMembersRequestBuilder', 'member', hidden, { setSearchKeyword: 'john' }],
    ]), ...await lists(second, [['GroupsRequestBuilder', 'group', null, { joinedOnly: true }]])],
  },
  {
    name: 'messages in a group',
    checks: 'text, media, custom, a reply, a reaction, an edit and a deletion: the other member hears of each; lists, and a user who has not joined',
    async run({ first, second }) {
      const sent = [await second.value(text, [open, `hello <@uid:${one}>`, 'interop-group-text'])];
      const { id } = sent[0];
      sent.push(await first.value(text, [open, 'a reply', 'interop-group-reply', id]));
      sent.push(await first.value(async (CometChat, guid) => {
        const media = new CometChat.MediaMessage(guid, '', 'image', 'group');
        media.setAttachments([new CometChat.Attachment({ name: 'a.png', extension: 'png', mimeType: 'image/png', url: 'https://example.com/a.png', size: 5 })]);
        media.setMuid('interop-group-media');
        return view.message(await CometChat.sendMessage(media));
      }, open));
      sent.push(await second.value(async (CometChat, guid) => {
        const custom = new CometChat.CustomMessage(guid, 'group', 'poll', { options: ['a', 'b'] });
        custom.setMuid('interop-group-custom');
        return view.message(await CometChat.sendMessage(custom));
      }, open));
      return [
        ...sent, await first.value(message, ['addReaction', id, '👍']),
        await second.value(async (CometChat, [guid, id]) => {
          const edit = new CometChat.TextMessage(guid, 'edited', 'group');
          edit.setId(id);
          return view.message(await CometChat.editMessage(edit));
        }, [open, id]),
        await first.value(message, ['deleteMessage', sent[1].id]), await first.refusal(message, ['deleteMessage', '999']),
        await first.value(async (CometChat, guid) => (await new CometChat.MessagesRequestBuilder().setGUID(guid).setLimit(50).build().fetchPrevious())
          .reverse().map(view.message), open),
        await second.refusal(text, [nowhere, 'lost', 'interop-group-lost']),
      ];
    },
  },
  {
    name: 'typing to a group',
    checks: 'startTyping, endTyping and sendTransientMessage: the other member hears of each',
    async run({ first, second }) {
      for (const call of ['startTyping', 'startTyping', 'endTyping']) {
        await second.value((CometChat, [call, guid]) => { CometChat[call](new CometChat.TypingIndicator(guid, 'group', { a: 1 })); }, [call, open]);
      }
      await second.value((CometChat, guid) => { CometChat.sendTransientMessage(new CometChat.TransientMessage(guid, 'group', { wave: true })); }, open);
      await first.heard('onTransientMessageReceived', { receiver: open });
    },
  },
  {
    name: 'receipts in a group',
    checks: 'markAsDelivered and markAsRead of the last member: onMessagesDeliveredToAll and onMessagesReadByAll after the receipt',
    async run({ first, second }) {
      const { id } = await first.value(text, [locked, 'did you get this?', 'interop-group-receipts']);
      const steps = [await first.value(receipts, id)];
      for (const [call, event] of [['markAsDelivered', 'onMessagesDeliveredToAll'], ['markAsRead', 'onMessagesReadByAll']]) {
        await second.value(mark, [call, id]);
        await first.heard(event, { message: id });
        await second.heard(event, { message: id });
        steps.push(await first.value(receipts, id));
      }
      return steps;
    },
  },
  {
    name: 'the conversation of a group',
    checks: 'unread counts, getConversation, the list, markConversationAsRead, markAsUnread',
    async run({ first }) {
      const unread = (CometChat, guid) => CometChat.getUnreadMessageCountForGroup(guid).then((counts) => counts[guid] ?? 0);
      const steps = [await first.value((CometChat) => CometChat.getUnreadMessageCountForAllGroups()), await first.value(unread, open)];
      steps.push(await first.value(conversation, ['getConversation', open, 'group']));
      await first.value(deed, ['markConversationAsDelivered', open, 'group']);
      await first.value(deed, ['markConversationAsRead', open, 'group']);
      steps.push(await first.value(unread, open));
      await first.value(async (CometChat, id) => CometChat.markAsUnread(await CometChat.getMessageDetails(id)), steps[2].lastMessage.id);
      steps.push(await first.value(unread, open), await first.value(list, ['ConversationsRequestBuilder', 'conversation', undefined,
        { setConversationType: 'group' }]));
      return steps;
    },
  },
  {
    name: 'scopes',
    checks: 'updateGroupMemberScope: onGroupMemberScopeChanged with both scopes; a user who may not, and a scope that does not exist',
    run: async ({ first, second }) => [
      await second.refusal(deed, ['updateGroupMemberScope', open, three, 'admin']), await first.value(deed, ['updateGroupMemberScope', open, two, 'moderator']),
      await first.refusal(deed, ['updateGroupMemberScope', open, two, 'owner']), await first.refusal(deed, ['updateGroupMemberScope', open, 'nobody', 'admin']),
    ],
  },
  {
    name: 'kick, ban and unban',
    checks: 'kickGroupMember, banGroupMember and unbanGroupMember: an event of each, also for the user to whom it happens; a banned user cannot join',
    run: async ({ first, second }) => [
      await second.value(deed, ['kickGroupMember', open, three]), await second.refusal(deed, ['kickGroupMember', open, one]),
      await first.value(deed, ['banGroupMember', open, two]), await second.refusal(group, ['joinGroup', open, 'public']),
      await second.refusal(text, [open, 'banned', 'interop-group-banned']), await first.value(deed, ['unbanGroupMember', open, two]),
      await second.value(group, ['joinGroup', open, 'public']), await first.value(deed, ['kickGroupMember', locked, two]),
      await first.refusal(deed, ['unbanGroupMember', open, 'nobody']), await first.refusal(deed, ['kickGroupMember', '', two]),
    ],
  },
  {
    name: 'ownership and leaving',
    checks: 'the owner cannot leave before transferGroupOwnership; leaveGroup: onGroupMemberLeft',
    run: async ({ first, second }) => [
      await first.refusal(deed, ['leaveGroup', open]), await first.refusal(transfer, [open, 'nobody']), await first.value(transfer, [open, two]),
      await first.value(deed, ['leaveGroup', open]), await first.refusal(deed, ['leaveGroup', open]), await second.value(group, ['getGroup', open]),
    ],
  },
  {
    name: 'delete groups',
    checks: 'deleteGroup of the owner, and of another user; the groups are gone',
    async run({ first, second }) {
      const steps = [
        await first.refusal(deed, ['deleteGroup', open]), await second.value(deed, ['deleteGroup', open]), await first.value(deed, ['deleteGroup', locked]),
        await first.value(deed, ['deleteGroup', hidden]), await first.refusal(group, ['getGroup', open]),
      ];
      deepEqual(await first.value(list, ['GroupsRequestBuilder', 'group']), []);
      return steps;
    },
  },
];
