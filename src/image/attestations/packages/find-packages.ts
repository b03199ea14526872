import { posix } from 'node:path'
import type { MergedTree } from '../../layer/merged-tree.ts'
import { type FoundPackage, readSystem } from './package.ts'
import { apkPackages, dpkgPackages, npmPackages, pythonPackage } from './package-lists.ts'

/** Of one list of packages, in bytes. */
const LIMIT = 64 * 1024 * 1024
/** What is not searched: nothing is installed there, or another file lists it. */
const PASSED_OVER = new Set(['/proc', '/sys', '/dev', '/tmp', '/run'])
const RPM = ['/var/lib/rpm', '/usr/lib/sysimage/rpm', '/usr/share/rpm']
const DPKG = '/var/lib/dpkg/status'
const DISTROLESS = '/var/lib/dpkg/status.d'
const APK = ['/lib/apk/db/installed', '/usr/lib/apk/db/installed']

/** What is installed in an image's tree. */
export interface Inventory {
  /** Each once, sorted. */
  readonly packages: readonly FoundPackage[]
  /** It has packages of a kind that is not read. */
  readonly hasRpm: boolean
}

/** Finds what package managers have installed: dpkg, apk, npm by its locks, Python's distributions. */
export async function findPackages(tree: MergedTree): Promise<Inventory> {
  const read = async (path: string): Promise<string> => (await tree.readText(path, LIMIT)) ?? ''
  const system = readSystem(await tree.readText('/etc/os-release', LIMIT))
  const packages: FoundPackage[] = [...dpkgPackages(await read(DPKG), DPKG, system)]
  for (const name of await namesIn(tree, DISTROLESS)) {
    const path = posix.join(DISTROLESS, name)
    if (!name.endsWith('.md5sums')) packages.push(...dpkgPackages(await read(path), path, system))
  }
  for (const path of APK) packages.push(...apkPackages(await read(path), path, system))
  await walk(tree, '/', async path => {
    const isPython = /\.dist-info\/METADATA$/.test(path)
    packages.push(...(isPython ? pythonPackage : npmPackages)(await read(path), path))
  })
  const rpm = await Promise.all(RPM.map(path => tree.findLink(path)))
  const once = new Map(packages.map(each => [`${each.purl} ${each.source}`, each]))
  return {
    packages: [...once].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each),
    hasRpm: rpm.some(entry => entry?.stats.isDirectory()),
  }
}

async function namesIn(tree: MergedTree, folder: string): Promise<readonly string[]> {
  const entry = await tree.findLink(folder)
  return entry?.stats.isDirectory() ? tree.list(folder) : []
}

/** Visits the files that list packages of languages. */
async function walk(tree: MergedTree, folder: string, visit: (path: string) => Promise<void>): Promise<void> {
  for (const name of await tree.list(folder)) {
    const path = posix.join(folder, name)
    if (name.endsWith('.dist-info')) {
      const metadata = posix.join(path, 'METADATA')
      if ((await tree.findLink(metadata))?.stats.isFile()) await visit(metadata)
    } else if (name === 'package-lock.json') {
      if ((await tree.findLink(path))?.stats.isFile()) await visit(path)
    } else if (name !== 'node_modules' && !PASSED_OVER.has(path)) {
      if ((await tree.findLink(path))?.stats.isDirectory()) await walk(tree, path, visit)
    }
  }
}
