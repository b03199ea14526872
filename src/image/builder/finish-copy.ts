import { existsSync } from 'node:fs'
import { chmod, chown, lchown, lutimes, readlink, rm, symlink, utimes } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { nodePath } from '../../linux/name-text.ts'
import type { MergedTree } from '../layer/merged-tree.ts'
import type { TreeItem } from '../layer/trees.ts'
import type { CopyInputs } from './copy-plan.ts'
import type { Making } from './layer-step.ts'
import { changedMode, type ModeChange } from './mode-change.ts'
import { mergedTreeOf } from './run-state.ts'
import type { SelectedPart } from './selection.ts'

/** What was copied of one source. */
export interface Copied {
  readonly source: MergedTree
  /** Matches that were copied as they are. */
  readonly items: readonly TreeItem[]
  readonly parts: readonly SelectedPart[]
}

/**
 * What a copy leaves undone: links that are parts, what folders are that were made without their content, and modes that
 * depend on the source's. The draft's `upper` is ours alone; where something lies in it is found by the tree that it is above.
 */
export async function finishCopy(making: Making<CopyInputs>, copied: Copied): Promise<void> {
  const { inputs, tools, below, draft } = making
  const { mode } = inputs
  const isChange = mode?.kind === 'change'
  if (!isChange && copied.parts.length === 0) return
  const target = new Target(draft.upper, await mergedTreeOf(tools.lease, below))
  const parts = copied.parts.map(part => ({ ...part, to: posix.join(inputs.destination, part.to) }))
  for (const part of parts) if (part.stats.isSymbolicLink()) await target.link(part, inputs)
  if (isChange) await changeModes(target, { ...copied, parts }, mode)
  // What is put into a folder changes its times: the inner ones first.
  for (const part of parts.toReversed()) if (part.isShell) await target.finishFolder(part, inputs)
}

async function changeModes(
  target: Target,
  { source, items, parts }: Copied,
  change: ModeChange,
): Promise<void> {
  for (const { from, to } of items) await target.changeModes(source, from, to, change)
  for (const { from, to, isShell } of parts) {
    if (isShell) continue
    await target.changeModes(source, from, to, change)
    await target.changeFolder(source, from, to, change)
  }
}

/** Gives the folders above the destination what they are below, for a layer that was made without it. */
export async function keepAbove({ inputs, draft }: Making<CopyInputs>): Promise<void> {
  for (const { path, mode, uid, gid } of inputs.above) {
    const folder = nodePath(join(draft.upper, path))
    // Where nothing matched, nothing was made.
    if (!existsSync(folder)) return
    await chown(folder, uid, gid)
    await chmod(folder, mode)
  }
}

/** The draft's layer, with the tree that it lies upon. */
class Target {
  readonly #upper: string
  readonly #below: MergedTree

  constructor(upper: string, below: MergedTree) {
    this.#upper = upper
    this.#below = below
  }

  async link({ to, ...part }: SelectedPart, { owner }: CopyInputs): Promise<void> {
    const folder = await this.#below.resolve(posix.dirname(to))
    const path = this.#place(folder, posix.basename(to))
    await rm(path, { recursive: true, force: true })
    await symlink(await readlink(nodePath(part.hostPath), { encoding: 'buffer' }), path)
    const { uid, gid } = owner ?? part.stats
    await lchown(path, uid, gid)
    await lutimes(path, part.stats.atime, part.stats.mtime)
  }

  /** One that was there already stays what it is. */
  async finishFolder({ stats, to }: SelectedPart, { owner, mode }: CopyInputs): Promise<void> {
    const resolved = await this.#below.resolve(to)
    if ((await this.#below.findLink(resolved)) !== undefined) return
    const { uid, gid } = owner ?? stats
    const path = this.#place(resolved)
    await chown(path, uid, gid)
    const own = stats.mode & 0o7777
    await chmod(path, mode === undefined ? own : changedMode(own, true, mode))
    await utimes(path, stats.atime, stats.mtime)
  }

  /** Modes of all that was copied from a path; of the folder itself only where it was made for it. */
  async changeModes(source: MergedTree, from: string, to: string, change: ModeChange): Promise<void> {
    const entry = await source.findLink(from)
    if (entry === undefined) return
    if (!entry.stats.isDirectory()) {
      if (entry.stats.isFile()) await this.#chmod(to, changedMode(entry.stats.mode & 0o7777, false, change))
      return
    }
    for (const name of await source.list(entry.path)) {
      const [inner, target] = [posix.join(entry.path, name), posix.join(to, name)]
      await this.changeModes(source, inner, target, change)
      await this.changeFolder(source, inner, target, change)
    }
  }

  /** The mode of a folder that was copied, and was not there before. */
  async changeFolder(source: MergedTree, from: string, to: string, change: ModeChange): Promise<void> {
    const entry = await source.findLink(from)
    if (!entry?.stats.isDirectory() || (await this.#below.find(to)) !== undefined) return
    await this.#chmod(to, changedMode(entry.stats.mode & 0o7777, true, change))
  }

  async #chmod(to: string, mode: number): Promise<void> {
    await chmod(this.#place(await this.#below.resolve(to)), mode)
  }

  #place(...path: readonly string[]): string | Buffer {
    return nodePath(join(this.#upper, ...path))
  }
}
