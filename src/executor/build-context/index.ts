import { stat } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import type { Readable } from 'node:stream'
import { errnoOf } from '../../diagnostics/index.ts'
import { textOfName } from '../../linux/name-text.ts'
import type { Build } from '../../model/index.ts'
import { ignoreRules } from '../../tar/index.ts'
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

/** Opens a service's build context; says clearly when folder or Dockerfile is missing. */
export async function openBuildContext(
  serviceName: string,
  build: Build,
  parts: readonly ContextPart[] = [],
): Promise<BuildSource> {
  const { context = '' } = build
  await checkFolder(serviceName, context)
  if (build.dockerfile_inline !== undefined)
    return foreign(
      context,
      build.dockerfile_inline,
      `services.${serviceName}.build.dockerfile_inline`,
      undefined,
      parts,
    )
  const path = build.dockerfile ?? 'Dockerfile'
  const absolute = isAbsolute(path) ? path : join(context, path)
  const inside = relative(context, absolute)
  const text = await readDockerfile(serviceName, absolute)
  const own = await textOf(`${absolute}${IGNORE}`)
  if (inside.startsWith('..') || isAbsolute(inside)) return foreign(context, text, absolute, own, parts)
  const rules = own ?? (await textOf(join(context, IGNORE))) ?? ''
  const choice = { rules: ignoreRules(rules), needed: [inside, `${inside}${IGNORE}`, IGNORE] }
  return sourceOf({ folder: context, choice, rules, extra: [], parts }, inside, absolute)
}

async function foreign(
  context: string,
  text: string,
  origin: string,
  own: string | undefined,
  parts: readonly ContextPart[],
): Promise<BuildSource> {
  const rules = own ?? (await textOf(join(context, IGNORE))) ?? ''
  const extra = [
    { name: FOREIGN_DOCKERFILE, content: text },
    { name: `${FOREIGN_DOCKERFILE}${IGNORE}`, content: `${rules}\n${FOREIGN_DOCKERFILE}*\n` },
  ]
  const choice = { rules: ignoreRules(rules), needed: [] }
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
