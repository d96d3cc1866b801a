// A relay before the emulator, bytes for bytes: the network between the two, which can break.
import net from 'node:net';

export class Relay {
  static async start(target) {
    const self = new Relay();
    const [host, port] = target.split(':');
    self.sockets = new Set();
    self.server = net.createServer((near) => {
      const far = net.connect({ host, port });
      for (const [socket, other] of [[near, far], [far, near]]) {
        self.sockets.add(socket);
        socket.on('error', () => {}); // close follows
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

  // Breaks every connection, without a word. New ones may come at once.
  break() {
    for (const socket of this.sockets) socket.destroy();
  }

  close() {
    this.server.close();
    this.break();
  }
}
