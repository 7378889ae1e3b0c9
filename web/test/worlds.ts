/** Small matches and events for tests. */
import type { Facts, Format, LawsEvent } from '../src/api/laws';
import type { Match, MatchEvent } from '../src/api/match';

export const FORMAT: Format = {
  discipline: 'singles', best_of: 5, game_points: 11, win_by: 2, deciding_game_points: 11, change_over_points: 5,
  serves_per_turn: 2, time_outs: 1, time_out_seconds: 60, interval_seconds: 60, warm_up_seconds: 120, injury_seconds: 600,
  towel_every: 6, expedite_after_seconds: 600, expedite_unless_points: 18, challenges: 0, cards: { penalty_points: [1, 2] },
};

export const facts = (part: Partial<Facts> = {}): Facts => ({
  status: 'in_play', certainty: 'provisional', games: [{ home: 0, away: 0 }], score: { home: 0, away: 0 }, ball_in_play: 'no',
  expedite: 'off', time_outs_left: { home: 1, away: 1 }, challenges_left: { home: 0, away: 0 }, cards: { home: [], away: [] },
  bench_cards: { home: [], away: [] }, pending_points: { home: 0, away: 0 }, notices: [], ...part,
});

export function match(part: Partial<Match> = {}, state: Partial<Facts> = {}): Match {
  const whole = facts(state);
  const { status, certainty, games, score } = whole;
  return {
    id: 'm1', external_ids: [], status, certainty, format: FORMAT, games, score, state: whole, epoch: 1, lease: 1, seq: 1, chain: '',
    sides: { home: { players: [{ name: 'Mira Lindqvist' }] }, away: { players: [{ name: 'Tomasz WIERZBICKI' }] } },
    state_hash: '', created_at: '2026-01-01T10:00:00.000Z', updated_at: '2026-01-01T10:00:00.000Z', ...part,
  };
}

const START = Date.parse('2026-01-01T10:00:00.000Z');
export const at = (seconds: number): number => START + seconds * 1000;

/** Events in order, each at its second. */
export const events = (...list: [number, LawsEvent][]): MatchEvent[] =>
  list.map(([second, event], i) => ({
    match_id: 'm1', epoch: 1, seq: i + 1, lease: 1, recorded_at: new Date(at(second)).toISOString(), event,
  }));

export const gameStarted = (game = 1): LawsEvent => ({ type: 'game_started', game, server: { side: 'home' }, receiver: { side: 'away' } });
export const point = (to: 'home' | 'away', home: number, away: number): LawsEvent => ({
  type: 'point_scored', to, game: 1, score: { home, away }, games: { home: 0, away: 0 },
});
