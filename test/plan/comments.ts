import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A comment as either host keeps it. */
export interface Comment {
  readonly id: number;
  body: string;
  readonly byBot: boolean;
}

/** What a host was asked, and what it keeps. */
export interface Host {
  readonly url: string;
  readonly comments: Comment[];
  readonly requests: string[];
  /** Tokens that may write. */
  readonly writers: Set<string>;
  readonly server: Server;
}

const PATH = /\/(?:issues\/7\/comments|merge_requests\/7\/notes|issues\/comments)(?:\/(\d+))?$/;
const BOT = 5;
const MOST = { github: 65_536, gitlab: 1_000_000 } as const;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** The few calls of a host's API that a comment takes, with its pages, rights and limits. */
export async function host(kind: keyof typeof MOST): Promise<Host> {
  const kept: Omit<Host, 'url' | 'server'> = { comments: [], requests: [], writers: new Set(['writer']) };
  let url = '';
  const shown = ({ id, body, byBot }: Comment): object =>
    kind === 'github'
      ? { id, body, url: `${url}/repos/shop/shop/issues/comments/${id}`, user: { type: byBot ? 'Bot' : 'User' } }
      : { id, body, author: { id: byBot ? BOT : 1 } };
  const answer = async (request: IncomingMessage): Promise<[status: number, body: unknown]> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const { authorization = '', 'private-token': token = authorization.replace('Bearer ', '') } = request.headers;
    const isWriter = kept.writers.has(String(token));
    kept.requests.push(`${request.method} ${request.url}`);
    if (pathname === '/user') return isWriter ? [200, { id: BOT }] : [401, { message: '401 Unauthorized' }];
    const [, id] = PATH.exec(pathname) ?? [];
    if (request.method === 'GET') {
      const [size, page] = [Number(searchParams.get('per_page') ?? 30), Number(searchParams.get('page') ?? 1)];
      return [200, kept.comments.slice((page - 1) * size, page * size).map(shown)];
    }
    if (!isWriter) return [403, { message: 'Resource not accessible by integration' }];
    const { body } = JSON.parse(await bodyOf(request)) as { body: string };
    if (body.length > MOST[kind]) return [422, { message: `body is too long (maximum is ${MOST[kind]} characters)` }];
    const known = kept.comments.find((one) => one.id === Number(id));
    if (request.method !== 'POST' && !known) return [404, { message: 'Not Found' }];
    const comment = known ?? { id: kept.comments.length + 1, body, byBot: true };
    comment.body = body;
    if (!known) kept.comments.push(comment);
    return [known ? 200 : 201, shown(comment)];
  };
  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ...kept, url, server };
}
