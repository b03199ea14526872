import { relative } from 'node:path'
import { ignoreRules } from '../../tar/index.ts'
import type { TreeFilter } from './tree.ts'

/** What editors and version control write beside what is meant: swap files, backups, probes, their own folders. */
const NEVER = ignoreRules(
  [
    '**/.git',
    '**/.idea',
    '**/*___jb_old___',
    '**/*___jb_tmp___',
    '**/.#*',
    '**/#*#',
    '**/4913',
    '**/*~',
    '**/.*.sw[nopx]',
    '**/.*.kate-swp',
    '**/.goutputstream-*',
    '**/*-go-tmp-umask',
  ].join('\n'),
)

/** What of a watched folder counts. */
export interface FilterOptions {
  /** Absolute path of the folder, or file. */
  readonly root: string
  readonly ignore: readonly string[]
  /** None: everything. */
  readonly include: readonly string[]
  /** The build context and the text of its `.dockerignore`. */
  readonly context?: { readonly folder: string; readonly ignore: string }
}

/** Patterns of `ignore` and `include` are those of a .dockerignore, relative to the folder. Raises DOCKERIGNORE_INVALID. */
export function treeFilter({ root, ignore, include, context }: FilterOptions): TreeFilter {
  const ignored = ignoreRules(ignore.join('\n'))
  const included = ignoreRules(include.join('\n'))
  const contextRules = ignoreRules(context?.ignore)
  const inContext = (path: string): string | undefined => {
    if (context === undefined) return undefined
    const inside = relative(context.folder, path === '' ? root : `${root}/${path}`)
    return inside === '' || inside === '..' || inside.startsWith('../') ? undefined : inside
  }
  return {
    takes: path => {
      const inside = inContext(path)
      if (inside !== undefined && contextRules.isIgnored(inside)) return false
      if (NEVER.isIgnored(path) || ignored.isIgnored(path)) return false
      return include.length === 0 || path === '' || included.isIgnored(path)
    },
    prunes: folder => {
      const inside = inContext(folder)
      if (NEVER.isIgnored(folder)) return true
      if (ignored.isIgnored(folder) && !ignored.mayKeepIn(folder)) return true
      return inside !== undefined && contextRules.isIgnored(inside) && !contextRules.mayKeepIn(inside)
    },
  }
}
