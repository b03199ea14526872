/** What a filter answers a system call with. */
export type Action =
  | { readonly kind: 'allow' }
  | { readonly kind: 'errno'; readonly errno: number }
  | { readonly kind: 'killProcess' | 'killThread' | 'trap' | 'trace' | 'log' }

/** A test of one argument. `low` compares its lower 32 bits, which is all that the kernel reads of an int. */
export type Condition =
  | { readonly index: number; readonly test: 'lowIn'; readonly values: readonly number[] }
  | { readonly index: number; readonly test: 'lowMaskZero'; readonly mask: number }
  | {
      readonly index: number
      readonly test: 'ne' | 'lt' | 'le' | 'eq' | 'ge' | 'gt'
      readonly value: bigint
    }
  | { readonly index: number; readonly test: 'maskedEq'; readonly mask: bigint; readonly value: bigint }

/** An action for some calls, when all conditions hold. */
export interface Rule {
  readonly calls: readonly string[]
  readonly action: Action
  readonly conditions?: readonly Condition[]
}

/**
 * What a filter does: the first rule of a call whose conditions hold decides, `refused` is for calls that no rule
 * allows, `unknown` for numbers that this version knows no call of.
 */
export interface Policy {
  readonly abis: readonly ('x86_64' | 'i386' | 'aarch64')[]
  readonly rules: readonly Rule[]
  readonly refused: Action
  readonly unknown: Action
}

/** EPERM, what Docker's profile answers. */
export const EPERM: Action = { kind: 'errno', errno: 1 }
/** ENOSYS: "this kernel has no such call", upon which C libraries fall back to older ones. */
export const ENOSYS: Action = { kind: 'errno', errno: 38 }
/** Let it through. */
export const ALLOW: Action = { kind: 'allow' }
