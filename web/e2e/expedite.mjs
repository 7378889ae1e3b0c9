// The expedite system (Law 2.15): by agreement, the thirteenth return, to the end of the match; by time with the ball
// in play.
import assert from 'node:assert/strict';
import { begin, score, stage } from './parts/stage.mjs';

const sides = { home: { players: [{ name: 'Petra Halvorsen' }] }, away: { players: [{ name: 'Okan Demirtaş' }] } };
const HOME = { side: 'home', place: 'first' };
const AWAY = { side: 'away', place: 'first' };
const RETURNS = 13;

export default async function expedite(story) {
  await byAgreement(story);
  await byTime(story);
  return 'by agreement and by time';
}

async function byAgreement(story) {
  const stand = await stage(story, { table: '74', format: { preset: 'ittf', best_of: 3, game_points: 4, change_over_points: 2 }, sides });
  const { panel, press, points, check, tell } = stand;
  await begin(stand);
  assert.equal(await panel.getByTestId('return').count(), 0, 'returns are counted under expedite only');
  await points('h');
  await press('do-more', 'more-expedite', 'expedite-agreed');
  // Home served the last rally; the player who received it serves now, and service changes after every point.
  await check({ expedite: 'on', server: AWAY });
  assert.ok(await panel.getByTestId('notice-expedite').isVisible());
  await tell(panel, 'expedite-panel');
  await thirteenReturns(stand);
  await check({ games: [score(2, 0)], server: HOME });
  await points('a');
  await check({ games: [score(2, 1)], server: AWAY });
  await points('h');
  await check({ server: HOME });
  // A return counted by mistake is taken back, and a rally that ends earlier begins the count again.
  await panel.getByTestId('return').click();
  await panel.getByTestId('return').click();
  await panel.getByTestId('return-back').click();
  assert.match(await panel.getByTestId('return').textContent(), /1/);
  await points('h');
  await check({ games: [score(4, 1)], status: 'interval' });

  await press('start-game');
  await check({ expedite: 'on', server: AWAY });
  assert.match(await panel.getByTestId('return').textContent(), /0/, 'the count begins again');
  await points('a');
  await check({ server: HOME });
  const won = (await stand.events()).filter(({ event }) => event.how === 'thirteenth_return');
  assert.deepEqual(won.map(({ event }) => event.to), ['home'], 'one point was won by the thirteenth return');
  await stand.close();
}

/** The thirteenth good return by the receiver wins the point; the twelfth does not. */
async function thirteenReturns({ panel, press, check, tell }) {
  const { seq } = await check();
  for (let count = 1; count < RETURNS; count++) await panel.getByTestId('return').click();
  await tell(panel, 'expedite-twelve');
  assert.equal((await check()).seq, seq, 'twelve returns win nothing');
  await press('return');
}

async function byTime(story) {
  const format = { preset: 'ittf', best_of: 3, expedite_after_seconds: 1 };
  const stand = await stage(story, { table: '75', format, sides }, { panel: 'phone' });
  const { panel, press, points, check, tell } = stand;
  await begin(stand, 'away');
  await points('h');
  await panel.getByTestId('notice-expedite_due').waitFor();
  await tell(panel, 'expedite-due');
  await panel.getByTestId('do-more').click();
  await panel.getByTestId('more-expedite').click();
  await panel.getByTestId('expedite-time').click();
  await tell(panel, 'expedite-sheet');
  // The ball was in play: a let, and the same player serves.
  await press('expedite-ball-yes');
  await check({ expedite: 'on', server: AWAY, games: [score(1, 0)] });
  await tell(panel, 'expedite-phone');
  await points('h');
  await check({ server: HOME, games: [score(2, 0)] });
  await stand.close();
}
