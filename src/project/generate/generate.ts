import type { ContainerInspect } from '../../api/types/index.ts'
import type { Docker } from '../../client/index.ts'
import { Failure, failure } from '../../diagnostics/index.ts'
import { withEngine } from '../engine.ts'
import { environmentOf, type Target } from '../target.ts'
import { serviceOf, type WrittenService } from './service-of.ts'

export interface GenerateRequest {
  /** Of the project in the file. */
  readonly name?: string
  /** Binds below it are written relative to it; absolute. */
  readonly projectDirectory?: string
}

/** A Compose file as plain data. */
export interface GeneratedFile {
  readonly name?: string
  readonly services: Readonly<Record<string, WrittenService>>
  readonly networks?: Readonly<Record<string, object>>
  readonly volumes?: Readonly<Record<string, object>>
}

/**
 * A Compose file that makes containers like those with these names or ids, whoever has made them. Containers of one service become
 * one, with its count. Errors: NO_CONTAINER.
 */
export async function generate(
  target: Target,
  containers: readonly string[],
  { name, projectDirectory }: GenerateRequest = {},
): Promise<GeneratedFile> {
  return withEngine(environmentOf(target), async docker => {
    const found = await inspectAll(docker, containers)
    const services = new Map<string, WrittenService>()
    for (const container of found) {
      const service = nameOf(container)
      const count = found.filter(other => nameOf(other) === service).length
      if (services.has(service)) continue
      const image = await docker.getImage(container.Image).inspect()
      const body = serviceOf(container, image.Config, projectDirectory)
      services.set(service, count === 1 ? body : { ...body, scale: count })
    }
    const networks = namesIn([...services.values()], 'networks')
    const volumes = found.flatMap(({ Mounts }) =>
      Mounts.flatMap(({ Type, Name }) => (Type === 'volume' && Name ? [Name] : [])),
    )
    return {
      ...(name === undefined ? {} : { name }),
      services: Object.fromEntries(services),
      ...section('networks', networks),
      ...section('volumes', volumes.filter(isNamed)),
    }
  })
}

const isNamed = (volume: string): boolean => !/^[0-9a-f]{64}$/.test(volume)

function nameOf({ Name, Config }: ContainerInspect): string {
  return Config.Labels?.['com.docker.compose.service'] ?? Name.slice(1)
}

function namesIn(services: readonly WrittenService[], key: string): string[] {
  return services.flatMap(service => Object.keys((service[key] as object | undefined) ?? {}))
}

function section(key: string, names: readonly string[]): object {
  if (names.length === 0) return {}
  return { [key]: Object.fromEntries([...new Set(names)].sort().map(each => [each, {}])) }
}

/** Tells of all that are not there at once. */
async function inspectAll(docker: Docker, names: readonly string[]): Promise<readonly ContainerInspect[]> {
  const outcomes = await Promise.all(
    names.map(async name => {
      try {
        return await docker.getContainer(name).inspect()
      } catch (error) {
        if (error instanceof Failure && error.kind === 'notFound') return name
        throw error
      }
    }),
  )
  const missing = outcomes.filter(outcome => typeof outcome === 'string')
  if (missing.length > 0)
    throw failure({
      code: 'NO_CONTAINER',
      kind: 'notFound',
      summary: `no such container: ${missing.join(', ')}`,
      hint: 'tscompose ps -a lists those of a project',
    })
  return outcomes.filter(outcome => typeof outcome !== 'string')
}
