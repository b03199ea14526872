import type { Diagnostic } from '../../diagnostics/index.ts'
import type { CredentialSource } from '../../oci/credentials.ts'
import type { Platform } from '../../oci/platform.ts'
import type { Predicate } from '../attestations/predicate.ts'
import type { ImageConfig } from '../config.ts'
import type { Pieces } from '../layer/pieces.ts'
import type { TreeOperations } from '../layer/trees.ts'
import type { LayerUnpacker } from '../layer/unpacker.ts'
import type { Progress } from '../progress.ts'
import type { ImageRecord } from '../record.ts'
import type { ManifestContent } from '../registry/index.ts'
import type { StoreLease } from './lease.ts'
import type { PackedForm, PackedLayer } from './packed.ts'
import type { ImageSource } from './source.ts'
import type { CachePruneOptions, StoreUsage } from './usage.ts'

/** When `ensure` looks further than the store; Compose's pull policies without `build`. */
export type EnsurePolicy = 'missing' | 'always' | 'never'

export interface EnsureOptions {
  /** Default `missing`. */
  readonly policy?: EnsurePolicy
  /** Who asks a registry; nobody in particular when absent. */
  readonly credentials?: CredentialSource
  /** What the image is to be made for; absent: this machine. */
  readonly platform?: Platform
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

export interface RemoveOptions {
  /** Untags an image with several tags, and removes one that only stopped containers use. */
  readonly force?: boolean
  /** Leaves the image that it was committed from, though nobody names that. */
  readonly keepParents?: boolean
}

/** What a removal did, in order; the Engine API's `Untagged` and `Deleted` lines. */
export type Removal = { readonly untagged: string } | { readonly deleted: string }

export interface PruneOptions {
  /** Tagged images that no container uses, too; otherwise only untagged ones. */
  readonly all?: boolean
  /** Only images that this says yes to. */
  readonly matches?: (image: ImageRecord) => boolean
}

/** What went with the build cache. */
export interface CachePruneResult {
  /** Keys of the steps that are forgotten. */
  readonly deleted: readonly string[]
  readonly reclaimed: number
}

/** Whether a layer is still what its name says. */
export interface LayerVerdict {
  readonly diffId: string
  readonly intact: boolean
}

export interface PruneResult {
  readonly removals: readonly Removal[]
  /** Bytes freed. */
  readonly reclaimed: number
}

/** Containers that use an image; a running one is never taken its image, not even by force. */
export interface ImageUser {
  readonly containerId: string
  readonly running: boolean
}

/** What a budget took out of a store. */
export interface FreedImage {
  /** As it was. */
  readonly image: ImageRecord
  readonly removals: readonly Removal[]
}

/** How much a store may take, see `StoreBudget`. */
export interface BudgetOptions {
  /** Bytes on disk of all layers. */
  readonly bytes: number
  /** Whether an image stays though no container is made of it. */
  readonly keeps: (image: ImageRecord) => boolean
  readonly onFreed: (freed: FreedImage) => void
}

export interface ImageStoreOptions {
  /** Folder of the store, `ROOT/images`; made with mode 0700 when missing. */
  readonly root: string
  /** Who uses an image, by id; asked before a removal. Nobody when absent. */
  readonly usersOf?: (imageId: string) => readonly ImageUser[]
  /** What makes the files of layers; without it nothing is pulled, and nobody waits for the disk. */
  readonly trees?: TreeOperations
  /** Unpacks the layers of a pull; on the caller's own thread when absent. */
  readonly unpack?: LayerUnpacker
  /** Places that images come from, in order; the registry and the distributions' archives by default. */
  readonly sources?: readonly ImageSource[]
  /** Keeps the packed bytes of layers that are pulled, too, so that a push need not make them again; otherwise they are gone once unpacked. */
  readonly keepPacked?: boolean
  /** Without it nothing goes that nobody has asked to. */
  readonly budget?: BudgetOptions
  /** Told of what was found broken and set aside. */
  readonly onWarning?: (diagnostic: Diagnostic) => void
}

/**
 * The content-addressed image store. Every change is a rename of something whole, so that a process killed at any
 * moment leaves either the old state or the new one; what it left half-made in `tmp/` goes at the next open.
 * `name` is a reference (`debian:bookworm`), an id with or without `sha256:`, or a unique prefix of an id.
 */
export interface ImageStore {
  readonly root: string
  /** All images, newest first, without those that `nameAll` put beside another. */
  list(): Promise<readonly ImageRecord[]>
  /**
   * The image of that name, or undefined; a prefix of several ids raises IMAGE_AMBIGUOUS. Of a name with images for several platforms
   * the one for `platform`, or else the one that the name means.
   */
  resolve(name: string, platform?: Platform): Promise<ImageRecord | undefined>
  /** As resolve, but a name that could be a short id is a reference: for what a registry is asked for where it is not here. */
  resolveNamed(name: string, platform?: Platform): Promise<ImageRecord | undefined>
  /** Tells which names mean which images (whole ids) at this moment, for many of them by one look. */
  naming(): Promise<(name: string, imageId: string) => boolean>
  /** As resolve; `hold` is told the id before anything can remove the image, so that `usersOf` may name a user from then on. */
  use(name: string, hold: (imageId: string) => void, platform?: Platform): Promise<ImageRecord | undefined>
  /** As resolve; raises IMAGE_NOT_FOUND. */
  inspect(name: string): Promise<ImageRecord>
  /** Absolute folders of the image's layers, top first, ready to be lower folders of an overlay; at least one. */
  layersOf(name: string): Promise<readonly string[]>
  /** The highest number of an owner or group in the image, where one is above 65,535; 0 where none is known to be. */
  highestIdOf(name: string): Promise<number>
  /**
   * Has names stand for images of several platforms, by their ids: without a platform they mean this machine's, or else the first. The
   * others are not listed by themselves, and go with the last name that has them.
   */
  nameAll(references: readonly string[], images: readonly string[]): Promise<void>
  /** The image of that name and those for other platforms that the name has. Raises IMAGE_NOT_FOUND. */
  platformsOf(name: string): Promise<readonly ImageRecord[]>
  /** Puts a tag on an image, and on those for other platforms that its name has; a tag that another image holds moves. */
  tag(name: string, reference: string): Promise<void>
  /** An image is what its registry has under its name now: it counts as tagged at this moment. */
  confirm(id: string): Promise<void>
  /**
   * Removes a tag, and the image with its last one unless another was committed from it; the last of those takes it along. Raises
   * IMAGE_IN_USE, IMAGE_HAS_CHILDREN, IMAGE_HAS_TAGS, IMAGE_NOT_FOUND.
   */
  remove(name: string, options?: RemoveOptions): Promise<readonly Removal[]>
  /** Removes images that nobody needs. */
  prune(options?: PruneOptions): Promise<PruneResult>
  /** Forgets build steps; with no option all of them, and the caches of RUN --mount=type=cache are emptied. */
  pruneCache(options?: CachePruneOptions): Promise<CachePruneResult>
  /** What takes space. */
  usage(): Promise<StoreUsage>
  /** Reads an image's layers again and compares them with their digests; bottom first. */
  verify(name: string): Promise<readonly LayerVerdict[]>
  /**
   * The image of a name, see `resolveNamed`, from the first place that has it: the store, its registry, and for `debian:*` and `ubuntu:*` the
   * distribution's archive. Raises IMAGE_NOT_FOUND with what was tried and why each failed. Two calls for one
   * reference at once do the work once.
   */
  ensure(reference: string, options?: EnsureOptions): Promise<ImageRecord>
  /**
   * Adds an image whose layers are in the store; the same config again is the same image. `bytes`: how it is written;
   * `manifests`: what it came with, for which a lease must be open; `parent`: the image that it was committed from.
   */
  addImage(
    config: ImageConfig,
    references?: readonly string[],
    bytes?: Uint8Array,
    manifests?: readonly ManifestContent[],
    parent?: string,
  ): Promise<ImageRecord>
  /** The config as it is written, whose digest is the image's id. */
  configBytes(name: string): Promise<Uint8Array>
  /**
   * The manifests and indexes that an image came with, byte for byte, the latest first and an index before its manifest, those of what
   * is said of it after that; none
   * for an image that was made here.
   */
  manifestsOf(name: string): Promise<readonly ManifestContent[]>
  /** A document that an image came with beside its manifests, by its digest: what is said of it. Undefined where there is none. */
  documentOf(name: string, digest: string): Promise<Uint8Array | undefined>
  /** Keeps what is said of an image, in the stead of what was said before; a lease must be open. A push sends it along. */
  attest(name: string, predicates: readonly Predicate[]): Promise<void>
  predicatesOf(name: string): Promise<readonly Predicate[]>
  /**
   * The exact tar of a layer, plain, as a stream. That it has the digest `diffId` is known at its end alone: until then nothing
   * may be done with it that cannot be undone. `pieces`: where the caller gives back what he gets. Raises LAYER_MISSING, LAYER_CHANGED.
   */
  layerTar(diffId: string, pieces?: Pieces): AsyncIterable<Buffer>
  /** Bytes of that tar. */
  layerTarSize(diffId: string): Promise<number>
  /** The packed bytes of a layer, where they were kept; undefined where not. Unchecked. */
  packedBytes(diffId: string, digest: string): AsyncIterable<Buffer> | undefined
  /** How a layer is packed in registries, as far as it was seen, the latest first. */
  packedForms(diffId: string): Promise<readonly PackedForm[]>
  /** Remembers that a repository (`domain/path`) has the layer packed like this. */
  rememberPacked(diffId: string, packed: PackedLayer, repository: string): Promise<void>
  /** Begins work that makes layers; none is collected until it ends. For builders and sources. */
  lease(): Promise<StoreLease>
}
