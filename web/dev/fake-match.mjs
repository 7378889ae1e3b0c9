// One match of the fake server: its actions, its events, its resource.
import { randomUUID } from 'node:crypto';
import { begin, fold, FORMAT, no } from './fake-laws.mjs';

const RESULT_WORDS = { confirm_result: 'official', protest_result: 'protested', reopen_result: 'provisional' };
const EVENT = {
  call: 'called', start_warm_up: 'warm_up_started', choose: 'chosen', start_game: 'game_started', point: 'point_scored',
  start_rally: 'rally_started', let: 'let_called', correct_service: 'service_corrected', correct_ends: 'ends_corrected',
  introduce_expedite: 'expedite_introduced', take_time_out: 'time_out_taken', take_towel_break: 'towel_break_taken',
  resume: 'resumed', suspend: 'suspended', show_card: 'card_shown', request_review: 'review_requested',
  decide_review: 'review_decided', retire: 'retired', walk_over: 'walked_over', disqualify: 'disqualified',
  abandon: 'abandoned', postpone: 'postponed', reschedule: 'rescheduled', cancel: 'cancelled', set_score: 'score_set',
  hand_over: 'handed_over', confirm_result: 'result_confirmed', protest_result: 'result_protested',
  reopen_result: 'result_reopened', amend: 'amended',
};

export class FakeMatch {
  constructor(given) {
    this.given = { external_ids: [], ...given, id: given.id ?? randomUUID(), format: { ...FORMAT, ...given.format } };
    delete this.given.format.preset;
    this.actions = [];
    this.undone = [];
    this.events = [];
    this.lease = 1;
    this.certainty = undefined;
    this.createdAt = this.updatedAt = new Date().toISOString();
    this.record({ type: 'created' });
  }

  get seq() {
    return this.events.length;
  }

  resource() {
    const facts = this.actions.length ? fold(this.given.format, this.actions.map(({ command }) => command)) : begin(this.given.format);
    if (this.certainty) facts.certainty = this.certainty;
    const { status, certainty, games, score, server, winner } = facts;
    return {
      ...this.given, org: 'fake', status, certainty, games, score, server, winner, state: facts, epoch: 1, lease: this.lease,
      seq: this.seq, stable_seq: this.seq, chain: '', state_hash: '', laws_version: 0, created_at: this.createdAt, updated_at: this.updatedAt,
    };
  }

  /** Carries a command out, or throws a rejection. Returns the new event. */
  obey(command, occurredAt) {
    const { type } = command;
    if (type === 'undo') return this.undo();
    if (type === 'redo') return this.redo();
    if (type === 'hand_over') this.lease += 1;
    else if (type in RESULT_WORDS) this.certainty = RESULT_WORDS[type];
    else if (type === 'amend') return this.amend(command);
    else {
      fold(this.given.format, [...this.actions.map((action) => action.command), command]);
      this.actions.push({ seq: this.seq + 1, command });
      this.undone = [];
    }
    return this.record(this.eventOf(command), occurredAt);
  }

  undo() {
    const action = this.actions.pop();
    if (!action) throw no('nothing_to_undo', 'T.2', 'there is nothing to undo');
    this.undone.push(action);
    return this.record({ type: 'retracted', seq: action.seq });
  }

  redo() {
    const action = this.undone.pop();
    if (!action) throw no('nothing_to_redo', 'T.2', 'there is nothing to redo');
    this.actions.push(action);
    return this.record({ type: 'reinstated', seq: action.seq });
  }

  amend({ seq, outcome }) {
    const action = this.actions.find((one) => one.seq === seq);
    if (!action) throw no('not_a_live_rally', 'T.3', `event ${seq} is not a live rally`);
    action.command = outcome;
    return this.record({ type: 'amended', seq, outcome });
  }

  eventOf(command) {
    const match = this.resource();
    const after = { game: match.games.length, score: match.games.at(-1) ?? { home: 0, away: 0 }, games: match.score };
    const extra = { point: after, show_card: { penalty_points: 0, ...after }, start_game: { game: match.games.length, server: match.state.server, receiver: match.state.receiver } };
    return { ...command, ...extra[command.type], type: EVENT[command.type] ?? command.type };
  }

  record(event, occurredAt) {
    this.updatedAt = new Date().toISOString();
    const whole = {
      match_id: this.given.id, epoch: 1, seq: this.seq + 1, lease: this.lease, laws_version: 0, command_id: randomUUID(), origin: 'fake',
      occurred_at: occurredAt ?? this.updatedAt, precision: 'ms', recorded_at: this.updatedAt, event, liveness: 'live',
    };
    this.events.push(whole);
    return whole;
  }
}
