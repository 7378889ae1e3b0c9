// A stage for one story: a match, the panel that scores it, a board that watches, and what the API says beside them.
import assert from 'node:assert/strict';
import { shoot, SIZES } from './shoot.mjs';
import { api, checkBoard, listen, press, pressAll } from './steps.mjs';

const TIMEOUT_MS = 15_000;

/** A page of its own, at the size of a screen; whatever it complains about is collected. */
export async function open(story, name, size) {
  const [width, height] = SIZES[size];
  const page = await (await story.browser.newContext({ viewport: { width, height } })).newPage();
  story.pages.push(page);
  listen(page, name, story.complaints);
  page.setDefaultTimeout(TIMEOUT_MS);
  return page;
}

/** Creates a match and opens its panel and its board. */
export async function stage(story, match, sizes = {}) {
  const server = api(story.base, story.token);
  const { id } = await server.post('/v1/matches', match);
  const panel = await open(story, 'panel', sizes.panel ?? 'tablet-landscape');
  const board = await open(story, 'board', sizes.board ?? 'hall');
  await board.goto(`${story.base}/board/${id}`);
  await panel.goto(`${story.base}/umpire/${id}#token=${story.token}`);
  await panel.getByTestId('panel').waitFor();
  const stand = { story, id, server, panel, board };
  return {
    ...stand,
    press: (...ids) => pressAll(panel, ...ids),
    point: (side) => press(panel, `point-${side}`),
    points: (sides) => points(panel, sides),
    check: (expected) => check(stand, expected),
    tell: (page, name) => shoot(page, story.out, name),
    events: () => server.get(`/v1/matches/${id}/events?limit=500`).then(({ items }) => items),
    close: () => Promise.all([panel.context().close(), board.context().close()]),
  };
}

/** `h` is a point to home, `a` one to away. */
export async function points(panel, sides) {
  for (const side of sides) await press(panel, side === 'h' ? 'point-home' : 'point-away');
}

/** The draw, and the first game begun. */
export async function begin({ panel, press }, server = 'home') {
  await panel.getByTestId(`first-server-${server}`).click();
  await panel.getByTestId('left-home').click();
  await press('choice-save');
  await press('start-game');
}

/** Enters games in the score sheet, adding games as needed. */
export async function fillScore(panel, games) {
  await panel.getByTestId('do-more').click();
  await panel.getByTestId('more-score').click();
  for (const [i, [home, away]] of games.entries()) {
    if ((await panel.getByTestId(`score-home-${i + 1}`).count()) === 0) await panel.getByTestId('score-add').click();
    await panel.getByTestId(`score-home-${i + 1}`).fill(String(home));
    await panel.getByTestId(`score-away-${i + 1}`).fill(String(away));
  }
}

/** The API has what is expected, and the board shows what the API has. */
async function check({ board, server, id }, expected = {}) {
  const match = await checkBoard(board, server, id);
  for (const [name, value] of Object.entries(expected)) {
    assert.deepEqual(match[name] ?? match.state[name], value, `${name} of ${JSON.stringify(match.state)}`);
  }
  return match;
}

/** `score(3, 2)` is home 3, away 2. */
export const score = (home, away) => ({ home, away });

/** Opens the API to a story that needs no panel. */
export const apiOf = (story) => api(story.base, story.token);

/** A doubles match in its second game, with figures of two digits; returns its id. */
export async function tableOfDoubles(server, { competition, table, home, away }) {
  const players = (names) => ({ players: names.map((name) => ({ name })) });
  const { id } = await server.post('/v1/matches', {
    competition_id: competition, table, category: 'Mixed doubles, first round of the main draw',
    format: { preset: 'ittf', discipline: 'doubles', best_of: 5 }, sides: { home: players(home), away: players(away) },
  });
  const command = (command) => server.post(`/v1/matches/${id}/commands`, { command_id: crypto.randomUUID(), command });
  const first = (side) => ({ side, place: 'first' });
  await command({ type: 'choose', first_server: 'home' });
  await command({ type: 'start_game', server: first('home'), receiver: first('away') });
  await command({ type: 'set_score', games: [score(11, 9), score(10, 10)] });
  return id;
}
