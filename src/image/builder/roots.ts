import { type MergedEntry, MergedTree } from '../layer/merged-tree.ts'
import type { TreeSource } from '../layer/trees.ts'
import type { ContextFiles, LoadedContext } from './context.ts'
import { digestTree } from './digest-tree.ts'
import { ensureImage } from './ensure-image.ts'
import { contextNamed } from './further-contexts.ts'
import { noteImage } from './materials.ts'
import { type BuildRun, mergedTreeOf } from './run-state.ts'
import { stageIndex } from './stages.ts'

/** A tree that `--from` names. */
export interface SourceRoot {
  readonly source: TreeSource
  readonly tree: MergedTree
  /** Names the content of layers, so that a step that copies from them needs no digest of files; absent for folders. */
  readonly contentId?: string
  /** Digest of what lies at a path without links, where it is known without reading. */
  readonly digest?: (path: string) => Promise<string>
}

/** What `from` means in stage `current`: a stage before it, a further context, or an image. */
export async function resolveRoot(run: BuildRun, name: string, current: number): Promise<SourceRoot> {
  const context = contextNamed(run.context.contexts, name)
  const index = context === undefined ? stageIndex(run.stages, name, current) : undefined
  // No image of any registry has that name.
  if (context === undefined && index === undefined && name === 'scratch') return layersRoot(run, [])
  const stage = index === undefined ? undefined : await run.built.get(index)
  if (stage !== undefined) return layersRoot(run, stage.image.rootfs.diff_ids)
  if (context !== undefined && 'files' in context) return filesRoot(await context.files())
  if (context !== undefined && 'built' in context) return layersRoot(run, context.built.rootfs.diff_ids)
  const reference = context !== undefined && 'image' in context ? context.image : name
  const record = await ensureImage(run, reference)
  noteImage(run, reference, record)
  return layersRoot(run, record.diffIds)
}

/** What a path of a root counts as: layers and the path in them, or a digest of the files. */
export async function contentIdentity(
  { contentId, digest }: SourceRoot,
  { path, hostPath }: MergedEntry,
): Promise<string> {
  if (contentId !== undefined) return `${contentId} ${path}`
  return digest === undefined ? digestTree(hostPath) : digest(path)
}

/** The root of a stack of layers given bottom first. */
async function layersRoot(run: BuildRun, diffIds: readonly string[]): Promise<SourceRoot> {
  return {
    source: { type: 'layers', layers: await run.lease.folders(diffIds) },
    tree: await mergedTreeOf(run.lease, diffIds),
    contentId: diffIds.join(' '),
  }
}

/** What was sent to the build as a root. */
export async function contextRoot(context: LoadedContext): Promise<SourceRoot> {
  return filesRoot(await context.files())
}

function filesRoot({ folder, tree, digest }: ContextFiles): SourceRoot {
  return { source: { type: 'folder', folder }, tree, ...(digest === undefined ? {} : { digest }) }
}

/** A folder of the host as a root. */
export function folderRoot(folder: string): SourceRoot {
  return { source: { type: 'folder', folder }, tree: new MergedTree([{ folder, opaque: [] }]) }
}
