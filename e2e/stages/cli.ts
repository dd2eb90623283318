import { type ClientRequest, request } from 'node:http';
import { request as secureRequest } from 'node:https';

/** Operations of hudson.cli.PlainCLIProtocol. */
const ARG = 0;
const ENCODING = 2;
const START = 3;

/** Commands that wait for input, each over two requests as `jenkins-cli.jar -http` has them. */
export interface Commands {
  /** Resolves as soon as the controller serves it. */
  run(user: string, secret: string, words: readonly string[]): Promise<{ ended(): boolean }>;
  close(): void;
}

export function openCommands(base: string, newId: () => string): Commands {
  const url = new URL('cli?remoting=false', base);
  const open = url.protocol === 'https:' ? secureRequest : request;
  const going: ClientRequest[] = [];
  const side = (name: 'download' | 'upload', session: string, auth: string): ClientRequest => {
    const outgoing = open(url, { method: 'POST', auth, agent: false, headers: { Session: session, Side: name } });
    going.push(outgoing);
    return outgoing;
  };
  return {
    run(user, secret, words) {
      const session = newId();
      const auth = `${user}:${secret}`;
      let hasEnded = false;
      return new Promise((resolve, reject) => {
        const download = side('download', session, auth);
        download.on('error', (error) => (hasEnded ? undefined : reject(error)));
        download.on('response', (incoming) => {
          if (incoming.statusCode !== 200) return reject(new Error(`the CLI answers ${incoming.statusCode}`));
          incoming.on('error', () => {});
          incoming.on('close', () => {
            hasEnded = true;
          });
          // It begins with a byte that says so.
          incoming.once('data', () => {
            const upload = side('upload', session, auth);
            upload.on('error', () => {});
            for (const word of words) upload.write(frame(ARG, word));
            upload.write(frame(ENCODING, 'UTF-8'));
            upload.write(frame(START, ''));
            resolve({ ended: () => hasEnded });
          });
          incoming.resume();
        });
        download.end();
      });
    },
    close() {
      for (const one of going) one.destroy();
    },
  };
}

/** An int length that counts neither itself nor the operation, the operation, and Java's modified UTF-8 with its own length. */
function frame(operation: number, text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const data =
    operation === START ? Buffer.alloc(0) : Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 255), bytes]);
  const head = Buffer.alloc(5);
  head.writeInt32BE(data.length);
  head.writeUInt8(operation, 4);
  return Buffer.concat([head, data]);
}
