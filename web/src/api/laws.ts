/**
 * The laws' words as JSON, mirroring crates/laws/src/*.rs (command, event, facts, format, side).
 * Types only: generated OpenAPI types can take this file's place.
 */

export type Side = 'home' | 'away';
export type Both<T> = { home: T; away: T };
export type Score = Both<number>;
export type End = 'left' | 'right';
export type Place = 'first' | 'second';
export type Seat = { side: Side; place?: Place };

export type Discipline = 'singles' | 'doubles';
export type Card = 'yellow' | 'yellow_red' | 'red';
export type CardTo = 'player' | 'second_player' | 'bench';
export type How = 'ordinary' | 'ace' | 'service_error' | 'net_roller' | 'edge' | 'net_or_edge' | 'thirteenth_return';
export type LetReason = 'net_service' | 'not_ready' | 'disturbance' | 'interrupted';
export type ExpediteReason = 'time_limit' | 'agreement';
export type YesNo = 'yes' | 'no';
export type SuspensionReason = 'injury' | 'bleeding' | 'equipment' | 'conditions' | 'referee' | 'other';
export type ReviewOutcome = 'overturned' | 'upheld' | 'inconclusive';

export type Status =
  | 'scheduled'
  | 'called'
  | 'warm_up'
  | 'in_play'
  | 'interval'
  | 'suspended'
  | 'finished'
  | 'retired'
  | 'walkover'
  | 'disqualified'
  | 'abandoned'
  | 'postponed'
  | 'cancelled';
export type Certainty = 'provisional' | 'unofficial' | 'official' | 'protested';
export type Notice =
  | 'game_point_home'
  | 'game_point_away'
  | 'match_point_home'
  | 'match_point_away'
  | 'deuce'
  | 'towel'
  | 'ends_changed'
  | 'start_game'
  | 'choose';

export type Format = {
  discipline: Discipline;
  best_of: number;
  game_points: number;
  win_by: number;
  deciding_game_points: number;
  change_over_points: number;
  serves_per_turn: number;
  time_outs: number;
  time_out_seconds: number;
  interval_seconds: number;
  warm_up_seconds: number;
  injury_seconds: number;
  towel_every: number;
  expedite_after_seconds: number;
  expedite_unless_points: number;
  challenges: number;
  cards: { penalty_points: number[] };
};

export type Outcome =
  | { type: 'point'; to: Side; how?: How; strokes?: number }
  | { type: 'let'; reason?: LetReason };

export type Break =
  | { type: 'time_out'; side: Side }
  | { type: 'towel' }
  | { type: 'suspension'; reason: SuspensionReason; side?: Side }
  | { type: 'review'; side: Side };

export type Facts = {
  status: Status;
  certainty: Certainty;
  games: Score[];
  score: Score;
  serves_first?: Side;
  server?: Seat;
  receiver?: Seat;
  home_end?: End;
  winner?: Side;
  ball_in_play: YesNo;
  expedite: 'off' | 'on';
  break?: Break;
  time_outs_left: Both<number>;
  challenges_left: Both<number>;
  cards: Both<Card[]>;
  bench_cards: Both<Card[]>;
  pending_points: Both<number>;
  notices: Notice[];
};

export type Command =
  | Outcome
  | { type: 'call' | 'start_warm_up' | 'start_rally' | 'take_towel_break' | 'resume' }
  | { type: 'postpone' | 'reschedule' | 'cancel' | 'abandon' }
  | { type: 'undo' | 'redo' | 'confirm_result' }
  | { type: 'choose'; first_server: Side; home_end?: End }
  | { type: 'start_game'; server?: Seat; receiver?: Seat }
  | { type: 'correct_service'; server: Seat; receiver?: Seat }
  | { type: 'correct_ends'; home_end: End }
  | { type: 'introduce_expedite'; reason: ExpediteReason; ball_in_play?: YesNo; played_ms?: number }
  | { type: 'take_time_out'; side: Side }
  | { type: 'suspend'; reason: SuspensionReason; side?: Side }
  | { type: 'show_card'; side: Side; to?: CardTo; card: Card }
  | { type: 'request_review'; side: Side }
  | { type: 'decide_review'; outcome: ReviewOutcome }
  | { type: 'retire' | 'disqualify' | 'protest_result'; side: Side; reason?: string }
  | { type: 'walk_over'; side: Side }
  | { type: 'amend'; seq: number; outcome: Outcome }
  | { type: 'set_score'; games: Score[]; server?: Seat; receiver?: Seat }
  | { type: 'hand_over'; to: string }
  | { type: 'reopen_result'; reason: string };

/** The score after an event. */
export type After = { game: number; score: Score; games: Score };

export type LawsEvent =
  | { type: 'called' | 'warm_up_started' | 'rally_started' | 'towel_break_taken' | 'resumed' }
  | { type: 'postponed' | 'rescheduled' | 'cancelled' | 'abandoned' | 'result_confirmed' }
  | { type: 'chosen'; first_server: Side; home_end?: End }
  | { type: 'game_started'; game: number; server: Seat; receiver: Seat }
  | ({ type: 'point_scored'; to: Side; how?: How; strokes?: number } & After)
  | { type: 'let_called'; reason?: LetReason }
  | { type: 'service_corrected'; server: Seat; receiver: Seat }
  | { type: 'ends_corrected'; home_end: End }
  | { type: 'expedite_introduced'; reason: ExpediteReason; ball_in_play: YesNo }
  | { type: 'time_out_taken'; side: Side }
  | { type: 'suspended'; reason: SuspensionReason; side?: Side }
  | ({ type: 'card_shown'; side: Side; to: CardTo; card: Card; penalty_points: number } & After)
  | { type: 'review_requested'; side: Side }
  | { type: 'review_decided'; side: Side; outcome: ReviewOutcome }
  | { type: 'retired' | 'disqualified' | 'result_protested'; side: Side; reason?: string }
  | { type: 'walked_over'; side: Side }
  | { type: 'retracted' | 'reinstated'; seq: number }
  | { type: 'amended'; seq: number; outcome: Outcome }
  | { type: 'score_set'; games: Score[]; server?: Seat; receiver?: Seat }
  | { type: 'handed_over'; to: string }
  | { type: 'result_reopened'; reason: string };
