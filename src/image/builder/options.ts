import type { Readable } from 'node:stream'
import type { TreeOperations } from '../layer/trees.ts'
import type { ImageStore } from '../store/types.ts'
import type { BuildEvent } from './event.ts'
import type { CommandRunner, StepLimit } from './runner.ts'

/** Where COPY and ADD take files from: a tar stream (the API's body, gzip allowed) or a folder, which is only read. */
export type BuildContext =
  | { readonly type: 'tar'; readonly stream: Readable }
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'empty' }

/** A build, in the terms of `POST /build`. */
export interface BuildOptions {
  readonly store: ImageStore
  readonly runner: CommandRunner
  readonly trees: TreeOperations
  readonly context: BuildContext
  /** Path of the Dockerfile inside the context; default `Dockerfile`. */
  readonly dockerfile?: string
  /** The Dockerfile's text itself (`dockerfile_inline`, a file outside the context); wins over `dockerfile`. */
  readonly dockerfileText?: string
  /** Stage to build, by name or number; the last one by default. */
  readonly target?: string
  /** `linux/amd64`; only this machine's own can be built. */
  readonly platform?: string
  readonly args?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  /** References that the image gets. */
  readonly tags?: readonly string[]
  readonly noCache?: boolean
  /** Ask the sources for FROM's images even when the store has them. */
  readonly pull?: boolean
  /** Network of RUN: `default`, `none`, `host` or a network's name. */
  readonly network?: string
  /** `name:address` lines. */
  readonly extraHosts?: readonly string[]
  readonly shmSize?: number
  /** Limits of RUN's processes; like the others here they are no part of a cache key. */
  readonly ulimits?: readonly StepLimit[]
  /** Further contexts for FROM, COPY --from and RUN --mount=from, by name: a folder, or an image in the store. */
  readonly contexts?: Readonly<Record<string, { readonly folder: string } | { readonly image: string }>>
  /** For RUN --mount=type=secret, by id; never part of a layer or a cache key. */
  readonly secrets?: Readonly<Record<string, Uint8Array>>
  readonly onEvent?: (event: BuildEvent) => void
  readonly signal?: AbortSignal
}

export interface BuildResult {
  readonly imageId: string
  /** True when no step ran: everything came from the cache. */
  readonly cached: boolean
}
