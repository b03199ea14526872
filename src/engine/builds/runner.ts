import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import type { CommandRunner, RunMount, RunRequest } from '../../image/index.ts'
import {
  allocateAddress,
  type Endpoint,
  needsRelay,
  networkProgram,
  newMacAddress,
  renderHostname,
  renderHosts,
  renderResolvConf,
  resolveExtraHosts,
} from '../../network/index.ts'
import { readHostResolvConf } from '../endpoints/etc-files.ts'
import { usedAddresses } from '../endpoints/prepare.ts'
import { claimNetwork } from '../networks/claim.ts'
import { keepingDefaultBridge } from '../networks/default-bridge.ts'
import { networksOpened } from '../networks/opening.ts'
import { DEFAULT_BRIDGE } from '../networks/predefined.ts'
import { defaultEnvironment, resolveUser } from '../rootfs/index.ts'
import {
  compileForeground,
  type EtcFiles,
  type ForegroundSpec,
  type NetworkNamespaceMode,
  type RuntimeMount,
} from '../runtime/index.ts'
import { relayConfinement } from '../security/index.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { addressOnly } from '../words/addresses.ts'
import { newId } from '../words/ids.ts'
import { removeMountPoints } from './mount-points.ts'

/** A RUN step's network: on a bridge, or none of its own. */
interface StepNetwork {
  readonly net: NetworkNamespaceMode
  readonly endpoint?: Endpoint
}

/** Runs RUN steps as containers: same isolation as a service, no monitor, killed with everything in them on abort. */
export function namespaceRunner(engine: EngineContext): CommandRunner {
  return { run: request => withNetwork(engine, request, network => runStep(engine, request, network)) }
}

async function runStep(
  engine: EngineContext,
  request: RunRequest,
  network: StepNetwork,
): Promise<{ readonly exitCode: number }> {
  const id = newId()
  const etcFolder = await mkdtemp(join(engine.paths.run, 'build-'))
  try {
    engine.host.cgroups.ensure(id, {})
    const etc = await writeEtc(etcFolder, request, network)
    const program = compileForeground(await describeStep(engine, id, request, network, etc), engine.host)
    return await engine.native.runForeground(program, {
      onOutput: request.onOutput,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    })
  } finally {
    await engine.host.cgroups.remove(id)
    await rm(etcFolder, { recursive: true, force: true })
    removeMountPoints(
      request.upper,
      request.mounts.map(mount => mount.target),
    )
  }
}

async function describeStep(
  engine: EngineContext,
  id: string,
  request: RunRequest,
  { net, endpoint }: StepNetwork,
  etc: EtcFiles,
): Promise<ForegroundSpec> {
  const { hostname, argv, cwd, upper, work, layers } = request
  const user = resolveUser(request.user, await engine.users.ofLayers([upper, ...layers]))
  const { setup, supervise } = networkProgram({
    run: engine.paths.run,
    endpoints: endpoint === undefined ? [] : [endpoint],
    published: [],
    guarded: true,
    relay: relayConfinement(engine.host.architecture),
    dns: false,
    upstreams: [],
    askInside: false,
  })
  return {
    id,
    hostname,
    root: { layers, upper, work },
    mounts: request.mounts.map(describeMount),
    etc,
    process: {
      argv,
      env: defaultEnvironment({ hostname, home: user.home, tty: false, env: request.env }),
      cwd,
      user,
      rlimits: request.ulimits,
    },
    net,
    network: { setup, supervise },
    ...(request.shmSize === undefined ? {} : { shmSize: request.shmSize }),
  }
}

function describeMount(mount: RunMount): RuntimeMount {
  switch (mount.type) {
    case 'bind':
      return { kind: 'bind', source: mount.source, target: mount.target, readonly: mount.readonly }
    case 'layers':
      return { kind: 'image', layers: mount.layers, subpath: mount.path, target: mount.target }
    case 'tmpfs':
      return {
        kind: 'tmpfs',
        target: mount.target,
        ...(mount.sizeBytes === undefined ? {} : { size: mount.sizeBytes }),
      }
  }
}

async function writeEtc(
  folder: string,
  request: RunRequest,
  { net, endpoint }: StepNetwork,
): Promise<EtcFiles> {
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text, { mode: 0o644 })
    return join(folder, name)
  }
  const gateways = endpoint?.network.subnets.map(subnet => subnet.gateway) ?? ['127.0.0.1']
  return {
    hosts: await file(
      'hosts',
      renderHosts({
        hostname: request.hostname,
        addresses: endpoint?.addresses.map(addressOnly) ?? [],
        extraHosts: resolveExtraHosts(request.extraHosts, gateways),
      }),
    ),
    hostname: await file('hostname', renderHostname(request.hostname)),
    resolvConf: await file(
      'resolv.conf',
      renderResolvConf({
        host: readHostResolvConf(),
        embedded: false,
        hostNetwork: net.kind === 'host',
      }),
    ),
  }
}

/**
 * `default` is the default bridge; when the host's name servers are all at loopback addresses, which only a relay could
 * reach from there, the step has the host's network instead, as other builders do on such hosts.
 */
async function withNetwork<T>(
  engine: EngineContext,
  request: RunRequest,
  task: (network: StepNetwork) => Promise<T>,
): Promise<T> {
  if (request.network === 'none') return await task({ net: { kind: 'private' } })
  const isDefault = request.network === 'default' || request.network === 'bridge' || request.network === ''
  if (request.network === 'host' || (isDefault && needsRelay({ host: readHostResolvConf() }))) {
    return await task({ net: { kind: 'host' } })
  }
  if (isDefault) {
    return await keepingDefaultBridge(engine, () => asGuest(engine, DEFAULT_BRIDGE, task))
  }
  return await asGuest(engine, engine.networks.resolve(request.network), task)
}

/** Holds an address of the network while the task runs. */
async function asGuest<T>(
  engine: EngineContext,
  wanted: Pick<NetworkRecord, 'id' | 'name'>,
  task: (network: StepNetwork) => Promise<T>,
): Promise<T> {
  const { network, address } = await claimNetwork(engine, wanted, network => ({
    network,
    address: takeAddress(engine, network),
  }))
  const guests = engine.networks.guestsOf(network.id)
  try {
    const endpoint: Endpoint = {
      id: newId(),
      network,
      interfaceName: 'eth0',
      macAddress: newMacAddress({ networkId: network.id, address }),
      addresses: [address],
    }
    await networksOpened(engine, [network.id])
    return await task({ net: { kind: 'private' }, endpoint })
  } finally {
    guests.delete(addressOnly(address))
  }
}

/** An address that is the build's until it is taken out of the network's guests. BUILD_NETWORK. */
function takeAddress(engine: EngineContext, network: NetworkRecord): string {
  const address = allocateAddress(network.subnets, { family: 4, used: usedAddresses(engine, network.id) })
  if (address === undefined) {
    throw failure({
      code: 'BUILD_NETWORK',
      kind: 'invalidArgument',
      summary: `network ${network.name} has no IPv4 address for a build`,
    })
  }
  engine.networks.guestsOf(network.id).add(addressOnly(address))
  return address
}
