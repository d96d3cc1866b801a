// The steps about threads, reactions, marks and conversations, which follow those about messages.
import { deepEqual, equal } from 'node:assert/strict';

const one = 'cometchat-uid-1';
const two = 'cometchat-uid-2';

const reactions = async (CometChat, builder) => {
  const builds = new CometChat.ReactionsRequestBuilder();
  for (const [setter, value] of Object.entries(builder)) builds[setter](value);
  return (await builds.build().fetchNext()).map(view.reaction);
};

const threads = async (CometChat, builder) => {
  const builds = new CometChat.ThreadsRequestBuilder();
  for (const [setter, value] of Object.entries(builder)) builds[setter](value);
  const request = builds.build();
  return (await request.fetchNext()).map(view.thread);
};

const conversations = async (CometChat, builder) => {
  const builds = new CometChat.ConversationsRequestBuilder();
  for (const [setter, value] of Object.entries(builder)) builds[setter](value);
  const request = builds.build();
  return (await request.fetchNext()).map(view.conversation);
};

// Lists what is pinned in the conversation with a user or, without a uid, what the user has saved.
const marked = async (CometChat, uid) => {
  const builder = new CometChat.MessagesRequestBuilder().setLimit(20);
  const request = (uid ? builder.setUID(uid).setPinned(true) : builder.setSaved(true)).build();
  return (await request.fetchPrevious()).map(view.message);
};

// Makes a call whose answer is a message or a conversation.
const message = (CometChat, [call, ...args]) => CometChat[call](...args).then(view.message);
const conversation = (CometChat, [call, ...args]) => CometChat[call](...args).then(view.conversation);
const deed = (CometChat, [call, ...args]) => CometChat[call](...args).then(() => true);

const receipts = async (CometChat) => (await CometChat.getMessageReceipts('7')).map(view.receipt);

// The number of unread messages in the conversation with a user.
const unread = (CometChat, uid) => CometChat.getUnreadMessageCountForUser(uid).then((counts) => counts[uid] ?? 0);

export const steps = [
  {
    name: 'threads',
    checks: 'the list of threads, subscribeToThread and unsubscribeFromThread',
    async run({ first }) {
      const lists = [await first.value(threads, { setLimit: 10 })];
      await first.value(deed, ['unsubscribeFromThread', 1]);
      lists.push(await first.value(threads, { setLimit: 10, setUid: two, setParticipatedByMe: false }));
      await first.value(deed, ['subscribeToThread', 1]);
      lists.push(await first.value(threads, { setLimit: 10, setUid: two }));
      deepEqual(lists.map(([thread]) => [thread.message.id, thread.replyCount, !!thread.message.subscribed]),
        [['1', 3, true], ['1', 3, false], ['1', 3, true]]);
      return lists;
    },
  },
  {
    name: 'reactions',
    checks: 'addReaction, removeReaction and the lists of reactions',
    run: async ({ first, second }) => [
      await first.value(message, ['addReaction', '2', '👍']),
      await second.value(message, ['addReaction', '2', '👍']),
      await second.value(message, ['addReaction', '2', 'a/b ❤️']),
      await first.value(reactions, { setMessageId: '2' }),
      await first.value(reactions, { setMessageId: '2', setReaction: '👍', setLimit: 5 }),
      await second.value(message, ['removeReaction', '2', 'a/b ❤️']),
      await first.value(reactions, { setMessageId: '2', setLimit: 20 }),
    ],
  },
  {
    name: 'pins and saves',
    checks: 'pinMessage, unpinMessage, saveMessage, unsaveMessage and their lists',
    async run({ first }) {
      const steps = [
        await first.value(message, ['pinMessage', '1']), await first.value(message, ['pinMessage', '7']), await first.value(marked, two),
        await first.value(message, ['unpinMessage', '1']), await first.value(marked, two), await first.value(message, ['saveMessage', '4']),
        await first.value(marked), await first.value(message, ['unsaveMessage', '4']), await first.value(marked),
      ];
      deepEqual(steps.filter(Array.isArray).map((list) => list.map(({ id }) => id)), [['1', '7'], ['7'], ['4'], []]);
      return steps;
    },
  },
  {
    name: 'flags',
    checks: 'getFlagReasons; flagMessage with and without a reason of the app',
    run: async ({ first }) => [
      await first.value((CometChat) => CometChat.getFlagReasons()),
      await first.value(deed, ['flagMessage', '2', { reasonId: 'spam', remark: 'no thanks' }]),
      await first.refusal((CometChat) => CometChat.flagMessage('2', { reasonId: 'no-such-reason' })),
    ],
  },
  {
    name: 'unread counts',
    checks: 'all five calls',
    run: ({ first }) => first.value(async (CometChat, uid) => [
      await CometChat.getUnreadMessageCount(), await CometChat.getUnreadMessageCount(true), await CometChat.getUnreadMessageCountForAllUsers(),
      await CometChat.getUnreadMessageCountForAllGroups(), await CometChat.getUnreadMessageCountForUser(uid),
    ], two),
  },
  {
    name: 'receipts',
    checks: 'markConversationAsDelivered, markConversationAsRead, markAsUnread, getMessageReceipts, and the unread counts after each',
    async run({ first, second }) {
      const steps = [await first.value(receipts)];
      await second.value(deed, ['markConversationAsDelivered', one, 'user']);
      steps.push(await first.value(receipts));
      await second.value(deed, ['markConversationAsRead', one, 'user']);
      steps.push(await first.value(receipts), await second.value(unread, one));
      await first.value(deed, ['markConversationAsRead', two, 'user']);
      steps.push(await first.value(unread, two));
      await first.value(async (CometChat) => CometChat.markAsUnread(await CometChat.getMessageDetails('9')));
      steps.push(await first.value(unread, two));
      return steps;
    },
  },
  {
    name: 'conversations',
    checks: 'the list of conversations and getConversation; tagConversation, pinConversation and unpinConversation',
    async run({ first, second }) {
      await second.value(async (CometChat) => {
        const text = new CometChat.TextMessage('cometchat-uid-3', 'hi', 'user');
        text.setMuid('interop-other');
        await CometChat.sendMessage(text);
      });
      return [
        await second.value(conversations, { setLimit: 10 }),
        await first.value(conversation, ['getConversation', two.toUpperCase(), 'user']),
        await first.value(conversation, ['tagConversation', two, 'user', ['work', 'ünïcode']]),
        await first.value(conversations, { setLimit: 10, setTags: ['work'], withTags: true, withUserAndGroupTags: true, setConversationType: 'user' }),
        await first.value(conversation, ['pinConversation', two, 'user']).then(({ id, pinned }) => ({ id, pinned })),
        await first.value(conversations, { setLimit: 10, setPinnedBy: ['me', 'system'], setUnread: true, setSearchKeyword: ' george ' }),
        await first.value(conversation, ['unpinConversation', two, 'user']).then(({ id, pinned }) => ({ id, pinned: !!pinned })),
        await first.value(conversations, { setLimit: 10, setHideAgentic: true, setIncludeBlockedUsers: true, setWithBlockedInfo: true }),
        await first.value(conversation, ['tagConversation', two, 'user', []]),
        await first.refusal((CometChat) => CometChat.getConversation('nobody', 'user')),
      ];
    },
  },
  {
    name: 'delete a conversation',
    checks: 'deleteConversation: it is gone from the list, and stays for the other user',
    async run({ first, second }) {
      await first.value(deed, ['deleteConversation', two, 'user']);
      const left = [await first.value(conversations, { setLimit: 5 }), await second.value(conversations, { setLimit: 5 })];
      equal(left[0].length, 0);
      return left;
    },
  },
];
