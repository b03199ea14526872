import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ignorePatterns, ignoreRules } from '../../tar/index.ts'
import type { ClientFolder, HeldContext } from '../contexts/index.ts'
import { MergedTree } from '../layer/merged-tree.ts'
import type { StoreLease } from '../store/lease.ts'
import type { ContextRequest } from './context-request.ts'
import { MOST_DEFINITION, readDefinition } from './definition.ts'
import { bringAddress, fillContext } from './fill-context.ts'
import { takeParts } from './further-contexts.ts'
import type { FurtherContext } from './options.ts'
import { removeIgnored } from './remove-ignored.ts'

/** Files of a context: the builder's own copy, or a kept tree. */
export interface ContextFiles {
  readonly folder: string
  readonly tree: MergedTree
  /** Digest of what lies at a path of the tree without links, where it is known without reading. */
  readonly digest?: (path: string) => Promise<string>
}

/** The context of a build, without what .dockerignore names. */
export interface LoadedContext {
  /** Its files; those that a client has come when they are first asked for. */
  readonly files: () => Promise<ContextFiles>
  /** Text of the Dockerfile and its name in diagnostics. */
  readonly dockerfile: string
  readonly file: string
  /** Further contexts by name; none is a part of this one any more. */
  readonly contexts: Readonly<Record<string, NamedContext>>
  /** Whether .dockerignore hides a path, for hints. */
  readonly isIgnored: (path: string) => boolean
}

/** A further context, as steps use it. */
export type NamedContext =
  | Extract<FurtherContext, { readonly image: string } | { readonly built: unknown }>
  | { readonly files: () => Promise<ContextFiles> }

/** Unpacks or copies a context into a folder of the lease where no client has it, reads the Dockerfile and applies .dockerignore. */
export async function loadContext(request: ContextRequest, lease: StoreLease): Promise<LoadedContext> {
  const { context, dockerfile: file } = request
  const folder = join(await lease.tempFolder(), 'context')
  await mkdir(folder, { mode: 0o755 })
  await fillContext(folder, request, lease)
  const parts = await takeParts(request.contexts, folder, lease)
  const { text, rules } = await readDefinition(treeOf(folder), request)
  const ignore = ignoreRules(rules)
  const loaded = {
    dockerfile: text,
    file,
    contexts: namedContexts(parts, request, lease),
    isIgnored: ignore.isIgnored,
  }
  if (context.type === 'client') {
    const excluded = rules === undefined ? [] : ignorePatterns(rules)
    return { ...loaded, files: clientFiles(context.folder, request, { excluded: async () => excluded }) }
  }
  if (context.type === 'kept') {
    const { folder, digest } = context.kept
    return { ...loaded, files: async () => ({ folder, tree: treeOf(folder), digest }) }
  }
  if (rules !== undefined) await removeIgnored(Buffer.from(folder), '', ignore)
  return { ...loaded, files: async () => ({ folder, tree: treeOf(folder) }) }
}

function treeOf(folder: string): MergedTree {
  return new MergedTree([{ folder, opaque: [] }])
}

/** The files of a folder that a client has: they come once. */
function clientFiles(
  folder: ClientFolder,
  { trace, signal, holding, wanted }: ContextRequest,
  { name, excluded }: { readonly name?: string; readonly excluded: () => Promise<readonly string[]> },
): () => Promise<ContextFiles> {
  const work = name === undefined ? '[internal] load build context' : `[context ${name}] load from client`
  const transfer = `transferring ${name ?? 'context'}:`
  return once(async () => {
    const rules = await excluded()
    const paths = await wanted(name)
    const held: HeldContext = await trace.during(work, ({ transferred }) =>
      folder.hold(
        { excluded: rules, ...(paths === undefined ? {} : { paths }) },
        {
          signal: signal ?? new AbortController().signal,
          onBytes: count => transferred(transfer, count),
        },
      ),
    )
    holding(held)
    return { folder: held.folder, tree: treeOf(held.folder), digest: path => held.digest(path) }
  })
}

function namedContexts(
  contexts: Readonly<Record<string, FurtherContext>>,
  request: ContextRequest,
  lease: StoreLease,
): Readonly<Record<string, NamedContext>> {
  const named = Object.entries(contexts).map(([name, context]) => [
    name,
    namedContext(name, context, request, lease),
  ])
  return Object.fromEntries(named)
}

function namedContext(
  name: string,
  context: FurtherContext,
  request: ContextRequest,
  lease: StoreLease,
): NamedContext {
  if ('image' in context || 'built' in context) return context
  if ('client' in context)
    return {
      files: clientFiles(context.client, request, {
        name,
        excluded: () => rulesOf(name, context.client, request),
      }),
    }
  return {
    files: once(async () => {
      const folder = 'folder' in context ? context.folder : join(await lease.tempFolder(), 'context')
      if ('address' in context) {
        await mkdir(folder)
        await bringAddress(folder, context.address, request, lease)
      }
      return { folder, tree: treeOf(folder) }
    }),
  }
}

/** What the ignore rules in a further context hide of it. */
async function rulesOf(
  name: string,
  folder: ClientFolder,
  { trace, signal = new AbortController().signal }: ContextRequest,
): Promise<readonly string[]> {
  const file = '.dockerignore'
  const texts = await trace.during(`[context ${name}] load ${file}`, ({ transferred }) =>
    folder.texts([file], MOST_DEFINITION, {
      signal,
      onBytes: count => transferred(`transferring ${name}:`, count),
    }),
  )
  const text = texts.get(file)
  return text === undefined ? [] : ignorePatterns(text)
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
