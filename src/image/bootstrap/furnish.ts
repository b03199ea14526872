import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Release } from './distribution.ts'

/** What the official images add to a plain system, so that apt behaves in a container: path → content. */
const FILES: Readonly<Record<string, string>> = {
  // Services are not started when their package is installed: a container has no init that would.
  '/usr/sbin/policy-rc.d': '#!/bin/sh\n# Nothing starts by itself in a container.\nexit 101\n',
  // A build that is cut off is thrown away whole, so that flushing every file only costs time.
  '/etc/dpkg/dpkg.cfg.d/container-speed': 'force-unsafe-io\n',
  // Archives would stay in the layer of the RUN that fetched them.
  '/etc/apt/apt.conf.d/container-clean':
    'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb || true"; };\n' +
    'APT::Update::Post-Invoke { "rm -f /var/cache/apt/*.bin || true"; };\n' +
    'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n',
  '/etc/apt/apt.conf.d/container-no-languages': 'Acquire::Languages "none";\n',
  '/etc/apt/apt.conf.d/container-autoremove': 'APT::AutoRemove::SuggestsImportant "false";\n',
}

/** Mount points of every container, so that no layer above has to make them. */
const MOUNT_POINTS = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf']

/** The `-slim` images have no manuals, documentation and translations; packages installed later neither. */
const SLIM_FOLDERS = [
  '/usr/share/doc',
  '/usr/share/man',
  '/usr/share/info',
  '/usr/share/locale',
  '/usr/share/groff',
]
const SLIM_RULES = [
  ...SLIM_FOLDERS.map(folder => `path-exclude ${folder}/*`),
  'path-include /usr/share/doc/*/copyright',
  'path-include /usr/share/locale/locale.alias',
]

/** What the making of the system left, and what the runtime puts there itself. */
const LEFTOVERS = [
  '/etc/apt/apt.conf.d/99mmdebstrap',
  '/etc/dpkg/dpkg.cfg.d/99mmdebstrap',
  '/etc/resolv.conf',
  '/etc/hostname',
  '/var/cache/ldconfig/aux-cache',
  '/var/log/apt',
  '/var/log/dpkg.log',
  '/var/log/bootstrap.log',
  '/var/log/alternatives.log',
]

/** Makes a fresh system the root of an image. The tree is of the distribution's own packages, and only this process is in it. */
export async function furnish(
  root: string,
  release: Release,
  sources: readonly string[] | undefined,
): Promise<void> {
  for (const path of LEFTOVERS) await rm(join(root, path), { recursive: true, force: true })
  await clear(join(root, '/dev'))
  await clear(join(root, '/var/lib/apt/lists'))
  for (const path of MOUNT_POINTS) await put(root, path, '')
  for (const [path, content] of Object.entries(FILES)) await put(root, path, content)
  await chmod(join(root, '/usr/sbin/policy-rc.d'), 0o755)
  if (sources !== undefined) await put(root, '/etc/apt/sources.list', `${sources.join('\n')}\n`)
  if (release.slim) await slim(root)
}

async function slim(root: string): Promise<void> {
  await put(root, '/etc/dpkg/dpkg.cfg.d/container-slim', `${SLIM_RULES.join('\n')}\n`)
  for (const folder of SLIM_FOLDERS) {
    if (folder === '/usr/share/doc') await clearButCopyright(join(root, folder))
    else await clear(join(root, folder))
  }
}

/** Licences ask that their texts go along. */
async function clearButCopyright(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    for (const name of await readdir(join(folder, entry.name))) {
      if (name !== 'copyright') await rm(join(folder, entry.name, name), { recursive: true, force: true })
    }
  }
}

async function clear(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
}

async function put(root: string, path: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content, { mode: 0o644 })
}
