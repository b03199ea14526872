import { createHash } from 'node:crypto'
import type { Service } from '../../model/index.ts'
import type {
  AppliedExtension,
  Observed,
  ObservedContainer,
  ObservedImage,
  ObservedNetwork,
  ObservedPort,
  ObservedVolume,
} from '../observed/observed.ts'
import type { Attachment, ContainerRef, CreateContainer, Operation } from '../plan/operation.ts'
import type { Plan } from '../plan/plan.ts'
import { LABEL } from '../project/labels.ts'
import { endpointTerms } from '../reconcile/endpoint-terms.ts'
import { sealSecrets } from '../spec/secrets.ts'
import { readStoredSpec } from '../spec/stored.ts'

/** An engine without anything. */
export function emptyWorld(project = 'lamp', images: Readonly<Record<string, ObservedImage>> = {}): Observed {
  return { project, containers: [], networks: [], volumes: [], images }
}

/** An image whose digest follows from the text. */
export function imageOf(text: string, volumes: readonly string[] = []): ObservedImage {
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
  return { id: digest, digest, volumes, labels: {} }
}

export interface SimulateOptions {
  /** What pulls and builds yield, by reference; default: an image named after the reference. */
  readonly images?: Readonly<Record<string, ObservedImage>>
  /** Names of volumes by their keys in the file. */
  readonly volumes?: Readonly<Record<string, { readonly name: string }>>
  /** Fields of a create request that the engine, which is ours then, changes of containers that run. */
  readonly adapts?: readonly string[]
  /** Execute only so many operations: what SIGKILL does to an `up`. */
  readonly steps?: number
  /** Which of so many operations that may come next does; default: the first. Any choice must do as well. */
  readonly pick?: (ready: number) => number
}

/**
 * The world after a plan, as an engine that does exactly what it is told would leave it. It knows nothing of planning, so
 * a plan that is wrong shows in what it leaves. Throws where a real engine would refuse.
 */
export function simulate(plan: Plan, before: Observed, options: SimulateOptions = {}): Observed {
  const world = new World(before, options)
  for (const operation of inSomeOrder(plan, options.pick ?? (() => 0)).slice(0, options.steps))
    world.apply(operation)
  return world.observed()
}

/** The operations in an order that their edges allow. */
function inSomeOrder(plan: Plan, pick: (ready: number) => number): Operation[] {
  const waiting = [...plan.operations]
  const done = new Set<string>()
  const order: Operation[] = []
  while (waiting.length > 0) {
    const ready = waiting.filter(({ after }) => after.every(id => done.has(id)))
    const next = ready[pick(ready.length) % ready.length]
    if (next === undefined) throw new Error('the plan has a cycle')
    waiting.splice(waiting.indexOf(next), 1)
    done.add(next.id)
    order.push(next)
  }
  return order
}

/** With whom it was made to replace. */
interface SimulatedContainer extends ObservedContainer {
  readonly replaces?: string
}

class World {
  readonly #project: string
  readonly #options: SimulateOptions
  readonly #containers = new Map<string, SimulatedContainer>()
  readonly #networks = new Map<string, ObservedNetwork>()
  readonly #volumes = new Map<string, ObservedVolume>()
  readonly #images = new Map<string, ObservedImage>()
  readonly #created = new Map<string, string>()
  readonly #pulled = new Set<string>()
  static #ids = 0

  constructor(before: Observed, options: SimulateOptions) {
    this.#project = before.project
    this.#options = options
    for (const container of before.containers) this.#containers.set(container.id, container)
    for (const network of before.networks) this.#networks.set(network.id, network)
    for (const volume of before.volumes) this.#volumes.set(volume.name, volume)
    for (const [reference, image] of Object.entries(before.images)) this.#images.set(reference, image)
  }

  observed(): Observed {
    const attached = (network: ObservedNetwork): ObservedNetwork['containers'] =>
      [...this.#containers.values()]
        .filter(container => container.networks.some(({ id }) => id === network.id))
        .map(({ id, name }) => ({ id, name }))
    return {
      project: this.#project,
      containers: [...this.#containers.values()].map(each => this.#withNamesOfLinks(each)),
      networks: [...this.#networks.values()].map(network => ({ ...network, containers: attached(network) })),
      volumes: [...this.#volumes.values()],
      images: Object.fromEntries(this.#images),
    }
  }

  /** Links are kept by id and told by name, as long as there is one. */
  #withNamesOfLinks({ oldLinks, ...container }: ObservedContainer): ObservedContainer {
    const named = oldLinks?.map(text => text.replace(/^[^:]+/, id => this.#containers.get(id)?.name ?? id))
    return { ...container, ...(named === undefined ? {} : { oldLinks: named }) }
  }

  apply(operation: Operation): void {
    const { guard } = operation
    const isOpen = guard?.imageChanged.some(
      ({ reference, from }) => this.#images.get(reference)?.digest !== from,
    )
    if (guard !== undefined && isOpen !== true) return
    if (operation.type === 'createContainer') this.#createContainer(operation)
    else if (operation.type === 'removeContainer') this.#removeContainer(operation)
    else if (operation.type === 'renameContainer') this.#rename(operation)
    else if (operation.type === 'relieveContainer') this.#relieve(operation)
    else if (operation.type === 'updateContainer') this.#set(operation.container, { drift: [] })
    else if (operation.type === 'repairContainer') this.#set(operation.container, { drift: [] })
    else if (operation.type === 'adaptContainer') this.#adapt(operation)
    else if (operation.type === 'disconnectNetwork') this.#disconnect(operation)
    else if (operation.type === 'connectNetwork') this.#connect(operation)
    else if ('container' in operation) this.#setState(operation)
    else this.#applyToResource(operation)
  }

  #applyToResource(operation: Operation): void {
    if (operation.type === 'createNetwork') this.#createNetwork(operation)
    else if (operation.type === 'repairNetwork') this.#repairNetwork(operation.networkId)
    else if (operation.type === 'removeNetwork') this.#networks.delete(operation.networkId)
    else if (operation.type === 'createVolume') this.#createVolume(operation)
    else if (operation.type === 'removeVolume') this.#volumes.delete(operation.resource.name)
    else if (operation.type === 'removeImage') this.#images.delete(operation.reference)
    else if (operation.type === 'pullImage' || operation.type === 'buildImage') this.#fetch(operation)
  }

  #setState(operation: Extract<Operation, { container: ContainerRef }>): void {
    const { type, container } = operation
    const running = { state: 'running', health: 'healthy', drift: [] } as const
    if (type === 'startContainer' && operation.beside === true) this.#waitBeside(container)
    if (type === 'startContainer') this.#refuseHeld(container)
    if (type === 'startContainer' || type === 'restartContainer' || type === 'unpauseContainer')
      this.#set(container, running)
    else if (type === 'stopContainer' || type === 'killContainer')
      this.#set(container, { state: 'exited', exitCode: 0 })
    else if (type === 'pauseContainer') this.#set(container, { state: 'paused' })
  }

  /** As our engine does where the one whose place it takes still runs. */
  #waitBeside(ref: ContainerRef): void {
    const { replaces = '' } = this.#containers.get(this.#idOf(ref)) ?? {}
    if (this.#containers.get(replaces)?.state === 'running') this.#set(ref, { relief: 'waiting', ports: [] })
  }

  #relieve({ container, relieves, service }: Extract<Operation, { type: 'relieveContainer' }>): void {
    if (this.#containers.get(this.#idOf(container))?.relief !== 'waiting')
      throw new Error(`${container.name} waits beside nobody`)
    this.#set(relieves, { relief: 'relieved', ports: [] })
    this.#set(container, { relief: 'serving', ports: portsOf(service) })
    this.#refuseHeld(container)
  }

  #rename({ container, to }: Extract<Operation, { type: 'renameContainer' }>): void {
    this.#refuseTaken(to)
    this.#set(container, { name: to })
  }

  #fetch(operation: Extract<Operation, { type: 'pullImage' | 'buildImage' }>): void {
    const { reference } = operation
    if (operation.type === 'pullImage') this.#pulled.add(operation.id)
    else if (operation.unlessPulledBy !== undefined && this.#pulled.has(operation.unlessPulledBy)) return
    this.#images.set(reference, this.#options.images?.[reference] ?? imageOf(reference))
  }

  #createNetwork({ network, labels }: Extract<Operation, { type: 'createNetwork' }>): void {
    const spec = readStoredSpec(labels[LABEL.spec])
    const id = this.#newId(network.name)
    this.#networks.set(id, {
      id,
      name: network.name,
      key: labels[LABEL.network] ?? '',
      project: labels[LABEL.project] ?? '',
      driver: network.driver ?? 'bridge',
      configHash: labels[LABEL.configHash] ?? '',
      ...(spec === undefined ? {} : { spec }),
      containers: [],
      drift: [],
    })
  }

  #repairNetwork(id: string): void {
    const found = this.#networks.get(id)
    if (found !== undefined) this.#networks.set(id, { ...found, drift: [] })
  }

  #createVolume({ volume, labels }: Extract<Operation, { type: 'createVolume' }>): void {
    const spec = readStoredSpec(labels[LABEL.spec])
    this.#volumes.set(volume.name, {
      name: volume.name,
      key: labels[LABEL.volume] ?? '',
      project: labels[LABEL.project] ?? '',
      driver: volume.driver ?? 'local',
      configHash: labels[LABEL.configHash] ?? '',
      ...(spec === undefined ? {} : { spec }),
      options: volume.driver_opts ?? {},
    })
  }

  #createContainer(operation: CreateContainer): void {
    this.#refuseTaken(operation.name)
    const { labels, service } = operation
    const image = this.#images.get(operation.image)
    if (image === undefined) throw new Error(`no image ${operation.image}`)
    const id = this.#newId(operation.name)
    this.#created.set(operation.id, id)
    const spec = readStoredSpec(labels[LABEL.spec])
    const { network, ipc, pid, uts, volumes, links = [] } = operation.parents
    const parents = [network, ipc, pid, uts, ...volumes.map(({ container }) => container)]
    this.#containers.set(id, {
      id,
      name: operation.name,
      service: operation.serviceName,
      number: operation.number,
      oneOff: operation.oneOff,
      hook: false,
      state: 'created',
      labels: { ...labels, [LABEL.image]: image.digest },
      configHash: labels[LABEL.configHash] ?? '',
      ...(spec === undefined ? {} : { spec }),
      environment: Object.fromEntries(
        Object.entries(service.environment ?? {}).flatMap(([name, value]) =>
          value === null ? [] : [[name, String(value)]],
        ),
      ),
      sealed: sealSecrets(operation.secrets, 'key'),
      imageDigest: image.digest,
      networks: this.#attachments(service, operation.networks),
      ports: portsOf(service),
      ...(this.#options.adapts === undefined
        ? {}
        : { adapts: this.#options.adapts, extensions: extensionsOf(service) }),
      ...(operation.replaces?.id === undefined ? {} : { replaces: operation.replaces.id }),
      mounts: [
        ...(service.volumes ?? []).map(mount => ({
          type: mount.type,
          name: mount.type === 'volume' ? this.#volumeName(mount.source) : '',
          source: '',
          target: mount.target,
        })),
        ...operation.inheritedVolumes,
      ],
      parents: [...new Set(parents.flatMap(ref => (ref === undefined ? [] : [this.#idOf(ref)])))],
      ...(links.length === 0
        ? {}
        : { oldLinks: links.map(({ container, alias }) => `${this.#idOf(container)}:${alias}`) }),
      drift: [],
    })
  }

  #attachments(service: Service, networks: CreateContainer['networks']): ObservedContainer['networks'] {
    return networks.map(attachment => this.#attached(service, attachment))
  }

  #attached(service: Service, attachment: Attachment): ObservedContainer['networks'][number] {
    const { ipv4_address: address } = service.networks?.[attachment.key] ?? {}
    return {
      name: attachment.network,
      id: this.#networkId(attachment.network),
      addresses: address === undefined ? [] : [address],
      ...(this.#options.adapts === undefined ? {} : { terms: endpointTerms(service, attachment) }),
    }
  }

  /** The model's key is resolved as the executor does it, without a model by the volume that carries the key. */
  #volumeName(key: string | undefined): string {
    if (key === undefined) return this.#newId('anonymous')
    const named = this.#options.volumes?.[key]
    if (named !== undefined) return named.name
    return [...this.#volumes.values()].findLast(volume => volume.key === key)?.name ?? key
  }

  #removeContainer({ container, force }: Extract<Operation, { type: 'removeContainer' }>): void {
    const id = this.#idOf(container)
    if (!force && this.#containers.get(id)?.state === 'running') throw new Error(`${container.name} runs`)
    const before = this.#containers.get(id)?.replaces
    this.#containers.delete(id)
    for (const { relief, ...other } of this.#containers.values()) {
      const hasRelieved = other.replaces === id && relief === 'serving'
      // Who took its place is what tells that it stands aside.
      const isForgotten = other.id === before && relief === 'relieved'
      if (hasRelieved || isForgotten) this.#containers.set(other.id, other)
    }
  }

  #adapt(operation: Extract<Operation, { type: 'adaptContainer' }>): void {
    const { container, service, labels, networks, secrets } = operation
    const found = this.#containers.get(this.#idOf(container))
    if (found === undefined) throw new Error(`no container ${container.name}`)
    const spec = readStoredSpec(labels[LABEL.spec])
    this.#set(container, {
      labels: { ...found.labels, ...labels },
      configHash: labels[LABEL.configHash] ?? '',
      ...(spec === undefined ? {} : { spec }),
      ports: portsOf(service),
      networks: this.#attachments(service, networks),
      sealed: sealSecrets(secrets, 'key'),
      ...(found.extensions === undefined ? {} : { extensions: extensionsOf(service) }),
    })
    if (found.state === 'running') this.#refuseHeld(container)
  }

  #disconnect({ container, networkId }: Extract<Operation, { type: 'disconnectNetwork' }>): void {
    const found = this.#containers.get(this.#idOf(container))
    this.#set(container, { networks: (found?.networks ?? []).filter(({ id }) => id !== networkId) })
  }

  #connect({ container, service, attachment }: Extract<Operation, { type: 'connectNetwork' }>): void {
    const found = this.#containers.get(this.#idOf(container))
    this.#set(container, { networks: [...(found?.networks ?? []), this.#attached(service, attachment)] })
  }

  #set(ref: ContainerRef, change: Partial<ObservedContainer>): void {
    const id = this.#idOf(ref)
    const found = this.#containers.get(id)
    if (found === undefined) throw new Error(`no container ${ref.name}`)
    this.#containers.set(id, { ...found, ...change })
  }

  #idOf({ id, createdBy, name }: ContainerRef): string {
    const found = (createdBy === undefined ? undefined : this.#created.get(createdBy)) ?? id
    if (found === undefined) throw new Error(`no operation created ${name}`)
    return found
  }

  #networkId(name: string): string {
    const found = [...this.#networks.values()].find(network => network.name === name)
    if (found === undefined) throw new Error(`no network ${name}`)
    return found.id
  }

  #refuseTaken(name: string): void {
    for (const container of this.#containers.values())
      if (container.name === name) throw new Error(`name ${name} is taken`)
  }

  /** Two that run have no port of the host and no address of a network together. */
  #refuseHeld(ref: ContainerRef): void {
    const started = this.#containers.get(this.#idOf(ref))
    const wanted = new Set(started === undefined ? [] : heldBy(started))
    for (const other of this.#containers.values())
      for (const held of other === started || other.state !== 'running' ? [] : heldBy(other))
        if (wanted.has(held)) throw new Error(`${ref.name} wants ${held}, which ${other.name} has`)
  }

  #newId(of: string): string {
    World.#ids += 1
    return createHash('sha256').update(`${of} ${World.#ids}`).digest('hex')
  }
}

/** All that it asks for. */
function extensionsOf({ 'x-tscompose': asked = {} }: Service): AppliedExtension[] {
  const all: readonly AppliedExtension[] = ['egress', 'host_access', 'probe', 'publish', 'sleep']
  return all.filter(name => Boolean(asked[name]))
}

/** Ports that are asked for by number. */
function portsOf({ ports = [] }: Service): ObservedPort[] {
  return ports.flatMap(({ published, protocol = 'tcp', host_ip: hostIp = '0.0.0.0' }) =>
    published === undefined || !/^[0-9]+$/.test(published)
      ? []
      : [{ hostIp, number: Number(published), protocol }],
  )
}

function heldBy({ ports, networks }: ObservedContainer): string[] {
  return [
    ...ports.map(({ hostIp, number, protocol }) => `port ${number}/${protocol} of ${hostIp}`),
    ...networks.flatMap(({ id, addresses }) => addresses.map(each => `${each} on ${id}`)),
  ]
}
