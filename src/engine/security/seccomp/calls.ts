import { AARCH64_CALLS } from './numbers-aarch64.ts'
import { I386_CALLS } from './numbers-i386.ts'
import { X86_64_CALLS } from './numbers-x86-64.ts'

/** A calling convention that a filter can tell apart. */
export type Abi = 'x86_64' | 'i386' | 'aarch64'

/** AUDIT_ARCH_* values: what `seccomp_data.arch` holds (include/uapi/linux/audit.h). */
export const AUDIT_ARCH: Readonly<Record<Abi, number>> = {
  x86_64: 0xc000003e,
  i386: 0x40000003,
  aarch64: 0xc00000b7,
}

const TEXTS: Readonly<Record<Abi, string>> = {
  x86_64: X86_64_CALLS,
  i386: I386_CALLS,
  aarch64: AARCH64_CALLS,
}

const parsed = new Map<Abi, ReadonlyMap<string, number>>()

/** Numbers of an ABI's system calls by name. */
export function callNumbers(abi: Abi): ReadonlyMap<string, number> {
  const known = parsed.get(abi)
  if (known !== undefined) return known
  const numbers = new Map<string, number>()
  let next = 0
  for (const word of TEXTS[abi].trim().split(/\s+/)) {
    if (word.startsWith('@')) {
      next = Number(word.slice(1))
      continue
    }
    numbers.set(word, next)
    next += 1
  }
  parsed.set(abi, numbers)
  return numbers
}
