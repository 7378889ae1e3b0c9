/**
 * A live session as a state machine without IO: inputs in, state and effects out. The shell (stream.ts) owns the
 * EventSource and the timer. A session never gives up: a board in a hall may wait a night for its server.
 *
 * A page that nobody sees holds no stream: a browser opens six connections to a server, and the seventh page would not
 * even load. When the page is shown again, the session resumes from its position.
 */
import { pauseMs, type Backoff } from './backoff';

/** How long without any message until the picture counts as stale: three missed heartbeats of 2 s. */
export const STALE_AFTER_MS = 6_500;
/** How long without any message until the connection counts as dead and is replaced. */
export const DEAD_AFTER_MS = 12_000;
/** How long an opening connection may take. */
export const OPEN_WITHIN_MS = 10_000;
export const RECONNECT: Backoff = { baseMs: 400, ceilingMs: 10_000 };

export type Phase = 'connecting' | 'live' | 'stale' | 'offline';

export type Session = {
  phase: Phase;
  /** The position to resume from; absent before the first message. */
  lastEventId?: string;
  /** When the server was last heard; absent before the first message. */
  heardAt?: number;
  /** Failed attempts since the server was last heard. */
  attempt: number;
  /** When the machine wants a tick, at the latest. */
  wakeAt: number;
  /** Whether a connection is open or opening. */
  connected: boolean;
  /** Whether the page is hidden: nothing is opened until it is shown. */
  hidden: boolean;
};

export type Input =
  | { type: 'heard'; at: number; id?: string }
  | { type: 'failed'; at: number; random: number }
  | { type: 'tick'; at: number; random: number }
  | { type: 'network_back'; at: number }
  | { type: 'hidden' }
  | { type: 'shown'; at: number }
  /** The server cannot continue from where this session stands: the next connection begins with snapshots. */
  | { type: 'forget' };

export type Effect = { type: 'open'; lastEventId?: string } | { type: 'close' };
export type Step = [Session, Effect[]];

/** `hidden`: the page was loaded behind another. */
export function begin(at: number, hidden = false): Step {
  const session: Session = { phase: 'connecting', attempt: 0, wakeAt: at, connected: false, hidden };
  return hidden ? [session, []] : open(session, at);
}

export function step(session: Session, input: Input): Step {
  switch (input.type) {
    case 'heard':
      return heard(session, input.at, input.id);
    case 'failed':
      return session.connected ? retreat(session, input.at, input.random) : [session, []];
    case 'network_back':
      return session.phase === 'offline' && !session.hidden ? open({ ...session, attempt: 0 }, input.at) : [session, []];
    case 'hidden':
      return session.hidden ? [session, []] : [{ ...session, hidden: true, connected: false }, [{ type: 'close' }]];
    case 'shown':
      return session.hidden ? shown(session, input.at) : [session, []];
    case 'forget':
      return [forget(session), []];
    case 'tick':
      return input.at >= session.wakeAt && !session.hidden ? woken(session, input.at, input.random) : [session, []];
  }
}

/** Milliseconds since the server was heard. */
export const ageMs = (session: Session, at: number): number | undefined =>
  session.heardAt === undefined ? undefined : Math.max(0, at - session.heardAt);

function heard(session: Session, at: number, id?: string): Step {
  // What was on its way when the stream was closed.
  if (session.hidden) return [session, []];
  const next: Session = { ...session, phase: 'live', heardAt: at, attempt: 0, wakeAt: at + STALE_AFTER_MS };
  return [id ? { ...next, lastEventId: id } : next, []];
}

function forget({ lastEventId: _, ...session }: Session): Session {
  return session;
}

/** What stands on the page is as old as its hiding, until the server is heard. */
function shown(session: Session, at: number): Step {
  const phase = session.heardAt === undefined ? 'connecting' : 'stale';
  return open({ ...session, phase, attempt: 0, hidden: false }, at);
}

function woken(session: Session, at: number, random: number): Step {
  if (!session.connected) return open(session, at);
  if (session.phase === 'live') {
    return [{ ...session, phase: 'stale', wakeAt: (session.heardAt ?? at) + DEAD_AFTER_MS }, []];
  }
  return retreat(session, at, random);
}

function retreat(session: Session, at: number, random: number): Step {
  const wakeAt = at + pauseMs(RECONNECT, session.attempt, random);
  return [
    { ...session, phase: 'offline', connected: false, attempt: session.attempt + 1, wakeAt },
    [{ type: 'close' }],
  ];
}

function open(session: Session, at: number): Step {
  const resume = session.lastEventId === undefined ? {} : { lastEventId: session.lastEventId };
  return [{ ...session, connected: true, wakeAt: at + OPEN_WITHIN_MS }, [{ type: 'open', ...resume }]];
}
