// What interrupts play: time-out, video review, injury, cards with their penalty points.
import assert from 'node:assert/strict';
import { begin, fillScore, score, stage } from './parts/stage.mjs';

const MATCH = {
  table: '76', category: 'Men, quarter-final', format: { preset: 'ittf', best_of: 5, challenges: 1 },
  sides: { home: { players: [{ name: 'Emeka Nwosu' }] }, away: { players: [{ name: 'Kasper Lund' }] } },
};

export default async function interruptions(story) {
  const stand = await stage(story, MATCH);
  await begin(stand);
  await stand.points('ha');
  await timeOut(stand);
  await reviews(stand);
  await injury(stand);
  await cardsInPlay(stand);
  await cardsBetweenGames(stand);
  await stand.close();
  return 'time-out, reviews, injury, cards';
}

async function timeOut({ panel, board, press, check, tell }) {
  await press('do-time_out', 'time-out-home');
  await check({ status: 'in_play', break: { type: 'time_out', side: 'home' }, time_outs_left: score(0, 1) });
  assert.ok(await panel.getByTestId('point-home').isDisabled(), 'no point is scored during a time-out');
  assert.match(await board.getByTestId('board-hint').textContent(), /Time-out Nwosu.*(1:00|0:5\d)/);
  await press('resume');
  await panel.getByTestId('do-time_out').click();
  assert.ok(await panel.getByTestId('time-out-home').isDisabled(), 'a second time-out is not offered');
  await tell(panel, 'time-out-sheet');
  await panel.getByTestId('dialog-close').click();
  await check({ break: undefined });
}

/** The umpire was right about home's challenge, and wrong about away's: the rally is amended beside it. */
async function reviews({ panel, board, press, check, tell }) {
  await press('do-more', 'more-review', 'review-home');
  await check({ break: { type: 'review', side: 'home' } });
  assert.match(await board.getByTestId('board-hint').textContent(), /Video review/);
  await tell(board, 'review-board');
  await press('review-result', 'review-upheld');
  await check({ break: undefined, challenges_left: score(0, 1), games: [score(1, 1)] });

  await press('do-more', 'more-review', 'review-away');
  await panel.getByTestId('review-result').click();
  await tell(panel, 'review-result');
  await press('review-overturned');
  await check({ challenges_left: score(0, 1), games: [score(1, 1)] });
  // The sheet for the correction is open: the last rally goes to away's opponent no longer.
  await panel.locator('[data-testid^="rally-"]').last().click();
  await press('amend-away');
  await check({ challenges_left: score(0, 1), games: [score(0, 2)] });
  await panel.getByTestId('do-more').click();
  await panel.getByTestId('more-review').click();
  assert.ok(await panel.getByTestId('review-home').isDisabled(), 'a lost challenge is gone');
  await panel.getByTestId('dialog-close').click();
}

async function injury({ panel, board, press, check, tell }) {
  await press('do-more', 'more-suspend', 'suspend-injury', 'suspend-side-away');
  await check({ status: 'suspended', break: { type: 'suspension', reason: 'injury', side: 'away' } });
  assert.match(await board.getByTestId('board-hint').textContent(), /Medical.*(10:00|9:5\d)/);
  assert.match(await panel.getByTestId('clock').textContent(), /^(10:00|9:5\d)$/);
  await tell(panel, 'injury-panel');
  await tell(board, 'injury-board');
  await press('resume');
  await check({ status: 'in_play', games: [score(0, 2)] });
}

/** A warning, one point, two points: each at once, the last of them winning the game (Regulation 3.5.2). */
async function cardsInPlay({ panel, points, press, check, tell }) {
  await press('do-card', 'card-side-home', 'card-yellow', 'card-show');
  await check({ games: [score(0, 2)], cards: { home: ['yellow'], away: [] } });
  await meaning(panel, 'home', 'yellow_red', /1 point to Lund, at once/);
  await tell(panel, 'card-sheet');
  await press('card-show');
  await check({ games: [score(0, 3)], cards: { home: ['yellow', 'yellow_red'], away: [] } });
  await points('h');
  await fillScore(panel, [[4, 9]]);
  await press('score-save');
  await check({ games: [score(4, 9)] });
  await meaning(panel, 'home', 'yellow_red', /2 points to Lund, at once.*wins Lund the game/);
  await press('card-show');
  await check({ games: [score(4, 11)], score: score(0, 1), status: 'interval', cards: { home: ['yellow', 'yellow_red', 'yellow_red'], away: [] } });
  await panel.getByTestId('do-card').click();
  await panel.getByTestId('card-side-home').click();
  assert.equal(await panel.getByTestId('card-yellow_red').count(), 0, 'after two penalties only the referee goes further');
  assert.equal(await panel.getByTestId('card-red').count(), 1);
  await panel.getByTestId('dialog-close').click();
}

/** Between games penalty points wait for the next one. */
async function cardsBetweenGames({ panel, board, press, check, tell }) {
  await press('do-card', 'card-side-away', 'card-yellow', 'card-show');
  await meaning(panel, 'away', 'yellow_red', /1 point to Nwosu, at the start of the next game/);
  await press('card-show');
  await check({ pending_points: score(1, 0), status: 'interval' });
  assert.ok(await panel.getByTestId('notice-pending_home').isVisible());
  await tell(panel, 'card-pending');
  await press('start-game');
  await check({ games: [score(4, 11), score(1, 0)], pending_points: score(0, 0) });
  await press('do-card', 'card-side-away', 'card-to-bench', 'card-yellow', 'card-show');
  await check({ games: [score(4, 11), score(1, 0)], bench_cards: { home: [], away: ['yellow'] } });
  await tell(board, 'card-board');
}

async function meaning(panel, side, card, text) {
  await panel.getByTestId('do-card').click();
  await panel.getByTestId(`card-side-${side}`).click();
  await panel.getByTestId(`card-${card}`).click();
  assert.match(await panel.getByTestId('card-meaning').textContent(), text);
}
