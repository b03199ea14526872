import type { Stats } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { type IgnoreRules, ignoreRules } from '../../tar/index.ts'
import type { MergedEntry, MergedTree } from '../layer/merged-tree.ts'
import { digestTree } from './digest-tree.ts'
import type { SourceMatch } from './sources.ts'

/** A part of a source that is copied for itself, since others beside it are not, or since it keeps the folders it lies in. */
export interface SelectedPart {
  /** In the source's tree, symlinks resolved but for a link that is itself the part. */
  readonly from: string
  /** Beneath the copy's destination. */
  readonly to: string
  readonly stats: Stats
  readonly hostPath: string
  /** A folder without what is in it. */
  readonly isShell: boolean
}

/** What of its source COPY takes by `--exclude`, and where it puts that by `--parents`. */
export interface SelectionRules {
  readonly exclude: readonly string[]
  readonly parents: boolean
}

/** Whether a source must be looked through; where not, it is copied as it is. */
export function selects({ exclude, parents }: SelectionRules): boolean {
  return exclude.length > 0 || parents
}

/**
 * The parts of a match. Patterns are those of `.dockerignore`, below the match or, with `--parents`, below where its kept
 * path begins; a source that is named itself is never left out.
 */
export async function partsOf(
  tree: MergedTree,
  match: SourceMatch,
  rules: SelectionRules,
): Promise<readonly SelectedPart[]> {
  const ignore = ignoreRules(rules.exclude.join('\n'))
  const kept = rules.parents ? match.kept : ''
  const shells = rules.parents ? await keptFolders(tree, match) : []
  if (!match.stats.isDirectory()) {
    if (rules.parents && ignore.isIgnored(kept)) return []
    return [...shells, part(match, kept, false)]
  }
  const { parts, isWhole } = await below(tree, match, kept, kept, ignore)
  return [...shells, part(match, kept, !isWhole), ...(isWhole ? [] : parts)]
}

/** What parts count as in a key: where each goes, and what it is. */
export async function identityOfParts(parts: readonly SelectedPart[]): Promise<string> {
  const identities: unknown[] = []
  for (const { to, stats, hostPath, isShell } of parts)
    identities.push([to, isShell ? [stats.mode, stats.uid, stats.gid] : await digestTree(hostPath)])
  return JSON.stringify(identities)
}

function part({ path, stats, hostPath }: MergedEntry, to: string, isShell: boolean): SelectedPart {
  return { from: path, to, stats, hostPath, isShell }
}

/** The folders that a match lies in, as far as its path is kept. */
async function keptFolders(tree: MergedTree, { at, kept }: SourceMatch): Promise<readonly SelectedPart[]> {
  const top = kept === '' ? at : at.slice(0, at.length - kept.length)
  const names = dirname(kept) === '.' ? [] : dirname(kept).split('/')
  const folders = names.map((_, index) => names.slice(0, index + 1).join('/'))
  const found = await Promise.all(
    folders.map(async to => {
      const entry = await tree.find(join(top, to))
      return entry === undefined ? [] : [part(entry, to, true)]
    }),
  )
  return found.flat()
}

interface Below {
  readonly parts: readonly SelectedPart[]
  /** Nothing in it is left out. */
  readonly isWhole: boolean
}

async function below(
  tree: MergedTree,
  folder: Pick<MergedEntry, 'path'>,
  to: string,
  named: string,
  ignore: IgnoreRules,
): Promise<Below> {
  const parts: SelectedPart[] = []
  let isWhole = true
  for (const name of await tree.list(folder.path)) {
    const path = join(folder.path, name)
    const entry = await tree.findLink(path)
    if (entry === undefined) continue
    const [inner, target] = [join(named, name), join(to, name)]
    const isIgnored = ignore.isIgnored(inner)
    if (!entry.stats.isDirectory()) {
      if (isIgnored) isWhole = false
      else parts.push(part(entry, target, false))
      continue
    }
    const content =
      isIgnored && !ignore.mayKeepIn(inner)
        ? { parts: [], isWhole: false }
        : await below(tree, entry, target, inner, ignore)
    const takesAll = content.isWhole && !isIgnored
    isWhole &&= takesAll
    if (takesAll) parts.push(part(entry, target, false))
    else if (!isIgnored || content.parts.length > 0) parts.push(part(entry, target, true), ...content.parts)
  }
  return { parts, isWhole }
}
