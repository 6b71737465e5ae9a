/**
 * A proxy on the loopback that stands in front of a real server and does to its answers what networks, gateways and
 * vendors do. What it is to do is chosen request by request; where nothing is chosen it passes the answer on whole.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type ServerResponse,
  request as send,
} from 'node:http';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { createGzip, gzipSync } from 'node:zlib';

/** One request at the proxy. */
interface Turn {
  request: IncomingMessage;
  response: ServerResponse;
  /** The whole answer of the server behind it. */
  upstream(): Promise<{ status: number; headers: OutgoingHttpHeaders; body: Buffer }>;
}

export type Fault = (turn: Turn) => unknown;

/** What came in. */
export interface SeenRequest {
  method: string;
  /** With its query. */
  url: string;
  headers: IncomingHttpHeaders;
}

export interface FaultProxy {
  url: string;
  seen: SeenRequest[];
  stop(): Promise<void>;
}

/** Any listener on a free port of the loopback; `stop` also ends what is still open. */
export async function listen<S extends Server>(server: S): Promise<{ url: string; stop(): Promise<void> }> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** A small server of the test's own. */
export const serve = (handler: RequestListener): Promise<{ url: string; stop(): Promise<void> }> =>
  listen(createServer(handler));

/**
 * A proxy in front of the server at `upstream` (its URL).
 * @param choose what happens to a request; undefined passes it on. `n` counts from 0.
 */
export async function faultProxy(
  upstream: string,
  choose: (request: SeenRequest, n: number) => Fault | undefined,
): Promise<FaultProxy> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (chunk: Buffer) => body.push(chunk));
    request.on('end', () => {
      const { method = 'GET', url = '/', headers } = request;
      const noted = { method, url, headers };
      const fault = choose(noted, seen.push(noted) - 1) ?? pass;
      const turn: Turn = {
        request,
        response,
        upstream: () => ask(upstream + url, method, headers, Buffer.concat(body)),
      };
      Promise.resolve(fault(turn)).catch(() => request.socket.destroy());
    });
  });
  const { url, stop } = await listen(server);
  return { url, seen, stop };
}

function ask(url: string, method: string, headers: IncomingHttpHeaders, body: Buffer): ReturnType<Turn['upstream']> {
  return new Promise((done, fail) => {
    const { host: _h, connection: _c, 'accept-encoding': _a, ...rest } = headers;
    const sent = send(url, { method, headers: rest }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', fail);
      answer.on('end', () => {
        const { 'transfer-encoding': _t, connection: _n, ...kept } = answer.headers;
        const whole = Buffer.concat(chunks);
        const length = { 'content-length': whole.length };
        done({ status: answer.statusCode ?? 0, headers: { ...kept, ...length }, body: whole });
      });
    });
    sent.on('error', fail);
    sent.end(body);
  });
}

const pass: Fault = async ({ response, upstream }) => {
  const { status, headers, body } = await upstream();
  response.writeHead(status, headers).end(body);
};

/** Answers by itself. */
export const says =
  (status: number, body: unknown = '', headers: OutgoingHttpHeaders = {}): Fault =>
  ({ response }) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const type = typeof body === 'string' ? 'text/plain' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers }).end(text);
  };

const PAGE = '<!doctype html><html><head><title>x</title></head><body><h1>Sign in</h1> to continue</body></html>';
const JSON_TYPE = { 'content-type': 'application/json' };

/** What goes wrong on the way, by name. Each works in front of any server. */
export const faults = {
  /** A login page or a captive portal, with the status of success. */
  page: says(200, PAGE, { 'content-type': 'text/html; charset=utf-8' }),
  redirect: says(302, '', { location: 'https://sso.example/login?token=x' }),
  /** Accepts and never answers. */
  silence: () => {},
  /** Closes without a word. */
  hangUp: ({ request }: Turn) => request.socket.destroy(),
  /** The right answer, closed after half of it. */
  cut: async ({ request, response, upstream }: Turn) => {
    const { status, headers, body } = await upstream();
    response.writeHead(status, headers);
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => request.socket.end());
  },
  /** The same, with a reset (RST) instead of an orderly end. */
  reset: async ({ request, response, upstream }: Turn) => {
    const { status, headers, body } = await upstream();
    response.writeHead(status, headers);
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => request.socket.resetAndDestroy());
  },
  /** The same, where nothing but the end of the connection tells the end of the body. */
  cutUntold: async ({ request, upstream }: Turn) => {
    const { body } = await upstream();
    request.socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n');
    request.socket.end(body.subarray(0, Math.floor(body.length / 2)));
  },
  /** The right answer, a byte now and then. */
  drip: async ({ response, upstream }: Turn) => {
    const { status, headers, body } = await upstream();
    response.writeHead(status, headers);
    let at = 0;
    const timer = setInterval(() => {
      if (at >= body.length) response.end();
      else response.write(body.subarray(at, ++at));
    }, 20);
    response.on('close', () => clearInterval(timer));
  },
  /** 50 MB of JSON, in chunks. */
  huge: ({ response }: Turn) => stream(response.writeHead(200, JSON_TYPE), 50),
  /** The same, with its size said beforehand. */
  hugeTold: ({ response }: Turn) => response.writeHead(200, { ...JSON_TYPE, 'content-length': 50e6 }).write('['),
  /** 400 MB of blanks in less than half a MB. */
  bomb: ({ response }: Turn) => {
    const gzip = createGzip();
    gzip.pipe(response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }));
    response.on('close', () => gzip.destroy());
    stream(gzip, 400);
  },
  /** 3 MB of gzip that unpack to nothing. */
  hollow: ({ response }: Turn) => {
    const empty = gzipSync('');
    const many = Buffer.concat(Array(Math.ceil(3e6 / empty.length)).fill(empty));
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' }).end(many);
  },
  /** Says gzip, and is not. */
  notGzip: says(200, '{"hello":1}', { ...JSON_TYPE, 'content-encoding': 'gzip' }),
  /** Repeats the headers of the question in a refusal, as debugging gateways do. */
  echo: ({ request, response }: Turn) => {
    const body = JSON.stringify({
      errors: [`bad headers ${JSON.stringify(request.headers)}`],
      message: request.headers,
    });
    response.writeHead(400, JSON_TYPE).end(body);
  },
  /** The same as an answer. */
  echoOk: ({ request, response }: Turn) => response.writeHead(200, JSON_TYPE).end(JSON.stringify(request.headers)),
} satisfies Record<string, Fault>;

/** Writes so many MB of blanks, as fast as they are read. */
function stream(to: NodeJS.WritableStream, megabytes: number): void {
  const blanks = Buffer.alloc(1e6, 32);
  let left = megabytes;
  const more = (): void => {
    while (left-- > 0) if (!to.write(blanks)) return void to.once('drain', more);
    to.end();
  };
  to.on('error', () => {});
  more();
}

/** A CONNECT proxy, with a password where one is given. `through` holds where it was asked to connect to. */
export async function tunnel(credentials?: string): Promise<{ url: string; through: string[]; stop(): Promise<void> }> {
  const through: string[] = [];
  const server = createServer((_request, response) => response.writeHead(405).end());
  const wanted = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    if (wanted !== undefined && request.headers['proxy-authorization'] !== wanted) {
      socket.end(
        `HTTP/1.1 407 Proxy Authentication Required\r\nx-echo: ${request.headers['proxy-authorization']}\r\n\r\n`,
      );
      return;
    }
    through.push(request.url ?? '');
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(request.url ?? '') ?? [];
    const onward = connect(Number(port), host.replace(/^\[|\]$/g, ''), () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    socket.on('error', () => onward.destroy()).on('close', () => onward.destroy());
  });
  const { url, stop } = await listen(server);
  return { url, through, stop };
}
