import type { PortSummary } from '../api/types/index.ts'
import { isOneOff, listProjectContainers, nameOf, numberOf, serviceOf } from './containers.ts'
import { connectRunningEngine } from './engine.ts'
import { resolveProject } from './project-name.ts'
import { environmentOf, type Target } from './target.ts'

/** A container of a project. */
export interface ProjectContainer {
  readonly id: string
  readonly name: string
  readonly service: string
  /** 1 is the first of its service. */
  readonly number: number
  readonly oneOff: boolean
  /** `created`, `running`, `paused`, `restarting`, `exited`. */
  readonly state: string
  /** For people: `Up 5 minutes (healthy)`. */
  readonly status: string
  readonly ports: readonly PortSummary[]
}

export interface PsRequest {
  /** Stopped ones, too. */
  readonly all?: boolean
  readonly services?: readonly string[]
}

/** The project's containers, sorted by name; none where no engine runs. */
export async function ps(target: Target, request: PsRequest = {}): Promise<readonly ProjectContainer[]> {
  const { all = false, services = [] } = request
  const { name } = await resolveProject(target)
  const docker = await connectRunningEngine(environmentOf(target))
  const found = docker === undefined ? [] : await listProjectContainers(docker, name, all)
  return found
    .filter(container => services.length === 0 || services.includes(serviceOf(container)))
    .map(container => ({
      id: container.Id,
      name: nameOf(container),
      service: serviceOf(container),
      number: numberOf(container),
      oneOff: isOneOff(container),
      state: container.State,
      status: container.Status,
      ports: container.Ports,
    }))
}
