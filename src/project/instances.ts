import { createHash, randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, failure } from '../diagnostics/index.ts'
import { readIfThereSync } from '../linux/read-if-there.ts'
import { hasOwnNetwork, type Project, type Service } from '../model/index.ts'
import { portsAt } from './publish-choice.ts'
import { statePaths } from './state-paths.ts'
import { type Environment, isForeign } from './target.ts'

/** How many addresses are looked at before there is none; each further one is needed once in thousands of instances. */
const TRIES = 64

/**
 * The project with its ports at its instance's own loopback address, where it is an instance and a port names none itself. The address follows from the project's name, and
 * from whose the ones before it are: it stays the same, and looking takes none.
 */
export function atOwnAddress(project: Project, env: Environment): Project {
  const { instance, model, name } = project
  if (instance === undefined) return project
  const address =
    instance.address ?? addressesOf(env, name).find(each => [undefined, name].includes(ownerOf(env, each)))
  if (address === undefined) return project
  const services = Object.entries(model.services).map(
    ([key, service]) => [key, publishedAt(address, service)] as const,
  )
  return {
    ...project,
    instance: { ...instance, address },
    model: { ...model, services: Object.fromEntries(services) },
  }
}

/**
 * Writes down whose the address is, behind all that may refuse the work and before anything is published there; with an engine of somebody else nothing is written down. Error: INSTANCE_ADDRESS
 * where another project has got it since it was looked for.
 */
export function keepAddress({ instance, name }: Project, env: Environment): void {
  const { address } = instance ?? {}
  if (address === undefined || isForeign(env)) return
  const folder = folderOf(env)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const draft = join(folder, `.${randomBytes(6).toString('hex')}`)
  try {
    writeFileSync(draft, name, { mode: 0o600 })
    // Whole, or not at all, and never over another's.
    linkSync(draft, join(folder, address))
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
    if (ownerOf(env, address) === name) return
    throw failure({
      code: 'INSTANCE_ADDRESS',
      kind: 'conflict',
      summary: `the address ${address} went to another instance a moment ago`,
      hint: 'run the command again, which takes another one',
    })
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Nothing of the instance is there any more: its address is anybody's, and most likely its own again. */
export function giveUpAddress(name: string, env: Environment): void {
  for (const address of addressesOf(env, name))
    if (ownerOf(env, address) === name) rmSync(join(folderOf(env), address), { force: true })
}

/**
 * What helps where the same files hold a port, under the names of `holders`: without an instance's name they publish at all addresses of the host, an instance's own
 * among them.
 */
export function besideInstances(
  { instance, name }: Pick<Project, 'instance' | 'name'>,
  holders: readonly string[],
): string | undefined {
  const plain = instance === undefined ? name : name.slice(0, -(instance.name.length + 1))
  const isBeside =
    instance === undefined ? holders.some(each => each.startsWith(`${plain}-`)) : holders.includes(plain)
  if (!isBeside) return undefined
  return `${plain} itself has the port at all addresses of the host, and instances have theirs at one of these: make it an instance too (--instance main), or have it publish at 127.0.0.1 alone (TSCOMPOSE_PUBLISH=loopback)`
}

function folderOf(env: Environment): string {
  return join(statePaths(env).root, 'instances')
}

function ownerOf(env: Environment, address: string): string | undefined {
  return isForeign(env) ? undefined : readIfThereSync(join(folderOf(env), address))
}

/** Of 127.64.0.0/10: what others set up by hand begins with 127.0. Those of several ROOTs differ. */
function addressesOf(env: Environment, name: string): string[] {
  return Array.from({ length: TRIES }, (_, index) => {
    const [a = 0, b = 0, c = 0] = createHash('sha256')
      .update([statePaths(env).root, name, index].join('\0'))
      .digest()
    return `127.${64 + (a % 64)}.${b}.${1 + (c % 254)}`
  })
}

function publishedAt(address: string, service: Service): Service {
  const { ports = [] } = service
  if (ports.length === 0 || !hasOwnNetwork(service)) return service
  return { ...service, ports: portsAt(address, ports) }
}
