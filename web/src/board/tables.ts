/** Which matches a board of many tables shows: pure transitions over a map of matches. */
import { supersedes, type LiveItem, type Match } from '../api/match';
import { isLive, isOver, isReportedOnly } from '../match/names';
import { byTable } from '../umpire/list';

/** How long a result stays on its table when nothing follows. */
export const RESULT_STAYS_MS = 10 * 60_000;
/** A bound for a board that runs for weeks; far above what a hall holds. */
const MATCHES_MAX = 2_000;

export type Tables = ReadonlyMap<string, Match>;

/** Takes in news; what is older than what is known changes nothing. */
export function take(tables: Tables, items: LiveItem[]): Tables {
  const next = new Map(tables);
  for (const item of items) {
    if (supersedes(item, next.get(item.match.id))) next.set(item.match.id, item.match);
  }
  if (next.size > MATCHES_MAX) forgetOldest(next);
  return next;
}

/** One match a table: the live one, else the latest result while it is fresh, else the next one. */
export function shown(tables: Tables, now: number, only: string[] = []): Match[] {
  const byPlace = new Map<string, Match>();
  for (const match of tables.values()) {
    if (only.length > 0 && !only.includes(match.table ?? '')) continue;
    if (rank(match, now) === 0) continue;
    const place = match.table ?? match.id;
    const rival = byPlace.get(place);
    if (!rival || better(match, rival, now)) byPlace.set(place, match);
  }
  return [...byPlace.values()].sort(byTable);
}

function rank(match: Match, now: number): number {
  if (isLive(match.state)) return 3;
  if (isOver(match.state)) return now - Date.parse(match.updated_at) < RESULT_STAYS_MS ? 2 : 0;
  return match.table && !isReportedOnly(match) ? 1 : 0;
}

function better(a: Match, b: Match, now: number): boolean {
  const difference = rank(a, now) - rank(b, now);
  if (difference !== 0) return difference > 0;
  if (rank(a, now) === 1) return (a.scheduled_at ?? '~') < (b.scheduled_at ?? '~');
  return a.updated_at > b.updated_at;
}

function forgetOldest(tables: Map<string, Match>): void {
  const over = [...tables.values()].filter((match) => isOver(match.state));
  over.sort((a, b) => a.updated_at.localeCompare(b.updated_at));
  for (const match of over.slice(0, tables.size - MATCHES_MAX)) tables.delete(match.id);
}

/** Columns and rows for `count` cards on a screen of this shape, with cards about `shape` times as wide as high. */
export function layout(count: number, width: number, height: number, shape = 2.2): { columns: number; rows: number } {
  let best = { columns: 1, rows: Math.max(1, count), size: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(count / columns);
    const size = Math.min(width / columns, (height / rows) * shape);
    if (size > best.size) best = { columns, rows, size };
  }
  return { columns: best.columns, rows: best.rows };
}

/** The cards of the page that is due: pages turn by the clock, so that walls side by side turn together. */
export function page<T>(items: T[], size: number, everyMs: number, now: number): { items: T[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const index = Math.floor(now / everyMs) % pages;
  return { items: items.slice(index * size, (index + 1) * size), page: index + 1, pages };
}
