import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Docker } from '../../../src/client/index.ts'
import { connectEngine } from '../../../src/project/engine.ts'

/** Removes every container, network and volume of a sandbox's engine through its API, whatever state they are in. */
export async function cleanAll(_project: string, env: Readonly<Record<string, string>>): Promise<void> {
  if (!KEPT.some(folder => hasEntries(join(env['TSCOMPOSE_ROOT'] ?? '', folder)))) return
  // What has ended keeps no engine up, and its networks stay in the kernel: where none runs, one is started for them.
  const docker = await connectEngine(env)
  try {
    await removeAll(docker)
  } finally {
    // An open connection is a client, and the engine stays for its clients.
    docker.modem.destroy()
  }
}

/** Folders of ROOT with the records of what has a part in the kernel. */
const KEPT = ['containers', 'networks'] as const

function hasEntries(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).length > 0
}

async function removeAll(docker: Docker): Promise<void> {
  for (const { Id } of await docker.listContainers({ all: true }))
    await docker.getContainer(Id).remove({ force: true, v: true })
  for (const network of await docker.listNetworks())
    if (!['bridge', 'host', 'none'].includes(network.Name)) await docker.getNetwork(network.Id).remove()
}
