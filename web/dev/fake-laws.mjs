// A rough stand-in for the laws, for developing screens without a server. It is not the laws: it knows singles and
// doubles points, games, ends, breaks and cards well enough to look right, and judges almost nothing.

export const FORMAT = {
  discipline: 'singles', best_of: 5, game_points: 11, win_by: 2, deciding_game_points: 11, change_over_points: 5,
  serves_per_turn: 2, time_outs: 1, time_out_seconds: 60, interval_seconds: 60, warm_up_seconds: 120,
  injury_seconds: 600, towel_every: 6, expedite_after_seconds: 600, expedite_unless_points: 18, challenges: 2,
  cards: { penalty_points: [1, 2] },
};
const other = (side) => (side === 'home' ? 'away' : 'home');
const flip = (end) => end && (end === 'left' ? 'right' : 'left');
const both = (make) => ({ home: make(), away: make() });
export const no = (code, law, detail) => Object.assign(new Error(detail), { code, law });

export function begin(format) {
  return {
    status: 'scheduled', certainty: 'provisional', games: [], score: both(() => 0), ball_in_play: 'no', expedite: 'off',
    time_outs_left: both(() => format.time_outs), challenges_left: both(() => format.challenges),
    cards: both(() => []), bench_cards: both(() => []), pending_points: both(() => 0), notices: ['choose'],
  };
}

/** Folds one action into the facts, in place. Throws a rejection. */
const APPLY = {
  call: (f) => (f.status = 'called'),
  start_warm_up: (f) => (f.status = 'warm_up'),
  choose: (f, c) => ((f.first = c.first_server), c.home_end && (f.home_end = c.home_end)),
  start_game: (f, c) => {
    if (!f.first) throw no('choice_missing', '2.13.1', 'who serves first is not known: enter the choice of serve and ends');
    if (f.games.length > 0) f.home_end = flip(f.home_end);
    const side = f.games.length % 2 === 0 ? f.first : other(f.first);
    f.starter = c.server ?? { side, place: 'first' };
    f.taker = c.receiver ?? { side: other(f.starter.side), place: 'first' };
    f.games.push({ ...f.pending_points });
    f.pending_points = both(() => 0);
    f.status = 'in_play';
    f.changed = false;
  },
  start_rally: (f) => (f.ball_in_play = 'yes'),
  point: (f, c, format) => add(f, c.to, format),
  let: (f) => (f.ball_in_play = 'no'),
  correct_service: (f, c) => (f.server = c.server),
  correct_ends: (f, c) => (f.home_end = c.home_end),
  introduce_expedite: (f) => (f.expedite = 'on'),
  take_time_out: (f, c) => {
    if (f.time_outs_left[c.side] === 0) throw no('no_time_out_left', '3.4.4.2', `${c.side} has no time-out left`);
    f.time_outs_left[c.side] -= 1;
    f.break = { type: 'time_out', side: c.side };
  },
  take_towel_break: (f) => (f.break = { type: 'towel' }),
  resume: (f) => (f.break?.type === 'suspension' && (f.status = f.before), delete f.break),
  suspend: (f, c) => ((f.before = f.status), (f.status = 'suspended'), (f.break = { ...c, type: 'suspension' })),
  show_card: (f, c, format) => {
    if (c.to === 'bench') return f.bench_cards[c.side].push(c.card);
    const step = f.cards[c.side].filter((card) => card === 'yellow_red').length;
    f.cards[c.side].push(c.card);
    if (c.card === 'red') return end(f, 'disqualified', other(c.side));
    for (let n = c.card === 'yellow_red' ? format.cards.penalty_points[step] : 0; n > 0; n--) {
      if (f.status === 'in_play') add(f, other(c.side), format);
      else f.pending_points[other(c.side)] += 1;
    }
  },
  request_review: (f, c) => (f.break = { type: 'review', side: c.side }),
  decide_review: (f, c) => (c.outcome === 'upheld' && (f.challenges_left[f.break.side] -= 1), delete f.break),
  retire: (f, c) => end(f, 'retired', other(c.side)),
  walk_over: (f, c) => end(f, 'walkover', other(c.side)),
  disqualify: (f, c) => end(f, 'disqualified', other(c.side)),
  abandon: (f) => (f.status = 'abandoned'),
  postpone: (f) => (f.status = 'postponed'),
  reschedule: (f) => (f.status = 'scheduled'),
  cancel: (f) => (f.status = 'cancelled'),
  set_score: (f, c) => (f.games = structuredClone(c.games)),
};

const target = (f, format) => (f.games.length >= format.best_of ? format.deciding_game_points : format.game_points);

function add(f, to, format) {
  const game = f.games.at(-1);
  if (f.status !== 'in_play') throw no('game_not_started', '2.11.1', 'the game has not been started');
  if (f.break) throw no('break_going_on', '3.4.4.1', 'a break is going on: resume play first');
  f.ball_in_play = 'no';
  game[to] += 1;
  const deciding = f.games.length >= format.best_of;
  f.justChanged = deciding && !f.changed && game[to] === format.change_over_points;
  if (f.justChanged) ((f.changed = true), (f.home_end = flip(f.home_end)));
  if (game[to] < target(f, format) || game[to] - game[other(to)] < format.win_by) return;
  f.score[to] += 1;
  f.status = 'interval';
  if (f.score[to] > format.best_of / 2) end(f, 'finished', to);
}

function end(f, status, winner) {
  Object.assign(f, { status, winner, certainty: 'unofficial' });
  delete f.break;
}

/** The facts after a list of actions. */
export function fold(format, actions) {
  const f = begin(format);
  for (const action of actions) APPLY[action.type]?.(f, action, format);
  service(f, format);
  f.notices = notices(f, format);
  for (const key of ['first', 'starter', 'taker', 'changed', 'justChanged', 'before']) delete f[key];
  return f;
}

function service(f, format) {
  const game = f.games.at(-1);
  if (f.status === 'interval' || f.games.length === 0) {
    if (f.first) f.serves_first = f.games.length % 2 === 0 ? f.first : other(f.first);
    return;
  }
  const total = game.home + game.away;
  const late = game.home >= target(f, format) - 1 && game.away >= target(f, format) - 1;
  const turn = late || f.expedite === 'on' ? total : Math.floor(total / format.serves_per_turn);
  const partner = (seat) => ({ side: seat.side, place: seat.place === 'first' && format.discipline === 'doubles' ? 'second' : 'first' });
  const order = [f.starter, f.taker, partner(f.starter), partner(f.taker)];
  f.server = order[turn % 4];
  f.receiver = order[(turn + 1) % 4];
  if (f.winner) (delete f.server, delete f.receiver);
}

function notices(f, format) {
  if (['scheduled', 'called', 'warm_up'].includes(f.status)) return [f.first ? 'start_game' : 'choose'];
  if (f.status === 'interval') return ['start_game'];
  if (f.status !== 'in_play') return [];
  const game = f.games.at(-1);
  const list = [];
  for (const side of ['home', 'away']) {
    const wins = game[side] + 1 >= target(f, format) && game[side] + 1 - game[other(side)] >= format.win_by;
    if (wins) list.push(`${f.score[side] + 1 > format.best_of / 2 ? 'match' : 'game'}_point_${side}`);
  }
  if (game.home === game.away && game.home >= target(f, format) - 1) list.push('deuce');
  if (f.justChanged) list.push('ends_changed');
  const total = game.home + game.away;
  if (total > 0 && (total % format.towel_every === 0 || f.justChanged)) list.push('towel');
  return list;
}
