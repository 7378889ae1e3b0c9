/** The shell around a session: owns the EventSource and one timer, hands on what arrives. */
import type { LiveItem, Match, MatchEvent } from '../api/match';
import { begin, step, type Effect, type Input, type Session } from './session';

export type Handlers = {
  items: (items: LiveItem[]) => void;
  /** A stream across matches begins with snapshots: of what they do not bring, nothing is known any more. */
  reset?: () => void;
  session: (session: Session) => void;
  /** The difference of the server's clock to this device's, from heartbeats. */
  clockOffsetMs?: (offset: number) => void;
};

const TICK_MS = 500;

/** Opens a stream at `path` and keeps it open until the returned function is called. */
export function openStream(path: string, handlers: Handlers): () => void {
  let source: EventSource | undefined;
  let [session, effects] = begin(Date.now(), document.visibilityState === 'hidden');
  const feed = (input: Input): void => {
    [session, effects] = step(session, input);
    handlers.session(session);
    effects.forEach(perform);
  };
  const hear = (message: MessageEvent<string>): void =>
    feed({ type: 'heard', at: Date.now(), ...(message.lastEventId ? { id: message.lastEventId } : {}) });
  const perform = (effect: Effect): void => {
    source?.close();
    source = undefined;
    if (effect.type === 'close') return;
    source = new EventSource(withResume(path, effect.lastEventId));
    source.onerror = () => feed({ type: 'failed', at: Date.now(), random: Math.random() });
    for (const kind of ['snapshot', 'match'] as const) {
      source.addEventListener(kind, (message) => {
        const items = parseItems(kind, message.data);
        if (items.length > 0) handlers.items(items);
        // After the hand-over: a position counts as reached only when its item has been taken in.
        hear(message);
      });
    }
    source.addEventListener('reset', (message) => {
      handlers.reset?.();
      hear(message);
    });
    source.addEventListener('lagged', (message) => {
      if (parse(message.data)?.resume === undefined) feed({ type: 'forget' });
    });
    source.addEventListener('heartbeat', (message) => {
      const offset = parseOffset(message.data, Date.now());
      if (offset !== undefined) handlers.clockOffsetMs?.(offset);
      // Across matches the heartbeat carries the position that snapshots do not have.
      hear(message);
    });
  };
  handlers.session(session);
  effects.forEach(perform);
  const timer = setInterval(() => feed({ type: 'tick', at: Date.now(), random: Math.random() }), TICK_MS);
  const networkBack = (): void => feed({ type: 'network_back', at: Date.now() });
  window.addEventListener('online', networkBack);
  const seen = (): void => feed(document.visibilityState === 'hidden' ? { type: 'hidden' } : { type: 'shown', at: Date.now() });
  document.addEventListener('visibilitychange', seen);
  return () => {
    document.removeEventListener('visibilitychange', seen);
    clearInterval(timer);
    window.removeEventListener('online', networkBack);
    source?.close();
  };
}

/** A new EventSource cannot send the Last-Event-ID header, so the position goes into the query. */
function withResume(path: string, id: string | undefined): string {
  if (!id) return path;
  return `${path}${path.includes('?') ? '&' : '?'}last_event_id=${encodeURIComponent(id)}`;
}

/** A snapshot is one match, or all of them at once; what cannot be read is left out rather than stopping the screen. */
export function parseItems(kind: 'snapshot' | 'match', data: string): LiveItem[] {
  const value = parse(data);
  if (kind === 'snapshot') {
    const list = Array.isArray(value) ? value : Array.isArray(value?.items) ? value.items : [value];
    return list.filter(isMatch).map((match: Match) => ({ kind, match }));
  }
  return isMatch(value?.match) ? [{ kind, match: value.match, event: value.event as MatchEvent }] : [];
}

const isMatch = (value: unknown): value is Match =>
  typeof value === 'object' && value !== null && 'id' in value && 'state' in value;

function parseOffset(data: string, now: number): number | undefined {
  const server = Date.parse(parse(data)?.server_time ?? '');
  return Number.isFinite(server) ? server - now : undefined;
}

function parse(data: string): any {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
