import { realpathSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { type Diagnostic, errnoOf, failure } from '../../diagnostics/index.ts'
import { readIfThere } from '../../linux/atomic-file.ts'
import type { Hook, Project, Service, WatchRule } from '../../model/index.ts'
import { treeFilter } from './filter.ts'
import type { TreeFilter } from './tree.ts'

/** A rule of `develop.watch`, ready to be obeyed. */
export interface Rule {
  readonly service: string
  /** Absolute, links resolved. */
  readonly root: string
  readonly action: WatchRule['action']
  /** Absolute path in the container; undefined where nothing is copied. */
  readonly target?: string
  readonly exec?: Hook
  readonly initialSync: boolean
  readonly filter: TreeFilter
}

/** Fails for what cannot be watched, without a look at any file. Errors: WATCH_NO_RULES, WATCH_NO_BUILD. */
export function checkWatchable(project: Project, named: readonly string[]): void {
  const found = rulesOf(project, named)
  for (const { name, service, rule, path } of found)
    if (rule.action === 'rebuild' && service.build === undefined)
      throw failure({
        code: 'WATCH_NO_BUILD',
        kind: 'invalidArgument',
        summary: `service "${name}" has no build section, so a change cannot rebuild it`,
        hint: `give it build:, or ${path} another action`,
      })
  if (found.length > 0) return
  throw failure({
    code: 'WATCH_NO_RULES',
    kind: 'invalidArgument',
    summary: 'none of the selected services is configured for watch',
    hint: 'give one a develop.watch section',
  })
}

/**
 * The rules of services, of all that have some where none is named. What is mounted into the container is there already: its
 * rule is left out, with a warning. Errors: WATCH_NO_RULES, WATCH_NO_BUILD, DOCKERIGNORE_INVALID.
 */
export async function watchRules(
  project: Project,
  named: readonly string[],
  warn: (warnings: readonly Diagnostic[]) => void,
): Promise<readonly Rule[]> {
  checkWatchable(project, named)
  const rules: Rule[] = []
  for (const { name, service, rule, path } of rulesOf(project, named))
    if (isCopied(rule) && isMounted(service, rule.path)) warn([mounted(rule.path, path)])
    else rules.push(await readRule(name, service, rule))
  return rules
}

/** Whether `checkWatchable` lets it pass. */
export function isWatchable(project: Project, named: readonly string[] = []): boolean {
  const found = rulesOf(project, named)
  return (
    found.length > 0 &&
    found.every(({ rule, service }) => rule.action !== 'rebuild' || service.build !== undefined)
  )
}

interface Found {
  readonly name: string
  readonly service: Service
  readonly rule: WatchRule
  /** Of the attribute. */
  readonly path: string
}

function rulesOf({ model }: Project, named: readonly string[]): readonly Found[] {
  return Object.entries(model.services)
    .filter(([name]) => named.length === 0 || named.includes(name))
    .flatMap(([name, service]) =>
      (service.develop?.watch ?? []).map((rule, index) => ({
        name,
        service,
        rule,
        path: `services.${name}.develop.watch[${index}]`,
      })),
    )
}

const isCopied = ({ action }: WatchRule): boolean => action !== 'rebuild' && action !== 'restart'

function isMounted({ volumes = [] }: Service, path: string): boolean {
  return volumes.some(({ type, source }) => {
    if (type !== 'bind' || source === undefined) return false
    const inside = relative(source, path)
    return inside !== '..' && !inside.startsWith('../') && !isAbsolute(inside)
  })
}

function mounted(folder: string, path: string): Diagnostic {
  return {
    severity: 'warning',
    code: 'WATCH_MOUNTED',
    path,
    summary: `path '${folder}' also declared by a bind mount volume, this path won't be monitored!`,
  }
}

async function readRule(service: string, { build }: Service, rule: WatchRule): Promise<Rule> {
  const { action, target, exec, ignore = [], include = [], initial_sync: initialSync = false } = rule
  const root = resolved(rule.path)
  const folder =
    build?.context === undefined || !isAbsolute(build.context) ? undefined : resolved(build.context)
  const text =
    folder === undefined ? undefined : await dockerignore(folder, build?.dockerfile ?? 'Dockerfile')
  const context = folder === undefined || text === undefined ? {} : { context: { folder, ignore: text } }
  return {
    service,
    root,
    action,
    ...(isCopied(rule) && target !== undefined ? { target: join('/', target) } : {}),
    ...(exec === undefined ? {} : { exec }),
    initialSync,
    filter: treeFilter({ root, ignore, include, ...context }),
  }
}

/** That of the Dockerfile itself where it has one, as builds have it. */
async function dockerignore(folder: string, dockerfile: string): Promise<string | undefined> {
  return (
    (await readIfThere(join(folder, `${dockerfile}.dockerignore`))) ??
    (await readIfThere(join(folder, '.dockerignore')))
  )
}

/** Links on the way to it are followed; what is not there yet stays as it is written. */
function resolved(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return path
    throw error
  }
}
