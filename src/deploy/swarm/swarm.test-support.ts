import type {
  ConfigInspect,
  NetworkInspect,
  SecretInspect,
  SecretSpec,
  ServiceInspect,
  ServiceSpec,
  TaskInspect,
} from '../../api/types/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import {
  executeSwarm,
  observeStack,
  planDeploy,
  proveSecrets,
  type Stack,
  type SwarmEngine,
  SwarmExecution,
  type SwarmPlan,
} from './index.ts'
import type { DeployOptions } from './plan/plan-deploy.ts'

type Labelled = { readonly Labels?: Readonly<Record<string, string>> | undefined }

/** A manager in memory: it keeps what it is told, and runs nothing. */
export class SimulatedManager implements SwarmEngine {
  readonly services: Map<string, ServiceInspect> = new Map()
  readonly networks: Map<string, NetworkInspect> = new Map()
  readonly configs: Map<string, ConfigInspect> = new Map()
  /** With their data, which it shows nobody. */
  readonly secrets: Map<string, SecretInspect> = new Map()
  readonly tasks: TaskInspect[] = []
  readonly calls: string[] = []
  #index = 0

  /** Something that others do between two calls, once. */
  meanwhile: (() => void) | undefined

  async listServices({ filters }: Parameters<SwarmEngine['listServices']>[0]): Promise<ServiceInspect[]> {
    this.#called('listServices')
    return [...this.services.values()].filter(({ Spec }) => hasLabel(Spec, filters?.['label']))
  }

  async listTasks(): Promise<TaskInspect[]> {
    this.#called('listTasks')
    return this.tasks
  }

  async listNodes(): Promise<[]> {
    return []
  }

  async listNetworks(): Promise<NetworkInspect[]> {
    this.#called('listNetworks')
    return [...this.networks.values()]
  }

  async listConfigs({ filters }: Parameters<SwarmEngine['listConfigs']>[0]): Promise<ConfigInspect[]> {
    this.#called('listConfigs')
    const { name: names, label } = filters ?? {}
    return [...this.configs.values()].filter(
      ({ Spec }) => (names === undefined || names.includes(Spec.Name ?? '')) && hasLabel(Spec, label),
    )
  }

  async listSecrets(): Promise<SecretInspect[]> {
    this.#called('listSecrets')
    return [...this.secrets.values()].map(({ Spec: { Data: _, ...Spec }, ...rest }) => ({ ...rest, Spec }))
  }

  async createNetwork(request: Parameters<SwarmEngine['createNetwork']>[0]): Promise<{ id: string }> {
    this.#called(`createNetwork ${request.Name}`)
    const network = { Internal: false, Attachable: false, IPAM: {}, ...request, Scope: 'swarm' }
    return this.#keep(
      this.networks,
      { ...network, Id: `id-of-${request.Name}` } as unknown as NetworkInspect,
      request.Name,
    )
  }

  getNetwork(id: string): ReturnType<SwarmEngine['getNetwork']> {
    return { remove: async () => this.#remove(this.networks, id.replace('id-of-', '')) }
  }

  async createConfig(spec: SecretSpec): Promise<{ id: string }> {
    return this.#keep(this.configs, this.#object(spec), spec.Name)
  }

  async createSecret(spec: SecretSpec): Promise<{ id: string }> {
    return this.#keep(this.secrets, this.#object(spec), spec.Name)
  }

  getConfig(id: string): ReturnType<SwarmEngine['getConfig']> {
    return this.#file(this.configs, id)
  }

  getSecret(id: string): ReturnType<SwarmEngine['getSecret']> {
    return this.#file(this.secrets, id)
  }

  async createService(spec: ServiceSpec): Promise<{ id: string }> {
    return this.#keep(
      this.services,
      { ...this.#object(this.#withNetworkIds(spec)), Endpoint: { Spec: {} } },
      spec.Name,
    )
  }

  getService(id: string): ReturnType<SwarmEngine['getService']> {
    const name = id.replace('id-of-', '')
    return {
      inspect: async () => this.#found(this.services, name),
      remove: async () => this.#remove(this.services, name),
      update: async ({ version, rollback, authconfig: _, ...spec }) => {
        this.#called(`updateService ${name}`)
        const kept = this.#found(this.services, name)
        if (String(kept.Version.Index) !== version) throw refusal('internal', 'update out of sequence')
        const wanted = rollback === undefined ? this.#withNetworkIds(spec) : (kept.PreviousSpec ?? kept.Spec)
        this.services.set(name, { ...kept, ...this.#object(wanted), PreviousSpec: kept.Spec })
      },
    }
  }

  #called(call: string): void {
    this.calls.push(call)
    const { meanwhile } = this
    this.meanwhile = undefined
    meanwhile?.()
  }

  #withNetworkIds(spec: ServiceSpec): ServiceSpec {
    const { Networks } = spec.TaskTemplate ?? {}
    return {
      ...spec,
      TaskTemplate: {
        ...spec.TaskTemplate,
        Networks: Networks?.map(each => ({
          ...each,
          Target: this.networks.get(each.Target ?? '')?.Id ?? each.Target,
        })),
      },
    }
  }

  #object<Spec extends { readonly Name?: string | undefined }>(
    Spec: Spec,
  ): {
    ID: string
    Version: { Index: number }
    CreatedAt: string
    UpdatedAt: string
    Spec: Spec
  } {
    this.#index += 1
    const time = new Date(this.#index * 1000).toISOString()
    return {
      ID: `id-of-${Spec.Name ?? ''}`,
      Version: { Index: this.#index },
      CreatedAt: time,
      UpdatedAt: time,
      Spec,
    }
  }

  #keep<T>(kept: Map<string, T>, object: T, name = ''): { id: string } {
    this.#called(`create ${name}`)
    if (kept.has(name)) throw refusal('conflict', `${name} already exists`)
    kept.set(name, object)
    return { id: `id-of-${name}` }
  }

  #found<T>(kept: Map<string, T>, name: string): T {
    const found = kept.get(name)
    if (found === undefined) throw refusal('notFound', `no such thing: ${name}`)
    return found
  }

  async #remove<T>(kept: Map<string, T>, name: string): Promise<void> {
    this.#called(`remove ${name}`)
    if (!kept.delete(name)) throw refusal('notFound', `no such thing: ${name}`)
  }

  #file(kept: Map<string, SecretInspect>, id: string): ReturnType<SwarmEngine['getSecret']> {
    const name = id.replace('id-of-', '')
    return {
      remove: () => this.#remove(kept, name),
      update: async ({ version: _, ...spec }) => {
        this.#called(`update ${name}`)
        const { Spec, ...rest } = this.#found(kept, name)
        if (spec.Data !== undefined && spec.Data !== Spec.Data)
          throw refusal('invalidArgument', 'only updates to Labels are allowed')
        kept.set(name, { ...rest, Spec: { ...Spec, Labels: spec.Labels } })
      },
    }
  }
}

function hasLabel({ Labels = {} }: Labelled, wanted: readonly string[] = []): boolean {
  return wanted.every(each => {
    const [key = '', value] = each.split('=')
    return Labels[key] === value
  })
}

function refusal(kind: Failure['kind'], summary: string): Failure {
  return new Failure(kind, [{ severity: 'error', code: 'ENGINE_REFUSAL', summary }])
}

/** What a deploy would do. */
export async function planOn(
  manager: SimulatedManager,
  stack: Stack,
  options: DeployOptions = {},
): Promise<SwarmPlan> {
  const observed = await observeStack(manager, stack.name, stack.files)
  const proven = await proveSecrets(manager, stack, observed, () => 'key')
  const { plan, problems } = planDeploy(stack, observed, { proven, ...options })
  if (problems.length > 0) throw new Failure('invalidArgument', [...problems])
  return plan
}

/** Does it, without waiting for tasks. */
export async function deployOn(
  manager: SimulatedManager,
  stack: Stack,
  options: DeployOptions = {},
): Promise<SwarmPlan> {
  const plan = await planOn(manager, stack, options)
  await carryOut(manager, plan)
  return plan
}

/** Does what a plan says, in its order. */
export async function carryOut(manager: SimulatedManager, plan: SwarmPlan): Promise<void> {
  const observed = await observeStack(manager, plan.project)
  const execution = new SwarmExecution(manager, observed, { detach: true, makeKey: () => 'key' })
  for (const operation of plan.operations) await executeSwarm(operation, execution, () => undefined)
}
