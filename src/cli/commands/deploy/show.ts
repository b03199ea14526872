import type { Diagnostic } from '../../../diagnostics/index.ts'
import { type DeployPlan, type DeployWork, renderDeploy } from '../../../project/deploy/index.ts'
import { Interrupted } from '../../../project/failures.ts'
import type { CommandContext } from '../../command.ts'
import { useColor } from '../../global-options.ts'
import { watchInterrupts } from '../../interrupt.ts'
import { createProgress, statusStream } from '../../views/progress/index.ts'
import type { ProgressView } from '../../views/progress/view.ts'
import { printDiagnostics } from '../../work.ts'

/** Said where the cluster is as the file describes it. */
export const NOTHING = 'Nothing to do: the cluster has all that the file describes, as it describes it'

const GOES_ON =
  'the cluster goes on with what it has been told; deploy ps shows it, and the next deploy goes on from there'

/**
 * Changes a cluster, with progress on standard error; with `--dry-run` the plan is printed instead. What is warned of is printed
 * when the view is calm again, in front of what it fails with.
 */
export async function showDeploy<T>(
  context: CommandContext,
  whenEmpty: string,
  work: (options: DeployWork) => Promise<T>,
): Promise<T> {
  const { globals, signals } = context
  const interrupts = watchInterrupts(signals)
  const waiting: Diagnostic[] = []
  let view: ProgressView | undefined
  let isInterrupted = false
  // Images are pushed before there is a plan, which has their digests.
  const before = await createProgress(context, [], { quietBuild: false, besideLogs: false })
  try {
    return await work({
      signal: interrupts.graceful,
      dryRun: globals.dryRun,
      parallel: globals.parallel,
      onPlan: async (plan, resources) => {
        if (globals.dryRun) return printPlan(context, plan, whenEmpty)
        const isNothing = plan.operations.length === 0 && plan.problems.length === 0
        if (isNothing && globals.progress !== 'quiet' && globals.progress !== 'json')
          statusStream(context).write(`${whenEmpty}\n`)
        view = await createProgress(context, resources, { quietBuild: false, besideLogs: false })
      },
      onEvent: event => (view ?? before).onEvent(event),
      onWarning: diagnostics => {
        if (view === undefined) printDiagnostics(context, diagnostics)
        else waiting.push(...diagnostics)
      },
    })
  } catch (error) {
    isInterrupted = error instanceof Interrupted
    throw error
  } finally {
    interrupts.dispose()
    await view?.finish()
    printDiagnostics(context, waiting)
    if (isInterrupted) context.streams.stderr.write(`Interrupted: ${GOES_ON}\n`)
  }
}

/** The plan on standard output. */
export function printPlan(context: CommandContext, plan: DeployPlan, whenEmpty: string): void {
  const { stdout } = context.streams
  const color = useColor(context.globals, stdout, context.env)
  // What cannot be done is not nothing.
  if (plan.operations.length > 0) stdout.write(renderDeploy(plan, { color }))
  else if (plan.problems.length === 0) stdout.write(`${whenEmpty}\n`)
}
