import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { BuildContextEntry } from '../../api/types/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { KeyedMutex } from '../../linux/keyed-mutex.ts'
import { bytesOfName } from '../../linux/name-text.ts'
import { type PackedEntry, packTar, plainEntry } from '../../tar/index.ts'
import type { Docker } from '../docker.ts'
import { type LocalContext, lookAtContext } from './manifest.ts'
import {
  type ContextChoice,
  type ContextPart,
  chooser,
  type ExtraFile,
  entriesOfParts,
  PARTS,
  packContext,
} from './pack.ts'
import { regularFile } from './regular-file.ts'

/** A context folder, and what of it is sent. */
export interface ContextFolder {
  readonly folder: string
  readonly choice: ContextChoice
  /** Text of the rules: the same folder by other rules is another context. */
  readonly rules: string
  readonly extra: readonly ExtraFile[]
  readonly parts: readonly ContextPart[]
}

/** How often a context is sent that goes between what is asked and what is built. */
const ATTEMPTS = 3
/** A context is sent by one build at a time: services that share it send it once. */
const sending = new KeyedMutex()

/**
 * Builds with a context that the engine is first made to have, by sending what it lacks: `build` is given the token, and a tar
 * of what the build reads beside it. An engine that keeps no contexts, or whose kept one is in use as it was, gets it whole.
 */
export async function buildWithContext<T>(
  docker: Docker,
  source: ContextFolder,
  signal: AbortSignal | undefined,
  build: (context: Readable, kept: { readonly context?: string }) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const token = await sending.run(source.folder, () => bringUpToDate(docker, source, signal))
    if (token === undefined) return build(packWhole(source), {})
    try {
      return await build(packTar(beside(source)), { context: token })
    } catch (error) {
      const isGone = error instanceof Failure && error.code === 'CONTEXT_GONE'
      if (!isGone || attempt === ATTEMPTS) throw error
    }
  }
}

/** All of a context in one tar. */
export function packWhole({ folder, choice, extra, parts }: ContextFolder): Readable {
  return packContext(folder, choice, extra, parts)
}

/** What a build reads that is no part of its context. */
async function* beside(source: ContextFolder): AsyncGenerator<PackedEntry> {
  yield* await filesBeside(source)
  yield* entriesOfParts(source.parts)
}

/** The Dockerfile and its rules, whatever those say of them. */
async function filesBeside({ folder, choice, extra }: ContextFolder): Promise<readonly PackedEntry[]> {
  const needed = choice.needed.map(async name => ({ name, content: await regularFile(join(folder, name)) }))
  const files = [...extra, ...(await Promise.all(needed))]
  return files.flatMap(({ name, content }) => {
    if (content === undefined) return []
    const bytes = typeof content === 'string' ? bytesOfName(content) : content
    const entry = plainEntry({
      type: 'file',
      name: Buffer.from(name).toString('latin1'),
      size: bytes.length,
    })
    return [{ entry, content: bytes }]
  })
}

async function bringUpToDate(
  docker: Docker,
  { folder, choice, rules, extra, parts }: ContextFolder,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const control = signal === undefined ? {} : { abortSignal: signal }
  const hidden = new Set([...extra.map(({ name }) => name), ...(parts.length > 0 ? [PARTS] : [])])
  const wanted = chooser({ ...choice, needed: [] }, hidden)
  try {
    const local = await lookAtContext(folder, rules, wanted)
    const line = Buffer.from(`${JSON.stringify(local.manifest)}\n`)
    const asked = await docker.buildContext(line, { fill: false, ...control })
    if (asked.token !== undefined) return asked.token
    const body = Readable.from(withFiles(line, local, asked.missing), { objectMode: false })
    return (await docker.buildContext(body, { fill: true, ...control })).token
  } catch (error) {
    if (error instanceof Failure && isWantedWhole(error)) return undefined
    throw error
  }
}

/** Also where what was there when the engine was asked is gone by now: it may go again. */
function isWantedWhole({ kind, code }: Failure): boolean {
  return kind === 'notFound' || kind === 'notImplemented' || WANTED_WHOLE.has(code)
}

const WANTED_WHOLE: ReadonlySet<string> = new Set(['CONTEXT_BUSY', 'CONTEXT_GONE'])

async function* withFiles(
  line: Buffer,
  local: LocalContext,
  missing: readonly number[],
): AsyncGenerator<Uint8Array> {
  yield line
  yield* packTar(filesOf(local, missing))
}

function* filesOf({ manifest, pathOf }: LocalContext, missing: readonly number[]): Generator<PackedEntry> {
  for (const place of missing) {
    const entry = manifest.entries[place]
    if (entry !== undefined) yield { entry: headOf(entry), content: { path: pathOf(place) } }
  }
}

function headOf([name, , mode, mtime, size]: BuildContextEntry): PackedEntry['entry'] {
  return plainEntry({ type: 'file', name, mode, mtime, size })
}
