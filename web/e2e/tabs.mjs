// One browser, eight tabs: a browser opens six connections to a server, and a page that nobody sees holds none of them.
// Every tab loads, a panel's tap is answered, and a tab that is shown again has caught up.
import assert from 'node:assert/strict';
import { apiOf, begin } from './parts/stage.mjs';
import { listen, press, pressAll } from './parts/steps.mjs';

const TABS = 8;
const LOADED_WITHIN_MS = 10_000;
const MATCH = {
  table: '92', category: 'Tabs', format: { preset: 'ittf', best_of: 5 },
  sides: { home: { players: [{ name: 'Ines Falk' }] }, away: { players: [{ name: 'Noa Brandt' }] } },
};

export default async function tabs(story) {
  const server = apiOf(story);
  const { id } = await server.post('/v1/matches', MATCH);
  const context = await story.browser.newContext();
  const board = await tab(story, context, `/board/${id}`);
  await board.getByTestId('board-points-home').waitFor();
  const others = ['/board', `/matches/${id}`, '/', `/board/${id}`, '/board', '/'];
  for (const path of others) await tab(story, context, path);
  const panel = await tab(story, context, `/umpire/${id}#token=${story.token}`);
  assert.equal(context.pages().length, TABS);
  await panel.getByTestId('panel').waitFor();
  await begin({ panel, press: (...ids) => pressAll(panel, ...ids) });
  await press(panel, 'point-home');

  await show(board);
  await board.waitForFunction(() => document.querySelector('[data-testid="board-points-home"]')?.textContent === '1');
  await board.waitForFunction(() => document.querySelector('[data-testid="banner"]')?.dataset.phase === 'live');
  await context.close();
  return `${TABS} tabs`;
}

async function tab(story, context, path) {
  const page = await context.newPage();
  story.pages.push(page);
  listen(page, `tab ${context.pages().length}`, story.complaints);
  page.setDefaultTimeout(LOADED_WITHIN_MS);
  await page.addInitScript(visibility);
  await page.goto(story.base + path);
  await show(page);
  return page;
}

/** Brings a tab to the front. A browser under automation shows every tab, so the others are told that they are hidden. */
async function show(page) {
  for (const other of page.context().pages()) await other.evaluate((hidden) => globalThis.hide(hidden), other !== page);
}

/** In every page: a visibility that the story sets. */
function visibility() {
  let hidden = false;
  Object.defineProperty(Document.prototype, 'hidden', { get: () => hidden });
  Object.defineProperty(Document.prototype, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
  globalThis.hide = (now) => {
    if (now === hidden) return;
    hidden = now;
    document.dispatchEvent(new Event('visibilitychange'));
  };
}
