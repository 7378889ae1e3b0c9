/** The shell behind a board: one stream, the time, and how fresh the picture is. */
import type { LiveItem } from '../api/match';
import { begin, type Session } from '../live/session';
import { openStream } from '../live/stream';

export class Feed {
  session = $state.raw<Session>(begin(Date.now())[0]);
  clockOffsetMs = $state(0);
  now = $state(Date.now());

  get serverNow(): number {
    return this.now + this.clockOffsetMs;
  }

  /** Follows `path` for ever; returns how to stop. `reset`: what is known is to be forgotten, snapshots follow. */
  follow(path: string, take: (items: LiveItem[]) => void, reset?: () => void): () => void {
    const close = openStream(path, {
      items: take,
      ...(reset ? { reset } : {}),
      session: (session) => (this.session = session),
      clockOffsetMs: (offset) => (this.clockOffsetMs = offset),
    });
    const timer = setInterval(() => (this.now = Date.now()), 250);
    return () => {
      close();
      clearInterval(timer);
    };
  }
}
