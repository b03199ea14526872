import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Docker } from '../../../src/client/index.ts'
import type { Sandbox } from '../harness/sandbox.ts'
import { BUILDS } from './builds.ts'
import type { AttributeCase, Attributes } from './case.ts'
import { FILESYSTEM } from './filesystem.ts'
import { IN_VAIN } from './in-vain.ts'
import { ISOLATION } from './isolation.ts'
import { LIFECYCLE } from './lifecycle.ts'
import { LIMITS } from './limits.ts'
import { NETWORK } from './network.ts'
import { PROBES } from './probes.ts'
import { PROCESS } from './process.ts'

const ALL: Readonly<Record<string, readonly AttributeCase[]>> = {
  process: PROCESS,
  limits: LIMITS,
  filesystem: FILESYSTEM,
  network: NETWORK,
  isolation: ISOLATION,
  lifecycle: LIFECYCLE,
  probes: PROBES,
  builds: BUILDS,
  'in vain': IN_VAIN,
}

const asked = process.env['TSCOMPOSE_TEST_ATTRIBUTES']?.split(',')

/** All cases, by what they are about; of those that TSCOMPOSE_TEST_ATTRIBUTES names, where a machine takes too long for all. */
export const CASES: typeof ALL =
  asked === undefined ? ALL : Object.fromEntries(Object.entries(ALL).filter(([name]) => asked.includes(name)))

export const PROJECT = 'attributes'

/** One Compose file (JSON is YAML) with the services of all cases, so that one `up` starts them side by side. */
export function writeStack(sandbox: Sandbox): void {
  const services: Record<string, Attributes> = {}
  const top: Record<string, Attributes> = {}
  for (const each of Object.values(CASES).flat()) {
    services[each.service] = complete(each.attributes)
    for (const [name, attributes] of Object.entries(each.beside ?? {})) services[name] = complete(attributes)
  }
  // Some have what others brought.
  for (const each of Object.values(ALL).flat()) {
    for (const [section, entries] of Object.entries(each.top ?? {}))
      top[section] = { ...top[section], ...entries }
    for (const [path, content] of Object.entries(each.files ?? {})) sandbox.write(path, content)
  }
  const text = JSON.stringify({ name: PROJECT, services, ...top }, null, 1)
  // What looks like a variable is the shell's.
  sandbox.write('compose.yaml', text.replaceAll('$', '$$$$'))
}

/** Alone, cheap, and gone at once when it is stopped, unless the case says otherwise. */
function complete(attributes: Attributes): Attributes {
  const isAlone = ['networks', 'network_mode'].every(name => attributes[name] === undefined)
  if (attributes['provider'] !== undefined) return attributes
  return {
    image: 'busybox',
    command: 'sleep 1000',
    stop_signal: 'KILL',
    ...(isAlone ? { network_mode: 'none' } : {}),
    ...attributes,
  }
}

/** The first container of a service. */
export async function containerOf(docker: Docker, service: string): Promise<string> {
  const label = [`com.docker.compose.project=${PROJECT}`, `com.docker.compose.service=${service}`]
  const [found] = await docker.listContainers({ all: true, filters: { label } })
  if (found === undefined) throw new Error(`service ${service} has no container`)
  return found.Id
}

/** Runs a shell line in a container; output and errors together. A client of our own: a program a line takes too long. */
export async function runInside(docker: Docker, id: string, line: string): Promise<string> {
  const exec = await docker
    .getContainer(id)
    .exec({ Cmd: ['sh', '-c', line], AttachStdout: true, AttachStderr: true })
  return await joined(docker, await exec.start({}))
}

/** What a container has printed so far. */
export async function logOf(docker: Docker, id: string): Promise<string> {
  const container = docker.getContainer(id)
  const { Config } = await container.inspect()
  const log = await container.logs({ stdout: true, stderr: true })
  const stream = Buffer.isBuffer(log) ? Readable.from([log]) : log
  return Config.Tty ? await text(stream) : await joined(docker, stream)
}

async function joined(docker: Docker, stream: Readable): Promise<string> {
  const both = new PassThrough()
  docker.modem.demuxStream(stream, both, both)
  stream.on('end', () => both.end())
  return await text(both)
}
