import type { Network } from '../../model/index.ts'
import { endpointSettings, networkRequest } from '../create-request/index.ts'
import type { Execution, Executor } from '../execution.ts'
import { tolerate } from '../tolerate.ts'

/** Another `up` may have made it in between: that is as good. */
export const createNetwork: Executor<'createNetwork'> = async ({ network, labels }, { execution }) => {
  const request = networkRequest(network, labels)
  const made = execution.docker.createNetwork(request).then(({ warning }) => {
    if (!warning) return
    const summary = `network "${network.name}": ${warning}`
    execution.warn({
      severity: 'warning',
      code: 'ENGINE_WARNING',
      summary,
      path: `networks.${keyOf(execution, network)}`,
    })
  })
  await tolerate(['conflict'], made)
}

/** What the file calls it. */
function keyOf({ options }: Execution, { name }: Network): string {
  const networks = Object.entries(options.project?.model.networks ?? {})
  return networks.find(([, network]) => network.name === name)?.[0] ?? name
}

/** One that is gone already is as it should be. */
export const removeNetwork: Executor<'removeNetwork'> = async ({ networkId }, { execution }) => {
  await tolerate(['notFound'], execution.docker.getNetwork(networkId).remove())
}

/** Attaches a container that was taken off a network which was replaced. */
export const connectNetwork: Executor<'connectNetwork'> = async (operation, { execution }) => {
  const { container, attachment, service } = operation
  await execution.docker.getNetwork(attachment.network).connect({
    Container: execution.idOf(container),
    EndpointConfig: endpointSettings(service, attachment),
  })
}

/** A container or network that is gone is not attached. */
export const disconnectNetwork: Executor<'disconnectNetwork'> = async (operation, { execution }) => {
  const { container, networkId, force } = operation
  const call = execution.docker
    .getNetwork(networkId)
    .disconnect({ Container: execution.idOf(container), Force: force })
  await tolerate(['notFound'], call)
}

/** One that is gone meanwhile is somebody else's business. Only our engine tells of drift, and it can. */
export const repairNetwork: Executor<'repairNetwork'> = async ({ networkId, paths }, { execution }) => {
  await tolerate(['notFound'], execution.docker.getNetwork(networkId).repair({ Paths: paths }))
}
