import type {
  ContainerConfig,
  ContainerCreateRequest,
  EndpointSettings,
  HostConfig,
  NetworkCreateRequest,
  NetworkingConfig,
  VolumeCreateRequest,
} from '../../api/types/index.ts'
import type { Diagnostic } from '../../diagnostics/index.ts'
import { allocateAddress, type Family, planSubnets, type Subnet, subnetsOf } from '../../network/index.ts'
import { tryCompile } from '../containers/create/trial.ts'
import { checkInterfaceNames, checkOwnSubnet, checkSettings } from '../endpoints/settings.ts'
import { checkNetworkRequest, creatableDriver, subnetRequestOf } from '../networks/request.ts'
import { type Machine, THIS_MACHINE } from '../runtime/index.ts'
import { checkTerms, termsOf } from '../terms/index.ts'
import { mergeConfig } from '../terms/merge-config.ts'
import { checkName } from '../terms/name.ts'
import { Problems } from '../terms/problems.ts'
import { checkVolumeRequest } from '../volumes/create.ts'
import { ANY_MACHINE, WILLING_HOST } from './machine.ts'
import { checkUsers } from './user.ts'

/** What a network of the trial is known to have. */
interface TriedNetwork {
  readonly ipam: NonNullable<NetworkCreateRequest['IPAM']>
  readonly subnets: readonly Subnet[]
  /** Addresses that containers of the trial ask for. */
  readonly used: string[]
}

/**
 * What `create` will refuse of requests that belong together, found by the engine's own checks without an engine: nothing is
 * asked of one, nothing made, and no right needed. Networks come before the containers that join them. What depends on images,
 * on what an engine has already, or on what is free on the host only shows at the time.
 */
export class Trial {
  readonly #machine: Machine
  readonly #networks = new Map<string, TriedNetwork>()

  /** `this` machine is the one that the containers will run on; of `any` only what none takes is refused. */
  constructor(machine: 'this' | 'any') {
    this.#machine = machine === 'this' ? THIS_MACHINE : ANY_MACHINE
  }

  /** What `POST /networks/create` would refuse. */
  network(body: NetworkCreateRequest): readonly Diagnostic[] {
    return refusalsOf(problems => {
      problems.collect('Name', () => void checkName('network', body.Name))
      problems.collect('Driver', () => checkNetworkRequest(body))
      problems.collect('Driver', () => {
        const driver = creatableDriver(body.Driver || 'bridge')
        problems.collect('Options', () =>
          driver.checkOptions(body.Options ?? {}, [], new Map(), body.EnableIPv6 === true),
        )
        problems.collect('IPAM', () => void this.#networks.set(body.Name, this.#tryNetwork(body)))
      })
    })
  }

  /** Subnets that are not chosen yet do not count: no address of theirs can be asked for. */
  #tryNetwork(body: NetworkCreateRequest): TriedNetwork {
    const request = subnetRequestOf(body)
    const ipam = body.IPAM ?? {}
    const others = subnetsOf([...this.#networks].map(([name, { subnets }]) => ({ name, subnets })))
    const subnets = planSubnets(request, { host: { prefixes: [] }, others, seed: '' })
    return { ipam, subnets: request.config.length === 0 ? [] : subnets, used: [] }
  }

  /** What `POST /volumes/create` would refuse. */
  volume(body: VolumeCreateRequest): readonly Diagnostic[] {
    return refusalsOf(problems => problems.collect('DriverOpts', () => checkVolumeRequest(body)))
  }

  /** What `POST /containers/create` would refuse, whatever the image. */
  container(body: ContainerCreateRequest): readonly Diagnostic[] {
    const { HostConfig: host = {}, NetworkingConfig: networking, ...wanted } = body
    // The image most likely has a command.
    const config = mergeConfig(wanted, { Cmd: ['true'] })
    return refusalsOf(problems => {
      problems.addAll(refusedTerms(config, host, this.#machine))
      checkUsers(config, host, problems)
      this.#tryEndpoints(networking, problems)
    })
  }

  /** The part of it that is about the container's places on networks, and about the terms that have one of these fields. */
  places(body: ContainerCreateRequest, fields: readonly string[]): readonly Diagnostic[] {
    const { HostConfig: host = {}, NetworkingConfig: networking, ...config } = body
    return refusalsOf(problems => {
      checkTerms(config, host, problems, this.#machine, fields)
      this.#tryEndpoints(networking, problems)
    })
  }

  #tryEndpoints(networking: NetworkingConfig | undefined, problems: Problems): void {
    const endpoints = Object.entries(networking?.EndpointsConfig ?? {})
    for (const [name, settings] of endpoints)
      problems.collect('NetworkingConfig.EndpointsConfig', () => this.#tryEndpoint(name, settings))
    problems.collect('NetworkingConfig.EndpointsConfig', () =>
      checkInterfaceNames(endpoints.map(([, settings]) => settings)),
    )
  }

  #tryEndpoint(name: string, settings: EndpointSettings): void {
    checkSettings(settings)
    const network = this.#networks.get(name)
    if (network === undefined) return
    checkOwnSubnet({ name, ipam: network.ipam }, settings)
    const { IPv4Address, IPv6Address } = settings.IPAMConfig ?? {}
    const take = (family: Family, wanted: string | undefined): void => {
      if (!wanted) return
      allocateAddress(network.subnets, { family, wanted, used: network.used })
      network.used.push(wanted)
    }
    take(4, IPv4Address)
    take(6, IPv6Address)
  }
}

/**
 * What is refused of a container's terms. A compilation ends at the first thing that is wrong: it is tried again without what
 * was refused, so that all of it is told.
 */
function refusedTerms(config: ContainerConfig, host: HostConfig, machine: Machine): readonly Diagnostic[] {
  const found = refusalsOf(problems => {
    checkTerms(config, host, problems, machine)
    if (!problems.any) problems.collect('HostConfig', () => tryCompile(termsOf(config, host), WILLING_HOST))
  })
  const refused = found.flatMap(fieldsOf)
  const isLess = refused.some(field => field in host)
  return isLess ? [...found, ...refusedTerms(config, without(host, refused), machine)] : found
}

/** Fields of `HostConfig` that a compiler's refusals are about, by the start of their code. */
const COMPILED: readonly (readonly [RegExp, readonly (keyof HostConfig)[]])[] = [
  [/^SYSCTL_/, ['Sysctls']],
  [/^RLIMIT_/, ['Ulimits']],
  [/^DEVICE_/, ['Devices', 'DeviceCgroupRules']],
  [/^(SECCOMP|SECURITY|APPARMOR)_/, ['SecurityOpt']],
  [/^CAPABILITY_/, ['CapAdd', 'CapDrop']],
  [/^(MOUNT|TMPFS)_/, ['Mounts', 'Binds', 'Tmpfs']],
]

function fieldsOf({ code, path = '' }: Diagnostic): readonly string[] {
  const named = /^HostConfig\.(\w+)/.exec(path)?.[1]
  return named === undefined ? (COMPILED.find(([start]) => start.test(code))?.[1] ?? []) : [named]
}

function without(host: HostConfig, fields: readonly string[]): HostConfig {
  return Object.fromEntries(Object.entries(host).filter(([field]) => !fields.includes(field)))
}

function refusalsOf(check: (problems: Problems) => void): readonly Diagnostic[] {
  const problems = new Problems()
  check(problems)
  return problems.found
}
