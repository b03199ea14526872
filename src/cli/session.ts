import { join } from 'node:path'
import type { Docker } from '../client/index.ts'
import { type Diagnostic, renderDiagnostics } from '../diagnostics/index.ts'
import {
  type ExecuteOptions,
  type ExecuteResult,
  execute,
  observe,
  type ProgressListener,
  withProjectLock,
} from '../executor/index.ts'
import type { Project } from '../model/index.ts'
import type { LoadOptions } from '../parser/index.ts'
import type { Observed, Plan, Resource } from '../planner/index.ts'
import type { CommandContext } from './command.ts'
import { connectEngine } from './engine-start.ts'
import { useColor } from './global-options.ts'
import { Interrupted } from './interrupt.ts'
import { openModel } from './model.ts'
import { contextFetcher } from './remote.ts'
import { Reported } from './reported.ts'
import { statePaths } from './state-paths.ts'
import { createProgress } from './views/progress/index.ts'

/** A loaded project and the engine that runs it: what every command that changes something works with. */
export interface Session {
  readonly context: CommandContext
  readonly project: Project
  readonly docker: Docker
}

export interface SessionOptions {
  readonly services?: readonly string[]
  readonly profiles?: readonly string[]
  readonly load?: LoadOptions
}

/** Loads the project first: a wrong file must not start an engine. */
export async function openSession(context: CommandContext, options: SessionOptions = {}): Promise<Session> {
  const project = await openModel(context, options)
  const docker = await connectEngine(context)
  return { context, project, docker }
}

/**
 * Runs `work` as the only command that changes this project; says for whom it waits. With a Docker Engine of somebody
 * else there is no lock of ours.
 */
export function exclusively<T>(
  session: Session,
  command: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { context, project } = session
  if (context.env['DOCKER_HOST']) return work()
  return withProjectLock(
    {
      folder: join(statePaths(context.env).run, 'projects'),
      project: project.name,
      command,
      ...(signal ? { signal } : {}),
      onWait: holder =>
        void context.streams.stderr.write(
          `Waiting for \`${holder.command}\` (pid ${holder.pid}), which works on project ${project.name}\n`,
        ),
    },
    work,
  )
}

/** Work that follows a plan and shows its progress in the same view. */
export interface Afterwards {
  /** What the view will hear of beside the plan's own resources. */
  resources(plan: Plan, observed: Observed): readonly Resource[]
  run(onEvent: ProgressListener): Promise<void>
}

export interface RunPlanOptions extends Pick<ExecuteOptions, 'beforeStart' | 'onHookOutput' | 'signal'> {
  readonly quietBuild?: boolean
  /** Lines of others are printed meanwhile: from the first start on, or from the very beginning, progress is plain lines. */
  readonly besideLogs?: 'from first start' | 'always'
  /** Only if the plan succeeded. */
  readonly afterwards?: Afterwards
  /** Words for when there is nothing to do; absent: silence. */
  readonly whenEmpty?: string
}

/** Observes, plans, shows progress, executes. With `--dry-run` prints the plan instead. Throws when an operation failed. */
export async function runPlan(
  session: Session,
  makePlan: (observed: Observed) => Plan | Promise<Plan>,
  options: RunPlanOptions = {},
): Promise<ExecuteResult | undefined> {
  const { context, docker, project } = session
  const observed = await observe(docker, project)
  const plan = await makePlan(observed)
  printDiagnostics(context, plan.warnings)
  if (context.globals.dryRun) {
    const { renderPlan } = await import('../planner/index.ts')
    context.streams.stdout.write(
      renderPlan(plan, { color: useColor(context.globals, context.streams.stdout, context.env) }),
    )
    return undefined
  }
  if (plan.operations.length === 0 && options.whenEmpty)
    context.streams.stderr.write(`${options.whenEmpty}\n`)
  const progress = await createProgress(
    context,
    [
      ...plan.operations.map(({ resource }) => resource),
      ...(options.afterwards?.resources(plan, observed) ?? []),
    ],
    { quietBuild: options.quietBuild ?? false, besideLogs: options.besideLogs === 'always' },
  )
  const { beforeStart } = options
  const attach: ExecuteOptions['beforeStart'] = async container => {
    if (options.besideLogs !== undefined) await progress.giveWay()
    await beforeStart?.(container)
  }
  try {
    const result = await execute(plan, docker, {
      project,
      engineElsewhere: /^(?:tcp|https?|ssh):/.test(context.env['DOCKER_HOST'] ?? ''),
      ...(context.env['DOCKER_HOST'] ? {} : { fetchContext: contextFetcher(context.env) }),
      parallel: Number.isFinite(context.globals.parallel) ? context.globals.parallel : -1,
      onEvent: progress.onEvent,
      beforeStart: attach,
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.onHookOutput ? { onHookOutput: options.onHookOutput } : {}),
    })
    const after = result.ok ? await outcomeOf(options.afterwards?.run(progress.onEvent)) : undefined
    await progress.finish()
    reportResult(context, result)
    if (after?.failed) throw after.error
    return result
  } finally {
    await progress.finish()
  }
}

/** How work ended, to be thrown later: what is to be said before it must be said first. */
async function outcomeOf(
  work: Promise<void> | undefined,
): Promise<{ readonly failed: boolean; readonly error?: unknown }> {
  try {
    await work
    return { failed: false }
  } catch (error) {
    return { failed: true, error }
  }
}

/** Diagnostics on standard error; nothing where there are none. */
export function printDiagnostics(context: CommandContext, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0) return
  const { stderr } = context.streams
  const color = useColor(context.globals, stderr, context.env)
  stderr.write(`${renderDiagnostics(diagnostics, { color })}\n`)
}

/** Prints what went wrong, root causes alone, and throws: Interrupted after an abort, Reported after a failure. */
export function reportResult(context: CommandContext, result: ExecuteResult): void {
  const warnings = result.warnings.flatMap(warning =>
    warning.diagnostics.map(diagnostic => ({ ...diagnostic, severity: 'warning' as const })),
  )
  // Who pressed Ctrl-C need not be told that waits have ended by it.
  const failures = result.failures.filter(
    ({ failure }) => !(result.aborted && failure.code === 'INTERRUPTED'),
  )
  const errors = failures.flatMap(failed => failed.failure.diagnostics)
  printDiagnostics(context, [...warnings, ...errors])
  if (result.aborted) throw new Interrupted()
  if (!result.ok) throw new Reported()
}
