import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Docker } from '../../../src/client/index.ts'

/** Removes every container, network and volume of a sandbox's engine through its API, whatever state they are in. */
export async function cleanAll(_project: string, env: Readonly<Record<string, string>>): Promise<void> {
  const socketPath = join(env['TSCOMPOSE_RUN'] ?? '', 'engine.sock')
  if (!existsSync(socketPath)) return
  const docker = new Docker({ socketPath })
  try {
    await removeAll(docker)
  } catch (error) {
    // An engine that nobody needs any more may have ended since we looked.
    if (existsSync(socketPath)) throw error
  } finally {
    // An open connection is a client, and the engine stays for its clients.
    docker.modem.destroy()
  }
}

async function removeAll(docker: Docker): Promise<void> {
  for (const { Id } of await docker.listContainers({ all: true }))
    await docker.getContainer(Id).remove({ force: true, v: true })
  for (const network of await docker.listNetworks())
    if (!['bridge', 'host', 'none'].includes(network.Name)) await docker.getNetwork(network.Id).remove()
}
