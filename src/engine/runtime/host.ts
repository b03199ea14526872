import type { Cgroups } from '../cgroup/index.ts'

/** Facts of the machine that the compilers need, observed once when the engine starts. */
export interface Host {
  /** `process.arch` in the kernel's words. */
  readonly architecture: 'x86_64' | 'aarch64'
  /** Kernel release as numbers, `[6, 12]`. */
  readonly kernel: readonly [number, number]
  readonly cgroups: Cgroups
  /** AppArmor is enabled and profiles can be asked for. */
  readonly apparmor: boolean
  /** Bits of the capabilities that this kernel knows and the engine itself holds. */
  readonly capabilities: bigint
  /** The engine's own hard limits, which a container's rlimits cannot exceed without CAP_SYS_RESOURCE. */
  readonly nofileHard: number
  /** What this machine cannot do, one sentence each, said once when the engine starts. */
  readonly warnings: readonly string[]
}

export interface HostOptions {
  /** Empty for the default ROOT, otherwise 6 hex digits (docs/architecture.md). */
  readonly engineId: string
}

/** Looks at the machine once: architecture, kernel, cgroup layout, own rights. Never fails for what is missing. */
export function observeHost(options: HostOptions): Host {
  throw new Error(`not yet: ${options.engineId}`)
}
