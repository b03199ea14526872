import type { LoadOptions } from '../../../parser/index.ts'
import type { RawOptions } from '../../command.ts'

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

const VIEWS: readonly ConfigView[] = [
  'services',
  'volumes',
  'networks',
  'models',
  'profiles',
  'images',
  'hash',
  'variables',
  'environment',
]

/** Names alone do not depend on what stands in an env_file, so that it need not be there. */
const NAMES: readonly ConfigView[] = ['services', 'volumes', 'networks', 'models', 'profiles', 'images']

/** The options behind what commander collected; `given` knows which of a `--no-…` pair was there. */
export function parseConfigOptions(
  raw: RawOptions,
  given: ReadonlySet<string>,
  services: readonly string[],
): ConfigOptions {
  const view = VIEWS.find(name => raw[name] !== undefined && raw[name] !== false) ?? 'model'
  const text = (name: string): string | undefined => (typeof raw[name] === 'string' ? raw[name] : undefined)
  const isRaw = view === 'variables' || raw['interpolate'] === false || given.has('no-interpolate')
  const off = (flag: string, name: string): boolean => given.has(flag) || raw[name] === false
  return {
    view,
    // Files as they are written have all their services in them.
    services: isRaw ? [] : services,
    profiles: isRaw ? ['*'] : [],
    format: text('format') === 'json' ? 'json' : text('format') === 'yaml' ? 'yaml' : undefined,
    quiet: raw['quiet'] === true,
    output: text('output'),
    hash: (text('hash') ?? '').split(',').filter(name => name !== ''),
    digests: raw['lockImageDigests'] ? 'lock' : raw['resolveImageDigests'] ? 'resolve' : undefined,
    load: {
      interpolate: !isRaw,
      normalize: !off('no-normalize', 'normalize'),
      resolvePaths: !off('no-path-resolution', 'pathResolution'),
      checkConsistency: !isRaw && !off('no-consistency', 'consistency'),
      resolveEnvironment: !isRaw && !NAMES.includes(view) && !off('no-env-resolution', 'envResolution'),
    },
  }
}
