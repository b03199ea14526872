import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from './bench.ts'
import { time } from './measure.ts'
import type { Tool } from './subjects.ts'

/** The project folders of the measurements. */
export interface Workloads {
  readonly lamp: string
  readonly ten: string
}

/** Writes the workloads below `folder`: the LAMP example on a port of its own, and ten services that sleep. */
export function writeWorkloads(folder: string): Workloads {
  const lamp = join(folder, 'lamp')
  cpSync('examples/lamp', lamp, { recursive: true })
  writeFileSync(join(lamp, '.env'), 'LAMP_PORT=18080\n')
  const ten = join(folder, 'ten')
  mkdirSync(ten, { recursive: true })
  const services = Array.from(
    { length: 10 },
    (_value, index) => `  s${index}: {image: bench-busybox, command: [sleep, infinity], init: true}`,
  )
  writeFileSync(join(ten, 'compose.yaml'), `name: ten\nservices:\n${services.join('\n')}\n`)
  const busybox = join(folder, 'busybox')
  mkdirSync(busybox, { recursive: true })
  cpSync(existsSync('/bin/busybox') ? '/bin/busybox' : '/usr/bin/busybox', join(busybox, 'busybox'))
  writeFileSync(
    join(busybox, 'Dockerfile'),
    'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\nCMD ["sh"]\n',
  )
  writeFileSync(join(busybox, 'compose.yaml'), 'services: {busybox: {build: ., image: bench-busybox}}\n')
  return { lamp, ten }
}

/** Builds every image, so that no measurement contains a build. Docker's base image is taken from our own store. */
export function buildImages(
  tool: Tool,
  { state, folder, workloads }: Pick<Bench, 'state' | 'folder' | 'workloads'>,
): void {
  if (tool.name === 'docker') importBase(state)
  buildBusybox(tool, folder)
  time(tool.run(workloads.lamp, 'build'))
}

/** Builds `bench-busybox` alone, which needs no base. */
export function buildBusybox(tool: Tool, folder: string): void {
  time(tool.run(join(folder, 'busybox'), 'build'))
}

/** Gives the Docker Engine the `debian:bookworm` of our own store, where no registry can be reached. */
function importBase(folder: string): void {
  const docker = (...args: string[]) => spawnSync('docker', args, { env: process.env, encoding: 'utf8' })
  if (docker('image', 'inspect', 'debian:bookworm').status === 0) return
  const layer = findBaseLayer(join(folder, 'root', 'images'))
  const tar = spawnSync('sh', ['-c', `tar -C '${layer}' -c . | docker import - debian:bookworm`], {
    env: process.env,
    encoding: 'utf8',
  })
  if (tar.status !== 0) throw new Error(`docker import: ${tar.stderr}`)
}

/** The layer folder that holds a whole Debian. */
function findBaseLayer(images: string): string {
  const layers = join(images, 'layers')
  for (const name of readdirSync(layers)) {
    const release = join(layers, name, 'fs', 'etc', 'debian_version')
    if (existsSync(release) && readFileSync(release, 'utf8').startsWith('12')) return join(layers, name, 'fs')
  }
  throw new Error(`no layer of debian:bookworm below ${layers}`)
}
