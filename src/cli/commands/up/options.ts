import { failure } from '../../../diagnostics/index.ts'
import type { UpOptions as PlanOptions, PullPolicy } from '../../../planner/index.ts'
import type { CommandContext, RawOptions } from '../../command.ts'

/** What `up` was asked for: how to plan, and what to do when the containers are started. */
export interface UpOptions {
  readonly plan: PlanOptions
  /** Return when started. Implied by `wait`. */
  readonly detach: boolean
  readonly wait: boolean
  /** Seconds. */
  readonly waitTimeout?: number
  readonly quietBuild: boolean
  readonly attach: AttachOptions
}

/** What an attached `up` shows, and when it ends. */
export interface AttachOptions {
  readonly only: readonly string[]
  readonly except: readonly string[]
  readonly dependencies: boolean
  /** `any`: the first exit stops all; `failed`: the first exit with a code other than 0. */
  readonly abortOn: 'none' | 'any' | 'failed'
  readonly exitCodeFrom?: string
  readonly color: boolean
  readonly prefix: boolean
  readonly timestamps: boolean
}

type Environment = CommandContext['env']

/** Pairs of flags that exclude each other (features 1.3). */
const CONFLICTS: readonly (readonly [string, string])[] = [
  ['build', 'no-build'],
  ['force-recreate', 'no-recreate'],
  ['always-recreate-deps', 'no-recreate'],
  ['renew-anon-volumes', 'no-recreate'],
  ['abort-on-container-exit', 'abort-on-container-failure'],
  ['attach', 'attach-dependencies'],
  ['detach', 'abort-on-container-exit'],
  ['detach', 'abort-on-container-failure'],
  ['detach', 'attach'],
  ['detach', 'attach-dependencies'],
  ['wait', 'abort-on-container-exit'],
  ['wait', 'abort-on-container-failure'],
  ['wait', 'attach'],
  ['wait', 'attach-dependencies'],
]

/** Reads and checks the flags of `up` and `plan`. Errors: FLAG_CONFLICT, FLAG_VALUE. */
export function readUpOptions(
  services: readonly string[],
  raw: RawOptions,
  { env, given }: Pick<CommandContext, 'env' | 'given'>,
): UpOptions {
  checkConflicts(given)
  const waitTimeout = raw['waitTimeout']
  if (typeof waitTimeout === 'number' && waitTimeout < 0)
    throw badValue('--wait-timeout', String(waitTimeout), 'a number of seconds')
  const wait = raw['wait'] === true
  return {
    plan: planOptions(services, raw, env),
    detach: raw['detach'] === true || wait,
    wait,
    ...(typeof waitTimeout === 'number' ? { waitTimeout } : {}),
    quietBuild: raw['quietBuild'] === true,
    attach: attachOptions(raw),
  }
}

function planOptions(services: readonly string[], raw: RawOptions, env: Environment): PlanOptions {
  const { pull, timeout } = raw
  const renew = raw['renewAnonVolumes'] === true
  const recreate =
    raw['forceRecreate'] === true || renew ? 'force' : raw['recreate'] === false ? 'never' : 'diverged'
  const build = raw['build'] === true ? 'always' : raw['build'] === false ? 'never' : undefined
  return {
    services,
    noDeps: raw['deps'] === false,
    recreate,
    recreateDependencies:
      raw['alwaysRecreateDeps'] === true ? 'force' : recreate === 'never' ? 'never' : 'diverged',
    ...(build === undefined ? {} : { build }),
    ...(typeof pull === 'string' ? { pull: pull as PullPolicy } : {}),
    scale: scales(strings(raw['scale'])),
    start: raw['start'] !== false,
    removeOrphans: raw['removeOrphans'] === true || isTrue(env['COMPOSE_REMOVE_ORPHANS']),
    ignoreOrphans: isTrue(env['COMPOSE_IGNORE_ORPHANS']),
    renewAnonymousVolumes: renew,
    ...(typeof timeout === 'number' ? { timeout } : {}),
    ...(raw['yes'] === true || raw['y'] === true ? { recreateVolumes: 'all' as const } : {}),
    now: Date.now(),
  }
}

function attachOptions(raw: RawOptions): AttachOptions {
  const from = raw['exitCodeFrom']
  const failed = raw['abortOnContainerFailure'] === true
  const any = raw['abortOnContainerExit'] === true || (typeof from === 'string' && !failed)
  return {
    only: strings(raw['attach']),
    except: strings(raw['noAttach']),
    dependencies: raw['attachDependencies'] === true,
    abortOn: any ? 'any' : failed ? 'failed' : 'none',
    ...(typeof from === 'string' ? { exitCodeFrom: from } : {}),
    color: raw['color'] !== false,
    prefix: raw['logPrefix'] !== false,
    timestamps: raw['timestamps'] === true,
  }
}

function checkConflicts(given: ReadonlySet<string>): void {
  for (const [one, other] of CONFLICTS)
    if (given.has(one) && given.has(other))
      throw failure({
        code: 'FLAG_CONFLICT',
        kind: 'invalidArgument',
        summary: `--${one} and --${other} exclude each other`,
      })
}

function scales(texts: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    texts.map(text => {
      const match = /^([^=]+)=(\d+)$/.exec(text)
      if (!match?.[1]) throw badValue('--scale', text, 'SERVICE=NUMBER')
      return [match[1], Number(match[2])]
    }),
  )
}

function badValue(flag: string, got: string, want: string): Error {
  return failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `${flag}: got "${got}", want ${want}`,
  })
}

const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])
const isTrue = (value: string | undefined): boolean => value === '1' || value?.toLowerCase() === 'true'
