import { stat } from 'node:fs/promises'
import type { FurtherBuildContext } from '../../api/types/index.ts'
import { errnoOf } from '../../diagnostics/index.ts'
import { imageReference } from '../../planner/index.ts'
import { type ContextPart, PARTS } from '../build-context/pack.ts'
import { isRemoteContext } from '../build-context/where.ts'
import { type BuildInput, refusal } from './attribute.ts'

/** `additional_contexts` as the engine gets them: what it is told, and folders that travel with the context. */
export interface FurtherContexts {
  readonly contexts: Readonly<Record<string, FurtherBuildContext>>
  readonly parts: readonly ContextPart[]
}

const SERVICE = 'service:'
const IMAGE = 'docker-image://'

/** Finds what `additional_contexts` name. Raises BUILD_CONTEXT_UNSUPPORTED, BUILD_CONTEXT_NOT_FOUND, and what git says. */
export async function furtherContexts(input: BuildInput): Promise<FurtherContexts> {
  const contexts: Record<string, FurtherBuildContext> = {}
  const parts: ContextPart[] = []
  for (const [name, source] of Object.entries(input.operation.build.additional_contexts ?? {})) {
    const image = imageOf(input, source)
    if (image !== undefined) {
      contexts[name] = image
      continue
    }
    const part = `${PARTS}/${parts.length}`
    const folder = await folderOf(input, name, source)
    parts.push({ name: part, folder, engineRoot: input.options.engineRoot })
    contexts[name] = { part }
  }
  return { contexts, parts }
}

function imageOf({ project }: BuildInput, source: string): FurtherBuildContext | undefined {
  if (source.startsWith(IMAGE)) return { image: source.slice(IMAGE.length) }
  if (!source.startsWith(SERVICE)) return undefined
  const name = source.slice(SERVICE.length)
  const service = project?.model.services[name] ?? project?.disabledServices[name]
  // The planner has seen to it that it is there, and built first.
  const image = service === undefined ? name : imageReference(project?.name ?? '', name, service)
  return { image, isLocal: true }
}

async function folderOf(input: BuildInput, name: string, source: string): Promise<string> {
  const at = ['additional_contexts', name]
  const folder = isRemoteContext(source) ? await input.options.fetchContext?.(source) : source
  if (folder === undefined || /^[a-z][a-z0-9+.-]*:\/\//i.test(folder))
    throw refusal(input, {
      code: 'BUILD_CONTEXT_UNSUPPORTED',
      at,
      summary: `context "${name}" is "${source}", which the builder cannot take`,
      hint: 'it takes folders, git repositories, service:NAME and docker-image://NAME',
    })
  try {
    if ((await stat(folder)).isDirectory()) return folder
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw error
  }
  throw refusal(input, {
    code: 'BUILD_CONTEXT_NOT_FOUND',
    at,
    summary: `context "${name}" is no folder: "${folder}"`,
  })
}
