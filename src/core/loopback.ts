/** Which addresses are this machine's own. */

/** Whether a host, as URLs and flags write it, is this machine: a name that only begins like one is not. */
export const isLoopback = (host: string): boolean => /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host);

/** Whether others on the way can read what is sent to this URL: plain http to another machine. */
export const isReadableOnTheWay = (url: string): boolean =>
  new URL(url).protocol === 'http:' && !isLoopback(new URL(url).hostname);
