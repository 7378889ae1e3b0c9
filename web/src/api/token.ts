/** The write token: from the address's fragment (never sent to a server) or typed in, kept on this device. */
import { load, save } from '../match/storage';

const KEY = 'topspin.token';

export const readToken = (): string => load(KEY) ?? '';
export const keepToken = (token: string): void => void save(KEY, token.trim());

/** Takes `#token=…` out of the address, so that it is neither bookmarked nor seen. Returns whether there was one. */
export function adoptTokenFromAddress(): boolean {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (!token) return false;
  keepToken(token);
  history.replaceState(history.state, '', location.pathname + location.search);
  return true;
}
