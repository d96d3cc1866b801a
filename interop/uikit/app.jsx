// A chat made of the UI Kit's components, as its documentation puts them together.
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { CometChat } from '@cometchat/chat-sdk-javascript';
import {
  CometChatConversations, CometChatGroupMembers, CometChatGroups, CometChatMessageComposer, CometChatMessageHeader, CometChatMessageList,
  CometChatProvider, CometChatSearch, CometChatThreadHeader, CometChatUIKit, CometChatUsers, UIKitSettingsBuilder,
} from '@cometchat/chat-uikit-react';
import '@cometchat/chat-uikit-react/styles';
import './app.css';

const { appId, region, authKey, host } = window.emulator;
const settings = new UIKitSettingsBuilder().setAppId(appId).setRegion(region).setAuthKey(authKey).subscribePresenceForAllUsers()
  .setAdminHost(`${host}/v3.0`).setClientHost(`${host}/v3.0`).build();

// The sounds are files on a host of CometChat's. Stickers, polls, documents, whiteboards and translations are extensions, each with a host
// of its own.
const offlineList = { disableSoundForMessages: true, hideTranslateMessageOption: true };
const offlineComposer = {
  disableSoundForMessage: true, hideStickersButton: true,
  hideAttachmentOptions: { polls: true, collaborativeDocument: true, collaborativeWhiteboard: true },
};

// The conversation of a user or a group: what a component takes as {user} or {group}.
const conversationWith = (entity) => (entity instanceof CometChat.Group ? { group: entity } : { user: entity });
const keyOf = ({ user, group }) => user?.getUid() ?? group.getGuid();

function SignIn({ onSignedIn }) {
  const signIn = async (event) => {
    event.preventDefault();
    onSignedIn(await CometChatUIKit.login(new FormData(event.target).get('uid')));
  };
  return <form onSubmit={signIn}><label>UID <input name="uid" /></label><button>Sign in</button></form>;
}

function Lists({ open, signOut }) {
  const [list, setList] = useState('Chats');
  const lists = {
    Chats: <CometChatConversations disableSoundForMessages onItemClick={(conversation) => open(conversation.getConversationWith())} />,
    Users: <CometChatUsers onItemClick={open} />,
    Groups: <CometChatGroups onItemClick={open} />,
    Search: <CometChatSearch hideBackButton onConversationClicked={({ conversation }) => open(conversation.getConversationWith())} />,
  };
  return (
    <aside>
      <nav>
        {Object.keys(lists).map((name) => <button key={name} onClick={() => setList(name)}>{name}</button>)}
        <button onClick={signOut}>Sign out</button>
      </nav>
      {lists[list]}
    </aside>
  );
}

function Chat({ with: { user, group }, openThread }) {
  const [showMembers, setShowMembers] = useState(false);
  return (
    <>
      <main>
        <CometChatMessageHeader user={user} group={group} hideBackButton onItemClick={() => setShowMembers(group !== undefined)} />
        <CometChatMessageList user={user} group={group} onThreadRepliesClick={openThread} {...offlineList} />
        <CometChatMessageComposer user={user} group={group} {...offlineComposer} />
      </main>
      {showMembers && <aside><CometChatGroupMembers group={group} onBack={() => setShowMembers(false)} /></aside>}
    </>
  );
}

function Thread({ with: { user, group }, parent, close }) {
  return (
    <section aria-label="Thread">
      <CometChatThreadHeader parentMessage={parent} onClose={close} />
      <CometChatMessageList user={user} group={group} parentMessageId={parent.getId()} {...offlineList} />
      <CometChatMessageComposer user={user} group={group} parentMessageId={parent.getId()} {...offlineComposer} />
    </section>
  );
}

function App({ signedIn }) {
  const [user, setUser] = useState(signedIn);
  const [chat, setChat] = useState();
  const [parent, setParent] = useState();
  const open = async (entity) => {
    const outside = entity instanceof CometChat.Group && !entity.getHasJoined();
    setChat(conversationWith(outside ? await CometChat.joinGroup(entity.getGuid(), entity.getType(), '') : entity));
    setParent();
  };
  const signOut = async () => {
    await CometChatUIKit.logout();
    setUser();
    setChat();
    setParent();
  };
  if (!user) return <SignIn onSignedIn={setUser} />;
  return (
    <CometChatProvider>
      <div className="app">
        <Lists open={open} signOut={signOut} />
        {chat && <Chat key={keyOf(chat)} with={chat} openThread={setParent} />}
        {parent && <Thread key={parent.getId()} with={chat} parent={parent} close={() => setParent()} />}
      </div>
    </CometChatProvider>
  );
}

const signedIn = await CometChatUIKit.init(settings);
createRoot(document.getElementById('app')).render(<App signedIn={signedIn} />);
