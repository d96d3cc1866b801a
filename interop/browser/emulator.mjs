// The emulator as the driver sees it: where it is, its REST API with the server's key, and its recording.
import fs from 'node:fs';
import https from 'node:https';
import tls from 'node:tls';
import { createHash } from 'node:crypto';
import { until } from './wait.mjs';

// What the JavaScript SDK does by itself, at times of its own. No step is about it, but for "report".
const byItself = new Set(['GET /v3.0/settings', 'POST /v3.0/user_sessions', 'POST /v1/ping']);

export class Emulator {
  constructor({ adminHost, clientHost, caFile, recordFile, appId, region, authKey, apiKey }) {
    Object.assign(this, { adminHost, clientHost, appId, region, authKey, apiKey });
    this.ca = fs.readFileSync(caFile);
    this.record = { file: fs.openSync(recordFile), unread: '', buffer: Buffer.alloc(1 << 16) };
    this.sinceMark = [];
    this.reports = [];
  }

  // The key that a browser has to see in the certificate: that of the one certificate which the emulator's authority signed.
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

  // A request without an SDK. Those that set the stage for a step carry the REST API key.
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

  async rest(method, path, body) {
    const answer = await this.request(method, path, { headers: { appid: this.appId, apikey: this.apiKey }, body });
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer.error)}`);
    return answer.data;
  }

  // Every user as at the beginning of a run, whoever has run before; only friends stay friends.
  async reset() {
    await this.rest('DELETE', '/users/interop-made', { permanent: true }).catch(() => {}); // it need not be there
    await this.rest('PUT', '/users/cometchat-uid-1', { statusMessage: '', tags: [], unset: ['metadata'] });
    await this.rest('PUT', '/users/cometchat-uid-2', { tags: [] });
    await this.rest('DELETE', '/users/cometchat-uid-1/blockedusers', { blockedUids: ['cometchat-uid-3'] });
    for (const uid of ['cometchat-uid-1', 'cometchat-uid-2', 'cometchat-uid-4']) {
      await this.rest('DELETE', `/users/${uid}/auth_tokens`);
    }
  }

  // Writes into the recording that a step begins: the comparison tells by it whose requests follow.
  async mark(step) {
    await this.request('GET', `/interop/javascript/${encodeURIComponent(step)}`);
    this.read();
    this.sinceMark = [];
  }

  // Everything that was recorded since the mark. What an SDK has had an answer to is in there.
  read() {
    const { record } = this;
    for (;;) {
      const n = fs.readSync(record.file, record.buffer);
      if (n === 0) return this.sinceMark;
      record.unread += record.buffer.toString('latin1', 0, n); // a line may end in the middle of a character
      const lines = record.unread.split('\n');
      record.unread = lines.pop();
      for (const line of lines) {
        const happened = JSON.parse(Buffer.from(line, 'latin1').toString('utf8'));
        this.sinceMark.push(happened);
        if (happened.path === '/v3.0/user_sessions') this.reports.push(happened);
      }
    }
  }

  // The requests that the SDK has made since the mark, as "METHOD /path", without what it does by itself.
  requests() {
    return this.read().filter((line) => line.kind === 'http' && line.headers.sdk)
      .map((line) => `${line.method} ${line.path}`).filter((name) => !byItself.has(name));
  }

  async recorded(what, matches) {
    return until(`the emulator to record ${what}`, () => this.read().find(matches));
  }

  // The SDK reports the browser of a session of the user's, which may have been before the mark.
  async reported(uid) {
    const matches = (line) => line.headers.authtoken?.startsWith(uid);
    return until(`the report of ${uid}`, () => this.read() && this.reports.find(matches));
  }

  async requested(name) {
    return this.recorded(name, (line) => line.kind === 'http' && `${line.method} ${line.path}` === name);
  }

  // Since the mark a live connection of the user's has been let in.
  async live(uid) {
    return this.recorded(`that ${uid} is live`, (line) => line.what === 'server to client' && line.uid === uid
      && line.message.type === 'auth' && line.message.body.code === '200');
  }

  async ended(uid) {
    return this.recorded(`the end of a live connection of ${uid}`, (line) => line.what === 'close' && line.uid === uid);
  }
}
