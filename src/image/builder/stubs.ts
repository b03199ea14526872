import { lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { MergedTree } from '../layer/merged-tree.ts'

/** What every container has mounted, and whose mount points are not the command's work. */
const ALWAYS = [
  '/.dockerenv',
  '/dev',
  '/proc',
  '/sys',
  '/etc/hosts',
  '/etc/hostname',
  '/etc/resolv.conf',
] as const

/**
 * Takes the empty mount points out of a RUN's changes that the runner had to make: those that the layers below do not
 * have, and folders above them that hold nothing else.
 */
export async function removeStubs(
  upper: string,
  below: MergedTree,
  targets: readonly string[],
): Promise<void> {
  // Deepest first, so that a folder that held only another stub goes as well.
  const paths = [...ALWAYS, ...targets].sort((a, b) => b.length - a.length)
  for (const path of paths) {
    let names = path.split('/').filter(name => name !== '')
    while (names.length > 0 && (await isStub(upper, below, names))) {
      removeStub(join(upper, ...names))
      names = names.slice(0, -1)
    }
  }
}

/** Empty, not there below, and reached without a symlink. */
async function isStub(upper: string, below: MergedTree, names: readonly string[]): Promise<boolean> {
  for (const [index] of names.entries()) {
    const stats = lstatSync(join(upper, ...names.slice(0, index + 1)), { throwIfNoEntry: false })
    if (stats === undefined) return false
    const last = index === names.length - 1
    if (!last && !stats.isDirectory()) return false
    if (last && stats.isFile() && stats.size > 0) return false
    if (last && !stats.isFile() && !stats.isDirectory()) return false
    if (last && stats.isDirectory() && readdirSync(join(upper, ...names)).length > 0) return false
  }
  return (await below.findLink(`/${names.join('/')}`)) === undefined
}

function removeStub(path: string): void {
  if (lstatSync(path).isDirectory()) rmdirSync(path)
  else unlinkSync(path)
}
