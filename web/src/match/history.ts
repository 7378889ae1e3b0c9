/** Reading a match's events: what still stands, and the rallies of the current game. */
import type { Outcome, Score, Side } from '../api/laws';
import type { MatchEvent } from '../api/match';

/** When an event happened, as well as it is known. */
export const timeOf = (event: MatchEvent): number => Date.parse(event.occurred_at ?? event.recorded_at);

/** Puts new events among known ones: ordered by position, each once. */
export function mergeEvents(known: MatchEvent[], more: MatchEvent[]): MatchEvent[] {
  const head = known.at(-1)?.seq ?? 0;
  if (more.every((event, i) => event.seq === head + 1 + i)) return more.length > 0 ? [...known, ...more] : known;
  const bySeq = new Map(known.map((event) => [event.seq, event]));
  for (const event of more) bySeq.set(event.seq, event);
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

/** The first position missing, where events do not reach back to 1 or have a hole; else the one after the last. */
export function firstMissing(events: MatchEvent[]): number {
  let next = 1;
  for (const event of events) {
    if (event.seq > next) return next;
    next = event.seq + 1;
  }
  return next;
}

/** The events that still stand: nothing that was retracted, and no retraction itself. */
export function liveEvents(events: MatchEvent[]): MatchEvent[] {
  const gone = new Set<number>();
  for (const { event } of events) {
    if (event.type === 'retracted') gone.add(event.seq);
    if (event.type === 'reinstated') gone.delete(event.seq);
  }
  return events.filter(
    (event) => !gone.has(event.seq) && event.event.type !== 'retracted' && event.event.type !== 'reinstated',
  );
}

export type Rally = {
  seq: number;
  outcome: Outcome;
  /** The score after it. */
  score: Score;
  /** Whether an amendment changed it. */
  amended: boolean;
};

export type GameHistory = { game: number; rallies: Rally[] };

/** The rallies of every game, amendments applied, in order. */
export function gamesHistory(events: MatchEvent[]): GameHistory[] {
  const live = liveEvents(events);
  const amended = new Map<number, Outcome>();
  for (const { event } of live) if (event.type === 'amended') amended.set(event.seq, event.outcome);
  const games: GameHistory[] = [];
  let score: Score = { home: 0, away: 0 };
  let changed = false;
  for (const { seq, event } of live) {
    if (event.type === 'game_started') {
      games.push({ game: event.game, rallies: [] });
      score = { home: 0, away: 0 };
      changed = false;
    } else if (event.type === 'score_set') {
      score = { ...(event.games.at(-1) ?? { home: 0, away: 0 }) };
    } else if (event.type === 'card_shown') {
      score = { ...score, [other(event.side)]: score[other(event.side)] + awardedAtOnce(event, score) };
    }
    const given = outcomeOf(event);
    if (!given) continue;
    const outcome = amended.get(seq) ?? given;
    changed ||= amended.has(seq);
    // The event's own count knows penalty points that waited for this game; after an amendment it is out of date.
    if (!changed && event.type === 'point_scored') score = { ...event.score };
    else if (outcome.type === 'point') score = { ...score, [outcome.to]: score[outcome.to] + 1 };
    games.at(-1)?.rallies.push({ seq, outcome, score, amended: amended.has(seq) });
  }
  return games;
}

/** Penalty points that the card brought in its game: none where they wait for the next one. */
function awardedAtOnce(event: { side: Side; penalty_points: number; score: Score }, before: Score): number {
  const opponent = other(event.side);
  return event.score[opponent] > before[opponent] ? event.penalty_points : 0;
}

function outcomeOf(event: MatchEvent['event']): Outcome | undefined {
  if (event.type === 'point_scored') {
    const { to, how, strokes } = event;
    return { type: 'point', to, ...(how ? { how } : {}), ...(strokes ? { strokes } : {}) };
  }
  if (event.type === 'let_called') return { type: 'let', ...(event.reason ? { reason: event.reason } : {}) };
  return undefined;
}

/** The label of whoever scores now, from the latest hand-over. */
export function holderOf(events: MatchEvent[]): string | undefined {
  const found = events.findLast((event) => event.event.type === 'handed_over');
  return found?.event.type === 'handed_over' ? found.event.to : undefined;
}

export const other = (side: Side): Side => (side === 'home' ? 'away' : 'home');
