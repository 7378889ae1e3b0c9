/** HTTP resources around the laws, with the API's field names. Replaceable by generated types, like laws.ts. */
import type { Both, Certainty, Command, Facts, Format, LawsEvent, Score, Seat, Side, Status } from './laws';

export type Player = { id?: string; name: string };
export type Entry = { name?: string; players: Player[] };

export type Match = {
  id: string;
  external_ids: string[];
  competition_id?: string;
  category?: string;
  tie_id?: string;
  venue_id?: string;
  table?: string;
  scheduled_at?: string;
  status: Status;
  certainty: Certainty;
  format: Format;
  sides: Both<Entry>;
  games: Score[];
  score: Score;
  server?: Seat;
  winner?: Side;
  state: Facts;
  epoch: number;
  lease: number;
  seq: number;
  chain: string;
  state_hash: string;
  reported_result?: { source: string; games: Score[]; winner?: Side; reason?: string };
  created_at: string;
  updated_at: string;
};

/** An event as delivered; `event` is open-ended, because newer servers may say more than these types know. */
export type MatchEvent = {
  match_id: string;
  epoch: number;
  seq: number;
  lease: number;
  command_id?: string;
  occurred_at?: string;
  recorded_at: string;
  event: LawsEvent | { type: 'created' | 'moved' | 'result_reported' | 'strokes_recorded' };
};

export type CommandRequest = {
  command_id: string;
  command: Command;
  expected_seq: number;
  lease: number;
  occurred_at: string;
  precision: 'ms';
  device: string;
};

export type Accepted = {
  verdict: 'accepted';
  command_id: string;
  from_seq: number;
  seq: number;
  epoch: number;
  lease: number;
  events: MatchEvent[];
  match: Match;
};

/** RFC 9457, with the members that this API adds. */
export type Problem = {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  retryable: boolean;
  law?: string;
};

/** News of a match: from a live stream, or an answer to a request. */
export type LiveItem =
  | { kind: 'snapshot' | 'answer'; match: Match }
  | { kind: 'match'; event: MatchEvent; match: Match };

/**
 * Whether news takes the place of what is known. A stream's snapshot is where the match stands, even if that is further
 * back: a log that was restored from a backup. Everything else may be overtaken on its way.
 */
export function supersedes({ kind, match }: LiveItem, known: Match | undefined): boolean {
  if (!known || kind === 'snapshot' || match.epoch > known.epoch) return true;
  return match.epoch === known.epoch && match.seq >= known.seq;
}

export type Page<T> = { items: T[]; next_cursor?: string | null };
export type EventPage = { items: MatchEvent[]; next_from?: number | null; head_seq: number };
