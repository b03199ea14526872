import type { ContainerCreateRequest, HostConfig } from '../../api/types/index.ts'
import type { Service } from '../../model/index.ts'
import { budgetOf, LABEL, SECRETS_KEY, sealedText } from '../../planner/index.ts'
import { bindOwner, bindOwnerAnnotation } from './bind-owner.ts'
import { healthConfig } from './health.ts'
import { compact, nonEmptyMap, type RequestInput, unsupported } from './input.ts'
import { mounts } from './mounts.ts'
import { namespaces, networkingConfig } from './namespaces.ts'
import { warnNotApplied } from './not-applied.ts'
import { egress, exposedPorts, hostAccess, portBindings, publishing } from './ports.ts'
import { processConfig } from './process.ts'
import { resources } from './resources.ts'
import { restartPolicy } from './restart-policy.ts'
import { security } from './security.ts'
import { sleepTimes } from './sleep.ts'

export { type InjectedFile, injectedFiles, sourceFiles } from './files.ts'
export type { Caller, RequestInput } from './input.ts'
export { endpointSettings } from './namespaces.ts'
export { portBindings } from './ports.ts'
export { environmentOf } from './process.ts'
export { networkRequest, volumeRequest } from './resource-requests.ts'
export { ulimits } from './resources.ts'
export { readProfile } from './security.ts'

/** The body of `POST /containers/create` for a service: one small file a topic. */
export function createRequest(input: RequestInput): ContainerCreateRequest {
  const { operation, imageDigest, sealed } = input
  const { service } = operation
  warnNotApplied(input)
  return compact<ContainerCreateRequest>({
    Image: operation.image,
    ...processConfig(service),
    ...stdinOf(input),
    Healthcheck: healthConfig(input),
    ExposedPorts: exposedPorts(service, (text, index) =>
      input.warn(unsupported(input, ['expose', index], `"${text}" is no port`)),
    ),
    Labels: {
      ...operation.labels,
      ...(imageDigest === undefined ? {} : { [LABEL.image]: imageDigest }),
      ...(sealed === undefined ? {} : { [LABEL.secrets]: sealedText(sealed) }),
    },
    HostConfig: hostConfig(input),
    NetworkingConfig: networkingConfig(input),
  })
}

/** Of a one-off that a client is attached to: what it reads ends when that client's input does. A terminal has no end. */
function stdinOf({
  operation: { run, service },
}: RequestInput): Pick<ContainerCreateRequest, 'AttachStdin' | 'StdinOnce'> {
  if (run?.attached !== true || service.stdin_open !== true) return {}
  return { AttachStdin: true, StdinOnce: service.tty === true ? undefined : true }
}

function hostConfig(input: RequestInput): HostConfig {
  const { operation } = input
  const { service } = operation
  return compact({
    ...resources(service),
    TscomposeBudget: budgetOf(input.project),
    ...security(input),
    ...namespaces(input),
    ...mounts(input),
    TscomposeBindOwner: bindOwner(input),
    PortBindings: portBindings(service),
    TscomposePublish: publishing(input),
    TscomposeEgress: egress(input),
    TscomposeHostAccess: hostAccess(input),
    TscomposeSleep: sleepTimes(input),
    RestartPolicy: restartPolicy(input),
    AutoRemove: operation.run?.autoRemove === true ? true : undefined,
    ConsoleSize: operation.run?.consoleSize,
    LogConfig: logConfig(service),
    Init: service.init,
    Runtime: service.runtime,
    StorageOpt: nonEmptyMap(service.storage_opt),
    Annotations: nonEmptyMap({
      ...bindOwnerAnnotation(input),
      ...service.annotations,
      ...(input.sealed === undefined ? {} : { [SECRETS_KEY]: input.sealed.key }),
    }),
  })
}

function logConfig({ logging }: Service): HostConfig['LogConfig'] {
  return logging && compact({ Type: logging.driver, Config: nonEmptyMap(logging.options) })
}
