/**
 * What the tests need besides npm packages: Chromium, Firefox, and on Linux the two software Vulkan drivers. On Debian they are installed
 * if that is allowed; elsewhere the message says exactly what to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { lavapipeIcd, swiftshaderIcd } from './adapters.ts';
import { findBrowser } from './browsers.ts';

interface Need {
  what: string;
  found(): boolean;
  /** Debian's package. `snap`: on Ubuntu the package of this name is a snap. */
  debian: string;
  snap?: boolean;
}

const libraryFolders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/local/lib'];

const browsers: Need[] = [
  { what: 'Chromium or Chrome', found: () => findBrowser('chromium') !== undefined, debian: 'chromium', snap: true },
  { what: 'Firefox', found: () => findBrowser('firefox') !== undefined, debian: 'firefox-esr', snap: true },
];

const drivers: Need[] = [
  {
    what: "SwiftShader's Vulkan driver (part of Chromium)",
    found: () => swiftshaderIcd() !== undefined,
    debian: 'chromium',
    snap: true,
  },
  {
    what: "lavapipe, Mesa's Vulkan driver for the CPU, from Mesa 24 or later",
    found: () => lavapipeIcd() !== undefined && (mesaMajor() ?? oldestMesa) >= oldestMesa,
    debian: 'mesa-vulkan-drivers',
  },
  {
    what: 'the Vulkan loader (libvulkan.so.1)',
    found: () => libraryFolders.some(folder => existsSync(`${folder}/libvulkan.so.1`)),
    debian: 'libvulkan1',
  },
];

/** Dawn refuses the lavapipe of Mesa 22.3, which Debian 12 ships. */
const oldestMesa = 24;

/** Installs what is missing, or says what to do (undefined: all is there). Quick when nothing is missing. */
export function prepareMachine(): string | undefined {
  const needs = process.platform === 'linux' ? [...browsers, ...drivers] : browsers;
  const missing = needs.filter(need => !need.found());
  if (missing.length === 0) return undefined;
  const system = readSystem();
  const asRoot = rootPrefix();
  if (system.id !== 'debian' || !asRoot) return advice(missing, system);
  const failed = installOnDebian([...new Set(missing.map(({ debian }) => debian))], system.version, asRoot);
  if (failed) return `${failed}\n${advice(missing, system)}`;
  const still = needs.filter(need => !need.found());
  return still.length > 0 ? advice(still, system) : undefined;
}

interface System {
  id: string;
  version: string;
}

function readSystem(): System {
  if (process.platform !== 'linux') return { id: process.platform, version: '' };
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const value = (key: string) => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  return { id: value('ID'), version: value('VERSION_ID') };
}

/** Words before a command that needs root; null if root cannot be had without a password. */
function rootPrefix(): string[] | null {
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n', 'DEBIAN_FRONTEND=noninteractive'] : null;
}

/** Major version of the installed mesa-vulkan-drivers; undefined where dpkg does not know. */
function mesaMajor(): number | undefined {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholder.
  const { status, stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Version}', 'mesa-vulkan-drivers'], { encoding: 'utf8' });
  const major = status === 0 ? Number.parseInt(stdout, 10) : Number.NaN;
  return Number.isNaN(major) ? undefined : major;
}

/** Undefined, or what went wrong. */
function installOnDebian(packages: string[], version: string, asRoot: readonly string[]): string | undefined {
  console.log(`Installing what the tests need: ${packages.join(', ')}`);
  const run = (...words: string[]) => {
    const [program = '', ...args] = [...asRoot, ...words];
    const { status } = spawnSync(program, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    return status === 0;
  };
  const apt = (...args: string[]) => run('apt-get', '-q', '-o', 'Acquire::Retries=3', '-o', 'Dpkg::Use-Pty=0', ...args);
  const backports = version === '12' && packages.includes('mesa-vulkan-drivers');
  if (backports && !hasBackports()) {
    const line = `deb ${debianMirror()} bookworm-backports main`;
    const file = '/etc/apt/sources.list.d/bookworm-backports.list';
    console.log(`Debian 12's own Mesa is too old for Dawn: adding "${line}" in ${file}`);
    if (!run('sh', '-c', `echo '${line}' > ${file}`)) return `${file} could not be written.`;
  }
  if (!apt('update')) return 'apt-get update failed.';
  const plain = packages.filter(name => !(backports && name === 'mesa-vulkan-drivers'));
  // Browsers draw text: without any font some of them write none.
  if (plain.length > 0 && !apt('install', '-y', '--no-install-recommends', ...plain, 'fonts-dejavu-core')) return 'apt-get install failed.';
  if (backports && !apt('install', '-y', '--no-install-recommends', '-t', 'bookworm-backports', 'mesa-vulkan-drivers')) {
    return 'apt-get install failed.';
  }
  return undefined;
}

const sourceTexts = (): string[] =>
  [
    '/etc/apt/sources.list',
    ...(existsSync('/etc/apt/sources.list.d') ? readdirSync('/etc/apt/sources.list.d').map(name => `/etc/apt/sources.list.d/${name}`) : []),
  ]
    .filter(file => /\.(list|sources)$/.test(file) && existsSync(file))
    .map(file => readFileSync(file, 'utf8').replace(/^\s*#.*$/gm, ''));

const hasBackports = (): boolean => sourceTexts().some(text => /\bbookworm-backports\b/.test(text));

/** The mirror that this machine takes Debian from. */
function debianMirror(): string {
  const found = sourceTexts().flatMap(text => [...text.matchAll(/https?:\/\/\S+/g)].map(([url]) => url));
  return found.find(url => /\/debian\/?$/.test(url)) ?? 'http://deb.debian.org/debian';
}

function advice(missing: readonly Need[], { id, version }: System): string {
  const packages = [...new Set(missing.map(({ debian }) => debian))];
  const lines = ['The tests need what this machine lacks:', ...missing.map(({ what }) => `  - ${what}`), ''];
  if (id === 'debian') {
    const mesa = packages.includes('mesa-vulkan-drivers') && version === '12';
    const plain = packages.filter(name => !(mesa && name === 'mesa-vulkan-drivers'));
    lines.push('As root:');
    if (mesa)
      lines.push("  echo 'deb http://deb.debian.org/debian bookworm-backports main' > /etc/apt/sources.list.d/bookworm-backports.list");
    lines.push('  apt-get update');
    if (plain.length > 0) lines.push(`  apt-get install ${plain.join(' ')}`);
    if (mesa) lines.push('  apt-get install -t bookworm-backports mesa-vulkan-drivers');
  } else if (id === 'ubuntu') {
    const plain = [...new Set(missing.filter(({ snap }) => !snap).map(({ debian }) => debian))];
    if (plain.length > 0) lines.push(`As root: apt-get update && apt-get install ${plain.join(' ')}`);
    lines.push(
      "Ubuntu's chromium and firefox packages are snaps, which cannot be driven from here. Install Google Chrome's .deb",
      "(google.com/chrome) and Mozilla's Firefox .deb (packages.mozilla.org), or set AFFINAGE_CHROMIUM and AFFINAGE_FIREFOX to their programs.",
    );
  } else if (process.platform === 'linux') {
    lines.push(
      "Install your distribution's packages: a Chromium or Chrome that is no snap or flatpak, Firefox, the Vulkan loader, and",
      "Mesa's Vulkan drivers with lavapipe (vulkan-swrast, mesa-vulkan-drivers or the like).",
      'AFFINAGE_CHROMIUM and AFFINAGE_FIREFOX name browsers that stand elsewhere.',
    );
  } else {
    lines.push('Install Google Chrome and Firefox in their usual places, or set AFFINAGE_CHROMIUM and AFFINAGE_FIREFOX to their programs.');
  }
  return lines.join('\n');
}
