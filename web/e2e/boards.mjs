// A hall of eight tables of doubles with long names and time-outs: on every size of screen each board shows each
// figure whole, and no letter is cut.
import assert from 'node:assert/strict';
import { shoot } from './parts/shoot.mjs';
import { apiOf, open, tableOfDoubles } from './parts/stage.mjs';

const TABLES = 8;
const SIZES = [[1920, 1080], [1280, 720], [390, 844]];
const LONG = ['Maximiliane Oberhofer-Schwarzenberger', 'Konstantinos Papadopoulos-Economou'];

export default async function boards(story) {
  const server = apiOf(story);
  const competition = (await server.post('/v1/competitions', { name: 'Boards' })).id;
  const ids = [];
  for (let table = 1; table <= TABLES; table++) {
    const home = table === 3 ? LONG : ['Orla Amberly', 'Gyda Westergren'];
    ids.push(await tableOfDoubles(server, { competition, table: String(300 + table), home, away: ['Uma Umberfield', 'Dario Valcourt'] }));
  }
  await Promise.all([0, 2, 6].map((i) => server.post(`/v1/matches/${ids[i]}/commands`, { command_id: crypto.randomUUID(), command: { type: 'take_time_out', side: 'home' } })));
  const page = await open(story, 'boards', 'hall');
  for (const [width, height] of SIZES) {
    for (const theme of ['dark', 'light']) {
      await page.setViewportSize({ width, height });
      await page.goto(`${story.base}/board?competition=${competition}&per_page=${TABLES}&theme=${theme}`);
      await page.waitForFunction((count) => document.querySelectorAll('[data-testid^="card-points-home"]').length === count, TABLES);
      await look(page, story, `boards-${width}-${theme}`);
      await page.goto(`${story.base}/board/${ids[2]}?theme=${theme}`);
      await page.getByTestId('board-points-home').waitFor();
      await look(page, story, `board-${width}-${theme}`);
    }
  }
  await page.context().close();
  return `${TABLES} tables at ${SIZES.length} sizes`;
}

async function look(page, story, name) {
  await page.evaluate(() => document.fonts.ready);
  await shoot(page, story.out, name);
  assert.deepEqual(await page.evaluate(cut), [], name);
}

/** What a page does not show whole: figures outside the screen or a box that clips, and names whose letters are cut. */
function cut() {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth} px wide`);
  for (const figure of document.querySelectorAll('[data-testid*="-points-"], [data-testid*="-games-"]')) {
    const range = document.createRange();
    range.selectNodeContents(figure);
    const [text, own] = [range.getBoundingClientRect(), figure.getBoundingClientRect()];
    for (let box = figure; box; box = box.parentElement) {
      const clips = box === root || getComputedStyle(box).overflowX !== 'visible';
      const { left, right, top, bottom } = box === root ? { left: 0, right: innerWidth, top: 0, bottom: innerHeight } : box.getBoundingClientRect();
      // A digit's ink is lower than its line: of the figure's own box the middle counts.
      const middle = (own.top + own.bottom) / 2;
      if (clips && (text.left < left - 1 || text.right > right + 1 || middle < top || middle > bottom)) faults.push(`${figure.dataset.testid} leaves ${box.tagName}.${box.className}`);
    }
  }
  for (const name of document.querySelectorAll('.name, .names p > span:last-child')) {
    const style = getComputedStyle(name);
    const line = parseFloat(style.lineHeight) + parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
    if (line < 1.2 * parseFloat(style.fontSize)) faults.push(`"${name.textContent}" is cut below`);
  }
  return faults;
}
