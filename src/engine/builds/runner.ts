import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandRunner, RunMount, RunRequest } from '../../image/index.ts'
import {
  networkProgram,
  renderHostname,
  renderHosts,
  renderResolvConf,
  resolveExtraHosts,
} from '../../network/index.ts'
import { readHostResolvConf } from '../endpoints/etc-files.ts'
import { newLabels } from '../groups/labels.ts'
import { BUILDS } from '../groups/user-group.ts'
import { ofGroup, whyHost } from '../groups/user-mapping.ts'
import { relabel, sharedTrees } from '../mounts/relabel.ts'
import { defaultEnvironment, resolveUser } from '../rootfs/index.ts'
import { compileIsolated, type EtcFiles, type IsolatedSpec, type RuntimeMount } from '../runtime/index.ts'
import { numbersOfDevice, relayConfinement } from '../security/index.ts'
import { sharedLabel } from '../security/selinux/index.ts'
import type { EngineContext } from '../state/context.ts'
import { buildsFolder } from '../state/paths.ts'
import { type ContainerTerms, termsOf } from '../terms/index.ts'
import { kernelLimits } from '../terms/limits.ts'
import { isolatedSpec } from '../terms/spec.ts'
import { addressOnly } from '../words/addresses.ts'
import { removeMountPoints } from './mount-points.ts'
import type { StepGroups } from './step-groups.ts'
import { type StepNetwork, stepResolvConf, withNetwork } from './step-network.ts'

const PRIVATE = { kind: 'private' } as const

/** What the builder asks for, and what it is told as a container. */
interface Step {
  readonly request: RunRequest
  readonly terms: ContainerTerms
}

/** Runs RUN steps as containers: same isolation as a service, no monitor, killed with everything in them on abort. */
export function namespaceRunner(engine: EngineContext, groups: StepGroups): CommandRunner {
  return {
    run: async request => {
      const step = { request, terms: termsOfStep(request) }
      return await withNetwork(engine, step.terms, network => runStep(engine, groups, step, network))
    },
  }
}

async function runStep(
  engine: EngineContext,
  groups: StepGroups,
  step: Step,
  network: StepNetwork,
): Promise<{ readonly exitCode: number }> {
  const { request } = step
  const etcFolder = mkdtempSync(join(buildsFolder(engine.paths), 'step-'))
  try {
    const etc = writeEtc(etcFolder, step, network)
    const limits = kernelLimits(step.terms.limits, numbersOfDevice)
    return await groups.using(limits, async (id, lost) => {
      for (const summary of lost)
        engine.warn({ severity: 'warning', code: 'LIMIT_LOST', summary: `a step of a build: ${summary}` })
      const spec = await withLabels(engine, await describeStep(engine, id, step, network, etc), {
        terms: step.terms,
        etcFolder,
      })
      return await engine.native.runForeground(compileIsolated(spec, engine.host), {
        onOutput: request.onOutput,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      })
    })
  } finally {
    engine.holds.release(etcFolder)
    rmSync(etcFolder, { recursive: true, force: true })
    removeMountPoints(
      request.upper,
      request.mounts.map(mount => mount.target),
    )
  }
}

/** A step has labels of its own, held by the name of its folder for as long as it runs. What it mounts other steps may have at the same time. */
async function withLabels(
  engine: EngineContext,
  spec: IsolatedSpec,
  { terms, etcFolder }: { readonly terms: ContainerTerms; readonly etcFolder: string },
): Promise<IsolatedSpec> {
  const labels = newLabels(engine, etcFolder, terms)
  if (labels === undefined) return spec
  const shared = sharedLabel(labels.mount)
  const binds = spec.mounts.flatMap(mount => (mount.kind === 'bind' ? [mount.source] : []))
  await relabel(engine, [
    ...[etcFolder, ...binds].map(source => ({ source, label: shared })),
    ...sharedTrees(spec.mounts, labels.mount),
  ])
  return { ...spec, security: { ...spec.security, labels } }
}

/** The step as a container: of all that a container can be told, what a RUN says. */
function termsOfStep({ argv, env, cwd, user, ...request }: RunRequest): ContainerTerms {
  const { network, extraHosts, shmSize, memory, ulimits, privileged } = request
  const host = {
    NetworkMode: network,
    ExtraHosts: extraHosts,
    ShmSize: shmSize,
    Memory: memory,
    Privileged: privileged,
  }
  return { ...termsOf({ Cmd: argv, Env: env, WorkingDir: cwd, User: user }, host), ulimits }
}

async function describeStep(
  engine: EngineContext,
  id: string,
  step: Step,
  { net, endpoint }: StepNetwork,
  etc: EtcFiles,
): Promise<IsolatedSpec> {
  const { terms, request } = step
  const { hostname, upper, work, layers } = request
  const database = await engine.users.ofStep(layers)
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
  const user = resolveUser(terms.process.user, database, terms.process.groupAdd)
  const mounts = request.mounts.map(describeMount)
  // Where it has the host's network for want of a name server, nobody has asked for that.
  const isHost =
    net.kind === 'host' || (await whyHost(engine, { terms, user, mounts, highestId: 0 })) !== undefined
  const { namespace } = isHost ? {} : await ofGroup(engine, BUILDS)
  const spec = isolatedSpec(terms, {
    id,
    hostname,
    root: { layers, upper, work },
    mounts,
    ...(namespace === undefined ? {} : { userNamespace: namespace }),
    etc,
    user,
    namespaces: { pid: PRIVATE, ipc: PRIVATE, uts: PRIVATE, cgroup: PRIVATE, net },
    network: { setup, supervise },
    numbersOf: numbersOfDevice,
  })
  // What a step sees must be in its key, and a name that the engine makes up is nobody's business.
  const env = defaultEnvironment({ home: user.home, tty: false, env: terms.process.env })
  return { ...spec, process: { ...spec.process, env } }
}

function describeMount(mount: RunMount): RuntimeMount {
  switch (mount.type) {
    case 'bind':
      return { kind: 'bind', source: mount.source, target: mount.target, readonly: mount.readonly }
    case 'layers':
      return {
        kind: 'image',
        layers: mount.layers,
        subpath: mount.path,
        target: mount.target,
        ...(mount.changes === undefined ? {} : { changes: mount.changes }),
      }
    case 'tmpfs':
      return {
        kind: 'tmpfs',
        target: mount.target,
        ...(mount.sizeBytes === undefined ? {} : { size: mount.sizeBytes }),
      }
  }
}

function writeEtc(folder: string, { request, terms }: Step, { net, endpoint }: StepNetwork): EtcFiles {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o644 })
    return join(folder, name)
  }
  const gateways = endpoint?.network.subnets.map(subnet => subnet.gateway) ?? ['127.0.0.1']
  return {
    hosts: file(
      'hosts',
      renderHosts({
        hostname: request.hostname,
        addresses: endpoint?.addresses.map(addressOnly) ?? [],
        extraHosts: resolveExtraHosts(terms.hosts.extra, gateways),
      }),
    ),
    hostname: file('hostname', renderHostname(request.hostname)),
    resolvConf: file(
      'resolv.conf',
      renderResolvConf({
        host: net.kind === 'host' ? readHostResolvConf() : stepResolvConf(),
        embedded: false,
        hostNetwork: net.kind === 'host',
      }),
    ),
  }
}
