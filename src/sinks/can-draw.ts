/** Whether a live screen makes sense on a stream. Imports nothing heavy, so that it can be asked before Ink is loaded. */

/** False for pipes, CI, terminals that cannot move the cursor, and screen readers: they get one line an event. */
export function canDraw(stderr: { isTTY?: boolean }, env: Record<string, string | undefined>): boolean {
  const on = (name: string): boolean => (env[name] ?? '') !== '' && env[name] !== '0' && env[name] !== 'false';
  if (!stderr.isTTY || env.TERM === 'dumb') return false;
  return !['CI', 'CONTINUOUS_INTEGRATION', 'INQUEST_SCREEN_READER', 'INK_SCREEN_READER'].some(on);
}
