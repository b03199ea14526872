import { basename, join, normalize } from 'node:path/posix'
import { failure } from '../../diagnostics/index.ts'
import { goPatternSource } from '../../tar/index.ts'
import type { MergedEntry, MergedTree } from '../layer/merged-tree.ts'

/** One match of a COPY source. */
export interface SourceMatch extends MergedEntry {
  /** Name that the copy gets inside a destination folder. */
  readonly name: string
  /** The path as it is written and matched, symlinks as they are. */
  readonly at: string
  /** What of it `--parents` keeps: all, or what is behind `/./`. */
  readonly kept: string
}

/**
 * What a source pattern of COPY means in a tree: one path, or all that match its wildcards, sorted. `isDeep`: `**` stands for
 * any number of folders, and not for one.
 */
export async function matchSources(
  tree: MergedTree,
  pattern: string,
  isDeep: boolean = false,
): Promise<readonly SourceMatch[]> {
  const pivot = pattern.indexOf('/./')
  const top = pivot === -1 ? '/' : normalize(`/${pattern.slice(0, pivot)}`)
  // As BuildKit does: a path that climbs out ends at the root of the context.
  const clean = normalize(`/${pattern}`)
  const paths = /[*?[]/.test(clean) ? await glob(tree, clean, isDeep) : [clean]
  const found = await Promise.all(
    paths.map(async path => {
      const entry = await tree.find(path)
      if (entry !== undefined) return [{ ...entry, name: basename(path), at: path, kept: keptOf(path, top) }]
      if (path !== clean && (await tree.findLink(path)) !== undefined) throw leadsNowhere(path)
      return []
    }),
  )
  return found.flat()
}

/** Wildcards in the folder that is not kept may match any of them: as many names are left out. */
function keptOf(path: string, top: string): string {
  const depth = top.split('/').filter(name => name !== '').length
  return path
    .split('/')
    .filter(name => name !== '')
    .slice(depth)
    .join('/')
}

async function glob(tree: MergedTree, pattern: string, isDeep: boolean): Promise<readonly string[]> {
  let paths = ['/']
  for (const component of pattern.split('/').filter(name => name !== '')) {
    const next = await Promise.all(
      paths.map(path =>
        isDeep && component === '**' ? foldersFrom(tree, path) : children(tree, path, component),
      ),
    )
    paths = [...new Set(next.flat())]
  }
  return paths
}

/** `**` is any number of folders, none too. */
async function foldersFrom(tree: MergedTree, folder: string): Promise<readonly string[]> {
  const found = [folder]
  for (const path of await children(tree, folder, '*')) {
    if ((await tree.findLink(path))?.stats.isDirectory()) found.push(...(await foldersFrom(tree, path)))
  }
  return found
}

async function children(tree: MergedTree, folder: string, component: string): Promise<readonly string[]> {
  if (!/[*?[\\]/.test(component)) return [join(folder, component)]
  const pattern = new RegExp(`^${goPatternSource(component)}$`, 'su')
  return (await tree.list(folder)).filter(name => pattern.test(name)).map(name => join(folder, name))
}

/** What matches and cannot be copied must not be missed without a word. */
function leadsNowhere(path: string): Error {
  return failure({
    code: 'COPY_SOURCE_MISSING',
    kind: 'invalidArgument',
    summary: `a wildcard of COPY or ADD matches "${path}", a link to what is not there`,
    hint: 'a link leads to what lies below the root of what is copied from',
  })
}
