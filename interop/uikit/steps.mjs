// What a person does with the UI Kit, and what the page has to show.
import { deepEqual, equal } from 'node:assert/strict';
import { steps as chat } from './chat.mjs';
import { steps as lists } from './lists.mjs';
import { does, four, one } from './people.mjs';

export const steps = [
  {
    name: 'sign in',
    checks: 'the list of conversations, the newest first, with the last message and the unread count',
    async run({ screen, emulator, url }) {
      await screen.tab.goto(url);
      await screen.tab.getByLabel('UID').fill(one);
      await screen.tab.getByRole('button', { name: 'Sign in' }).click();
      await screen.sees('the conversation with Nancy Grace', screen.conversation('Nancy Grace').filter({ hasText: 'good morning' }));
      await screen.sees('the conversation with George Alan', screen.conversation('George Alan').filter({ hasText: 'hello 3' }));
      equal(await screen.lists.getByRole('option').count(), 2);
      for (const [i, name] of [/Nancy Grace good morning .* 1 unread/, /George Alan hello 3 .* 3 unread/].entries()) {
        await screen.sees(`${name} at place ${i + 1}`, screen.lists.getByRole('option', { name }).and(screen.lists.getByRole('option').nth(i)));
      }
      await emulator.live(one);
    },
  },
  ...chat,
  ...lists,
  {
    name: 'reload',
    checks: 'the user stays signed in; the lists and a new message are there',
    async run({ screen, go }) {
      await screen.tab.reload();
      await screen.sees('the last message of the group', screen.lists.getByRole('option', { name: /Hikers .* all of us/ }));
      await go.heard('onUserOnline', one);
      await does(go, 'say', { text: 'welcome back' });
      await screen.sees('an unread message', screen.lists.getByRole('option', { name: /George Alan welcome back .* 1 unread/ }));
    },
  },
  {
    name: 'sign out',
    checks: 'the page asks who signs in, and the Go SDK hears that the user is offline',
    async run({ screen, go }) {
      await screen.show('Sign out');
      await screen.sees('the form', screen.tab.getByLabel('UID'));
      await go.heard('onUserOffline', one);
    },
  },
  {
    name: 'nothing went wrong',
    checks: 'no request was refused, but for a conversation before its first message; no other host was asked; no error on the page or in its console',
    async run({ screen, emulator, url }) {
      const path = `/v3.0/users/${four}/conversation`; // it begins with the first message
      const refused = emulator.read().filter(({ status }) => status >= 400).map((line) => `${line.status} ${line.method} ${line.path}`);
      deepEqual(refused, [`404 GET ${path}`, `404 POST ${path}/read`]);
      deepEqual([...screen.hosts].sort(), [new URL(url).host, emulator.clientHost].sort());
      deepEqual([...screen.page.uncaught, ...screen.log.filter((line) => !line.includes(path))], []);
    },
  },
];
