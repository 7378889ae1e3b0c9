// A fake Topspin server for developing and testing screens: in memory, one process, no laws worth the name.
// node dev/fake-server.mjs [port] [--demo N]   serves web/dist too, with the content security policy of the real one.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FakeMatch } from './fake-match.mjs';
import { demo } from './fake-world.mjs';

const PORT = Number(process.argv[2] ?? 8090);
const TOKEN = process.env.TOKEN ?? 'fake-token';
const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
const LIVE = ['called', 'warm_up', 'in_play', 'interval', 'suspended'];

const matches = new Map();
const answers = new Map();
const listeners = new Set();
/** Every event of every match in order: the cursor across matches is an index into it. */
const feed = [];

export const world = {
  create(given) {
    const match = new FakeMatch(given);
    matches.set(match.given.id, match);
    publish(match, match.events[0]);
    return match;
  },
  command(match, command, at) {
    const event = match.obey(command, at);
    publish(match, event);
    return event;
  },
};

function publish(match, event) {
  feed.push({ event, match: match.resource() });
  for (const listener of listeners) listener(feed.length - 1);
}

const problem = (status, code, detail, more = {}) => [status, { type: `urn:topspin:${code}`, title: code, status, detail, code, retryable: status >= 500, ...more }];

function obey(id, body) {
  const match = matches.get(id);
  if (!match) return problem(404, 'match_not_found', 'there is no such match');
  const known = answers.get(body.command_id);
  if (known) return known;
  if (body.lease && body.lease < match.lease && body.command.type !== 'hand_over') return problem(409, 'lease_lost', 'another tablet scores this match');
  if (body.expected_seq !== undefined && body.expected_seq !== match.seq) return problem(412, 'seq_mismatch', `the match is at ${match.seq}`);
  try {
    const event = world.command(match, body.command, body.occurred_at);
    const answer = [200, { verdict: 'accepted', command_id: body.command_id, from_seq: event.seq, seq: event.seq, epoch: 1, lease: match.lease, events: [event], match: match.resource() }];
    answers.set(body.command_id, answer);
    return answer;
  } catch (error) {
    if (!error.code) throw error;
    return problem(409, error.code, error.message, { law: error.law });
  }
}

function list(query) {
  const status = query.get('status');
  const items = [...matches.values()].map((match) => match.resource()).filter((match) => !status || match.status === status || (status === 'live' && LIVE.includes(match.status)));
  return [200, { items: items.slice(0, Number(query.get('limit') ?? 50)), next_cursor: null }];
}

function events(id, query) {
  const from = Number(query.get('from') ?? 1);
  const all = matches.get(id)?.events ?? [];
  return [200, { items: all.slice(from - 1, from - 1 + Number(query.get('limit') ?? 500)), next_from: null, head_seq: all.length }];
}

function stream(request, response, id, query) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (kind, data, at) => response.write(`${at === undefined ? '' : `id: ${at}\n`}event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
  const wanted = (entry) => !id || entry.event.match_id === id;
  const position = (entry, index) => (id ? `1-${entry.event.seq}` : String(index));
  const resume = request.headers['last-event-id'] ?? query.get('last_event_id');
  if (resume) feed.forEach((entry, i) => wanted(entry) && (id ? entry.event.seq > Number(resume.split('-')[1]) : i > Number(resume)) && send('match', entry, position(entry, i)));
  else for (const match of matches.values()) if (!id || match.given.id === id) send('snapshot', match.resource(), id ? `1-${match.seq}` : feed.length - 1);
  const listener = (i) => wanted(feed[i]) && send('match', feed[i], position(feed[i], i));
  listeners.add(listener);
  const beat = setInterval(() => send('heartbeat', { server_time: new Date().toISOString() }), 2000);
  request.on('close', () => (listeners.delete(listener), clearInterval(beat)));
}

async function file(path, response) {
  const name = /^\/(umpire|board)(\/|$)/.test(path) ? `/${path.split('/')[1]}.html` : path;
  try {
    const body = await readFile(join(DIST, normalize(name)));
    response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream', 'content-security-policy': CSP });
    response.end(body);
  } catch {
    response.writeHead(404).end('not found');
  }
}

async function answer(request, response) {
  const url = new URL(request.url, 'http://fake');
  const [, , , id, part] = url.pathname.split('/');
  if (!url.pathname.startsWith('/v1/')) return file(url.pathname, response);
  if (url.pathname === '/v1/live') return stream(request, response, undefined, url.searchParams);
  if (part === 'live') return stream(request, response, id, url.searchParams);
  let body = '';
  for await (const chunk of request) body += chunk;
  const [status, json] = route(request, url, id, part, body);
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
  response.end(JSON.stringify(json));
}

function route(request, url, id, part, body) {
  if (request.method === 'POST' && request.headers.authorization !== `Bearer ${TOKEN}`) return problem(401, 'unauthorised', 'this needs the token');
  if (url.pathname.startsWith('/v1/devices')) return [200, { server_time: new Date().toISOString(), clock_offset_ms: 0 }];
  if (request.method === 'POST') return id ? obey(id, JSON.parse(body)) : [201, world.create(JSON.parse(body)).resource()];
  if (part === 'events') return events(id, url.searchParams);
  if (!id) return list(url.searchParams);
  return matches.has(id) ? [200, matches.get(id).resource()] : problem(404, 'match_not_found', 'there is no such match');
}

createServer((request, response) => void answer(request, response)).listen(PORT, '127.0.0.1', () => console.log(`fake Topspin on http://127.0.0.1:${PORT} token ${TOKEN}`));
const tables = process.argv.indexOf('--demo');
if (tables > 0) demo(world, Number(process.argv[tables + 1] ?? 8));
