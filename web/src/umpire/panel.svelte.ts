/** The panel's shell: holds its state, runs the pure transitions, talks to the server. */
import { Refused, fetchEvents, fetchMatch, sendCommand } from '../api/client';
import type { Command, Side } from '../api/laws';
import { supersedes, type LiveItem, type Match, type MatchEvent, type Problem } from '../api/match';
import { uuid } from '../api/uuid';
import { begin, type Session } from '../live/session';
import { openStream } from '../live/stream';
import { firstMissing, holderOf, mergeEvents } from '../match/history';
import { load, save } from '../match/storage';
import { deviceId, deviceLabel } from './device';
import { BUTTON_GUARD_MS, ENDS_GUARD_MS, POINT_GUARD_MS, guard, isGuarded, targetOf, type Guards } from './guard';
import { hold, keepLease, keptLease, type Hold } from './lease';
import * as queues from './queue';
import { troubleOf, type Trouble } from './trouble';

const QUEUE_TICK_MS = 200;
const queueKey = (matchId: string): string => `topspin.queue.${matchId}`;

export class Panel {
  match = $state.raw<Match>();
  events = $state.raw<MatchEvent[]>([]);
  queue = $state.raw<queues.Queue>(queues.EMPTY);
  session = $state.raw<Session>(begin(Date.now())[0]);
  guards = $state.raw<Guards>({});
  trouble = $state.raw<Trouble>();
  loadProblem = $state.raw<Problem>();
  lease = $state<number>();
  clockOffsetMs = $state(0);
  now = $state(Date.now());
  /** Good returns counted in this rally under expedite. */
  returns = $state(0);

  readonly id: string;
  private stops: (() => void)[] = [];
  private backfilling = false;

  constructor(id: string) {
    this.id = id;
    this.queue = queues.restore(load(queueKey(id)));
    this.lease = keptLease(id);
  }

  start(): void {
    const stream = openStream(`/v1/matches/${encodeURIComponent(this.id)}/live`, {
      items: (items) => this.take(items),
      session: (session) => (this.session = session),
      clockOffsetMs: (offset) => (this.clockOffsetMs = offset),
    });
    const timer = setInterval(() => {
      this.now = Date.now();
      void this.pump();
    }, QUEUE_TICK_MS);
    this.stops = [stream, () => clearInterval(timer)];
    void this.refetch();
  }

  stop(): void {
    this.stops.forEach((stop) => stop());
  }

  get hold(): Hold {
    return this.match ? hold(this.match, this.lease) : 'free';
  }

  get holder(): string | undefined {
    return holderOf(this.events);
  }

  get serverNow(): number {
    return this.now + this.clockOffsetMs;
  }

  get pending(): number {
    return queues.pending(this.queue);
  }

  isGuarded(target: string): boolean {
    return isGuarded(this.guards, target, this.now);
  }

  /** A rally's outcome, with the guard that both players' areas share. */
  rally(command: Command): boolean {
    return this.press(command, 'rally', POINT_GUARD_MS);
  }

  point(to: Side): boolean {
    return this.rally({ type: 'point', to });
  }

  /** Any other button. Returns whether the press counted. */
  press(command: Command, target = targetOf(command), guardMs = BUTTON_GUARD_MS): boolean {
    const now = Date.now();
    this.now = now;
    if (isGuarded(this.guards, target, now)) return false;
    this.guards = guard(this.guards, target, now, guardMs);
    this.returns = 0;
    return this.enqueue(command);
  }

  takeOver(label: string): void {
    if (this.match) this.setLease(this.match.lease);
    this.trouble = undefined;
    this.enqueue({ type: 'hand_over', to: label });
  }

  authorise(): void {
    this.queue = queues.authorise(this.queue);
    void this.pump();
  }

  private enqueue(command: Command): boolean {
    this.claimIfFree();
    const queue = queues.push(this.queue, { id: uuid(), command, tappedAt: Date.now() });
    if (queue === this.queue) this.trouble = { kind: 'queue_full' };
    else this.setQueue(queue);
    void this.pump();
    return queue.taps.length > 0;
  }

  /** The first press raises the lease, so that no second tablet can believe that it scores too. */
  private claimIfFree(): void {
    const claiming = this.queue.taps.some(({ command }) => command.type === 'hand_over');
    if (this.hold !== 'free' || claiming) return;
    const command: Command = { type: 'hand_over', to: deviceLabel() };
    this.setQueue(queues.push(this.queue, { id: uuid(), command, tappedAt: Date.now() }));
  }

  private async pump(): Promise<void> {
    if (!this.match) return;
    const ground = {
      seq: this.match.seq,
      lease: this.lease ?? this.match.lease,
      clockOffsetMs: this.clockOffsetMs,
      device: deviceId(),
    };
    const [queue, body] = queues.next(this.queue, ground, Date.now());
    if (!body) return;
    this.setQueue(queue);
    try {
      const answer = await sendCommand(this.id, body);
      if (body.command.type === 'hand_over') this.setLease(answer.lease);
      this.absorb({ kind: 'answer', match: answer.match }, answer.events);
      this.setQueue(queues.accepted(this.queue, body.command_id));
      void this.pump();
    } catch (error) {
      this.fail(error, body.command);
    }
  }

  private fail(error: unknown, command: Command): void {
    // After a failure of the server, or without a verdict yet, the tap may have been recorded: only the same id can tell.
    if (!(error instanceof Refused) || error.problem.retryable || error.problem.status >= 500) {
      this.setQueue(queues.failed(this.queue, Date.now(), Math.random()));
      return;
    }
    const { problem } = error;
    const [queue, dropped] = queues.refused(this.queue, problem);
    this.setQueue(queue);
    if (dropped.length === 0) return;
    this.trouble = troubleOf(command, problem, dropped.length);
    void this.refetch();
  }

  private async refetch(): Promise<void> {
    try {
      const match = await fetchMatch(this.id);
      this.loadProblem = undefined;
      this.absorb({ kind: 'answer', match }, []);
    } catch (error) {
      if (error instanceof Refused && !this.match) this.loadProblem = error.problem;
    }
  }

  private take(items: LiveItem[]): void {
    for (const item of items) this.absorb(item, item.kind === 'match' ? [item.event] : []);
  }

  /** The latest position wins: answers and the stream bring the same news in any order. */
  private absorb(item: LiveItem, events: MatchEvent[]): void {
    const { match } = item;
    const before = this.match;
    if (supersedes(item, before)) {
      this.match = match;
      // The server went on from a backup: what it no longer has did not happen.
      if (before && match.seq < before.seq) this.events = [];
    }
    if (before && before.state.home_end !== match.state.home_end && match.seq > before.seq) {
      this.guards = guard(this.guards, 'rally', Date.now(), ENDS_GUARD_MS);
    }
    if (events.length > 0) this.events = mergeEvents(this.events, events);
    void this.backfill();
  }

  /** Fetches the events that the stream did not bring: at the start, and after any hole. */
  private async backfill(): Promise<void> {
    const missing = firstMissing(this.events);
    if (this.backfilling || !this.match || missing > this.match.seq) return;
    this.backfilling = true;
    try {
      this.events = mergeEvents(this.events, await fetchEvents(this.id, missing));
    } catch {
      // Timeline and clocks wait; the score does not depend on them. The next event tries again.
    } finally {
      this.backfilling = false;
    }
  }

  private setQueue(queue: queues.Queue): void {
    this.queue = queue;
    save(queueKey(this.id), queues.keep(queue));
  }

  private setLease(lease: number): void {
    this.lease = lease;
    keepLease(this.id, lease);
  }
}
