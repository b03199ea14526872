import { endpointSettings, networkRequest } from '../create-request/index.ts'
import type { Executor } from '../execution.ts'
import { tolerate } from '../tolerate.ts'

/** Another `up` may have made it in between: that is as good. */
export const createNetwork: Executor<'createNetwork'> = async ({ network, labels }, { execution }) => {
  const request = networkRequest(network, labels)
  await tolerate(['conflict'], execution.docker.createNetwork(request))
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
    EndpointConfig: endpointSettings(service, { ...attachment, isPrimary: false }),
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
