import { randomBytes } from 'node:crypto'
import type { Adaptation, ContainerCreateRequest } from '../../api/types/index.ts'
import {
  type AdaptContainer,
  CONTENTS,
  contentValues,
  LABEL,
  SECRETS_KEY,
  type SealedSecrets,
  sealSecrets,
  TOLD,
} from '../../planner/index.ts'
import { createRequest, injectedFiles, readProfile } from '../create-request/index.ts'
import type { Execution, Executor } from '../execution.ts'
import { callerOf, engineWarning, projectOf } from './containers.ts'
import { putContents } from './inject.ts'

/** Labels that tell of the container itself: it is the same one. */
const KEPT = [LABEL.image, LABEL.imageVolumes, LABEL.replace]

/**
 * Has a container be made of other things while it runs: the fields of a request for a new one, in one call. Contents come first, and are in its
 * record by themselves: who is killed over them does it again.
 */
export const adaptContainer: Executor<'adaptContainer'> = async (operation, { execution }) => {
  const container = execution.container(operation.container)
  const fields = operation.fields.filter(field => field !== CONTENTS && field !== TOLD)
  if (operation.fields.includes(CONTENTS)) await bringContents(operation, execution)
  // The signal goes out once all is in.
  if (operation.signal !== undefined) await container.kill({ signal: operation.signal })
  const { Config, HostConfig } = await container.inspect()
  const { labels: told, secrets } = operation
  const { [SECRETS_KEY]: key } = HostConfig.Annotations ?? {}
  const sealed = sealedAnew(secrets, key)
  const kept = KEPT.flatMap(name => {
    const value = Config.Labels?.[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const request = createRequest({
    operation: {
      ...operation,
      labels: { ...told, ...Object.fromEntries(kept) },
      image: Config.Image ?? '',
      parents: { volumes: [] },
      inheritedVolumes: [],
    },
    project: projectOf(execution),
    ...(sealed === undefined ? {} : { sealed }),
    imageDigest: undefined,
    idOf: ref => execution.idOf(ref),
    readFile: readProfile,
    foreignEngine: execution.options.foreignEngine === true,
    ...callerOf(execution),
    warn: diagnostic => execution.warn(diagnostic),
  })
  // Its first secret value brings a key.
  const annotations = sealed !== undefined && key === undefined ? ['HostConfig.Annotations'] : []
  const { Warnings } = await container.update({
    TscomposeAdapt: adaptationOf(request, [...fields, 'Labels', ...annotations]),
  })
  for (const warning of Warnings ?? []) execution.warn(engineWarning(operation, warning))
}

async function bringContents(operation: AdaptContainer, execution: Execution): Promise<void> {
  const { serviceName, service } = operation
  const container = execution.container(operation.container)
  const project = projectOf(execution)
  const files = injectedFiles(project, serviceName, service)
  await putContents(container, files, contentValues(project, service), diagnostic =>
    execution.warn(diagnostic),
  )
}

function sealedAnew(
  secrets: Readonly<Record<string, string>>,
  key: string = randomBytes(16).toString('hex'),
): SealedSecrets | undefined {
  return Object.keys(secrets).length === 0 ? undefined : sealSecrets(secrets, key)
}

function adaptationOf(
  { HostConfig = {}, NetworkingConfig, ...config }: ContainerCreateRequest,
  fields: readonly string[],
): Adaptation {
  const chosen = (from: object, prefix: string): object =>
    Object.fromEntries(Object.entries(from).filter(([name]) => fields.includes(`${prefix}${name}`)))
  const networks = fields.includes('EndpointsConfig') ? NetworkingConfig?.EndpointsConfig : undefined
  return {
    Fields: fields,
    Config: chosen(config, ''),
    HostConfig: chosen(HostConfig, 'HostConfig.'),
    ...(networks === undefined ? {} : { EndpointsConfig: networks }),
  }
}
