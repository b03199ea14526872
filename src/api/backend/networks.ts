import type {
  Filters,
  NetworkConnectRequest,
  NetworkCreateRequest,
  NetworkCreateResponse,
  NetworkDisconnectRequest,
  NetworkInspect,
  NetworkListOptions,
  NetworkPruneResponse,
  RepairRequest,
} from '../types/index.ts'

/** What the network routes need of an engine. `id` is an id, a prefix of one, or a name. */
export interface NetworkBackend {
  create(body: NetworkCreateRequest): Promise<NetworkCreateResponse>
  list(options: NetworkListOptions): Promise<readonly NetworkInspect[]>
  /** With what has drifted of it in the kernel, unless that is not wanted. */
  inspect(id: string, options?: { readonly drift: boolean }): Promise<NetworkInspect>
  /** A container that is joined already is a `conflict`. */
  connect(id: string, body: NetworkConnectRequest): Promise<void>
  disconnect(id: string, body: NetworkDisconnectRequest): Promise<void>
  /** Ours: puts right in the kernel what has drifted at these paths, without a container being restarted. REPAIR_FAILED. */
  repair(id: string, request: RepairRequest): Promise<void>
  remove(id: string): Promise<void>
  prune(filters: Filters): Promise<NetworkPruneResponse>
}
