import { failure } from '../../diagnostics/index.ts'
import type { PreStartHook, Service } from '../../model/index.ts'
import type { RunInit } from '../../planner/index.ts'
import { createRequest, injectedFiles } from '../create-request/index.ts'
import type { Execution, Executor } from '../execution.ts'
import { lastOutput } from '../last-output.ts'
import { projectOf } from './containers.ts'
import { lastLines, SHOWN_LINES } from './hooks.ts'
import { putFiles } from './inject.ts'

/**
 * Runs a `pre_start` step to its end in a container of its own, which shares the service's networks and volumes. It is
 * removed if it succeeded, and kept to be looked at if it failed.
 */
export const runInit: Executor<'runInit'> = async (operation, { execution }) => {
  const { serviceName, name } = operation
  const project = projectOf(execution)
  const service = initService(operation.service, operation.hook)
  const request = createRequest({
    operation: {
      service,
      serviceName,
      labels: operation.labels,
      image: operation.image,
      networks: operation.networks,
      parents: { volumes: [{ container: operation.volumesOf, mode: 'rw' }] },
      inheritedVolumes: [],
    },
    project,
    imageDigest: await execution.digestOf(operation.image),
    idOf: ref => execution.idOf(ref),
    readFile: () => '',
    warn: () => undefined,
  })
  const container = await execution.docker.createContainer({ ...request, name })
  await putFiles(container, injectedFiles(project, serviceName, service))
  await container.start()
  const { StatusCode } = await container.wait({ condition: 'not-running' })
  if (StatusCode !== 0) throw await initFailed(execution, operation, container.id, StatusCode)
  await container.remove({ v: true, force: true })
}

/** The service, running the step instead of its command: no ports, no health check, no restarts, no volumes of its own. */
function initService(service: Service, hook: PreStartHook): Service {
  const {
    ports: _ports,
    expose: _expose,
    healthcheck: _healthcheck,
    restart: _restart,
    deploy: _deploy,
    volumes: _volumes,
    volumes_from: _volumesFrom,
    security_opt: securityOptions,
    'x-tscompose': _extension,
    ...rest
  } = service
  return {
    ...rest,
    healthcheck: { disable: true },
    ...(securityOptions === undefined
      ? {}
      : { security_opt: securityOptions.filter(option => !option.startsWith('seccomp')) }),
    command: hook.command ?? service.command,
    entrypoint: hook.command === undefined ? service.entrypoint : [],
    environment: { ...service.environment, ...hook.environment },
    ...(hook.user === undefined ? {} : { user: hook.user }),
    ...(hook.privileged === undefined ? {} : { privileged: hook.privileged }),
    ...(hook.working_dir === undefined ? {} : { working_dir: hook.working_dir }),
  }
}

async function initFailed(
  execution: Execution,
  { serviceName, name }: RunInit,
  id: string,
  status: number,
): Promise<Error> {
  const output = await lastOutput(execution.docker.getContainer(id), SHOWN_LINES)
  const lines = (output ?? '').split(/\r?\n/).filter(line => line !== '')
  return failure({
    code: 'PRE_START_FAILED',
    summary: `pre_start of service "${serviceName}" exited with status ${status}`,
    ...(lines.length === 0 ? {} : { detail: lastLines(lines) }),
    hint: `container "${name}" is kept, to be looked at`,
  })
}
