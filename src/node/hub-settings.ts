/** Settings of the hub from environment variables with the names that Hugging Face's own tools use. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../errors.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export interface HubSettings {
  /** Base URL, without a trailing slash; undefined: the public hub. */
  hub?: string;
  token?: string;
  /** Where the token was found: the name of a variable, or the file that `hf auth login` wrote. */
  tokenFrom?: string;
  /** False: no request is ever made. */
  online: boolean;
}

/**
 * HF_ENDPOINT, HF_HUB_OFFLINE, and the token: HF_TOKEN, the older HUGGING_FACE_HUB_TOKEN, else the one that `hf auth login` stored
 * (HF_TOKEN_PATH, or `token` in HF_HOME). HF_HUB_DISABLE_IMPLICIT_TOKEN leaves every token out. Errors: InputError naming HF_ENDPOINT.
 */
export function hubSettings(env: Variables = process.env): HubSettings {
  return { hub: endpointOf(env.HF_ENDPOINT), ...tokenOf(env), online: !isOn(env.HF_HUB_OFFLINE) };
}

const isOn = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value?.trim() ?? '');

/** An address may be written without its scheme: https then, and http for this machine itself. */
function endpointOf(value: string | undefined): string | undefined {
  const text = value?.trim() ?? '';
  if (text === '') return undefined;
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])(:|\/|$)/i.test(text);
  const full = /^[a-z][a-z+.-]*:\/\//i.test(text) ? text : `${isHere ? 'http' : 'https'}://${text}`;
  let url: URL | null = null;
  try {
    url = new URL(full);
  } catch {
    // The error is thrown below.
  }
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    // The value itself is not repeated: it may hold a password.
    throw new InputError(
      'HF_ENDPOINT is no address of a hub. Write it as https://hub.example.org, without a name, a password or a query.',
      {
        variable: 'HF_ENDPOINT',
      },
    );
  }
  return full.replace(/\/+$/, '');
}

function tokenOf(env: Variables): Pick<HubSettings, 'token' | 'tokenFrom'> {
  if (isOn(env.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return {};
  for (const name of ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN']) {
    const token = env[name]?.trim();
    if (token) return { token, tokenFrom: name };
  }
  const file = tokenFile(env);
  try {
    const token = readFileSync(file, 'utf8').trim();
    return token === '' ? {} : { token, tokenFrom: file };
  } catch {
    return {}; // Most people never signed in.
  }
}

function tokenFile(env: Variables): string {
  if (env.HF_TOKEN_PATH) return expanded(env.HF_TOKEN_PATH);
  const home = env.HF_HOME
    ? expanded(env.HF_HOME)
    : join(env.XDG_CACHE_HOME ? expanded(env.XDG_CACHE_HOME) : join(homedir(), '.cache'), 'huggingface');
  return join(home, 'token');
}

/** Replaces a leading `~` by the home folder, as a shell does. */
const expanded = (path: string): string => (/^~(?=[/\\]|$)/.test(path) ? join(homedir(), path.slice(1)) : path);
