// How a match ends without its last point, and the referee's word on a result.
import assert from 'node:assert/strict';
import { begin, score, stage } from './parts/stage.mjs';

const match = (table) => ({
  table, category: 'Women, group C', format: { preset: 'ittf', best_of: 3 },
  sides: { home: { players: [{ name: 'Ilse Verhoeven' }] }, away: { players: [{ name: 'Noor Rahmani' }] } },
});

export default async function endings(story) {
  await Promise.all([retirement(story), beforePlay(story)]);
  await disqualification(story);
  return 'retirement, walkover, disqualification, postponement; confirmed, protested, reopened';
}

/** Retired, confirmed, protested, confirmed again, reopened, undone: play goes on where it stopped. */
async function retirement(story) {
  const stand = await stage(story, match('77'));
  const { panel, board, press, points, check, tell } = stand;
  await begin(stand);
  await points('hah');
  await panel.getByTestId('do-more').click();
  await panel.getByTestId('more-end').click();
  await panel.getByTestId('end-retire').click();
  await panel.getByTestId('end-side-home').click();
  await tell(panel, 'ending-sheet');
  await press('end-confirm');
  await check({ status: 'retired', winner: 'away', certainty: 'unofficial', score: score(0, 0) });
  assert.equal(await board.getByTestId('board-game-home-1').textContent(), '2', 'the game that was not finished is part of the result');
  assert.match(await board.getByTestId('board-hint').textContent(), /Noor Rahmani wins.*Won by retirement/);
  await tell(panel, 'ending-retired');
  await tell(board, 'ending-board');

  await press('confirm-result');
  await check({ certainty: 'official' });
  await panel.getByTestId('protest').click();
  await panel.getByTestId('protest-side-home').click();
  await check({ certainty: 'official' });
  await panel.getByTestId('reason').fill('The second net ball');
  await tell(panel, 'ending-protest');
  await press('result-save');
  await check({ certainty: 'protested' });
  assert.equal((await stand.events()).at(-1).event.reason, 'The second net ball');
  assert.match(await board.getByTestId('board-hint').textContent(), /Under protest/);
  await tell(panel, 'ending-protested');
  await press('confirm-result');
  await panel.getByTestId('reopen').click();
  assert.ok(await panel.getByTestId('result-save').isDisabled(), 'reopening needs a reason');
  await panel.getByTestId('reason').fill('Retired in error');
  await press('result-save');
  await check({ certainty: 'provisional', status: 'retired' });
  // The first undo takes back nothing but the latest action, which is the retirement: officials' words are no play.
  await press('do-undo');
  await check({ status: 'in_play', winner: undefined, games: [score(2, 1)] });
  await points('h');
  await check({ games: [score(3, 1)] });
  await stand.close();
}

/** Before play: postponed and put back, then nobody comes. */
async function beforePlay(story) {
  const stand = await stage(story, match('78'), { panel: 'phone' });
  const { panel, board, press, check, tell } = stand;
  await panel.getByTestId('do-more').click();
  await panel.getByTestId('more-end').click();
  assert.equal(await panel.getByTestId('end-retire').count(), 0, 'nobody retires before play');
  await panel.getByTestId('end-postpone').click();
  await press('end-confirm');
  await check({ status: 'postponed' });
  await press('reschedule');
  await check({ status: 'scheduled' });
  await press('call-players');
  await check({ status: 'called' });
  await press('do-more', 'more-end', 'end-walk_over', 'end-side-away', 'end-confirm');
  await check({ status: 'walkover', winner: 'home', games: [] });
  assert.match(await board.getByTestId('board-hint').textContent(), /Ilse Verhoeven wins.*Walkover/);
  await tell(panel, 'ending-walkover');
  await press('confirm-result');
  await check({ certainty: 'official' });
  await stand.close();
}

/** A red card is the referee's disqualification; so is the word without a card. */
async function disqualification(story) {
  const stand = await stage(story, match('79'));
  const { panel, board, press, check, tell } = stand;
  await begin(stand);
  await stand.points('h');
  await panel.getByTestId('do-card').click();
  await panel.getByTestId('card-side-home').click();
  await panel.getByTestId('card-red').click();
  assert.match(await panel.getByTestId('card-meaning').textContent(), /Rahmani wins the match: Verhoeven is disqualified/);
  await press('card-show');
  await check({ status: 'disqualified', winner: 'away', cards: { home: ['red'], away: [] } });
  assert.match(await board.getByTestId('board-hint').textContent(), /Noor Rahmani wins.*disqualification/);
  await tell(board, 'ending-disqualified');
  await press('do-undo');
  await check({ status: 'in_play', winner: undefined, cards: { home: [], away: [] } });
  await press('do-more', 'more-end', 'end-disqualify', 'end-side-away', 'end-confirm');
  await check({ status: 'disqualified', winner: 'home' });
  await stand.close();
}
