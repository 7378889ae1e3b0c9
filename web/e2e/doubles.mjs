// Doubles: the choice of server and receiver, the order of service after every point, a wrong receiver corrected, the
// change of receiving order and of ends in the deciding game (Laws 2.13.4 to 2.13.7, 2.14).
import assert from 'node:assert/strict';
import { fillScore, score, stage } from './parts/stage.mjs';

/** A and B play X and Y. Short games, a deciding game of full length. */
const MATCH = {
  table: '73', category: 'Mixed doubles', format: { preset: 'ittf', discipline: 'doubles', best_of: 3, game_points: 5, deciding_game_points: 11 },
  sides: {
    home: { players: [{ name: 'Anna Bergström' }, { name: 'Bruno Castellanos' }] },
    away: { players: [{ name: 'Xu Min' }, { name: 'Yara Zimmermann' }] },
  },
};
const SEATS = {
  A: { side: 'home', place: 'first' }, B: { side: 'home', place: 'second' }, X: { side: 'away', place: 'first' }, Y: { side: 'away', place: 'second' },
};
const NAMES = { A: 'Anna Bergström', B: 'Bruno Castellanos', X: 'Xu Min', Y: 'Yara Zimmermann' };

export default async function doubles(story) {
  const stand = await stage(story, MATCH);
  const { panel, board, press, check, tell } = stand;
  await panel.getByTestId('first-server-home').click();
  await panel.getByTestId('left-home').click();
  await press('choice-save');
  await tell(panel, 'doubles-start');
  await startGame(stand, { server: 'A', receiver: 'X', offered: 'AB' });

  await play(stand, 'ha', 'AX AX XB');
  await tell(panel, 'doubles-panel');
  await tell(board, 'doubles-board');
  // X serves, and it should be A who receives: the points stand, and the order goes on from there.
  await panel.getByTestId('do-more').click();
  await panel.getByTestId('more-service').click();
  await panel.getByTestId('serves-now-away-first').click();
  await tell(panel, 'doubles-correct');
  await press('receives-now-home-first');
  await play(stand, 'hahahh', 'XA XA AY AY YB YB');
  await check({ games: [score(5, 3)], score: score(1, 0), status: 'interval' });

  // Y serves first; A served to Y in the game before, so A receives.
  await endsAre(stand, 'left');
  await startGame(stand, { server: 'Y', offered: 'XY' });
  await endsAre(stand, 'right');
  await play(stand, 'ha', 'YA YA AX');
  await setScore(stand, [[5, 3], [2, 2]], { server: 'X', receiver: 'B' });
  await play(stand, 'hahaaa', 'XB XB BY BY YA AX');
  await check({ games: [score(5, 3), score(4, 6)], score: score(1, 1) });

  // B serves first; X served to B. At 5 the receiving pair changes its order, and the ends change.
  await tell(panel, 'doubles-next');
  await startGame(stand, { server: 'B', offered: 'AB' });
  await endsAre(stand, 'left');
  await play(stand, 'hahahh', 'BX BX XA XA AY AY');
  await isServing(stand, 'YB');
  await play(stand, 'h', 'YB');
  await endsAre(stand, 'right');
  assert.ok(await panel.getByTestId('notice-ends_changed').isVisible(), 'the umpire is told of the change of ends');
  await tell(panel, 'doubles-ends');
  await tell(board, 'doubles-board-ends');
  await play(stand, 'haahhhhh', 'YA AX AX XB XB BY BY YA');
  const match = await check({ status: 'finished', winner: 'home', score: score(2, 1), games: [score(5, 3), score(4, 6), score(11, 4)] });
  await tell(board, 'doubles-board-finished');
  await stand.close();
  return `${match.seq} events`;
}

/** Only players of the pair that is due are offered; the receiver is asked for in the first game only. */
async function startGame({ panel, press }, { server, receiver, offered }) {
  const seats = await panel.locator('[data-testid^="server-"]').evaluateAll((buttons) => buttons.map((button) => button.dataset.testid));
  assert.deepEqual(seats, [...offered].map((player) => testId('server', player)), 'who may serve first');
  await panel.getByTestId(testId('server', server)).click();
  assert.equal(await panel.locator('[data-testid^="receiver-"]').count(), receiver ? 2 : 0, 'whether the receiver is asked for');
  if (receiver) await panel.getByTestId(testId('receiver', receiver)).click();
  await press('start-game');
}

/** In doubles a score with its server needs the receiver too. */
async function setScore({ panel, press, tell }, games, { server, receiver }) {
  await fillScore(panel, games);
  await panel.getByTestId(testId('score-server', server)).click();
  assert.ok(await panel.getByTestId('score-save').isDisabled(), 'the receiver is asked for');
  await panel.getByTestId(testId('score-receiver', receiver)).click();
  await tell(panel, 'doubles-score');
  await press('score-save');
}

/** Plays points one by one; before each, `order` says who serves and who receives. */
async function play(stand, sides, order) {
  const turns = order.split(' ');
  for (const [i, side] of [...sides].entries()) {
    await isServing(stand, turns[i]);
    await stand.points(side);
  }
  if (turns.length > sides.length) await isServing(stand, turns[sides.length]);
}

/** API, panel and board agree on who serves to whom. */
async function isServing({ check, panel, board }, [server, receiver]) {
  await check({ server: SEATS[server], receiver: SEATS[receiver] });
  for (const [role, player] of [['serves', server], ['receives', receiver]]) {
    const shown = panel.getByTestId(`${role}-${SEATS[player].side}`).locator('xpath=..').locator('.name');
    assert.equal(await shown.textContent(), NAMES[player], `who ${role}, on the panel`);
  }
  const serving = board.getByTestId(`board-serves-${SEATS[server].side}`).locator('xpath=..');
  assert.match(await serving.textContent(), new RegExp(NAMES[server]), 'who serves, on the board');
}

async function endsAre({ panel, check }, home) {
  await check({ home_end: home });
  assert.equal(await panel.getByTestId('point-home').getAttribute('data-end'), home, 'where home stands');
}

const testId = (what, player) => `${what}-${SEATS[player].side}-${SEATS[player].place}`;
