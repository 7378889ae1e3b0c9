/** The typed HTTP client. One small function a route; the only place that knows paths. */
import type { Accepted, CommandRequest, EventPage, Match, MatchEvent, Page, Problem } from './match';
import { readToken } from './token';

/** The server answered, and the answer is no. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

/** Nothing, or nothing readable, came back: whether the request took effect is not known. */
export class Unreachable extends Error {}

/** The server has the request and no verdict yet: the same request, sent again, asks for it. */
export class Unconfirmed extends Error {}

/** Longer than a server waits for a verdict before it says so. */
const TIMEOUT_MS = 8_000;
const EVENTS_A_PAGE = 500;
/** A match holds far fewer; a bound so that a faulty server cannot keep a screen busy. */
const EVENT_PAGES_MAX = 40;

export const fetchMatch = (id: string): Promise<Match> => ask(`/v1/matches/${encodeURIComponent(id)}`);

export function listMatches(filter: { status?: string; competition?: string; cursor?: string; limit?: number }): Promise<Page<Match>> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, String(value));
  return ask(`/v1/matches?${query}`);
}

/** All events from position `from` (inclusive) to the head. */
export async function fetchEvents(id: string, from: number): Promise<MatchEvent[]> {
  const events: MatchEvent[] = [];
  for (let page = 0, next = from; page < EVENT_PAGES_MAX; page++) {
    const path = `/v1/matches/${encodeURIComponent(id)}/events?from=${next}&limit=${EVENTS_A_PAGE}`;
    const answer = await ask<EventPage>(path);
    events.push(...answer.items);
    if (!answer.next_from || answer.items.length === 0) break;
    next = answer.next_from;
  }
  return events;
}

export const sendCommand = (matchId: string, body: CommandRequest): Promise<Accepted> =>
  ask(`/v1/matches/${encodeURIComponent(matchId)}/commands`, body);

export type Heartbeat = { client_time: string; match_id?: string; battery_percent?: number; charging?: boolean };

export const sendHeartbeat = (device: string, body: Heartbeat): Promise<{ clock_offset_ms: number }> =>
  ask(`/v1/devices/${encodeURIComponent(device)}/heartbeat`, body);

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const response = await reach(path, body);
  const answer = await readJson(response);
  if (response.status === 202) throw new Unconfirmed('not confirmed yet');
  if (response.ok) return answer as T;
  throw new Refused(asProblem(answer, response.status));
}

async function reach(path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  const token = readToken();
  if (token) headers.authorization = `Bearer ${token}`;
  const request: RequestInit = { headers, signal: AbortSignal.timeout(TIMEOUT_MS), cache: 'no-store' };
  if (body !== undefined) {
    headers['content-type'] = 'application/json';
    request.method = 'POST';
    request.body = JSON.stringify(body);
  }
  try {
    return await fetch(path, request);
  } catch (cause) {
    throw new Unreachable('no answer', { cause });
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    if (!response.ok) return null;
    throw new Unreachable('the answer broke off', { cause });
  }
}

/** A proxy or an older server may answer without a problem document: judge by the status then. */
export function asProblem(answer: unknown, status: number): Problem {
  const given = (typeof answer === 'object' && answer !== null ? answer : {}) as Partial<Problem>;
  const retryable = given.retryable ?? (status >= 500 || status === 429 || status === 408);
  return { ...given, title: given.title ?? `HTTP ${status}`, status, code: given.code ?? `http_${status}`, retryable };
}
