// The steps about what users tell each other over the live connection alone: typing, receipts and transient messages. Both users are
// online. The comparison covers the frames that the SDKs send, and the events that they hear.
import { deepEqual } from 'node:assert/strict';

const one = 'cometchat-uid-1';
const two = 'cometchat-uid-2';

const typing = (CometChat, [call, uid, metadata]) => { CometChat[call](new CometChat.TypingIndicator(uid, 'user', metadata)); };
const transient = (CometChat, [uid, data]) => { CometChat.sendTransientMessage(new CometChat.TransientMessage(uid, 'user', data)); };
const mark = async (CometChat, [call, id]) => { await CometChat[call](await CometChat.getMessageDetails(id)); };
const text = async (CometChat, [uid, text, muid, parent]) => {
  const message = new CometChat.TextMessage(uid, text, 'user');
  message.setMuid(muid);
  if (parent) message.setParentMessageId(parent);
  return view.message(await CometChat.sendMessage(message));
};
const receipts = async (CometChat, id) => (await CometChat.getMessageReceipts(id)).map(view.receipt);

export const steps = [
  {
    name: 'typing',
    checks: 'startTyping and endTyping, each twice: onTypingStarted and onTypingEnded once, with and without metadata',
    async run({ first, second }) {
      for (const [from, by, to, uid, metadata] of [[second, 'two', first, one, { ü: [1, null] }], [first, 'one', second, two]]) {
        for (const [call, event] of [['startTyping', 'onTypingStarted'], ['endTyping', 'onTypingEnded']]) {
          await from.value(typing, [call, uid, metadata]);
          await from.value(typing, [call, uid, metadata]);
          await to.heard(event, { receiver: uid });
        }
      }
    },
  },
  {
    name: 'transient messages',
    checks: 'sendTransientMessage: onTransientMessageReceived with the data; to an unknown user: nothing',
    async run({ first, second }) {
      await first.value(transient, ['nobody', { lost: true }]);
      await first.value(transient, [two, { hearts: 3, 'ü ✓': [null, { a: '<b>' }] }]);
      await second.heard('onTransientMessageReceived', { sender: one });
    },
  },
  {
    name: 'receipts over the live connection',
    checks: 'markAsDelivered and markAsRead: onMessagesDelivered and onMessagesRead of the sender, and getMessageReceipts after each',
    async run({ first, second }) {
      const { id } = await second.value(text, [one, 'did you get this?', 'interop-receipts']);
      const steps = [await second.value(receipts, id)];
      for (const [call, event] of [['markAsDelivered', 'onMessagesDelivered'], ['markAsRead', 'onMessagesRead']]) {
        await first.value(mark, [call, id]);
        await second.heard(event, { message: id });
        steps.push(await second.value(receipts, id));
      }
      deepEqual(steps.map(([receipt]) => [!!receipt?.delivered, !!receipt?.read]), [[false, false], [true, false], [true, true]]);
      return steps;
    },
  },
  {
    name: 'a receipt for the own message',
    checks: 'markAsRead of a message that the user has sent: the frame goes to the other user',
    async run({ first, second }) {
      const { id } = await second.value(text, [one, 'my own', 'interop-own']);
      await second.value(mark, ['markAsRead', id]);
      await first.heard('onMessagesRead', { message: id });
    },
  },
  {
    name: 'a reaction comes and goes',
    checks: 'addReaction and removeReaction of a reply: both events with its message, its parent and its conversation',
    async run({ first, second }) {
      const { id: parent } = await second.value(text, [one, 'a parent', 'interop-parent']);
      const reply = await first.value(text, [two, 'a reply', 'interop-reacted', Number(parent)]);
      for (const call of ['addReaction', 'removeReaction']) {
        await second.value((CometChat, [call, id]) => CometChat[call](id, '👍🏽').then(() => true), [call, reply.id]);
      }
      await first.heard('onMessageReactionRemoved', { message: reply.id, parent });
    },
  },
];
