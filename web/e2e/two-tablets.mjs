// Two tablets and one match: the second watches until it takes over, the first is told; a tablet without the token is
// asked for it and loses nothing; two presses on the same ground count once.
import assert from 'node:assert/strict';
import { shoot } from './parts/shoot.mjs';
import { apiOf, open } from './parts/stage.mjs';
import { confirmed, press, seqOf } from './parts/steps.mjs';

const MATCH = {
  table: '72', category: 'Men, final', format: { preset: 'ittf', best_of: 7 },
  sides: { home: { players: [{ name: 'Rui Castanheira' }] }, away: { players: [{ name: 'Wei Lin' }] } },
};

export default async function twoTablets(story) {
  const server = apiOf(story);
  const { id } = await server.post('/v1/matches', MATCH);
  const [ana, ben] = [await open(story, 'Ana', 'tablet-landscape'), await open(story, 'Ben', 'phone')];
  const points = async () => (await server.get(`/v1/matches/${id}`)).games.at(-1);

  // Ana's tablet has no token: the first press waits for it.
  await ana.goto(`${story.base}/umpire/${id}`);
  await ana.getByTestId('first-server-home').click();
  await ana.getByTestId('left-home').click();
  const seq = await seqOf(ana);
  await ana.getByTestId('choice-save').click();
  await ana.getByTestId('token').fill(story.token);
  await shoot(ana, story.out, 'two-token');
  await ana.getByTestId('token-keep').click();
  await confirmed(ana, seq);
  await press(ana, 'start-game');
  await press(ana, 'point-home');

  // A double press counts once.
  const once = await seqOf(ana);
  await ana.locator('[data-testid="point-home"]:not(.guarded)').dblclick();
  await confirmed(ana, once);
  assert.deepEqual(await points(), { home: 2, away: 0 }, 'the second press within the guard does not count');

  // Ben only watches until he takes over. His tablet gets the token by a link while the match is open on it already.
  await ben.goto(`${story.base}/umpire/${id}`);
  await ben.getByTestId('hold').waitFor();
  await ben.goto(`${story.base}/umpire/${id}#token=${story.token}`);
  await ben.waitForFunction(() => location.hash === '');
  await ben.getByTestId('hold').waitFor();
  assert.ok(await ben.getByTestId('point-home').isDisabled(), 'a tablet that watches cannot score');
  await ben.getByTestId('holder-name').fill('Ben Okafor');
  await shoot(ben, story.out, 'two-watching');
  const before = await seqOf(ben);
  await ben.getByTestId('take-over').click();
  await confirmed(ben, before);
  await press(ben, 'point-away');
  assert.deepEqual(await points(), { home: 2, away: 1 });

  // Ana is told who scores now, and takes over again.
  await ana.getByTestId('hold').waitFor();
  assert.match(await ana.getByTestId('hold').textContent(), /Ben Okafor/);
  await shoot(ana, story.out, 'two-told');
  await ana.getByTestId('holder-name').fill('Ana');
  const held = await seqOf(ana);
  await ana.getByTestId('take-over').click();
  await confirmed(ana, held);

  // Somebody else scores behind her back: her press on the old ground is refused and explained.
  await ana.route('**/live*', (route) => route.abort());
  await ana.route('**/commands', async (route) => {
    await server.post(`/v1/matches/${id}/commands`, { command_id: crypto.randomUUID(), command: { type: 'point', to: 'away' } });
    await ana.unroute('**/commands');
    await route.continue();
  });
  await ana.getByTestId('point-home').click();
  await ana.getByTestId('trouble').waitFor();
  await shoot(ana, story.out, 'two-overtaken');
  await ana.getByTestId('trouble-ok').click();
  assert.deepEqual(await points(), { home: 2, away: 2 }, 'of two presses on one ground one counts');
  await press(ana, 'point-home');
  assert.deepEqual(await points(), { home: 3, away: 2 });

  // The browser itself notes refused requests; the panel has explained them.
  story.complaints.splice(0, story.complaints.length, ...story.complaints.filter((text) => !/status of (401|412)|ERR_FAILED/.test(text)));
  return 'scored in turn';
}
