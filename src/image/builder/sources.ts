import { basename, join, normalize } from 'node:path/posix'
import { failure } from '../../diagnostics/index.ts'
import { type MergedEntry, type MergedTree, NOT_UTF8 } from '../layer/merged-tree.ts'

/** One match of a COPY source. */
export interface SourceMatch extends MergedEntry {
  /** Name that the copy gets inside a destination folder. */
  readonly name: string
}

/** What a source pattern of COPY means in a tree: one path, or all that match its wildcards, sorted. */
export async function matchSources(tree: MergedTree, pattern: string): Promise<readonly SourceMatch[]> {
  // As BuildKit does: a path that climbs out ends at the root of the context.
  const clean = normalize(`/${pattern}`)
  const paths = /[*?[]/.test(clean) ? await glob(tree, clean) : [clean]
  const found = await Promise.all(
    paths.map(async path => {
      const entry = await tree.find(path)
      return entry === undefined ? [] : [{ ...entry, name: basename(path) }]
    }),
  )
  return found.flat()
}

async function glob(tree: MergedTree, pattern: string): Promise<readonly string[]> {
  let paths = ['/']
  for (const component of pattern.split('/').filter(name => name !== '')) {
    const next = await Promise.all(paths.map(path => children(tree, path, component)))
    paths = next.flat()
  }
  return paths
}

async function children(tree: MergedTree, folder: string, component: string): Promise<readonly string[]> {
  if (!/[*?[\\]/.test(component)) return [join(folder, component)]
  const pattern = componentPattern(component)
  const paths = (await tree.list(folder)).filter(name => pattern.test(name)).map(name => join(folder, name))
  for (const path of paths) {
    if (path.includes(NOT_UTF8) && (await tree.findLink(path)) === undefined) throw unnameable(path)
  }
  return paths
}

/** A regular expression for one component, by the rules of Go's filepath.Match. */
function componentPattern(component: string): RegExp {
  const source = component.replace(/\\.|\[\^?(?:\\.|[^\]\\])+\]|./gs, token => {
    if (token === '*') return '.*'
    if (token === '?') return '.'
    if (token.length > 1 && token.startsWith('[')) return token
    return token.slice(-1).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${source}$`, 's')
}

/** To leave it out would be to build another image in silence. */
function unnameable(path: string): Error {
  return failure({
    code: 'COPY_SOURCE_NAME',
    kind: 'invalidArgument',
    summary: `a wildcard of COPY or ADD matches "${path}", whose name is not UTF-8`,
    hint: 'copy the folder that it lies in, or rename it',
  })
}
