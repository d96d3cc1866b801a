// What a person does in the lists: of users, of groups and their members, and in the search.
import { does, one, three, two } from './people.mjs';

const hikers = { to: 'hikers', group: true };

export const steps = [
  {
    name: 'search',
    checks: 'a word finds the message; a name finds the conversation, and a click opens it',
    async run({ screen }) {
      await screen.show('Search');
      const box = screen.lists.getByRole('searchbox');
      await box.fill('BETTER');
      await screen.sees('the message that was found', screen.lists.getByRole('listitem').filter({ hasText: 'from Go, and better' }));
      await box.fill('nancy');
      const found = screen.lists.getByRole('listitem').filter({ hasText: 'Nancy Grace' });
      await screen.sees('the conversation that was found', found);
      await found.first().click();
      await screen.sees('the messages of Nancy Grace', screen.message('are you there?'));
    },
  },
  {
    name: 'a new conversation',
    checks: 'a search in the list of users; the first message to one begins a conversation; another conversation is pinned; the new one is deleted',
    async run({ screen }) {
      await screen.show('Users');
      await screen.sees('all users', screen.lists.getByRole('option', { name: 'George Alan' }));
      await screen.lists.getByRole('searchbox').fill('sus');
      await screen.seesNo('other users', screen.lists.getByRole('option', { name: 'George Alan' }));
      await screen.lists.getByRole('option', { name: 'Susan Marie' }).click();
      await screen.sees('who that is', screen.chat.getByRole('banner', { name: 'Susan Marie, Offline' }));
      await screen.send('nice to meet you');
      await screen.sees('the first message', screen.message('nice to meet you').getByRole('img', { name: 'Sent' }));
      await screen.show('Chats');
      await screen.sees('the new conversation', screen.conversation('Susan Marie').filter({ hasText: 'nice to meet you' }));
      await screen.choose(screen.conversation('George Alan'), ['Pin conversation']);
      await screen.sees('the pinned conversation, first in the list',
        screen.lists.getByRole('option').first().and(screen.lists.getByRole('option', { name: /George Alan .* Pinned/ })));
      await screen.choose(screen.conversation('Susan Marie'), ['Delete']);
      await screen.tab.getByRole('dialog', { name: 'Delete Conversation?' }).getByRole('button', { name: 'Delete' }).click();
      await screen.seesNo('the deleted conversation', screen.conversation('Susan Marie'));
    },
  },
  {
    name: 'a group',
    checks: 'the list of groups; a click joins one; a message that mentions a member, its marks once all have received and read it; who types; an answer',
    async run({ screen, go, emulator }) {
      await emulator.rest('POST', '/groups', { guid: hikers.to, name: 'Hikers', type: 'public', owner: two });
      await screen.show('Groups');
      await screen.sees('the group', screen.lists.getByRole('option', { name: 'Hikers 1 Member' }));
      await screen.lists.getByRole('option').filter({ hasText: 'Hikers' }).click();
      await screen.sees('2 members', screen.chat.getByRole('banner', { name: 'Hikers, 2 Members' }));
      await screen.sees('who has joined', screen.chat.getByText('Andrew Joseph joined'));
      await go.heard('onGroupMemberJoined', { member: one });
      await screen.type('who is coming, @geo');
      await screen.chat.getByRole('listbox', { name: 'Mention suggestions' }).getByRole('option').filter({ hasText: 'George Alan' }).click();
      await screen.chat.getByRole('button', { name: 'SEND' }).click();
      const question = `who is coming, <@uid:${two}>`;
      const shown = screen.message('who is coming, @George Alan');
      await go.heard('onTextMessageReceived', { sender: one, text: question });
      await screen.sees('the sent message', shown.getByRole('img', { name: 'Sent' }));
      await does(go, 'receive', { ...hikers, on: question });
      await screen.sees('that all have received it', shown.getByRole('img', { name: 'Delivered' }));
      await does(go, 'see', { ...hikers, on: question });
      await screen.sees('that all have read it', shown.getByRole('img', { name: 'Read' }));
      await does(go, 'type', hikers);
      await screen.sees('who types', screen.chat.getByRole('banner').getByText('George Alan is typing'));
      await does(go, 'say', { ...hikers, text: 'all of us' });
      await screen.sees('the message of the Go SDK and its sender', screen.message('all of us').filter({ hasText: 'George Alan' }));
    },
  },
  {
    name: 'members',
    checks: 'the list of members; the owner of a group changes a scope and kicks a member, and the Go SDK hears of both',
    async run({ screen, go, emulator }) {
      await emulator.rest('POST', '/groups', { guid: 'club', name: 'Club', type: 'private', owner: one, members: { participants: [two, three] } });
      const member = (name) => screen.members.getByRole('option', { name });
      await screen.show('Chats');
      await screen.conversation('Club').click();
      await screen.chat.getByRole('button', { name: 'Club. Click for details' }).click();
      for (const name of [/Andrew Joseph, Owner/, /George Alan/, /Nancy Grace/]) await screen.sees(`the member ${name}`, member(name));
      await screen.choose(member(/George Alan/), ['Change Scope']);
      const dialog = screen.tab.getByRole('dialog', { name: 'Change Scope' });
      await dialog.getByText('Moderator').click();
      await dialog.getByRole('button', { name: 'Save' }).click();
      await screen.sees('the new scope', member(/George Alan, Moderator/));
      await screen.sees('it in the chat', screen.chat.getByText('Andrew Joseph made George Alan Moderator'));
      await go.heard('onGroupMemberScopeChanged', { by: one, member: two, newScope: 'moderator' });
      await screen.choose(member(/Nancy Grace/), ['Kick']);
      await screen.seesNo('the kicked member', member(/Nancy Grace/));
      await screen.sees('it in the chat', screen.chat.getByText('Andrew Joseph kicked Nancy Grace'));
      await go.heard('onGroupMemberKicked', { by: one, member: three });
      await screen.sees('2 members', screen.chat.getByRole('banner', { name: 'Club, 2 Members' }));
    },
  },
];
