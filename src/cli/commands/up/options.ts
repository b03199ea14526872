import { failure } from '../../../diagnostics/index.ts'
import { parseSwitch } from '../../../notation/index.ts'
import type { UpOptions as PlanOptions, PullPolicy } from '../../../planner/index.ts'
import type { AttachOptions } from '../../../project/attached/options.ts'
import type { UpRequest } from '../../../project/up.ts'
import type { CommandContext } from '../../command.ts'
import { given } from '../../option.ts'

/** What `up` was asked for: how to plan, and what to do when the containers are started. */
export interface UpOptions {
  readonly plan: PlanOptions & Pick<UpRequest, 'saved' | 'repair'>
  /** Return when started. Implied by `wait`. */
  readonly detach: boolean
  readonly wait: boolean
  /** Seconds. */
  readonly waitTimeout?: number
  readonly quietBuild: boolean
  /** A snapshot whose data it begins with. */
  readonly from?: string
  readonly attach: AttachOptions
  /** Go on as files change. */
  readonly watch: boolean
  /** Keys below the logs, where there is a terminal. */
  readonly menu: boolean
  readonly look: LogLook
}

/** How lines of logs look. */
export interface LogLook {
  readonly color: boolean
  readonly prefix: boolean
  readonly timestamps: boolean
}

type Environment = CommandContext['env']

/** Flags that say how to plan: those of `plan`, too. */
export interface PlanFlags {
  readonly build: boolean
  readonly pull: PullPolicy | undefined
  readonly forceRecreate: boolean
  readonly noRecreate: boolean
  readonly noDeps: boolean
  readonly removeOrphans: boolean
  readonly scale: readonly string[]
}

/** Flags of `up` alone. */
export interface UpFlags extends PlanFlags {
  readonly detach: boolean
  readonly wait: boolean
  readonly repair: boolean
  readonly waitTimeout: number | undefined
  readonly from: string | undefined
  readonly noBuild: boolean
  readonly alwaysRecreateDeps: boolean
  readonly noStart: boolean
  readonly watch: boolean
  readonly menu: boolean | undefined
  readonly renewAnonVolumes: boolean
  readonly abortOnExit: boolean
  readonly abortOnFailure: boolean
  readonly exitCodeFrom: string | undefined
  readonly attach: readonly string[]
  readonly noAttach: readonly string[]
  readonly attachDependencies: boolean
  readonly timeout: number | undefined
  readonly timestamps: boolean
  readonly noColor: boolean
  readonly noLogPrefix: boolean
  readonly quietPull: boolean
  readonly quietBuild: boolean
  readonly yes: boolean
  readonly y: boolean
}

/** Reads and checks the flags of `up`. Errors: FLAG_VALUE, FLAG_CONFLICT. */
export function readUpOptions(services: readonly string[], flags: UpFlags, env: Environment): UpOptions {
  const { waitTimeout } = flags
  if (waitTimeout !== undefined && waitTimeout < 0)
    throw badValue('--wait-timeout', String(waitTimeout), 'a number of seconds')
  if (flags.removeOrphans && parseSwitch(env['COMPOSE_IGNORE_ORPHANS']) === true)
    throw failure({
      code: 'FLAG_CONFLICT',
      kind: 'invalidArgument',
      summary: 'COMPOSE_IGNORE_ORPHANS and --remove-orphans exclude each other',
    })
  return {
    plan: { ...readPlanOptions(services, flags, env), ...upPlanOptions(flags), repair: flags.repair },
    detach: flags.detach || flags.wait,
    wait: flags.wait,
    ...given({ waitTimeout, from: flags.from }),
    quietBuild: flags.quietBuild || flags.quietPull,
    attach: attachOptions(flags),
    watch: flags.watch,
    menu: flags.menu ?? parseSwitch(env['COMPOSE_MENU']) === true,
    look: { color: !flags.noColor, prefix: !flags.noLogPrefix, timestamps: flags.timestamps },
  }
}

/** How to plan, as far as `plan` can say it. Errors: FLAG_VALUE. */
export function readPlanOptions(
  services: readonly string[],
  flags: PlanFlags,
  env: Environment,
): PlanOptions {
  const recreate = flags.forceRecreate ? 'force' : flags.noRecreate ? 'never' : 'diverged'
  return {
    services,
    noDeps: flags.noDeps,
    recreate,
    recreateDependencies: recreate === 'never' ? 'never' : 'diverged',
    ...(flags.build ? { build: 'always' as const } : {}),
    ...given({ pull: flags.pull }),
    scale: readScales('--scale', flags.scale),
    removeOrphans: flags.removeOrphans || parseSwitch(env['COMPOSE_REMOVE_ORPHANS']) === true,
    ignoreOrphans: parseSwitch(env['COMPOSE_IGNORE_ORPHANS']) === true,
    now: Date.now(),
  }
}

function upPlanOptions(flags: UpFlags): PlanOptions {
  return {
    ...(flags.renewAnonVolumes ? { recreate: 'force' as const } : {}),
    ...(flags.alwaysRecreateDeps ? { recreateDependencies: 'force' as const } : {}),
    ...(flags.noBuild ? { build: 'never' as const } : {}),
    start: !flags.noStart,
    renewAnonymousVolumes: flags.renewAnonVolumes,
    ...given({ timeout: flags.timeout }),
    ...(flags.yes || flags.y ? { recreateVolumes: 'all' as const } : {}),
  }
}

function attachOptions(flags: UpFlags): AttachOptions {
  const { exitCodeFrom, abortOnFailure } = flags
  const any = flags.abortOnExit || (exitCodeFrom !== undefined && !abortOnFailure)
  return {
    only: flags.attach,
    except: flags.noAttach,
    dependencies: flags.attachDependencies,
    abortOn: any ? 'any' : abortOnFailure ? 'failed' : 'none',
    ...given({ exitCodeFrom }),
  }
}

/** `SERVICE=NUMBER`, several; `name` is what a wrong one is told of as. Errors: FLAG_VALUE. */
export function readScales(name: string, texts: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    texts.map(text => {
      const match = /^([^=]+)=(\d+)$/.exec(text)
      if (!match?.[1]) throw badValue(name, text, 'SERVICE=NUMBER')
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
