import type {
  AuthConfig,
  ConfigInspect,
  ConfigSpec,
  NetworkCreateRequest,
  NetworkInspect,
  NodeInspect,
  SecretInspect,
  SecretSpec,
  ServiceInspect,
  ServiceSpec,
  TaskInspect,
} from '../../../api/types/index.ts'

type Filters = Readonly<Record<string, readonly string[]>>
type WithAuth = { readonly authconfig?: AuthConfig }

interface File<Spec> {
  update(options: Spec & { version: string }): Promise<void>
  remove(): Promise<void>
}

/** The part of the client that deploys a stack: a manager of a swarm. */
export interface SwarmEngine {
  listServices(options: { filters?: Filters; status?: boolean }): Promise<readonly ServiceInspect[]>
  listNodes(options: { filters?: Filters }): Promise<readonly NodeInspect[]>
  listTasks(options: { filters?: Filters }): Promise<readonly TaskInspect[]>
  listNetworks(options: { filters?: Filters }): Promise<readonly NetworkInspect[]>
  listConfigs(options: { filters?: Filters }): Promise<readonly ConfigInspect[]>
  listSecrets(options: { filters?: Filters }): Promise<readonly SecretInspect[]>
  createNetwork(options: NetworkCreateRequest): Promise<{ readonly id: string }>
  getNetwork(id: string): { remove(): Promise<void> }
  createConfig(options: ConfigSpec): Promise<{ readonly id: string }>
  getConfig(id: string): File<ConfigSpec>
  createSecret(options: SecretSpec): Promise<{ readonly id: string }>
  getSecret(id: string): File<SecretSpec>
  createService(options: ServiceSpec & WithAuth): Promise<{ readonly id: string }>
  getService(id: string): {
    inspect(): Promise<ServiceInspect>
    update(
      options: ServiceSpec & WithAuth & { version: string; rollback?: string; registryAuthFrom?: string },
    ): Promise<unknown>
    remove(): Promise<void>
  }
}
