// Corrections: the whole score set, an earlier rally amended, undo and redo, and what the laws refuse.
import assert from 'node:assert/strict';
import { begin, fillScore, score, stage } from './parts/stage.mjs';

const MATCH = {
  table: '80', category: 'U19, semi-final', format: { preset: 'ittf', best_of: 5 },
  sides: { home: { players: [{ name: 'Sofia Marchetti' }] }, away: { players: [{ name: 'Lena Krüger' }] } },
};
const HOME = { side: 'home', place: 'first' };
const AWAY = { side: 'away', place: 'first' };

export default async function corrections(story) {
  const stand = await stage(story, MATCH);
  await begin(stand);
  await undoAndRedo(stand);
  await amend(stand);
  await setScore(stand);
  await throughDeuce(stand);
  // The browser itself notes refused requests; the panel has explained them.
  story.complaints.splice(0, story.complaints.length, ...story.complaints.filter((text) => !/status of 409/.test(text)));
  await stand.close();
  return 'undo, redo, amend, set_score';
}

async function undoAndRedo({ panel, points, press, check }) {
  await points('hah');
  await check({ games: [score(2, 1)], server: AWAY });
  await press('do-undo');
  await press('do-undo');
  await check({ games: [score(1, 0)], server: HOME });
  await press('do-redo');
  await check({ games: [score(1, 1)], server: AWAY });
  await press('do-redo');
  await check({ games: [score(2, 1)] });
  await refused(panel, 'do-redo', 'T.2');
  await press('do-undo');
  await points('a');
  await check({ games: [score(1, 2)] });
  await refused(panel, 'do-redo', 'T.2');
}

/** The first rally of three goes to the other side, then becomes a let: the later ones stand. */
async function amend({ panel, press, check, tell, events }) {
  const first = (await events()).find(({ event }) => event.type === 'point_scored').seq;
  await press('do-more', 'more-timeline', `rally-${first}`, 'amend-away');
  await check({ games: [score(0, 3)], server: AWAY });
  await press('do-more', 'more-timeline', `rally-${first}`, 'amend-let');
  await check({ games: [score(0, 2)] });
  await panel.getByTestId('do-more').click();
  await panel.getByTestId('more-timeline').click();
  await tell(panel, 'correct-timeline');
  await panel.getByTestId('dialog-close').click();
  await press('do-undo');
  await check({ games: [score(0, 3)] });
}

/** Only a score that play can reach is accepted; the rest is refused with the rule. */
async function setScore({ panel, press, check, tell }) {
  await fillScore(panel, [[12, 3]]);
  await panel.getByTestId('score-save').click();
  assert.equal(await panel.getByTestId('law').textContent(), 'Law T.4');
  await tell(panel, 'correct-refused');
  await panel.getByTestId('trouble-ok').click();
  await check({ games: [score(0, 3)] });
  await fillScore(panel, [[11, 3], [9, 9]]);
  await tell(panel, 'correct-score');
  await press('score-save');
  await check({ games: [score(11, 3), score(9, 9)], score: score(1, 0), status: 'in_play', server: HOME });
}

/** From 9–9 over deuce: one service each from 10–10. An amendment that would have ended the game earlier is refused. */
async function throughDeuce({ panel, points, press, check, events }) {
  await points('ha');
  await check({ games: [score(11, 3), score(10, 10)] });
  assert.ok(await panel.getByTestId('notice-deuce').isVisible());
  const level = (await events()).at(-1).seq;
  await points('h');
  const { server } = await check({ games: [score(11, 3), score(11, 10)] });
  await points('a');
  assert.notDeepEqual((await check()).server, server, 'one service each');
  await points('hh');
  await check({ games: [score(11, 3), score(13, 11)], score: score(2, 0), status: 'interval' });
  await panel.getByTestId('do-more').click();
  await panel.getByTestId('more-timeline').click();
  await panel.getByTestId(`rally-${level}`).click();
  await panel.getByTestId('amend-home').click();
  assert.equal(await panel.getByTestId('law').textContent(), 'Law T.3');
  await panel.getByTestId('trouble-ok').click();
  await press('do-undo');
  await check({ games: [score(11, 3), score(12, 11)], score: score(1, 0), status: 'in_play' });
}

/** A press that the laws refuse is explained with its number, and changes nothing. */
async function refused(panel, button, law) {
  await panel.waitForFunction((testid) => !document.querySelector(`[data-testid="${testid}"]`).classList.contains('guarded'), button);
  await panel.getByTestId(button).click();
  assert.equal(await panel.getByTestId('law').textContent(), `Law ${law}`);
  await panel.getByTestId('trouble-ok').click();
}
