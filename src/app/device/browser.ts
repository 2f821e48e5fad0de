/** Which browser this is. It is used only to show the right help first, never to switch anything on or off. */

export type Browser = 'chromium' | 'firefox' | 'safari';
export type System = 'linux' | 'android' | 'other';

export function guessBrowser(userAgent: string): Browser {
  if (/Firefox\//.test(userAgent)) return 'firefox';
  if (/Chrom(e|ium)\//.test(userAgent)) return 'chromium';
  return /Safari\//.test(userAgent) ? 'safari' : 'chromium';
}

export function guessSystem(userAgent: string): System {
  if (/Android/.test(userAgent)) return 'android';
  return /Linux|X11/.test(userAgent) ? 'linux' : 'other';
}
