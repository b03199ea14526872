/** Images: references, the store, where images come from, and the Dockerfile builder. */

export { documentsBeside } from './attestations/statement.ts'
export type { BuiltImage } from './builder/build.ts'
export type { BuildEvent } from './builder/event.ts'
export { build, checkBuild, reportBuild, solveBuild } from './builder/lazy.ts'
export { type BuildMessage, BuildMessages } from './builder/message.ts'
export type { BuildContext, BuildOptions, BuildResult, FurtherContext } from './builder/options.ts'
export type { CommandRunner, RunMount, RunRequest } from './builder/runner.ts'
export type { ContainerConfig, HealthConfig, HistoryEntry, ImageConfig } from './config.ts'
export {
  ClientFolder,
  type ContextSpace,
  type HeldContext,
  KeptContexts,
  readManifest,
} from './contexts/index.ts'
export { mergedEntries, mergedEntry, type TreeEntry } from './layer/merged-entries.ts'
export type { MergedTree } from './layer/merged-tree.ts'
export { nativeTrees } from './layer/native-trees.ts'
export { Pieces } from './layer/pieces.ts'
export type { TreeCopy, TreeItem, TreeOperations, TreeSource } from './layer/trees.ts'
export type { LayerUnpacker } from './layer/unpacker.ts'
export { unpackInWorkers } from './layer/worker/unpack-workers.ts'
export { applyChanges, commitImage, importImage, loadImages, saveImages } from './lazy.ts'
export { openImageStore } from './open.ts'
export type { Progress } from './progress.ts'
export type { ImageRecord } from './record.ts'
export type { PackedForm, PackedLayer } from './store/packed.ts'
export type { ImageSource, SourceContext, SourcedImage } from './store/source.ts'
export type {
  CachePruneResult,
  EnsureOptions,
  EnsurePolicy,
  FreedImage,
  ImageStore,
  ImageStoreOptions,
  ImageUser,
  LayerVerdict,
  PruneOptions,
  PruneResult,
  Removal,
  RemoveOptions,
} from './store/types.ts'
export type { CacheMountSpace, CachePruneOptions, StepSpace, StoreUsage } from './store/usage.ts'
export { inRegistry } from './transfer/in-registry.ts'
export { type Pushed, type PushRequest, pushImage } from './transfer/lazy-push.ts'
export type { LoadedImage } from './transfer/load.ts'
export type { SavedImage } from './transfer/save.ts'
export { tagsInRegistry } from './transfer/tags.ts'
