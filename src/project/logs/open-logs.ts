import type { ContainerSummary } from '../../api/types/index.ts'
import type { Docker } from '../../client/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { checkServices, listProjectContainers } from '../containers.ts'
import { connectEngine, lettingGo } from '../engine.ts'
import { Interrupted } from '../failures.ts'
import { resolveProject, serviceNames } from '../project-name.ts'
import { environmentOf, type Target } from '../target.ts'
import { followLogs, type LogListener, showLogs } from './follow-logs.ts'
import { isLogged, type LoggedContainer, loggedContainer } from './logged-container.ts'

/** What of a project's logs is wanted; times are unix seconds: a text has room for the nanoseconds of a line, a number has not. */
export interface LogsRequest {
  /** Go on with new lines, also of containers that start later, until none is left. */
  readonly follow?: boolean
  /** Only so many lines of the end of each log; those of containers that start later are whole. */
  readonly tail?: number
  readonly services?: readonly string[]
  /** The containers with this number alone. */
  readonly index?: number
  readonly since?: number | string
  readonly until?: number | string
}

export interface OpenLogsRequest extends LogsRequest {
  /** Lines begin with the time at which they were written (RFC 3339) and a blank. */
  readonly timestamps?: boolean
}

/** Logs that can be read. */
export interface ProjectLogs {
  /** Those that there are now, sorted by name. */
  readonly containers: readonly LoggedContainer[]
  /**
   * Reads them all, over engines that are killed meanwhile: no line is lost or comes twice. Raises Interrupted when the
   * signal aborts.
   */
  read(listener: LogListener, signal?: AbortSignal): Promise<void>
}

/** Finds the logs of a project; its one-offs have none here. Errors: NO_SUCH_SERVICE. */
export async function openLogs(target: Target, request: OpenLogsRequest = {}): Promise<ProjectLogs> {
  const { follow = false, tail, services = [], since, until, timestamps = false } = request
  const { name: project, project: model } = await resolveProject(target, { needsModel: services.length > 0 })
  if (model) checkServices(serviceNames(model), services)
  const engines: Docker[] = []
  const reconnect = async (): Promise<Docker> => {
    const docker = await connectEngine(environmentOf(target))
    engines.push(docker)
    return docker
  }
  const docker = await reconnect()
  const found = await lettingGo(docker, 'on failure', () => listProjectContainers(docker, project, true))
  checkIndex(found, request)
  const containers = found
    .filter(container => isLogged(container.Labels, request))
    .map(container => loggedContainer(container, project))
  const range = {
    tail: tail === undefined ? 'all' : String(tail),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  }
  return {
    containers,
    read: async (listener, signal = new AbortController().signal) => {
      const context = { docker, project, listener, reconnect, range, timestamps, selection: request }
      try {
        await (follow ? followLogs : showLogs)(context, containers, signal)
      } finally {
        for (const { modem } of engines) modem.destroy()
      }
      if (signal.aborted) throw new Interrupted()
    },
  }
}

/** A number that no container of a service has is a mistake of who asks. Errors: CONTAINER_NOT_FOUND. */
function checkIndex(found: readonly ContainerSummary[], { services = [], index }: LogsRequest): void {
  if (index === undefined) return
  const without = services.find(
    service => !found.some(({ Labels }) => isLogged(Labels, { services: [service], index })),
  )
  if (without === undefined) return
  throw failure({
    code: 'CONTAINER_NOT_FOUND',
    kind: 'notFound',
    summary: `service "${without}" has no container #${index}`,
  })
}
