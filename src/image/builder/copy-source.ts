import type { MergedTree } from '../layer/merged-tree.ts'
import type { TreeSource } from '../layer/trees.ts'
import { isArchive } from './archive.ts'
import { contentIdentity, type SourceRoot } from './roots.ts'
import { identityOfParts, partsOf, type SelectedPart, type SelectionRules, selects } from './selection.ts'
import type { SourceMatch } from './sources.ts'
import { Keyed } from './step-key.ts'

/** A tree that an instruction copies from, and what it takes of it. */
export interface CopySource {
  /** Where it lies; what counts of it is in the matches. */
  readonly root: Keyed<TreeSource>
  readonly tree: Keyed<MergedTree>
  readonly matches: readonly Keyed<CopyMatch>[]
  /** Archives are unpacked. */
  readonly unpacks: boolean
  /** Fills the tree, where it is named well enough by its key to be brought only when it is needed. */
  readonly bring?: Keyed<() => Promise<void>>
}

/** A thing to copy. */
export interface CopyMatch extends SourceMatch {
  /** What of it is copied, where it is looked through. */
  readonly parts?: readonly SelectedPart[]
}

/** How matches become a source. */
export interface SourceOptions {
  readonly rules?: SelectionRules
  readonly unpacks?: boolean
}

/** The source that matches in a tree are. */
export async function copySourceOf(
  root: SourceRoot,
  matches: readonly SourceMatch[],
  { rules = { parents: false, exclude: [] }, unpacks = false }: SourceOptions = {},
): Promise<CopySource> {
  const keyed: Keyed<CopyMatch>[] = []
  for (const match of matches) {
    if (selects(rules) && (match.stats.isDirectory() || rules.parents)) {
      const parts = await partsOf(root.tree, match, rules)
      keyed.push(Keyed.by(await identityOfParts(parts), { ...match, parts }))
      continue
    }
    // A link gives what it leads to its own name.
    const identity = JSON.stringify([match.name, await contentIdentity(root, match)])
    keyed.push(Keyed.by(identity, match))
  }
  return { root: Keyed.never(root.source), tree: Keyed.never(root.tree), matches: keyed, unpacks }
}

/** Whether ADD unpacks a match. */
export async function isUnpacked(
  { unpacks }: Pick<CopySource, 'unpacks'>,
  match: SourceMatch,
): Promise<boolean> {
  return unpacks && match.stats.isFile() && (await isArchive(match.hostPath))
}
