// The emulator: its address, its REST API and its recording.
import fs from 'node:fs';
import https from 'node:https';
import tls from 'node:tls';
import { createHash } from 'node:crypto';
import { until } from './wait.mjs';

// Requests that the JavaScript SDK makes at any time. Only the step "the report of the browser" checks one of them.
const byItself = new Set(['GET /v3.0/settings', 'POST /v3.0/user_sessions', 'POST /v1/ping']);

export class Emulator {
  constructor({ adminHost, clientHost, caFile, recordFile, appId, region, authKey, apiKey }) {
    Object.assign(this, { adminHost, clientHost, appId, region, authKey, apiKey });
    this.ca = fs.readFileSync(caFile);
    this.record = { file: fs.openSync(recordFile), unread: '', buffer: Buffer.alloc(1 << 16) };
    this.sinceMark = [];
    this.reports = [];
  }

  // Returns the hash of the public key in the emulator's certificate, for the browser to trust.
  async certificateKey() {
    const [host, port] = this.adminHost.split(':');
    return new Promise((resolve, reject) => {
      const socket = tls.connect({ host, port, ca: this.ca, servername: host }, () => {
        const key = socket.getPeerX509Certificate().publicKey.export({ type: 'spki', format: 'der' });
        socket.destroy();
        resolve(createHash('sha256').update(key).digest('base64'));
      });
      socket.on('error', reject);
    });
  }

  // Makes a request without an SDK.
  async request(method, path, { headers = {}, body } = {}) {
    const text = body ? JSON.stringify(body) : '';
    return new Promise((resolve, reject) => {
      const options = {
        method, ca: this.ca,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers },
      };
      const request = https.request(`https://${this.adminHost}/v3.0${path}`, options, (answer) => {
        let said = '';
        answer.setEncoding('utf8');
        answer.on('data', (piece) => { said += piece; });
        answer.on('end', () => {
          try {
            resolve({ status: answer.statusCode, ...JSON.parse(said) });
          } catch (error) {
            reject(error);
          }
        });
      });
      request.on('error', reject);
      request.end(text);
    });
  }

  async rest(method, path, body, headers) {
    const answer = await this.request(method, path, { headers: { appid: this.appId, apikey: this.apiKey, ...headers }, body });
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer.error)}`);
    return answer.data;
  }

  // Undoes the changes of an earlier run to the users. It does not undo friendships.
  async reset() {
    await this.rest('DELETE', '/users/interop-made', { permanent: true }).catch(() => {}); // the user may not exist
    await this.rest('PUT', '/users/cometchat-uid-1', { statusMessage: '', tags: [], unset: ['metadata'] });
    await this.rest('PUT', '/users/cometchat-uid-2', { tags: [] });
    await this.rest('DELETE', '/users/cometchat-uid-1/blockedusers', { blockedUids: ['cometchat-uid-3'] });
    for (const uid of ['cometchat-uid-1', 'cometchat-uid-2', 'cometchat-uid-4', 'cometchat-uid-5']) {
      await this.rest('DELETE', `/users/${uid}/auth_tokens`);
    }
  }

  // Writes the beginning of a step into the emulator's recording, for the comparison.
  async mark(step) {
    await this.request('GET', `/interop/javascript/${encodeURIComponent(step)}`);
    this.forget();
  }

  // Writes what the SDK returned in a step into the emulator's recording, for the comparison.
  async tell(result) {
    await this.request('POST', '/interop/javascript', { body: result });
  }

  // Begins a step that is not compared.
  forget() {
    this.read();
    this.sinceMark = [];
  }

  // Returns the lines that the emulator recorded since the mark, including every request that it has answered.
  read() {
    const { record } = this;
    for (;;) {
      const n = fs.readSync(record.file, record.buffer);
      if (n === 0) return this.sinceMark;
      record.unread += record.buffer.toString('latin1', 0, n); // a piece may end in the middle of a character
      const lines = record.unread.split('\n');
      record.unread = lines.pop();
      for (const line of lines) {
        const happened = JSON.parse(Buffer.from(line, 'latin1').toString('utf8'));
        this.sinceMark.push(happened);
        if (happened.path === '/v3.0/user_sessions') this.reports.push(happened);
      }
    }
  }

  // Returns the SDK's requests since the mark, as "METHOD /path", without the requests that it makes at any time.
  requests() {
    return this.read().filter((line) => line.kind === 'http' && line.headers.sdk)
      .map((line) => `${line.method} ${line.path}`).filter((name) => !byItself.has(name));
  }

  async recorded(what, matches) {
    return until(`the emulator to record ${what}`, () => this.read().find(matches));
  }

  // Waits for the SDK's report of the user's browser, which may have come before the mark.
  async reported(uid) {
    const matches = (line) => line.headers.authtoken?.startsWith(uid);
    return until(`the report of ${uid}`, () => this.read() && this.reports.find(matches));
  }

  async requested(name) {
    return this.recorded(name, (line) => line.kind === 'http' && `${line.method} ${line.path}` === name);
  }

  // Waits until the emulator has accepted a live connection of the user, since the mark.
  async live(uid) {
    return this.recorded(`that ${uid} is live`, (line) => line.what === 'server to client' && line.uid === uid
      && line.message.type === 'auth' && line.message.body.code === '200');
  }

  async ended(uid) {
    return this.recorded(`the end of a live connection of ${uid}`, (line) => line.what === 'close' && line.uid === uid);
  }
}
