// A client of the Go SDK, in a process of its own: see gosteps/peer.go.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { heard } from './heard.mjs';
import { until } from './wait.mjs';

export class Peer {
  constructor(program, clientHost) {
    Object.assign(this, { name: 'the Go client', events: [], answers: [] });
    this.process = spawn(program, ['peer'], {
      stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, INTEROP_CLIENT_HOST: clientHost },
    });
    createInterface({ input: this.process.stdout }).on('line', (text) => {
      const line = JSON.parse(text);
      (line.event ? this.events : this.answers).push(line);
    });
  }

  // Makes a call of the SDK and returns its value. Throws if the call fails.
  async call(command) {
    this.process.stdin.write(`${command}\n`);
    const answer = await until(`the answer to ${command}`, () => this.answers.shift());
    if (answer.error) throw new Error(`${command}: ${answer.error}`);
    return answer.value;
  }

  heard(event, value) {
    return heard(this, event, value);
  }

  // Ends the process and returns its exit code.
  async close() {
    const ended = once(this.process, 'exit');
    this.process.stdin.end();
    const [code] = await ended;
    return code;
  }
}
