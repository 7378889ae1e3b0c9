// Two tablets and one match: the second watches until it takes over, the first is told; a tablet without the token is
// asked for it and loses nothing; two presses on the same ground count once.
import assert from 'node:assert/strict';
import { launch } from './parts/browser.mjs';
import { shoot, SIZES } from './parts/shoot.mjs';
import { api, confirmed, listen, press, seqOf } from './parts/steps.mjs';

const { env } = process;
const BASE_URL = env.TOPSPIN_URL ?? 'http://127.0.0.1:8090';
const TOKEN = env.TOPSPIN_TOKEN ?? 'fake-token';
const OUT = env.OUT ?? 'e2e/out';
const server = api(BASE_URL, TOKEN);
const complaints = [];

const { id } = await server.post('/v1/matches', {
  table: '72', category: 'Men, final', format: { preset: 'ittf', best_of: 7 },
  sides: { home: { players: [{ name: 'Rui Castanheira' }] }, away: { players: [{ name: 'Wei Lin' }] } },
});
const browser = await launch();
const tablet = async (name, size) => {
  const [width, height] = SIZES[size];
  const page = await (await browser.newContext({ viewport: { width, height } })).newPage();
  listen(page, name, complaints);
  page.setDefaultTimeout(15_000);
  return page;
};
const [ana, ben] = [await tablet('Ana', 'tablet-landscape'), await tablet('Ben', 'phone')];
const points = async () => (await server.get(`/v1/matches/${id}`)).games.at(-1);

// Ana's tablet has no token: the first press waits for it.
await ana.goto(`${BASE_URL}/umpire/${id}`);
await ana.getByTestId('first-server-home').click();
await ana.getByTestId('left-home').click();
const seq = await seqOf(ana);
await ana.getByTestId('choice-save').click();
await ana.getByTestId('token').fill(TOKEN);
await shoot(ana, OUT, 'two-token');
await ana.getByTestId('token-keep').click();
await confirmed(ana, seq);
await press(ana, 'start-game');
await press(ana, 'point-home');

// A double press counts once.
await press(ana, 'point-home');
await ana.getByTestId('point-home').click();
assert.deepEqual(await points(), { home: 2, away: 0 }, 'the second press within the guard does not count');

// Ben only watches until he takes over.
await ben.goto(`${BASE_URL}/umpire/${id}#token=${TOKEN}`);
await ben.getByTestId('hold').waitFor();
assert.ok(await ben.getByTestId('point-home').isDisabled(), 'a tablet that watches cannot score');
await ben.getByTestId('holder-name').fill('Ben Okafor');
await shoot(ben, OUT, 'two-watching');
const before = await seqOf(ben);
await ben.getByTestId('take-over').click();
await confirmed(ben, before);
await press(ben, 'point-away');
assert.deepEqual(await points(), { home: 2, away: 1 });

// Ana is told who scores now, and takes over again.
await ana.getByTestId('hold').waitFor();
assert.match(await ana.getByTestId('hold').textContent(), /Ben Okafor/);
await shoot(ana, OUT, 'two-told');
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
await shoot(ana, OUT, 'two-overtaken');
await ana.getByTestId('trouble-ok').click();
assert.deepEqual(await points(), { home: 2, away: 2 }, 'of two presses on one ground one counts');
await press(ana, 'point-home');
assert.deepEqual(await points(), { home: 3, away: 2 });

await browser.close();
// The browser itself notes refused requests; the panel has explained them.
const unexpected = complaints.filter((text) => !/status of (401|412)|ERR_FAILED/.test(text));
assert.deepEqual(unexpected, [], 'no page complained');
console.log(`two tablets scored ${id}`);
