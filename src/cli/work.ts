import { type Diagnostic, renderDiagnostics } from '../diagnostics/index.ts'
import type { Plan } from '../planner/index.ts'
import { Interrupted } from '../project/failures.ts'
import type { WorkOptions } from '../project/run-plan.ts'
import type { CommandContext } from './command.ts'
import { asksForPulls, useColor } from './global-options.ts'
import { watchInterrupts } from './interrupt.ts'
import { tellNotices } from './notices.ts'
import { createBuildView, showsSteps } from './views/build-steps/index.ts'
import { createProgress, statusStream } from './views/progress/index.ts'
import { jsonProgress, plainProgress } from './views/progress/lines.ts'
import type { ProgressView } from './views/progress/view.ts'

export interface WorkView {
  readonly quietBuild?: boolean
  /** Lines of others are printed meanwhile: from the first start on, or from the very beginning, progress is plain lines. */
  readonly besideLogs?: 'from first start' | 'always'
  /** It is all about builds, whose steps are shown by a view of their own where one is wanted. */
  readonly onlyBuilds?: boolean
  /** Words for when there is nothing to do; absent: silence. */
  readonly whenEmpty?: string | ((plan: Plan) => string)
  /** What is there all the same after Ctrl-C, said as the last word; absent: the signal ends the process, or the caller listens to it. */
  readonly keeps?: string
}

/**
 * Does a work of the application with its progress on standard error; with `--dry-run` its plan is printed instead. What it
 * warns of is printed when the view is calm again, in front of what it fails with.
 */
export async function showWork<T>(
  context: CommandContext,
  options: WorkView,
  work: (options: WorkOptions) => Promise<T>,
): Promise<T> {
  let view: ProgressView | undefined
  const waiting: Diagnostic[] = []
  const { globals, streams } = context
  const interrupts = options.keeps === undefined ? undefined : watchInterrupts(context.signals)
  let isInterrupted = false
  let project: string | undefined
  const bySteps = options.onlyBuilds === true && showsSteps(context)
  try {
    return await work({
      ...(interrupts === undefined ? {} : { signal: interrupts.graceful }),
      dryRun: globals.dryRun,
      traceBuilds: bySteps,
      askRegistries: asksForPulls(globals, context.env),
      parallel: globals.parallel,
      onWait: ({ command, pid }, project) =>
        void streams.stderr.write(
          `Waiting for \`${command}\` (pid ${pid}), which works on project ${project}\n`,
        ),
      onPlan: async (plan, resources) => {
        project = plan.project
        if (globals.dryRun) return printPlan(context, plan)
        const { quietBuild = false, besideLogs, whenEmpty } = options
        if (plan.operations.length === 0 && whenEmpty !== undefined) tellEmpty(context, plan, whenEmpty)
        // Where the engine has died, this is the plan for the next one.
        await view?.finish()
        view =
          bySteps && plan.operations.length > 0
            ? await createBuildView(context)
            : await createProgress(context, resources, { quietBuild, besideLogs: besideLogs === 'always' })
      },
      onEvent: event => view?.onEvent(event),
      onWarning: diagnostics => {
        if (view === undefined) printDiagnostics(context, diagnostics)
        else waiting.push(...diagnostics)
      },
      beforeStart: async () => {
        if (options.besideLogs !== undefined) await view?.giveWay()
      },
    })
  } catch (error) {
    isInterrupted = error instanceof Interrupted
    throw error
  } finally {
    interrupts?.dispose()
    await view?.finish()
    // What the signal broke off has failed by it, and nobody need be told.
    const isToldOf = ({ severity }: Diagnostic): boolean =>
      options.keeps === undefined || severity !== 'error'
    printDiagnostics(context, isInterrupted ? waiting.filter(isToldOf) : waiting)
    if (isInterrupted && options.keeps !== undefined) streams.stderr.write(`Interrupted: ${options.keeps}\n`)
    // Where output is followed, the command's end may be hours away.
    tellNotices(context, project)
  }
}

const TELLS_WORDS: ReadonlySet<string> = new Set(['auto', 'tty', 'plain'])

/** Where progress goes to a program, or nowhere, there is no place for words. */
function tellEmpty(context: CommandContext, plan: Plan, words: string | ((plan: Plan) => string)): void {
  if (TELLS_WORDS.has(context.globals.progress))
    statusStream(context).write(`${typeof words === 'string' ? words : words(plan)}\n`)
}

/** Progress of what is no plan, as plain lines; of a dry run there is none. */
export function plainProgressOf(context: CommandContext): Pick<WorkOptions, 'onEvent' | 'dryRun'> {
  const { progress, dryRun } = context.globals
  if (progress === 'quiet') return { dryRun }
  const stream = statusStream(context)
  const view = progress === 'json' ? jsonProgress(stream) : plainProgress(stream, { quietBuild: false })
  return { dryRun, onEvent: view.onEvent }
}

/** Says on standard output what a dry run of what is no plan would do. */
export function tellDryRun({ globals, streams }: CommandContext, works: readonly string[]): void {
  if (globals.dryRun) streams.stdout.write(works.map(work => `would ${work}\n`).join(''))
}

async function printPlan(context: CommandContext, plan: Plan): Promise<void> {
  const { renderPlan } = await import('../planner/index.ts')
  const { stdout } = context.streams
  stdout.write(renderPlan(plan, { color: useColor(context.globals, stdout, context.env) }))
}

/** Diagnostics on standard error; nothing where there are none. */
export function printDiagnostics(context: CommandContext, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0) return
  const { stderr } = context.streams
  const color = useColor(context.globals, stderr, context.env)
  stderr.write(`${renderDiagnostics(diagnostics, { color })}\n`)
}
