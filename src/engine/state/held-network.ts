import type { NetworkNamespaceFile } from '../runtime/index.ts'
import type { RunIds } from './user-namespaces.ts'

/** A network namespace that this process holds open, so that a container comes back to it. */
export interface HeldNetwork {
  readonly file: Required<NetworkNamespaceFile>
  /** Whose ids those had that it was made for. */
  readonly ids: RunIds
  /** Its container's sysctls, as text. */
  readonly sysctls: string
  release(): void
}
