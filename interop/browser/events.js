// Runs in the page. It hands what the official SDK tells about messages and groups to happened, with the values that
// gosteps/events.go makes of the Go SDK's events.
window.hear = (CometChat, happened) => {
  const { full, text, message, reaction, group } = view;
  const receiver = (e) => ({ receiver: (e.getReceiverId ?? e.getReceiveId ?? e.getReceiver).call(e), receiverType: e.getReceiverType() });
  const sender = (e) => ({ sender: e.getSender().getUid(), senderName: e.getSender().getName() });
  const typing = (t) => full({ ...sender(t), ...receiver(t), metadata: t.getMetadata() });
  const receipt = (r) => full({ ...sender(r), ...receiver(r), message: text(r.getMessageId()), delivered: !!r.getDeliveredAt(), read: !!r.getReadAt() });
  const reacted = (e) => full({
    ...reaction(e.getReaction()), ...receiver(e), conversation: e.getConversationId(), parent: text(e.getParentMessageId()),
  });
  const transient = (t) => full({ ...sender(t), ...receiver(t), data: t.getData() });
  const completed = (i) => full({
    ...sender(i), ...receiver(i), message: text(i.getMessageId()), used: i.getInteractions().map((used) => used.getElementId()),
  });
  const views = {
    onTextMessageReceived: message, onMediaMessageReceived: message, onCustomMessageReceived: message, onInteractiveMessageReceived: message,
    onMessageEdited: message, onMessageDeleted: message, onMessageModerated: message,
    onMessagePinned: message, onMessageUnpinned: message, onMessageSaved: message, onMessageUnsaved: message,
    onTypingStarted: typing, onTypingEnded: typing, onTransientMessageReceived: transient,
    onMessagesDelivered: receipt, onMessagesRead: receipt, onMessagesDeliveredToAll: receipt, onMessagesReadByAll: receipt,
    onInteractionGoalCompleted: completed, onMessageReactionAdded: reacted, onMessageReactionRemoved: reacted,
  };
  const listener = (views) => Object.fromEntries(Object.entries(views).map(([event, show]) => [event, (...values) => {
    try {
      happened(event, show(...values));
    } catch (error) { // the SDK hides it
      happened(event, { error: String(error) });
    }
  }]));
  const changed = (message, member, by, of, newScope, oldScope) => full({
    message: view.message(message), member: member.getUid(), memberName: member.getName(), by: by.getUid(), byName: by.getName(),
    group: group(of), newScope, oldScope,
  });
  const byItself = (message, member, of) => changed(message, member, member, of);
  CometChat.addGroupListener('interop', new CometChat.GroupListener(listener({
    onGroupMemberJoined: byItself, onGroupMemberLeft: byItself, onMemberAddedToGroup: changed, onGroupMemberKicked: changed,
    onGroupMemberBanned: changed, onGroupMemberUnbanned: changed,
    onGroupMemberScopeChanged: (message, member, newScope, oldScope, of) => changed(message, member, message.getActionBy(), of, newScope, oldScope),
  })));
  CometChat.addMessageListener('interop', new CometChat.MessageListener(listener(views)));
};
