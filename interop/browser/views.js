// Runs in the page. It turns the objects of the official SDK into the values that gosteps/views.go makes of the Go SDK's, so that
// both can be compared. What is empty, false or 0 is left out, times become true, and the URL of an uploaded file loses its random part.
window.view = (() => {
  const isEmpty = (value) => !value || (typeof value === 'object' && Object.keys(value).length === 0);
  const full = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
  const text = (value) => (value ? String(value) : '');
  const nameOf = (user) => user?.getName?.() ?? user?.name; // an event has a bare object
  const idOf = (entity) => entity?.getUid?.() ?? entity?.getGuid?.();
  const path = (url) => url.replace(/^https:\/\/127\.0\.0\.1:\d+\/v3\.0\/media\/.*/, 'an uploaded file');

  const attachment = (a) => full({
    url: path(a.getUrl()), name: a.getName(), extension: a.getExtension(), mimeType: a.getMimeType(), size: a.getSize(),
  });
  const interactive = (m) => m.getInteractiveData && {
    data: m.getInteractiveData(), goal: m.getInteractionGoal(), used: m.getInteractions()?.map((i) => i.elementId) ?? [],
    senderToo: !!m.getIsSenderInteractionAllowed(),
  };
  const textOf = (m) => m?.getText?.() ?? m?.getCaption?.() ?? m?.getConversationText?.();
  const message = (m) => m && full({
    id: text(m.getId()), muid: m.getMuid(), conversation: m.getConversationId(), parent: text(m.getParentMessageId()),
    sender: m.getSender().getUid(), senderName: m.getSender().getName(), receiver: m.getReceiverId(), receiverType: m.getReceiverType(),
    receiverName: m.getReceiver().getName?.(), category: m.getCategory(), type: m.getType(),
    text: textOf(m), attachments: m.getAttachments?.()?.map(attachment),
    customData: m.getCustomData?.(), subType: m.getSubType?.(), updateConversation: m.willUpdateConversation?.(),
    sendNotification: m.willSendNotification?.(), interactive: interactive(m), metadata: m.getMetadata?.(), tags: m.getTags?.(),
    mentions: m.getMentionedUsers()?.map((user) => user.getUid()).sort(),
    reactions: m.getReactions()?.map((r) => full({ reaction: r.getReaction(), count: r.getCount(), mine: r.getReactedByMe() })),
    quoted: text(m.getQuotedMessageId()), quotedText: textOf(m.getQuotedMessage()), replyCount: m.getReplyCount(),
    subscribed: m.isThreadSubscribed(), action: m.getAction?.(), on: text(m.getActionOn?.()?.getId?.()), onText: textOf(m.getActionOn?.()),
    onUser: m.getActionOn?.()?.getUid?.(), forGroup: m.getActionFor?.()?.getGuid?.(), oldScope: m.getOldScope?.(), newScope: m.getNewScope?.(),
    edited: !!m.getEditedAt(), editedBy: m.getEditedBy(), deleted: !!m.getDeletedAt(), deletedBy: m.getDeletedBy(),
    pinned: !!m.getPinnedAt(), pinnedBy: m.getPinnedBy(), saved: !!m.getSavedAt(), delivered: !!m.getDeliveredAt(), read: !!m.getReadAt(),
    deliveredToMe: !!m.getDeliveredToMeAt(), readByMe: !!m.getReadByMeAt(),
  });
  const thread = (t) => full({
    message: message(t.getParentMessage()), replyCount: t.getReplyCount(), last: text(t.getLastReply()?.getId()),
    unread: t.getUnreadReplyCount(), // isSubscribed() is true for every thread of a list
  });
  const conversation = (c) => full({
    id: c.getConversationId(), type: c.getConversationType(), with: idOf(c.getConversationWith()), lastMessage: message(c.getLastMessage()),
    unread: c.getUnreadMessageCount(), unreadMentions: c.getUnreadMentionsCount(), lastRead: text(c.getLastReadMessageId()),
    latest: text(c.getLatestMessageId()), tags: c.getTags(), pinned: !!c.getPinnedAt(), pinnedBy: c.getPinnedBy(),
  });
  const reaction = (r) => full({
    id: text(r.getReactionId()), message: text(r.getMessageId()), reaction: r.getReaction(), uid: r.getUid(), by: nameOf(r.getReactedBy()),
    at: !!r.getReactedAt(),
  });
  const receipt = (r) => full({
    user: r.getSender().getUid(), receiver: r.getReceiver(), receiverType: r.getReceiverType(),
    delivered: !!r.getDeliveredAt(), read: !!r.getReadAt(),
  });
  const group = (g) => full({
    guid: g.getGuid(), name: g.getName(), type: g.getType(), icon: g.getIcon(), description: g.getDescription(), owner: g.getOwner(),
    metadata: g.getMetadata(), tags: g.getTags(), scope: g.getScope(), joined: g.getHasJoined(), members: g.getMembersCount(),
    banned: g.isBannedFromGroup(), conversation: g.conversationId, created: !!g.getCreatedAt(), updated: !!g.getUpdatedAt(), joinedAt: !!g.getJoinedAt(),
  });
  const member = (m) => full({ uid: m.getUid(), name: m.getName(), status: m.getStatus(), scope: m.getScope(), joinedAt: !!m.getJoinedAt() });
  return { full, text, message, thread, conversation, reaction, receipt, group, member };
})();
