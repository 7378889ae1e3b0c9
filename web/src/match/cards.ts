/** What a card would mean, said before it is shown (Regulation 3.5.2). The laws decide; this only explains. */
import type { Card, CardTo, Facts, Format, Side } from '../api/laws';
import { currentPoints } from './names';
import { other } from './history';

export type Consequence = {
  card: Card;
  /** Points for the opponent; 0 for a warning or a dismissal. */
  points: number;
  /** `next_game`: no game is being played, so the points count at its start. */
  counts: 'now' | 'next_game';
  /** Whether the points would decide the game being played. */
  winsGame: boolean;
  kind: 'warning' | 'penalty' | 'disqualification' | 'dismissal';
};

/** The cards that may be shown next, mildest first. Empty where only the referee can go further. */
export function nextCards(facts: Facts, format: Format, side: Side, to: CardTo): Card[] {
  if (to === 'bench') return facts.bench_cards[side].includes('yellow') ? ['red'] : ['yellow'];
  const shown = facts.cards[side];
  if (shown.includes('red')) return [];
  if (!shown.includes('yellow')) return ['yellow', 'red'];
  const penalties = shown.filter((card) => card === 'yellow_red').length;
  return penalties < format.cards.penalty_points.length ? ['yellow_red', 'red'] : ['red'];
}

export function consequence(facts: Facts, format: Format, side: Side, to: CardTo, card: Card): Consequence {
  const steps = format.cards.penalty_points;
  const before = facts.cards[side].filter((shown) => shown === 'yellow_red').length;
  const points = card === 'yellow_red' ? (steps[before] ?? 0) : 0;
  const inGame = facts.status === 'in_play' || facts.status === 'suspended';
  return { card, points, counts: inGame ? 'now' : 'next_game', winsGame: inGame && wins(facts, format, side, points), kind: kindOf(card, to) };
}

function kindOf(card: Card, to: CardTo): Consequence['kind'] {
  if (card === 'yellow') return 'warning';
  if (card === 'yellow_red') return 'penalty';
  return to === 'bench' ? 'dismissal' : 'disqualification';
}

function wins(facts: Facts, format: Format, side: Side, points: number): boolean {
  const score = currentPoints(facts);
  const target = facts.games.length >= format.best_of ? format.deciding_game_points : format.game_points;
  const opponent = score[other(side)] + points;
  return points > 0 && opponent >= target && opponent - score[side] >= format.win_by;
}
