// No screen has a serious or critical fault that axe-core knows, in light and in dark.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { apiOf, open } from './parts/stage.mjs';

const axe = createRequire(import.meta.url)('axe-core').source;
const GRAVE = new Set(['serious', 'critical']);

const MATCH = {
  table: '82', category: 'Men, round of 32', format: { preset: 'ittf', best_of: 5, challenges: 2 },
  sides: { home: { players: [{ name: 'Marek Sobol' }] }, away: { players: [{ name: 'Jonas Aldridge' }] } },
};

export default async function accessible(story) {
  const server = apiOf(story);
  const [before, during, after] = [await server.post('/v1/matches', MATCH), await server.post('/v1/matches', MATCH), await server.post('/v1/matches', MATCH)];
  for (const { id } of [during, after]) await play(server, id);
  await server.post(`/v1/matches/${after.id}/commands`, { command_id: crypto.randomUUID(), command: { type: 'retire', side: 'home' } });

  const screens = [
    ['/'], [`/matches/${during.id}`], [`/matches/${after.id}`], ['/docs'], ['/board', 'boards'], [`/board/${during.id}`], [`/board/${after.id}`], [`/umpire#token=${story.token}`, 'search'],
    [`/umpire/${before.id}`, 'first-server-home'], [`/umpire/${during.id}`, 'hold'],
  ];
  const found = [];
  for (const scheme of ['light', 'dark']) {
    const page = await open(story, `axe ${scheme}`, 'tablet-landscape');
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const [path, testid] of screens) {
      await page.goto(story.base + path);
      if (testid) await page.getByTestId(testid).waitFor();
      // A board is dark unless it is asked for another appearance.
      if (path.startsWith('/board')) await page.evaluate((theme) => (document.documentElement.dataset.theme = theme), scheme);
      found.push(...(await faults(page, `${path.split('#')[0]} ${scheme}`)));
    }
    found.push(...(await sheets(story, page, during.id, scheme)));
    await page.context().close();
  }
  assert.deepEqual(found, [], 'grave faults of accessibility');
  return `${screens.length} screens and the panel's sheets, light and dark`;
}

async function play(server, id) {
  const commands = [{ type: 'choose', first_server: 'home', home_end: 'left' }, { type: 'start_game' }, { type: 'set_score', games: [{ home: 11, away: 6 }, { home: 10, away: 8 }] }];
  for (const command of commands) await server.post(`/v1/matches/${id}/commands`, { command_id: crypto.randomUUID(), command });
}

/** The panel that scores, and each sheet that it opens. */
async function sheets(story, page, id, scheme) {
  await page.goto(`${story.base}/umpire/${id}`);
  await page.getByTestId('holder-name').fill('Ines Ferreira');
  await page.getByTestId('take-over').click();
  await page.locator('[data-testid="point-home"]:not(:disabled)').waitFor();
  const found = await faults(page, `panel ${scheme}`);
  for (const name of ['more', 'timeline', 'service', 'score', 'expedite', 'suspend', 'review', 'hand_over', 'end', 'settings', 'help']) {
    await page.getByTestId('do-more').click();
    if (name !== 'more') await page.getByTestId(`more-${name}`).click();
    found.push(...(await faults(page, `sheet ${name} ${scheme}`)));
    await page.getByTestId('dialog-close').click();
  }
  await page.getByTestId('do-card').click();
  await page.getByTestId('card-side-home').click();
  await page.getByTestId('card-yellow').click();
  found.push(...(await faults(page, `sheet card ${scheme}`)));
  return found;
}

/** What axe-core finds on a page, one line a fault. */
async function faults(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => GRAVE.has(impact))
    .flatMap(({ id, impact, nodes }) => nodes.map((node) => `${where}: ${impact} ${id} at ${node.target.join(' ')}: ${node.any.concat(node.all)[0]?.message ?? ''}`));
}
