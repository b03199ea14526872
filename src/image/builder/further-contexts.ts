import { lstat, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import { familiarReference, parseReference } from '../../oci/reference.ts'
import type { StoreLease } from '../store/lease.ts'
import type { FurtherContext } from './options.ts'

type Contexts = Readonly<Record<string, FurtherContext>>

/** Where folders of further contexts travel in the tar of the first: `.tscompose.contexts/0`. */
const PART = /^\.tscompose\.contexts\/\d+$/

/** The further context of a name. As with BuildKit, `alpine` stands for `alpine:latest` and `docker.io/library/alpine`, too. */
export function contextNamed<T>(
  contexts: Readonly<Record<string, T>> | undefined,
  name: string,
): T | undefined {
  if (contexts === undefined) return undefined
  if (Object.hasOwn(contexts, name)) return contexts[name]
  const wanted = familiar(name)
  return Object.entries(contexts).find(([own]) => wanted !== undefined && familiar(own) === wanted)?.[1]
}

/** Takes the folders of further contexts out of the context that they came in; each is then a folder of the lease. */
export async function takeParts(
  contexts: Contexts | undefined,
  folder: string,
  lease: StoreLease,
): Promise<Contexts> {
  const taken: Record<string, FurtherContext> = { ...contexts }
  const parts = Object.entries(taken).flatMap(([name, it]) =>
    'part' in it ? [[name, it.part] as const] : [],
  )
  if (parts.length === 0) return taken
  const { atime, mtime } = await stat(folder)
  for (const [name, part] of parts) {
    if (!PART.test(part)) throw missing(name)
    const source = join(folder, part)
    // The archive decides what lies there: a link would lead elsewhere.
    if (!(await isFolder(dirname(source))) || !(await isFolder(source))) throw missing(name)
    const target = join(await lease.tempFolder(), 'context')
    await rename(source, target)
    taken[name] = { folder: target }
  }
  const [[, first] = ['', '']] = parts
  await rm(join(folder, dirname(first)), { recursive: true })
  // What was never a part of the context has not changed it.
  await utimes(folder, atime, mtime)
  return taken
}

function familiar(name: string): string | undefined {
  try {
    return familiarReference(parseReference(name.toLowerCase()))
  } catch {
    // A name that can be no image's means no image.
    return undefined
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false
    throw error
  }
}

function missing(name: string): Error {
  return failure({
    code: 'CONTEXT_MISSING',
    kind: 'invalidArgument',
    summary: `the folder of the further context "${name}" did not come with the build`,
  })
}
