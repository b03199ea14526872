import { createHash } from 'node:crypto'
import { Duplex, PassThrough, Readable } from 'node:stream'
import type {
  ContainerCreateRequest,
  ContainerInspect,
  ContainerState,
  ImageInspect,
  NetworkInspect,
  VolumeInspect,
} from '../../api/types/index.ts'
import { type ErrorKind, failure } from '../../diagnostics/index.ts'
import type { Docker, DockerContainer } from '../docker.ts'

interface FakeContainer {
  id: string
  name: string
  request: ContainerCreateRequest
  state: ContainerState
  restarts: number
}

/** Decides whether a call fails; what it returns is thrown. */
type Trouble = (call: string) => Error | undefined

/**
 * The client's interface over plain maps: the only double that the executor's tests use. Calls are recorded as
 * `verb name`; states change at once; what a test wants to be otherwise it sets in `health`, `exitCodes`, `trouble`.
 */
export class FakeDocker implements Docker {
  readonly calls: string[] = []
  readonly containers: Map<string, FakeContainer> = new Map()
  readonly networks: Map<string, NetworkInspect> = new Map()
  readonly volumes: Map<string, VolumeInspect> = new Map()
  readonly images: Map<string, ImageInspect> = new Map()
  /** Health of a service's containers once they run. */
  health: Record<string, 'starting' | 'healthy' | 'unhealthy'> = {}
  /** Services whose containers end at once, with this status. */
  exitCodes: Record<string, number> = {}
  /** Services whose containers restart between any two looks at them. */
  crashing: ReadonlySet<string> = new Set()
  /** What containers of a service have written. */
  written: Record<string, string> = {}
  /** Status of hooks by their first word; default 0. */
  hookCodes: Record<string, number> = {}
  /** First words of hooks that never end. */
  endless: readonly string[] = []
  buildLines: object[] = []
  trouble: Trouble = () => undefined
  /** Lets calls be held up: awaited before each one. */
  before: (call: string) => Promise<void> = async () => undefined
  #ids = 0

  addImage(reference: string, volumes: readonly string[] = []): void {
    const Config = { Volumes: Object.fromEntries(volumes.map(path => [path, {}])), Labels: {} }
    this.images.set(reference, { Id: `sha256:${hash(reference)}`, Config, Metadata: {} } as never)
  }

  async call(call: string): Promise<void> {
    this.calls.push(call)
    await this.before(call)
    const error = this.trouble(call)
    if (error !== undefined) throw error
  }

  getContainer(id: string): DockerContainer {
    const find = (): FakeContainer => this.#container(id)
    const named = async (verb: string): Promise<FakeContainer> => {
      const container = find()
      await this.call(`${verb} ${container.name}`)
      return container
    }
    return {
      id,
      inspect: async () => this.#inspect(find()),
      start: async () => this.#start(await named('start')),
      stop: async () => this.#end(await named('stop'), 0),
      restart: async () => this.#start(await named('restart')),
      kill: async () => this.#end(await named('kill'), 137) as undefined,
      pause: async () => this.#set(await named('pause'), 'paused'),
      unpause: async () => this.#set(await named('unpause'), 'running'),
      rename: async ({ name }) => {
        const container = await named(`rename to ${name}:`)
        container.name = name
      },
      update: async body => {
        await named(`update ${Object.keys(body).join(' ')} of`)
        return { Warnings: [] }
      },
      repair: async ({ Paths }) => void (await named(`repair ${Paths.join(' ')} of`)),
      relieve: async () => void (await named('relieve by')),
      drain: async () => void (await named('drain')),
      remove: async () => void this.containers.delete((await named('remove')).id),
      wait: async () => ({ StatusCode: (await named('wait')).state.ExitCode }),
      logs: async () => frame(this.written[serviceOf(find())] ?? ''),
      putArchive: async () => void (await named('put into')),
      exec: async ({ Cmd = [] }) => {
        await named(`exec ${Cmd.join(' ')} in`)
        return {
          start: async () =>
            this.endless.includes(Cmd[0] ?? '')
              ? (silent() as never)
              : (framed(`said by ${Cmd.join(' ')}\n`) as never),
          inspect: async () => ({ ExitCode: this.hookCodes[Cmd[0] ?? ''] ?? 0 }) as never,
        }
      },
    }
  }

  getNetwork(id: string): ReturnType<Docker['getNetwork']> {
    const find = (): NetworkInspect => {
      const found = this.networks.get(id) ?? [...this.networks.values()].find(({ Name }) => Name === id)
      if (found === undefined) throw problem('notFound', `no network ${id}`)
      return found
    }
    return {
      inspect: async () => find(),
      remove: async () => {
        await this.call(`remove network ${find().Name}`)
        this.networks.delete(find().Id)
      },
      connect: async ({ Container }) =>
        this.call(`connect ${this.#container(Container).name} to ${find().Name}`),
      disconnect: async ({ Container }) =>
        this.call(`disconnect ${this.#container(Container).name} from ${find().Name}`),
      repair: async ({ Paths }) => this.call(`repair ${Paths.join(' ')} of network ${find().Name}`),
    }
  }

  getVolume(name: string): ReturnType<Docker['getVolume']> {
    return {
      inspect: async () => this.volumes.get(name) ?? raise('notFound', `no volume ${name}`),
      remove: async () => {
        await this.call(`remove volume ${name}`)
        this.volumes.delete(name)
      },
    }
  }

  getImage(name: string): ReturnType<Docker['getImage']> {
    return {
      inspect: async () => this.images.get(name) ?? raise('notFound', `no image ${name}`),
      remove: async () => {
        await this.call(`remove image ${name}`)
        this.images.delete(name)
      },
      push: async ({ tag }) => {
        await this.call(`push ${name}:${tag}`)
        return Readable.from([`${JSON.stringify({ aux: { Digest: 'sha256:1' } })}\n`])
      },
    }
  }

  async createContainer(options: ContainerCreateRequest & { name?: string }): Promise<DockerContainer> {
    const { name = '', ...request } = options
    await this.call(`create ${name}`)
    if ([...this.containers.values()].some(other => other.name === name))
      raise('conflict', `${name} is taken`)
    const id = this.#newId()
    const state = { Status: 'created', ExitCode: 0, Running: false } as ContainerState
    this.containers.set(id, { id, name, request, state, restarts: 0 })
    return this.getContainer(id)
  }

  async createNetwork(options: Parameters<Docker['createNetwork']>[0]): Promise<{ id: string }> {
    await this.call(`create network ${options.Name}`)
    const Id = this.#newId()
    const network = {
      Id,
      Name: options.Name,
      Driver: options.Driver,
      Labels: options.Labels ?? {},
      Containers: {},
    }
    this.networks.set(Id, network as never)
    return { id: Id }
  }

  async createVolume(options: Parameters<Docker['createVolume']>[0]): Promise<VolumeInspect> {
    await this.call(`create volume ${options.Name}`)
    const volume = {
      Name: options.Name ?? '',
      Driver: 'local',
      Labels: options.Labels ?? {},
    } as VolumeInspect
    this.volumes.set(volume.Name, volume)
    return volume
  }

  async listContainers({
    filters,
  }: Parameters<Docker['listContainers']>[0]): ReturnType<Docker['listContainers']> {
    return [...this.containers.values()]
      .filter(({ request }) => hasLabels(request.Labels, filters['label']))
      .map(
        ({ id, name, request }) => ({ Id: id, Names: [`/${name}`], Labels: request.Labels ?? {} }) as never,
      )
  }

  async listNetworks({ filters }: Parameters<Docker['listNetworks']>[0]): Promise<NetworkInspect[]> {
    return [...this.networks.values()].filter(({ Labels }) => hasLabels(Labels, filters['label']))
  }

  async listVolumes({ filters }: Parameters<Docker['listVolumes']>[0]): ReturnType<Docker['listVolumes']> {
    const Volumes = [...this.volumes.values()].filter(({ Labels }) => hasLabels(Labels, filters['label']))
    return { Volumes }
  }

  async pull(reference: string): Promise<Readable> {
    await this.call(`pull ${reference}`)
    this.addImage(reference)
    return Readable.from([Buffer.from(`${JSON.stringify({ status: 'Pull complete', id: 'layer' })}\n`)])
  }

  /** As an engine that keeps no contexts. */
  async buildContext(): Promise<never> {
    throw failure({ kind: 'notFound', code: 'ROUTE_NOT_FOUND', summary: 'page not found' })
  }

  async buildImage(context: Readable, options: Parameters<Docker['buildImage']>[1]): Promise<Readable> {
    await this.call(`build ${options.t[0]}`)
    this.remotes.push(options.remote)
    await context.forEach(() => {})
    this.addImage(options.t[0] ?? '')
    return Readable.from(this.buildLines.map(line => Buffer.from(`${JSON.stringify(line)}\n`)))
  }

  /** Of each build, the address that the engine is to fetch the context from. */
  readonly remotes: (string | undefined)[] = []

  readonly modem: Docker['modem'] = {
    demuxStream: (stream, stdout) =>
      void stream.on('data', (chunk: Buffer) => stdout.write(chunk.subarray(8))),
  }

  #newId(): string {
    this.#ids += 1
    return hash(`id ${this.#ids}`)
  }

  #container(id: string): FakeContainer {
    return this.containers.get(id) ?? raise('notFound', `no container ${id}`)
  }

  #start(container: FakeContainer): void {
    if (container.state.Status === 'running') raise('notModified', `${container.name} runs`)
    const service = serviceOf(container)
    const code = this.exitCodes[service]
    if (code !== undefined) return void this.#end(container, code)
    const health = this.health[service]
    this.#set(container, 'running')
    if (health !== undefined) container.state = { ...container.state, Health: { Status: health } as never }
  }

  #end(container: FakeContainer, code: number): undefined {
    this.#set(container, 'exited')
    container.state = { ...container.state, ExitCode: code }
    return undefined
  }

  #set(container: FakeContainer, Status: ContainerState['Status']): void {
    container.state = { ...container.state, Status, Running: Status === 'running' }
  }

  #inspect(container: FakeContainer): ContainerInspect {
    const { id, name, request, state } = container
    if (this.crashing.has(serviceOf(container))) container.restarts += 1
    const health = this.health[request.Labels?.['com.docker.compose.service'] ?? '']
    const now =
      health === undefined || state.Status !== 'running'
        ? state
        : { ...state, Health: { Status: health, Log: [] } }
    const endpoints = Object.keys(request.NetworkingConfig?.EndpointsConfig ?? {}).map(network => [
      network,
      { NetworkID: [...this.networks.values()].find(({ Name }) => Name === network)?.Id ?? '' },
    ])
    const mounts = (request.HostConfig?.Mounts ?? []).map(mount => ({
      Type: mount.Type,
      Name: mount.Type === 'volume' ? mount.Source : undefined,
      Source: mount.Source,
      Destination: mount.Target,
    }))
    return {
      Id: id,
      Name: `/${name}`,
      State: container.restarts > 0 ? { ...now, Status: 'restarting', Restarting: true, ExitCode: 7 } : now,
      RestartCount: container.restarts,
      Image: request.Image,
      Config: request,
      HostConfig: request.HostConfig ?? {},
      Mounts: mounts,
      NetworkSettings: { Networks: Object.fromEntries(endpoints) },
    } as never
  }
}

/** An engine's answer that is an error. */
export function problem(kind: ErrorKind, summary: string): Error {
  return failure({ kind, code: `ENGINE_${kind.toUpperCase()}`, summary })
}

function raise(kind: ErrorKind, summary: string): never {
  throw problem(kind, summary)
}

function serviceOf({ request }: FakeContainer): string {
  return request.Labels?.['com.docker.compose.service'] ?? ''
}

function hasLabels(
  labels: Readonly<Record<string, string>> | null | undefined,
  wanted: readonly string[] = [],
): boolean {
  return wanted.every(entry => {
    const [name = '', value] = entry.split('=')
    return labels?.[name] === value
  })
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** One frame of output, then the end. */
/** A stream that takes all and gives nothing, and does not end with our half. */
function silent(): Duplex {
  return new Duplex({ read: () => undefined, write: (_chunk, _encoding, next) => next() })
}

function framed(text: string): PassThrough {
  const stream = new PassThrough()
  stream.write(frame(text))
  return stream
}

/** One frame of output on stdout. */
function frame(text: string): Buffer {
  const header = Buffer.alloc(8)
  header[0] = 1
  header.writeUInt32BE(text.length, 4)
  return Buffer.concat([header, Buffer.from(text)])
}
