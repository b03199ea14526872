/** A Go duration, `1m30s`, as `config` prints it; `parseDuration` reads it. */
export type Duration = string

/** A number of bytes as decimal text, `"52428800"`, as `config` prints it; -1 means unlimited where that is allowed. */
export type ByteSize = string

/** Names to text; null means that the key stands without a value. */
export type Mapping = Readonly<Record<string, string | null>>

/** Names to text, every key with a value. */
export type Strings = Readonly<Record<string, string>>

/** One number for both limits, or each by itself; -1 means unlimited. */
export type Ulimit = number | { readonly soft: number; readonly hard: number }

/** Keys that start with `x-`: kept as they are, printed by `config`, read by nobody here. */
export interface Extensions {
  readonly [extension: `x-${string}`]: unknown
}

/** Bytes of a canonical size; undefined when the text is no whole number. */
export function bytesOf(size: ByteSize): number | undefined {
  return /^-?\d+$/.test(size) ? Number(size) : undefined
}
