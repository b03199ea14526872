import { failure } from '../diagnostics/index.ts'

/** What an image is made for, in Go's words (OCI image specification, image-index.md). */
export interface Platform {
  readonly os: string
  readonly architecture: string
  /** Of the processor: `v7`, `v8`. Absent: the architecture's own, see `DEFAULT_VARIANTS`. */
  readonly variant?: string
}

/** Node's names of architectures that OCI calls otherwise (the specification takes Go's GOARCH). */
const NODE_ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  ia32: '386',
  arm: 'arm',
}

/** What people write for an architecture, with its variant if the name has one. */
const ALIASES: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
  i386: ['386'],
  i686: ['386'],
}

/** What is known for an operating system or an architecture where it stands alone, as by containerd (Go's GOOS and GOARCH). */
const SYSTEMS: ReadonlySet<string> = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(
    ' ',
  ),
)
const ARCHITECTURES: ReadonlySet<string> = new Set(
  '386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm'.split(
    ' ',
  ),
)

/** The variant that is meant where none is named. */
const DEFAULT_VARIANTS: Readonly<Record<string, string>> = { arm: 'v7', arm64: 'v8', amd64: 'v1' }

const WORD = /^[a-z0-9_.-]+$/

/** This machine's architecture in OCI's words. */
export function hostArchitecture(): string {
  return NODE_ARCHITECTURES[process.arch] ?? process.arch
}

/** What images of this machine are made for. */
export function hostPlatform(): Platform {
  return { os: 'linux', architecture: hostArchitecture() }
}

/**
 * Parses `os[/architecture[/variant]]`, or an architecture alone, as `--platform` and Compose's `platform` take it. A word that
 * stands alone must be known, of several any is taken.
 * Raises PLATFORM_INVALID.
 */
export function parsePlatform(text: string): Platform {
  const words = text.toLowerCase().split('/')
  if (words.length > 3 || !words.every(word => WORD.test(word))) throw invalid(text)
  const [first = '', second, variant] = words
  if (second !== undefined) return platformOf(first, second, variant)
  if (SYSTEMS.has(first)) return platformOf(first, hostArchitecture(), undefined)
  const platform = platformOf('linux', first, undefined)
  if (!ARCHITECTURES.has(platform.architecture)) throw invalid(text)
  return platform
}

function platformOf(os: string, name: string, variant: string | undefined): Platform {
  const [architecture, implied] = ALIASES[name] ?? [name]
  // The oldest ARM that is meant is named, as containerd does it; of other architectures the variant that is always meant is not.
  const chosen = variant ?? implied ?? (architecture === 'arm' ? DEFAULT_VARIANTS['arm'] : undefined)
  const isLeftOut =
    chosen === undefined || (architecture !== 'arm' && DEFAULT_VARIANTS[architecture] === chosen)
  return { os, architecture, ...(isLeftOut ? {} : { variant: chosen }) }
}

/** `linux/arm64`, `linux/arm/v6`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/')
}

/**
 * How well a machine of platform `wanted` runs what is made for `offered`: 0 is the very same, a larger number an older
 * variant of its processor, undefined not at all.
 */
export function platformDistance(wanted: Platform, offered: Platform): number | undefined {
  if (wanted.os !== offered.os || wanted.architecture !== offered.architecture) return undefined
  const [newest, given] = [variantNumber(wanted), variantNumber(offered)]
  if (newest === undefined || given === undefined) return wanted.variant === offered.variant ? 0 : undefined
  return given <= newest ? newest - given : undefined
}

/** `v7` → 7; 0 where an architecture has no variants, undefined for a word that is no number. */
function variantNumber({
  architecture,
  variant = DEFAULT_VARIANTS[architecture] ?? 'v0',
}: Platform): number | undefined {
  const digits = /^v(\d+)$/.exec(variant)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function invalid(text: string): Error {
  return failure({
    kind: 'invalidArgument',
    code: 'PLATFORM_INVALID',
    summary: `platform ${JSON.stringify(text)} is invalid`,
    hint: 'write it as os/architecture[/variant]: linux/amd64, linux/arm64, linux/arm/v7',
  })
}
