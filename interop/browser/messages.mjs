// The steps about messages. The first and the second user are online, each in a browser of its own. A step returns what the SDK
// resolved with, as views.js shows it, for the comparison with the Go SDK.
import { deepEqual, equal } from 'node:assert/strict';

const one = 'cometchat-uid-1';
const two = 'cometchat-uid-2';

const sent = (page, use, argument) => page.value(`async (CometChat, argument) =>
  view.message(await CometChat.sendMessage((${use})(CometChat, argument)))`, argument);

const ids = (messages) => messages.map(({ id }) => id);

export const steps = [
  {
    name: 'a text message',
    checks: 'sendMessage in the second browser, onTextMessageReceived in the first, with sender and text',
    async run({ first, second }) {
      const message = await sent(second, (CometChat, uid) => {
        const text = new CometChat.TextMessage(uid, 'Grüße ✓', 'user');
        text.setMuid('interop-text');
        return text;
      }, one);
      deepEqual([message.id, message.text, message.sender, message.receiver], ['1', 'Grüße ✓', two, one]);
      await first.heard('onTextMessageReceived', { sender: two, text: 'Grüße ✓' });
      equal(second.events.some(({ event }) => event === 'onTextMessageReceived'), false); // the sender does not get it
      return message;
    },
  },
  {
    name: 'a text message with everything',
    checks: 'sendMessage: mention, quote, metadata, tags and muid come back',
    async run({ second }) {
      const message = await sent(second, (CometChat, uid) => {
        const text = new CometChat.TextMessage(uid, `<@uid:${uid}> see https://example.com/`, 'user');
        text.setMuid('interop-everything');
        text.setMetadata({ order: { number: 7 }, seen: false });
        text.setTags(['offer', 'ünïcode']);
        text.setQuotedMessageId(1);
        return text;
      }, one);
      deepEqual([message.mentions, message.quoted, message.muid, message.tags], [[one], '1', 'interop-everything', ['offer', 'ünïcode']]);
      return message;
    },
  },
  {
    name: 'a reply in a thread',
    checks: 'sendMessage with a parent',
    async run({ first }) {
      const message = await sent(first, (CometChat, uid) => {
        const text = new CometChat.TextMessage(uid, 'a reply', 'user');
        text.setMuid('interop-reply');
        text.setParentMessageId(1);
        return text;
      }, two);
      equal(message.parent, '1');
      return message;
    },
  },
  {
    name: 'media by URL',
    checks: 'sendMessage with two attachments and a caption',
    async run({ second }) {
      const message = await sent(second, (CometChat, uid) => {
        const media = new CometChat.MediaMessage(uid, '', 'image', 'user');
        media.setAttachments(['cat', 'dog'].map((animal) => new CometChat.Attachment({
          name: `${animal}.png`, extension: 'png', mimeType: 'image/png', url: `https://example.com/${animal}.png`, size: 12345,
        })));
        media.setCaption('animals');
        media.setMuid('interop-media');
        media.setMetadata({ album: 'pets' });
        return media;
      }, one);
      deepEqual([message.attachments.length, message.text], [2, 'animals']);
      return message;
    },
  },
  {
    name: 'media by file',
    checks: 'sendMessage with two files: their URLs have the content',
    async run({ second }) {
      const [message, contents] = await second.value(async (CometChat, uid) => {
        const files = [new File(['hello ✓'], 'hällo.txt', { type: 'text/plain' }), new File(['{"a":1}'], 'a.json', { type: 'application/json' })];
        const media = new CometChat.MediaMessage(uid, files, 'file', 'user');
        media.setCaption('two files');
        media.setMuid('interop-files');
        media.setMetadata({ album: 'texts' });
        media.setTags(['first', 'second']);
        const message = await CometChat.sendMessage(media);
        const read = async (a) => (await fetch(a.getUrl())).text();
        return [view.message(message), await Promise.all(message.getAttachments().map(read))];
      }, one);
      deepEqual(contents, ['hello ✓', '{"a":1}']);
      return message;
    },
  },
  {
    name: 'media by an upload',
    checks: 'createUploadFileRequest, and sendMessage with its attachment: the URL has the content',
    async run({ second }) {
      const [message, content] = await second.value(async (CometChat, uid) => {
        const upload = CometChat.createUploadFileRequest(uid, 'user');
        upload.setParentMessageId(1);
        await new Promise((uploaded, failed) => {
          upload.uploadAttachment('file', new File(['a,b\n1,2\n'], 'table.csv', { type: 'text/csv' }), new CometChat.UploadFileListener({
            onComplete: uploaded, onFileError: (id, error) => failed(error), onFileFailure: (id, error) => failed(error),
          }));
        });
        const media = new CometChat.MediaMessage(uid, '', 'file', 'user');
        media.setAttachments(upload.getAttachments());
        media.setMuid('interop-upload');
        const message = await CometChat.sendMessage(media);
        return [view.message(message), await (await fetch(message.getAttachments()[0].getUrl())).text()];
      }, one);
      equal(content, 'a,b\n1,2\n');
      return message;
    },
  },
  {
    name: 'a custom message',
    checks: 'sendMessage with data, subtype and conversation text',
    run: ({ first }) => sent(first, (CometChat, uid) => {
      const custom = new CometChat.CustomMessage(uid, 'user', 'location', { latitude: 50.5, place: { name: 'Köln' } });
      custom.setSubType('live');
      custom.setConversationText('I am here');
      custom.shouldUpdateConversation(true);
      custom.shouldSendNotification(true);
      custom.setMuid('interop-custom');
      custom.setMetadata({ battery: 80 });
      return custom;
    }, two),
  },
  {
    name: 'interactive messages',
    checks: 'sendMessage of a form and a card; markAsInteracted until the goal is reached',
    async run({ first, second }) {
      const form = await sent(second, (CometChat, uid) => {
        const form = new CometChat.InteractiveMessage(uid, 'user', 'form', { title: 'Survey', formFields: [{ elementId: 'name' }] });
        form.setInteractionGoal(new CometChat.InteractionGoal('allOf', ['name', 'submit']));
        form.setIsSenderInteractionAllowed(true);
        form.setMuid('interop-form');
        form.setMetadata({ step: 1 });
        return form;
      }, one);
      const card = await sent(second, (CometChat, uid) => {
        const card = new CometChat.InteractiveMessage(uid, 'user', 'card', { text: 'An offer' });
        card.setMuid('interop-card');
        return card;
      }, one);
      for (const element of ['name', 'submit']) {
        await first.value((CometChat, [id, element]) => CometChat.markAsInteracted(id, element), [form.id, element]);
      }
      await second.heard('onInteractionGoalCompleted', { message: form.id });
      return [form, card];
    },
  },
  {
    name: 'messages that are refused',
    checks: 'without a request: no text, no receiver, empty custom data; by the server: an unknown receiver and parent',
    run: ({ first }) => Promise.all([
      first.refusal((CometChat, uid) => CometChat.sendMessage(new CometChat.TextMessage(uid, '  ', 'user')), two),
      first.refusal((CometChat) => CometChat.sendMessage(new CometChat.TextMessage('', 'hello', 'user'))),
      first.refusal((CometChat, uid) => CometChat.sendMessage(new CometChat.CustomMessage(uid, 'user', 'location', {})), two),
      first.refusal((CometChat) => CometChat.sendMessage(new CometChat.TextMessage('nobody', 'hello', 'user'))),
    ]),
  },
  {
    name: 'edit messages',
    checks: 'editMessage of a text and of a custom message',
    run: async ({ first, second }) => [
      await second.value(async (CometChat, uid) => {
        const text = new CometChat.TextMessage(uid, 'Grüße, verbessert', 'user');
        text.setId(1);
        text.setMetadata({ version: 2 });
        text.setTags(['edited']);
        return view.message(await CometChat.editMessage(text));
      }, one),
      await first.value(async (CometChat, uid) => {
        const custom = new CometChat.CustomMessage(uid, 'user', 'location', { latitude: 51 });
        custom.setId(7);
        return view.message(await CometChat.editMessage(custom));
      }, two),
    ],
  },
  {
    name: 'delete a message',
    checks: 'deleteMessage: the message is empty; ERR_MESSAGE_ID_NOT_FOUND for an unknown id',
    run: async ({ second }) => [
      await second.value(async (CometChat) => view.message(await CometChat.deleteMessage('6'))),
      await second.refusal((CometChat) => CometChat.deleteMessage('999')),
    ],
  },
  {
    name: 'get messages',
    checks: 'getMessageDetails of every message; an unknown id',
    run: async ({ first }) => [
      await first.value(async (CometChat) => {
        const messages = [];
        for (let id = 1; id <= 12; id += 1) messages.push(view.message(await CometChat.getMessageDetails(String(id))));
        return messages;
      }),
      await first.refusal((CometChat) => CometChat.getMessageDetails('999')),
    ],
  },
  {
    name: 'list messages backwards',
    checks: 'fetchPrevious, page by page: all messages, the newest first',
    async run({ first }) {
      const all = await first.value(list, { builder: { setUID: two, setLimit: 5, withTags: true } });
      deepEqual(ids(all), ['12', '11', '10', '9', '8', '7', '6', '5', '4', '3', '2', '1']);
      return all;
    },
  },
  {
    name: 'list messages forwards',
    checks: 'fetchNext, page by page: all messages after an id, the oldest first',
    async run({ second }) {
      const all = await second.value(list, { builder: { setUID: one, setLimit: 4, setMessageId: 2 }, forward: true });
      deepEqual(ids(all), ['3', '4', '5', '6', '7', '8', '9', '10', '11', '12']);
      return all;
    },
  },
  {
    name: 'list a thread',
    checks: 'fetchPrevious with a parent, page by page: the replies, the newest first',
    async run({ first, second }) {
      for (const text of ['two', 'three']) {
        await sent(second, (CometChat, [uid, text]) => {
          const reply = new CometChat.TextMessage(uid, text, 'user');
          reply.setMuid(`interop-reply-${text}`);
          reply.setParentMessageId(1);
          return reply;
        }, [one, text]);
      }
      const all = await first.value(list, { builder: { setParentMessageId: 1, setLimit: 2 } });
      deepEqual(ids(all), ['14', '13', '3']);
      return all;
    },
  },
  {
    name: 'list messages with filters',
    checks: 'fetchPrevious with each filter: the messages that match',
    async run({ first }) {
      const found = [];
      for (const filter of [
        { setUnread: true, hideMessagesFromBlockedUsers: true }, { setSearchKeyword: ' grüße ' }, { setTags: ['offer', 'other'], withTags: true },
        { setCategories: ['message', 'custom'], setTypes: ['text', 'location'] }, { hideReplies: true, hideDeletedMessages: true },
        { hasAttachments: true, setAttachmentTypes: ['image', 'video'] }, { hasLinks: true, hideQuotedMessages: true },
        { hasMentions: true, setMentionedUIDs: [one], mentionsWithTagInfo: true, mentionsWithBlockedInfo: true },
        { hasReactions: true }, { setInteractionGoalCompletedOnly: true }, { setTimestamp: 4102444800 }, { setMessageId: 5, withParent: true },
        { setUpdatedAfter: '1', updatesOnly: true },
      ]) found.push(ids(await first.value(list, { builder: { setUID: two, setLimit: 50, ...filter }, forward: filter.updatesOnly })));
      found.push(ids(await first.value(list, { builder: { setLimit: 10, setUnread: true } })));
      return found;
    },
  },
];

// Lists messages to the end, in the order in which they come: without forward, the newest first.
export async function list(CometChat, { builder, forward }) {
  const builds = new CometChat.MessagesRequestBuilder();
  for (const [setter, value] of Object.entries(builder)) builds[setter](value);
  const request = builds.build();
  const all = [];
  for (;;) {
    const page = await (forward ? request.fetchNext() : request.fetchPrevious());
    if (page.length === 0) return all;
    all.push(...(forward ? page : page.reverse()).map(view.message));
  }
}
