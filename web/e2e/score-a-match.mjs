// Scores a whole best-of-three singles match by clicking on the panel while a board watches.
import assert from 'node:assert/strict';
import { open, score, stage } from './parts/stage.mjs';
import { shoot, SIZES } from './parts/shoot.mjs';

const MATCH = {
  table: '71', category: 'Women, final', format: { preset: 'ittf', best_of: 3, challenges: 2 },
  sides: { home: { players: [{ name: 'Mira Lindqvist' }] }, away: { players: [{ name: 'Tomasz Wierzbicki' }] } },
};
const PANEL_SIZES = [['tablet-landscape', 'light'], ['tablet-landscape', 'dark'], ['tablet-portrait', 'light'], ['phone', 'dark'], ['phone-landscape', 'light'], ['tablet-landscape', 'contrast']];
const BOARD_SIZES = [['hall', 'dark'], ['hall', 'light'], ['led-portrait', 'dark'], ['phone', 'dark']];

export default async function scoreAMatch(story) {
  const stand = await stage(story, MATCH);
  const { id, panel, board, press, points, check, tell } = stand;

  await panel.getByTestId('leave').click();
  await panel.getByTestId('search').fill('lindq wierz 71');
  await panel.getByTestId(`match-${id}`).click();
  await panel.getByTestId('panel').waitFor();
  assert.equal(new URL(panel.url()).hash, '', 'the token left the address');
  await press('warm-up');
  await panel.getByTestId('first-server-home').click();
  await panel.getByTestId('left-home').click();
  await tell(panel, 'panel-choice');
  await press('choice-save');
  await press('start-game');
  await check({ status: 'in_play', server: { side: 'home', place: 'first' } });

  await firstGame(stand);
  await press('start-game');
  assert.equal(await panel.getByTestId('point-home').getAttribute('data-end'), 'right', 'ends changed');
  await secondGame(stand);

  // The deciding game, 11–6.
  await press('start-game');
  await points('hahaha' + 'hh');
  await check({ games: [score(11, 4), score(5, 11), score(5, 3)] });
  await points('aaa' + 'hhhhh');
  assert.ok(await panel.getByTestId('notice-match_point_home').isVisible());
  await check();
  await pictures(story, panel, 'panel-match-point', PANEL_SIZES.slice(0, 4));
  await points('h');
  const match = await check({ status: 'finished', winner: 'home', certainty: 'unofficial', score: score(2, 1) });
  await tell(panel, 'panel-finished');
  await press('confirm-result');
  await check({ certainty: 'official' });
  await pictures(story, board, 'board-finished', BOARD_SIZES);

  const grid = await open(story, 'grid', 'hall');
  await grid.goto(`${story.base}/board?tables=71`);
  await grid.getByTestId(`card-${id}`).waitFor();
  await tell(grid, 'grid');
  return `${match.games.map((game) => `${game.home}-${game.away}`).join(', ')}, ${match.seq} events`;
}

/** 11–4, with a let, an undo and redo, a point amended, a time-out and a towel break. */
async function firstGame({ story, panel, board, press, points, check, tell }) {
  await points('hha');
  await press('do-let');
  await points('a');
  await press('do-undo');
  await check({ games: [score(2, 1)] });
  await press('do-redo');
  await press('do-undo');
  await points('hha');
  await pictures(story, panel, 'panel-game-1', PANEL_SIZES);
  await pictures(story, board, 'board-game-1', BOARD_SIZES);
  await press('do-towel');
  await tell(panel, 'panel-towel');
  await press('resume');
  await press('do-time_out', 'time-out-away');
  await check({ time_outs_left: score(1, 0) });
  await tell(panel, 'panel-time-out');
  await tell(board, 'board-time-out');
  assert.match(await board.getByTestId('board-clock').textContent(), /^(1:00|0:5\d)$/);
  await press('resume');
  await panel.getByTestId('do-more').click();
  await panel.getByTestId('more-timeline').click();
  await panel.locator('[data-testid^="rally-"]').first().click();
  await tell(panel, 'panel-timeline');
  await press('amend-home');
  await check({ games: [score(5, 1)] });
  await points('aaa' + 'hhhhh');
  await check();
  await tell(board, 'board-game-point');
  assert.ok(await panel.getByTestId('notice-game_point_home').isVisible());
  await points('h');
  await check({ games: [score(11, 4)], status: 'interval' });
  await tell(panel, 'panel-interval');
}

/** 5–11; the page is loaded again in the middle, and the network goes away. */
async function secondGame({ story, panel, points, check, tell }) {
  await points('hahaha');
  await panel.reload();
  await panel.getByTestId('point-home').waitFor();
  assert.equal(await panel.getByTestId('hold').count(), 0, 'after a reload this tablet still scores');
  assert.equal(await panel.getByTestId('points-away').textContent(), '3');
  // Taps without a network wait, are marked, and arrive once it is back.
  await panel.route('**/commands', (route) => route.abort());
  await panel.getByTestId('point-home').click();
  await panel.getByTestId('pending').waitFor();
  await tell(panel, 'panel-unconfirmed');
  await panel.unroute('**/commands');
  await panel.getByTestId('pending').waitFor({ state: 'detached' });
  story.complaints.splice(0, story.complaints.length, ...story.complaints.filter((text) => !/ERR_FAILED/.test(text)));
  await check({ games: [score(11, 4), score(4, 3)] });
  await points('h' + 'aaaaaaaa');
  await check({ games: [score(11, 4), score(5, 11)] });
}

/** The same page in other clothes and sizes. */
async function pictures(story, page, name, sizes) {
  for (const [size, theme] of sizes) {
    const [width, height] = SIZES[size];
    await page.setViewportSize({ width, height });
    await page.evaluate((chosen) => (document.documentElement.dataset.theme = chosen), theme);
    await shoot(page, story.out, `${name}-${size}-${theme}`);
  }
  const [width, height] = SIZES[sizes[0][0]];
  await page.setViewportSize({ width, height });
}
