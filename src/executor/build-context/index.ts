import { stat } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import type { Readable } from 'node:stream'
import { errnoOf } from '../../diagnostics/index.ts'
import { textOfName } from '../../linux/name-text.ts'
import type { Build } from '../../model/index.ts'
import { ignoreRules } from '../../tar/index.ts'
import { withoutEngine } from './engine-root.ts'
import { type ContextPart, IGNORE } from './pack.ts'
import { regularFile } from './regular-file.ts'
import { type ContextFolder, packWhole } from './send.ts'
import { noContext, noDockerfile } from './where.ts'

/** What is sent to the engine. */
export interface BuildSource {
  readonly context: Readable
  /** The same, for who sends of it what the engine lacks; absent where it was opened elsewhere. */
  readonly local?: ContextFolder
  /** Path of the Dockerfile in the tar. */
  readonly dockerfile: string
  /** What people know it as: its path on this side; what the engine says of it is told by this. */
  readonly origin: string
}

/**
 * Where a Dockerfile goes in the tar that is inline, or lies outside of the context. Its own ignore file hides both from
 * COPY: they are no part of the context.
 */
const FOREIGN_DOCKERFILE = '.tscompose.Dockerfile'

/** What there is to know of a context beside its build. */
export interface ContextSurroundings {
  readonly parts?: readonly ContextPart[]
  /** Where the engine keeps its state, if that is on this machine. */
  readonly engineRoot?: string | undefined
}

/** Opens a service's build context; says clearly when folder or Dockerfile is missing. Raises CONTEXT_HOLDS_ENGINE. */
export async function openBuildContext(
  serviceName: string,
  build: Build,
  around: ContextSurroundings = {},
): Promise<BuildSource> {
  const { context = '' } = build
  await checkFolder(serviceName, context)
  if (build.dockerfile_inline !== undefined) {
    const origin = `services.${serviceName}.build.dockerfile_inline`
    return foreign(context, { text: build.dockerfile_inline, origin }, around)
  }
  const path = build.dockerfile ?? 'Dockerfile'
  const absolute = isAbsolute(path) ? path : join(context, path)
  const inside = relative(context, absolute)
  const text = await readDockerfile(serviceName, absolute)
  const own = await textOf(`${absolute}${IGNORE}`)
  if (inside.startsWith('..') || isAbsolute(inside))
    return foreign(context, { text, origin: absolute, own }, around)
  const rules = own ?? (await textOf(join(context, IGNORE))) ?? ''
  const taken = await withoutEngine(ignoreRules(rules), context, around.engineRoot)
  const choice = { rules: taken, needed: [inside, `${inside}${IGNORE}`, IGNORE] }
  const { parts = [] } = around
  return sourceOf({ folder: context, choice, rules, extra: [], parts }, inside, absolute)
}

/** A Dockerfile that is no part of its context, and the rules that it has of its own. */
interface ForeignDockerfile {
  readonly text: string
  readonly origin: string
  readonly own?: string | undefined
}

async function foreign(
  context: string,
  { text, origin, own }: ForeignDockerfile,
  { parts = [], engineRoot }: ContextSurroundings,
): Promise<BuildSource> {
  const rules = own ?? (await textOf(join(context, IGNORE))) ?? ''
  const extra = [
    { name: FOREIGN_DOCKERFILE, content: text },
    { name: `${FOREIGN_DOCKERFILE}${IGNORE}`, content: `${rules}\n${FOREIGN_DOCKERFILE}*\n` },
  ]
  const choice = { rules: await withoutEngine(ignoreRules(rules), context, engineRoot), needed: [] }
  return sourceOf({ folder: context, choice, rules, extra, parts }, FOREIGN_DOCKERFILE, origin)
}

function sourceOf(local: ContextFolder, dockerfile: string, origin: string): BuildSource {
  return { context: packWhole(local), local, dockerfile, origin }
}

async function textOf(path: string): Promise<string | undefined> {
  const bytes = await regularFile(path)
  return bytes === undefined ? undefined : textOfName(bytes)
}

async function checkFolder(serviceName: string, context: string): Promise<void> {
  try {
    if ((await stat(context)).isDirectory()) return
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
  throw noContext(serviceName, context)
}

async function readDockerfile(serviceName: string, path: string): Promise<string> {
  const text = await textOf(path)
  if (text === undefined) throw noDockerfile(serviceName, path)
  return text
}
