import type { ContainerUpdateRequest, ContainerUpdateResponse, HostConfig } from '../../api/types/index.ts'
import type { EngineContext } from '../context.ts'
import type { Container } from './container.ts'
import { Problems } from './create/problems.ts'
import { unsupportedWarnings } from './create/unsupported.ts'
import { validateConfig } from './create/validate.ts'
import { publishContainerEvent } from './events.ts'
import { limitsOf } from './start/limits.ts'
import { restartOf } from './start/spec.ts'

/** `POST /containers/{id}/update`: limits and restart policy, of a running container in the kernel too. */
export async function updateContainer(
  engine: EngineContext,
  container: Container,
  body: ContainerUpdateRequest,
): Promise<ContainerUpdateResponse> {
  const { record } = container
  const hostConfig = mergeUpdate(record.hostConfig, body)
  const problems = new Problems()
  validateConfig(record.config, hostConfig, record.argv, problems)
  problems.throwIfAny()
  const warnings = unsupportedWarnings({}, body)
  if (container.live !== undefined) {
    warnings.push(...engine.host.cgroups.update(container.id, limitsOf(hostConfig)))
    const { restart, restartMax } = restartOf(hostConfig)
    if (body.RestartPolicy !== undefined) await container.live.connection.setRestart(restart, restartMax)
  }
  container.save({ hostConfig })
  publishContainerEvent(engine, container, 'update')
  return { Warnings: warnings }
}

/** What the body leaves out, or gives as 0 or empty, stays as it was. */
function mergeUpdate(before: HostConfig, body: ContainerUpdateRequest): HostConfig {
  const given = Object.entries(body).filter(
    ([key, value]) => value !== undefined && value !== '' && (value !== 0 || key === 'PidsLimit'),
  )
  return { ...before, ...Object.fromEntries(given) }
}
