/** Where the browsers of this machine are. AFFINAGE_CHROMIUM and AFFINAGE_FIREFOX come before anything else. */
import { existsSync } from 'node:fs';

const places = {
  chromium: [
    '/usr/bin/chromium',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ],
  firefox: [
    '/usr/bin/firefox-esr',
    '/usr/lib/firefox/firefox',
    '/opt/firefox/firefox',
    '/Applications/Firefox.app/Contents/MacOS/firefox',
    'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
  ],
};

/** Undefined where there is none. Ubuntu's /usr/bin/chromium-browser and /usr/bin/firefox start snaps, which cannot be automated, so they are ignored. */
export function findBrowser(name: keyof typeof places): string | undefined {
  const named = process.env[`AFFINAGE_${name.toUpperCase()}`];
  return named ? (existsSync(named) ? named : undefined) : places[name].find(existsSync);
}

/** The same, for tests: they fail where it is missing. */
export function browserPath(name: keyof typeof places): string {
  const path = findBrowser(name);
  if (!path)
    throw new Error(`No ${name} on this machine. \`npm test\` says how to get it; AFFINAGE_${name.toUpperCase()} names another place.`);
  return path;
}
