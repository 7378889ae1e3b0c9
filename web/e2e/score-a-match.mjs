// Scores a whole best-of-five singles match by clicking on the panel while a board watches, against the server at
// TOPSPIN_URL with TOPSPIN_TOKEN. Pictures go to OUT.
import assert from 'node:assert/strict';
import { launch } from './parts/browser.mjs';
import { shoot, SIZES } from './parts/shoot.mjs';
import { api, checkBoard, listen, press, pressAll } from './parts/steps.mjs';

const { env } = process;
const BASE_URL = env.TOPSPIN_URL ?? 'http://127.0.0.1:8090';
const TOKEN = env.TOPSPIN_TOKEN ?? 'fake-token';
const OUT = env.OUT ?? 'e2e/out';
const server = api(BASE_URL, TOKEN);
const complaints = [];

const created = await server.post('/v1/matches', {
  table: '71', category: 'Women, final', format: { preset: 'ittf', best_of: 5, challenges: 2 },
  sides: { home: { players: [{ name: 'Mira Lindqvist' }] }, away: { players: [{ name: 'Tomasz Wierzbicki' }] } },
});
const id = created.id;
const browser = await launch();
const sized = async (size, name) => {
  const [width, height] = SIZES[size];
  const page = await (await browser.newContext({ viewport: { width, height } })).newPage();
  listen(page, name, complaints);
  return page;
};
const panel = await sized('tablet-landscape', 'panel');
const board = await sized('hall', 'board');
const point = (side) => press(panel, `point-${side}`);
const points = async (sides) => {
  for (const side of sides) await point(side === 'h' ? 'home' : 'away');
};
const check = () => checkBoard(board, server, id);
/** The same page in other clothes and sizes. */
const pictures = async (page, name, sizes) => {
  for (const [size, theme] of sizes) {
    const [width, height] = SIZES[size];
    await page.setViewportSize({ width, height });
    await page.evaluate((chosen) => (document.documentElement.dataset.theme = chosen), theme);
    await page.waitForTimeout(150);
    await shoot(page, OUT, `${name}-${size}-${theme}`);
  }
  const [width, height] = SIZES[sizes[0][0]];
  await page.setViewportSize({ width, height });
};
const PANEL_SIZES = [['tablet-landscape', 'light'], ['tablet-landscape', 'dark'], ['tablet-portrait', 'light'], ['phone', 'dark'], ['phone-landscape', 'light'], ['tablet-landscape', 'contrast']];
const BOARD_SIZES = [['hall', 'dark'], ['hall', 'light'], ['led-portrait', 'dark'], ['phone', 'dark']];

// A failure says what was on the screen.
process.on('uncaughtExceptionMonitor', () => console.error(`match ${id}; complaints: ${JSON.stringify(complaints)}`));
panel.setDefaultTimeout(15_000);

await board.goto(`${BASE_URL}/board/${id}`);
await panel.goto(`${BASE_URL}/umpire#token=${TOKEN}`);
await panel.getByTestId('search').fill('lindq wierz 71');
await panel.getByTestId(`match-${id}`).click();
await panel.getByTestId('panel').waitFor();
assert.equal(new URL(panel.url()).hash, '', 'the token left the address');

await press(panel, 'warm-up');
await panel.getByTestId('first-server-home').click();
await panel.getByTestId('left-home').click();
await shoot(panel, OUT, 'panel-choice');
await press(panel, 'choice-save');
await press(panel, 'start-game');
await check();

// Game 1, 11–4, with a let, an undo and redo, a point amended, a time-out and a towel break.
await points('hha');
await press(panel, 'do-let');
await point('away');
await press(panel, 'do-undo');
assert.deepEqual((await check()).games.at(-1), { home: 2, away: 1 }, 'the undo took the point back');
await press(panel, 'do-redo');
await press(panel, 'do-undo');
await points('hha');
await panel.waitForTimeout(1000);
await pictures(panel, 'panel-game-1', PANEL_SIZES);
await pictures(board, 'board-game-1', BOARD_SIZES);
await press(panel, 'do-towel');
await shoot(panel, OUT, 'panel-towel');
await press(panel, 'resume');
await pressAll(panel, 'do-time_out', 'time-out-away');
await check();
await shoot(panel, OUT, 'panel-time-out');
await shoot(board, OUT, 'board-time-out');
assert.match(await board.getByTestId('board-clock').textContent(), /^(1:00|0:5\d)$/);
await press(panel, 'resume');
await panel.getByTestId('do-more').click();
await panel.getByTestId('more-timeline').click();
const last = panel.locator('[data-testid^="rally-"]').first();
await last.click();
await shoot(panel, OUT, 'panel-timeline');
await press(panel, 'amend-home');
assert.deepEqual((await check()).games.at(-1), { home: 5, away: 1 }, 'the last rally was amended');
await points('aaa' + 'hhhhh');
await check();
await shoot(board, OUT, 'board-game-point');
assert.ok(await panel.getByTestId('notice-game_point_home').isVisible());
await point('home');
let match = await check();
assert.deepEqual(match.games, [{ home: 11, away: 4 }]);
await shoot(panel, OUT, 'panel-interval');
await press(panel, 'start-game');
assert.equal(await panel.getByTestId('point-home').getAttribute('data-end'), 'right', 'ends changed');

// Game 2, 9–11, with cards: a warning, then a penalty point. A reload in the middle loses nothing.
await points('hahaha');
await pressAll(panel, 'do-card', 'card-side-home', 'card-yellow', 'card-show');
await panel.getByTestId('do-card').click();
await panel.getByTestId('card-side-home').click();
await panel.getByTestId('card-yellow_red').click();
assert.match(await panel.getByTestId('card-meaning').textContent(), /1 point to Wierzbicki, at once/);
await shoot(panel, OUT, 'panel-card');
await press(panel, 'card-show');
assert.deepEqual((await check()).games.at(-1), { home: 3, away: 4 }, 'the penalty point counts');
await panel.reload();
await panel.getByTestId('point-home').waitFor();
assert.equal(await panel.getByTestId('hold').count(), 0, 'after a reload this tablet still scores');
assert.equal(await panel.getByTestId('points-away').textContent(), '4');
// The network goes away: taps wait, are marked, and arrive once it is back.
await panel.route('**/commands', (route) => route.abort());
await panel.getByTestId('point-home').click();
await panel.getByTestId('pending').waitFor();
await shoot(panel, OUT, 'panel-unconfirmed');
await panel.unroute('**/commands');
await panel.getByTestId('pending').waitFor({ state: 'detached' });
complaints.splice(0, complaints.length, ...complaints.filter((text) => !/ERR_FAILED/.test(text)));
assert.deepEqual((await check()).games.at(-1), { home: 4, away: 4 }, 'a tap without network counts once');
await points('hhhhh' + 'aaaaaaa');
match = await check();
assert.deepEqual(match.games.at(-1), { home: 9, away: 11 });

// Games 3 and 4: 11–8 and 12–10, over deuce.
await press(panel, 'start-game');
await points('hahahahahahahaha' + 'hhh');
await press(panel, 'start-game');
await points('hahahahahahahahahaha');
assert.ok(await panel.getByTestId('notice-deuce').isVisible());
await point('home');
assert.ok(await panel.getByTestId('notice-match_point_home').isVisible());
await check();
await pictures(panel, 'panel-match-point', PANEL_SIZES.slice(0, 4));
await point('home');
match = await check();
assert.equal(match.winner, 'home');
assert.deepEqual(match.score, { home: 3, away: 1 });
await shoot(panel, OUT, 'panel-finished');
await press(panel, 'confirm-result');
match = await check();
assert.equal(match.certainty, 'official');
await pictures(board, 'board-finished', BOARD_SIZES);

const grid = await sized('hall', 'grid');
await grid.goto(`${BASE_URL}/board?tables=71`);
await grid.getByTestId(`card-${id}`).waitFor();
await shoot(grid, OUT, 'grid');
await browser.close();
assert.deepEqual(complaints, [], 'no page complained');
console.log(`scored ${id}: ${match.games.map((game) => `${game.home}-${game.away}`).join(', ')}, ${match.seq} events; pictures in ${OUT}`);
