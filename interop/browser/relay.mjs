// A relay between the SDKs and the emulator. It stands for the network, and its connections can break or fall silent.
import net from 'node:net';

export class Relay {
  static async start(target) {
    const self = new Relay();
    const [host, port] = target.split(':');
    self.sockets = new Set();
    self.frozen = [];
    self.server = net.createServer((near) => {
      if (self.isCut) {
        near.destroy();
        return;
      }
      const far = net.connect({ host, port });
      for (const [socket, other] of [[near, far], [far, near]]) {
        self.sockets.add(socket);
        socket.on('error', () => {}); // the event close follows
        socket.on('close', () => {
          self.sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    await new Promise((listening) => { self.server.listen(0, host, listening); });
    self.host = `${host}:${self.server.address().port}`;
    return self;
  }

  // Breaks every connection without a close frame. New connections are possible at once.
  break() {
    for (const socket of this.sockets) socket.destroy();
  }

  // Breaks every connection, and refuses new ones until mend.
  cut() {
    this.isCut = true;
    this.break();
  }

  mend() {
    this.isCut = false;
  }

  // Makes every connection silent: it stays, and nothing passes any more. New connections are possible.
  freeze() {
    for (const socket of this.sockets) {
      socket.unpipe();
      socket.pause();
      this.frozen.push(socket);
    }
  }

  breakFrozen() {
    for (const socket of this.frozen) socket.destroy();
    this.frozen = [];
  }

  close() {
    this.server.close();
    this.break();
  }
}
