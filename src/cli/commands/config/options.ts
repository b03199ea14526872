import type { LoadOptions } from '../../../parser/index.ts'

/** What `config` prints; `model` unless a flag asks for a list. */
export type ConfigView =
  | 'model'
  | 'services'
  | 'volumes'
  | 'networks'
  | 'models'
  | 'profiles'
  | 'images'
  | 'hash'
  | 'variables'
  | 'environment'

/** Flags of `config`, read. */
export interface ConfigOptions {
  readonly view: ConfigView
  /** Names after the flags: limits the model to them and what they depend on. */
  readonly services: readonly string[]
  /** Enabled beside those of the global options. */
  readonly profiles: readonly string[]
  readonly format: 'yaml' | 'json' | undefined
  readonly quiet: boolean
  readonly output: string | undefined
  /** Services of --hash; `*` for all. */
  readonly hash: readonly string[]
  /** Only with view `model`. `resolve`: images with their digests; `lock`: an override file of nothing else. */
  readonly digests: 'resolve' | 'lock' | undefined
  readonly load: LoadOptions
}

const VIEWS = [
  'services',
  'volumes',
  'networks',
  'models',
  'profiles',
  'images',
  'hash',
  'variables',
  'environment',
] as const

/** Names alone do not depend on what stands in an env_file, so that it need not be there. */
const NAMES: readonly ConfigView[] = ['services', 'volumes', 'networks', 'models', 'profiles', 'images']

/** Flags of `config`, as they were given. */
export interface ConfigFlags extends Readonly<Record<Exclude<ConfigView, 'model' | 'hash'>, boolean>> {
  readonly quiet: boolean
  readonly format: 'yaml' | 'json' | undefined
  readonly output: string | undefined
  readonly hash: string | undefined
  readonly noInterpolate: boolean
  readonly noNormalize: boolean
  readonly noPathResolution: boolean
  readonly noConsistency: boolean
  readonly noEnvResolution: boolean
  readonly resolveImageDigests: boolean
  readonly lockImageDigests: boolean
}

/** What the flags mean together. */
export function readConfigOptions(flags: ConfigFlags, services: readonly string[]): ConfigOptions {
  const view = VIEWS.find(name => flags[name]) ?? 'model'
  const isRaw = view === 'variables' || flags.noInterpolate
  return {
    view,
    // Files as they are written have all their services in them.
    services: isRaw ? [] : services,
    profiles: isRaw ? ['*'] : [],
    format: flags.format,
    quiet: flags.quiet,
    output: flags.output,
    hash: (flags.hash ?? '').split(',').filter(name => name !== ''),
    digests: flags.lockImageDigests ? 'lock' : flags.resolveImageDigests ? 'resolve' : undefined,
    load: {
      interpolate: !isRaw,
      normalize: !flags.noNormalize,
      resolvePaths: !flags.noPathResolution,
      checkConsistency: !isRaw && !flags.noConsistency,
      resolveEnvironment: !isRaw && !NAMES.includes(view) && !flags.noEnvResolution,
    },
  }
}
