import { createHash } from 'node:crypto'
import { compilePolicy } from './compile.ts'
import { defaultPolicy } from './default-profile.ts'
import { parseProfile } from './user-profile.ts'

/** Which seccomp filter a container gets. `profile` holds the text of a profile in Docker's JSON format. */
export type SeccompOption =
  | { readonly kind: 'default' }
  | { readonly kind: 'unconfined' }
  | { readonly kind: 'profile'; readonly json: string }

/** The machine that a filter is compiled for. */
export interface FilterTarget {
  readonly architecture: 'x86_64' | 'aarch64'
  readonly kernel: readonly [number, number]
  /** Names of the bounding set, without `CAP_`: some calls come with a capability. */
  readonly capabilities: readonly string[]
}

const compiled = new Map<string, Uint8Array>()

/**
 * The BPF bytes for an option, or nothing when unconfined. Compiled once for each profile and set of capabilities.
 * Fails with `SECCOMP_PROFILE_INVALID`.
 */
export function seccompFilter(option: SeccompOption, target: FilterTarget): Uint8Array | undefined {
  if (option.kind === 'unconfined') return undefined
  const { architecture, kernel, capabilities } = target
  const source =
    option.kind === 'profile' ? createHash('sha256').update(option.json).digest('hex') : 'default'
  const key = `${architecture} ${kernel.join('.')} ${capabilities.join(',')} ${source}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  const policy =
    option.kind === 'default'
      ? defaultPolicy(architecture, capabilities)
      : parseProfile(option.json, { machine: architecture, capabilities, kernel })
  const filter = compilePolicy(policy)
  compiled.set(key, filter)
  return filter
}
